//! Held money of closed months, and the forms that let it through or give it back.

use std::sync::Arc;

use attendance::{Decision, EventKind};
use axum::extract::State;
use axum::response::Response;
use ledger::Tiyn;
use ledger::report::{HoldProposal, HoldReport};
use maud::{Markup, html};

use super::access::Visitor;
use super::statement::decision_name;
use super::{forms, frame};
use crate::error::ServerError;
use crate::server::Server;
use crate::views::Answered;

const DECIDE: &str = "/console/holds/decide";
/// So many are on the page at most.
const LISTED_MAX: usize = 500;

pub(super) async fn page(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let mut holds = server.holds_report().await?;
    let all = holds.len();
    // What one person began comes first.
    holds.sort_by_key(|one| one.proposal.is_none());
    holds.truncate(LISTED_MAX);
    server.saw(visitor.viewer()?, Answered::Voucher, holds.iter().map(|one| one.child)).await?;
    let body = html! {
        @if holds.is_empty() {
            p role="status" data-testid="nothing-held" { (w.t("holds-none")) }
        } @else {
            p { (w.t("holds-lead")) }
        }
        @if all > holds.len() {
            p.warn { (w.with("and-more", &[("count", (all - holds.len()).to_string())])) }
        }
        @for one in &holds { (hold(&visitor, one)) }
    };
    Ok(frame::page(&visitor, &w.t("holds-title"), &body))
}

fn hold(visitor: &Visitor, one: &HoldReport) -> Markup {
    let w = visitor.words;
    let mut facts = vec![(w.t("provider"), frame::cell(&one.provider_name))];
    if one.suspended_tiyn > Tiyn::ZERO {
        facts.push((w.t("suspended"), frame::cell(w.sum(one.suspended_tiyn))));
    }
    if one.waiting_tiyn > Tiyn::ZERO {
        facts.push((w.t("waiting"), frame::cell(w.sum(one.waiting_tiyn))));
    }
    html! {
        section data-testid="hold" data-voucher=(one.voucher) data-month=(one.month) {
            h2 { (one.number) ", " (one.month) }
            (frame::facts(&facts))
            @if one.locked { p.soft { (w.t("hold-locked")) } }
            @match &one.proposal {
                Some(proposal) => { (second(visitor, one, proposal)) }
                None => { (first(visitor, one)) }
            }
        }
    }
}

fn first(visitor: &Visitor, one: &HoldReport) -> Markup {
    let w = visitor.words;
    let mut of = line(one);
    of.push(("provider", one.provider.to_string()));
    let steps = [("hold-pay", w.t("hold-pay")), ("hold-return", w.t("hold-return"))];
    let choices = ("hold-decide", &steps[..]);
    forms::choose(visitor, DECIDE, choices, &of, w.t("order-number"), &html! {})
}

/// The second half of what one person began: the same decision, and nothing else.
fn second(visitor: &Visitor, one: &HoldReport, proposal: &HoldProposal) -> Markup {
    let w = visitor.words;
    let mut of = line(one);
    of.extend(proposal.provider.map(|provider| ("provider", provider.to_string())));
    of.push(("about", proposal.event.to_string()));
    let what = if proposal.decision == Decision::Pay { "hold-pay" } else { "hold-return" };
    let decision = decision_name(w, EventKind::HoldRelease, proposal.decision);
    forms::look(
        visitor,
        DECIDE,
        what,
        &of,
        &html! {
            p { (w.with("hold-second", &[("decision", decision)])) }
            (forms::document_field(&format!("second-{}-{}-{}", one.month, one.voucher, one.provider), w.t("order-number"), None))
        },
    )
}

fn line(one: &HoldReport) -> forms::Pairs {
    vec![("voucher", one.voucher.to_string()), ("month", one.month.to_string())]
}
