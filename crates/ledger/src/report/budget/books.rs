//! What the log has of a fiscal year: contracts, enrolment, and where the money is.

use std::collections::{BTreeMap, BTreeSet};

use attendance::VoucherId;
use chrono::NaiveDate;

use super::month::{Enrolled, enrolled};
use super::{BudgetMonth, BudgetReport, MoneyPlaces, OverCommitment, count, minus, plus, sum};
use crate::account::Accounts;
use crate::accrual::AmountError;
use crate::calendar::Month;
use crate::contingent::Contingent;
use crate::money::Tiyn;
use crate::report::{all_payments, paid};
use crate::snapshot::{Budget, Contract};
use crate::snapshots::Snapshots;
use crate::tranche::{LineKey, TrancheError};
use crate::visit::LoggedEvent;

/// What the log has of a year, before it is shared out to records.
pub(super) struct Books {
    /// In the order in which their vouchers came into the log.
    pub(super) contracts: Vec<Contract>,
    /// Where each voucher's part of a month is.
    money: BTreeMap<(Month, VoucherId), MoneyPlaces>,
    /// Each month's enrolment, and the leaf that closed it.
    months: BTreeMap<Month, (Option<u64>, BTreeMap<VoucherId, Enrolled>)>,
    /// True once the year is over and its last month is closed: the accounts are closed.
    over: bool,
}

impl Books {
    pub(super) fn open(
        history: &Snapshots,
        events: &[LoggedEvent],
        year: u16,
        day: NaiveDate,
    ) -> Result<Self, TrancheError> {
        let accounts = Accounts::of(history, events, u64::MAX)?;
        let contracts = contracts(history, &accounts, year);
        let budgets = history.newest().snapshot.budget.iter().filter(|one| one.year() == year);
        let mut wanted: BTreeSet<Month> = BTreeSet::new();
        for budget in budgets {
            let next = |month: &Month| month.next().filter(|next| *next <= budget.to);
            wanted.extend(core::iter::successors(Some(budget.from), next));
        }
        wanted.extend(contracts.iter().flat_map(|one| one.term().months()));
        let mut months = BTreeMap::new();
        for month in wanted {
            let leaf = history.closed(events, month).map(|closed| closed.leaf);
            months.insert(month, (leaf, enrolled(history, events, month)?));
        }
        let mut money = closed_money(&accounts, events)?;
        for (month, (leaf, vouchers)) in &months {
            for (voucher, one) in vouchers.iter().filter(|_| leaf.is_none()) {
                money.entry((*month, *voucher)).or_default().open_tiyn = one.part;
            }
        }
        let last = months.keys().next_back();
        let last_is_closed =
            last.and_then(|last| months.get(last)).is_some_and(|it| it.0.is_some());
        let over = last_is_closed && NaiveDate::from_ymd_opt(i32::from(year), 12, 31) < Some(day);
        Ok(Self { contracts, money, months, over })
    }

    pub(super) fn report(
        &self,
        budget: &Budget,
        own: &[&Contract],
        day: NaiveDate,
    ) -> Result<BudgetReport, TrancheError> {
        let vouchers: BTreeSet<VoucherId> = own.iter().map(|one| one.voucher).collect();
        let mut months = Vec::new();
        for month in self.months.keys() {
            let found = self.month(*month, budget, &vouchers)?;
            if found.vouchers > 0 || (budget.from..=budget.to).contains(month) {
                months.push(found);
            }
        }
        let (mut money, mut parts, mut caps) = (MoneyPlaces::default(), Tiyn::ZERO, Tiyn::ZERO);
        let (mut taught, mut forecast) = (Contingent::ZERO, Contingent::ZERO);
        let (mut closed, mut expected) = (0u32, Tiyn::ZERO);
        for month in &months {
            money.add(&month.money)?;
            parts = plus(parts, month.parts_tiyn)?;
            caps = plus(caps, month.caps_tiyn)?;
            forecast = forecast.checked_add(month.contingent).ok_or(AmountError::Overflow)?;
            if month.close_leaf.is_some() {
                closed = closed.saturating_add(1);
                taught = taught.checked_add(month.contingent).ok_or(AmountError::Overflow)?;
            } else {
                expected = plus(expected, minus(month.parts_tiyn, month.caps_tiyn)?)?;
            }
        }
        let contracted = sum(own.iter().map(|one| one.total_tiyn))?;
        let in_no_month = minus(contracted, parts)?;
        let back_at_the_end = sum([money.held_tiyn, money.open_tiyn, in_no_month].into_iter())?;
        let closed_accounts = if self.over { back_at_the_end } else { Tiyn::ZERO };
        let committed = minus(minus(contracted, money.released_tiyn)?, closed_accounts)?;
        let limit = budget.limit_on(day);
        let average = forecast.over(budget.month_count()).ok_or(AmountError::Overflow)?;
        Ok(BudgetReport {
            id: budget.id.clone(),
            from: budget.from,
            to: budget.to,
            norm_tiyn: budget.norm_tiyn,
            volume_tiyn: budget.volume_tiyn,
            set_on: (budget.day, budget.document.clone()),
            corrections: budget.corrections.iter().filter(|one| one.day <= day).cloned().collect(),
            limit_tiyn: limit,
            planned: Contingent::paid_by(limit, budget.norm_tiyn),
            taught_child_months: taught,
            taught: taught.over(closed),
            forecast_child_months: forecast,
            forecast: average,
            formula_tiyn: average.cost(budget.norm_tiyn).ok_or(AmountError::Overflow)?,
            caps_tiyn: caps,
            vouchers: count(own.len()),
            contracted_tiyn: contracted,
            money,
            in_no_month_tiyn: in_no_month,
            closed_accounts_tiyn: closed_accounts,
            expected_back_tiyn: expected,
            committed_tiyn: committed,
            free_tiyn: minus(limit, committed)?,
            over: self.beyond(limit, committed, own)?,
            months,
        })
    }

    fn month(
        &self,
        month: Month,
        budget: &Budget,
        vouchers: &BTreeSet<VoucherId>,
    ) -> Result<BudgetMonth, TrancheError> {
        let known = self.months.get(&month);
        let close_leaf = known.and_then(|(leaf, _)| *leaf);
        let own = known.into_iter().flat_map(|(_, all)| all);
        let own: Vec<_> = own.filter(|(voucher, _)| vouchers.contains(voucher)).collect();
        let (mut contingent, mut money) = (Contingent::ZERO, MoneyPlaces::default());
        for (voucher, one) in &own {
            contingent = contingent.checked_add(one.share).ok_or(AmountError::Overflow)?;
            if let Some(places) = self.money.get(&(month, **voucher)) {
                money.add(places)?;
            }
        }
        let limit = budget.limit_on(month.last_day());
        Ok(BudgetMonth {
            month,
            close_leaf,
            vouchers: count(own.len()),
            contingent,
            planned: Contingent::paid_by(limit, budget.norm_tiyn),
            parts_tiyn: sum(own.iter().map(|(_, one)| one.part))?,
            caps_tiyn: sum(own.iter().map(|(_, one)| one.cap))?,
            money,
        })
    }

    /// Goes through the vouchers in the order in which they came, and counts those that do not fit.
    fn beyond(
        &self,
        limit: Tiyn,
        committed: Tiyn,
        own: &[&Contract],
    ) -> Result<Option<OverCommitment>, AmountError> {
        if committed <= limit {
            return Ok(None);
        }
        let (mut taken, mut beyond) = (Tiyn::ZERO, 0u32);
        for one in own {
            taken = plus(taken, self.committed_by(one)?)?;
            beyond = beyond.saturating_add(u32::from(taken > limit));
        }
        Ok(Some(OverCommitment { excess_tiyn: minus(committed, limit)?, vouchers: beyond }))
    }

    /// What of a contract is not back in the limit.
    fn committed_by(&self, contract: &Contract) -> Result<Tiyn, AmountError> {
        let months = contract.term().months();
        let mut money = MoneyPlaces::default();
        for month in months {
            if let Some(places) = self.money.get(&(month, contract.voucher)) {
                money.add(places)?;
            }
        }
        if self.over {
            Ok(money.accrued_tiyn)
        } else {
            minus(contract.total_tiyn, money.released_tiyn)
        }
    }
}

/// Lists the year's contracts: those in force, and those that a closed month knows, in the order in which
/// their vouchers came into the log.
fn contracts(history: &Snapshots, accounts: &Accounts, year: u16) -> Vec<Contract> {
    let newest = &history.newest().snapshot;
    let settled: BTreeSet<VoucherId> =
        accounts.lines.keys().map(|(_, (_, voucher, _))| *voucher).collect();
    let of_year = |contract: &&Contract| Month::of(contract.from).is_ok_and(|of| of.year() == year);
    let mut seen: BTreeMap<VoucherId, (u64, &Contract)> = BTreeMap::new();
    for logged in history.all() {
        for contract in logged.snapshot.contracts.iter().filter(of_year) {
            seen.entry(contract.voucher).or_insert((logged.index, contract)).1 = contract;
        }
    }
    let current: BTreeSet<VoucherId> = newest.contracts.iter().map(|one| one.voucher).collect();
    seen.retain(|voucher, _| current.contains(voucher) || settled.contains(voucher));
    let mut in_order: Vec<(u64, &Contract)> = seen.into_values().collect();
    in_order.sort_by_key(|(leaf, contract)| (*leaf, contract.voucher));
    in_order.into_iter().map(|(_, one)| one.clone()).collect()
}

/// Where the parts of closed months are. What a correction moves is paid with the month in whose tranche
/// it stands.
fn closed_money(
    accounts: &Accounts,
    events: &[LoggedEvent],
) -> Result<BTreeMap<(Month, VoucherId), MoneyPlaces>, AmountError> {
    let payments = all_payments(accounts, events);
    let mut money: BTreeMap<(Month, VoucherId), MoneyPlaces> = BTreeMap::new();
    for ((month, (_, voucher, _)), account) in &accounts.lines {
        money.entry((*month, *voucher)).or_default().add(&MoneyPlaces {
            accrued_tiyn: account.accrued,
            held_tiyn: account.held(),
            released_tiyn: account.released(),
            ..MoneyPlaces::default()
        })?;
    }
    let mut pay = |month: Month, (_, voucher, _): LineKey, sum: Tiyn| {
        let place = money.entry((month, voucher)).or_default();
        place.paid_tiyn = plus(place.paid_tiyn, sum)?;
        Ok::<_, AmountError>(())
    };
    for settled in &accounts.months {
        let is_paid = |provider| paid(payments.get(&(settled.month, provider))).is_some();
        for line in settled.lines.iter().filter(|line| is_paid(line.provider)) {
            pay(settled.month, line.key(), line.accrued)?;
        }
        for one in settled.corrections.iter().filter(|one| is_paid(one.provider)) {
            pay(one.month, one.key().1, one.accrued)?;
        }
    }
    Ok(money)
}
