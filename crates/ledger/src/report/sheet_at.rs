//! Who holds a month's sheet now, and since when (R4).

use chrono::NaiveDate;
use serde::Serialize;

use crate::calendar::Month;
use crate::steps::{Holder, MonthStep, StepDeadline, current_step};

/// A sheet's place among the steps of its month.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct SheetAt {
    /// Which step is next.
    pub step: MonthStep,
    /// Who is to do it.
    pub holder: Holder,
    /// Since when, a local day.
    pub since: NaiveDate,
    /// Its last day.
    pub until: NaiveDate,
    /// True if that day is over.
    pub late: bool,
}

/// Says where a provider's sheet is on a day: before the close where the calendar of steps has it, after
/// it with the Treasury, and nowhere once it is paid. `closed_on` is the day that the close claims.
#[must_use]
pub fn sheet_at(
    month: Month,
    steps: &[StepDeadline],
    today: NaiveDate,
    closed_on: Option<NaiveDate>,
    paid: bool,
) -> Option<SheetAt> {
    if paid || today < month.first_day() {
        return None;
    }
    if let Some(since) = closed_on {
        let payment = steps.iter().find(|one| one.step == MonthStep::Payment)?;
        return Some(at(payment, since, today));
    }
    // Before the close nobody pays, however late it is: the issuer's request is what is missing.
    let before = steps.iter().filter(|one| one.step < MonthStep::Payment);
    let before: Vec<StepDeadline> = before.copied().collect();
    let next = current_step(&before, today).or_else(|| before.last().copied())?;
    let done = before.iter().take_while(|one| one.step != next.step).last();
    let since = done.and_then(|one| one.last_day.succ_opt()).unwrap_or(month.first_day());
    Some(at(&next, since, today))
}

fn at(step: &StepDeadline, since: NaiveDate, today: NaiveDate) -> SheetAt {
    let StepDeadline { step, holder, last_day, .. } = *step;
    SheetAt { step, holder, since, until: last_day, late: today > last_day }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;
    use crate::steps::{StepDays, month_steps};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn held_on(today: &str, closed_on: Option<&str>, paid: bool) -> Option<SheetAt> {
        let october = "2026-10".parse().unwrap();
        let steps = month_steps(october, &StepDays::default(), &Calendar::default());
        sheet_at(october, &steps, day(today), closed_on.map(day), paid)
    }

    #[test]
    fn sheet_goes_from_hand_to_hand() {
        let holder =
            |today, closed, paid| held_on(today, closed, paid).map(|at| (at.holder, at.late));
        assert_eq!(holder("2026-09-30", None, false), None, "the month has not begun");
        assert_eq!(holder("2026-10-15", None, false), Some((Holder::Teacher, false)));
        assert_eq!(holder("2026-11-05", None, false), Some((Holder::Parent, false)));
        assert_eq!(holder("2026-11-09", None, false), Some((Holder::Provider, false)));
        assert_eq!(holder("2026-12-24", None, false), Some((Holder::Issuer, true)));
        assert_eq!(
            holder("2026-11-13", Some("2026-11-12"), false),
            Some((Holder::Treasury, false))
        );
        assert_eq!(holder("2026-11-30", Some("2026-11-12"), false), Some((Holder::Treasury, true)));
        assert_eq!(holder("2026-11-30", Some("2026-11-12"), true), None, "paid");
    }

    #[test]
    fn says_since_when() {
        let since = |today, closed| held_on(today, closed, false).unwrap().since;
        assert_eq!(since("2026-10-15", None), day("2026-10-01"));
        assert_eq!(since("2026-11-05", None), day("2026-11-03"));
        assert_eq!(since("2026-11-17", Some("2026-11-12")), day("2026-11-12"));
    }
}
