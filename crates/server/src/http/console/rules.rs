//! The parameters in force, what a month would come to under others, and the form that puts what was tried in
//! force from a day on.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use ledger::{Month, Params, Snapshot, Sums, WhatIf};
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::access::{Fields, Visitor};
use super::amend::{self, TEXT_LETTERS_MAX};
use super::words::Words;
use super::{forms, frame};
use crate::error::ServerError;
use crate::http::month::parse;
use crate::server::Server;
use crate::views::Answered;

/// How many vouchers that come to something else are shown.
const LINES_SHOWN: usize = 200;

pub(super) async fn parameters(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let snapshots = server.snapshots().await?;
    let snapshot = &snapshots.newest().snapshot;
    let today = server.today()?;
    let months: Vec<Month> = snapshots.months().into_iter().collect();
    let this = Month::of(today).ok();
    let Some(params) = snapshot.rules_on(today).or_else(|| first(snapshot)) else {
        let body = html! { p { (w.t("rules-none")) } };
        return Ok(frame::page(&visitor, &w.t("parameters-title"), &body));
    };
    let values = params.by_name();
    let rows: Vec<Vec<Markup>> = values
        .iter()
        .map(|(name, value)| vec![html! { code { (name) } }, html! { code { (value) } }])
        .collect();
    let dated = snapshot.dated_rules();
    let lead = w.with(
        "rules-lead",
        &[("version", params.rule_version.clone()), ("day", params.effective_from.to_string())],
    );
    let form = html! {
        h2 { (w.t("what-if-title")) }
        p { (w.t("what-if-lead")) }
        div.grid {
            div {
                label for="month" { (w.t("month")) }
                select #month name="month" {
                    @for month in &months {
                        option value=(month) selected[Some(*month) == this] { (month) }
                    }
                }
            }
            div {
                label for="name" { (w.t("parameter")) }
                select #name name="name" {
                    @for (name, _) in values.iter().filter(|(name, _)| may_be_tried(name)) {
                        option { (name) }
                    }
                }
            }
            div {
                label for="value" { (w.t("value")) }
                input #value name="value" required maxlength="200" autocomplete="off" spellcheck="false";
            }
        }
        button data-testid="try" { (w.t("what-if-button")) }
    };
    let body = html! {
        p { (lead) }
        @if dated.len() > 1 {
            p { (w.t("rules-dated")) ": "
                (dated.iter().map(|one| format!("{} ({})", one.rule_version, one.effective_from))
                    .collect::<Vec<_>>().join(", "))
            }
        }
        (frame::form(&visitor, "/console/parameters/tried", &form))
        (frame::table(&w.t("rules-caption"), &[w.t("parameter"), w.t("value")], &rows))
    };
    Ok(frame::page(&visitor, &w.t("parameters-title"), &body))
}

/// Before the first day of all rules, the first ones are shown.
fn first(snapshot: &Snapshot) -> Option<&Params> {
    snapshot.dated_rules().first().copied()
}

/// What names the rules is no rule.
fn may_be_tried(name: &str) -> bool {
    name != "effective_from" && name != "rule_version"
}

pub(super) async fn tried(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let month = parse(fields.text("month").unwrap_or_default())?;
    let (name, value) = (fields.text("name").unwrap_or_default(), fields.text("value"));
    let value = value.map_or(Value::Null, amend::read_value);
    let changes = Map::from_iter([(name.to_owned(), value.clone())]);
    let compared = match server.what_if(month, &changes).await {
        Ok(compared) => compared,
        Err(ServerError::Refused(problem)) => {
            let body = html! {
                p.warn role="alert" data-testid="not-tried" lang="en" { (problem.detail) }
                p { a href="/console/parameters" { (w.t("back")) } }
            };
            return Ok(frame::page(&visitor, &w.t("what-if-title"), &body));
        }
        Err(error) => return Err(error),
    };
    server.saw_all(visitor.viewer()?, Answered::Statement).await?;
    let snapshots = server.snapshots().await?;
    let snapshot = &snapshots.newest().snapshot;
    let body = html! {
        (comparison(w, &compared, snapshot))
        @if visitor.prepares() {
            (in_force_form(&visitor, month, (name, &value), !snapshot.narrower.is_empty()))
        }
        p { a href="/console/parameters" { (w.t("back")) } }
    };
    Ok(frame::page(&visitor, &w.t("what-if-title"), &body))
}

fn comparison(w: Words, one: &WhatIf, snapshot: &Snapshot) -> Markup {
    let tried: Vec<Vec<Markup>> = one
        .parameters
        .iter()
        .map(|it| {
            let cells = [it.name.clone(), it.in_force.to_string(), it.tried.to_string()];
            cells.iter().map(|text| html! { code { (text) } }).collect()
        })
        .collect();
    let sides = [w.t("in-force"), w.t("tried")];
    let lines: Vec<Vec<Markup>> = one
        .lines
        .iter()
        .take(LINES_SHOWN)
        .map(|line| {
            let number = snapshot.contract(line.voucher).map(|it| it.number.clone());
            vec![
                frame::cell(number.unwrap_or_else(|| line.voucher.to_string())),
                frame::cell(w.sum(line.in_force.accrued_tiyn)),
                frame::cell(w.sum(line.tried.accrued_tiyn)),
                frame::cell(w.sum(line.in_force.held_tiyn)),
                frame::cell(w.sum(line.tried.held_tiyn)),
                frame::cell(w.sum(line.in_force.released_tiyn)),
                frame::cell(w.sum(line.tried.released_tiyn)),
            ]
        })
        .collect();
    let both = |name: String| [format!("{name}, {}", sides[0]), format!("{name}, {}", sides[1])];
    let mut heads = vec![w.t("voucher-number")];
    heads.extend(both(w.t("accrued")));
    heads.extend(both(w.t("held")));
    heads.extend(both(w.t("released")));
    let changed = w.with(
        "what-if-changed",
        &[("changed", one.lines.len().to_string()), ("same", one.unchanged.to_string())],
    );
    html! {
        p.good role="status" { (w.t("what-if-nothing")) }
        (frame::table(
            &w.with("tried-caption", &[("month", one.month.to_string())]),
            &[w.t("parameter"), sides[0].clone(), sides[1].clone()],
            &tried,
        ))
        div data-testid="compared" {
            (frame::table(
                &w.t("sums-caption"),
                &[w.t("sum"), sides[0].clone(), sides[1].clone()],
                &sums(w, one.in_force, one.tried),
            ))
        }
        p { (changed) }
        @if !lines.is_empty() { (frame::table(&w.t("lines-caption"), &heads, &lines)) }
    }
}

/// Puts what was tried in force, for whoever may change parameters.
fn in_force_form(
    visitor: &Visitor,
    month: Month,
    (name, value): (&str, &Value),
    has_narrower: bool,
) -> Markup {
    let w = visitor.words;
    let from = month.first_day();
    frame::form(
        visitor,
        "/console/parameters/sure",
        &html! {
            h2 { (w.t("rules-set-title")) }
            p { (w.t("rules-set-lead")) }
            @if has_narrower { p.warn { (w.t("rules-set-narrower")) } }
            input type="hidden" name="what" value="rules";
            input type="hidden" name="name" value=(name);
            input type="hidden" name="value" value=(value);
            div.grid {
                div {
                    label for="begins" { (w.t("rules-from")) }
                    input #begins name="begins" type="date" value=(from) required;
                }
                div {
                    label for="rules" { (w.t("rules-version")) }
                    input #rules name="rules" required maxlength=(TEXT_LETTERS_MAX) autocomplete="off";
                }
                div { (forms::document_field("rules-document", w.t("document"), None)) }
            }
            button data-testid="rules-set" { (w.t("look-first")) }
        },
    )
}

fn sums(w: Words, in_force: Sums, tried: Sums) -> Vec<Vec<Markup>> {
    let rows = [
        (w.t("plan"), in_force.plan_tiyn, tried.plan_tiyn),
        (w.t("accrued"), in_force.accrued_tiyn, tried.accrued_tiyn),
        (w.t("held"), in_force.held_tiyn, tried.held_tiyn),
        (w.t("released"), in_force.released_tiyn, tried.released_tiyn),
    ];
    let row = |(name, one, other)| {
        vec![frame::cell(name), frame::cell(w.sum(one)), frame::cell(w.sum(other))]
    };
    rows.map(row).into()
}
