//! The volume of the order for a fiscal year, as the issuer set it, and what corrected it (rules 0).
//!
//! Absent on purpose: a way to change an entry. A volume is set once; whatever comes later is a
//! correction with its day, reason and document, and stands beside it for ever.

use std::collections::BTreeSet;

use attendance::GroupId;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::whole::{SnapshotError, impossible, unique};
use super::{Contract, Snapshot};
use crate::calendar::Month;
use crate::money::Tiyn;

/// More than the whole country's is a slip of the pen: ten million million tenge.
const VOLUME_MAX: Tiyn = Tiyn(1_000_000_000_000_000);

/// A volume of the order (ГОЗ) for the months of one fiscal year.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Names the record, like `2026` or `2026 sport`.
    pub id: String,
    /// The groups of the programme that it is for. Absent: everybody whom no other record of the year
    /// is for. Groups may be added later, and none is taken out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupId>,
    /// The first month.
    pub from: Month,
    /// The last month, of the same year.
    pub to: Month,
    /// Н: what a child costs from the first month to the last, in tiyn.
    pub norm_tiyn: Tiyn,
    /// ГОЗ, in tiyn.
    pub volume_tiyn: Tiyn,
    /// When it was set.
    pub day: NaiveDate,
    /// The number of the document that sets it.
    pub document: String,
    /// What corrected it, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<BudgetCorrection>,
}

/// A correction of a volume: within the budget, when the forecast contingent changes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetCorrection {
    /// When it was made.
    pub day: NaiveDate,
    /// Why, in the issuer's words.
    pub reason: String,
    /// The number of the document.
    pub document: String,
    /// By how much the volume grows, in tiyn; below zero, it shrinks.
    pub amount_tiyn: Tiyn,
}

impl Budget {
    /// Gives the fiscal year.
    #[must_use]
    pub fn year(&self) -> u16 {
        self.from.year()
    }

    /// Counts the months.
    #[must_use]
    pub fn month_count(&self) -> u32 {
        self.to.ordinal().saturating_sub(self.from.ordinal()).saturating_add(1)
    }

    /// Gives the volume with what corrected it up to a day: the issuer's limit.
    #[must_use]
    pub fn limit_on(&self, day: NaiveDate) -> Tiyn {
        let until = self.corrections.iter().filter(|one| one.day <= day);
        // A record that is part of a verified snapshot stays within VOLUME_MAX after each correction.
        until.fold(self.volume_tiyn, |sum, one| Tiyn(sum.0.saturating_add(one.amount_tiyn.0)))
    }

    /// Says what of this record a newer one does not leave as it is.
    fn edited_by(&self, next: &Self) -> Option<String> {
        if let Some(group) = self.groups.iter().find(|group| !next.groups.contains(group)) {
            return Some(format!("group {group}"));
        }
        if self.groups.is_empty() && !next.groups.is_empty() {
            return Some("groups".to_owned());
        }
        let known = self.corrections.iter().enumerate();
        for (at, one) in known {
            if next.corrections.get(at) != Some(one) {
                return Some(format!("correction {} of {}", at.saturating_add(1), one.day));
            }
        }
        let same = Self {
            groups: self.groups.clone(),
            corrections: self.corrections.clone(),
            ..next.clone()
        };
        (*self != same).then(|| "the volume as it was set".to_owned())
    }
}

impl Snapshot {
    /// Finds the record that a contract's money comes from: its programme's, by the contract's first
    /// group, else the one for everybody else of its year.
    #[must_use]
    pub fn budget_of(&self, contract: &Contract) -> Option<&Budget> {
        let year = Month::of(contract.from).ok()?.year();
        let of_year = || self.budget.iter().filter(|one| one.year() == year);
        let own = of_year().find(|one| one.groups.contains(&contract.group));
        own.or_else(|| of_year().find(|one| one.groups.is_empty()))
    }

    /// Names the record that a newer snapshot does not leave as it is, and what of it.
    pub(crate) fn budget_edited_by(&self, next: &Self) -> Option<(String, String)> {
        self.budget.iter().find_map(|budget| {
            let newer = next.budget.iter().find(|one| one.id == budget.id);
            let edited = newer
                .map_or_else(|| Some("the record".to_owned()), |newer| budget.edited_by(newer));
            Some((budget.id.clone(), edited?))
        })
    }
}

/// Verifies the records of volumes.
pub(super) fn whole(snapshot: &Snapshot, groups: &BTreeSet<GroupId>) -> Result<(), SnapshotError> {
    unique("budget.id", snapshot.budget.iter().map(|one| one.id.as_str()))?;
    let general = snapshot.budget.iter().filter(|one| one.groups.is_empty());
    unique("budget for everybody else of", general.map(Budget::year))?;
    let named = snapshot.budget.iter();
    let named = named.flat_map(|one| one.groups.iter().map(|group| (one.year(), *group)));
    let mut seen = BTreeSet::new();
    for (year, group) in named {
        if !groups.contains(&group) {
            let value = group.to_string();
            return Err(SnapshotError::Dangling { field: "budget.groups", value });
        }
        if !seen.insert((year, group)) {
            let value = format!("{group} in {year}");
            return Err(SnapshotError::Duplicate { field: "budget.groups", value });
        }
    }
    snapshot.budget.iter().try_for_each(verify)
}

fn verify(budget: &Budget) -> Result<(), SnapshotError> {
    let of = &budget.id;
    if of.is_empty() || budget.document.is_empty() {
        return Err(impossible("budget.document", of, "a record has an id and a document"));
    }
    if budget.from > budget.to || budget.from.year() != budget.to.year() {
        return Err(impossible("budget.to", of, "the months lie in one year, in their order"));
    }
    if budget.norm_tiyn <= Tiyn::ZERO || budget.norm_tiyn > VOLUME_MAX {
        return Err(impossible("budget.norm_tiyn", of, "must be above zero"));
    }
    let mut volume = budget.volume_tiyn;
    let mut day = budget.day;
    if volume < Tiyn::ZERO || volume > VOLUME_MAX {
        return Err(impossible("budget.volume_tiyn", of, "out of range"));
    }
    for one in &budget.corrections {
        if one.reason.is_empty() || one.document.is_empty() {
            let problem = "each names a reason and a document";
            return Err(impossible("budget.corrections", of, problem));
        }
        if one.day < day {
            return Err(impossible("budget.corrections", of, "each comes after the one before"));
        }
        day = one.day;
        let corrected = volume.checked_add(one.amount_tiyn);
        let corrected = corrected.filter(|sum| (Tiyn::ZERO..=VOLUME_MAX).contains(sum));
        if one.amount_tiyn == Tiyn::ZERO || corrected.is_none() {
            let problem = "each changes the volume, and leaves none below zero";
            return Err(impossible("budget.corrections", of, problem));
        }
        volume = corrected.unwrap_or(volume);
    }
    Ok(())
}
