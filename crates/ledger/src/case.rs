//! One voucher's month from its bare facts: the calculation of a tranche for whoever has no log.
//!
//! It decides nothing by itself: the same functions of [`accrual`](crate::accrual) and the same
//! [`Calendar`](crate::Calendar) that make the signed tranche make this one. What it adds is reading
//! a case, refusing one that contradicts itself, and writing the arithmetic down.

mod compute;
mod explain;
mod input;

use serde::Serialize;

use crate::accrual::AmountError;
use crate::money::Tiyn;

pub use input::{Case, CaseCalendar, CaseParams, CaseSegment};

/// Why a case is not computed. It names the field by its path.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct CaseRefusal {
    /// The field, such as `segments[0].present[1]`; `.` for the case as a whole.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

/// What a voucher's month comes to. Amounts are in tiyn.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct CaseResult {
    /// The parts of the contract's months, from the first on (R5, rule 30).
    pub parts_tiyn: Vec<Tiyn>,
    /// The part of the month that was asked for: P.
    pub plan_tiyn: Tiyn,
    /// One row for each segment, in the order of the case.
    pub rows: Vec<CaseRow>,
    /// What goes back to the issuer: W = P − ΣA − H (rule 34).
    pub released_tiyn: Tiyn,
    /// Which rules were used.
    pub rule_version: String,
    /// The arithmetic, line by line.
    pub explain: Vec<String>,
}

/// What a segment comes to.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct CaseRow {
    /// The provider, as the case names it.
    pub provider: String,
    /// The most that it can earn (rule 31).
    pub cap_tiyn: Tiyn,
    /// Planned lessons, officially cancelled ones left out: d.
    pub planned: u32,
    /// Confirmed visits.
    pub present: u32,
    /// Excused absences that count (rule 16).
    pub excused_counted: u32,
    /// Paid lessons: n (rule 32).
    pub payable: u32,
    /// What is to be paid: A.
    pub accrued_tiyn: Tiyn,
    /// What waits for a decision: H.
    pub held_tiyn: Tiyn,
}

impl CaseRefusal {
    fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }

    fn amount(error: AmountError) -> Self {
        Self::new("total_tiyn", error.to_string())
    }
}

#[cfg(test)]
mod tests;
