//! What became of a scan: colour, shape, word, and the way on.

use ipc::{Outcome, RefusalCode, ScanView};
use leptos::prelude::*;

use crate::{
    components::{Icon, Rows, Shape},
    i18n::{I18n, Sentence as _},
};

/// A result and its number on this page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Done {
    /// Counts the results from 1.
    pub(crate) number: u32,
    /// The result.
    pub(crate) view: ScanView,
    /// True once its mark was taken back.
    pub(crate) is_undone: bool,
    /// When the frame that shows it was taken, in milliseconds of the page's clock.
    pub(crate) seen_ms: Option<f64>,
}

impl Done {
    /// Tells whether both were before the camera together: siblings, each of whom is shown large.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        let apart_ms = self.seen_ms.zip(other.seen_ms).map(|(one, other)| (one - other).abs());
        !self.is_undone && !other.is_undone && apart_ms.is_some_and(|apart_ms| apart_ms < BESIDE_MS)
    }
}

/// A hard card beside an easy one is read a moment later.
const BESIDE_MS: f64 = 1_200.0;

/// Shows the last result large, and says it to a screen reader.
#[component]
pub(crate) fn LastResult(
    /// The last result.
    last: Signal<Option<Done>>,
    /// Another one that was before the camera with it.
    beside: Signal<Option<Done>>,
    /// Reports that the teacher wants to mark by hand.
    #[prop(into)]
    on_by_hand: Callback<()>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let outcome = move || last.with(|last| last.as_ref().map_or("none", name));
    let refusal = move || last.with(|last| last.as_ref()?.view.refusal);
    let number = move || last.with(|last| last.as_ref().map_or(0, |done| done.number));
    let shown = move || match last.get() {
        None => view! { <p class="result-wait">{i18n.t("scan-wait")}</p> }.into_any(),
        Some(done) if done.is_undone => {
            view! { <p class="result-wait">{i18n.t("undone")}</p> }.into_any()
        }
        Some(done) => view! { <Result view=done.view /> }.into_any(),
    };
    let sibling = move || {
        beside.get().map(|done| {
            let outcome = name(&done);
            view! {
                <div class="result-beside" data-testid="scan-beside" data-outcome=outcome>
                    <Result view=done.view />
                </div>
            }
        })
    };
    let way_out = move || {
        (outcome() == "refused").then(|| {
            view! {
                <button
                    class="button"
                    data-testid="by-hand-open"
                    on:click=move |_| on_by_hand.run(())
                >
                    <Icon shape=Shape::Hand />
                    <span>{i18n.t("by-hand")}</span>
                </button>
            }
        })
    };
    view! {
        <div
            class="result"
            data-testid="scan-result"
            data-outcome=outcome
            data-refusal=move || refusal().map(RefusalCode::key)
            data-scan=number
        >
            <div class="result-pair" aria-live="assertive" aria-atomic="true">
                {shown}
                {sibling}
            </div>
            {way_out}
        </div>
    }
}

/// Shows one result.
#[component]
fn Result(
    /// The result.
    view: ScanView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (outcome, refusal) = (view.outcome, view.refusal);
    let sentence = move || refusal.map_or_else(|| i18n.say(outcome), |code| i18n.say(code));
    let title = match view.name {
        Some(name) => {
            view! { <p class="result-name" data-testid="scan-name">{name}</p> }.into_any()
        }
        None => view! { <p class="result-name">{move || i18n.say(outcome)}</p> }.into_any(),
    };
    view! {
        <div class="result-body">
            <span class="result-shape"><Icon shape=shape(outcome) /></span>
            <div>
                {title}
                <p class="result-sentence" data-testid="scan-sentence">{sentence}</p>
                {view.was_absent.then(|| view! { <p>{i18n.t("was-absent")}</p> })}
                {view.detail.map(|detail| view! { <p class="small-print" lang="en">{detail}</p> })}
            </div>
        </div>
    }
}

/// Shows the results before the last one: siblings come in one frame.
#[component]
pub(crate) fn Earlier(
    /// The earlier results, newest first.
    earlier: Signal<Vec<Done>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let row = move |done: Done| {
        let (outcome, outcome_name) = (done.view.outcome, name(&done));
        let who = move || done.view.name.clone().unwrap_or_else(|| i18n.say(outcome));
        view! {
            <li data-outcome=outcome_name>
                <Icon shape=shape(outcome) />
                <span>{who}</span>
            </li>
        }
    };
    view! {
        <ul class="earlier" data-testid="scan-earlier" aria-label=i18n.t("scan-earlier")>
            <Rows each=move || earlier.get() key=|done| done.number.to_string() children=row />
        </ul>
    }
}

fn shape(outcome: Outcome) -> Shape {
    match outcome {
        Outcome::Kept => Shape::Tick,
        Outcome::Already => Shape::Again,
        Outcome::Guest => Shape::Guest,
        Outcome::Refused => Shape::Stop,
    }
}

fn name(done: &Done) -> &'static str {
    match done.view.outcome {
        _ if done.is_undone => "undone",
        Outcome::Kept => "kept",
        Outcome::Already => "already",
        Outcome::Guest => "guest",
        Outcome::Refused => "refused",
    }
}
