//! A fiscal year's volume of the order against what was taught, committed, earned and paid (rules 0, R5
//! 35 and E8).
//!
//! СК counts enrolment, by lessons or by days as the rules of a month say: a child who comes and goes
//! inside a month is the share of it. The sum of the caps, in tiyn, is what counts; ГОЗ = СК × Н is a
//! forecast, and a few tiyn beside it. Every tiyn of a voucher is in one place: paid, due, held, in a
//! month to come, in no month, or back in the limit. What is back came there once, since all is computed
//! from where each line stands now.
//!
//! Absent on purpose: children. The report has sums and counts, and names nobody.

mod books;
mod month;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use crate::accrual::AmountError;
use crate::calendar::Month;
use crate::contingent::Contingent;
use crate::money::Tiyn;
use crate::snapshot::{BudgetCorrection, Contract};
use crate::snapshots::Snapshots;
use crate::tranche::TrancheError;
use crate::visit::LoggedEvent;

use books::Books;

/// Where the money of some parts is, in tiyn.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct MoneyPlaces {
    /// A, with corrections.
    pub accrued_tiyn: Tiyn,
    /// What of A is paid.
    pub paid_tiyn: Tiyn,
    /// H, with corrections.
    pub held_tiyn: Tiyn,
    /// W, with corrections: back in the limit.
    pub released_tiyn: Tiyn,
    /// Parts of months that are not closed.
    pub open_tiyn: Tiyn,
}

impl MoneyPlaces {
    fn add(&mut self, other: &Self) -> Result<(), AmountError> {
        for (sum, one) in [
            (&mut self.accrued_tiyn, other.accrued_tiyn),
            (&mut self.paid_tiyn, other.paid_tiyn),
            (&mut self.held_tiyn, other.held_tiyn),
            (&mut self.released_tiyn, other.released_tiyn),
            (&mut self.open_tiyn, other.open_tiyn),
        ] {
            *sum = plus(*sum, one)?;
        }
        Ok(())
    }
}

/// One month of a budget: СК against plan, and the money.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct BudgetMonth {
    /// The month.
    pub month: Month,
    /// The leaf that closed it. Absent: what is told of it is a forecast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close_leaf: Option<u64>,
    /// Vouchers with a part in it.
    pub vouchers: u32,
    /// Children by the share of the month that they were, or are to be, enrolled.
    pub contingent: Contingent,
    /// For how many children the limit lasts, as it was at the month's end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned: Option<Contingent>,
    /// ΣP.
    pub parts_tiyn: Tiyn,
    /// The sum of the caps: what the enrolment covers.
    pub caps_tiyn: Tiyn,
    /// Where the parts are now.
    #[serde(flatten)]
    pub money: MoneyPlaces,
}

/// More is committed than the limit has.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct OverCommitment {
    /// By how much, in tiyn.
    pub excess_tiyn: Tiyn,
    /// How many vouchers reach beyond the limit, in the order in which they came into the log.
    pub vouchers: u32,
}

/// A record of the order's volume, and where it is.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct BudgetReport {
    /// Names the record.
    pub id: String,
    /// The first month.
    pub from: Month,
    /// The last month.
    pub to: Month,
    /// Н, in tiyn.
    pub norm_tiyn: Tiyn,
    /// The volume as it was set, in tiyn.
    pub volume_tiyn: Tiyn,
    /// When, and by which document.
    pub set_on: (NaiveDate, String),
    /// What corrected it up to the day.
    pub corrections: Vec<BudgetCorrection>,
    /// The issuer's limit: the volume with its corrections, in tiyn.
    pub limit_tiyn: Tiyn,
    /// СК of the plan: limit over norm.
    pub planned: Option<Contingent>,
    /// Child-months of closed months.
    pub taught_child_months: Contingent,
    /// СК of the closed months; absent before the first close.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taught: Option<Contingent>,
    /// Child-months of all months, the open ones as contracts have them.
    pub forecast_child_months: Contingent,
    /// СК to the end of the year.
    pub forecast: Contingent,
    /// СК × Н, in tiyn: a forecast.
    pub formula_tiyn: Tiyn,
    /// The sum of the caps of all months, in tiyn: what counts.
    pub caps_tiyn: Tiyn,
    /// Vouchers with a contract.
    pub vouchers: u32,
    /// What their contracts promise, in tiyn.
    pub contracted_tiyn: Tiyn,
    /// Where it is.
    #[serde(flatten)]
    pub money: MoneyPlaces,
    /// What contracts promise beyond the parts of their months, in tiyn.
    pub in_no_month_tiyn: Tiyn,
    /// What accounts gave back when they were closed, the year being over, in tiyn: held money that
    /// nobody let through, and what belongs to no closed month.
    pub closed_accounts_tiyn: Tiyn,
    /// What is expected to come back from open months: parts that no enrolment covers, in tiyn.
    pub expected_back_tiyn: Tiyn,
    /// Contracted, and not back in the limit, in tiyn.
    pub committed_tiyn: Tiyn,
    /// What of the limit is free, in tiyn; below zero, more is committed than there is.
    pub free_tiyn: Tiyn,
    /// Told where more is committed than there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over: Option<OverCommitment>,
    /// The months.
    pub months: Vec<BudgetMonth>,
}

/// Contracts of a year that no record of a volume is for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Unbudgeted {
    /// How many vouchers.
    pub vouchers: u32,
    /// What their contracts promise, in tiyn.
    pub contracted_tiyn: Tiyn,
}

/// A fiscal year's volumes.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct BudgetYear {
    /// The year.
    pub year: u16,
    /// As of this day.
    pub day: NaiveDate,
    /// The records, by their names.
    pub budgets: Vec<BudgetReport>,
    /// What no record is for.
    pub unbudgeted: Unbudgeted,
}

/// Reports a fiscal year as of a day.
///
/// # Errors
/// [`TrancheError`] if a month cannot be folded or a sum does not fit.
pub fn budget_report(
    history: &Snapshots,
    events: &[LoggedEvent],
    year: u16,
    day: NaiveDate,
) -> Result<BudgetYear, TrancheError> {
    let books = Books::open(history, events, year, day)?;
    let newest = &history.newest().snapshot;
    let mut of_record: BTreeMap<&str, Vec<&Contract>> = BTreeMap::new();
    let mut unbudgeted = Unbudgeted::default();
    for one in &books.contracts {
        if let Some(budget) = newest.budget_of(one) {
            of_record.entry(&budget.id).or_default().push(one);
        } else {
            unbudgeted.vouchers = unbudgeted.vouchers.saturating_add(1);
            unbudgeted.contracted_tiyn = plus(unbudgeted.contracted_tiyn, one.total_tiyn)?;
        }
    }
    let mut budgets = Vec::new();
    for budget in newest.budget.iter().filter(|one| one.year() == year) {
        let own = of_record.get(budget.id.as_str()).map_or(&[][..], Vec::as_slice);
        budgets.push(books.report(budget, own, day)?);
    }
    budgets.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(BudgetYear { year, day, budgets, unbudgeted })
}

fn plus(one: Tiyn, other: Tiyn) -> Result<Tiyn, AmountError> {
    one.checked_add(other).ok_or(AmountError::Overflow)
}

fn minus(one: Tiyn, other: Tiyn) -> Result<Tiyn, AmountError> {
    one.checked_sub(other).ok_or(AmountError::Overflow)
}

fn sum(all: impl Iterator<Item = Tiyn>) -> Result<Tiyn, AmountError> {
    Tiyn::checked_sum(all).ok_or(AmountError::Overflow)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
