//! Today's lessons and one big *Start*; and the days to come, whose lessons can be changed beforehand.

use ipc::{DAYS_AHEAD_MAX, LessonState, LessonView};
use leptos::prelude::*;

use super::{
    change::LessonNote,
    days::{Hours, LastDays},
};
use crate::{
    app::go,
    components::{Icon, Loading, Notice, Shape},
    i18n::I18n,
    invoke,
    live::{Live, Task},
    route::Route,
    time::WallTime,
};

/// Shows the lessons of today or of a day to come.
#[component]
pub(crate) fn Today() -> impl IntoView {
    let i18n = I18n::expect();
    let ahead = RwSignal::new(0);
    let today = Live::new(move || invoke::today(ahead.get()));
    let task = Task::new();
    let day = move || today.read(|today| i18n.iso_day(&today.day)).unwrap_or_default();
    let is_today = Memo::new(move |_| today.read(|today| today.ahead == 0).unwrap_or(true));
    let title = move || if is_today.get() { i18n.text("tab-today") } else { day() };
    let eyebrow = move || if is_today.get() { day() } else { i18n.text("day-ahead") };
    let hours = move || today.read(|today| today.hours.clone()).unwrap_or_default();
    let body = move || match today.view() {
        None => view! { <Loading /> }.into_any(),
        Some(today) if today.lessons.is_empty() => {
            let words = move || {
                if is_today.get() { i18n.text("today-empty") } else { i18n.text("day-empty") }
            };
            view! { <p class="empty-line">{words}</p> }.into_any()
        }
        Some(today) => {
            let may_open = today.ahead == 0;
            let lessons = today.lessons.into_iter();
            let lessons = lessons.map(|lesson| view! { <Lesson lesson may_open task /> });
            view! { <ul class="cards">{lessons.collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <section class="page">
            <p class="eyebrow">{eyebrow}</p>
            <h1 data-testid="day" data-ahead=move || today.read(|today| today.ahead)>{title}</h1>
            <Days ahead />
            <Notice fault=today.fault() />
            <Notice fault=task.fault() />
            {body}
            <Hours hours=Signal::derive(hours) />
            <LastDays lesson=None />
        </section>
    }
}

/// Steps from day to day.
#[component]
fn Days(
    /// How many days after today.
    ahead: RwSignal<u32>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let is_last = move || ahead.get() >= DAYS_AHEAD_MAX;
    view! {
        <div class="actions" role="group" aria-label=i18n.t("day-which")>
            <button
                class="button quiet"
                data-testid="day-before"
                disabled=move || ahead.get() == 0
                on:click=move |_| ahead.update(|days| *days = days.saturating_sub(1))
            >
                {i18n.t("day-before")}
            </button>
            <button
                class="button quiet"
                data-testid="day-after"
                disabled=is_last
                on:click=move |_| ahead.update(|days| *days = days.saturating_add(1))
            >
                {i18n.t("day-after")}
            </button>
        </div>
    }
}

/// Shows a lesson and what can be done with it now.
#[component]
fn Lesson(
    /// The lesson.
    lesson: LessonView,
    /// True if it may be opened from here: a lesson of another day is only changed.
    may_open: bool,
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
    let words = move || if may_open { i18n.text("roster") } else { i18n.text("lesson-change") };
    let main_action = match state {
        LessonState::Planned if !may_open => None,
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
                    <span>{words}</span>
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
