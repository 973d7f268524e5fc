//! One voucher: its state, its parts by month, and its personal account (R7).

use std::collections::BTreeMap;

use attendance::{EventKind, GroupId, ProviderId, VoucherId};
use chrono::NaiveDate;
use serde::Serialize;

use super::{all_payments, paid};
use crate::account::{Account, Accounts};
use crate::calendar::Month;
use crate::money::Tiyn;
use crate::payment::PaymentStatus;
use crate::signing::{SheetStanding, SignedMonth};
use crate::snapshot::{Contract, Snapshot};
use crate::snapshots::Snapshots;
use crate::tranche::{LineKey, TrancheError};
use crate::visit::LoggedEvent;
use crate::voucher::{OfficialStatus, PartState, Place, StatusMap, VoucherState};

/// Where a voucher stands by the log: what comes before the contract is not in it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VoucherReportState {
    /// In force, without a place on this day.
    Active,
    /// The contract is signed.
    Contracted,
    /// The contract ran to its end.
    Completed,
    /// The district has it no more.
    Annulled,
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
    /// Its parts, by month and place.
    pub parts: Vec<PartReport>,
    /// Its personal account.
    pub account: PersonalAccount,
}

/// Reports a voucher by its printed number, as of a day. Nothing if no snapshot of the log has it.
///
/// # Errors
/// [`TrancheError`] if a closed month cannot be computed again.
pub fn voucher_report(
    history: &Snapshots,
    events: &[LoggedEvent],
    number: &str,
    today: NaiveDate,
    names: &StatusMap,
) -> Result<Option<VoucherReport>, TrancheError> {
    let has = |snapshot: &Snapshot| {
        snapshot.contracts.iter().find(|contract| contract.number == number).cloned()
    };
    let Some(first) = history.all().find(|logged| has(&logged.snapshot).is_some()) else {
        return Ok(None);
    };
    let newest = &history.newest().snapshot;
    let moved = newest.after(events);
    let current = has(&moved.snapshot);
    let last_known = history.all().rev().find_map(|logged| has(&logged.snapshot));
    let Some(contract) = current.clone().or(last_known) else { return Ok(None) };
    let accounts = Accounts::of(history, events, u64::MAX)?;
    let parts = parts(&contract, history, &accounts, events, today, names)?;
    let places = contract.places();
    let state = match current {
        None => VoucherReportState::Annulled,
        Some(_) if today > contract.to => VoucherReportState::Completed,
        Some(_) if places.iter().any(|one| one.covers(today)) || today < contract.from => {
            VoucherReportState::Contracted
        }
        Some(_) => VoucherReportState::Active,
    };
    let place = Place { provider: contract.provider, group: contract.group };
    let official = names.of_voucher(&match state {
        VoucherReportState::Active => VoucherState::Active { offered: None },
        VoucherReportState::Contracted => VoucherState::Contracted { place, from: contract.from },
        VoucherReportState::Completed => VoucherState::Completed,
        VoucherReportState::Annulled => VoucherState::Annulled,
    });
    let places = places.iter().map(|one| PlaceReport {
        provider: one.provider,
        provider_name: newest.provider(one.provider).map(|it| it.name.clone()).unwrap_or_default(),
        group: one.group,
        from: one.from,
        to: one.to,
    });
    Ok(Some(VoucherReport {
        number: contract.number.clone(),
        voucher: contract.voucher,
        state,
        official,
        since_leaf: first.index,
        places: places.collect(),
        account: account(&contract, &parts, today),
        parts,
    }))
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
