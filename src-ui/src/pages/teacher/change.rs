//! A lesson that is not held, or at another time: asked once more, then recorded.

use ipc::{LessonChange, LessonState, LessonView};
use leptos::{ev::SubmitEvent, prelude::*};

use crate::{components::Notice, i18n::I18n, invoke, live::Task, time::WallTime};

/// What is being asked.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Asked {
    NotHeld,
    Move,
}

/// Says what became of a lesson, and lets a teacher change it while it was not opened.
#[component]
pub(crate) fn ChangeLesson(
    /// The lesson as it stands.
    of: Signal<Option<LessonView>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (task, asked) = (Task::new(), RwSignal::new(None::<Asked>));
    let may = move || of.with(|of| of.as_ref().is_some_and(is_changeable));
    let id = move || of.with_untracked(|of| of.as_ref().map(|of| of.lesson.clone()));
    let change = move |change: LessonChange| {
        if let Some(id) = id() {
            task.run(invoke::change_lesson(id, change), move |_| asked.set(None));
        }
    };
    let hold = move |_| {
        let planned = of.with_untracked(|of| of.as_ref().map(planned_ms));
        if let Some(to_ms) = planned {
            change(LessonChange::Move { to_ms });
        }
    };
    let is_changed = move || {
        of.with(|of| {
            of.as_ref().is_some_and(|of| of.cancelled.is_some() || of.moved_from_ms.is_some())
        })
    };
    let button = move |what: Asked, words: Signal<String>, test: &'static str| {
        view! {
            <button class="button quiet" data-testid=test on:click=move |_| asked.set(Some(what))>
                {words}
            </button>
        }
    };
    let [not_held, moves] =
        [Signal::derive(i18n.t("lesson-not-held")), Signal::derive(i18n.t("lesson-move"))];
    let as_planned = move || {
        is_changed().then(|| {
            view! {
                <button
                    class="button quiet"
                    data-testid="lesson-as-planned"
                    disabled=move || task.busy()
                    on:click=hold
                >
                    {i18n.t("lesson-as-planned")}
                </button>
            }
        })
    };
    let body = move || match asked.get() {
        None => view! {
            <div class="actions">
                {button(Asked::NotHeld, not_held, "lesson-not-held")}
                {button(Asked::Move, moves, "lesson-move")}
                {as_planned}
            </div>
        }
        .into_any(),
        Some(Asked::NotHeld) => view! {
            <div class="confirm" role="group" aria-label=i18n.t("lesson-not-held")>
                <p>{i18n.t("lesson-not-held-ask")}</p>
                <div class="actions">
                    <button
                        class="button primary"
                        data-testid="lesson-not-held-confirm"
                        disabled=move || task.busy()
                        on:click=move |_| change(LessonChange::NotHeld {})
                    >
                        {i18n.t("lesson-not-held-confirm")}
                    </button>
                    <button class="button quiet" on:click=move |_| asked.set(None)>
                        {i18n.t("cancel")}
                    </button>
                </div>
            </div>
        }
        .into_any(),
        Some(Asked::Move) => view! { <Move of task asked /> }.into_any(),
    };
    view! {
        <LessonNote of />
        <Show when=may>
            <section class="change-lesson">{body}</section>
        </Show>
        <Notice fault=task.fault() />
    }
}

/// Asks for the new time.
#[component]
fn Move(
    /// The lesson as it stands.
    of: Signal<Option<LessonView>>,
    /// Records it.
    task: Task,
    /// Empty once it is recorded.
    asked: RwSignal<Option<Asked>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let start_ms = of.with_untracked(|of| of.as_ref().map_or(0, |of| of.start_ms));
    let to = RwSignal::new(WallTime::from_ms(start_ms).input());
    let to_ms = move || to.with(|to| WallTime::parse_ms(to));
    let other_month = move || {
        let planned = of.with(|of| of.as_ref().map(planned_ms));
        let of_month = |ms| {
            let WallTime { year, month, .. } = WallTime::from_ms(ms);
            (year, month)
        };
        let differs = to_ms().zip(planned).is_some_and(|(to, from)| of_month(to) != of_month(from));
        differs.then(|| i18n.text("lesson-move-other-month"))
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let id = of.with_untracked(|of| of.as_ref().map(|of| of.lesson.clone()));
        if let Some((id, to_ms)) = id.zip(to_ms()) {
            let change = invoke::change_lesson(id, LessonChange::Move { to_ms });
            task.run(change, move |_| asked.set(None));
        }
    };
    view! {
        <form class="panel" on:submit=submit>
            <label class="field">
                <span>{i18n.t("lesson-move-to")}</span>
                <input
                    class="input"
                    type="datetime-local"
                    data-testid="lesson-move-to"
                    required
                    prop:value=to
                    on:input=move |event| to.set(event_target_value(&event))
                />
            </label>
            <p class="hint" role="status">{other_month}</p>
            <div class="actions">
                <button
                    class="button primary"
                    type="submit"
                    data-testid="lesson-move-confirm"
                    disabled=move || task.busy() || to_ms().is_none()
                >
                    {i18n.t("lesson-move-confirm")}
                </button>
                <button class="button quiet" type="button" on:click=move |_| asked.set(None)>
                    {i18n.t("cancel")}
                </button>
            </div>
        </form>
    }
}

/// Says that a lesson is not held, or from when it was moved.
#[component]
pub(crate) fn LessonNote(
    /// The lesson as it stands.
    of: Signal<Option<LessonView>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let words = move || {
        of.with(|of| {
            let lesson = of.as_ref()?;
            if let Some(why) = lesson.cancelled {
                return Some(i18n.say(why));
            }
            let from_ms = lesson.moved_from_ms?;
            Some(i18n.format("lesson-moved-from", &[("moment", i18n.moment(from_ms).into())]))
        })
    };
    let note = move || {
        words().map(|words| view! { <p class="warn" data-testid="lesson-note">{words}</p> })
    };
    view! { {note} }
}

/// An official order is not a teacher's to take back.
fn is_changeable(lesson: &LessonView) -> bool {
    let is_official = lesson.cancelled.is_some_and(|why| why != ipc::Cancelled::Provider);
    lesson.state == LessonState::Planned && !is_official
}

fn planned_ms(lesson: &LessonView) -> i64 {
    lesson.moved_from_ms.unwrap_or(lesson.start_ms)
}
