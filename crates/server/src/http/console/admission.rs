//! The funnel of admissions: where each organisation stands, and the forms that record what was found and who
//! is listed.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use ledger::Day;
use ledger::admission::{AdmissionState, Check, CheckStanding, CheckState, Found};
use ledger::report::{AdmissionReport, AdmissionRow};
use maud::{Markup, html};

use super::access::Visitor;
use super::amend::TEXT_LETTERS_MAX;
use super::words::Words;
use super::{forms, frame};
use crate::console::{NewCheck, NewListing};
use crate::error::ServerError;
use crate::server::Server;

pub(super) async fn page(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let report = server.admissions_within(visitor.reach()).await?;
    let rows: Vec<Vec<Markup>> =
        report.organisations.iter().map(|one| admission_row(w, one)).collect();
    let lead = match report.binds_from {
        Some(day) => w.with("binds-from", &[("day", day.to_string())]),
        None => w.t("binds-never"),
    };
    let body = html! {
        p { (lead) }
        (frame::table(
            &w.with("admission-caption", &[("day", report.day.to_string())]),
            &[w.t("organisation"), w.t("bin"), w.t("state"), w.t("contracts"), w.t("checks")],
            &rows,
        ))
        @if visitor.prepares() { (record_forms(&visitor, &report)) }
    };
    Ok(frame::page(&visitor, &w.t("admission-title"), &body))
}

/// The forms, for whoever may change the district.
fn record_forms(visitor: &Visitor, report: &AdmissionReport) -> Markup {
    let w = visitor.words;
    let organisation = |id: &str| {
        html! {
            div {
                label for=(id) { (w.t("bin")) }
                input id=(id) name="bin" required maxlength="12" inputmode="numeric" list="organisations"
                    autocomplete="off";
            }
        }
    };
    html! {
        datalist #organisations {
            @for one in &report.organisations {
                option value=(one.bin) { (one.name.as_deref().unwrap_or_default()) }
            }
        }
        (check_form(visitor, report, &organisation("check-bin")))
        (frame::form(visitor, "/console/admission/sure", &html! {
            h2 { (w.t("listing-title")) }
            p { (w.t("listing-lead")) }
            input type="hidden" name="what" value="listing";
            div.grid {
                (organisation("listing-bin"))
                div {
                    label for="listed" { (w.t("decision")) }
                    select #listed name="listed" {
                        option value="yes" { (w.t("listing-list")) }
                        option value="no" { (w.t("listing-withdraw")) }
                    }
                }
                (day_field("listing-day", "day", w.t("first-day"), Some(report.day)))
                div { (forms::document_field("listing-document", w.t("document"), None)) }
            }
            button data-testid="listing-set" { (w.t("look-first")) }
        }))
    }
}

fn check_form(visitor: &Visitor, report: &AdmissionReport, organisation: &Markup) -> Markup {
    let w = visitor.words;
    let text = |id: &str, name: &str, label: String, is_needed: bool| {
        html! {
            div {
                label for=(id) { (label) }
                input id=(id) name=(name) required[is_needed] maxlength=(TEXT_LETTERS_MAX) autocomplete="off";
            }
        }
    };
    let form = html! {
        h2 { (w.t("check-title")) }
        p { (w.t("check-lead")) }
        input type="hidden" name="what" value="check";
        div.grid {
            (organisation)
            div {
                label for="check" { (w.t("check")) }
                select #check name="check" {
                    @for one in Check::ALL { option value=(one) { (name(w, one)) } }
                }
            }
            div {
                label for="result" { (w.t("check-result")) }
                input #result name="result" required maxlength="24" autocomplete="off" aria-describedby="result-hint";
                small.soft #result-hint { (w.t("check-result-hint")) }
            }
            (day_field("check-day", "day", w.t("check-day"), Some(report.day)))
            (day_field("valid-to", "valid_to", w.t("check-valid-to"), None))
            div { (forms::document_field("check-document", w.t("document"), None)) }
            (text("check-source", "source", w.t("check-source"), true))
            (text("check-address", "address", w.t("check-address"), false))
            @if report.binds_from.is_none() {
                (day_field("binds-from", "binds_from", w.t("binds-from-day"), Some(report.day)))
            }
        }
        (forms::evidence_field(w, "check-evidence"))
        button data-testid="check-record" { (w.t("look-first")) }
    };
    frame::form(visitor, "/console/admission/sure", &form)
}

/// A day; one that is proposed is needed.
fn day_field(id: &str, name: &str, label: String, proposed: Option<Day>) -> Markup {
    html! {
        div {
            label for=(id) { (label) }
            input id=(id) name=(name) type="date" value=[proposed] required[proposed.is_some()];
        }
    }
}

/// What somebody is about to record.
pub(super) fn check_facts(w: Words, one: &NewCheck) -> Markup {
    let answer = &one.answer;
    let found = match answer.found {
        Found::Yes => w.t("yes"),
        Found::No => w.t("no"),
        Found::DebtTiyn(debt) => w.sum(debt),
        Found::Places(places) => places.to_string(),
    };
    let is_passed = one.check.passes(answer.found) == Some(true);
    let state = if is_passed { CheckState::Passed } else { CheckState::Failed };
    let mut facts = vec![
        (w.t("bin"), frame::cell(one.bin)),
        (w.t("check"), frame::cell(name(w, one.check))),
        (w.t("check-result"), frame::cell(format!("{found} ({})", stands(w, state)))),
        (w.t("check-day"), frame::cell(answer.day)),
        (w.t("document"), frame::cell(&answer.document)),
        (w.t("check-source"), frame::cell(&answer.source)),
    ];
    let more = [
        (w.t("check-valid-to"), answer.valid_to.map(frame::cell)),
        (w.t("check-address"), answer.address.as_ref().map(frame::cell)),
        (w.t("hash"), answer.sha256.as_ref().map(|hash| html! { code { (hash) } })),
        (w.t("binds-from-day"), one.binds_from.map(frame::cell)),
    ];
    facts.extend(more.into_iter().filter_map(|(name, value)| Some((name, value?))));
    frame::facts(&facts)
}

/// What somebody is about to decide.
pub(super) fn listing_facts(w: Words, one: &NewListing) -> Markup {
    let decision = if one.listed { w.t("listing-list") } else { w.t("listing-withdraw") };
    frame::facts(&[
        (w.t("bin"), frame::cell(one.bin)),
        (w.t("decision"), frame::cell(decision)),
        (w.t("first-day"), frame::cell(one.day)),
        (w.t("document"), frame::cell(&one.document)),
    ])
}

fn admission_row(w: Words, one: &AdmissionRow) -> Vec<Markup> {
    let state = one.admission.as_ref().map(|admission| match admission.state {
        AdmissionState::Unknown => w.t("admission-unknown"),
        AdmissionState::Checking { check, because, .. } => {
            format!("{}: {}, {}", w.t("admission-checking"), name(w, check), stands(w, because))
        }
        AdmissionState::Ready => w.t("admission-ready"),
        AdmissionState::Listed => w.t("admission-listed"),
        AdmissionState::Lapsed { check, because } => {
            format!("{}: {}, {}", w.t("admission-lapsed"), name(w, check), stands(w, because))
        }
        AdmissionState::Withdrawn => w.t("admission-withdrawn"),
    });
    let checks = one.admission.as_ref().map_or(&[][..], |admission| &admission.checks);
    vec![
        frame::cell(one.name.clone().unwrap_or_default()),
        frame::cell(&one.bin),
        frame::cell(state.unwrap_or_default()),
        frame::cell(if one.takes_contracts { w.t("yes") } else { w.t("no") }),
        html! { ul { @for check in checks { li { (check_line(w, check)) } } } },
    ]
}

fn check_line(w: Words, one: &CheckStanding) -> String {
    let mut line = format!("{}: {}", name(w, one.check), stands(w, one.state));
    if let Some(record) = &one.record {
        line.push_str(&format!(" ({}, {}", record.day, record.document));
        if let Some(day) = record.valid_to {
            line.push_str(", ");
            line.push_str(&w.with("until", &[("day", day.to_string())]));
        }
        line.push(')');
    }
    line
}

fn stands(w: Words, state: CheckState) -> String {
    match state {
        CheckState::Missing => w.t("check-missing"),
        CheckState::Passed => w.t("check-passed"),
        CheckState::Failed => w.t("check-failed"),
        CheckState::Expired => w.t("check-expired"),
        CheckState::Waived => w.t("check-waived"),
    }
}

fn name(w: Words, check: Check) -> String {
    match check {
        Check::Signature => w.t("check-signature"),
        Check::Notification => w.t("check-notification"),
        Check::Tax => w.t("check-tax"),
        Check::Pension => w.t("check-pension"),
        Check::Social => w.t("check-social"),
        Check::Sanitary => w.t("check-sanitary"),
        Check::Fire => w.t("check-fire"),
        Check::Qualification => w.t("check-qualification"),
        Check::Medical => w.t("check-medical"),
        Check::NoCriminalRecord => w.t("check-no-criminal-record"),
        Check::Programme => w.t("check-programme"),
        Check::Schedule => w.t("check-schedule"),
        Check::Capacity => w.t("check-capacity"),
    }
}
