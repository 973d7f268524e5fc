//! The calendars that come with the program, as data. What a month rests on is the calendar of its
//! district's snapshot; these are what an operator begins one with.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Calendar;

const FILES: [&str; 2] =
    [include_str!("../../calendars/2026.json"), include_str!("../../calendars/2027.json")];

/// A year's days off, as far as they are known.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ShippedCalendar {
    /// The year.
    pub year: u16,
    /// The first day that it speaks of.
    pub covers_from: NaiveDate,
    /// The last day that it speaks of.
    pub covers_to: NaiveDate,
    /// Whether the government has yet to decide: expected days, to be replaced by a newer version.
    pub provisional: bool,
    /// The days off.
    pub calendar: Calendar,
}

impl ShippedCalendar {
    /// Gives the calendars that come with the program, by year.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let read = |file: &&str| serde_json::from_str(file).expect("the tests read each file");
        FILES.iter().map(read).collect()
    }

    /// Gives all their days as one calendar, such as a contract over the new year needs.
    #[must_use]
    pub fn together() -> Calendar {
        let mut whole = Calendar::default();
        for one in Self::all() {
            whole.version = whole.version.max(one.calendar.version);
            whole.official_off.extend(one.calendar.official_off);
            whole.transferred_off.extend(one.calendar.transferred_off);
            whole.working.extend(one.calendar.working);
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use chrono::Datelike;

    use super::*;

    #[test]
    fn each_file_speaks_of_its_own_days() {
        let years: Vec<_> = ShippedCalendar::all().iter().map(|one| one.year).collect();
        assert_eq!(years, [2026, 2027]);
        for one in ShippedCalendar::all() {
            let Calendar { official_off, transferred_off, working, .. } = &one.calendar;
            for day in official_off.iter().chain(transferred_off).chain(working) {
                assert_eq!(day.year(), i32::from(one.year), "{day}");
                assert!((one.covers_from..=one.covers_to).contains(day), "{day}");
            }
        }
    }

    #[test]
    fn a_day_is_moved_from_a_weekend_to_a_working_day() {
        for one in ShippedCalendar::all() {
            let weekend = |day: &NaiveDate| day.weekday().number_from_monday() > 5;
            let moved = &one.calendar.transferred_off;
            assert!(moved.iter().all(|day| !weekend(day)));
            assert!(moved.iter().all(|day| !one.calendar.official_off.contains(day)));
            assert!(moved.len() <= one.calendar.official_off.iter().filter(|d| weekend(d)).count());
        }
    }

    #[test]
    fn the_next_year_is_expected_and_says_so() {
        let all = ShippedCalendar::all();
        assert_eq!((all[0].provisional, all[1].provisional), (false, true));
        let whole = ShippedCalendar::together();
        assert!(whole.official_off.contains(&"2026-12-16".parse().unwrap()));
        assert!(whole.transferred_off.contains(&"2027-01-04".parse().unwrap()));
    }
}
