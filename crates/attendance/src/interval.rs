//! When an event was made: not a moment but an interval, each end with its reason.

use core::ops::RangeInclusive;

/// Says when an event was made, as far as the anchors in the chain prove it. Times are milliseconds
/// since 1970-01-01T00:00Z, and both ends belong to the interval.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EventTime {
    /// The event's position in its chain.
    pub seq: u64,
    /// What the device's wall clock said. It proves nothing and is never corrected.
    pub claimed_ms: i64,
    /// Not before.
    pub lower: Bound,
    /// Not after.
    pub upper: Bound,
    /// By how much the wall clock was set since the event before, against the monotonic clock.
    /// Nothing where the monotonic clock did not run through.
    pub wall_jump_ms: Option<i64>,
}

/// One end of an interval.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Bound {
    /// No anchor is on this side.
    Open,
    /// An anchor in the chain.
    Anchor {
        /// The end of the interval.
        at_ms: i64,
        /// The anchor's own time.
        anchor_ms: i64,
        /// The position of the event that carries the anchor.
        seq: u64,
        /// How far from the anchor's own time, and why no nearer.
        reach: Reach,
    },
    /// No anchor followed: the time at which the server took the event.
    Arrival {
        /// The end of the interval.
        at_ms: i64,
    },
}

/// How an anchor reaches an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reach {
    /// The monotonic clock ran through: so far from the anchor's time.
    Ran {
        /// The distance that was added or taken away, after the allowance for a fast clock.
        delta_ms: u64,
    },
    /// The device was started anew in between: the anchor's own time.
    Rebooted,
    /// The monotonic clock went back within one boot: the anchor's own time.
    WentBack,
    /// The two ends would have crossed: a clock leapt or lied, and the distances count for nothing.
    Contradicted,
}

/// Where an interval lies as seen from a window.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Placement {
    /// Wholly inside.
    Inside,
    /// Wholly outside.
    Outside,
    /// It could be either: somebody has to confirm the visit.
    NeedsConfirmation,
}

/// What the wall clock must have been, as seen from the interval.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum WallClock {
    /// The claimed time lies in the interval.
    Possible,
    /// The clock was ahead, at least so far.
    Ahead {
        /// The distance to the interval.
        by_ms: u64,
    },
    /// The clock was behind, at least so far.
    Behind {
        /// The distance to the interval.
        by_ms: u64,
    },
}

impl EventTime {
    /// Says where the interval lies. A claimed time plays no part in it.
    #[must_use]
    pub fn placement(&self, window: &RangeInclusive<i64>) -> Placement {
        let (first, last) = (*window.start(), *window.end());
        let (lower, upper) = (self.lower.at_ms(), self.upper.at_ms());
        let wholly_after = lower.is_some_and(|at| at > last);
        let wholly_before = upper.is_some_and(|at| at < first);
        if wholly_after || wholly_before || first > last {
            Placement::Outside
        } else if lower.is_some_and(|at| at >= first) && upper.is_some_and(|at| at <= last) {
            Placement::Inside
        } else {
            Placement::NeedsConfirmation
        }
    }

    /// Says how wrong the wall clock must have been.
    #[must_use]
    pub fn wall_clock(&self) -> WallClock {
        let claimed = self.claimed_ms;
        match (self.lower.at_ms(), self.upper.at_ms()) {
            (_, Some(upper)) if claimed > upper => {
                WallClock::Ahead { by_ms: claimed.abs_diff(upper) }
            }
            (Some(lower), _) if claimed < lower => {
                WallClock::Behind { by_ms: claimed.abs_diff(lower) }
            }
            _ => WallClock::Possible,
        }
    }
}

impl Bound {
    /// Gives the end of the interval, if there is one.
    #[must_use]
    pub fn at_ms(&self) -> Option<i64> {
        match self {
            Self::Open => None,
            Self::Anchor { at_ms, .. } | Self::Arrival { at_ms } => Some(*at_ms),
        }
    }
}
