//! Signing: the page that asks whether somebody is sure, the bytes for the browser's key, the signed event
//! in, and what came of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use attendance::{BootId, DeviceId, EventDraft, EventKind};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use ledger::Month;
use ledger::report::HoldReport;
use maud::{Markup, html};
use seal::Hash;
use serde::Deserialize;
use serde_json::json;
use server_store::StoredAccount;
use sync_api::{Base64, ProblemKind};

use super::access::{Fields, Visitor, json as read_json};
use super::frame;
use super::statement::{self, HANDED_ON, Names, Said};
use super::words::Words;
use super::{closing, undecided};
use crate::console::{BrowserKey, Outcome, SignRefusal, role_of};
use crate::error::ServerError;
use crate::http::problem::malformed;
use crate::http::segment::Segment;
use crate::server::Server;
use crate::sheets::Reach;

/// What a browser's script asks the bytes of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    fields: BTreeMap<String, String>,
    device: DeviceId,
    mono_ms: u64,
    boot: BootId,
}

/// What it signed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignedByBrowser {
    event: Base64,
}

/// Asks whether somebody is sure, with what would be signed.
pub(super) async fn ask(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let account = visitor.signed_in()?;
    let Some(draft) = statement::read(&fields) else { return Ok(not_so(&visitor, &fields, None)) };
    let (key, outcome) = match server.try_draft(account, draft.clone()).await {
        Ok(found) => found,
        Err(SignRefusal::Server(error)) => return Err(error),
        Err(SignRefusal::NotAllowed) => {
            return Ok(frame::refused(&visitor, StatusCode::FORBIDDEN));
        }
        Err(refusal) => return Ok(not_so(&visitor, &fields, Some(&refusal))),
    };
    let snapshots = server.snapshots().await?;
    let newest = &snapshots.newest().snapshot;
    let visit = undecided::named(&server, &visitor, &draft).await?;
    let said = statement::said(w, &draft, &Names::of(&draft, newest).with_visit(visit));
    let facts: Vec<(String, Markup)> =
        said.iter().map(|one| (one.label.clone(), frame::cell(&one.shown))).collect();
    let body = html! {
        (frame::facts(&facts))
        @if let Some(sum) = sum_of(&server, &draft).await? {
            p { (w.with("sign-sum", &[("sum", w.sum(sum))])) }
        }
        (what_it_does(&server, w, &draft).await?)
        @if outcome == Outcome::Proposed { p { (w.t("sign-second")) } }
        (form(&visitor, account, &key, &fields, &said))
        p { a href=(back(&fields)) { (w.t("back")) } }
    };
    Ok(frame::page(&visitor, &w.t("sign-title"), &body))
}

/// The sum of a sheet, an act or held money, so that whoever signs sees what it is worth.
async fn sum_of(server: &Server, draft: &EventDraft) -> Result<Option<ledger::Tiyn>, ServerError> {
    if draft.kind == EventKind::HoldRelease {
        let is_of = |one: &HoldReport| {
            let month = Some(one.month.number()) == draft.month;
            let provider = draft.provider.is_none_or(|only| only == one.provider);
            month && provider && Some(one.voucher) == draft.voucher
        };
        let held = server.holds_report().await?.into_iter().filter(is_of);
        return Ok(ledger::Tiyn::checked_sum(
            held.flat_map(|it| [it.suspended_tiyn, it.waiting_tiyn]),
        ));
    }
    if !matches!(draft.kind, EventKind::SheetSign | EventKind::ActSign) {
        return Ok(None);
    }
    let month = draft.month.and_then(|month| Month::from_number(month).ok());
    let Some((month, provider)) = month.zip(draft.provider) else { return Ok(None) };
    let signed = server.signed_month(month).await?;
    let sheet = signed.as_ref().and_then(|signed| signed.sheet(provider));
    Ok(sheet.map(|sheet| match (draft.kind, sheet.due) {
        (EventKind::ActSign, Some(due)) => due,
        (_, _) => sheet.sheet.totals.accrued,
    }))
}

/// What a signature does beside what it says.
async fn what_it_does(
    server: &Server,
    w: Words,
    draft: &EventDraft,
) -> Result<Markup, ServerError> {
    let month = draft.month.and_then(|month| Month::from_number(month).ok());
    let Some(month) = month.filter(|_| draft.kind == EventKind::MonthClose) else {
        return Ok(html! {});
    };
    let Some(outlook) = server.close_outlook(month).await? else { return Ok(html! {}) };
    let (sheets, _) = server.sheets(Reach::District, month).await?;
    Ok(closing::outlook(w, &outlook, &sheets.sheets))
}

/// The form that the script signs: what the bytes must have, and places for what it says.
fn form(
    visitor: &Visitor,
    account: &StoredAccount,
    key: &BrowserKey,
    fields: &Fields,
    said: &[Said],
) -> Markup {
    let w = visitor.words;
    html! {
        form.panel data-sign data-account=(account.account) data-device=(key.device)
            data-bytes="/console/sign/bytes" data-put="/console/sign/put" {
            (frame::form_word(visitor))
            @for name in HANDED_ON {
                @if let Some(value) = fields.text(name) { input type="hidden" name=(name) value=(value); }
            }
            @for one in said {
                input type="hidden" data-key=(one.key) data-label=(one.label) data-value=(one.value)
                    data-shown=(one.shown);
            }
            h2 { (w.t("sign-read-title")) }
            ul data-read data-testid="read" data-dated=(w.t("sign-dated"))
                data-place=(w.t("sign-place")) {}
            (says(w))
            p { (w.t("sign-sure")) }
            button data-testid="sign" disabled { (w.t("sign-button")) }
        }
    }
}

/// What the script may have to say.
pub(super) fn says(w: Words) -> Markup {
    let plain = [
        ("failed", w.t("sign-failed")),
        ("chain", w.t("sign-chain")),
        ("again", w.t("sign-again")),
        ("unable", w.t("key-unable")),
    ];
    html! {
        @for (name, text) in plain {
            p.warn role="alert" data-say=(name) hidden { (text) }
        }
        p.warn role="alert" data-say="refused" data-testid="sign-refused" hidden {
            (w.t("sign-refused")) " " span data-why {}
        }
        p.warn role="alert" data-say="nokey" data-testid="no-key-here" hidden {
            (w.t("key-not-here")) " " a href="/console/key" { (w.t("key-title")) }
        }
    }
}

/// Gives a browser the bytes of the next event of its chain.
pub(super) async fn bytes(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    body: Bytes,
) -> Result<Response, ServerError> {
    let asked: Asked = read_json(&body)?;
    let fields = Fields::of(asked.fields);
    let draft = statement::read(&fields).ok_or_else(|| malformed("this is nothing to sign"))?;
    let draft = EventDraft { mono_ms: asked.mono_ms, boot: asked.boot, ..draft };
    match server.prepare_for(visitor.signed_in()?, asked.device, draft).await {
        Ok((prepared, _)) => {
            let payload = Base64(prepared.event().to_bytes());
            Ok(Json(json!({ "payload": payload })).into_response())
        }
        Err(refusal) => refused(&visitor, refusal),
    }
}

/// Takes what a browser signed.
pub(super) async fn put(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    body: Bytes,
) -> Result<Response, ServerError> {
    let SignedByBrowser { event } = read_json(&body)?;
    match server.take_signed(visitor.signed_in()?, event.0).await {
        Ok(taken) => {
            let to = format!("/console/signed/{}", taken.event);
            Ok(Json(json!({ "to": to, "leaf": taken.leaf })).into_response())
        }
        Err(refusal) => refused(&visitor, refusal),
    }
}

/// Says no to a script, in words for a person.
fn refused(visitor: &Visitor, refusal: SignRefusal) -> Result<Response, ServerError> {
    let again = matches!(refusal, SignRefusal::Stale);
    let status = match refusal {
        SignRefusal::Server(error) => return Err(error),
        SignRefusal::NotAllowed | SignRefusal::OtherKey | SignRefusal::Forged => {
            StatusCode::FORBIDDEN
        }
        SignRefusal::NoKey
        | SignRefusal::Stopped
        | SignRefusal::Form
        | SignRefusal::SamePerson
        | SignRefusal::Ignored(_)
        | SignRefusal::Stale
        | SignRefusal::Ahead => StatusCode::CONFLICT,
    };
    let answer = json!({ "why": why(visitor.words, &refusal), "again": again });
    Ok((status, Json(answer)).into_response())
}

fn why(w: Words, refusal: &SignRefusal) -> String {
    match refusal {
        SignRefusal::NoKey => w.t("sign-no-key"),
        SignRefusal::OtherKey => w.t("sign-other-key"),
        SignRefusal::Stopped => w.t("sign-stopped"),
        SignRefusal::NotAllowed => w.t("no-right"),
        SignRefusal::Form => w.t("sign-form"),
        SignRefusal::SamePerson => w.t("sign-same-person"),
        // The log's own reason, in its one language.
        SignRefusal::Ignored(why) => w.with("sign-ignored", &[("why", why.clone())]),
        SignRefusal::Stale => w.t("sign-again"),
        SignRefusal::Ahead => w.t("sign-ahead"),
        SignRefusal::Forged => w.t("sign-forged"),
        SignRefusal::Server(_) => w.t("broken"),
    }
}

/// Says on a page why nothing can be signed.
fn not_so(visitor: &Visitor, fields: &Fields, refusal: Option<&SignRefusal>) -> Response {
    let w = visitor.words;
    let needs_key = matches!(refusal, Some(SignRefusal::NoKey | SignRefusal::Stopped));
    let signs = visitor.account.as_ref().is_some_and(|one| role_of(&one.office).is_some());
    let text = match refusal {
        Some(_) if needs_key && !signs => w.t("key-none"),
        Some(refusal) => why(w, refusal),
        None => w.t("sign-form"),
    };
    let body = html! {
        p.warn role="alert" data-testid="not-signed" { (text) }
        @if needs_key && signs { p { a.button href="/console/key" { (w.t("key-title")) } } }
        p { a href=(back(fields)) { (w.t("back")) } }
    };
    frame::page(visitor, &w.t("sign-title"), &body)
}

/// Where somebody came from.
fn back(fields: &Fields) -> String {
    let month = fields.text("month").and_then(|month| month.parse().ok());
    place_of(statement::kind_of(fields), month)
}

/// Where something is decided, and what came of it is seen.
fn place_of(kind: Option<EventKind>, month: Option<Month>) -> String {
    use EventKind::{Adjust, DisputeResolve, HoldRelease, Transfer, VoucherAnswer, VoucherSet};
    match (kind, month) {
        (Some(VoucherSet | VoucherAnswer | Transfer | Adjust), _) => "/console/vouchers".to_owned(),
        (Some(DisputeResolve), _) => "/console/undecided".to_owned(),
        (Some(HoldRelease), _) => "/console/holds".to_owned(),
        (_, Some(month)) => format!("/console/months/{month}"),
        (_, None) => "/console/providers".to_owned(),
    }
}

/// What came of something that the visitor signed, and its receipt.
pub(super) async fn signed(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    Segment(event): Segment<String>,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let hash = Hash::from_hex(&event).ok_or_else(nothing)?;
    let found = server.signed_by(visitor.signed_in()?.account, hash).await?.ok_or_else(nothing)?;
    let event = &found.event;
    let draft = EventDraft {
        child: event.child,
        voucher: event.voucher,
        provider: event.provider,
        about: event.about,
        month: event.month,
        amount_tiyn: event.amount_tiyn,
        document: event.document.clone(),
        group: event.group,
        from_day: event.from_day,
        ground: event.ground,
        cause: event.cause,
        evidence: event.evidence,
        decision: event.decision,
        verdict: event.verdict,
        finding: event.finding,
        ..EventDraft::new(event.kind, event.wall_ms, event.mono_ms, event.boot)
    };
    let snapshots = server.snapshots().await?;
    let said = statement::said(w, &draft, &Names::of(&draft, &snapshots.newest().snapshot));
    let mut facts: Vec<(String, Markup)> =
        said.into_iter().map(|one| (one.label, frame::cell(one.shown))).collect();
    facts.push((w.t("sign-dated"), frame::cell(w.moment(event.wall_ms))));
    facts.push((w.t("said-leaf"), html! { span data-testid="leaf" { (found.leaf) } }));
    facts.push((w.t("event-hash"), html! { code { (hash) } }));
    let month = event.month.and_then(|month| Month::from_number(month).ok());
    let body = html! {
        (outcome(w, &found.outcome))
        (frame::facts(&facts))
        p { a.button href={ "/console/signed/" (hash) "/receipt.json" } { (w.t("receipt-file")) } }
        p.soft { (w.t("receipt-how")) }
        p { a href=(place_of(Some(event.kind), month)) data-testid="see-state" { (w.t("signed-see")) } }
    };
    Ok(frame::page(&visitor, &w.t("signed-title"), &body))
}

fn outcome(w: Words, outcome: &Outcome) -> Markup {
    let (name, counts, text) = match outcome {
        Outcome::Counts => ("counts", true, w.t("signed-counts")),
        Outcome::Proposed => ("proposed", true, w.t("signed-proposed")),
        // The log's own reason, in its one language.
        Outcome::Ignored(why) => {
            ("ignored", false, w.with("signed-ignored", &[("why", why.clone())]))
        }
    };
    let class = if counts { "good" } else { "warn" };
    html! { p class=(class) role="status" data-testid="signed" data-outcome=(name) { (text) } }
}

/// The receipt of something that the visitor signed, as a file that a stranger checks.
pub(super) async fn receipt(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    Segment(event): Segment<String>,
) -> Result<Response, ServerError> {
    let hash = Hash::from_hex(&event).ok_or_else(nothing)?;
    let account = visitor.signed_in()?.account;
    let file = server.receipt_file(account, hash).await?.ok_or_else(nothing)?;
    let name = "attachment; filename=\"signature.receipt.json\"";
    Ok(([(header::CONTENT_DISPOSITION, name)], Json(file)).into_response())
}

fn nothing() -> ServerError {
    ServerError::refused(ProblemKind::NotFound, "nothing of that name was signed by this account")
}
