//! Who came, and the way to correct a mark that is wrong.

use ipc::{RosterRowView, Withdrawal};
use leptos::prelude::*;

use crate::{
    components::{MarkBadge, Notice, Rows},
    i18n::I18n,
    invoke,
    live::Task,
    route::Route,
    time::WallTime,
};

/// Shows a child who came.
#[component]
pub(crate) fn Present(
    /// The child.
    row: RosterRowView,
    /// The children who have no mark: it may have been one of them.
    missing: Signal<Vec<RosterRowView>>,
    /// The event whose correction is open.
    correcting: RwSignal<Option<String>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let at = row.at_ms.map(|ms| WallTime::from_ms(ms).clock());
    let proof = row.event.clone().map(|event| Route::Proof(event).href());
    let event = StoredValue::new(row.event.unwrap_or_default());
    let is_open =
        Memo::new(move |_| correcting.with(|open| open.as_ref() == Some(&event.get_value())));
    let toggle = move |_| {
        let next = (!is_open.get_untracked()).then(|| event.get_value());
        correcting.set(next);
    };
    let tag = |words: String| view! { <span class="tag">{words}</span> };
    let left = row.left_ms.map(|ms| {
        let time = WallTime::from_ms(ms).clock();
        move || tag(i18n.format("left-tag", &[("time", time.clone().into())]))
    });
    let correct = move || {
        is_open.get().then(|| {
            let done = move |()| correcting.set(None);
            view! { <Correct event=event.get_value() missing on_done=done /> }
        })
    };
    view! {
        <li class="row" data-testid="roster-row" data-child=row.child>
            <a class="row-main" href=proof data-testid="proof-open">
                <span class="row-name">{row.name}</span>
                <span class="row-hint">
                    {at}
                    {row.guest.then_some(move || tag(i18n.text("guest-tag")))}
                    {row.by_hand.then_some(move || tag(i18n.text("was-by-hand")))}
                    {row.absence.is_some().then_some(move || tag(i18n.text("was-absent")))}
                    {left}
                    {row.answer.map(|answer| {
                        let words = move || {
                            format!("{}: {}", i18n.text("answer-family"), i18n.say(answer))
                        };
                        view! { <span class="tag" data-testid="roster-answer">{words}</span> }
                    })}
                </span>
            </a>
            {row.mark.map(|mark| view! { <MarkBadge mark /> })}
            <button
                class="button quiet small"
                data-testid="correct"
                aria-expanded=move || is_open.get().to_string()
                on:click=toggle
            >
                {i18n.t("correct")}
            </button>
            {correct}
        </li>
    }
}

/// Asks what is wrong with a mark, and withdraws it or gives it to the child who came.
#[component]
fn Correct(
    /// The mark's event.
    event: String,
    /// The children who have no mark.
    missing: Signal<Vec<RosterRowView>>,
    /// Reports that it is done.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let event = StoredValue::new(event);
    let reason = move |why: Withdrawal| {
        let withdraw = move |_| {
            let command = invoke::withdraw(event.get_value(), Some(why));
            task.run(command, move |()| on_done.run(()));
        };
        view! {
            <button
                class="button quiet"
                data-testid="withdraw"
                data-reason=name(why)
                disabled=move || task.busy()
                on:click=withdraw
            >
                {move || i18n.say(why)}
            </button>
        }
    };
    let other = move |row: RosterRowView| {
        let child = StoredValue::new(row.child.clone());
        let give = move |_| {
            let command = invoke::correct_child(event.get_value(), child.get_value());
            task.run(command, move |()| on_done.run(()));
        };
        view! {
            <button
                class="button quiet"
                data-testid="correct-child"
                data-child=row.child
                disabled=move || task.busy()
                on:click=give
            >
                {row.name}
            </button>
        }
    };
    let others = move || {
        (!missing.with(Vec::is_empty)).then(|| {
            view! {
                <fieldset class="reasons">
                    <legend>{i18n.t("correct-child-ask")}</legend>
                    <Rows
                        each=move || missing.get()
                        key=|row| row.child.clone()
                        children=other
                    />
                </fieldset>
            }
        })
    };
    view! {
        <div class="row-actions">
            <fieldset class="reasons">
                <legend>{i18n.t("withdraw-ask")}</legend>
                {Withdrawal::ALL.map(reason)}
            </fieldset>
            {others}
            <Notice fault=task.fault() />
        </div>
    }
}

fn name(why: Withdrawal) -> &'static str {
    match why {
        Withdrawal::NotThere => "not_there",
        Withdrawal::OtherChild => "other_child",
        Withdrawal::OtherLesson => "other_lesson",
        Withdrawal::Slip => "slip",
    }
}
