//! Months: who holds each sheet, the sheets and acts of one, its registry.

use std::sync::Arc;

use attendance::Action;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use ledger::{Month, Tiyn};
use maud::{Markup, html};
use sync_api::{
    MonthResponse, MonthStage, PaperResponse, SheetHolderResponse, SheetResponse,
    SheetStandingResponse,
};

use super::access::Visitor;
use super::words::Words;
use super::{closing, forms, frame, payments};
use crate::error::ServerError;
use crate::http::month::parse;
use crate::http::problem::malformed;
use crate::http::segment::Segment;
use crate::server::Server;
use crate::sheets::Reach;
use crate::views::Answered;

pub(super) async fn months(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let reach = visitor.reach();
    let board = server.board().await?;
    let this = Month::of(server.today()?).map_err(malformed)?.number();
    let (to_come, begun): (Vec<_>, Vec<_>) =
        board.months.iter().rev().partition(|month| month.month > this);
    let body = html! {
        @if board.months.is_empty() { p { (w.t("months-none")) } }
        @for month in begun { (month_part(w, month, reach)?) }
        @if !to_come.is_empty() {
            details {
                summary { (w.t("months-to-come")) }
                @for month in to_come.into_iter().rev() { (month_part(w, month, reach)?) }
            }
        }
    };
    Ok(frame::page(&visitor, &w.t("months-title"), &body))
}

/// A month's sums, for the district, and whose turn each sheet is.
fn month_part(w: Words, month: &MonthResponse, reach: Reach) -> Result<Markup, ServerError> {
    let number = Month::from_number(month.month).map_err(|_| ServerError::Stored("month"))?;
    let lines = month.providers.iter().filter(|line| reach.covers(line.provider));
    let rows: Vec<Vec<Markup>> = lines
        .map(|line| {
            vec![
                frame::cell(&line.name),
                frame::cell(line.children),
                frame::cell(w.sum(Tiyn(line.accrued_tiyn))),
                frame::cell(w.sum(Tiyn(line.held_tiyn))),
                line.sheet.as_ref().map_or_else(|| html! {}, |sheet| holder(w, &turn(sheet))),
                frame::cell(line.document.clone().unwrap_or_default()),
            ]
        })
        .collect();
    let heads = [
        w.t("provider"),
        w.t("children"),
        w.t("accrued"),
        w.t("held"),
        w.t("turn"),
        w.t("payment"),
    ];
    let sums = [
        (w.t("visits"), frame::cell(month.visits)),
        (w.t("confirmed"), frame::cell(month.confirmed)),
        (w.t("awaiting"), frame::cell(month.awaiting)),
        (w.t("disputed"), frame::cell(month.disputed)),
        (w.t("plan"), frame::cell(w.sum(Tiyn(month.plan_tiyn)))),
        (w.t("accrued"), frame::cell(w.sum(Tiyn(month.accrued_tiyn)))),
        (w.t("held"), frame::cell(w.sum(Tiyn(month.held_tiyn)))),
        (w.t("released"), frame::cell(w.sum(Tiyn(month.released_tiyn)))),
    ];
    let stage = match month.stage {
        MonthStage::Open => w.t("stage-open"),
        MonthStage::Closed => w.t("stage-closed"),
        MonthStage::Paid => w.t("stage-paid"),
    };
    let caption = w.with("month-caption", &[("month", number.to_string())]);
    Ok(html! {
        section data-testid="month" data-month=(number) {
            h2 { a href={ "/console/months/" (number) } { (number) } " – " (stage) }
            @if reach == Reach::District { (frame::facts(&sums)) }
            (frame::table(&caption, &heads, &rows))
        }
    })
}

fn turn(sheet: &SheetResponse) -> SheetHolderResponse {
    let SheetResponse { step, holder, since, until, late } = sheet.clone();
    SheetHolderResponse { step, holder, since, until, late }
}

/// Whose turn it is, and until when.
fn holder(w: Words, at: &SheetHolderResponse) -> Markup {
    let step = match at.step.as_str() {
        "soft_close" => w.t("step-soft-close"),
        "parents_sign" => w.t("step-parents-sign"),
        "sheet" => w.t("step-sheet"),
        "check" => w.t("step-check"),
        "act" => w.t("step-act"),
        "request" => w.t("step-request"),
        "payment" => w.t("step-payment"),
        other => other.to_owned(),
    };
    let who = match at.holder.as_str() {
        "teacher" => w.t("holder-teacher"),
        "parent" => w.t("holder-parent"),
        "provider" => w.t("holder-provider"),
        "issuer" => w.t("holder-issuer"),
        "treasury" => w.t("holder-treasury"),
        other => other.to_owned(),
    };
    let until = w.with("until", &[("day", at.until.clone())]);
    html! {
        (who) ": " (step) ", " (until)
        @if at.late { " – " span.late { (w.t("late")) } }
    }
}

pub(super) async fn sheets(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    Segment(month): Segment<String>,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let month = parse(&month)?;
    let (sheets, children) = server.sheets(visitor.reach(), month).await?;
    server.saw(visitor.viewer()?, Answered::Sheets, children).await?;
    let rows: Vec<Vec<Markup>> = sheets.sheets.iter().map(|one| sheet_row(w, one)).collect();
    let acts: Vec<Vec<Markup>> = sheets.sheets.iter().filter_map(|one| act_row(w, one)).collect();
    let whole = visitor.scope(Action::ReadMonth).does();
    let closed = sheets.close_leaf.is_some();
    let outlook = if !closed && visitor.scope(Action::CloseMonth).decides() {
        server.close_outlook(month).await?
    } else {
        None
    };
    let payments = if visitor.scope(Action::EnterPayment).decides() {
        server.payment_lines(month).await?
    } else {
        Vec::new()
    };
    let body = html! {
        @match sheets.close_leaf {
            Some(leaf) => p { (w.with("closed-by", &[("leaf", leaf.to_string())])) },
            None => p { (w.t("month-open")) },
        }
        (frame::table(
            &w.t("sheets-caption"),
            &[w.t("provider"), w.t("state"), w.t("turn"), w.t("signatures"), w.t("decisions"), w.t("hash")],
            &rows,
        ))
        @if !acts.is_empty() {
            (frame::table(
                &w.t("acts-of-month"),
                &[w.t("provider"), w.t("act-number"), w.t("due"), w.t("signatures"), w.t("payment"), w.t("withheld")],
                &acts,
            ))
        }
        @if sheets.acts_required { p.soft { (w.t("acts-required")) } }
        @for one in &sheets.sheets { (forms::sheet(&visitor, month, one)) }
        @if let Some(outlook) = &outlook {
            (closing::section(&visitor, month, outlook, &sheets.sheets))
        }
        (payments::to_enter(&visitor, month, &payments))
        @if whole {
            h2 { (w.t("month-files")) }
            ul {
                @if closed {
                    li { a href={ "/console/registry/" (month) ".csv" } { (w.t("registry-csv")) } }
                    li { a href={ "/console/registry/" (month) ".json" } { (w.t("registry-json")) } }
                }
                li { a href={ "/console/signals/" (month) } { (w.t("signals-link")) } }
            }
        }
    };
    let title = w.with("sheets-title", &[("month", month.to_string())]);
    Ok(frame::page(&visitor, &title, &body))
}

fn sheet_row(w: Words, one: &SheetStandingResponse) -> Vec<Markup> {
    let state = match one.state.as_str() {
        "OPEN" => w.t("sheet-open"),
        "PARENTS" => w.t("sheet-parents"),
        "PROVIDER_SIGNED" => w.t("sheet-provider-signed"),
        "ISSUER_REVIEW" => w.t("sheet-issuer-review"),
        "REVISION" => w.t("sheet-revision"),
        "APPROVED" => w.t("sheet-approved"),
        "ACTED" => w.t("sheet-acted"),
        "PAID" => w.t("sheet-paid"),
        "CLOSED" => w.t("sheet-closed"),
        "PAUSED" => w.t("sheet-paused"),
        "INVALID" => w.t("sheet-invalid"),
        other => other.to_owned(),
    };
    let told = [
        (w.t("returned"), &one.returned),
        (w.t("paused"), &one.paused),
        (w.t("invalid"), &one.invalid),
    ];
    let decisions = html! {
        ul {
            @for (what, told) in &told {
                @if let Some(told) = told { li { (what) ": " (told.document) } }
            }
            @if let Some(late) = &one.supplementary {
                li { (w.with("supplementary", &[("day", late.until.clone())])) }
            }
            @for refused in &one.refused { li { (w.t("refused-signature")) ": " (refused.why) } }
        }
    };
    vec![
        frame::cell(&one.name),
        html! { span data-testid="sheet-state" data-state=(one.state) { (state) } },
        one.holder.as_ref().map_or_else(|| html! {}, |at| holder(w, at)),
        signatures(w, &one.sheet),
        decisions,
        html! { code { (one.sheet.sha256.0) } },
    ]
}

fn act_row(w: Words, one: &SheetStandingResponse) -> Option<Vec<Markup>> {
    let act = one.act.as_ref()?;
    Some(vec![
        frame::cell(&one.name),
        frame::cell(one.act_number.clone().unwrap_or_default()),
        frame::cell(one.due_tiyn.map(|due| w.sum(Tiyn(due))).unwrap_or_default()),
        signatures(w, act),
        frame::cell(one.document.clone().unwrap_or_default()),
        frame::cell(one.withheld.clone().unwrap_or_default()),
    ])
}

fn signatures(w: Words, paper: &PaperResponse) -> Markup {
    let side = |side: &str| match side {
        "provider" => w.t("holder-provider"),
        "issuer" => w.t("holder-issuer"),
        other => other.to_owned(),
    };
    html! {
        ul {
            @for one in &paper.signatures {
                li { (side(&one.side)) " " (one.on.clone().unwrap_or_default()) }
            }
        }
    }
}

/// The registries of closed months, for whoever pays and for whoever checks.
pub(super) async fn registries(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let board = server.board().await?;
    let mut rows = Vec::new();
    for month in board.months.iter().rev().filter(|month| month.stage != MonthStage::Open) {
        let number = Month::from_number(month.month).map_err(|_| ServerError::Stored("month"))?;
        let paid =
            if month.stage == MonthStage::Paid { w.t("stage-paid") } else { w.t("stage-closed") };
        let file = |ending: &str| format!("/console/registry/{number}.{ending}");
        rows.push(vec![
            frame::cell(number),
            frame::cell(paid),
            frame::cell(w.sum(Tiyn(month.accrued_tiyn))),
            html! {
                a href=(file("csv")) { (w.t("registry-csv")) } " "
                a href=(file("json")) { (w.t("registry-json")) }
            },
        ]);
    }
    let heads = [w.t("month"), w.t("state"), w.t("due"), w.t("month-files")];
    let body = html! {
        @if rows.is_empty() {
            p role="status" { (w.t("registries-none")) }
        } @else {
            div data-testid="registries" { (frame::table(&w.t("registries-title"), &heads, &rows)) }
        }
    };
    Ok(frame::page(&visitor, &w.t("registries-title"), &body))
}

pub(super) async fn registry(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    Segment(file): Segment<String>,
) -> Result<Response, ServerError> {
    let unknown = || malformed("expected MONTH.csv or MONTH.json");
    let (month, format) = file.split_once('.').ok_or_else(unknown)?;
    let month = parse(month)?;
    let registry = server.registry(month).await?;
    let (kind, text) = match format {
        "csv" => ("text/csv; charset=utf-8", registry.to_csv()),
        "json" => ("application/json", registry.to_json()),
        _ => return Err(unknown()),
    };
    server.saw_all(visitor.viewer()?, Answered::Registry).await?;
    let name = format!("attachment; filename=\"registry-{month}.{format}\"");
    let kind = (header::CONTENT_TYPE, kind.to_owned());
    Ok(([kind, (header::CONTENT_DISPOSITION, name)], text).into_response())
}
