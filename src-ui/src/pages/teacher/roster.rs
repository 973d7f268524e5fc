//! Who belongs to a lesson and who came; marks by hand, absences, corrections, and who is inside.

use ipc::{LessonState, Reason};
use leptos::prelude::*;

use super::{
    change::ChangeLesson, days::LastDays, end::EndLesson, inside::InsideList, missing::Missing,
    present::Present,
};
use crate::{
    components::{Icon, Loading, Notice, Rows, Shape, content},
    i18n::I18n,
    invoke,
    live::{Live, Task},
    route::Route,
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
    let terms = Memo::new(move |_| roster.read(|roster| roster.terms));
    let mark = move |(child, reason): (String, Reason)| {
        task.run(invoke::record_manual(id.get_value(), child, reason), |_| ());
    };
    let title = move || lesson.get().map(|lesson| lesson.group);
    let when = move || lesson.get().map(|lesson| i18n.moment(lesson.start_ms));
    let scan = move || Route::Scan(id.get_value()).href();
    let correcting = RwSignal::new(None::<String>);
    let open_actions = move || {
        is_open.get().then(|| {
            view! {
                <div class="actions">
                    <a class="button primary" href=scan data-testid="lesson-scan">
                        <Icon shape=Shape::Camera />
                        <span>{i18n.t("lesson-scan")}</span>
                    </a>
                    <EndLesson lesson=id.get_value() of=lesson.into() />
                </div>
            }
        })
    };
    let inside = move || is_open.get().then(|| view! { <InsideList /> });
    view! {
        <section class="page">
            <p class="eyebrow">{when}</p>
            <h1>{title}</h1>
            <Notice fault=roster.fault() />
            <Notice fault=task.fault() />
            <Show when=move || lesson.with(Option::is_some) fallback=|| view! { <Loading /> }>
                <ChangeLesson of=lesson.into() />
                {open_actions}
                <div class="columns">
                    <section class="panel">
                        <h2>
                            {i18n.t("roster-missing")}
                            <span class="count">{move || missing.with(Vec::len)}</span>
                        </h2>
                        <Missing
                            lesson=id
                            rows=missing
                            terms=terms.into()
                            may_mark=is_open.into()
                            busy=Signal::derive(move || task.busy())
                            on_mark=mark
                        />
                    </section>
                    <section class="panel">
                        <h2>
                            {i18n.t("roster-present")}
                            <span class="count">{move || present.with(Vec::len)}</span>
                        </h2>
                        <ul class="rows">
                            <Rows
                                each=move || present.get()
                                key=|row| content(row)
                                children=move |row| view! { <Present row missing correcting /> }
                            />
                        </ul>
                    </section>
                </div>
                {inside}
                <LastDays lesson=Some(id.get_value()) />
            </Show>
        </section>
    }
}
