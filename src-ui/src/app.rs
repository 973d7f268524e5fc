//! The frame of every page: who this device is, which page is shown, what asks again and when.
//!
//! # Handles for tests (`data-testid`)
//! Attributes that tell a code, a reason, a role or a why hold the key of its sentence, as `error-ticket-refused`.
//! - frame: `role-teacher` `role-parent` `role-coordinator` (who the device is), `sync-mark`
//!   (`data-state`: receipted, sent, carried, recorded, unknown), `language-kk` `language-ru` `language-en`,
//!   `clock-banner`, `clock-note`, `notice` (`data-code`, an error), `revoked-banner`
//! - enrol: `not-enrolled` (the page), `ticket-input`, `ticket-submit`, `enrol-state`, and the camera
//! - today: `lesson-row` (`data-lesson`, `data-state`: planned, open, ended), `lesson-open` (opens
//!   the lesson and leads to the scanner), `lesson-scan`, `lesson-roster`, `day` (`data-ahead`), `day-before`,
//!   `day-after`
//! - scan: `camera` (`data-camera`: starting, running, paused, absent, denied, taken, failed, no-decoder;
//!   `data-reader`: worker, page; `data-facing`: back, front), `camera-trouble`, `camera-again`,
//!   `camera-torch`, `camera-zoom`, `camera-turn`, `counter` (`data-present`, `data-enrolled`),
//!   `scan-result` (`data-outcome`: none, kept, already, guest, refused; `data-refusal`; `data-scan`: a count of
//!   results), `scan-name`, `scan-sentence`,
//!   `scan-earlier`, `by-hand-open`, `typed-input`, `typed-submit`, `image-input`, `image-state`,
//!   `native-scan`
//! - roster: `roster-row` (`data-child`), `by-hand-child` (`data-child`), `by-hand-reason`
//!   (`data-reason`), `lesson-end`, `lesson-end-confirm`
//!   `absence-reason` (`data-reason`), `absence-number`, `absence-file`, `absence-save`, `absence-withdraw`,
//!   `absence` (`data-reason`), `document-show`, `correct`, `withdraw` (`data-reason`), `correct-child`
//!   (`data-child`), `withdrawn`, `inside`, `inside-count`, `inside-row` (`data-child`), `leave`;
//!   `end-summary`, `headcount-input`; on the scanner `undo`
//! - month of a family: `sheet` (`data-child`, `data-month`), `sheet-count` (`data-part`, `data-count`),
//!   `sheet-day` (`data-lesson`, `data-state`), `absence-open`, `sign-time` (`data-time`: early, now, late),
//!   `sheet-waits` (`data-count`), `sheet-sign`, `sheet-signed`
//! - code of a family: `code` (`data-child`), `code-qr` holds `qr-code`, `code-left`, `code-child` (`data-child`),
//!   `code-paper` (opens `code-short`, `code-print`)
//! - delegates: `delegate-row` (`data-device`, `data-state`: named, ending, ended, over), `delegate-end`,
//!   `delegate-end-confirm`, `delegate-name`, `option` (`data-id`), `delegate-make`, then `ticket`
//! - places: `place-offered` or `places-open` lead there; `place-row` (`data-voucher`, `data-state`: waiting,
//!   offered, missed, booked, contracted), `place-term` (`data-count`), `place-accept`, `place-accept-confirm`,
//!   `place-decline`, `place-decline-confirm`, `place-answered` (`data-answer`: accept, decline)
//! - visits: `visit-row` (`data-event`), `mark` (`data-mark`: recorded, carried, sent, receipted, witnessed),
//!   `answer-was`, `answer-was-not`, `answer` (`data-answer`), `proof-open`
//! - proof: `proof-mark` (`data-mark`), `proof-leaf`, `proof-file`, `proof-text`
//! - alarms: `alarm-row` (`data-code`), `alarm-save`; `alarms-open`, `alarm-banner` lead there
//! - sync: `sync-now`, `sync-result`, `events` `not-sent` `carried` `not-receipted` `log-size` (`data-count`),
//!   `next-sync` (`data-why`), `parked` (`data-why`, `data-count`), `suspended`, `revoked-cards`
//! - months: `month-row` (`data-month`), `month-state` (`data-state`: open, closing, closed, paid),
//!   `month-times`, `month-sum` (`data-part`, `data-tiyn`), `close-month`, `close-month-confirm`, `provider-row`
//!   (`data-provider`, `data-paid`), `payment-amount`, `payment-document`, `payment-submit`,
//!   `registry-csv`, `registry-json`
//! - devices: `device-row` (`data-device`), `device-state` (`data-state`: good, revoked, revoking,
//!   suspended), `device-open` (opens `device-replace`, `device-revoke`, `revoke-reason`
//!   (`data-reason`), `device-groups`, `groups-save`), `parked` (`data-reason`, `data-count`), `release`,
//!   `release-confirm`; `new-device` opens `ticket-form` (`ticket-role` (`data-role`), `ticket-name`,
//!   `ticket-provider`, `option` (`data-id`), `ticket-make`); `ticket`, `ticket-qr`, `ticket-text`,
//!   `ticket-left`, `ticket-done`
//! - sync and collect: `carry-save-own`, `carry-save-all`, `carry-open`, `carry-saved`, `carry-taken`,
//!   `carry-damaged` (`data-count`), `hub-scan`, `hub-visit`, `carrier-row` (`data-device`)
//! - collect: `hub` (`data-on`), `hub-switch`, `hub-code`, `qr-code`, `parcel-row` (`data-parcel`,
//!   `data-state`: parcel-waiting, parcel-refused, parcel-answered), `collect-counts` (`data-waiting`, `data-answered`),
//!   `collect-oldest`

use std::time::Duration;

use ipc::{ErrorCode, Role, StatusView};
use leptos::{ev, prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::VisibilityState;

use crate::{
    components::{Header, Loading, Notice},
    i18n::I18n,
    invoke,
    live::{Beat, Live},
    pages::{
        Alarms, Codes, Collect, Delegates, Devices, Enrol, Months, Places, Proof, Roster, Scan,
        Sheets, Sync, Today, Visits,
    },
    route::Route,
};

/// The whole app.
#[component]
pub(crate) fn App() -> impl IntoView {
    I18n::provide();
    Beat::provide(PERIOD);
    let route = RwSignal::new(Route::parse(&hash()));
    let handle = window_event_listener(ev::hashchange, move |_| {
        route.set(Route::parse(&hash()));
        focus_main();
        window().scroll_to_with_x_and_y(0.0, 0.0);
    });
    on_cleanup(move || handle.remove());
    resume_when_back();
    let status = Live::new(invoke::status);
    let page_name = move || if matches!(route.get(), Route::Scan(_)) { "scan" } else { "page" };
    view! {
        <div class="app" data-page=page_name>
            <Header status route=route.into() />
            <main id="main" tabindex="-1">
                <Page status route />
            </main>
        </div>
    }
}

/// Tells the shell when the page is looked at again and when the network is back. A phone stops an app
/// behind a locked screen in the middle of whatever it does.
fn resume_when_back() {
    let tell = |online| {
        spawn_local(async move {
            // Whoever does not hear it goes on with its own timer.
            drop(invoke::resume(online).await);
        });
    };
    let online = window_event_listener(ev::online, move |_| tell(true));
    let shown = Closure::<dyn Fn()>::new(move || {
        if document().visibility_state() == VisibilityState::Visible {
            tell(false);
        }
    });
    let listener = shown.as_ref().unchecked_ref();
    // An event of that name is one of every document.
    drop(document().add_event_listener_with_callback("visibilitychange", listener));
    // The page lives as long as the document.
    shown.forget();
    on_cleanup(move || online.remove());
}

/// The page that role and address ask for.
#[component]
fn Page(
    /// Who this device is.
    status: Live<StatusView>,
    /// The address.
    #[prop(into)]
    route: Signal<Route>,
) -> impl IntoView {
    let role = Memo::new(move |_| status.read(|status| status.role));
    let not_enrolled = Memo::new(move |_| {
        status
            .fault()
            .with(|fault| fault.as_ref().is_some_and(|fault| fault.code == ErrorCode::NotEnrolled))
    });
    let page = move || match (role.get(), route.get()) {
        (None, _) if not_enrolled.get() => view! { <Enrol status /> }.into_any(),
        (None, _) => view! { <Loading /> }.into_any(),
        (Some(_), Route::Sync) => view! { <Sync status /> }.into_any(),
        (Some(_), Route::Alarms) => view! { <Alarms /> }.into_any(),
        (Some(_), Route::Proof(event)) => view! { <Proof event /> }.into_any(),
        (Some(Role::Teacher), Route::Scan(lesson)) => view! { <Scan lesson /> }.into_any(),
        (Some(Role::Teacher), Route::Roster(lesson)) => view! { <Roster lesson /> }.into_any(),
        (Some(Role::Teacher), Route::Visits) => view! { <Visits role=Role::Teacher /> }.into_any(),
        (Some(Role::Coordinator), Route::Devices) => view! { <Devices status /> }.into_any(),
        (Some(Role::Coordinator), Route::Collect) => view! { <Collect status /> }.into_any(),
        (Some(Role::Teacher), _) => view! { <Today /> }.into_any(),
        (Some(Role::Parent), Route::Code) => view! { <Codes role /> }.into_any(),
        (Some(Role::Parent), Route::Delegates) => view! { <Delegates /> }.into_any(),
        (Some(Role::Delegate), _) => view! { <Codes role /> }.into_any(),
        (Some(Role::Parent), Route::Places) => view! { <Places /> }.into_any(),
        (Some(Role::Parent), Route::Month) => view! { <Sheets /> }.into_any(),
        (Some(Role::Parent), _) => view! { <Visits role=Role::Parent /> }.into_any(),
        (Some(Role::Coordinator), _) => view! { <Months status /> }.into_any(),
        // Sheets are signed with `qatysu sheet`: there is no page of them.
        (Some(Role::ProviderAdmin), _) => view! { <Sync status /> }.into_any(),
    };
    let fault = Signal::derive(move || status.fault().get().filter(|_| !not_enrolled.get()));
    view! {
        <Notice fault />
        {page}
    }
}

/// Leads to another page.
pub(crate) fn go(route: &Route) {
    // the address of a page is always a valid one
    drop(location().set_hash(&route.href()));
}

/// Moves the focus to the page's content, for keyboard and screen reader.
pub(crate) fn focus_main() {
    let main = document().get_element_by_id("main");
    if let Some(main) = main.and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok()) {
        drop(main.focus());
    }
}

fn hash() -> String {
    location().hash().unwrap_or_default()
}

const PERIOD: Duration = Duration::from_secs(5);
