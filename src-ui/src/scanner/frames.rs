//! The camera's frames, read beside this page: one child after another without a tap.

use ipc::ScanSource;
use leptos::{html::Video, prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{HtmlVideoElement, VisibilityState};

use super::{
    Scanned,
    camera::{self, Camera, Facing, State, Zoom},
    controls::{Can, Controls},
    decoder::Decoder,
    recent::Recent,
};
use crate::{
    components::{Icon, Shape},
    i18n::I18n,
};

/// Shows the camera and reports every code that comes into sight. It films only while the page is
/// looked at.
#[component]
pub(crate) fn Frames(
    /// Reports a text.
    on_scan: Callback<Scanned>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let video = NodeRef::<Video>::new();
    let filming = Filming::new(on_scan);
    let start = move || {
        if let Some(element) = video.get_untracked() {
            filming.start(element);
        }
    };
    Effect::new(move |_| {
        if video.get().is_some() {
            start();
        }
    });
    filming.follow_the_page(start);
    filming.follow_the_devices(start);
    let turn = move |()| {
        filming.facing.update(|facing| *facing = facing.turned());
        start();
    };
    view! {
        <div
            class="camera"
            data-testid="camera"
            data-camera=move || filming.state.get().name()
            data-reader=move || filming.place.get()
            data-facing=move || if filming.facing.get() == Facing::Front { "front" } else { "back" }
        >
            <video node_ref=video autoplay playsinline prop:muted=true aria-label=i18n.t("camera")></video>
            <svg class="camera-frame" viewBox="0 0 100 100" aria-hidden="true" focusable="false">
                <path d="M2 22V8a6 6 0 0 1 6-6h14M78 2h14a6 6 0 0 1 6 6v14M98 78v14a6 6 0 0 1-6 6H78M22 98H8a6 6 0 0 1-6-6V78" />
            </svg>
            <div role="status">
                <Trouble state=filming.state.into() on_again=move |()| start() />
            </div>
            <Controls
                can=filming.can.into()
                torch=filming.torch.into()
                zoom=filming.zoom.into()
                on_torch=move |on| filming.set_torch(on)
                on_zoom=move |zoom| filming.set_zoom(zoom)
                on_turn=turn
            />
        </div>
    }
}

/// Says in one sentence why there is no picture, and how to go on without.
#[component]
fn Trouble(
    /// How the camera stands.
    state: Signal<State>,
    /// Asks to try again.
    #[prop(into)]
    on_again: Callback<()>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let sentence = move || match state.get() {
        State::Running | State::Paused => None,
        State::Starting => Some(i18n.text("camera-starting")),
        State::Absent => Some(i18n.text("camera-absent")),
        State::Denied => Some(i18n.text("camera-denied")),
        State::Taken => Some(i18n.text("camera-taken")),
        State::Failed => Some(i18n.text("camera-failed")),
        State::NoDecoder => Some(i18n.text("camera-no-decoder")),
    };
    let way_out = move || {
        state.get().is_trouble().then(|| {
            view! {
                <p>{i18n.t("camera-way-out")}</p>
                <button
                    class="button"
                    data-testid="camera-again"
                    on:click=move |_| on_again.run(())
                >
                    {i18n.t("camera-again")}
                </button>
            }
        })
    };
    move || {
        sentence().map(|sentence| {
            view! {
                <div class="camera-trouble">
                    <Icon shape=Shape::Camera />
                    <p data-testid="camera-trouble">{sentence}</p>
                    {way_out()}
                </div>
            }
        })
    }
}

/// A camera that films, or why it does not.
#[derive(Clone, Copy)]
struct Filming {
    state: RwSignal<State>,
    place: RwSignal<Option<String>>,
    facing: RwSignal<Facing>,
    can: RwSignal<Can>,
    torch: RwSignal<bool>,
    zoom: RwSignal<f64>,
    camera: StoredValue<Option<Camera>, LocalStorage>,
    /// Which start this is: an older one ends by itself.
    turn: StoredValue<u32>,
    on_scan: Callback<Scanned>,
}

impl Filming {
    fn new(on_scan: Callback<Scanned>) -> Self {
        let filming = Self {
            state: RwSignal::new(State::Starting),
            place: RwSignal::new(None),
            facing: RwSignal::new(Facing::remembered()),
            can: RwSignal::new(Can::default()),
            torch: RwSignal::new(false),
            zoom: RwSignal::new(1.0),
            camera: StoredValue::new_local(None),
            turn: StoredValue::new(0),
            on_scan,
        };
        on_cleanup(move || filming.stop());
        filming
    }

    /// Opens the camera, lets an older one go, and reads until it is stopped.
    fn start(self, video: HtmlVideoElement) {
        self.stop();
        self.state.set(State::Starting);
        let turn = self.turn.get_value();
        let facing = self.facing.get_untracked();
        spawn_local(async move {
            // loads while the person is asked for the camera
            let decoder = Decoder::shared();
            match Camera::open(&video, facing).await {
                // the page may have been left while the person was asked
                Ok(camera) if !self.is_turn(turn) => camera.stop(),
                Ok(camera) => {
                    self.camera.set_value(Some(camera.clone()));
                    self.state.set(State::Running);
                    self.set_up(&camera, turn).await;
                    self.watch(&decoder, &video, &camera, turn).await;
                }
                Err(state) => self.end(turn, state),
            }
        });
    }

    /// Lets the camera go and forgets its start.
    fn stop(self) {
        let _ = self.turn.try_update_value(|turn| *turn = turn.wrapping_add(1));
        if let Some(camera) = self.camera.try_update_value(Option::take).flatten() {
            camera.stop();
        }
    }

    fn is_turn(self, turn: u32) -> bool {
        self.turn.try_get_value() == Some(turn)
    }

    fn end(self, turn: u32, state: State) {
        if self.is_turn(turn) {
            self.stop();
            self.can.set(Can::default());
            self.state.set(state);
        }
    }

    /// Finds out what the camera can, and gives it back what was chosen before.
    async fn set_up(self, camera: &Camera, turn: u32) {
        let zoom = camera.zoom();
        let can = Can { torch: camera.has_torch(), zoom, turn: camera::has_several().await };
        if !self.is_turn(turn) {
            return;
        }
        self.can.set(can);
        if can.torch && camera::remembered_torch() {
            self.set_torch(true);
        }
        if let (Some(Zoom { min, max, .. }), Some(chosen)) = (zoom, camera::remembered_zoom()) {
            self.set_zoom(chosen.clamp(min, max));
        } else if let Some(Zoom { min, .. }) = zoom {
            self.zoom.set(min);
        }
    }

    /// Reads frames until the camera ends or another start takes its place.
    async fn watch(self, decoder: &Decoder, video: &HtmlVideoElement, camera: &Camera, turn: u32) {
        let Some(place) = decoder.place().await else {
            return self.end(turn, State::NoDecoder);
        };
        drop(self.place.try_set(Some(place)));
        let mut recent = Recent::default();
        while self.is_turn(turn) {
            let read = decoder.frame(video).await.unwrap_or_default();
            let now_ms = js_sys::Date::now();
            for text in read.texts {
                if self.is_turn(turn) && recent.is_new(&text, now_ms) {
                    let seen_ms = Some(read.seen_ms);
                    let _ =
                        self.on_scan.try_run(Scanned { text, source: ScanSource::Frames, seen_ms });
                }
            }
            if camera.has_ended() {
                return self.end(turn, State::Failed);
            }
        }
    }

    fn set_torch(self, on: bool) {
        if let Some(camera) = self.camera.get_value() {
            spawn_local(async move {
                if camera.set_torch(on).await {
                    let _ = self.torch.try_set(on);
                }
            });
        }
    }

    fn set_zoom(self, zoom: f64) {
        if let Some(camera) = self.camera.get_value() {
            spawn_local(async move {
                if camera.set_zoom(zoom).await {
                    let _ = self.zoom.try_set(zoom);
                }
            });
        }
    }

    /// Nobody is filmed while the page is not looked at.
    fn follow_the_page(self, start: impl Fn() + 'static) {
        let handle = window_event_listener_untyped("visibilitychange", move |_| {
            let is_shown = document().visibility_state() == VisibilityState::Visible;
            match self.state.try_get_untracked() {
                Some(State::Starting | State::Running) if !is_shown => {
                    self.stop();
                    self.state.set(State::Paused);
                }
                Some(State::Paused) if is_shown => start(),
                _ => {}
            }
        });
        on_cleanup(move || handle.remove());
    }

    /// A camera that is plugged in, or let go by another program, is taken without a tap.
    fn follow_the_devices(self, start: impl Fn() + 'static) {
        let Ok(devices) = window().navigator().media_devices() else { return };
        if devices.is_undefined() {
            return;
        }
        let changed = Closure::<dyn Fn()>::new(move || {
            let state = self.state.try_get_untracked();
            if matches!(state, Some(State::Absent | State::Taken | State::Failed)) {
                start();
            }
        });
        devices.set_ondevicechange(Some(changed.as_ref().unchecked_ref()));
        let kept = StoredValue::new_local(changed);
        on_cleanup(move || {
            devices.set_ondevicechange(None);
            kept.dispose();
        });
    }
}
