//! Days and months of the one zone UTC+5, and which planned lessons a day off takes away.

use core::fmt;
use core::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::params::Params;

mod shipped;

pub use shipped::ShippedCalendar;

const OFFSET_MS: i64 = 5 * 3_600_000;
const MINUTE_MS: i64 = 60_000;
const YEARS: core::ops::RangeInclusive<u16> = 2000..=2199;

/// Gives the local day of an instant. UTC+5 is fixed: the device's zone data may be old.
#[must_use]
pub fn local_day(at_ms: i64) -> Option<NaiveDate> {
    let shifted = DateTime::from_timestamp_millis(at_ms.checked_add(OFFSET_MS)?)?;
    Some(shifted.naive_utc().date())
}

/// Gives the instant that is `minute` minutes into the local day.
#[must_use]
pub fn local_ms(day: NaiveDate, minute: u32) -> Option<i64> {
    let midnight = day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis();
    let into = i64::from(minute).checked_mul(MINUTE_MS)?;
    midnight.checked_add(into)?.checked_sub(OFFSET_MS)
}

/// The text or number is not a month of the years 2000 to 2199.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected a month such as 2026-09")]
pub struct MonthError;

/// A calendar month. Written `2026-09`; in signed bytes the number 202609.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Month {
    year: u16,
    month: u8,
}

impl Month {
    /// Makes a month of the years 2000 to 2199.
    ///
    /// # Errors
    /// [`MonthError`] for any other.
    pub fn new(year: u16, month: u8) -> Result<Self, MonthError> {
        if YEARS.contains(&year) && (1..=12).contains(&month) {
            Ok(Self { year, month })
        } else {
            Err(MonthError)
        }
    }

    /// Reads `year * 100 + month`, as events carry it.
    ///
    /// # Errors
    /// [`MonthError`] if it is no month.
    pub fn from_number(number: u32) -> Result<Self, MonthError> {
        let year = u16::try_from(number / 100).map_err(|_| MonthError)?;
        Self::new(year, u8::try_from(number % 100).map_err(|_| MonthError)?)
    }

    /// Takes the month that a day lies in.
    ///
    /// # Errors
    /// [`MonthError`] outside the years 2000 to 2199.
    pub fn of(day: NaiveDate) -> Result<Self, MonthError> {
        let year = u16::try_from(day.year()).map_err(|_| MonthError)?;
        Self::new(year, u8::try_from(day.month()).map_err(|_| MonthError)?)
    }

    /// Gives `year * 100 + month`.
    #[must_use]
    pub fn number(self) -> u32 {
        u32::from(self.year).saturating_mul(100).saturating_add(u32::from(self.month))
    }

    /// Gives the year.
    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    /// Gives the month of the year, 1 to 12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    /// Gives the first day.
    #[must_use]
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(i32::from(self.year), u32::from(self.month), 1)
            .expect("every month of these years has a first day")
    }

    /// Gives the last day.
    #[must_use]
    pub fn last_day(self) -> NaiveDate {
        let (year, month) = (i32::from(self.year), u32::from(self.month));
        let after = match month {
            12 => NaiveDate::from_ymd_opt(year.saturating_add(1), 1, 1),
            _ => NaiveDate::from_ymd_opt(year, month.saturating_add(1), 1),
        };
        after.and_then(|after| after.pred_opt()).expect("every month of these years has a last day")
    }

    /// Gives the days, first to last.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        let month = u32::from(self.month);
        self.first_day().iter_days().take_while(move |day| day.month() == month)
    }

    /// Gives the month before, unless it is the first of all.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        Self::of(self.first_day().pred_opt()?).ok()
    }

    /// Gives the month after, unless it is the last of all.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        Self::of(self.last_day().succ_opt()?).ok()
    }

    /// Counts months from year 0, to subtract months from each other.
    pub(crate) fn ordinal(self) -> u32 {
        u32::from(self.year).saturating_mul(12).saturating_add(u32::from(self.month))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Month {
    type Err = MonthError;

    fn from_str(text: &str) -> Result<Self, MonthError> {
        let [y1, y2, y3, y4, b'-', m1, m2] = *text.as_bytes() else { return Err(MonthError) };
        let number = [y1, y2, y3, y4, m1, m2].iter().try_fold(0u32, |number, digit| {
            let digit = char::from(*digit).to_digit(10)?;
            number.checked_mul(10)?.checked_add(digit)
        });
        Self::from_number(number.ok_or(MonthError)?)
    }
}

impl Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<C> Encode<C> for Month {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.u32(self.number())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Month {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Self::from_number(d.u32()?).map_err(minicbor::decode::Error::custom)
    }
}

/// A day of the week, `mon` to `sun`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Weekday {
    /// Takes the weekday of a day.
    #[must_use]
    pub fn of(day: NaiveDate) -> Self {
        match day.weekday() {
            chrono::Weekday::Mon => Self::Mon,
            chrono::Weekday::Tue => Self::Tue,
            chrono::Weekday::Wed => Self::Wed,
            chrono::Weekday::Thu => Self::Thu,
            chrono::Weekday::Fri => Self::Fri,
            chrono::Weekday::Sat => Self::Sat,
            chrono::Weekday::Sun => Self::Sun,
        }
    }
}

/// The official days off. Data with a version, never code.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Grows with every change.
    pub version: u32,
    /// Days on which no lesson of any group is planned.
    pub official_off: Vec<NaiveDate>,
    /// Days off only because a holiday was moved there from a weekend: whether they cancel a
    /// lesson depends on the group (R2, rule 18).
    #[serde(default)]
    pub transferred_off: Vec<NaiveDate>,
    /// Saturdays and Sundays that are working days, by decision of the government.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub working: Vec<NaiveDate>,
}

impl Calendar {
    /// Says whether the lesson that a group with these `weekdays` would have on `day` leaves the
    /// plan (CANCELLED_OFFICIAL).
    ///
    /// A group with a lesson on Saturday or Sunday is a weekend group.
    #[must_use]
    pub fn cancels(&self, day: NaiveDate, weekdays: &[Weekday], params: &Params) -> bool {
        let weekend = weekdays.contains(&Weekday::Sat) || weekdays.contains(&Weekday::Sun);
        let transferred = if weekend {
            params.transferred_day_off_cancels_weekend
        } else {
            params.transferred_day_off_cancels_weekday
        };
        self.official_off.contains(&day) || (transferred && self.transferred_off.contains(&day))
    }

    /// Says whether offices work: Monday to Friday but for days off, and the weekend days that the
    /// calendar names.
    #[must_use]
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        let weekend = matches!(Weekday::of(day), Weekday::Sat | Weekday::Sun);
        let off = self.official_off.contains(&day) || self.transferred_off.contains(&day);
        self.working.contains(&day) || !(weekend || off)
    }

    /// Gives the day itself if offices work, else the next one on which they do (R4, rule 25).
    #[must_use]
    pub fn working_day_from(&self, day: NaiveDate) -> NaiveDate {
        day.iter_days().find(|day| self.is_working_day(*day)).unwrap_or(day)
    }

    /// Gives the last day of a time of so many working days after `day`, which does not count itself.
    #[must_use]
    pub fn working_days_after(&self, day: NaiveDate, count: u32) -> NaiveDate {
        let after = day.iter_days().skip(1).filter(|day| self.is_working_day(*day));
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        after.take(count).last().unwrap_or(day)
    }

    /// Gives the days of the month on which a group with these `weekdays` has a lesson, days off
    /// left out.
    #[must_use]
    pub fn lesson_days(
        &self,
        month: Month,
        weekdays: &[Weekday],
        params: &Params,
    ) -> Vec<NaiveDate> {
        let planned = month.days().filter(|day| weekdays.contains(&Weekday::of(*day)));
        planned.filter(|day| !self.cancels(*day, weekdays, params)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_only_whole_months() {
        let month: Month = "2026-09".parse().unwrap();
        assert_eq!((month.number(), month.to_string().as_str()), (202_609, "2026-09"));
        assert_eq!(month.next().unwrap().to_string(), "2026-10");
        assert_eq!("2026-01".parse::<Month>().unwrap().previous().unwrap().number(), 202_512);
        for text in
            ["2026-9", "2026-13", "2026-00", "1999-12", "2026/09", "+026-09", "", "2026-0９"]
        {
            assert_eq!(text.parse::<Month>(), Err(MonthError), "{text}");
        }
        assert_eq!(Month::from_number(u32::MAX), Err(MonthError));
    }

    #[test]
    fn working_days_leave_out_weekends_and_days_off() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let calendar = Calendar {
            version: 1,
            official_off: vec![day("2026-10-25"), day("2026-12-16")],
            transferred_off: vec![day("2026-10-26")],
            working: vec![day("2026-10-31")],
        };
        assert_eq!(calendar.working_day_from(day("2026-10-24")), day("2026-10-27"));
        assert_eq!(calendar.working_day_from(day("2026-10-27")), day("2026-10-27"));
        assert!(calendar.is_working_day(day("2026-10-31")), "a Saturday that was made one");
        assert_eq!(calendar.working_days_after(day("2026-10-23"), 2), day("2026-10-28"));
        assert_eq!(calendar.working_days_after(day("2026-12-15"), 1), day("2026-12-17"));
        assert_eq!(calendar.working_days_after(day("2026-12-15"), 0), day("2026-12-15"));
    }

    #[test]
    fn day_turns_at_nineteen_hours_utc() {
        let day = NaiveDate::from_ymd_opt(2026, 9, 14).unwrap();
        let midnight = local_ms(day, 0).unwrap();
        assert_eq!(DateTime::from_timestamp_millis(midnight).unwrap().to_rfc3339(), {
            "2026-09-13T19:00:00+00:00"
        });
        assert_eq!(local_day(midnight), Some(day));
        assert_eq!(local_day(midnight.checked_sub(1).unwrap()), day.pred_opt());
        assert_eq!(local_day(i64::MAX), None);
        assert_eq!(local_day(i64::MIN), None);
    }
}
