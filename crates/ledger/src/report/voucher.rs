//! One voucher: its state, its parts by month, and its personal account (R7).

use std::collections::BTreeMap;

use attendance::{ChildId, Decision, EventKind, GroupId, ProviderId, VoucherId};
use chrono::NaiveDate;
use serde::Serialize;

use super::vouchers::{BookingReport, VoucherReportState, booking, name_of};
use super::{all_payments, paid};
use crate::account::{Account, Accounts};
use crate::calendar::Month;
use crate::money::Tiyn;
use crate::payment::PaymentStatus;
use crate::register::{VoucherEvent, VoucherOutcome, VoucherRegister};
use crate::signing::{SheetStanding, SignedMonth};
use crate::snapshot::{Contract, Segment, Snapshot};
use crate::snapshots::Snapshots;
use crate::tranche::{LineKey, TrancheError};
use crate::visit::LoggedEvent;
use crate::voucher::{OfficialStatus, PartState, StatusMap, VoucherState};

/// Something that was said of a voucher.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct StepReport {
    /// The leaf.
    pub leaf: u64,
    /// The event's hash, in hexadecimal: a second person agrees by it.
    pub event: String,
    /// The day that it claims.
    pub on: Option<NaiveDate>,
    /// What it says.
    pub decision: Option<Decision>,
    /// True if it waits for a second person.
    pub proposed: bool,
    /// Why it changes nothing, if it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// A place of a voucher.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct PlaceReport {
    /// The provider.
    pub provider: ProviderId,
    /// Its name.
    pub provider_name: String,
    /// The group.
    pub group: GroupId,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

/// A place's share of a month's part.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct PartReport {
    /// The month.
    pub month: Month,
    /// The provider; absent before the month is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderId>,
    /// Where it stands.
    pub state: PartState,
    /// What that is called officially.
    pub official: OfficialStatus,
    /// P, in tiyn.
    pub plan_tiyn: Tiyn,
    /// A, with corrections.
    pub accrued_tiyn: Tiyn,
    /// What of A is paid.
    pub paid_tiyn: Tiyn,
    /// H, with corrections.
    pub held_tiyn: Tiyn,
    /// W, with corrections.
    pub released_tiyn: Tiyn,
    /// The leaf that closed the month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close_leaf: Option<u64>,
    /// The leaves that decided about it afterwards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decided_by: Vec<u64>,
    /// The number of the money document, once paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The leaf of the payment notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_leaf: Option<u64>,
    /// The act that both sides signed: its number, and the leaves of the two signatures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<ActReport>,
}

/// An act that both sides signed.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ActReport {
    /// Its number.
    pub number: String,
    /// The leaves of the two signatures, ascending.
    pub leaves: [u64; 2],
}

/// The personal account of a contract: what came in, where it is, what went out.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct PersonalAccount {
    /// When it was opened: the contract's first day.
    pub opened_on: NaiveDate,
    /// Credited: the voucher's total, in tiyn.
    pub credited_tiyn: Tiyn,
    /// Debited: earned and paid.
    pub debited_tiyn: Tiyn,
    /// Earned and not paid yet; below zero where more was paid than is earned.
    pub due_tiyn: Tiyn,
    /// Held.
    pub held_tiyn: Tiyn,
    /// Back to the issuer's limit.
    pub released_tiyn: Tiyn,
    /// Of months that are not closed.
    pub open_tiyn: Tiyn,
    /// When it was closed: the end of the contract's year, with the rest back to the limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<NaiveDate>,
    /// What went back to the limit when it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remainder_tiyn: Option<Tiyn>,
}

/// A voucher as the log tells it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct VoucherReport {
    /// The printed number.
    pub number: String,
    /// The voucher.
    pub voucher: VoucherId,
    /// Where it stands.
    pub state: VoucherReportState,
    /// What that is called officially.
    pub official: OfficialStatus,
    /// The leaf of the snapshot that has it first.
    pub since_leaf: u64,
    /// Its places, with the transfers of the log.
    pub places: Vec<PlaceReport>,
    /// The place that is offered or booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booking: Option<BookingReport>,
    /// What was said of it, in the log's order.
    pub steps: Vec<StepReport>,
    /// Its parts, by month and place.
    pub parts: Vec<PartReport>,
    /// Its personal account, once there is a contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<PersonalAccount>,
}

/// Reports a voucher by its printed number, as of a day, and whose it is. Nothing if the log has none.
///
/// # Errors
/// [`TrancheError`] if a closed month cannot be computed again.
pub fn voucher_report(
    history: &Snapshots,
    events: &[LoggedEvent],
    number: &str,
    today: NaiveDate,
    names: &StatusMap,
) -> Result<Option<(VoucherReport, ChildId)>, TrancheError> {
    let register = VoucherRegister::of(history, events);
    let Some(record) = register.of_number(number) else { return Ok(None) };
    let has = |snapshot: &Snapshot| snapshot.contract(record.voucher).cloned();
    let newest = &history.newest().snapshot;
    let current = has(&newest.after(events).snapshot);
    let is_signed = current.is_some();
    let contract = current.or_else(|| history.all().rev().find_map(|logged| has(&logged.snapshot)));
    let mut state = record.state_on(today);
    let mut report = VoucherReport {
        number: record.number.clone(),
        voucher: record.voucher,
        state: VoucherReportState::of(&state),
        official: names.of_voucher(&state),
        since_leaf: record.since_leaf,
        places: Vec::new(),
        booking: booking(newest, &state),
        steps: register.events.iter().filter_map(|one| step(record.voucher, one)).collect(),
        parts: Vec::new(),
        account: None,
    };
    if let Some(contract) = contract {
        let accounts = Accounts::of(history, events, u64::MAX)?;
        let places = contract.places();
        let contracted = matches!(state, VoucherState::Contracted { .. });
        if contracted && !is_signed {
            state = VoucherState::Annulled;
        } else if contracted
            && today >= contract.from
            && !places.iter().any(|one| one.covers(today))
        {
            state = VoucherState::Active { offered: None };
        }
        report.state = VoucherReportState::of(&state);
        report.official = names.of_voucher(&state);
        report.parts = parts(&contract, history, &accounts, events, today, names)?;
        report.account = Some(account(&contract, &report.parts, today));
        let place = |one: &Segment| PlaceReport {
            provider: one.provider,
            provider_name: name_of(newest, one.provider),
            group: one.group,
            from: one.from,
            to: one.to,
        };
        report.places = places.iter().filter(|one| one.from <= one.to).map(place).collect();
    }
    Ok(Some((report, record.child)))
}

fn step(voucher: VoucherId, event: &VoucherEvent) -> Option<StepReport> {
    (event.voucher == Some(voucher)).then(|| StepReport {
        leaf: event.leaf,
        event: event.hash.to_string(),
        on: event.on,
        decision: event.decision,
        proposed: event.outcome == Ok(VoucherOutcome::Proposed),
        refused: event.outcome.err().map(|why| why.to_string()),
    })
}

fn parts(
    contract: &Contract,
    history: &Snapshots,
    accounts: &Accounts,
    events: &[LoggedEvent],
    today: NaiveDate,
    names: &StatusMap,
) -> Result<Vec<PartReport>, TrancheError> {
    let payments = all_payments(accounts, events);
    let mut parts = Vec::new();
    for month in contract.term().months() {
        let lines: Vec<_> =
            accounts.of_voucher(contract.voucher).filter(|(of, ..)| *of == month).collect();
        if lines.is_empty() {
            let Some(params) = history.newest().snapshot.rules(month) else { continue };
            let plan = contract.term().part(month, params)?;
            parts.push(open_part(month, plan, today, names));
        }
        let acts = acts(history, accounts, events, month, today)?;
        for (_, key, account) in lines {
            let act = acts.get(&key.0).cloned();
            parts.push(closed_part((month, key), account, accounts, &payments, (names, act)));
        }
    }
    Ok(parts)
}

fn open_part(month: Month, plan: Tiyn, today: NaiveDate, names: &StatusMap) -> PartReport {
    let state = if today < month.first_day() {
        PartState::Planned
    } else if today <= month.last_day() {
        PartState::Open
    } else {
        PartState::Sheet
    };
    PartReport {
        month,
        provider: None,
        state,
        official: names.of_part(state),
        plan_tiyn: plan,
        accrued_tiyn: Tiyn::ZERO,
        paid_tiyn: Tiyn::ZERO,
        held_tiyn: Tiyn::ZERO,
        released_tiyn: Tiyn::ZERO,
        close_leaf: None,
        decided_by: Vec::new(),
        document: None,
        payment_leaf: None,
        act: None,
    }
}

/// A part of a closed month, with what corrected it. What a correction moves is paid with the month in
/// whose tranche it stands.
fn closed_part(
    place: (Month, LineKey),
    account: &Account,
    accounts: &Accounts,
    payments: &BTreeMap<(Month, ProviderId), PaymentStatus>,
    (names, act): (&StatusMap, Option<ActReport>),
) -> PartReport {
    let (month, key) = place;
    let closed = accounts.months.iter().find(|one| one.month == month);
    let line = closed.and_then(|one| one.lines.iter().find(|line| line.key() == key));
    let mut sums = vec![(month, line.map(|line| line.accrued).unwrap_or_default())];
    let mut decided_by = Vec::new();
    for later in &accounts.months {
        for one in later.corrections.iter().filter(|one| one.key() == place) {
            sums.push((later.month, one.accrued));
            decided_by.push(one.leaf);
        }
    }
    let next = accounts.next.iter().filter(|one| one.key() == place);
    decided_by.extend(next.map(|one| one.leaf));
    let settled = |of: Month| paid(payments.get(&(of, key.0)));
    let moved = sums.iter().filter(|(_, sum)| *sum != Tiyn::ZERO);
    let moved: Vec<_> = moved.map(|(of, sum)| (settled(*of), *sum)).collect();
    let done = moved.iter().filter(|(payment, _)| payment.is_some()).map(|(_, sum)| *sum);
    let paid_tiyn = Tiyn::checked_sum(done).unwrap_or_default();
    let payment = moved.into_iter().rev().find_map(|(payment, _)| payment);
    let state = closed_state(account, paid_tiyn, act.is_some());
    PartReport {
        month,
        provider: Some(key.0),
        state,
        official: names.of_part(state),
        plan_tiyn: account.plan,
        accrued_tiyn: account.accrued,
        paid_tiyn,
        held_tiyn: account.held(),
        released_tiyn: account.released(),
        close_leaf: closed.map(|one| one.close),
        decided_by,
        document: payment.as_ref().map(|(document, _)| document.clone()),
        payment_leaf: payment.map(|(_, leaf)| leaf),
        act,
    }
}

/// Lists the acts of a month that both sides signed. A month without a signature is not folded again.
fn acts(
    history: &Snapshots,
    accounts: &Accounts,
    events: &[LoggedEvent],
    month: Month,
    today: NaiveDate,
) -> Result<BTreeMap<ProviderId, ActReport>, TrancheError> {
    let is_signed = |one: &LoggedEvent| {
        one.event.kind == EventKind::ActSign && one.event.month == Some(month.number())
    };
    let settled = accounts.months.iter().find(|one| one.month == month);
    let Some(settled) = settled.filter(|_| events.iter().any(is_signed)) else {
        return Ok(BTreeMap::new());
    };
    let signed = SignedMonth::of_settled(history, events, settled, today)?;
    let sheets = signed.into_iter().flat_map(|month| month.sheets);
    let act = |sheet: SheetStanding| {
        let mut leaves = [sheet.act_signed.as_ref()?.leaf, sheet.act_approved.as_ref()?.leaf];
        leaves.sort_unstable();
        let number = sheet.act_number.clone().unwrap_or_default();
        sheet.is_acted().then_some((sheet.provider, ActReport { number, leaves }))
    };
    Ok(sheets.filter_map(act).collect())
}

/// A closed part that earned something is earned, then in a signed act, then paid; one that only waits is
/// held.
fn closed_state(account: &Account, paid: Tiyn, is_acted: bool) -> PartState {
    if account.accrued > Tiyn::ZERO {
        if paid >= account.accrued {
            PartState::Paid
        } else if is_acted {
            PartState::Acted
        } else {
            PartState::Earned
        }
    } else if account.held() > Tiyn::ZERO {
        PartState::Held
    } else {
        PartState::Released
    }
}

fn account(contract: &Contract, parts: &[PartReport], today: NaiveDate) -> PersonalAccount {
    let sum =
        |amounts: &mut dyn Iterator<Item = Tiyn>| Tiyn::checked_sum(amounts).unwrap_or_default();
    let of = |wanted: &dyn Fn(&PartReport) -> bool, amount: &dyn Fn(&PartReport) -> Tiyn| {
        sum(&mut parts.iter().filter(|part| wanted(part)).map(amount))
    };
    let debited = of(&|_| true, &|part| part.paid_tiyn);
    let accrued = of(&|_| true, &|part| part.accrued_tiyn);
    let year_end = Month::of(contract.to).ok().map(|month| month.last_day());
    let year_end = year_end.and_then(|day| chrono::Datelike::with_month(&day, 12));
    let year_end = year_end.and_then(|day| chrono::Datelike::with_day(&day, 31));
    let closed_on = year_end.filter(|end| today > *end);
    PersonalAccount {
        opened_on: contract.from,
        credited_tiyn: contract.total_tiyn,
        debited_tiyn: debited,
        due_tiyn: accrued.checked_sub(debited).unwrap_or_default(),
        held_tiyn: of(&|_| true, &|part| part.held_tiyn),
        released_tiyn: of(&|_| true, &|part| part.released_tiyn),
        open_tiyn: of(&|part| part.close_leaf.is_none(), &|part| part.plan_tiyn),
        closed_on,
        remainder_tiyn: closed_on.and_then(|_| contract.total_tiyn.checked_sub(debited)),
    }
}
