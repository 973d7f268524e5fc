//! Milliseconds → the wall clock of Kazakhstan.
//!
//! The offset is +05:00 everywhere and always; the browser's zone is never asked.

/// A moment on the wall clock at +05:00.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct WallTime {
    /// The year.
    pub(crate) year: i64,
    /// The month, 1 to 12.
    pub(crate) month: u8,
    /// The day of the month, 1 to 31.
    pub(crate) day: u8,
    /// The hour, 0 to 23.
    pub(crate) hour: u8,
    /// The minute, 0 to 59.
    pub(crate) minute: u8,
}

impl WallTime {
    /// Reads milliseconds since 1970-01-01T00:00Z.
    pub(crate) fn from_ms(ms: i64) -> Self {
        let minutes = ms.div_euclid(MINUTE_MS).saturating_add(OFFSET_MIN);
        let of_day = minutes.rem_euclid(DAY_MIN);
        let (year, month, day) = civil_from_days(minutes.div_euclid(DAY_MIN));
        Self { year, month, day, hour: small(of_day / 60), minute: small(of_day % 60) }
    }

    /// Reads what an input of day and time holds, `2026-09-28T09:05`, as milliseconds since
    /// 1970-01-01T00:00Z.
    pub(crate) fn parse_ms(text: &str) -> Option<i64> {
        let (day, clock) = text.split_once('T')?;
        let (year, month, day) = parse_day(day)?;
        let (hour, minute) = clock.get(..5)?.split_once(':')?;
        let hour: i64 = hour.parse().ok().filter(|hour| (0..24).contains(hour))?;
        let minute: i64 = minute.parse().ok().filter(|minute| (0..60).contains(minute))?;
        let days = (1970..=2199).contains(&year).then(|| days_from_civil(year, month, day))?;
        let read = civil_from_days(days) == (year, month, day); // no 31 of a month with 30
        read.then(|| (days * DAY_MIN + hour * 60 + minute - OFFSET_MIN) * MINUTE_MS)
    }

    /// Writes the moment as an input of day and time takes it, `2026-09-28T09:05`.
    pub(crate) fn input(self) -> String {
        let Self { year, month, day, .. } = self;
        format!("{year:04}-{month:02}-{day:02}T{}", self.clock())
    }

    /// Writes the hour and minute, `09:05`.
    pub(crate) fn clock(self) -> String {
        format!("{:02}:{:02}", self.hour, self.minute)
    }
}

/// Reads `2026-09` into year and month.
pub(crate) fn parse_month(text: &str) -> Option<(i64, u8)> {
    let (year, month) = text.split_once('-')?;
    let month = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    Some((year.parse().ok()?, month))
}

/// Reads `2026-09-28` into year, month and day.
pub(crate) fn parse_day(text: &str) -> Option<(i64, u8, u8)> {
    let (month, day) = text.rsplit_once('-')?;
    let (year, month) = parse_month(month)?;
    let day = day.parse().ok().filter(|day| (1..=31).contains(day))?;
    Some((year, month, day))
}

/// Gives year, month and day of a count of days since 1970-01-01, in the Gregorian calendar.
fn civil_from_days(days: i64) -> (i64, u8, u8) {
    let shifted = days + 719_468; // days since 0000-03-01
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, small(month), small(day))
}

/// Counts the days since 1970-01-01: what [`civil_from_days`] reads.
fn days_from_civil(year: i64, month: u8, day: u8) -> i64 {
    let (month, day) = (i64::from(month), i64::from(day));
    let year = year - i64::from(month <= 2);
    let (era, from_march) = (year.div_euclid(400), (month + 9) % 12);
    let of_era_year = year.rem_euclid(400);
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    let of_era = of_era_year * 365 + of_era_year / 4 - of_era_year / 100 + of_year;
    era * 146_097 + of_era - 719_468
}

fn small(number: i64) -> u8 {
    u8::try_from(number).expect("a part of a date or time is below 60")
}

const MINUTE_MS: i64 = 60_000;
const OFFSET_MIN: i64 = 5 * 60;
const DAY_MIN: i64 = 24 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(year: i64, month: u8, day: u8, hour: u8, minute: u8) -> WallTime {
        WallTime { year, month, day, hour, minute }
    }

    #[test]
    fn epoch_is_five_in_the_morning() {
        assert_eq!(WallTime::from_ms(0), at(1970, 1, 1, 5, 0));
        assert_eq!(WallTime::from_ms(-1), at(1970, 1, 1, 4, 59));
    }

    #[test]
    fn knows_days_around_a_leap_day_and_midnight() {
        // 2028-02-28T19:00Z is midnight of the 29th at +05:00
        assert_eq!(WallTime::from_ms(1_835_377_200_000), at(2028, 2, 29, 0, 0));
        assert_eq!(WallTime::from_ms(1_835_377_199_999), at(2028, 2, 28, 23, 59));
    }

    #[test]
    fn day_of_the_demonstration_is_right() {
        // 2026-09-28T04:05Z
        assert_eq!(WallTime::from_ms(1_790_568_300_000), at(2026, 9, 28, 9, 5));
        assert_eq!(WallTime::from_ms(1_790_568_300_000).clock(), "09:05");
    }

    #[test]
    fn what_an_input_holds_is_read_back() {
        for ms in [0, 1_790_568_300_000, 1_835_377_200_000, 1_835_290_740_000] {
            assert_eq!(WallTime::parse_ms(&WallTime::from_ms(ms).input()), Some(ms));
        }
        assert_eq!(WallTime::parse_ms("2026-09-28T09:05"), Some(1_790_568_300_000));
        assert_eq!(WallTime::parse_ms("2026-09-28T09:05:00"), Some(1_790_568_300_000));
        for wrong in ["", "2026-09-28", "2026-09-31T09:05", "2026-02-29T09:05", "2026-09-28T24:00"]
        {
            assert_eq!(WallTime::parse_ms(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn survives_the_farthest_numbers() {
        assert!(WallTime::from_ms(i64::MAX).year > 200_000_000);
        assert!(WallTime::from_ms(i64::MIN).year < -200_000_000);
    }

    #[test]
    fn parses_months_and_days() {
        assert_eq!(parse_month("2026-09"), Some((2026, 9)));
        assert_eq!(parse_day("2026-09-28"), Some((2026, 9, 28)));
        assert_eq!(parse_month("2026-13"), None);
        assert_eq!(parse_day("2026-09-00"), None);
        assert_eq!(parse_day(""), None);
    }
}
