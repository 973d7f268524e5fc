//! Who belongs to a lesson, who came, and a mark by hand for those whose card did not work.

use ipc::{LessonState, Reason, RosterRowView};
use leptos::prelude::*;

use super::end::EndLesson;
use crate::{
    components::{ByHand, Icon, Loading, MarkBadge, Notice, Shape},
    i18n::I18n,
    invoke,
    live::{Live, Task},
    route::Route,
    time::WallTime,
};

/// Shows the roster of a lesson.
#[component]
pub(crate) fn Roster(
    /// The lesson's id.
    lesson: String,
) -> impl IntoView {
    let i18n = I18n::expect();
    let id = StoredValue::new(lesson);
    let roster = Live::new(move || invoke::roster(id.get_value()));
    let task = Task::new();
    let rows = move |came: bool| {
        Signal::derive(move || {
            let mut rows = roster.read(|roster| roster.rows.clone()).unwrap_or_default();
            rows.retain(|row| row.event.is_some() == came);
            rows
        })
    };
    let (present, missing) = (rows(true), rows(false));
    let lesson = Memo::new(move |_| roster.read(|roster| roster.lesson.clone()));
    let is_open = Memo::new(move |_| lesson.get().is_some_and(|l| l.state == LessonState::Open));
    let mark = move |(child, reason): (String, Reason)| {
        task.run(invoke::record_manual(id.get_value(), child, reason), |_| ());
    };
    let title = move || lesson.get().map(|lesson| lesson.group);
    let when = move || lesson.get().map(|lesson| i18n.moment(lesson.start_ms));
    let count =
        Signal::derive(move || lesson.get().map(|lesson| (lesson.present, lesson.enrolled)));
    let scan = move || Route::Scan(id.get_value()).href();
    let absent = move || {
        if is_open.get() {
            let busy = Signal::derive(move || task.busy());
            view! { <ByHand missing busy on_mark=mark /> }.into_any()
        } else {
            view! { <Names rows=missing /> }.into_any()
        }
    };
    let open_actions = move || {
        is_open.get().then(|| {
            view! {
                <div class="actions">
                    <a class="button primary" href=scan data-testid="lesson-scan">
                        <Icon shape=Shape::Camera />
                        <span>{i18n.t("lesson-scan")}</span>
                    </a>
                    <EndLesson lesson=id.get_value() count />
                </div>
            }
        })
    };
    view! {
        <section class="page">
            <p class="eyebrow">{when}</p>
            <h1>{title}</h1>
            <Notice fault=roster.fault() />
            <Notice fault=task.fault() />
            <Show when=move || lesson.with(Option::is_some) fallback=|| view! { <Loading /> }>
                {open_actions}
                <div class="columns">
                    <section class="panel">
                        <h2>
                            {i18n.t("roster-missing")}
                            <span class="count">{move || missing.with(Vec::len)}</span>
                        </h2>
                        {absent}
                    </section>
                    <section class="panel">
                        <h2>
                            {i18n.t("roster-present")}
                            <span class="count">{move || present.with(Vec::len)}</span>
                        </h2>
                        <ul class="rows">
                            <For
                                each=move || present.get()
                                key=|row| format!("{row:?}")
                                children=|row| view! { <Present row /> }
                            />
                        </ul>
                    </section>
                </div>
            </Show>
        </section>
    }
}

/// Shows a child who came.
#[component]
fn Present(
    /// The child.
    row: RosterRowView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let at = row.at_ms.map(|ms| WallTime::from_ms(ms).clock());
    let proof = row.event.map(|event| Route::Proof(event).href());
    view! {
        <li class="row" data-testid="roster-row" data-child=row.child>
            <a class="row-main" href=proof data-testid="proof-open">
                <span class="row-name">{row.name}</span>
                <span class="row-hint">
                    {at}
                    {row.by_hand.then(|| view! { <span class="tag">{i18n.t("was-by-hand")}</span> })}
                    {row.answer.map(|answer| {
                        let words = move || {
                            format!("{}: {}", i18n.text("answer-family"), i18n.say(answer))
                        };
                        view! { <span class="tag" data-testid="roster-answer">{words}</span> }
                    })}
                </span>
            </a>
            {row.mark.map(|mark| view! { <MarkBadge mark /> })}
        </li>
    }
}

/// Shows names alone, of a lesson that is not open.
#[component]
fn Names(
    /// The children.
    rows: Signal<Vec<RosterRowView>>,
) -> impl IntoView {
    let name = |row: RosterRowView| {
        view! {
            <li class="row" data-testid="roster-row" data-child=row.child>
                <span class="row-main"><span class="row-name">{row.name}</span></span>
            </li>
        }
    };
    view! {
        <ul class="rows">
            <For each=move || rows.get() key=|row| row.child.clone() children=name />
        </ul>
    }
}
