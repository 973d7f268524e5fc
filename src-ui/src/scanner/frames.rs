//! The camera's frames, decoded in this page: one child after another without a tap.

use std::time::Duration;

use ipc::ScanSource;
use js_sys::Promise;
use leptos::{html::Video, prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlVideoElement, MediaStream, MediaStreamTrack};

use super::{Scanned, picture::Canvas, recent::Recent};
use crate::{
    components::{Icon, Shape},
    i18n::I18n,
};

/// How the camera stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Camera {
    /// The browser asks, or the camera warms up.
    Starting,
    /// Frames come.
    Running,
    /// There is none, or the browser has no way to it.
    Absent,
    /// The person, or the system, does not allow it.
    Denied,
    /// Another program holds it, or it does not work.
    Failed,
}

/// Shows the camera and reports every code that comes into sight.
#[component]
pub(crate) fn Frames(
    /// Reports a text.
    on_scan: Callback<Scanned>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let video = NodeRef::<Video>::new();
    let camera = RwSignal::new(Camera::Starting);
    let stream = StoredValue::new_local(None::<MediaStream>);
    let start = move |element: HtmlVideoElement| {
        camera.set(Camera::Starting);
        spawn_local(async move {
            match open(&element).await {
                Ok(opened) => {
                    // the page may have been left while the person was asked
                    if stream.try_set_value(Some(opened.clone())).is_some() {
                        return stop(&opened);
                    }
                    camera.set(Camera::Running);
                    watch(element, camera, on_scan).await;
                }
                Err(state) => {
                    let _ = camera.try_set(state);
                }
            }
        });
    };
    Effect::new(move |_| {
        if let Some(element) = video.get() {
            start(element);
        }
    });
    on_cleanup(move || {
        stream.with_value(|stream| {
            if let Some(stream) = stream {
                stop(stream);
            }
        });
    });
    let again = move |_| {
        if let Some(element) = video.get_untracked() {
            start(element);
        }
    };
    let trouble = move || match camera.get() {
        Camera::Running => None,
        Camera::Starting => Some((i18n.text("camera-starting"), false)),
        Camera::Absent => Some((i18n.text("camera-absent"), true)),
        Camera::Denied => Some((i18n.text("camera-denied"), true)),
        Camera::Failed => Some((i18n.text("camera-failed"), true)),
    };
    let sentence = move |(sentence, retry): (String, bool)| {
        view! {
            <div class="camera-trouble">
                <Icon shape=Shape::Camera />
                <p>{sentence}</p>
                {retry.then(|| view! { <p>{i18n.t("camera-way-out")}</p> })}
                {retry
                    .then(|| {
                        view! {
                            <button class="button" on:click=again>
                                {i18n.t("camera-again")}
                            </button>
                        }
                    })}
            </div>
        }
    };
    view! {
        <div class="camera" data-testid="camera" data-camera=move || name(camera.get())>
            <video node_ref=video autoplay playsinline prop:muted=true aria-label=i18n.t("camera")></video>
            <svg class="camera-frame" viewBox="0 0 100 100" aria-hidden="true" focusable="false">
                <path d="M2 22V8a6 6 0 0 1 6-6h14M78 2h14a6 6 0 0 1 6 6v14M98 78v14a6 6 0 0 1-6 6H78M22 98H8a6 6 0 0 1-6-6V78" />
            </svg>
            <div role="status">{move || trouble().map(sentence)}</div>
        </div>
    }
}

/// Opens the camera that looks away from the person, and shows it.
async fn open(video: &HtmlVideoElement) -> Result<MediaStream, Camera> {
    let devices = window().navigator().media_devices().map_err(|_| Camera::Absent)?;
    if devices.is_undefined() {
        return Err(Camera::Absent);
    }
    let constraints = js_sys::JSON::parse(CONSTRAINTS).map_err(|_| Camera::Failed)?;
    let asked = devices
        .get_user_media_with_constraints(constraints.unchecked_ref())
        .map_err(|fault| state_of(&fault))?;
    let stream: MediaStream =
        JsFuture::from(asked).await.map_err(|fault| state_of(&fault))?.unchecked_into();
    video.set_src_object(Some(&stream));
    let playing = video.play().map_err(|_| Camera::Failed)?;
    if JsFuture::from(playing).await.is_err() {
        stop(&stream);
        return Err(Camera::Failed);
    }
    Ok(stream)
}

/// Reads frames until the page is left or the camera ends.
async fn watch(video: HtmlVideoElement, camera: RwSignal<Camera>, on_scan: Callback<Scanned>) {
    let Some(canvas) = Canvas::new() else {
        let _ = camera.try_set(Camera::Failed);
        return;
    };
    let mut recent = Recent::default();
    while camera.try_get_untracked() == Some(Camera::Running) {
        if let Some(frame) = canvas.frame(&video, FRAME_SIDE_PX) {
            let now_ms = js_sys::Date::now();
            for text in qr::decode_fast(&frame.as_luma()) {
                if recent.is_new(&text, now_ms) {
                    let _ = on_scan.try_run(Scanned { text, source: ScanSource::Frames });
                }
            }
        }
        if has_ended(&video) {
            let _ = camera.try_set(Camera::Failed);
            return;
        }
        sleep(PAUSE).await;
    }
}

fn has_ended(video: &HtmlVideoElement) -> bool {
    video.src_object().is_none_or(|stream| !stream.active())
}

fn stop(stream: &MediaStream) {
    for track in stream.get_tracks() {
        track.unchecked_into::<MediaStreamTrack>().stop();
    }
}

async fn sleep(pause: Duration) {
    let promise = Promise::new(&mut |resolve, _| {
        set_timeout(move || drop(resolve.call0(&JsValue::UNDEFINED)), pause);
    });
    // the promise is only ever resolved
    drop(JsFuture::from(promise).await);
}

/// Reads why `getUserMedia` said no (W3C Media Capture and Streams, 10.2).
fn state_of(fault: &JsValue) -> Camera {
    let name = fault.dyn_ref::<web_sys::DomException>().map(web_sys::DomException::name);
    match name.as_deref() {
        Some("NotAllowedError" | "SecurityError") => Camera::Denied,
        Some("NotFoundError" | "OverconstrainedError") => Camera::Absent,
        _ => Camera::Failed,
    }
}

fn name(camera: Camera) -> &'static str {
    match camera {
        Camera::Starting => "starting",
        Camera::Running => "running",
        Camera::Absent => "absent",
        Camera::Denied => "denied",
        Camera::Failed => "failed",
    }
}

const CONSTRAINTS: &str = r#"{"audio":false,"video":{"facingMode":{"ideal":"environment"},"width":{"ideal":1280},"height":{"ideal":720}}}"#;
const FRAME_SIDE_PX: u32 = 800;
const PAUSE: Duration = Duration::from_millis(150);
