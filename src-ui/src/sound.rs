//! A tone and a buzz for what became of a scan, for those who look at the child.

use std::cell::Cell;

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
    // buzz and pause by turns, in milliseconds
    let buzz: &[u32] = match outcome {
        Outcome::Kept => &[40],
        Outcome::Guest => &[40, 60, 40],
        Outcome::Already => &[90, 60, 90],
        Outcome::Refused => &[250],
    };
    let buzz: js_sys::Array = buzz.iter().map(|ms| JsValue::from(*ms)).collect();
    // neither is needed: the screen says the same
    let _ = window().navigator().vibrate_with_pattern(&buzz);
    AUDIO.with(|audio| {
        if let Some(audio) = audio {
            // before the first tap on the page the browser keeps it silent
            drop(audio.resume());
            // two siblings in one frame are two tones, one after the other
            // (a clock that stands still, before the first tap, must not pile them up)
            let now = audio.current_time();
            let start = if FREE_AT.get() > now + WAIT_MAX_S { now } else { now.max(FREE_AT.get()) };
            FREE_AT.set(start + notes.last().map_or(0.0, |note| note.1 + note.2) + PAUSE_S);
            drop(notes.iter().try_for_each(|note| note.play(audio, start)));
        }
    });
}

/// Frequency in hertz, delay and length in seconds.
struct Note(f32, f64, f64);

impl Note {
    fn play(&self, audio: &AudioContext, from: f64) -> Result<(), JsValue> {
        let Self(frequency, delay, length) = *self;
        let start = from + delay;
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

/// Silence between the tones of two scans, in seconds.
const PAUSE_S: f64 = 0.08;
/// No tone waits longer for those before it, in seconds.
const WAIT_MAX_S: f64 = 1.5;

thread_local! {
    /// When the last tone ends, by the clock of [`AUDIO`].
    static FREE_AT: Cell<f64> = const { Cell::new(0.0) };
    static AUDIO: Option<AudioContext> = AudioContext::new().ok();
}
