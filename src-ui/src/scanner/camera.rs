//! The camera itself: opened, lit, zoomed, turned, let go; what was chosen is remembered.

use js_sys::Reflect;
use leptos::prelude::window;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlVideoElement, MediaStream, MediaStreamTrack};

use crate::number::{read_number, write_number};

/// How the camera stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    /// The browser asks, or the camera warms up.
    Starting,
    /// Frames come.
    Running,
    /// The page is not looked at: nobody films.
    Paused,
    /// There is none, or the browser has no way to it.
    Absent,
    /// The person, or the system, does not allow it.
    Denied,
    /// Another program holds it.
    Taken,
    /// It does not work.
    Failed,
    /// The decoder could not be loaded.
    NoDecoder,
}

impl State {
    /// The name in `data-camera`, and of the sentence `camera-…`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Absent => "absent",
            Self::Denied => "denied",
            Self::Taken => "taken",
            Self::Failed => "failed",
            Self::NoDecoder => "no-decoder",
        }
    }

    /// True if it may work at the next try.
    pub(super) const fn is_trouble(self) -> bool {
        !matches!(self, Self::Starting | Self::Running | Self::Paused)
    }
}

/// Which way it looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Facing {
    /// Away from the person who holds the device.
    Back,
    /// Towards them: a tablet on a stand at the door.
    Front,
}

impl Facing {
    /// The one that was chosen before; at first, the back.
    pub(super) fn remembered() -> Self {
        if recall("facing").as_deref() == Some("front") { Self::Front } else { Self::Back }
    }

    /// Chooses the other one, from now on.
    pub(super) fn turned(self) -> Self {
        let (turned, name) = match self {
            Self::Back => (Self::Front, "front"),
            Self::Front => (Self::Back, "back"),
        };
        remember("facing", name);
        turned
    }

    const fn constraint(self) -> &'static str {
        match self {
            Self::Back => "environment",
            Self::Front => "user",
        }
    }
}

/// How far it can zoom, in the camera's own unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Zoom {
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) step: f64,
}

/// A camera that films.
#[derive(Clone, Debug)]
pub(super) struct Camera {
    stream: MediaStream,
}

impl Camera {
    /// Opens the camera and shows it in `video`.
    pub(super) async fn open(video: &HtmlVideoElement, facing: Facing) -> Result<Self, State> {
        let devices = window().navigator().media_devices().map_err(|_| State::Absent)?;
        if devices.is_undefined() {
            return Err(State::Absent);
        }
        let way = facing.constraint();
        let wanted = format!(
            r#"{{"audio":false,"video":{{"facingMode":{{"ideal":"{way}"}},"width":{{"ideal":1280}},"height":{{"ideal":720}}}}}}"#
        );
        let wanted = js_sys::JSON::parse(&wanted).map_err(|_| State::Failed)?;
        let asked = devices
            .get_user_media_with_constraints(wanted.unchecked_ref())
            .map_err(|fault| state_of(&fault))?;
        let stream: MediaStream =
            JsFuture::from(asked).await.map_err(|fault| state_of(&fault))?.unchecked_into();
        let camera = Self { stream };
        video.set_src_object(Some(&camera.stream));
        let playing = video.play().map_err(|_| State::Failed)?;
        if JsFuture::from(playing).await.is_err() {
            camera.stop();
            return Err(State::Failed);
        }
        Ok(camera)
    }

    /// Lets the camera go: its light goes out.
    pub(super) fn stop(&self) {
        for track in self.stream.get_tracks() {
            track.unchecked_into::<MediaStreamTrack>().stop();
        }
    }

    /// True if it will give no more frames.
    pub(super) fn has_ended(&self) -> bool {
        !self.stream.active()
    }

    /// True if it has a lamp that can be switched.
    pub(super) fn has_torch(&self) -> bool {
        self.capability("torch")
            .is_some_and(|torch| torch.as_bool() == Some(true) || js_sys::Array::is_array(&torch))
    }

    /// How far it can zoom, if it can.
    pub(super) fn zoom(&self) -> Option<Zoom> {
        let zoom = self.capability("zoom")?;
        let number = |name: &str| Reflect::get(&zoom, &name.into()).ok()?.as_f64();
        let (min, max) = (number("min")?, number("max")?);
        let step = number("step").filter(|step| *step > 0.0).unwrap_or((max - min) / 20.0);
        (max > min).then_some(Zoom { min, max, step })
    }

    /// Switches the lamp; says whether the camera did.
    pub(super) async fn set_torch(&self, on: bool) -> bool {
        remember("torch", if on { "on" } else { "off" });
        self.apply(&format!(r#"{{"advanced":[{{"torch":{on}}}]}}"#)).await
    }

    /// Zooms; says whether the camera did.
    pub(super) async fn set_zoom(&self, zoom: f64) -> bool {
        let zoom = write_number(zoom);
        remember("zoom", &zoom);
        self.apply(&format!(r#"{{"advanced":[{{"zoom":{zoom}}}]}}"#)).await
    }

    fn track(&self) -> Option<MediaStreamTrack> {
        self.stream.get_video_tracks().get(0).dyn_into().ok()
    }

    fn capability(&self, name: &str) -> Option<JsValue> {
        let track = self.track()?;
        // Not every browser tells.
        let tell = Reflect::get(&track, &"getCapabilities".into()).ok()?;
        let told = tell.dyn_ref::<js_sys::Function>()?.call0(&track).ok()?;
        Reflect::get(&told, &name.into()).ok().filter(|found| !found.is_undefined())
    }

    async fn apply(&self, constraints: &str) -> bool {
        let Ok(constraints) = js_sys::JSON::parse(constraints) else { return false };
        let applied = self.track().and_then(|track| {
            track.apply_constraints_with_constraints(constraints.unchecked_ref()).ok()
        });
        match applied {
            Some(applied) => JsFuture::from(applied).await.is_ok(),
            None => false,
        }
    }
}

/// True if the browser knows of more than one camera.
pub(super) async fn has_several() -> bool {
    let Ok(devices) = window().navigator().media_devices() else { return false };
    let Ok(asked) = devices.enumerate_devices() else { return false };
    let Ok(found) = JsFuture::from(asked).await else { return false };
    let cameras = js_sys::Array::from(&found)
        .iter()
        .filter(|one| {
            let kind = Reflect::get(one, &"kind".into()).ok().and_then(|kind| kind.as_string());
            kind.as_deref() == Some("videoinput")
        })
        .count();
    cameras > 1
}

/// Was the lamp on when somebody last switched it?
pub(super) fn remembered_torch() -> bool {
    recall("torch").as_deref() == Some("on")
}

/// The zoom that somebody last chose.
pub(super) fn remembered_zoom() -> Option<f64> {
    read_number(&recall("zoom")?)
}

/// Reads why `getUserMedia` said no (W3C Media Capture and Streams, 10.2).
fn state_of(fault: &JsValue) -> State {
    let name = fault.dyn_ref::<web_sys::DomException>().map(web_sys::DomException::name);
    state_of_name(name.as_deref().unwrap_or_default())
}

fn state_of_name(name: &str) -> State {
    match name {
        "NotAllowedError" | "SecurityError" => State::Denied,
        "NotFoundError" | "OverconstrainedError" => State::Absent,
        // Android's web view says so in its own way.
        "NotReadableError" | "AbortError" | "TrackStartError" => State::Taken,
        _ => State::Failed,
    }
}

fn recall(what: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(&format!("qatysu.camera.{what}")).ok()?
}

fn remember(what: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // a browser that keeps nothing forgets the choice, and that is all
        drop(storage.set_item(&format!("qatysu.camera.{what}"), value));
    }
}

#[cfg(test)]
mod tests {
    use super::{State, state_of_name};

    #[test]
    fn each_no_of_the_browser_has_its_own_sentence() {
        assert_eq!(state_of_name("NotAllowedError"), State::Denied);
        assert_eq!(state_of_name("NotFoundError"), State::Absent);
        assert_eq!(state_of_name("NotReadableError"), State::Taken);
        assert_eq!(state_of_name("TypeError"), State::Failed);
    }
}
