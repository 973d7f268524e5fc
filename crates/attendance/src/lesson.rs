//! A lesson's window: facts about when a scan came. They become flags, never refusals.

use core::ops::RangeInclusive;

/// Sets the width of a window, in minutes. The numbers are dated rules and come from outside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct WindowParams {
    /// How long before its start a lesson may be opened.
    pub open_before_min: u32,
    /// How long after its end a lesson may still be open.
    pub close_after_min: u32,
    /// How long before the start a scan belongs to the lesson.
    pub scan_early_min: u32,
    /// How long after the end a scan belongs to the lesson.
    pub scan_late_min: u32,
    /// How long after the start an arrival is still on time.
    pub late_min: u32,
}

/// When a child came, as seen from the lesson.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Arrival {
    /// Before the start, inside the window.
    Early,
    /// From the start until `late_min` after it.
    OnTime,
    /// Later than that, inside the window.
    Late,
    /// Not inside the window.
    Outside,
}

/// Holds a planned lesson's times, milliseconds since 1970-01-01T00:00Z. All bounds are inclusive.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LessonWindow {
    /// The planned start.
    pub start_ms: i64,
    /// The planned end.
    pub end_ms: i64,
    /// The width of the window.
    pub params: WindowParams,
}

impl LessonWindow {
    /// Says when a child came who was scanned at `at_ms`.
    #[must_use]
    pub fn arrival(&self, at_ms: i64) -> Arrival {
        if !self.scan_window().contains(&at_ms) {
            Arrival::Outside
        } else if at_ms < self.start_ms {
            Arrival::Early
        } else if at_ms <= after(self.start_ms, self.params.late_min) {
            Arrival::OnTime
        } else {
            Arrival::Late
        }
    }

    /// Gives the moments at which a scan belongs to the lesson.
    #[must_use]
    pub fn scan_window(&self) -> RangeInclusive<i64> {
        let first = before(self.start_ms, self.params.scan_early_min);
        first..=after(self.end_ms, self.params.scan_late_min)
    }

    /// Gives the first moment at which the lesson may be opened.
    #[must_use]
    pub fn opens_at_ms(&self) -> i64 {
        before(self.start_ms, self.params.open_before_min)
    }

    /// Gives the last moment at which the lesson may be open.
    #[must_use]
    pub fn closes_at_ms(&self) -> i64 {
        after(self.end_ms, self.params.close_after_min)
    }

    /// Decides whether the lesson may be open at `at_ms`.
    #[must_use]
    pub fn may_be_open(&self, at_ms: i64) -> bool {
        (self.opens_at_ms()..=self.closes_at_ms()).contains(&at_ms)
    }
}

fn before(moment_ms: i64, minutes: u32) -> i64 {
    moment_ms.saturating_sub(i64::from(minutes) * MINUTE_MS)
}

fn after(moment_ms: i64, minutes: u32) -> i64 {
    moment_ms.saturating_add(i64::from(minutes) * MINUTE_MS)
}

const MINUTE_MS: i64 = 60_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// Minutes as in the programme's defaults; the lesson lasts from minute 0 to minute 45.
    const LESSON: LessonWindow = LessonWindow {
        start_ms: 0,
        end_ms: 45 * MINUTE_MS,
        params: WindowParams {
            open_before_min: 30,
            close_after_min: 15,
            scan_early_min: 20,
            scan_late_min: 10,
            late_min: 15,
        },
    };

    #[test]
    fn names_an_arrival_at_each_edge() {
        let expected = [
            (-20 * MINUTE_MS - 1, Arrival::Outside),
            (-20 * MINUTE_MS, Arrival::Early),
            (-1, Arrival::Early),
            (0, Arrival::OnTime),
            (15 * MINUTE_MS, Arrival::OnTime),
            (15 * MINUTE_MS + 1, Arrival::Late),
            (55 * MINUTE_MS, Arrival::Late),
            (55 * MINUTE_MS + 1, Arrival::Outside),
        ];
        for (at_ms, arrival) in expected {
            assert_eq!(LESSON.arrival(at_ms), arrival, "at {at_ms}");
        }
    }

    #[test]
    fn opens_before_and_closes_after() {
        assert!(LESSON.may_be_open(-30 * MINUTE_MS) && LESSON.may_be_open(60 * MINUTE_MS));
        assert!(!LESSON.may_be_open(-30 * MINUTE_MS - 1));
        assert!(!LESSON.may_be_open(60 * MINUTE_MS + 1));
    }

    #[test]
    fn survives_times_at_the_end_of_the_number_line() {
        let params = WindowParams { scan_early_min: u32::MAX, ..LESSON.params };
        let lesson = LessonWindow { start_ms: i64::MIN, end_ms: i64::MAX, params };
        assert_eq!(lesson.arrival(i64::MIN), Arrival::OnTime);
        assert_eq!(lesson.arrival(i64::MAX), Arrival::Late);
        assert_eq!((lesson.opens_at_ms(), lesson.closes_at_ms()), (i64::MIN, i64::MAX));
    }
}
