//! What waits, how old it is, and *send now*.

use ipc::{Brought, Role, SavedView, StatusView, SyncView};
use leptos::prelude::*;

use crate::{
    components::{AnimatedCode, CollectFrames, Icon, Loading, Notice, Shape, download_bytes},
    i18n::{I18n, Sentence as _},
    invoke,
    live::{Live, Task},
    pages::carry::{AtHub, CarryFiles, ScanHub},
    route::Route,
};

/// Shows how the device stands with the server.
#[component]
pub(crate) fn Sync(
    /// Who this device is.
    status: Live<StatusView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let done = RwSignal::new(None::<SyncView>);
    let send = move |_| {
        done.set(None);
        task.run(invoke::sync(), move |view| done.set(Some(view)));
    };
    let facts = move || match status.view() {
        None => view! { <Loading /> }.into_any(),
        Some(status) => view! { <Facts status /> }.into_any(),
    };
    let button = move || if task.busy() { i18n.text("sync-busy") } else { i18n.text("sync-now") };
    let result = move || done.get().map(|view| view! { <Done view /> });
    view! {
        <section class="page">
            <h1>{i18n.t("tab-sync")}</h1>
            <p class="lead">{i18n.t("sync-lead")}</p>
            <div class="actions">
                <button
                    class="button primary big"
                    data-testid="sync-now"
                    disabled=move || task.busy()
                    on:click=send
                >
                    <Icon shape=Shape::Arrow />
                    <span>{button}</span>
                </button>
            </div>
            <div role="status">{result}</div>
            <Notice fault=task.fault() />
            {facts}
            <details class="panel" data-testid="carry">
                <summary>{i18n.t("people-title")}</summary>
                <ScanHub />
                <CarryFiles />
            </details>
            <CarryByQr />
            <HandOver />
        </section>
    }
}

/// What of carrying by QR is on the page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Carry {
    /// Nothing yet.
    Closed,
    /// What waits goes out.
    Show,
    /// An answer comes in.
    Take,
}

/// Lets another device carry what waits: an animated QR out, the server's answer back in.
#[component]
pub(crate) fn CarryByQr() -> impl IntoView {
    let i18n = I18n::expect();
    let carry = RwSignal::new(Carry::Closed);
    let brought = RwSignal::new(None::<Brought>);
    let on_brought = Callback::new(move |what| {
        brought.set(Some(what));
        carry.set(Carry::Closed);
    });
    let open = move |next| {
        brought.set(None);
        carry.update(|now| *now = if *now == next { Carry::Closed } else { next });
    };
    let body = move || match carry.get() {
        Carry::Closed => None,
        Carry::Show => Some(view! { <AnimatedCode /> }.into_any()),
        Carry::Take => Some(view! { <CollectFrames on_brought /> }.into_any()),
    };
    let result = move || {
        brought.get().map(|what| match what {
            Brought::Answer { taken, receipted, .. } => {
                let values = [("taken", taken.into()), ("receipted", receipted.into())];
                i18n.format("carry-answered", &values)
            }
            Brought::Parcel { events, .. } => {
                i18n.format("carry-parcel", &[("events", events.into())])
            }
            Brought::Other {} => i18n.text("carry-other"),
        })
    };
    view! {
        <details class="panel" data-testid="carry-by-qr">
            <summary>{i18n.t("carry-title")}</summary>
            <p>{i18n.t("carry-lead")}</p>
            <div class="actions">
                <button
                    class="button quiet"
                    data-testid="carry-show"
                    on:click=move |_| open(Carry::Show)
                >
                    <Icon shape=Shape::Arrow />
                    <span>{i18n.t("carry-show")}</span>
                </button>
                <button
                    class="button quiet"
                    data-testid="carry-take"
                    on:click=move |_| open(Carry::Take)
                >
                    <Icon shape=Shape::Camera />
                    <span>{i18n.t("carry-take")}</span>
                </button>
            </div>
            {body}
            <p role="status" data-testid="carry-result">{result}</p>
        </details>
    }
}

/// Hands over what this device knows of the log: to rebuild a server that lost its disk.
#[component]
fn HandOver() -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let done = RwSignal::new(None::<(u64, u64)>);
    let save = move |_| {
        done.set(None);
        task.run(invoke::export(), move |file| {
            download_bytes(&file.name, &file.bytes);
            done.set(Some((file.leaves, file.unreceipted)));
        });
    };
    let result = move || {
        done.get().map(|(leaves, waiting)| {
            let values = [("entries", leaves.into()), ("waiting", waiting.into())];
            view! { <p data-testid="export-result">{i18n.format("export-result", &values)}</p> }
        })
    };
    view! {
        <details class="panel" data-testid="hand-over">
            <summary>{i18n.t("export-title")}</summary>
            <p>{i18n.t("export-lead")}</p>
            <div class="actions">
                <button
                    class="button quiet"
                    data-testid="export-save"
                    disabled=move || task.busy()
                    on:click=save
                >
                    <Icon shape=Shape::File />
                    <span>{i18n.t("export-save")}</span>
                </button>
            </div>
            <div role="status">{result}</div>
            <Notice fault=task.fault() />
        </details>
    }
}

/// Shows what a sync did.
#[component]
fn Done(
    /// What it did.
    view: SyncView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let direct =
        view.direct.as_ref().map(|_| view! { <p class="warn">{i18n.t("sync-not-direct")}</p> });
    let hub = view.hub.clone().map(|hub| view! { <AtHub hub /> });
    let is_direct = view.direct.is_none();
    let line = move || {
        i18n.format(
            "sync-result",
            &[
                ("sent", view.sent.into()),
                ("receipted", view.receipted.into()),
                ("received", view.received.into()),
            ],
        )
    };
    let parked = move || i18n.format("sync-parked", &[("count", view.parked.into())]);
    view! {
        <div class="panel" data-testid="sync-result">
            {direct}
            {is_direct.then(|| view! { <p>{line}</p> })}
            {hub}
            {(view.parked > 0).then(|| view! { <p class="warn">{parked}</p> })}
        </div>
    }
}

/// Says what was saved from a damaged data file, and whether it is enough to go on.
#[component]
fn Saved(
    /// What was saved.
    saved: SavedView,
    /// True while nothing can be recorded.
    in_doubt: bool,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (events, receipts, at_ms) = (saved.events, saved.receipts, saved.at_ms);
    let words = move || {
        let counts = [("events", events.into()), ("receipts", receipts.into())];
        i18n.format("saved-events", &counts)
    };
    let missing = (!saved.missing.is_empty()).then(|| {
        let missing = saved.missing.clone();
        let words = move || i18n.format("saved-missing", &[("missing", missing.clone().into())]);
        view! { <p>{words}</p> }
    });
    let doubt = in_doubt.then(|| {
        view! { <p>{i18n.t("saved-in-doubt")}</p><p>{i18n.t("saved-cannot-settle")}</p> }
    });
    view! {
        <div class="wide warn" data-testid="saved">
            <dt>{i18n.t("saved-title")}</dt>
            <dd>
                <p>{move || i18n.moment(at_ms)}</p>
                <p>{words}</p>
                {missing}
                {doubt}
                <span class="small-print code">{saved.kept_as}</span>
            </dd>
        </div>
    }
}

/// Shows the counts, the last contact and the last failure.
#[component]
fn Facts(
    /// Who this device is.
    status: StatusView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let now_ms = status.clock.now_ms;
    let when = move |ms: Option<i64>| {
        move || match ms {
            Some(ms) => format!("{} ({})", i18n.moment(ms), i18n.ago(ms, now_ms)),
            None => i18n.text("never"),
        }
    };
    let oldest = status.oldest_waiting_ms.map(|ms| {
        view! { <div><dt>{i18n.t("sync-oldest")}</dt><dd>{when(Some(ms))}</dd></div> }
    });
    let carriers = status.carriers.into_iter().map(|carrier| {
        let (name, events, since_ms) = (carrier.name, carrier.events, carrier.since_ms);
        let words = move || {
            let ago = i18n.ago(since_ms, now_ms);
            let values =
                [("name", name.clone().into()), ("count", events.into()), ("ago", ago.into())];
            i18n.format("carrier-line", &values)
        };
        view! { <li data-testid="carrier-row" data-device=carrier.device>{words}</li> }
    });
    let carried = (status.carried > 0).then(|| {
        view! {
            <div class="wide">
                <dt>{i18n.t("sync-carried")}</dt>
                <dd data-testid="carried" data-count=status.carried.to_string()>
                    <ul>{carriers.collect_view()}</ul>
                </dd>
            </div>
        }
    });
    let log_size = status.log_size.map(|size| {
        view! {
            <div>
                <dt>{i18n.t("sync-log-size")}</dt>
                <dd data-testid="log-size" data-count=size.to_string()>{size}</dd>
            </div>
        }
    });
    let witnessed = status.log_witnessed.map(|size| {
        view! {
            <div>
                <dt>{i18n.t("sync-log-witnessed")}</dt>
                <dd data-testid="log-witnessed" data-count=size.to_string()>{size}</dd>
            </div>
        }
    });
    let stale = status.trust_stale_since_ms.map(|since_ms| {
        let words =
            move || i18n.format("sync-trust-stale", &[("ago", i18n.ago(since_ms, now_ms).into())]);
        view! {
            <div class="wide warn" data-testid="trust-stale">
                <dt>{i18n.t("sync-trust")}</dt>
                <dd>{words}</dd>
            </div>
        }
    });
    let roster = status.roster_coming.map(|coming| {
        let kilobytes = |bytes: u32| bytes.div_ceil(1_000);
        let (here, all) = (kilobytes(coming.kept_bytes), kilobytes(coming.length_bytes));
        let words = move || {
            i18n.format("sync-roster-coming", &[("here", here.into()), ("all", all.into())])
        };
        view! {
            <div class="wide">
                <dt>{i18n.t("sync-roster")}</dt>
                <dd data-testid="roster-coming">{words}</dd>
            </div>
        }
    });
    let cards = status.revoked_cards;
    let cards_words = move || match cards {
        None => i18n.text("sync-cards-none"),
        Some(cards) => {
            let when =
                format!("{} ({})", i18n.moment(cards.as_of_ms), i18n.ago(cards.as_of_ms, now_ms));
            let when = [("when", when.into())];
            if cards.stale {
                i18n.format("sync-cards-stale", &when)
            } else {
                i18n.format("sync-cards-as-of", &when)
            }
        }
    };
    let cards = (status.role == Role::Teacher).then(|| {
        view! {
            <div class="wide">
                <dt>{i18n.t("sync-cards")}</dt>
                <dd data-testid="revoked-cards">{cards_words}</dd>
            </div>
        }
    });
    let saved = status.saved.map(|saved| view! { <Saved saved in_doubt=status.head_in_doubt /> });
    let alarms = (status.alarms > 0).then(|| {
        let count = status.alarms;
        let words = move || i18n.format("alarms-count", &[("count", count.into())]);
        view! {
            <div class="wide warn">
                <dt>{i18n.t("alarms-title")}</dt>
                <dd>
                    <a class="link" data-testid="alarms-open" href=Route::Alarms.href()>{words}</a>
                </dd>
            </div>
        }
    });
    let fault = status.last_sync_error.map(|fault| {
        let code = fault.code;
        view! {
            <div class="wide warn">
                <dt>{i18n.t("sync-last-error")}</dt>
                <dd>
                    {move || i18n.say(code)}
                    <span class="small-print" lang="en">{fault.message}</span>
                </dd>
            </div>
        }
    });
    let next = status.next_sync.map(|next| {
        let why = next.why;
        let when = move || i18n.moment(next.at_ms);
        view! {
            <div class="wide" data-testid="next-sync" data-why=why.key()>
                <dt>{i18n.t("sync-next")}</dt>
                <dd>{when}<span class="small-print">{move || i18n.say(why)}</span></dd>
            </div>
        }
    });
    let parked = status.parked.into_iter().map(|parked| {
        let (why, count) = (parked.reason, parked.count);
        let words = move || i18n.format("sync-parked", &[("count", count.into())]);
        view! {
            <div class="wide warn" data-testid="parked" data-why=why.key() data-count=count.to_string()>
                <dt>{words}</dt>
                <dd>{move || i18n.say(why)}</dd>
            </div>
        }
    });
    let suspended = status.suspended.then(|| {
        view! {
            <div class="wide warn" data-testid="suspended">
                <dt>{i18n.t("sync-device")}</dt>
                <dd>{i18n.t("sync-suspended")}</dd>
            </div>
        }
    });
    view! {
        <dl class="facts panel">
            <div>
                <dt>{i18n.t("sync-not-sent")}</dt>
                <dd class="number" data-testid="not-sent" data-count=status.not_sent.to_string()>
                    {status.not_sent}
                </dd>
            </div>
            <div>
                <dt>{i18n.t("sync-not-receipted")}</dt>
                <dd class="number" data-testid="not-receipted" data-count=status.not_receipted.to_string()>
                    {status.not_receipted}
                </dd>
            </div>
            <div>
                <dt>{i18n.t("sync-events")}</dt>
                <dd class="number" data-testid="events" data-count=status.events.to_string()>
                    {status.events}
                </dd>
            </div>
            {carried}
            {oldest}
            <div><dt>{i18n.t("sync-last")}</dt><dd>{when(status.last_sync_ms)}</dd></div>
            {log_size}
            {witnessed}
            {suspended}
            {parked.collect_view()}
            {roster}
            {cards}
            {saved}
            {alarms}
            {stale}
            {fault}
            {next}
            <div class="wide"><dt>{i18n.t("sync-device")}</dt><dd class="code">{status.device}</dd></div>
        </dl>
    }
}
