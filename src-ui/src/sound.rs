//! A tone and a buzz for what became of a scan, for those who look at the child.

use ipc::Outcome;
use leptos::prelude::window;
use wasm_bindgen::JsValue;
use web_sys::{AudioContext, OscillatorType};

/// Sounds the outcome; a device without sound stays silent.
pub(crate) fn announce(outcome: Outcome) {
    let notes: &[Note] = match outcome {
        Outcome::Kept => &[Note(880.0, 0.0, 0.12)],
        Outcome::Guest => &[Note(660.0, 0.0, 0.10), Note(880.0, 0.13, 0.12)],
        Outcome::Already => &[Note(587.0, 0.0, 0.08), Note(587.0, 0.12, 0.08)],
        Outcome::Refused => &[Note(220.0, 0.0, 0.35)],
    };
    let buzz_ms = match outcome {
        Outcome::Kept => 40,
        Outcome::Guest | Outcome::Already => 90,
        Outcome::Refused => 250,
    };
    // neither is needed: the screen says the same
    let _ = window().navigator().vibrate_with_duration(buzz_ms);
    AUDIO.with(|audio| {
        if let Some(audio) = audio {
            // before the first tap on the page the browser keeps it silent
            drop(audio.resume());
            drop(notes.iter().try_for_each(|note| note.play(audio)));
        }
    });
}

/// Frequency in hertz, delay and length in seconds.
struct Note(f32, f64, f64);

impl Note {
    fn play(&self, audio: &AudioContext) -> Result<(), JsValue> {
        let Self(frequency, delay, length) = *self;
        let start = audio.current_time() + delay;
        let oscillator = audio.create_oscillator()?;
        let volume = audio.create_gain()?;
        oscillator.set_type(OscillatorType::Sine);
        oscillator.frequency().set_value(frequency);
        volume.gain().set_value_at_time(0.0001, start)?;
        volume.gain().exponential_ramp_to_value_at_time(0.25, start + 0.015)?;
        volume.gain().exponential_ramp_to_value_at_time(0.0001, start + length)?;
        oscillator.connect_with_audio_node(&volume)?;
        volume.connect_with_audio_node(&audio.destination())?;
        oscillator.start_with_when(start)?;
        oscillator.stop_with_when(start + length)
    }
}

thread_local! {
    static AUDIO: Option<AudioContext> = AudioContext::new().ok();
}
