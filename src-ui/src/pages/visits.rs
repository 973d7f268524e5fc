//! The visits a device knows, newest first; a parent says *was* or *was not* to each.

mod completeness;
mod seen_by;

use ipc::{Answer, Role, VisitView, WithdrawnView};
use leptos::prelude::*;

use self::{completeness::Completeness, seen_by::SeenBy};
use super::PlacesLink;
use crate::{
    components::{Icon, Loading, LongList, MarkBadge, Notice, Shape, content},
    i18n::I18n,
    invoke,
    live::{Live, Task},
    route::Route,
    time::WallTime,
};

/// Shows the visits.
#[component]
pub(crate) fn Visits(
    /// Whose device.
    role: Role,
) -> impl IntoView {
    let i18n = I18n::expect();
    let visits = Live::new(invoke::visits);
    let asks = role == Role::Parent;
    let title = move || if asks { i18n.text("tab-visits") } else { i18n.text("tab-records") };
    let is_empty = Memo::new(move |_| visits.read(Vec::is_empty));
    // Looked at with every step of a scroll: not copied for that.
    let all = Memo::new(move |_| visits.view().unwrap_or_default());
    let list = move || match is_empty.get() {
        None => view! { <Loading /> }.into_any(),
        Some(true) => view! { <p class="empty-line">{i18n.t("visits-empty")}</p> }.into_any(),
        Some(false) => view! {
            <LongList
                each=all.into()
                key=|visit: &VisitView| content(visit)
                class="cards"
                children=move |visit| view! { <Visit visit asks visits /> }
            />
        }
        .into_any(),
    };
    view! {
        <section class="page">
            <h1>{title}</h1>
            {asks.then(|| view! { <p class="lead">{i18n.t("visits-lead")}</p> })}
            <Notice fault=visits.fault() />
            {asks.then(|| view! { <PlacesLink /> <Completeness /> })}
            {list}
            {asks.then(|| view! { <SeenBy /> })}
        </section>
    }
}

/// Shows a visit.
#[component]
fn Visit(
    /// The visit.
    visit: VisitView,
    /// True on a parent's device.
    asks: bool,
    /// Where an answer is put at once.
    visits: Live<Vec<VisitView>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (start_ms, by_hand) = (visit.start_ms, visit.by_hand);
    let at = WallTime::from_ms(visit.at_ms).clock();
    let marked = move || i18n.format("visit-marked-at", &[("time", at.clone().into())]);
    let proof = Route::Proof(visit.event.clone()).href();
    let answered =
        visit.answer.map(|answer| view! { <Answered answer own=asks mark=visit.answer_mark /> });
    let withdrawn = visit.withdrawn.map(|withdrawn| view! { <TakenBack withdrawn asks /> });
    let until_ms = visit.answer_until_ms;
    let question = (asks && visit.answer.is_none() && withdrawn.is_none()).then(|| {
        let not_sure_ms = visit.not_sure_ms;
        view! { <Question visit=visit.event.clone() until_ms not_sure_ms visits /> }
    });
    view! {
        <li class="card visit" data-testid="visit-row" data-event=visit.event>
            <div class="card-head">
                <p class="eyebrow">{move || i18n.moment(start_ms)}</p>
                <MarkBadge mark=visit.mark />
            </div>
            <h2>{visit.child}</h2>
            <p class="visit-where">{visit.group}" · "{visit.provider}</p>
            <p class="row-hint">
                {marked}
                {by_hand.then(|| view! { <span class="tag">{i18n.t("was-by-hand")}</span> })}
            </p>
            {withdrawn}
            {question}
            {answered}
            <a class="link" data-testid="proof-open" href=proof>{i18n.t("proof-open")}</a>
        </li>
    }
}

/// Asks a parent whether the child was there.
#[component]
fn Question(
    /// The visit's event.
    visit: String,
    /// The first moment after the time for an answer.
    until_ms: i64,
    /// Since when the family is not sure.
    not_sure_ms: Option<i64>,
    /// Where the answer is put at once.
    visits: Live<Vec<VisitView>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let visit = StoredValue::new(visit);
    let put = move |answered: VisitView| {
        let mut all = visits.now().unwrap_or_default();
        for known in all.iter_mut().filter(|known| known.event == answered.event) {
            known.clone_from(&answered);
        }
        visits.put(all);
    };
    let answer = move |answer: Answer| {
        task.run(invoke::answer_visit(visit.get_value(), answer), put);
    };
    let not_sure = move |_| task.run(invoke::not_sure(visit.get_value()), put);
    let reminder = move || {
        let day = ("day", i18n.day(until_ms - 1).into());
        match not_sure_ms {
            Some(at_ms) => i18n.format("not-sure", &[day, ("when", i18n.moment(at_ms).into())]),
            None => i18n.format("answer-until", &[day]),
        }
    };
    let unsure = not_sure_ms.is_none().then(|| {
        view! {
            <button
                class="button quiet"
                data-testid="answer-not-sure"
                disabled=move || task.busy()
                on:click=not_sure
            >
                {i18n.t("answer-not-sure")}
            </button>
        }
    });
    view! {
        <div class="actions answer" role="group" aria-label=i18n.t("answer-ask")>
            <button
                class="button primary"
                data-testid="answer-was"
                disabled=move || task.busy()
                on:click=move |_| answer(Answer::Was)
            >
                <Icon shape=Shape::Tick />
                <span>{i18n.t("answer-was")}</span>
            </button>
            <button
                class="button quiet"
                data-testid="answer-was-not"
                disabled=move || task.busy()
                on:click=move |_| answer(Answer::WasNot)
            >
                <Icon shape=Shape::Stop />
                <span>{i18n.t("answer-was-not")}</span>
            </button>
            {unsure}
        </div>
        <p class="hint" data-testid="answer-reminder">{reminder}</p>
        <Notice fault=task.fault() />
    }
}

/// Shows that whoever recorded the visit took it back.
#[component]
fn TakenBack(
    /// The withdrawal.
    withdrawn: WithdrawnView,
    /// True on a parent's device.
    asks: bool,
) -> impl IntoView {
    let i18n = I18n::expect();
    let mark = withdrawn.mark;
    let words = move || i18n.withdrawn(&withdrawn);
    view! {
        <p class="answered" data-testid="withdrawn">
            <Icon shape=Shape::Back />
            <span class="answered-word">{words}</span>
            <MarkBadge mark />
        </p>
        {asks.then(|| view! { <p class="hint">{i18n.t("visit-withdrawn")}</p> })}
    }
}

/// Shows a parent's answer and how far it has come.
#[component]
fn Answered(
    /// The answer.
    answer: Answer,
    /// True if it was given on this device.
    own: bool,
    /// How far it has come.
    mark: Option<ipc::Mark>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (name, shape) = match answer {
        Answer::Was => ("was", Shape::Tick),
        Answer::WasNot => ("was_not", Shape::Stop),
    };
    let whose = move || if own { i18n.text("answer-yours") } else { i18n.text("answer-family") };
    view! {
        <p class="answered" data-testid="answer" data-answer=name>
            <Icon shape />
            <span class="answered-word">{whose}": "{move || i18n.say(answer)}</span>
            {mark.map(|mark| view! { <MarkBadge mark /> })}
        </p>
    }
}
