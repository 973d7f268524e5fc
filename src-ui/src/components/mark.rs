//! The order of truth: recorded → carried → sent → receipted → witnessed, always the same marks.

use ipc::Mark;
use leptos::prelude::*;

use super::{Icon, Shape};
use crate::i18n::I18n;

/// Shows how far an event has come: icon, word and colour.
#[component]
pub(crate) fn MarkBadge(
    /// How far.
    #[prop(into)]
    mark: Signal<Mark>,
) -> impl IntoView {
    let i18n = I18n::expect();
    view! {
        <span class="mark" data-testid="mark" data-mark=move || name(mark.get())>
            <Icon shape=Signal::derive(move || shape(mark.get())) />
            {move || i18n.say(mark.get())}
        </span>
    }
}

/// Shows the whole way, with the steps already made.
#[component]
pub(crate) fn MarkPath(
    /// How far.
    #[prop(into)]
    mark: Signal<Mark>,
    /// True if the district asks for witnesses: else that step does not exist.
    asks_witnesses: bool,
) -> impl IntoView {
    let i18n = I18n::expect();
    let step = move |step: Mark| {
        let is_reached = move || mark.get() >= step;
        view! {
            <li
                class="mark-step"
                class:reached=is_reached
                data-mark=name(step)
                aria-current=move || (mark.get() == step).then_some("step")
            >
                <span class="mark-step-icon"><Icon shape=shape(step) /></span>
                <span class="mark-step-name">{move || i18n.say(step)}</span>
                <span class="mark-step-meaning">{move || meaning(i18n, step)}</span>
            </li>
        }
    };
    let is_shown = move |step: &Mark| match step {
        Mark::Recorded | Mark::Sent | Mark::Receipted => true,
        // Most records are carried by nobody: it is a step only while it is the last one.
        Mark::Carried => mark.get_untracked() == Mark::Carried,
        Mark::Witnessed => asks_witnesses || mark.get_untracked() == Mark::Witnessed,
    };
    let steps = [Mark::Recorded, Mark::Carried, Mark::Sent, Mark::Receipted, Mark::Witnessed];
    let steps = steps.into_iter().filter(is_shown).map(step).collect_view();
    view! { <ol class="mark-path">{steps}</ol> }
}

/// Gives the mark's name as the tests and the style sheet know it.
fn name(mark: Mark) -> &'static str {
    match mark {
        Mark::Recorded => "recorded",
        Mark::Carried => "carried",
        Mark::Sent => "sent",
        Mark::Receipted => "receipted",
        Mark::Witnessed => "witnessed",
    }
}

fn shape(mark: Mark) -> Shape {
    match mark {
        Mark::Recorded => Shape::Dot,
        Mark::Carried => Shape::Parcel,
        Mark::Sent => Shape::Arrow,
        Mark::Receipted => Shape::Seal,
        Mark::Witnessed => Shape::Eye,
    }
}

fn meaning(i18n: I18n, mark: Mark) -> String {
    match mark {
        Mark::Recorded => i18n.text("mark-recorded-meaning"),
        Mark::Carried => i18n.text("mark-carried-meaning"),
        Mark::Sent => i18n.text("mark-sent-meaning"),
        Mark::Receipted => i18n.text("mark-receipted-meaning"),
        Mark::Witnessed => i18n.text("mark-witnessed-meaning"),
    }
}
