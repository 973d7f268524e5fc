//! A family's places: what is offered with a child's voucher, and the answer.

use ipc::{PlaceAnswer, PlaceAnsweredView, PlaceState, PlaceView};
use leptos::prelude::*;

use crate::{
    components::{Confirm, Icon, Loading, MarkBadge, Notice, Shape},
    i18n::I18n,
    invoke,
    live::{Live, Task},
    route::Route,
};

/// Shows the vouchers of the own children, and asks about what is offered.
#[component]
pub(crate) fn Places() -> impl IntoView {
    let i18n = I18n::expect();
    let places = Live::new(invoke::places);
    let list = move || match places.view() {
        None => view! { <Loading /> }.into_any(),
        Some(all) if all.is_empty() => {
            view! { <p class="empty-line">{i18n.t("places-empty")}</p> }.into_any()
        }
        Some(all) => {
            let as_of_ms = all.first().map_or(0, |place| place.as_of_ms);
            let as_of =
                move || i18n.format("places-as-of", &[("when", i18n.moment(as_of_ms).into())]);
            let rows = all.into_iter().map(|place| view! { <Place place places /> });
            view! { <ul class="cards">{rows.collect_view()}</ul> <p class="hint">{as_of}</p> }
                .into_any()
        }
    };
    view! {
        <section class="page">
            <h1>{i18n.t("places-title")}</h1>
            <p class="lead">{i18n.t("places-lead")}</p>
            <Notice fault=places.fault() />
            {list}
        </section>
    }
}

/// Leads to the places, loudly while one of them waits for the family's answer.
#[component]
pub(crate) fn PlacesLink() -> impl IntoView {
    let i18n = I18n::expect();
    let places = Live::new(invoke::places);
    let asks = |place: &&PlaceView| place.takes(PlaceAnswer::Accept);
    let asked = Memo::new(move |_| {
        places.read(|all| all.iter().find(asks).map(|place| place.child.clone())).flatten()
    });
    move || match asked.get() {
        Some(child) => view! {
            <a class="clock-banner" data-testid="place-offered" href=Route::Places.href()>
                <Icon shape=Shape::Warning />
                {move || i18n.format("places-asks", &[("child", child.clone().into())])}
            </a>
        }
        .into_any(),
        None => view! {
            <a class="link" data-testid="places-open" href=Route::Places.href()>
                {i18n.t("places-title")}
            </a>
        }
        .into_any(),
    }
}

/// Shows a child's voucher.
#[component]
fn Place(
    /// The voucher.
    place: PlaceView,
    /// Where the answer is put at once.
    places: Live<Vec<PlaceView>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (state, number) = (place.state, place.number.clone());
    let voucher = move || i18n.format("place-voucher", &[("number", number.clone().into())]);
    let club = place.provider.clone().map(|provider| {
        let group = place.group.clone().map(|group| format!(" · {group}"));
        view! { <p class="visit-where">{provider}{group}</p> }
    });
    let answered = place.answered.map(|answered| view! { <Answered answered /> });
    let term = (place.answered.is_none())
        .then(|| place.until.clone())
        .flatten()
        .map(|until| view! { <Term state until days_left=place.days_left /> });
    let not_taken =
        place.not_taken.then(|| view! { <p class="warn">{i18n.t("place-not-taken")}</p> });
    let (id, child) = (place.voucher.clone(), place.child.clone());
    view! {
        <li
            class="card"
            data-testid="place-row"
            data-voucher=id
            data-state=state_name(state)
        >
            <div class="card-head">
                <h2>{child}</h2>
                <span class="chip">{move || i18n.say(state)}</span>
            </div>
            {club}
            <p class="hint">{voucher}</p>
            {term}
            {answered}
            {not_taken}
            <Decide place places />
        </li>
    }
}

/// Says until when the family answers, or signs.
#[component]
fn Term(
    /// How it stands.
    state: PlaceState,
    /// The last day.
    until: String,
    /// The working days that are left after today.
    days_left: u32,
) -> impl IntoView {
    let i18n = I18n::expect();
    let words = move || {
        let values = [("day", i18n.iso_day(&until).into()), ("count", i64::from(days_left).into())];
        match state {
            PlaceState::Offered => i18n.format("place-answer-until", &values),
            PlaceState::Booked => i18n.format("place-sign-until", &values),
            PlaceState::Waiting | PlaceState::Missed | PlaceState::Contracted => String::new(),
        }
    };
    view! { <p data-testid="place-term" data-count=days_left.to_string()>{words}</p> }
}

/// Shows an answer that the server has not told of yet, and how far it has come.
#[component]
fn Answered(
    /// The answer.
    answered: PlaceAnsweredView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let PlaceAnsweredView { answer, mark } = answered;
    view! {
        <p class="answered" data-testid="place-answered" data-answer=answer_name(answer)>
            <span class="answered-word">{move || i18n.say(answer)}</span>
            <MarkBadge mark />
        </p>
        <p class="hint">{i18n.t("place-kept")}</p>
    }
}

/// Takes the place or gives it up, after one more question.
#[component]
fn Decide(
    /// The voucher.
    place: PlaceView,
    /// Where the answer is put at once.
    places: Live<Vec<PlaceView>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let voucher = StoredValue::new(place.voucher.clone());
    let answer = move |answer: PlaceAnswer| {
        let command = invoke::answer_place(voucher.get_value(), answer);
        task.run(command, move |view| places.put(view));
    };
    let accept = place.takes(PlaceAnswer::Accept).then(|| {
        view! {
            <Confirm
                test="place-accept"
                open=i18n.t("place-accept")
                question=i18n.t("place-accept-ask")
                confirm=i18n.t("place-accept-confirm")
                busy=task.is_busy()
                primary=true
                on_confirm=move |()| answer(PlaceAnswer::Accept)
            />
        }
    });
    // What was taken is given up in other words than what was only offered.
    let is_taken = place.answered.is_some() || place.state == PlaceState::Booked;
    let open = move || {
        if is_taken { i18n.text("place-give-up") } else { i18n.text("place-decline") }
    };
    let decline = place.takes(PlaceAnswer::Decline).then(|| {
        view! {
            <Confirm
                test="place-decline"
                open=open
                question=i18n.t("place-decline-ask")
                confirm=i18n.t("place-decline-confirm")
                busy=task.is_busy()
                on_confirm=move |()| answer(PlaceAnswer::Decline)
            />
        }
    });
    view! {
        <div class="actions">{accept} {decline}</div>
        <Notice fault=task.fault() />
    }
}

fn state_name(state: PlaceState) -> &'static str {
    match state {
        PlaceState::Waiting => "waiting",
        PlaceState::Offered => "offered",
        PlaceState::Missed => "missed",
        PlaceState::Booked => "booked",
        PlaceState::Contracted => "contracted",
    }
}

fn answer_name(answer: PlaceAnswer) -> &'static str {
    match answer {
        PlaceAnswer::Accept => "accept",
        PlaceAnswer::Decline => "decline",
    }
}
