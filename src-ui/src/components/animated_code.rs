//! An animated QR: the frames of what waits here, one after the other, for the camera of another device.

use std::{cell::Cell, fmt::Write as _, rc::Rc, time::Duration};

use ipc::FramesView;
use leptos::{leptos_dom::helpers::IntervalHandle, prelude::*, task::spawn_local};
use qr::{ErrorCorrection, Symbol, encode};

use super::{Icon, Shape};
use crate::{i18n::I18n, invoke};

/// Shows the frames until it is taken away: at its speed, or one that stands still.
#[component]
pub(crate) fn AnimatedCode() -> impl IntoView {
    let i18n = I18n::expect();
    let page = RwSignal::new(None::<FramesView>);
    let fault = RwSignal::new(None::<ipc::ErrorView>);
    let (number, speed, paused) =
        (RwSignal::new(0u32), RwSignal::new(SPEEDS[1]), RwSignal::new(false));
    let ask = Rc::new(Asking::default());
    let fetch = move |from: u32, ask: Rc<Asking>| {
        if ask.0.replace(true) {
            return;
        }
        spawn_local(async move {
            let answer = invoke::parcel_frames(from, PAGE).await;
            ask.0.set(false);
            match answer {
                // The component may be gone.
                Ok(view) => drop(page.try_set(Some(view))),
                Err(why) => drop(fault.try_set(Some(why))),
            }
        });
    };
    fetch(0, Rc::clone(&ask));
    let asking = StoredValue::new_local(ask);
    let step = move || {
        if paused.get_untracked() || page.with_untracked(Option::is_none) {
            return;
        }
        let next = number.get_untracked().wrapping_add(1);
        number.set(next);
        if next.is_multiple_of(PAGE) {
            // A page of frames is shown again while the next one is on its way.
            asking.with_value(|ask| fetch(next, Rc::clone(ask)));
        }
    };
    let clock = StoredValue::new(None::<IntervalHandle>);
    Effect::new(move |_| {
        let every = Duration::from_millis(1_000 / u64::from(speed.get()));
        stop(clock);
        clock.set_value(set_interval_with_handle(step, every).ok());
    });
    on_cleanup(move || stop(clock));
    let picture = move || {
        let at = (number.get() % PAGE) as usize;
        page.with(|page| {
            page.as_ref().and_then(|page| page.frames.get(at)).and_then(|text| drawn(text))
        })
    };
    let code = move || {
        picture().map(|(side, path)| {
            view! {
                <svg
                    class="animated-code"
                    viewBox=format!("-4 -4 {0} {0}", side + 8)
                    role="img"
                    aria-label=i18n.t("carry-code")
                    shape-rendering="crispEdges"
                >
                    <rect x="-4" y="-4" width=side + 8 height=side + 8 fill="#fff" />
                    <path d=path fill="#000" />
                </svg>
            }
        })
    };
    let facts = move || {
        page.with(|page| {
            page.as_ref().map(|page| {
                let values = [("events", page.events.into()), ("left", page.left.into())];
                i18n.format("carry-inside", &values)
            })
        })
    };
    let pause =
        move || if paused.get() { i18n.text("carry-go-on") } else { i18n.text("carry-pause") };
    let speeds = move || {
        SPEEDS.map(|one| {
            view! {
                <button
                    class="button quiet"
                    aria-pressed=move || (speed.get() == one).to_string()
                    on:click=move |_| speed.set(one)
                >
                    {move || i18n.format("carry-speed", &[("count", one.into())])}
                </button>
            }
        })
    };
    view! {
        <div
            class="animated"
            data-testid="animated-code"
            data-number=move || number.get().to_string()
        >
            {code}
            <p role="status">{facts}</p>
            <super::Notice fault=fault.into() />
            <div class="actions">
                <button
                    class="button quiet"
                    data-testid="carry-pause"
                    on:click=move |_| paused.update(|paused| *paused = !*paused)
                >
                    <Icon shape=Shape::Hand />
                    <span>{pause}</span>
                </button>
                {speeds}
            </div>
        </div>
    }
}

/// True while a page of frames is asked for.
#[derive(Debug, Default)]
struct Asking(Cell<bool>);

fn stop(clock: StoredValue<Option<IntervalHandle>>) {
    if let Some(handle) = clock.try_update_value(Option::take).flatten() {
        handle.clear();
    }
}

/// Draws a text: how many squares a side has, and the dark ones as a path, row by row.
fn drawn(text: &str) -> Option<(usize, String)> {
    let symbol = encode(text, ErrorCorrection::L).ok()?;
    Some((symbol.size(), path_of(&symbol)))
}

fn path_of(symbol: &Symbol) -> String {
    let mut path = String::new();
    for y in 0..symbol.size() {
        let mut x = 0;
        while x < symbol.size() {
            let run = (x..symbol.size()).take_while(|at| symbol.is_dark(*at, y)).count();
            if run > 0 {
                // Writing into a string does not fail.
                let _ = write!(path, "M{x} {y}h{run}v1h-{run}z");
            }
            x += run.max(1);
        }
    }
    path
}

/// Frames that are asked for at a time.
const PAGE: u32 = 60;
/// Frames a second, to choose from.
const SPEEDS: [u32; 3] = [4, 6, 8];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_every_dark_square_once() {
        let (side, path) = drawn("OF1:ABC").unwrap();
        let symbol = encode("OF1:ABC", ErrorCorrection::L).unwrap();
        let dark = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
        let dark = dark.filter(|(x, y)| symbol.is_dark(*x, *y)).count();
        let runs = path
            .split('h')
            .skip(1)
            .step_by(2)
            .map(|run| run.split('v').next().unwrap().parse::<usize>().unwrap());
        assert_eq!(runs.sum::<usize>(), dark);
    }
}
