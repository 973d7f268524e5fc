//! Ending a lesson: a summary first, a count of heads where one is asked, then the act.

use ipc::LessonView;
use leptos::prelude::*;

use crate::{
    app::go,
    components::Notice,
    i18n::I18n,
    invoke,
    live::{Live, Task},
    route::Route,
};

/// Ends a lesson after saying how many came.
#[component]
pub(crate) fn EndLesson(
    /// The lesson's id.
    lesson: String,
    /// The lesson as it stands.
    of: Signal<Option<LessonView>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let asked = RwSignal::new(false);
    let lesson = StoredValue::new(lesson);
    let ask = move || {
        view! {
            <button class="button quiet" data-testid="lesson-end" on:click=move |_| asked.set(true)>
                {i18n.t("end-lesson")}
            </button>
        }
    };
    view! {
        <div class="end-lesson">
            <Show when=move || asked.get() fallback=ask>
                <Summary lesson=lesson.get_value() of asked />
            </Show>
        </div>
    }
}

/// Says how the lesson went and what waits, asks for the headcount, and ends it.
#[component]
fn Summary(
    /// The lesson's id.
    lesson: String,
    /// The lesson as it stands.
    of: Signal<Option<LessonView>>,
    /// True while this is asked.
    asked: RwSignal<bool>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let lesson = StoredValue::new(lesson);
    let status = Live::new(invoke::status);
    let counted = RwSignal::new(String::new());
    let part = move |part: fn(&LessonView) -> u32| of.with(|of| of.as_ref().map_or(0, part));
    let summary = move || {
        let present = part(|lesson| lesson.present);
        let guests = part(|lesson| lesson.guests);
        let missing =
            part(|lesson| (lesson.enrolled + lesson.guests).saturating_sub(lesson.present));
        let excused = part(|lesson| lesson.excused);
        let values = [
            ("present", present.into()),
            ("guests", guests.into()),
            ("missing", missing.into()),
            ("excused", excused.into()),
        ];
        i18n.format("end-summary", &values)
    };
    let waits = move || {
        let count = status.read(|status| status.not_sent).filter(|count| *count > 0)?;
        Some(i18n.format("waiting", &[("count", count.into())]))
    };
    let is_drawn =
        Memo::new(move |_| of.with(|of| of.as_ref().is_some_and(|of| of.headcount_asked)));
    let known = move || of.with(|of| of.as_ref().and_then(|of| of.headcount));
    let number = move || counted.with(|text| text.trim().parse::<u16>().ok());
    let end = move |_| {
        let (id, count) = (lesson.get_value(), number());
        let ended = async move {
            if let Some(count) = count {
                invoke::record_headcount(id.clone(), count).await?;
            }
            invoke::close_lesson(id).await.map(|_| ())
        };
        task.run_all(ended, |()| go(&Route::Home));
    };
    let word = move || {
        if is_drawn.get() && number().is_none() && known().is_none() {
            i18n.text("headcount-skip")
        } else {
            i18n.text("end-lesson")
        }
    };
    let headcount = move || {
        let known = known().map(|count| {
            view! { <p>{move || i18n.format("headcount-known", &[("count", count.into())])}</p> }
        });
        is_drawn.get().then(|| view! { <Headcount counted />{known} })
    };
    view! {
        <div class="confirm" role="group" aria-label=i18n.t("end-lesson") data-testid="end-summary">
            <p>{summary}</p>
            <p class="hint" data-testid="end-waits">{waits}</p>
            {headcount}
            <div class="actions">
                <button
                    class="button primary"
                    data-testid="lesson-end-confirm"
                    disabled=move || task.busy()
                    on:click=end
                >
                    {word}
                </button>
                <button class="button quiet" on:click=move |_| asked.set(false)>
                    {i18n.t("cancel")}
                </button>
            </div>
            <Notice fault=task.fault() />
        </div>
    }
}

/// Asks how many children are in the room.
#[component]
fn Headcount(
    /// The number as typed.
    counted: RwSignal<String>,
) -> impl IntoView {
    let i18n = I18n::expect();
    view! {
        <label class="field" data-testid="headcount">
            <span>{i18n.t("headcount-ask")}</span>
            <input
                class="input"
                data-testid="headcount-input"
                inputmode="numeric"
                autocomplete="off"
                maxlength="4"
                aria-label=i18n.t("headcount-label")
                prop:value=counted
                on:input=move |event| counted.set(event_target_value(&event))
            />
        </label>
    }
}
