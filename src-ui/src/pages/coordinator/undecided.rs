//! The visits that wait for the district's word, and the word.

use ipc::{BoardView, Finding, UndecidedView};
use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    components::Notice,
    i18n::I18n,
    invoke,
    live::{Live, Task},
};

/// Lists a month's visits that wait.
#[component]
pub(super) fn Undecided(
    /// The visits.
    lines: Vec<UndecidedView>,
    /// Where the answer is put at once.
    board: Live<BoardView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let count = lines.len();
    let title = move || i18n.format("undecided-title", &[("count", count.into())]);
    let rows = lines.into_iter().map(|line| view! { <Line line board /> }).collect_view();
    view! {
        <details class="undecided" data-testid="undecided">
            <summary>{title}</summary>
            <ul class="rows">{rows}</ul>
        </details>
    }
}

/// Shows a visit and the decision that is asked.
#[component]
fn Line(
    /// The visit.
    line: UndecidedView,
    /// Where the answer is put at once.
    board: Live<BoardView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (start_ms, decided) = (line.start_ms, line.decided);
    let asked = RwSignal::new(false);
    let event = StoredValue::new(line.event.clone());
    let why = if line.conflict {
        Signal::derive(i18n.t("undecided-conflict"))
    } else {
        Signal::derive(i18n.t("undecided-disputed"))
    };
    let until = line.decide_until.map(|day| {
        let words = move || i18n.format("undecided-until", &[("day", i18n.iso_day(&day).into())]);
        view! { <p class="row-hint">{words}</p> }
    });
    let action = move || match (decided, asked.get()) {
        (Some(was), _) => {
            let words = said(i18n, was);
            view! { <p class="row-hint" data-testid="decided">{words}</p> }.into_any()
        }
        (None, false) => view! {
            <button class="button quiet" data-testid="decide" on:click=move |_| asked.set(true)>
                {i18n.t("undecided-decide")}
            </button>
        }
        .into_any(),
        (None, true) => view! { <Decide visit=event.get_value() asked board /> }.into_any(),
    };
    view! {
        <li class="row" data-testid="undecided-row" data-event=line.event>
            <div class="row-main">
                <span class="row-name">{move || i18n.moment(start_ms)}" · "{line.group}</span>
                <span class="row-hint">{line.provider}" · "{line.voucher}</span>
                <span class="row-hint">{why}</span>
                {until}
            </div>
            {action}
        </li>
    }
}

/// Asks what the decision rests on, and for the paper's number.
#[component]
fn Decide(
    /// The event that recorded the visit.
    visit: String,
    /// False closes it.
    asked: RwSignal<bool>,
    /// Where the answer is put at once.
    board: Live<BoardView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let (finding, document) = (RwSignal::new(Finding::Evidence), RwSignal::new(String::new()));
    let was = RwSignal::new(None::<bool>);
    let visit = StoredValue::new(visit);
    let is_ready =
        move || was.get().is_some() && document.with(|document| !document.trim().is_empty());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(was) = was.get_untracked() {
            let number = document.with_untracked(|document| document.trim().to_owned());
            let decide =
                invoke::decide_visit(visit.get_value(), was, finding.get_untracked(), number);
            task.run(decide, move |view| board.put(view));
        }
    };
    let verdict = move |is: bool, test: &'static str| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="verdict"
                    data-testid=test
                    prop:checked=move || was.get() == Some(is)
                    on:change=move |_| was.set(Some(is))
                />
                <span>{said(i18n, is)}</span>
            </label>
        }
    };
    let option = move |one: &'static Finding| {
        let index = Finding::ALL.iter().position(|other| other == one).unwrap_or_default();
        view! { <option value=index.to_string()>{move || i18n.say(*one)}</option> }
    };
    let choose = move |event| {
        let index = event_target_value(&event).parse::<usize>().unwrap_or_default();
        finding.set(Finding::ALL.get(index).copied().unwrap_or(Finding::Other));
    };
    view! {
        <form class="panel" on:submit=submit data-testid="decide-form">
            <fieldset class="reasons">
                <legend>{i18n.t("undecided-ask")}</legend>
                {verdict(true, "decide-was")}
                {verdict(false, "decide-was-not")}
            </fieldset>
            <label class="field">
                <span>{i18n.t("undecided-finding")}</span>
                <select class="input" data-testid="decide-finding" on:change=choose>
                    {Finding::ALL.iter().map(option).collect_view()}
                </select>
            </label>
            <label class="field">
                <span>{i18n.t("undecided-document")}</span>
                <input
                    class="input"
                    data-testid="decide-document"
                    autocomplete="off"
                    required
                    maxlength="64"
                    prop:value=document
                    on:input=move |event| document.set(event_target_value(&event))
                />
            </label>
            <p class="hint">{i18n.t("undecided-hint")}</p>
            <div class="actions">
                <button
                    class="button primary"
                    type="submit"
                    data-testid="decide-confirm"
                    disabled=move || task.busy() || !is_ready()
                >
                    {i18n.t("undecided-confirm")}
                </button>
                <button class="button quiet" type="button" on:click=move |_| asked.set(false)>
                    {i18n.t("cancel")}
                </button>
            </div>
            <Notice fault=task.fault() />
        </form>
    }
}

/// Says whether the child was there.
fn said(i18n: I18n, was: bool) -> Signal<String> {
    if was {
        Signal::derive(i18n.t("undecided-was"))
    } else {
        Signal::derive(i18n.t("undecided-was-not"))
    }
}
