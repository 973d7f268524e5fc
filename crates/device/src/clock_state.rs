//! How the device's clock stands, as seen from the last signed time. Pure: readings in, words out.
//!
//! A monotonic clock may stand still while a tablet sleeps, so what it measured since the contact is a
//! lower end: a wall clock that is ahead of it may be right. Nothing is refused for what is found here,
//! and what is recorded carries the wall clock as it stands.

use attendance::BootId;

use crate::clock::Reading;

/// Holds the numbers of the judgement: for the screen, never for money.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ClockLimits {
    /// How far a good clock may be off, milliseconds (rules R1, 8: `clock_skew_max_s`).
    pub skew_max_ms: u64,
    /// From how far on a clock that moved against the monotonic clock has jumped, milliseconds (rules
    /// R1, 12: `clock_jump_max_min`).
    pub jump_max_ms: u64,
    /// How long a clock must show the same to stand still, milliseconds.
    pub still_ms: u64,
    /// How many steps a code on a screen may be off (rules R1, 8).
    pub code_steps: u32,
    /// How long a signed time keeps a clock good enough to judge codes without `skew_max_ms`,
    /// milliseconds (rules R1, 8).
    pub trusted_for_ms: u64,
    /// How far apart anchors are put into the chain within one boot, milliseconds: the wire is for
    /// visits.
    pub anchor_every_ms: u64,
}

impl Default for ClockLimits {
    fn default() -> Self {
        Self {
            skew_max_ms: 120_000,
            jump_max_ms: 600_000,
            still_ms: 120_000,
            code_steps: 1,
            trusted_for_ms: 86_400_000,
            anchor_every_ms: 600_000,
        }
    }
}

/// How the device's clock stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ClockState {
    /// There was no contact since the device started, and nothing speaks against the clock.
    Unknown,
    /// It agrees with the signed time.
    Fine,
    /// It is ahead of the signed time.
    Ahead {
        /// By so many milliseconds, at least.
        by_ms: u64,
    },
    /// It is behind the signed time.
    Behind {
        /// By so many milliseconds, at least.
        by_ms: u64,
    },
    /// It was set, or moved by itself, since the last contact.
    Jumped {
        /// By so many milliseconds; negative is back.
        by_ms: i64,
    },
    /// It shows the same time while the monotonic clock runs.
    Stopped,
    /// The device started, and its clock shows a time before the last one known: it was not set since.
    NotSet,
}

/// The last signed time, and what the device's clocks said around it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Contact {
    /// The server's time.
    pub(crate) time_ms: i64,
    /// When the device asked.
    pub(crate) asked: Reading,
    /// When the answer was here.
    pub(crate) taken: Reading,
}

impl Contact {
    /// How far the monotonic clock ran from a reading to another one; nothing if it did not run through.
    fn ran(from: Reading, to: Reading) -> Option<u64> {
        (from.boot == to.boot).then(|| to.mono_ms.checked_sub(from.mono_ms)).flatten()
    }

    /// By how much the wall clock was wrong at the contact, as far as the way to the server and back
    /// leaves no doubt.
    fn error_ms(&self, limits: ClockLimits) -> i64 {
        let way = Self::ran(self.asked, self.taken).unwrap_or(0);
        let latest = self.time_ms.saturating_add_unsigned(way);
        let wall = self.taken.wall_ms;
        let error = if wall > latest {
            wall.saturating_sub(latest)
        } else {
            wall.saturating_sub(self.time_ms).min(0)
        };
        if error.unsigned_abs() > limits.skew_max_ms { error } else { 0 }
    }

    /// The earliest that it can be now.
    fn earliest_ms(&self, now: Reading) -> i64 {
        self.time_ms.saturating_add_unsigned(Self::ran(self.taken, now).unwrap_or(0))
    }

    /// The best known time, never before what is sure: the wall clock as it is, if it was set right since
    /// the contact, or less its error at the contact, if it was not; whichever can be, and is nearer.
    pub(crate) fn best_ms(&self, now: Reading, limits: ClockLimits) -> i64 {
        let earliest = self.earliest_ms(now);
        let possible_from = earliest.saturating_sub_unsigned(limits.skew_max_ms);
        let corrected = now.wall_ms.saturating_sub(self.error_ms(limits));
        let possible = [now.wall_ms, corrected].into_iter().filter(|at| *at >= possible_from);
        possible.min().unwrap_or(earliest).max(earliest)
    }

    /// The time by which a card may have ended: as the best known one, but a clock that leapt ahead since
    /// the contact ends no card.
    pub(crate) fn card_ms(&self, now: Reading, limits: ClockLimits) -> i64 {
        let leapt = self.moved(now).is_some_and(|moved| moved > i128::from(limits.jump_max_ms));
        if leapt { self.earliest_ms(now) } else { self.best_ms(now, limits) }
    }

    /// By how much the wall clock moved against the monotonic clock since the contact; nothing after a
    /// start of the device.
    fn moved(&self, now: Reading) -> Option<i128> {
        let ran = Self::ran(self.taken, now)?;
        Some(i128::from(now.wall_ms) - i128::from(self.taken.wall_ms) - i128::from(ran))
    }

    fn state(&self, before: Option<Reading>, now: Reading, limits: ClockLimits) -> ClockState {
        let Some(moved) = self.moved(now) else {
            let (wall, known) = (now.wall_ms, self.time_ms);
            let behind = wall.saturating_add_unsigned(limits.skew_max_ms) < known;
            return if behind { ClockState::NotSet } else { ClockState::Unknown };
        };
        let still = |since: Reading| {
            Self::ran(since, now).is_some_and(|ran| ran >= limits.still_ms)
                && now.wall_ms.abs_diff(since.wall_ms) < STILL_MS
        };
        if still(self.taken) || before.is_some_and(still) {
            return ClockState::Stopped;
        }
        let earliest = self.earliest_ms(now);
        let way = Self::ran(self.asked, self.taken).unwrap_or(0);
        let latest = earliest.saturating_add_unsigned(way);
        let off = if now.wall_ms < earliest {
            earliest.abs_diff(now.wall_ms)
        } else {
            u64::try_from(now.wall_ms.saturating_sub(latest)).unwrap_or(0)
        };
        if off <= limits.skew_max_ms {
            return ClockState::Fine;
        }
        if moved.unsigned_abs() > u128::from(limits.jump_max_ms) {
            let bound = if moved < 0 { i64::MIN } else { i64::MAX };
            return ClockState::Jumped { by_ms: i64::try_from(moved).unwrap_or(bound) };
        }
        if now.wall_ms < earliest {
            ClockState::Behind { by_ms: off }
        } else {
            ClockState::Ahead { by_ms: off }
        }
    }
}

/// Says how the clock stands. `before` is the reading of the last event; without any contact,
/// `not_before_ms` is the only thing known about the time.
pub(crate) fn state_of(
    contact: Option<&Contact>,
    before: Option<Reading>,
    not_before_ms: i64,
    now: Reading,
    limits: ClockLimits,
) -> ClockState {
    match contact {
        Some(contact) => contact.state(before, now, limits),
        None if now.wall_ms.saturating_add_unsigned(limits.skew_max_ms) < not_before_ms => {
            ClockState::NotSet
        }
        None => ClockState::Unknown,
    }
}

impl Reading {
    /// Gives what the clocks said, from an event.
    pub(crate) fn of(wall_ms: i64, mono_ms: u64, boot: BootId) -> Self {
        Self { wall_ms, mono_ms, boot }
    }
}

/// Two readings of a clock that stands still are less than a second apart.
const STILL_MS: u64 = 1_000;
