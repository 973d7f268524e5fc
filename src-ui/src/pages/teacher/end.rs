//! Ending a lesson: a summary first, then the act.

use leptos::prelude::*;

use crate::{app::go, components::Notice, i18n::I18n, invoke, live::Task, route::Route};

/// Ends a lesson after saying how many came.
#[component]
pub(crate) fn EndLesson(
    /// The lesson's id.
    lesson: String,
    /// Present and enrolled.
    count: Signal<Option<(u32, u32)>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let asked = RwSignal::new(false);
    let lesson = StoredValue::new(lesson);
    let summary = move || {
        let (present, enrolled) = count.get().unwrap_or_default();
        let missing = enrolled.saturating_sub(present);
        i18n.format("end-summary", &[("present", present.into()), ("missing", missing.into())])
    };
    let end = move |_| task.run(invoke::close_lesson(lesson.get_value()), |_| go(&Route::Home));
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
                <div class="confirm" role="group" aria-label=i18n.t("end-lesson")>
                    <p>{summary}</p>
                    <div class="actions">
                        <button
                            class="button primary"
                            data-testid="lesson-end-confirm"
                            disabled=move || task.busy()
                            on:click=end
                        >
                            {i18n.t("end-lesson")}
                        </button>
                        <button class="button quiet" on:click=move |_| asked.set(false)>
                            {i18n.t("cancel")}
                        </button>
                    </div>
                </div>
            </Show>
            <Notice fault=task.fault() />
        </div>
    }
}
