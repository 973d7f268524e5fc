//! Closing a month: what would be closed if it were closed now, and the form that leads to signing it.

use ledger::{Month, Tiyn, local_day};
use maud::{Markup, html};
use sync_api::SheetStandingResponse;

use super::access::Visitor;
use super::words::Words;
use super::{forms, frame};
use crate::board::CloseOutlook;

const CLOSE: &str = "/console/months/close";

/// The part of an open month's page for whoever closes it.
pub(super) fn section(
    visitor: &Visitor,
    month: Month,
    outlook: &CloseOutlook,
    sheets: &[SheetStandingResponse],
) -> Markup {
    let w = visitor.words;
    let from = local_day(outlook.month.close_from_ms).map(|day| day.to_string());
    html! {
        section data-testid="to-close" data-may=(outlook.may_close) {
            h2 { (w.t("close-title")) }
            @if outlook.closed {
                p role="status" { (w.t("close-running")) }
            } @else if outlook.may_close {
                (self::outlook(w, outlook, sheets))
                (forms::look(visitor, CLOSE, "month-close", &vec![("month", month.to_string())], &html! {
                    p { (w.t("close-lead")) }
                }))
            } @else {
                p { (w.with("close-from", &[("day", from.unwrap_or_default())])) }
            }
        }
    }
}

/// What a close would take as it is: sums, and what nobody has answered, decided or signed.
pub(super) fn outlook(w: Words, now: &CloseOutlook, sheets: &[SheetStandingResponse]) -> Markup {
    let month = &now.month;
    let is_signed = |one: &&SheetStandingResponse| {
        one.sheet.signatures.iter().any(|signature| signature.side == "provider")
    };
    let unsigned = sheets.len() - sheets.iter().filter(is_signed).count();
    let facts = [
        (w.t("visits"), frame::cell(month.visits)),
        (w.t("confirmed"), frame::cell(month.confirmed)),
        (w.t("awaiting"), frame::cell(month.awaiting)),
        (w.t("disputed"), frame::cell(month.disputed)),
        (w.t("close-undecided"), html! { span data-testid="close-undecided" { (now.undecided) } }),
        (w.t("close-unsigned"), html! { span data-testid="close-unsigned" { (unsigned) } }),
        (w.t("accrued"), frame::cell(w.sum(Tiyn(month.accrued_tiyn)))),
        (w.t("held"), frame::cell(w.sum(Tiyn(month.held_tiyn)))),
        (w.t("released"), frame::cell(w.sum(Tiyn(month.released_tiyn)))),
    ];
    html! {
        (frame::facts(&facts))
        @if now.undecided > 0 {
            p.warn { (w.t("close-waits")) " " a href="/console/undecided" { (w.t("undecided-title")) } }
        }
    }
}
