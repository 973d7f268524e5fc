//! An animated QR: the frames of what waits here, one after the other, for the camera of another device.

use std::{fmt::Write as _, time::Duration};

use ipc::FramesView;
use leptos::{leptos_dom::helpers::IntervalHandle, prelude::*, task::spawn_local};
use qr::{ErrorCorrection, Symbol, encode};

use super::{Icon, Shape};
use crate::{i18n::I18n, invoke};

/// Shows the frames until it is taken away: at its speed, or one that stands still.
#[component]
pub(crate) fn AnimatedCode() -> impl IntoView {
    let i18n = I18n::expect();
    let film = Film::new();
    let Film { page, fault, number, paused, .. } = film;
    film.run();
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
    view! {
        <div
            class="animated"
            data-testid="animated-code"
            data-number=move || number.get().to_string()
        >
            <Picture film />
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
                <Speeds chosen=film.speed />
            </div>
        </div>
    }
}

/// The frame of the moment.
#[component]
fn Picture(film: Film) -> impl IntoView {
    let i18n = I18n::expect();
    move || {
        film.frame().map(|(side, path)| {
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
    }
}

#[component]
fn Speeds(chosen: RwSignal<u32>) -> impl IntoView {
    let i18n = I18n::expect();
    SPEEDS.map(|one| {
        view! {
            <button
                class="button quiet"
                aria-pressed=move || (chosen.get() == one).to_string()
                on:click=move |_| chosen.set(one)
            >
                {move || i18n.format("carry-speed", &[("count", one.into())])}
            </button>
        }
    })
}

/// The frames that were fetched, and which of them is shown.
#[derive(Clone, Copy)]
struct Film {
    page: RwSignal<Option<FramesView>>,
    fault: RwSignal<Option<ipc::ErrorView>>,
    number: RwSignal<u32>,
    speed: RwSignal<u32>,
    paused: RwSignal<bool>,
    /// True while a page of frames is asked for.
    asking: StoredValue<bool>,
}

impl Film {
    fn new() -> Self {
        let film = Self {
            page: RwSignal::new(None),
            fault: RwSignal::new(None),
            number: RwSignal::new(0),
            speed: RwSignal::new(SPEEDS[1]),
            paused: RwSignal::new(false),
            asking: StoredValue::new(false),
        };
        film.fetch(0);
        film
    }

    fn fetch(self, from: u32) {
        if self.asking.get_value() {
            return;
        }
        self.asking.set_value(true);
        spawn_local(async move {
            let answer = invoke::parcel_frames(from, PAGE).await;
            // The component may be gone.
            let _ = self.asking.try_set_value(false);
            match answer {
                Ok(view) => drop(self.page.try_set(Some(view))),
                Err(why) => drop(self.fault.try_set(Some(why))),
            }
        });
    }

    /// Goes on at the chosen speed, until the component is taken away.
    fn run(self) {
        let clock = StoredValue::new(None::<IntervalHandle>);
        Effect::new(move |_| {
            let every = Duration::from_millis(1_000 / u64::from(self.speed.get()));
            stop(clock);
            clock.set_value(set_interval_with_handle(move || self.step(), every).ok());
        });
        on_cleanup(move || stop(clock));
    }

    fn step(self) {
        if self.paused.get_untracked() || self.page.with_untracked(Option::is_none) {
            return;
        }
        let next = self.number.get_untracked().wrapping_add(1);
        self.number.set(next);
        if next.is_multiple_of(PAGE) {
            // A page of frames is shown again while the next one is on its way.
            self.fetch(next);
        }
    }

    /// The picture of the moment, as [`drawn`] makes it.
    fn frame(self) -> Option<(usize, String)> {
        let at = (self.number.get() % PAGE) as usize;
        self.page.with(|page| {
            page.as_ref().and_then(|page| page.frames.get(at)).and_then(|text| drawn(text))
        })
    }
}

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
