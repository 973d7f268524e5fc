//! What is carried for whom, since when, and how it stands; and the hub of this device.

// leptos has a trait of that name
use ipc::{CollectView as Collected, HubView, ParcelState, ParcelView, StatusView};
use leptos::prelude::*;

use crate::{
    components::{Icon, Loading, Notice, QrCode, Shape},
    i18n::{I18n, Sentence as _},
    invoke,
    live::{Live, Task},
    pages::{carry::CarryFiles, sync::CarryByQr},
};

/// Shows all that this device collects.
#[component]
pub(crate) fn Collect(
    /// Who this device is, for its clock.
    status: Live<StatusView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let collect = Live::new(invoke::collect);
    let hub = Memo::new(move |_| collect.read(|view| view.hub.clone()));
    let parcels = Memo::new(move |_| collect.read(|view| view.parcels.clone()));
    let now_ms = Memo::new(move |_| status.read(|status| status.clock.now_ms));
    let list = move || match parcels.get() {
        None => view! { <Loading /> }.into_any(),
        Some(parcels) if parcels.is_empty() => {
            view! { <p class="empty-line">{i18n.t("collect-empty")}</p> }.into_any()
        }
        Some(parcels) => {
            let rows = parcels.into_iter().map(|parcel| view! { <Parcel parcel now_ms /> });
            view! { <ul class="rows panel">{rows.collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <section class="page">
            <h1>{i18n.t("tab-collect")}</h1>
            <p class="lead">{i18n.t("collect-lead")}</p>
            <Notice fault=collect.fault() />
            {move || hub.get().map(|hub| view! { <OwnHub hub collect /> })}
            <Counts collect now_ms />
            {list}
            <div class="panel">
                <h2>{i18n.t("people-title")}</h2>
                <CarryFiles />
            </div>
            <CarryByQr />
        </section>
    }
}

/// Switches the hub, and shows where it is.
#[component]
fn OwnHub(
    /// The hub.
    hub: HubView,
    /// What is shown after the switch.
    collect: Live<Collected>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let on = hub.on;
    let switch = move |_| task.run(invoke::hub_switch(!on), move |view| collect.put(view));
    let word = move || if on { i18n.text("hub-switch-off") } else { i18n.text("hub-switch-on") };
    let state = move || if on { i18n.text("hub-on") } else { i18n.text("hub-off") };
    let found = move || {
        if hub.announced { i18n.text("hub-announced") } else { i18n.text("hub-not-announced") }
    };
    let addresses = hub.addresses.into_iter().map(|at| view! { <li class="code">{at}</li> });
    let place = hub.code.map(|text| {
        let label = Signal::derive(move || i18n.text("hub-code"));
        view! {
            <QrCode text=text.clone() label />
            <p class="code" data-testid="hub-code">{text}</p>
            <ul>{addresses.collect_view()}</ul>
            <p class="hint">{found}</p>
        }
    });
    let button = hub.possible.then(|| {
        view! {
            <button
                class="button primary"
                data-testid="hub-switch"
                aria-pressed=on.to_string()
                disabled=move || task.busy()
                on:click=switch
            >
                <Icon shape=Shape::Parcel />
                <span>{word}</span>
            </button>
        }
    });
    let impossible = (!hub.possible).then(|| view! { <p>{i18n.t("hub-impossible")}</p> });
    view! {
        <div class="panel" data-testid="hub" data-on=on.to_string()>
            <h2>{i18n.t("hub-title")}</h2>
            <p>{state}</p>
            {place}
            <div class="actions">{button}</div>
            {impossible}
            <Notice fault=task.fault() />
        </div>
    }
}

/// Says how much waits here, and since when.
#[component]
fn Counts(
    /// What is carried.
    collect: Live<Collected>,
    /// What this device takes the time to be.
    now_ms: Memo<Option<i64>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let counts = move || {
        let (waiting, answered) = collect.read(|view| (view.waiting, view.answered))?;
        let values = [("waiting", waiting.into()), ("answered", answered.into())];
        Some(view! {
            <p data-testid="collect-counts" data-waiting=waiting.to_string() data-answered=answered.to_string()>
                {i18n.format("collect-counts", &values)}
            </p>
        })
    };
    let oldest = move || {
        let since_ms = collect.read(|view| view.oldest_waiting_ms)??;
        let ago = i18n.ago(since_ms, now_ms.get()?);
        Some(view! {
            <p data-testid="collect-oldest">{i18n.format("collect-oldest", &[("ago", ago.into())])}</p>
        })
    };
    let damaged = move || {
        let count = collect.read(|view| view.damaged).filter(|count| *count > 0)?;
        let words = i18n.format("collect-damaged", &[("count", count.into())]);
        Some(view! { <p class="warn">{words}</p> })
    };
    view! { {counts}{oldest}{damaged} }
}

/// Shows one parcel: whose, how many records, since when, how it stands.
#[component]
fn Parcel(
    /// The parcel.
    parcel: ParcelView,
    /// What this device takes the time to be.
    now_ms: Memo<Option<i64>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (state, since_ms, events) = (parcel.state, parcel.since_ms, parcel.events);
    let id: Option<String> = parcel.device.map(|id| id.chars().take(8).collect());
    let name = parcel.name;
    let who = move || name.clone().unwrap_or_else(|| i18n.text("parcel-of-unknown"));
    let since = move || match now_ms.get() {
        Some(now_ms) => i18n.ago(since_ms, now_ms),
        None => i18n.moment(since_ms),
    };
    let shape = match state {
        ParcelState::Waiting => Shape::Parcel,
        ParcelState::Refused => Shape::Warning,
        ParcelState::Answered => Shape::Tick,
    };
    let reason =
        parcel.reason.map(|reason| view! { <span class="small-print" lang="en">{reason}</span> });
    let short: String = parcel.parcel.chars().take(12).collect();
    view! {
        <li
            class="row"
            data-testid="parcel-row"
            data-parcel=parcel.parcel
            data-state=state.key()
        >
            <div class="row-main">
                <span class="row-name">{who}</span>
                <span class="row-hint">
                    <span class="code">{id}</span>
                    " · "
                    <span class="code">{short}</span>
                    {reason}
                </span>
            </div>
            <div class="row-end">
                <span class="chip">
                    <Icon shape />
                    {move || i18n.say(state)}
                </span>
                <span class="hint">
                    {move || i18n.format("parcel-events", &[("count", events.into())])}
                    " · "
                    {since}
                </span>
            </div>
        </li>
    }
}
