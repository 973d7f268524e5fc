//! Whose device this is, how it stands with the server, and the language.

use ipc::{ClockCode, ClockView, Role, StatusView};
use leptos::prelude::*;

use super::{Icon, Shape};
use crate::{
    i18n::{I18n, Locale},
    live::Live,
    route::Route,
};

/// Shows the top of every page.
#[component]
pub(crate) fn Header(
    /// Who this device is.
    status: Live<StatusView>,
    /// The page that is shown.
    route: Signal<Route>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let who = move || {
        status.view().map(|status| {
            let role = status.role;
            view! {
                <div class="who" data-testid=role_testid(role)>
                    <span class="who-name">{status.name}</span>
                    <span class="who-role">
                        {move || i18n.say(role)}
                        {status.provider.map(|provider| format!(" · {provider}"))}
                    </span>
                </div>
            }
        })
    };
    let role = Memo::new(move |_| status.read(|status| status.role));
    view! {
        <a class="skip" href="#main" on:click=skip>{i18n.t("skip")}</a>
        <header class="top">
            <a class="brand" href=Route::Home.href() aria-label=i18n.t("home")>
                <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
                    <path d="M16 3a13 13 0 1 0 9.2 22.2l3.3 3.3" />
                    <path d="M29 16A13 13 0 0 0 16 3" />
                    <path d="M10.5 16.5l4 4 7.5-8.5" />
                </svg>
                <span>"Qatysu"</span>
            </a>
            {who}
            <SyncMark status />
            <LanguageSwitch />
        </header>
        <ClockBanner status />
        <ClockNote status />
        <AlarmBanner status />
            <RevokedBanner status />
        {move || role.get().map(|role| view! { <Tabs role route /> })}
    }
}

/// Shows in one glance whether anything waits; leads to the sync page.
#[component]
fn SyncMark(
    /// Who this device is.
    status: Live<StatusView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let waits = move || status.read(|status| (status.not_sent, status.not_receipted));
    let is_carried = move || status.read(|status| status.carried == status.not_sent);
    let state = move || match (waits(), status.fault().get().is_some()) {
        (_, true) | (None, _) => "unknown",
        (Some((0, 0)), false) => "receipted",
        (Some((0, _)), false) => "sent",
        (Some(_), false) if is_carried() == Some(true) => "carried",
        (Some(_), false) => "recorded",
    };
    let shape = Signal::derive(move || match state() {
        "receipted" => Shape::Seal,
        "sent" => Shape::Arrow,
        "carried" => Shape::Parcel,
        "recorded" => Shape::Dot,
        _ => Shape::Warning,
    });
    let word = move || match waits() {
        Some((0, 0)) => i18n.text("sync-all-receipted"),
        Some((_, count)) => i18n.format("waiting", &[("count", count.into())]),
        None => i18n.text("loading"),
    };
    view! {
        <a
            class="sync-mark"
            href=Route::Sync.href()
            data-testid="sync-mark"
            data-state=state
            aria-label=move || format!("{}: {}", i18n.text("tab-sync"), word())
        >
            <Icon shape />
            <span class="sync-mark-word">{word}</span>
        </a>
    }
}

/// Lets the person choose the language.
#[component]
fn LanguageSwitch() -> impl IntoView {
    let i18n = I18n::expect();
    let button = move |locale: Locale| {
        view! {
            <button
                class="language"
                data-testid=format!("language-{}", locale.tag())
                lang=locale.tag()
                aria-label=format!("{}, {}", locale.tag(), locale.own_name())
                aria-pressed=move || (i18n.locale() == locale).to_string()
                on:click=move |_| i18n.choose(locale)
            >
                {locale.tag()}
            </button>
        }
    };
    view! {
        <div class="languages" role="group" aria-label=i18n.t("language")>
            {Locale::ALL.iter().copied().map(button).collect_view()}
        </div>
    }
}

/// Says loudly when the clock is not the real one.
#[component]
fn ClockBanner(
    /// Who this device is.
    status: Live<StatusView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let clock = Memo::new(move |_| status.read(|status| status.clock));
    move || {
        clock.get().filter(|clock| clock.demonstration).map(|ClockView { now_ms, .. }| {
            view! {
                <p class="clock-banner" data-testid="clock-banner">
                    <Icon shape=Shape::Warning />
                    {move || i18n.format("clock-demonstration", &[("now", i18n.moment(now_ms).into())])}
                </p>
            }
        })
    }
}

/// Says in one sentence how a teacher's clock stands, if something is the matter with it.
#[component]
fn ClockNote(
    /// Who this device is.
    status: Live<StatusView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let clock = Memo::new(move |_| {
        let of_teacher = |status: &StatusView| {
            let ClockView { state, by_ms, .. } = status.clock;
            (status.role == Role::Teacher).then_some((state, by_ms))
        };
        status.read(of_teacher).flatten()
    });
    let words = move |state, by_ms| {
        let span = [("span", i18n.span(by_ms).into())];
        Some(match state {
            ClockCode::Fine => return None,
            ClockCode::Ahead => i18n.format("clock-ahead", &span),
            ClockCode::Behind => i18n.format("clock-behind", &span),
            ClockCode::Jumped => i18n.format("clock-jumped", &span),
            ClockCode::Stopped => i18n.text("clock-stopped"),
            ClockCode::NotSet => i18n.text("clock-not-set"),
        })
    };
    let sentence = move || clock.get().and_then(|(state, by_ms)| words(state, by_ms));
    move || {
        sentence().map(|sentence| {
            view! {
                <p class="clock-banner" role="status" data-testid="clock-note">
                    {sentence}
                </p>
            }
        })
    }
}

/// Says on every page that nothing of the log is believed, and leads to the reason.
#[component]
fn AlarmBanner(
    /// Who this device is.
    status: Live<StatusView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let disbelieved = Memo::new(move |_| status.read(|status| status.log_disbelieved));
    move || {
        disbelieved.get().filter(|disbelieved| *disbelieved).map(|_| {
            view! {
                <a class="alarm-banner" role="alert" data-testid="alarm-banner" href=Route::Alarms.href()>
                    <Icon shape=Shape::Warning />
                    {i18n.t("alarm-banner")}
                </a>
            }
        })
    }
}

/// Says on every page that this device is revoked, in one sentence.
#[component]
fn RevokedBanner(
    /// Who this device is.
    status: Live<StatusView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let since = Memo::new(move |_| status.read(|status| status.revoked_since_ms).flatten());
    move || {
        since.get().map(|at_ms| {
            view! {
                <p class="alarm-banner" role="alert" data-testid="revoked-banner">
                    <Icon shape=Shape::Stop />
                    {move || i18n.format("revoked-banner", &[("since", i18n.moment(at_ms).into())])}
                </p>
            }
        })
    }
}

/// Leads to the role's pages.
#[component]
fn Tabs(
    /// Whose device.
    role: Role,
    /// The page that is shown.
    route: Signal<Route>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let tab = move |(to, shape, word): (Route, Shape, String)| {
        let href = to.href();
        let here = move || (route.get() == to).then_some("page");
        view! {
            <a class="tab" href=href aria-current=here>
                <Icon shape />
                <span>{word}</span>
            </a>
        }
    };
    let tabs = move || match role {
        Role::Teacher => vec![
            (Route::Home, Shape::Day, i18n.text("tab-today")),
            (Route::Visits, Shape::List, i18n.text("tab-records")),
            (Route::Sync, Shape::Arrow, i18n.text("tab-sync")),
        ],
        Role::Parent => vec![
            (Route::Home, Shape::List, i18n.text("tab-visits")),
            (Route::Code, Shape::Code, i18n.text("tab-code")),
            (Route::Month, Shape::Day, i18n.text("tab-month")),
            (Route::Sync, Shape::Arrow, i18n.text("tab-sync")),
        ],
        Role::Coordinator => vec![
            (Route::Home, Shape::Day, i18n.text("tab-months")),
            (Route::Devices, Shape::Device, i18n.text("tab-devices")),
            (Route::Collect, Shape::Parcel, i18n.text("tab-collect")),
            (Route::Sync, Shape::Arrow, i18n.text("tab-sync")),
        ],
        Role::Delegate => vec![
            (Route::Home, Shape::Code, i18n.text("tab-code")),
            (Route::Sync, Shape::Arrow, i18n.text("tab-sync")),
        ],
        Role::ProviderAdmin => vec![(Route::Sync, Shape::Arrow, i18n.text("tab-sync"))],
    };
    view! {
        <nav class="tabs" aria-label=i18n.t("pages")>
            {move || tabs().into_iter().map(tab).collect_view()}
        </nav>
    }
}

/// Moves the focus past the header without touching the address, which tells the page.
fn skip(event: leptos::ev::MouseEvent) {
    event.prevent_default();
    crate::app::focus_main();
}

fn role_testid(role: Role) -> &'static str {
    match role {
        Role::Teacher => "role-teacher",
        Role::Parent => "role-parent",
        Role::Coordinator => "role-coordinator",
        Role::ProviderAdmin => "role-provider-admin",
        Role::Delegate => "role-delegate",
    }
}
