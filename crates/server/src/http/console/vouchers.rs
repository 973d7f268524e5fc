//! Vouchers: those that wait for somebody, and one by its number.

use std::sync::Arc;

use attendance::{Action, Decision, VoucherId};
use axum::extract::State;
use axum::response::Response;
use ledger::report::{
    PartReport, PersonalAccount, StepReport, VoucherReport, VoucherReportState, VoucherRow,
};
use ledger::voucher::{PartState, StatusMap};
use maud::{Markup, html};

use super::access::{Visitor, asked_for};
use super::words::Words;
use super::{forms, frame, tables};
use crate::error::ServerError;
use crate::server::Server;
use crate::tables::TableKind;
use crate::views::Answered;

/// The longest number of a voucher that is looked for, in bytes.
const NUMBER_MAX_BYTES: usize = 64;
/// So many are on the page at most; `qatysu voucher list` has all.
const LISTED_MAX: usize = 500;

pub(super) async fn vouchers(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let number = asked_for(&visitor.place, "number");
    let number = number.filter(|number| number.len() <= NUMBER_MAX_BYTES).unwrap_or_default();
    let names = StatusMap::default();
    let (mut found, mut waiting) = (None, Vec::new());
    if number.is_empty() {
        waiting = server.voucher_rows(&names).await?;
        waiting.retain(waits);
        server.saw_all(visitor.viewer()?, Answered::Voucher).await?;
    } else {
        found = server.voucher_of(&number, &names).await?;
    }
    if let Some((_, child)) = &found {
        server.saw(visitor.viewer()?, Answered::Voucher, [*child]).await?;
    }
    let decides = visitor.scope(Action::SetVoucher).decides();
    let snapshots = server.snapshots().await?;
    let district = &snapshots.newest().snapshot;
    let new_voucher = VoucherId(server.entropy.draw()?);
    let body = html! {
        form.panel method="get" action="/console/vouchers" {
            label for="number" { (w.t("voucher-number")) }
            input #number name="number" value=(number) required maxlength="64" autocomplete="off";
            button { (w.t("show")) }
        }
        @match &found {
            Some((report, child)) => {
                (voucher(w, report))
                @if decides { (forms::voucher(&visitor, report, *child, district)) }
                @if visitor.scope(Action::MoveVoucher).decides() {
                    (forms::voucher_paper(&visitor, report, *child, district))
                }
                @if visitor.scope(Action::DecideMoney).decides() { (forms::month_again(&visitor, report)) }
            }
            None if number.is_empty() => {
                (list(w, &waiting))
                @if decides { (forms::register(&visitor, new_voucher)) }
                @if visitor.prepares() {
                    (tables::form(&visitor, "/console/vouchers", &[TableKind::Vouchers]))
                }
            }
            None => { p.warn role="status" data-testid="no-voucher" { (w.t("voucher-none")) } }
        }
    };
    Ok(frame::page(&visitor, &w.t("vouchers-title"), &body))
}

/// Says whether somebody has to do something before a voucher has its contract.
fn waits(row: &VoucherRow) -> bool {
    let before = match row.state {
        VoucherReportState::Registered
        | VoucherReportState::Active
        | VoucherReportState::Booked
        | VoucherReportState::Expired => true,
        VoucherReportState::Contracted
        | VoucherReportState::Completed
        | VoucherReportState::Refused
        | VoucherReportState::Annulled => false,
    };
    before || row.proposed
}

/// The vouchers that wait for somebody, each with the day until which it does.
fn list(w: Words, rows: &[VoucherRow]) -> Markup {
    let cells = |row: &VoucherRow| {
        let booking = row.booking.as_ref();
        let place = booking.map(|it| it.provider_name.clone()).unwrap_or_default();
        let until = booking.map(|it| it.until.to_string()).unwrap_or_default();
        let note = if row.proposed { w.t("voucher-proposed") } else { String::new() };
        vec![
            // A form, since a number is whatever somebody typed.
            html! {
                form method="get" action="/console/vouchers" {
                    input type="hidden" name="number" value=(row.number);
                    button data-testid="waiting-voucher" { (row.number) }
                }
            },
            frame::cell(state(w, row.state)),
            frame::cell(place),
            frame::cell(until),
            frame::cell(note),
        ]
    };
    let cells: Vec<Vec<Markup>> = rows.iter().take(LISTED_MAX).map(cells).collect();
    html! {
        @if rows.len() > LISTED_MAX {
            p.warn role="status" {
                (w.with("vouchers-more", &[("count", (rows.len() - LISTED_MAX).to_string())]))
            }
        }
        @if rows.is_empty() {
            p role="status" data-testid="nothing-waits" { (w.t("vouchers-waiting-none")) }
        } @else {
            (frame::table(
                &w.t("vouchers-waiting"),
                &[w.t("voucher-number"), w.t("state"), w.t("provider"), w.t("voucher-until"), w.t("voucher-note")],
                &cells,
            ))
        }
    }
}

fn state(w: Words, state: VoucherReportState) -> String {
    match state {
        VoucherReportState::Registered => w.t("voucher-registered"),
        VoucherReportState::Active => w.t("voucher-active"),
        VoucherReportState::Booked => w.t("voucher-booked"),
        VoucherReportState::Contracted => w.t("voucher-contracted"),
        VoucherReportState::Completed => w.t("voucher-completed"),
        VoucherReportState::Expired => w.t("voucher-expired"),
        VoucherReportState::Refused => w.t("voucher-refused"),
        VoucherReportState::Annulled => w.t("voucher-annulled"),
    }
}

fn said(w: Words, decision: Option<Decision>) -> String {
    match decision {
        Some(Decision::Register) => w.t("said-register"),
        Some(Decision::Activate) => w.t("said-activate"),
        Some(Decision::Offer) => w.t("said-offer"),
        Some(Decision::Accept) => w.t("said-accept"),
        Some(Decision::Decline) => w.t("said-decline"),
        Some(Decision::Extend) => w.t("said-extend"),
        Some(Decision::Expire) => w.t("said-expire"),
        Some(Decision::Restore) => w.t("said-restore"),
        Some(Decision::Refuse) => w.t("said-refuse"),
        Some(Decision::Annul) => w.t("said-annul"),
        Some(_) | None => String::new(),
    }
}

fn step_row(w: Words, step: &StepReport) -> Vec<Markup> {
    let outcome = match (&step.refused, step.proposed) {
        // The reason is the log's own, in its one language.
        (Some(why), _) => html! { (w.t("said-nothing")) " " span lang="en" { (why) } },
        (None, true) => html! { (w.t("voucher-proposed")) },
        (None, false) => html! {},
    };
    vec![
        frame::cell(said(w, step.decision)),
        frame::cell(step.on.map(|day| day.to_string()).unwrap_or_default()),
        frame::cell(step.leaf),
        outcome,
    ]
}

fn account_facts(w: Words, account: &PersonalAccount) -> Vec<(String, Markup)> {
    let mut facts = vec![
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
    facts
}

fn voucher(w: Words, one: &VoucherReport) -> Markup {
    let mut facts = vec![
        (w.t("state"), frame::cell(state(w, one.state))),
        (w.t("since-leaf"), frame::cell(one.since_leaf)),
    ];
    if let Some(booking) = &one.booking {
        facts.push((w.t("provider"), frame::cell(&booking.provider_name)));
        facts.push((w.t("voucher-until"), frame::cell(booking.until)));
    }
    if let Some(account) = &one.account {
        facts.extend(account_facts(w, account));
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
    let steps: Vec<Vec<Markup>> = one.steps.iter().map(|step| step_row(w, step)).collect();
    html! {
        section data-testid="voucher" data-number=(one.number) {
            h2 { (one.number) }
            (frame::facts(&facts))
            @if !steps.is_empty() {
                (frame::table(
                    &w.t("said-caption"),
                    &[w.t("said-what"), w.t("day"), w.t("said-leaf"), w.t("said-outcome")],
                    &steps,
                ))
            }
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
