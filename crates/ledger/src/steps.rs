//! The calendar of a month's steps, from the soft close to the payment (R4).

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, Month};

/// The days of the month after, on which each step ends. Dated parameters like all others.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct StepDays {
    /// No new visit after it without a case.
    pub soft_close: u32,
    /// The last day on which parents sign.
    pub parents_sign: u32,
    /// The provider's sheet is sent.
    pub sheet: u32,
    /// The issuer has checked it, with one return for revision.
    pub check: u32,
    /// The act is made of the approved rows.
    pub act: u32,
    /// The act is signed by both, and the Treasury is asked.
    pub request: u32,
    /// The Treasury has paid.
    pub payment: u32,
    /// Rows that were late are still taken into a supplementary sheet.
    pub supplementary: u32,
    /// In December, the day on which the provisional sheet ends.
    pub fiscal_year_soft_close: u32,
}

impl Default for StepDays {
    /// Gives the defaults of the rules document.
    fn default() -> Self {
        Self {
            soft_close: 2,
            parents_sign: 7,
            sheet: 8,
            check: 12,
            act: 14,
            request: 16,
            payment: 18,
            supplementary: 28,
            fiscal_year_soft_close: 20,
        }
    }
}

/// One step of a month's closing.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MonthStep {
    /// Visits come without a case.
    SoftClose,
    /// Parents sign.
    ParentsSign,
    /// The provider sends the sheet.
    Sheet,
    /// The issuer checks it.
    Check,
    /// The act is made.
    Act,
    /// The Treasury is asked.
    Request,
    /// The Treasury pays.
    Payment,
    /// Late rows come in a supplementary sheet.
    Supplementary,
}

impl MonthStep {
    /// All steps, in order of time.
    pub const ALL: [Self; 8] = [
        Self::SoftClose,
        Self::ParentsSign,
        Self::Sheet,
        Self::Check,
        Self::Act,
        Self::Request,
        Self::Payment,
        Self::Supplementary,
    ];

    /// Says who holds the month until the step is done.
    #[must_use]
    pub fn holder(self) -> Holder {
        match self {
            Self::SoftClose => Holder::Teacher,
            Self::ParentsSign => Holder::Parent,
            Self::Sheet | Self::Act | Self::Supplementary => Holder::Provider,
            Self::Check | Self::Request => Holder::Issuer,
            Self::Payment => Holder::Treasury,
        }
    }
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// Teachers bring what their devices hold.
    Teacher,
    /// Parents confirm.
    Parent,
    /// The provider's administrator.
    Provider,
    /// The issuer.
    Issuer,
    /// The Treasury.
    Treasury,
}

/// The last day of a step.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct StepDeadline {
    /// Which step.
    pub step: MonthStep,
    /// Whose turn it is until then.
    pub holder: Holder,
    /// The last day, a local day of UTC+5.
    pub last_day: NaiveDate,
    /// True if the rules' day is no working day, and the step ends later for that.
    pub shifted: bool,
}

/// Gives the deadlines of a month's steps, in order of time. A day that is not a working day moves to
/// the next one that is (rule 25); the soft close and the parents' signatures are no office work and
/// do not move. In December the soft close is on a day of December itself (rule 29).
#[must_use]
pub fn month_steps(month: Month, days: &StepDays, calendar: &Calendar) -> Vec<StepDeadline> {
    let deadline = |step: MonthStep| {
        let planned = planned_day(month, step, days)?;
        let last_day = match step {
            MonthStep::SoftClose | MonthStep::ParentsSign => planned,
            MonthStep::Sheet
            | MonthStep::Check
            | MonthStep::Act
            | MonthStep::Request
            | MonthStep::Payment
            | MonthStep::Supplementary => calendar.working_day_from(planned),
        };
        Some(StepDeadline { step, holder: step.holder(), last_day, shifted: last_day != planned })
    };
    MonthStep::ALL.into_iter().filter_map(deadline).collect()
}

/// Gives the first step that is not over on a day: who holds the month, and until when.
#[must_use]
pub fn current_step(steps: &[StepDeadline], today: NaiveDate) -> Option<StepDeadline> {
    steps.iter().copied().find(|step| today <= step.last_day)
}

fn planned_day(month: Month, step: MonthStep, days: &StepDays) -> Option<NaiveDate> {
    if month.month() == 12 && step == MonthStep::SoftClose {
        return day_of(month, days.fiscal_year_soft_close);
    }
    let day = match step {
        MonthStep::SoftClose => days.soft_close,
        MonthStep::ParentsSign => days.parents_sign,
        MonthStep::Sheet => days.sheet,
        MonthStep::Check => days.check,
        MonthStep::Act => days.act,
        MonthStep::Request => days.request,
        MonthStep::Payment => days.payment,
        MonthStep::Supplementary => days.supplementary,
    };
    day_of(month.next()?, day)
}

/// A day of a month; the last one if it has fewer.
fn day_of(month: Month, day: u32) -> Option<NaiveDate> {
    month.first_day().with_day(day.max(1)).or_else(|| Some(month.last_day()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn steps(month: &str) -> Vec<StepDeadline> {
        let calendar = Calendar {
            version: 1,
            official_off: vec![day("2026-12-16"), day("2027-01-07")],
            ..Calendar::default()
        };
        month_steps(month.parse().unwrap(), &StepDays::default(), &calendar)
    }

    fn last_days(steps: &[StepDeadline]) -> Vec<String> {
        steps.iter().map(|step| step.last_day.to_string()).collect()
    }

    #[test]
    fn office_days_move_to_the_next_working_day() {
        // November 2026: the 8th is a Sunday, the 14th a Saturday, the 28th a Saturday.
        let october = steps("2026-10");
        assert_eq!(
            last_days(&october),
            [
                "2026-11-02",
                "2026-11-07",
                "2026-11-09",
                "2026-11-12",
                "2026-11-16",
                "2026-11-16",
                "2026-11-18",
                "2026-11-30"
            ]
        );
        let shifted: Vec<_> = october.iter().filter(|step| step.shifted).map(|s| s.step).collect();
        assert_eq!(shifted, [MonthStep::Sheet, MonthStep::Act, MonthStep::Supplementary]);
        // Wednesday 16 December is a day off: the request moves to Thursday.
        assert_eq!(steps("2026-11")[5].last_day, day("2026-12-17"));
    }

    #[test]
    fn december_closes_softly_inside_its_fiscal_year() {
        let december = steps("2026-12");
        assert_eq!(december[0].last_day, day("2026-12-20"));
        assert_eq!(december[1].last_day, day("2027-01-07"), "parents are no office");
        assert_eq!(december[2].last_day, day("2027-01-08"));
        assert!(december.windows(2).all(|pair| pair[0].last_day <= pair[1].last_day));
    }

    #[test]
    fn says_whose_turn_it_is() {
        let october = steps("2026-10");
        let holder = |text: &str| current_step(&october, day(text)).map(|step| step.holder);
        assert_eq!(holder("2026-10-15"), Some(Holder::Teacher));
        assert_eq!(holder("2026-11-05"), Some(Holder::Parent));
        assert_eq!(holder("2026-11-09"), Some(Holder::Provider), "the Sunday has moved");
        assert_eq!(holder("2026-11-12"), Some(Holder::Issuer));
        assert_eq!(holder("2026-11-17"), Some(Holder::Treasury));
        assert_eq!(holder("2026-12-01"), None);
    }

    #[test]
    fn day_beyond_a_short_month_is_its_last() {
        let days = StepDays { supplementary: 31, ..StepDays::default() };
        let january = month_steps("2027-01".parse().unwrap(), &days, &Calendar::default());
        // 28 February 2027 is a Sunday.
        assert_eq!(january[7].last_day, day("2027-03-01"));
    }
}
