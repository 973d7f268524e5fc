//! The case as it is asked, and what makes it contradict itself.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use super::CaseRefusal;
use crate::calendar::{Calendar, Month, Weekday};
use crate::money::Tiyn;
use crate::params::{Basis, Params, PayoutPolicy, SplitMode};

/// A voucher, a month of it, and what happened in the month.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The voucher's total.
    pub total_tiyn: Tiyn,
    /// The contract's first day.
    pub contract_from: NaiveDate,
    /// The contract's last day, which bounds the split.
    pub contract_to: NaiveDate,
    /// The month that is asked for.
    pub month: Month,
    /// The days off.
    #[serde(default)]
    pub calendar: CaseCalendar,
    /// The rules; those of the rules document where the case is silent.
    #[serde(default)]
    pub params: CaseParams,
    /// Where the child was enrolled in the month, in any order.
    #[serde(default)]
    pub segments: Vec<CaseSegment>,
}

/// The days off of a case.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct CaseCalendar {
    /// Days without lessons for anybody.
    pub official_off: Vec<NaiveDate>,
    /// Days off to which a holiday was moved: they cancel lessons of groups that meet on weekdays
    /// only (rule 18).
    pub transferred_off: Vec<NaiveDate>,
}

/// The rules of a case. Names are the parameter ids of the rules document.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct CaseParams {
    /// How the total is split (rule 30).
    pub split_mode: SplitMode,
    /// What a partial month is shared out by, where there is one segment (rule 31).
    pub basis: Basis,
    /// How many of the planned lessons may be paid though excused, in per cent (rule 16).
    pub excused_cap_percent: u32,
    /// How attendance becomes money (rule 33).
    pub payout_policy: PayoutPolicy,
    /// How many visits earn the whole cap under ENROLMENT.
    pub min_confirmed: u32,
    /// From which share on the whole cap is earned under THRESHOLD, in per cent.
    pub full_pay_at_percent: u32,
    /// The norm of a month, for MONTH_NORM.
    pub month_norm_tiyn: Option<Tiyn>,
    /// Printed beside the result.
    pub rule_version: String,
}

/// An enrolment of the child with one provider inside the month.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct CaseSegment {
    /// Who teaches: any name.
    pub provider: String,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// When the group meets.
    pub weekdays: Vec<Weekday>,
    /// Days of confirmed visits. A day named twice counts once.
    #[serde(default)]
    pub present: Vec<NaiveDate>,
    /// Days of absences with an accepted document.
    #[serde(default)]
    pub excused: Vec<NaiveDate>,
    /// Lessons that the provider cancelled: they stay in the plan, unpaid (rule 18).
    #[serde(default)]
    pub cancelled_by_provider: Vec<NaiveDate>,
    /// Lessons that leave the plan: quarantine, weather, a holiday of the place.
    #[serde(default)]
    pub cancelled_official: Vec<NaiveDate>,
    /// True while payments to the provider are suspended: what is earned is held (rule 38).
    #[serde(default)]
    pub hold: bool,
}

impl Default for CaseParams {
    fn default() -> Self {
        let defaults = Params::defaults(NaiveDate::MIN, "2026.1");
        Self {
            split_mode: defaults.split_mode,
            basis: defaults.basis,
            excused_cap_percent: defaults.excused_cap_percent,
            payout_policy: defaults.payout_policy,
            min_confirmed: defaults.min_confirmed,
            full_pay_at_percent: defaults.full_pay_at_percent,
            month_norm_tiyn: None,
            rule_version: defaults.rule_version,
        }
    }
}

impl Case {
    /// Reads a case from JSON.
    ///
    /// # Errors
    /// [`CaseRefusal`] names the field that is missing, unknown or of another form.
    pub fn parse(json: &[u8]) -> Result<Self, CaseRefusal> {
        let mut reader = serde_json::Deserializer::from_slice(json);
        let case = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let field = error.path().to_string();
            CaseRefusal::new(field, error.into_inner().to_string())
        })?;
        reader.end().map_err(|error| CaseRefusal::new(".", error.to_string()))?;
        Ok(case)
    }

    /// Gives the rules as the ledger knows them.
    pub(super) fn rules(&self) -> Params {
        let given = &self.params;
        Params {
            split_mode: given.split_mode,
            basis: given.basis,
            excused_cap_percent: given.excused_cap_percent,
            payout_policy: given.payout_policy,
            min_confirmed: given.min_confirmed,
            full_pay_at_percent: given.full_pay_at_percent,
            month_norm_tiyn: given.month_norm_tiyn.unwrap_or_default(),
            ..Params::defaults(self.month.first_day(), &given.rule_version)
        }
    }

    /// Gives the days off as the ledger knows them.
    pub(super) fn days_off(&self) -> Calendar {
        Calendar {
            version: 1,
            official_off: self.calendar.official_off.clone(),
            transferred_off: self.calendar.transferred_off.clone(),
            working: Vec::new(),
        }
    }

    /// Refuses a case that contradicts itself.
    pub(super) fn verify(&self) -> Result<(), CaseRefusal> {
        let refuse = |field: &str, problem: &str| Err(CaseRefusal::new(field, problem));
        if self.total_tiyn < Tiyn::ZERO {
            return refuse("total_tiyn", "a total is not below zero");
        }
        if self.contract_to < self.contract_from {
            return refuse("contract_to", "the contract ends before it begins");
        }
        if self.contract_to.year() != self.contract_from.year() {
            let problem = "no voucher is split across 31 December: ask for each year by itself";
            return refuse("contract_to", problem);
        }
        if Month::of(self.contract_from).is_err() {
            return refuse("contract_from", "the year is not one of 2000 to 2199");
        }
        let (first, last) = (self.month.first_day(), self.month.last_day());
        if last < self.contract_from || self.contract_to < first {
            return refuse("month", "the contract has no day in this month");
        }
        self.verify_params()?;
        for (at, segment) in self.segments.iter().enumerate() {
            self.verify_segment(at, segment)?;
        }
        Ok(())
    }

    fn verify_params(&self) -> Result<(), CaseRefusal> {
        let params = &self.params;
        for (field, percent) in [
            ("params.excused_cap_percent", params.excused_cap_percent),
            ("params.full_pay_at_percent", params.full_pay_at_percent),
        ] {
            if percent > 100 {
                return Err(CaseRefusal::new(field, "a share is not above 100 per cent"));
            }
        }
        match (params.split_mode, params.month_norm_tiyn) {
            (SplitMode::MonthNorm, None) => {
                let problem = "MONTH_NORM needs the norm of a month";
                Err(CaseRefusal::new("params.month_norm_tiyn", problem))
            }
            (_, Some(norm)) if norm < Tiyn::ZERO => {
                Err(CaseRefusal::new("params.month_norm_tiyn", "a norm is not below zero"))
            }
            (SplitMode::EqualParts | SplitMode::MonthNorm, _) => Ok(()),
        }
    }

    fn verify_segment(&self, at: usize, segment: &CaseSegment) -> Result<(), CaseRefusal> {
        let refuse = |field: &str, problem: &str| {
            Err(CaseRefusal::new(format!("segments[{at}].{field}"), problem))
        };
        if segment.to < segment.from {
            return refuse("to", "the segment ends before it begins");
        }
        for (field, day) in [("from", segment.from), ("to", segment.to)] {
            if !(self.month.first_day()..=self.month.last_day()).contains(&day) {
                return refuse(field, "the day lies outside the month of the case");
            }
            if !(self.contract_from..=self.contract_to).contains(&day) {
                return refuse(field, "the day lies outside the contract");
            }
        }
        let earlier = self.segments.iter().take(at);
        if earlier.into_iter().any(|e| segment.from <= e.to && e.from <= segment.to) {
            return refuse("from", "the segment overlaps another one");
        }
        self.verify_days(at, segment)
    }

    /// Refuses a day that cannot be what its list says.
    fn verify_days(&self, at: usize, segment: &CaseSegment) -> Result<(), CaseRefusal> {
        let (off, rules) = (self.days_off(), self.rules());
        let closed: BTreeSet<_> = segment.cancelled_official.iter().collect();
        let mut taken: BTreeSet<&NaiveDate> = BTreeSet::new();
        for (name, days) in [
            ("cancelled_official", &segment.cancelled_official),
            ("present", &segment.present),
            ("excused", &segment.excused),
            ("cancelled_by_provider", &segment.cancelled_by_provider),
        ] {
            for (place, day) in days.iter().enumerate() {
                let cancelled = name != "cancelled_official"
                    && (closed.contains(day) || off.cancels(*day, &segment.weekdays, &rules));
                let problem = if !(segment.from..=segment.to).contains(day) {
                    "the day lies outside the segment"
                } else if !segment.weekdays.contains(&Weekday::of(*day)) {
                    "the group has no lesson on this day of the week"
                } else if cancelled {
                    "the lesson of this day is officially cancelled"
                } else if taken.contains(day) {
                    "the day is in another list of this segment too"
                } else {
                    continue;
                };
                let field = format!("segments[{at}].{name}[{place}]");
                return Err(CaseRefusal::new(field, problem));
            }
            taken.extend(days);
        }
        Ok(())
    }
}
