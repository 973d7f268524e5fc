//! From a total to parts, from a part to caps, from a cap to money (R5, rules 30 to 34).

use chrono::NaiveDate;

use crate::calendar::Month;
use crate::money::Tiyn;
use crate::params::{Params, PayoutPolicy, SplitMode};

/// Why an amount could not be computed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AmountError {
    /// A sum or a product does not fit.
    #[error("an amount does not fit")]
    Overflow,
    /// More was counted than there is to count.
    #[error("{found} counted of {whole}")]
    MoreThanWhole {
        /// How many.
        found: u32,
        /// Of how many.
        whole: u32,
    },
    /// A total or part below zero.
    #[error("an amount is below zero")]
    Negative,
    /// `P = A + H + W` does not hold.
    #[error("plan {plan} is not accrued {accrued} + held {held} + released {released}")]
    Unbalanced {
        /// P, in tenge.
        plan: Tiyn,
        /// A.
        accrued: Tiyn,
        /// H.
        held: Tiyn,
        /// W.
        released: Tiyn,
    },
}

/// Splits a total into `parts` equal to within a tiyn: `P_k = ⌊k·T/N⌋ − ⌊(k−1)·T/N⌋` (rule 30).
/// No parts for zero.
///
/// # Errors
/// [`AmountError`] for a negative total.
pub fn split_parts(total: Tiyn, parts: u32) -> Result<Vec<Tiyn>, AmountError> {
    (1..=parts).map(|k| part(total, k, parts)).collect()
}

/// What a contract promises: a total, from a day to a day, both included.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Term {
    /// The voucher's total.
    pub total: Tiyn,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

impl Term {
    /// Gives the months that the contract lies in, first to last. None where a day is out of the
    /// years a [`Month`] knows, or the last day is before the first.
    pub fn months(self) -> impl Iterator<Item = Month> {
        let ends = Month::of(self.from).ok().zip(Month::of(self.to).ok());
        let (first, last) = (ends.map(|(first, _)| first), ends.map(|(_, last)| last));
        let months = std::iter::successors(first, |month| month.next());
        months.take_while(move |month| last.is_some_and(|last| *month <= last))
    }

    /// Gives the part of the total that falls to `month`; nothing outside the contract.
    ///
    /// Under [`SplitMode::MonthNorm`] each month gets the norm while the total lasts.
    ///
    /// # Errors
    /// [`AmountError`] for a negative or unfitting amount.
    pub fn part(self, month: Month, params: &Params) -> Result<Tiyn, AmountError> {
        let (Ok(first), Ok(last)) = (Month::of(self.from), Month::of(self.to)) else {
            return Ok(Tiyn::ZERO);
        };
        if month < first || last < month {
            return Ok(Tiyn::ZERO);
        }
        let before = month.ordinal().saturating_sub(first.ordinal());
        let k = before.saturating_add(1);
        let count = last.ordinal().saturating_sub(first.ordinal()).saturating_add(1);
        match params.split_mode {
            SplitMode::EqualParts => part(self.total, k, count),
            SplitMode::MonthNorm => {
                let norm = not_negative(params.month_norm_tiyn)?;
                let spent = norm.checked_share(before, 1).ok_or(AmountError::Overflow)?;
                let total = not_negative(self.total)?;
                let left = total.checked_sub(spent).ok_or(AmountError::Overflow)?;
                Ok(norm.min(left.max(Tiyn::ZERO)))
            }
        }
    }
}

/// Caps a part by planned lessons: `⌊P·e/D⌋`, `enrolled` of `planned` (rule 31, one segment).
/// Nothing where nothing is planned.
///
/// # Errors
/// [`AmountError`] if more lessons are enrolled than planned.
pub fn cap_lessons(part: Tiyn, enrolled: u32, planned: u32) -> Result<Tiyn, AmountError> {
    share(not_negative(part)?, enrolled, planned)
}

/// Caps a part by calendar days: one cap for each interval of days, gaps in the enrolment being
/// intervals too, by cumulative rounding, so that the caps sum to the part (rule 31, any segments).
///
/// # Errors
/// [`AmountError`] for a negative part or too many days.
pub fn caps_calendar(part: Tiyn, intervals: &[u32]) -> Result<Vec<Tiyn>, AmountError> {
    let part = not_negative(part)?;
    let whole = intervals.iter().try_fold(0u32, |sum, days| sum.checked_add(*days));
    let whole = whole.ok_or(AmountError::Overflow)?;
    let (mut days, mut given) = (0u32, Tiyn::ZERO);
    let mut caps = Vec::with_capacity(intervals.len());
    for interval in intervals {
        days = days.checked_add(*interval).ok_or(AmountError::Overflow)?;
        let upto = share(part, days, whole)?;
        caps.push(upto.checked_sub(given).ok_or(AmountError::Overflow)?);
        given = upto;
    }
    Ok(caps)
}

/// What a child's lessons of a segment came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Attendance {
    /// Confirmed payable visits.
    pub confirmed: u32,
    /// Absences excused by an accepted document.
    pub excused: u32,
    /// Planned lessons of the segment, officially cancelled ones left out: `d`.
    pub planned: u32,
}

impl Attendance {
    /// Gives how many of the excused lessons count: at most `⌊excused_cap·d⌋` (rule 16).
    ///
    /// # Errors
    /// [`AmountError`] if the product does not fit.
    pub fn excused_credit(self, excused_cap_percent: u32) -> Result<u32, AmountError> {
        let most = self.planned.checked_mul(excused_cap_percent).ok_or(AmountError::Overflow)?;
        Ok(self.excused.min(most / 100))
    }

    /// Gives `n`, the lessons that are paid: confirmed and credited, at most `d` (rule 32).
    ///
    /// # Errors
    /// [`AmountError`] if the sum does not fit.
    pub fn payable(self, excused_cap_percent: u32) -> Result<u32, AmountError> {
        let credit = self.excused_credit(excused_cap_percent)?;
        let n = self.confirmed.checked_add(credit).ok_or(AmountError::Overflow)?;
        Ok(n.min(self.planned))
    }
}

/// Accrues a segment's money under the payout policy (rules 32 and 33). Nothing where nothing was
/// planned.
///
/// # Errors
/// [`AmountError`] for a negative or unfitting amount.
pub fn accrue(params: &Params, cap: Tiyn, attendance: Attendance) -> Result<Tiyn, AmountError> {
    let cap = not_negative(cap)?;
    let (n, d) = (attendance.payable(params.excused_cap_percent)?, attendance.planned);
    if d == 0 {
        return Ok(Tiyn::ZERO);
    }
    match params.payout_policy {
        PayoutPolicy::VisitRatio => share(cap, n, d),
        PayoutPolicy::Enrolment if attendance.confirmed >= params.min_confirmed => Ok(cap),
        PayoutPolicy::Enrolment => Ok(Tiyn::ZERO),
        PayoutPolicy::Threshold => {
            let reached = u64::from(n).checked_mul(100).ok_or(AmountError::Overflow)?;
            let wanted = u64::from(d).checked_mul(u64::from(params.full_pay_at_percent));
            let full = reached >= wanted.ok_or(AmountError::Overflow)?;
            if full { Ok(cap) } else { share(cap, n, d) }
        }
    }
}

/// A voucher's month in balance: plan = accrued + held + released, none below zero (rule 34).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Balanced {
    plan: Tiyn,
    accrued: Tiyn,
    held: Tiyn,
    released: Tiyn,
}

impl Balanced {
    /// Takes the four numbers if they balance.
    ///
    /// # Errors
    /// [`AmountError`] if they do not, or one is below zero.
    pub fn new(plan: Tiyn, accrued: Tiyn, held: Tiyn, released: Tiyn) -> Result<Self, AmountError> {
        for amount in [plan, accrued, held, released] {
            not_negative(amount)?;
        }
        let sum = Tiyn::checked_sum([accrued, held, released].into_iter());
        if sum != Some(plan) {
            return Err(AmountError::Unbalanced { plan, accrued, held, released });
        }
        Ok(Self { plan, accrued, held, released })
    }

    /// Releases what is neither accrued nor held.
    ///
    /// # Errors
    /// [`AmountError`] if more is accrued and held than planned.
    pub fn settle(plan: Tiyn, accrued: Tiyn, held: Tiyn) -> Result<Self, AmountError> {
        let rest = plan.checked_sub(accrued).and_then(|rest| rest.checked_sub(held));
        Self::new(plan, accrued, held, rest.ok_or(AmountError::Overflow)?)
    }

    /// P: the month's part.
    #[must_use]
    pub fn plan(self) -> Tiyn {
        self.plan
    }

    /// A: what the Treasury is to pay.
    #[must_use]
    pub fn accrued(self) -> Tiyn {
        self.accrued
    }

    /// H: what waits for a decision.
    #[must_use]
    pub fn held(self) -> Tiyn {
        self.held
    }

    /// W: what goes back to the issuer's limit.
    #[must_use]
    pub fn released(self) -> Tiyn {
        self.released
    }
}

fn part(total: Tiyn, k: u32, parts: u32) -> Result<Tiyn, AmountError> {
    let total = not_negative(total)?;
    let upto = share(total, k, parts)?;
    let before = share(total, k.saturating_sub(1), parts)?;
    upto.checked_sub(before).ok_or(AmountError::Overflow)
}

fn share(amount: Tiyn, found: u32, whole: u32) -> Result<Tiyn, AmountError> {
    match (found, whole) {
        (0, 0) => Ok(Tiyn::ZERO),
        (found, whole) if found > whole => Err(AmountError::MoreThanWhole { found, whole }),
        (found, whole) => amount.checked_share(found, whole).ok_or(AmountError::Overflow),
    }
}

fn not_negative(amount: Tiyn) -> Result<Tiyn, AmountError> {
    if amount < Tiyn::ZERO { Err(AmountError::Negative) } else { Ok(amount) }
}
