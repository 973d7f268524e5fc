//! Today's lessons and one big *Start*.

use ipc::{LessonState, LessonView};
use leptos::prelude::*;

use super::change::LessonNote;
use crate::{
    app::go,
    components::{Icon, Loading, Notice, Shape},
    i18n::I18n,
    invoke,
    live::{Live, Task},
    route::Route,
    time::WallTime,
};

/// Shows today's lessons.
#[component]
pub(crate) fn Today() -> impl IntoView {
    let i18n = I18n::expect();
    let today = Live::new(invoke::today);
    let task = Task::new();
    let title = move || today.read(|today| i18n.iso_day(&today.day));
    let body = move || match today.view() {
        None => view! { <Loading /> }.into_any(),
        Some(today) if today.lessons.is_empty() => {
            view! { <p class="empty-line">{i18n.t("today-empty")}</p> }.into_any()
        }
        Some(today) => {
            let lessons = today.lessons.into_iter().map(|lesson| view! { <Lesson lesson task /> });
            view! { <ul class="cards">{lessons.collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <section class="page">
            <p class="eyebrow">{title}</p>
            <h1>{i18n.t("tab-today")}</h1>
            <Notice fault=today.fault() />
            <Notice fault=task.fault() />
            {body}
        </section>
    }
}

/// Shows a lesson and what can be done with it now.
#[component]
fn Lesson(
    /// The lesson.
    lesson: LessonView,
    /// Opens it.
    task: Task,
) -> impl IntoView {
    let i18n = I18n::expect();
    let state = lesson.state;
    let shown = Signal::stored(Some(lesson.clone()));
    let clock = |ms| WallTime::from_ms(ms).clock();
    let count = (lesson.present, lesson.enrolled);
    let came = move || {
        i18n.format("counter", &[("present", count.0.into()), ("enrolled", count.1.into())])
    };
    let id = lesson.lesson.clone();
    let start = move |_| {
        let scan = Route::Scan(id.clone());
        task.run(invoke::open_lesson(id.clone()), move |_| go(&scan));
    };
    let roster = Route::Roster(lesson.lesson.clone()).href();
    let scan = Route::Scan(lesson.lesson.clone()).href();
    let main_action = match state {
        LessonState::Planned => Some(
            view! {
                <button
                    class="button primary big"
                    data-testid="lesson-open"
                    disabled=move || task.busy()
                    on:click=start
                >
                    {i18n.t("lesson-start")}
                </button>
            }
            .into_any(),
        ),
        LessonState::Open => Some(
            view! {
                <a class="button primary big" data-testid="lesson-scan" href=scan>
                    <Icon shape=Shape::Camera />
                    <span>{i18n.t("lesson-scan")}</span>
                </a>
            }
            .into_any(),
        ),
        LessonState::Ended => None,
    };
    view! {
        <li
            class="card lesson"
            data-testid="lesson-row"
            data-lesson=lesson.lesson
            data-state=name(state)
        >
            <div class="card-head">
                <p class="lesson-time">{clock(lesson.start_ms)}"–"{clock(lesson.end_ms)}</p>
                <span class="chip" data-state=name(state)>{move || i18n.say(state)}</span>
            </div>
            <h2>{lesson.group}</h2>
            <LessonNote of=shown />
            <p class="lesson-count">{came}</p>
            <div class="actions">
                {main_action}
                <a class="button quiet" data-testid="lesson-roster" href=roster>
                    <Icon shape=Shape::List />
                    <span>{i18n.t("roster")}</span>
                </a>
            </div>
        </li>
    }
}

fn name(state: LessonState) -> &'static str {
    match state {
        LessonState::Planned => "planned",
        LessonState::Open => "open",
        LessonState::Ended => "ended",
    }
}
