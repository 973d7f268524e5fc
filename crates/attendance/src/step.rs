//! The time steps of codes on screens, and how far from now one may be (rules R1, 8).

use minicbor::{Decode, Encode};

/// How long one step lasts: a phone shows a new code with each. It is a part of the format.
pub const STEP_MS: i64 = 15_000;

/// Numbers the 15-second steps since 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cbor(transparent)]
pub struct Step(pub u32);

impl Step {
    /// Gives the step of a moment (milliseconds since 1970-01-01T00:00Z). There is none before 1970
    /// and none after the year 4000.
    #[must_use]
    pub fn at(moment_ms: i64) -> Option<Self> {
        u32::try_from(number_at(moment_ms)).ok().map(Self)
    }
}

/// Says how far from the verifier's clock a step may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StepWindow {
    /// How many steps earlier or later.
    pub steps: u32,
    /// How many seconds the verifier's clock itself may be wrong, either way. Zero where it was set
    /// by trusted time not long ago.
    pub skew_s: u32,
}

impl StepWindow {
    /// Decides whether a step is fresh at `now_ms`.
    pub(crate) fn admit(self, step: Step, now_ms: i64) -> Result<(), StepRejection> {
        let (step, now) = (i64::from(step.0), number_at(now_ms));
        let (skew_ms, steps) = (i64::from(self.skew_s) * 1000, i64::from(self.steps));
        let by_steps = now.abs_diff(step);
        if step < number_at(now_ms.saturating_sub(skew_ms)) - steps {
            Err(StepRejection::TooOld { by_steps })
        } else if step > number_at(now_ms.saturating_add(skew_ms)) + steps {
            Err(StepRejection::FromFuture { by_steps })
        } else {
            Ok(())
        }
    }
}

/// Why a code on a screen does not fit the time at which it was shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StepRejection {
    /// Made too long before: perhaps a picture of a screen.
    #[error(
        "the code on the screen is {by_steps} steps of 15 seconds old: show a new one, \
         a picture of a code does not count"
    )]
    TooOld {
        /// How many steps before the verifier's own.
        by_steps: u64,
    },
    /// Made later than now: one of the two clocks is wrong.
    #[error(
        "the code on the screen is {by_steps} steps of 15 seconds ahead: \
         set the clocks of both devices by the network"
    )]
    FromFuture {
        /// How many steps after the verifier's own.
        by_steps: u64,
    },
}

impl StepRejection {
    /// Names the refusal for machines; the name never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooOld { .. } => "too_old",
            Self::FromFuture { .. } => "from_future",
        }
    }
}

fn number_at(moment_ms: i64) -> i64 {
    moment_ms.div_euclid(STEP_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Step = Step(1000);
    const NOW_MS: i64 = 1000 * STEP_MS;

    #[test]
    fn numbers_a_moment_by_its_whole_steps() {
        assert_eq!(Step::at(0), Some(Step(0)));
        assert_eq!(Step::at(STEP_MS - 1), Some(Step(0)));
        assert_eq!(Step::at(STEP_MS), Some(Step(1)));
        assert_eq!((Step::at(-1), Step::at(i64::MIN), Step::at(i64::MAX)), (None, None, None));
    }

    #[test]
    fn admits_the_allowed_steps_and_names_the_distance_beyond() {
        let window = StepWindow { steps: 1, skew_s: 0 };
        for now_ms in [NOW_MS, NOW_MS + STEP_MS - 1] {
            for step in 999..=1001 {
                assert_eq!(window.admit(Step(step), now_ms), Ok(()), "{step}");
            }
            let old = StepRejection::TooOld { by_steps: 2 };
            assert_eq!(window.admit(Step(998), now_ms), Err(old));
            let future = StepRejection::FromFuture { by_steps: 2 };
            assert_eq!(window.admit(Step(1002), now_ms), Err(future));
        }
        let exact = StepWindow { steps: 0, skew_s: 0 };
        assert!(exact.admit(NOW, NOW_MS).is_ok() && exact.admit(Step(999), NOW_MS).is_err());
    }

    #[test]
    fn admits_skew_on_top_of_the_steps() {
        // 120 s are 8 steps, and the allowed one is the ninth.
        let window = StepWindow { steps: 1, skew_s: 120 };
        assert!(window.admit(Step(991), NOW_MS).is_ok());
        assert_eq!(window.admit(Step(990), NOW_MS), Err(StepRejection::TooOld { by_steps: 10 }));
        assert!(window.admit(Step(1009), NOW_MS).is_ok());
        let future = StepRejection::FromFuture { by_steps: 10 };
        assert_eq!(window.admit(Step(1010), NOW_MS), Err(future));
    }

    #[test]
    fn survives_times_at_the_end_of_the_number_line() {
        let window = StepWindow { steps: u32::MAX, skew_s: u32::MAX };
        for now_ms in [i64::MIN, i64::MAX] {
            assert!(window.admit(NOW, now_ms).is_err());
        }
    }
}
