//! One planned lesson of a family's month: what came of it, and entering an absence.

use ipc::{DayState, SheetDayView};
use leptos::prelude::*;

use crate::{
    components::{AbsenceForm, AbsenceNote, Icon, Shape},
    i18n::I18n,
    route::Route,
};

/// Shows a planned lesson.
#[component]
pub(crate) fn Day(
    /// The lesson.
    day: SheetDayView,
    /// The child's id.
    child: String,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (state, start_ms) = (day.state, day.start_ms);
    let is_open = RwSignal::new(false);
    let proof = day.event.clone().map(|event| {
        let href = Route::Proof(event).href();
        view! { <a class="link" data-testid="proof-open" href=href>{i18n.t("proof-open")}</a> }
    });
    let withdrawn = day.withdrawn.map(|withdrawn| {
        let words = move || i18n.withdrawn(&withdrawn);
        view! { <p class="row-hint" data-testid="withdrawn">{words}</p> }
    });
    let terms = day.terms;
    let note = day.absence.clone().map(|absence| view! { <AbsenceNote absence terms /> });
    let may_explain = day.event.is_none();
    let known = StoredValue::new(day.absence.filter(|absence| absence.own));
    let place = StoredValue::new((day.lesson.clone(), child));
    let form = move || {
        is_open.get().then(|| {
            let (lesson, child) = place.get_value();
            let done = move |()| is_open.set(false);
            view! { <AbsenceForm lesson child known=known.get_value() terms on_done=done /> }
        })
    };
    let explain = may_explain.then(|| {
        view! {
            <button
                class="button quiet small"
                data-testid="absence-open"
                aria-expanded=move || is_open.get().to_string()
                on:click=move |_| is_open.update(|open| *open = !*open)
            >
                {i18n.t("absence-more")}
            </button>
        }
    });
    view! {
        <li class="row day" data-testid="sheet-day" data-lesson=day.lesson data-state=name(state)>
            <div class="row-main">
                <span class="row-name">
                    <Icon shape=shape(state) />
                    {move || i18n.moment(start_ms)}
                </span>
                <span class="row-hint">
                    {move || i18n.say(state)}
                    {day.by_hand.then(|| view! { <span class="tag">{i18n.t("was-by-hand")}</span> })}
                </span>
                {withdrawn}
                {note}
            </div>
            {proof}
            {explain}
            {form}
        </li>
    }
}

fn shape(state: DayState) -> Shape {
    match state {
        DayState::ToCome => Shape::Day,
        DayState::Confirmed => Shape::Tick,
        DayState::Awaiting => Shape::Dot,
        DayState::Disputed => Shape::Stop,
        DayState::Excused => Shape::File,
        DayState::NotHeld | DayState::CancelledOfficial => Shape::Stop,
        DayState::NoDocument | DayState::Unexcused | DayState::Missing => Shape::Warning,
    }
}

fn name(state: DayState) -> &'static str {
    match state {
        DayState::ToCome => "to_come",
        DayState::Confirmed => "confirmed",
        DayState::Awaiting => "awaiting",
        DayState::Disputed => "disputed",
        DayState::Excused => "excused",
        DayState::NoDocument => "no_document",
        DayState::Unexcused => "unexcused",
        DayState::Missing => "missing",
        DayState::NotHeld => "not_held",
        DayState::CancelledOfficial => "cancelled_official",
    }
}
