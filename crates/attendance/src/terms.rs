//! Until when something may be said (rules R2, 15; R3, 19 and 20; R4; R9, 49).
//!
//! Days are local days at +05:00. A device tells these terms to people; it refuses nothing for them, for
//! what counts is decided where the calendar is. Days off are not known here: a term of working days is
//! counted from Monday to Friday, and may be longer than it says.

use core::ops::Range;

/// The terms. The numbers are dated rules; [`Terms::DEFAULT`] has the programme's defaults.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Terms {
    /// Working days after the lesson in which a reason of an absence may be entered.
    pub absence_reason_days: u32,
    /// Days after the lesson in which its document may be entered, and not after the soft close.
    pub sick_doc_days: u32,
    /// The day of the next month at whose end a month takes no new visits.
    pub soft_close_day: u32,
    /// Days in which a family answers about a visit.
    pub visit_confirm_days: u32,
    /// First and last day of the next month on which a family signs a month.
    pub sign_days: (u32, u32),
    /// How many of the planned lessons are paid though excused, in per cent.
    pub excused_cap_percent: u32,
    /// How many of a thousand lessons are asked for a headcount.
    pub spot_check_per_mille: u32,
    /// How many others may bring a child whom its parent entrusts to them (rules R3, 22).
    pub delegates_max: u32,
    /// For how many days somebody is named: as long as an enrolment holds without being confirmed again
    /// (rules R9, 50).
    pub delegate_days: u32,
}

impl Terms {
    /// The programme's defaults.
    pub const DEFAULT: Self = Self {
        absence_reason_days: 5,
        sick_doc_days: 10,
        soft_close_day: 2,
        visit_confirm_days: 7,
        sign_days: (1, 7),
        excused_cap_percent: 25,
        spot_check_per_mille: 20,
        delegates_max: 3,
        delegate_days: 90,
    };

    /// Gives the moment until which a reason may be entered for an absence from a lesson, milliseconds
    /// since 1970-01-01T00:00Z; it is the first one after.
    #[must_use]
    pub fn reason_until_ms(&self, lesson_start_ms: i64) -> i64 {
        let mut day = day_of(lesson_start_ms);
        let mut left = self.absence_reason_days;
        while left > 0 {
            day = day.saturating_add(1);
            // 1970-01-01 was a Thursday
            let is_working_day = day.saturating_add(3).rem_euclid(7) < 5;
            left -= u32::from(is_working_day);
        }
        start_ms(day.saturating_add(1))
    }

    /// Gives the moment until which a document may be entered for an absence from a lesson.
    #[must_use]
    pub fn document_until_ms(&self, lesson_start_ms: i64) -> i64 {
        let day = day_of(lesson_start_ms);
        let by_days = day.saturating_add(i64::from(self.sick_doc_days) + 1);
        let close = next_month(day).saturating_add(i64::from(self.soft_close_day));
        start_ms(by_days.min(close))
    }

    /// Gives the moment until which a family may answer about a visit that it saw then.
    #[must_use]
    pub fn answer_until_ms(&self, seen_ms: i64) -> i64 {
        start_ms(day_of(seen_ms).saturating_add(i64::from(self.visit_confirm_days) + 1))
    }

    /// Gives the time in which a family signs a month (`year * 100 + month`).
    #[must_use]
    pub fn sign_window_ms(&self, month: u32) -> Option<Range<i64>> {
        let first_of_next = day_of(month_ms(month)?.end);
        let at = |day: u32| start_ms(first_of_next.saturating_add(i64::from(day)));
        let (first, last) = self.sign_days;
        Some(at(first.saturating_sub(1))..at(last))
    }

    /// Gives how many excused lessons of a month are paid, of those planned.
    #[must_use]
    pub fn excused_cap(&self, planned: u32) -> u32 {
        planned.saturating_mul(self.excused_cap_percent) / 100
    }
}

/// Gives the time of a month (`year * 100 + month`), milliseconds since 1970-01-01T00:00Z.
#[must_use]
pub fn month_ms(month: u32) -> Option<Range<i64>> {
    let (year, number) = (month / 100, month % 100);
    if !(1..=12).contains(&number) || !(1970..=9999).contains(&year) {
        return None;
    }
    let first = first_day(i64::from(year), i64::from(number));
    Some(start_ms(first)..start_ms(next_month(first)))
}

/// Names the month of a moment, as `year * 100 + month`; the nearest that has four digits of a year.
#[must_use]
pub fn month_of(at_ms: i64) -> u32 {
    let (year, month, _) = civil(day_of(at_ms));
    u32::try_from(year.clamp(1970, 9999) * 100 + month).unwrap_or_default()
}

fn next_month(day: i64) -> i64 {
    let (year, month, _) = civil(day);
    if month == 12 { first_day(year + 1, 1) } else { first_day(year, month + 1) }
}

/// Counts local days since 1970-01-01.
fn day_of(at_ms: i64) -> i64 {
    at_ms.saturating_add(ZONE_MS).div_euclid(DAY_MS)
}

fn start_ms(day: i64) -> i64 {
    day.saturating_mul(DAY_MS).saturating_sub(ZONE_MS)
}

/// Gives year, month and day of the month. Years begin in March here, so that a leap day comes last.
fn civil(day: i64) -> (i64, i64, i64) {
    // Far beyond any lesson, and far from where the arithmetic ends.
    let shifted = day.clamp(-1_000_000_000, 1_000_000_000) + MARCH_0;
    let era = shifted.div_euclid(ERA_DAYS);
    let of_era = shifted.rem_euclid(ERA_DAYS);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * from_march + 2) / 5 + 1)
}

/// Gives the first day of a month.
fn first_day(year: i64, month: i64) -> i64 {
    let from_march = (month + 9) % 12;
    let year = year - i64::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let days = of_era * 365 + of_era / 4 - of_era / 100 + (153 * from_march + 2) / 5;
    era * ERA_DAYS + days - MARCH_0
}

/// The one zone of the programme, UTC+5 (rules R1, 1).
const ZONE_MS: i64 = 5 * 3_600_000;
const DAY_MS: i64 = 86_400_000;
/// Days of 400 years.
const ERA_DAYS: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const MARCH_0: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    /// Noon at +05:00.
    fn noon(year: i64, month: i64, day: i64) -> i64 {
        start_ms(first_day(year, month) + day - 1) + DAY_MS / 2
    }

    fn date(at_ms: i64) -> (i64, i64, i64) {
        civil(day_of(at_ms))
    }

    #[test]
    fn knows_dates_and_months() {
        // 2026-09-28T04:05Z
        assert_eq!(date(1_790_568_300_000), (2026, 9, 28));
        assert_eq!(month_of(1_790_568_300_000), 202_609);
        for (year, month, day) in [(1970, 1, 1), (2028, 2, 29), (2100, 3, 1), (2026, 12, 31)] {
            assert_eq!(date(noon(year, month, day)), (year, month, day));
        }
        let september = month_ms(202_609).unwrap();
        assert_eq!(september.end - september.start, 30 * DAY_MS);
        assert_eq!(month_ms(202_612).unwrap().end, month_ms(202_701).unwrap().start);
        assert!([0, 202_600, 202_613, 196_912].iter().all(|month| month_ms(*month).is_none()));
        assert_eq!(month_of(i64::MAX), 999_912.min(month_of(i64::MAX)));
        assert!(month_of(i64::MIN) / 100 == 1970);
    }

    #[test]
    fn working_days_leave_out_the_weekend() {
        // Wednesday: Thursday, Friday, Monday, Tuesday, Wednesday.
        let until = Terms::DEFAULT.reason_until_ms(noon(2026, 9, 2));
        assert_eq!((date(until - 1), date(until)), ((2026, 9, 9), (2026, 9, 10)));
        // Saturday: five days of the next week.
        assert_eq!(date(Terms::DEFAULT.reason_until_ms(noon(2026, 9, 5)) - 1), (2026, 9, 11));
    }

    #[test]
    fn document_has_ten_days_and_not_longer_than_the_month_is_open() {
        let last = |day| date(Terms::DEFAULT.document_until_ms(noon(2026, 9, day)) - 1);
        assert_eq!(last(2), (2026, 9, 12));
        assert_eq!(last(21), (2026, 10, 1));
        assert_eq!(last(28), (2026, 10, 2));
        let december = Terms::DEFAULT.document_until_ms(noon(2026, 12, 30));
        assert_eq!(date(december - 1), (2027, 1, 2));
    }

    #[test]
    fn month_is_signed_on_its_first_seven_days_after() {
        let window = Terms::DEFAULT.sign_window_ms(202_609).unwrap();
        assert_eq!(window.start, month_ms(202_610).unwrap().start);
        assert_eq!((date(window.end - 1), date(window.end)), ((2026, 10, 7), (2026, 10, 8)));
        assert_eq!(Terms::DEFAULT.sign_window_ms(202_613), None);
    }

    #[test]
    fn answer_has_seven_days() {
        let until = Terms::DEFAULT.answer_until_ms(noon(2026, 9, 2));
        assert_eq!(date(until - 1), (2026, 9, 9));
    }

    #[test]
    fn share_of_excused_lessons_is_rounded_down() {
        assert_eq!(Terms::DEFAULT.excused_cap(12), 3);
        assert_eq!(Terms::DEFAULT.excused_cap(7), 1);
    }

    #[test]
    fn survives_the_farthest_moments() {
        for at_ms in [i64::MIN, i64::MAX] {
            let terms = Terms::DEFAULT;
            let all = [
                terms.reason_until_ms(at_ms),
                terms.document_until_ms(at_ms),
                terms.answer_until_ms(at_ms),
            ];
            assert_eq!(all.len(), 3);
        }
    }
}
