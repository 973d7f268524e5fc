//! Money: a voucher by its number, and a year's budget.

use std::sync::Arc;

use attendance::Action;
use axum::extract::State;
use axum::response::Response;
use ledger::report::{BudgetMonth, BudgetReport, PartReport, VoucherReport, VoucherReportState};
use ledger::voucher::PartState;
use maud::{Markup, html};

use super::access::{Visitor, asked_for};
use super::words::Words;
use super::{frame, volumes};
use crate::error::ServerError;
use crate::http::problem::malformed;
use crate::server::Server;
use crate::views::Answered;

/// The longest number of a voucher that is looked for, in bytes.
const NUMBER_MAX_BYTES: usize = 64;

pub(super) async fn vouchers(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let number = asked_for(&visitor.place, "number");
    let number = number.filter(|number| number.len() <= NUMBER_MAX_BYTES).unwrap_or_default();
    let found = if number.is_empty() { None } else { server.voucher_of(&number).await? };
    if let Some((_, child)) = &found {
        server.saw(visitor.viewer()?, Answered::Voucher, [*child]).await?;
    }
    let body = html! {
        form.panel method="get" action="/console/vouchers" {
            label for="number" { (w.t("voucher-number")) }
            input #number name="number" value=(number) required maxlength="64" autocomplete="off";
            button { (w.t("show")) }
        }
        @match &found {
            Some((report, _)) => { (voucher(w, report)) }
            None if number.is_empty() => {}
            None => { p.warn role="status" data-testid="no-voucher" { (w.t("voucher-none")) } }
        }
    };
    Ok(frame::page(&visitor, &w.t("vouchers-title"), &body))
}

fn voucher(w: Words, one: &VoucherReport) -> Markup {
    let state = match one.state {
        VoucherReportState::Active => w.t("voucher-active"),
        VoucherReportState::Contracted => w.t("voucher-contracted"),
        VoucherReportState::Completed => w.t("voucher-completed"),
        VoucherReportState::Annulled => w.t("voucher-annulled"),
    };
    let account = &one.account;
    let mut facts = vec![
        (w.t("state"), frame::cell(state)),
        (w.t("since-leaf"), frame::cell(one.since_leaf)),
        (w.t("account-opened"), frame::cell(account.opened_on)),
        (w.t("credited"), frame::cell(w.sum(account.credited_tiyn))),
        (w.t("debited"), frame::cell(w.sum(account.debited_tiyn))),
        (w.t("due"), frame::cell(w.sum(account.due_tiyn))),
        (w.t("held"), frame::cell(w.sum(account.held_tiyn))),
        (w.t("released"), frame::cell(w.sum(account.released_tiyn))),
        (w.t("open-months"), frame::cell(w.sum(account.open_tiyn))),
    ];
    if let Some(day) = account.closed_on {
        facts.push((w.t("account-closed"), frame::cell(day)));
    }
    let places: Vec<Vec<Markup>> = one
        .places
        .iter()
        .map(|place| {
            let texts = [place.provider_name.clone(), place.from.to_string(), place.to.to_string()];
            texts.iter().map(frame::cell).collect()
        })
        .collect();
    let parts: Vec<Vec<Markup>> = one.parts.iter().map(|part| part_row(w, part)).collect();
    html! {
        section data-testid="voucher" data-number=(one.number) {
            h2 { (one.number) }
            (frame::facts(&facts))
            (frame::table(&w.t("places-caption"), &[w.t("provider"), w.t("first-day"), w.t("last-day")], &places))
            (frame::table(
                &w.t("parts-caption"),
                &[w.t("month"), w.t("state"), w.t("plan"), w.t("accrued"), w.t("held"),
                  w.t("released"), w.t("paid"), w.t("act-number"), w.t("payment")],
                &parts,
            ))
        }
    }
}

fn part_row(w: Words, part: &PartReport) -> Vec<Markup> {
    let state = match part.state {
        PartState::Planned => w.t("part-planned"),
        PartState::Open => w.t("part-open"),
        PartState::Sheet => w.t("part-sheet"),
        PartState::Earned => w.t("part-earned"),
        PartState::Acted => w.t("part-acted"),
        PartState::Paid => w.t("part-paid"),
        PartState::Held => w.t("part-held"),
        PartState::Released => w.t("part-released"),
    };
    let act = part.act.as_ref().map(|act| act.number.clone());
    vec![
        frame::cell(part.month),
        frame::cell(state),
        frame::cell(w.sum(part.plan_tiyn)),
        frame::cell(w.sum(part.accrued_tiyn)),
        frame::cell(w.sum(part.held_tiyn)),
        frame::cell(w.sum(part.released_tiyn)),
        frame::cell(w.sum(part.paid_tiyn)),
        frame::cell(act.unwrap_or_default()),
        frame::cell(part.document.clone().unwrap_or_default()),
    ]
}

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
        @if visitor.scope(Action::ChangeParameters).does() { (volumes::forms(&visitor, &report)) }
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
