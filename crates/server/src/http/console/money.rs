//! Money: a year's budget.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use ledger::report::{BudgetMonth, BudgetReport};
use maud::{Markup, html};

use super::access::{Visitor, asked_for};
use super::words::Words;
use super::{frame, volumes};
use crate::error::ServerError;
use crate::http::problem::malformed;
use crate::server::Server;

pub(super) async fn budget(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let today = ledger::Month::of(server.today()?).map_err(malformed)?;
    let year = match asked_for(&visitor.place, "year") {
        Some(year) => year.parse::<u16>().map_err(malformed)?,
        None => today.year(),
    };
    let report = server.budget_report(year).await?;
    let body = html! {
        form.panel method="get" action="/console/budget" {
            label for="year" { (w.t("year")) }
            input #year name="year" value=(year) required inputmode="numeric" maxlength="4" autocomplete="off";
            button { (w.t("show")) }
        }
        @if report.budgets.is_empty() { p data-testid="no-budget" { (w.t("budget-none")) } }
        @for one in &report.budgets { (volume(w, one)) }
        @if report.unbudgeted.vouchers > 0 {
            p.warn {
                (w.with("unbudgeted", &[
                    ("count", report.unbudgeted.vouchers.to_string()),
                    ("sum", w.sum(report.unbudgeted.contracted_tiyn)),
                ]))
            }
        }
        @if visitor.prepares() { (volumes::forms(&visitor, &report)) }
    };
    Ok(frame::page(&visitor, &w.t("budget-title"), &body))
}

fn volume(w: Words, one: &BudgetReport) -> Markup {
    let facts = [
        (w.t("norm"), frame::cell(w.sum(one.norm_tiyn))),
        (
            w.t("planned-children"),
            frame::cell(one.planned.map(|it| it.to_string()).unwrap_or_default()),
        ),
        (
            w.t("taught-children"),
            frame::cell(one.taught.map(|it| it.to_string()).unwrap_or_default()),
        ),
        (w.t("forecast-children"), frame::cell(one.forecast)),
        (w.t("formula"), frame::cell(w.sum(one.formula_tiyn))),
        (w.t("caps"), frame::cell(w.sum(one.caps_tiyn))),
        (w.t("limit"), frame::cell(w.sum(one.limit_tiyn))),
        (w.t("committed"), frame::cell(w.sum(one.committed_tiyn))),
        (w.t("free"), frame::cell(w.sum(one.free_tiyn))),
        (w.t("vouchers-title"), frame::cell(one.vouchers)),
        (w.t("accrued"), frame::cell(w.sum(one.money.accrued_tiyn))),
        (w.t("paid"), frame::cell(w.sum(one.money.paid_tiyn))),
        (w.t("held"), frame::cell(w.sum(one.money.held_tiyn))),
        (w.t("released"), frame::cell(w.sum(one.money.released_tiyn))),
    ];
    let corrections: Vec<Vec<Markup>> = one
        .corrections
        .iter()
        .map(|it| {
            let texts =
                [it.day.to_string(), w.sum(it.amount_tiyn), it.reason.clone(), it.document.clone()];
            texts.iter().map(frame::cell).collect()
        })
        .collect();
    let months: Vec<Vec<Markup>> = one.months.iter().map(|month| budget_row(w, month)).collect();
    html! {
        section data-testid="budget" data-id=(one.id) {
            h2 { (one.id) ": " (one.from) " – " (one.to) }
            @if let Some(over) = &one.over {
                p.warn {
                    (w.with("over", &[
                        ("sum", w.sum(over.excess_tiyn)), ("count", over.vouchers.to_string()),
                    ]))
                }
            }
            (frame::facts(&facts))
            (frame::table(
                &w.t("budget-months"),
                &[w.t("month"), w.t("vouchers-title"), w.t("taught-children"), w.t("planned-children"),
                  w.t("plan"), w.t("caps"), w.t("accrued"), w.t("paid"), w.t("held"), w.t("released")],
                &months,
            ))
            @if !corrections.is_empty() {
                (frame::table(
                    &w.t("corrections-caption"),
                    &[w.t("day"), w.t("sum"), w.t("reason"), w.t("document")],
                    &corrections,
                ))
            }
        }
    }
}

fn budget_row(w: Words, month: &BudgetMonth) -> Vec<Markup> {
    let forecast = month.close_leaf.is_none();
    vec![
        html! {
            (month.month)
            @if forecast { " " span.soft { (w.t("forecast")) } }
        },
        frame::cell(month.vouchers),
        frame::cell(month.contingent),
        frame::cell(month.planned.map(|it| it.to_string()).unwrap_or_default()),
        frame::cell(w.sum(month.parts_tiyn)),
        frame::cell(w.sum(month.caps_tiyn)),
        frame::cell(w.sum(month.money.accrued_tiyn)),
        frame::cell(w.sum(month.money.paid_tiyn)),
        frame::cell(w.sum(month.money.held_tiyn)),
        frame::cell(w.sum(month.money.released_tiyn)),
    ]
}
