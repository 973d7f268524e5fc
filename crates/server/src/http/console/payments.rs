//! The Treasury's payments: a notice for each provider that is not paid, typed or from its file.
//!
//! A file is judged and never entered: each good row leads to a form of its own, since each is signed.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use ledger::{
    JudgedPayment, Month, PAYMENT_DOCUMENT_LETTERS_MAX, PaymentColumns, PaymentRow,
    PaymentRowRefusal, PaymentState, PaymentVerdict, Tiyn,
};
use maud::{Markup, html};

use super::access::{Fields, Visitor};
use super::words::Words;
use super::{forms, frame};
use crate::error::ServerError;
use crate::payments::PaymentLine;
use crate::server::Server;
use crate::tables::TableFinding;

const SIGN: &str = "/console/payments/sign";
const JUDGED: &str = "/console/payments/judged";

/// The notices that are still to be entered for a month, one form a provider.
pub(super) fn to_enter(visitor: &Visitor, month: Month, lines: &[PaymentLine]) -> Markup {
    let w = visitor.words;
    let unpaid = |one: &&PaymentLine| {
        let waits = matches!(one.state, PaymentState::Awaiting | PaymentState::Refused { .. });
        waits && one.due > Tiyn::ZERO
    };
    html! {
        @for one in lines.iter().filter(unpaid) {
            section data-testid="to-pay" data-provider=(one.provider) {
                h2 { (w.with("to-pay", &[("name", one.name.clone())])) }
                @if let PaymentState::Refused { reason, .. } = &one.state {
                    // The log's own reason, in its one language.
                    p.warn { (w.with("payment-unfit", &[("why", reason.to_string())])) }
                }
                (notice(visitor, month, one))
            }
        }
    }
}

fn notice(visitor: &Visitor, month: Month, one: &PaymentLine) -> Markup {
    let w = visitor.words;
    let of = vec![("provider", one.provider.to_string()), ("month", month.to_string())];
    let (sum, document) = (format!("sum-{}", one.provider), format!("paid-{}", one.provider));
    forms::look(
        visitor,
        SIGN,
        "payment",
        &of,
        &html! {
            label for=(sum) { (w.t("payment-sum")) }
            input id=(sum) name="sum" value=(one.due) required inputmode="decimal" maxlength="24"
                autocomplete="off";
            (forms::document_field(&document, w.t("payment"), None))
        },
    )
}

/// Takes a file, or what was copied out of one.
pub(super) async fn page(visitor: Visitor) -> Response {
    let w = visitor.words;
    let body = html! {
        p { (w.t("payments-lead")) }
        (frame::form(&visitor, JUDGED, &html! {
            (forms::table_field(w))
            label for="of-month" { (w.t("payments-month")) }
            input #of-month name="month" maxlength="7" placeholder="2026-09" autocomplete="off";
            button data-testid="judge" { (w.t("look-first")) }
        }))
    };
    frame::page(&visitor, &w.t("payments-title"), &body)
}

/// Says of each row what it is. Nothing is entered by it.
pub(super) async fn judged(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let month = fields.text("month").map(str::parse::<Month>);
    let body = match (read(w, fields.text("table").unwrap_or_default()), month) {
        (_, Some(Err(_))) => unread(&w.t("payments-no-month")),
        (Err(why), _) => unread(&why),
        (Ok((columns, rows)), month) => {
            let month = month.and_then(Result::ok);
            let judged = columns.judge(&rows, &server.month_dues().await?, month);
            let snapshots = server.snapshots().await?;
            let newest = &snapshots.newest().snapshot;
            let name = |row: &PaymentRow| {
                newest.provider(row.provider).map(|one| one.name.clone()).unwrap_or_default()
            };
            listed(&visitor, &judged, &name)
        }
    };
    let body = html! { (body) p { a href="/console/payments" { (w.t("back")) } } };
    Ok(frame::page(&visitor, &w.t("payments-title"), &body))
}

type Read = (PaymentColumns, Vec<(usize, Vec<String>)>);

fn read(w: Words, text: &str) -> Result<Read, String> {
    let table = paper::read_table(text.as_bytes());
    let table = table.map_err(|error| w.finding(&TableFinding::File(error)))?;
    let columns = PaymentColumns::of(&table.header);
    let columns = columns.map_err(|missing| w.finding(&TableFinding::Missing(missing)))?;
    Ok((columns, table.rows))
}

fn unread(why: &str) -> Markup {
    html! { p.warn role="alert" data-testid="unread" { (why) } }
}

fn listed(
    visitor: &Visitor,
    judged: &[JudgedPayment],
    name: &dyn Fn(&PaymentRow) -> String,
) -> Markup {
    let w = visitor.words;
    let count = |is: fn(&PaymentVerdict) -> bool| {
        judged.iter().filter(|one| is(&one.verdict)).count().to_string()
    };
    let counts = [
        ("good", count(|one| matches!(one, PaymentVerdict::Accepted(_)))),
        ("known", count(|one| matches!(one, PaymentVerdict::Known { .. }))),
        ("refused", count(|one| matches!(one, PaymentVerdict::Refused(_)))),
    ];
    let rows: Vec<Vec<Markup>> = judged.iter().map(|one| row(visitor, one, name)).collect();
    html! {
        p role="status" data-testid="judged" { (w.with("payments-counted", &counts)) }
        (frame::table(&w.t("payments-title"), &[w.t("payment-row"), w.t("said-outcome"), w.t("what")], &rows))
    }
}

fn row(
    visitor: &Visitor,
    one: &JudgedPayment,
    name: &dyn Fn(&PaymentRow) -> String,
) -> Vec<Markup> {
    let w = visitor.words;
    let (verdict, said, step) = match &one.verdict {
        PaymentVerdict::Accepted(row) => {
            let said = w.with(
                "payment-would",
                &[
                    ("name", name(row)),
                    ("month", row.month.to_string()),
                    ("sum", w.sum(row.sum)),
                    ("document", row.document.clone()),
                ],
            );
            ("good", said, good(visitor, row))
        }
        PaymentVerdict::Known { document } => {
            ("known", w.with("payment-known", &[("document", document.clone())]), html! {})
        }
        PaymentVerdict::Refused(why) => ("refused", refusal(w, why), html! {}),
    };
    vec![
        frame::cell(one.row),
        html! { span data-row=(one.row) data-verdict=(verdict) { (said) } },
        step,
    ]
}

/// The form of a good row: a window of its own, so that the list stays.
fn good(visitor: &Visitor, row: &PaymentRow) -> Markup {
    let of = vec![
        ("provider", row.provider.to_string()),
        ("month", row.month.to_string()),
        ("sum", row.sum.to_string()),
        ("document", row.document.clone()),
    ];
    html! {
        form method="post" action=(SIGN) target="_blank" {
            (frame::form_word(visitor))
            input type="hidden" name="what" value="payment";
            (forms::hidden(&of))
            button data-testid="payment" { (visitor.words.t("look-first")) }
        }
    }
}

fn refusal(w: Words, why: &PaymentRowRefusal) -> String {
    use PaymentRowRefusal::{
        EmptyCell, LongDocument, NoMonth, NoSum, NotClosed, NothingDue, PaidOtherwise, Twice,
        UnknownProvider, WrongSum,
    };
    match why {
        EmptyCell { column } => w.with("cell-empty", &[("column", (*column).to_owned())]),
        NoSum { value } => {
            w.with("cell-no-sum", &[("column", "sum".to_owned()), ("value", value.clone())])
        }
        NoMonth { value } => w.with("cell-no-month", &[("value", value.clone())]),
        LongDocument => {
            w.with("payment-long-document", &[("most", PAYMENT_DOCUMENT_LETTERS_MAX.to_string())])
        }
        NotClosed { month } => w.with("payment-not-closed", &[("month", month.to_string())]),
        UnknownProvider { named, month } => w.with(
            "payment-unknown-provider",
            &[("provider", named.clone()), ("month", month.to_string())],
        ),
        NothingDue { month } => w.with("payment-nothing-due", &[("month", month.to_string())]),
        WrongSum { due, found } => {
            w.with("payment-wrong-sum", &[("due", w.sum(*due)), ("found", w.sum(*found))])
        }
        PaidOtherwise { document } => {
            w.with("payment-paid-otherwise", &[("document", document.clone())])
        }
        Twice { first } => w.with("payment-twice", &[("first", first.to_string())]),
    }
}
