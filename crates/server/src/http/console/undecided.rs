//! The visits that wait for the district's word, and the form of it.

use std::sync::Arc;

use attendance::{EventDraft, EventKind};
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use sync_api::{UNDECIDED_MAX, UndecidedResponse};

use super::access::Visitor;
use super::statement::{FINDINGS, finding_name};
use super::words::Words;
use super::{forms, frame};
use crate::board::undecided_response;
use crate::error::ServerError;
use crate::server::Server;
use crate::views::Answered;

const DECIDE: &str = "/console/undecided/decide";

pub(super) async fn page(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let visits = server.undecided_now().await?;
    let shown = &visits[..visits.len().min(UNDECIDED_MAX)];
    server.saw(visitor.viewer()?, Answered::Visits, shown.iter().map(|one| one.child)).await?;
    let snapshots = server.snapshots().await?;
    let newest = &snapshots.newest().snapshot;
    let more = visits.len() - shown.len();
    let body = html! {
        @if visits.is_empty() {
            p role="status" data-testid="none-undecided" { (w.t("undecided-none")) }
        } @else {
            p { (w.t("undecided-lead")) }
        }
        @if more > 0 { p.warn { (w.with("and-more", &[("count", more.to_string())])) } }
        @for one in shown { (visit(&visitor, &undecided_response(one, newest))) }
    };
    Ok(frame::page(&visitor, &w.t("undecided-title"), &body))
}

fn visit(visitor: &Visitor, one: &UndecidedResponse) -> Markup {
    let w = visitor.words;
    let event = one.event.0.to_string();
    let why =
        if one.why == "conflict" { w.t("undecided-conflict") } else { w.t("undecided-disputed") };
    let until = one.decide_until.clone().unwrap_or_default();
    let facts = [
        (w.t("provider"), frame::cell(&one.provider)),
        (w.t("voucher-number"), frame::cell(&one.voucher)),
        (w.t("reason"), frame::cell(why)),
        (w.t("undecided-until"), frame::cell(until)),
    ];
    let (finding, document) = (format!("finding-{event}"), format!("paper-{event}"));
    let verdict = format!("verdict-{event}");
    html! {
        section data-testid="undecided" data-event=(event) {
            h2 { (in_words(w, one)) }
            (frame::facts(&facts))
            (forms::look(visitor, DECIDE, "visit-decide", &vec![("about", event.clone())], &html! {
                label for=(verdict) { (w.t("verdict")) }
                // Nothing is chosen for whoever decides.
                select id=(verdict) name="verdict" required {
                    option value="" {}
                    option value="was" { (w.t("visit-was")) }
                    option value="was-not" { (w.t("visit-was-not")) }
                }
                label for=(finding) { (w.t("finding")) }
                select id=(finding) name="finding" {
                    @for (one, word) in FINDINGS { option value=(word) { (finding_name(w, one)) } }
                }
                (forms::document_field(&document, w.t("document"), None))
            }))
        }
    }
}

/// When a visit was, and in which group.
fn in_words(w: Words, one: &UndecidedResponse) -> String {
    format!("{}, {}", w.moment(one.start_ms), one.group)
}

/// Says how people know the visit that a draft decides about, and notes that it was shown; nothing if it
/// waits for no decision.
pub(super) async fn named(
    server: &Server,
    visitor: &Visitor,
    draft: &EventDraft,
) -> Result<Option<String>, ServerError> {
    if draft.kind != EventKind::DisputeResolve {
        return Ok(None);
    }
    let visits = server.undecided_now().await?;
    let Some(one) = visits.iter().find(|one| Some(one.event) == draft.about) else {
        return Ok(None);
    };
    server.saw(visitor.viewer()?, Answered::Visits, [one.child]).await?;
    let snapshots = server.snapshots().await?;
    let one = undecided_response(one, &snapshots.newest().snapshot);
    Ok(Some(format!("{}, {}", in_words(visitor.words, &one), one.voucher)))
}
