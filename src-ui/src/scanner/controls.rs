//! What can be done to the camera: light, zoom, the other side.

use leptos::{ev::Event, prelude::*};

use super::camera::Zoom;
use crate::{
    components::{Icon, Shape},
    i18n::I18n,
    number::{read_number, write_number},
};

/// What a camera can.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Can {
    /// It has a lamp.
    pub(super) torch: bool,
    /// It can zoom so far.
    pub(super) zoom: Option<Zoom>,
    /// There is another one, looking the other way.
    pub(super) turn: bool,
}

/// Shows a control for each thing that this camera can, and none for what it cannot.
#[component]
pub(super) fn Controls(
    /// What it can.
    can: Signal<Can>,
    /// True while the lamp is on.
    torch: Signal<bool>,
    /// How far it is zoomed.
    zoom: Signal<f64>,
    /// Asks for the lamp to be on or off.
    #[prop(into)]
    on_torch: Callback<bool>,
    /// Asks for another zoom.
    #[prop(into)]
    on_zoom: Callback<f64>,
    /// Asks for the other camera.
    #[prop(into)]
    on_turn: Callback<()>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let lamp = move || {
        can.get().torch.then(|| {
            view! {
                <button
                    class="round"
                    data-testid="camera-torch"
                    aria-pressed=move || torch.get().to_string()
                    aria-label=i18n.t("camera-torch")
                    on:click=move |_| on_torch.run(!torch.get_untracked())
                >
                    <Icon shape=Shape::Torch />
                </button>
            }
        })
    };
    let slider = move || {
        can.get().zoom.map(|Zoom { min, max, step }| {
            let chosen = move |event: Event| {
                if let Some(wanted) = read_number(&event_target_value(&event)) {
                    on_zoom.run(wanted);
                }
            };
            view! {
                <input
                    type="range"
                    class="zoom"
                    data-testid="camera-zoom"
                    aria-label=i18n.t("camera-zoom")
                    min=write_number(min)
                    max=write_number(max)
                    step=write_number(step)
                    prop:value=move || write_number(zoom.get())
                    on:input=chosen
                />
            }
        })
    };
    let other = move || {
        can.get().turn.then(|| {
            view! {
                <button
                    class="round"
                    data-testid="camera-turn"
                    aria-label=i18n.t("camera-turn")
                    on:click=move |_| on_turn.run(())
                >
                    <Icon shape=Shape::Turn />
                </button>
            }
        })
    };
    view! { <div class="camera-controls">{lamp} {slider} {other}</div> }
}
