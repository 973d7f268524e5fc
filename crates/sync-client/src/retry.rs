//! When to sync next: a state machine without a clock, a timer or randomness of its own.
//!
//! A failed sync is tried again after a random time below a limit that doubles with each failure, up to
//! a cap (*full jitter*: devices that failed together do not come back together). A success, a network
//! that came back, a person who looks at the screen and enough new scans begin anew. A server that says
//! when it wants to be asked is not asked before, except by a person. Whatever happens, there is always
//! a next time: nothing here waits for "the next write".

use crate::client::SyncReport;
use crate::error::SyncError;

/// How fast to try, in milliseconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pace {
    /// The rest after a sync that did something.
    pub rest_ms: u64,
    /// The longest rest: syncs that find nothing to do double it up to here.
    pub idle_max_ms: u64,
    /// The limit of the wait after the first failure.
    pub first_ms: u64,
    /// The limit of the wait after many failures.
    pub cap_ms: u64,
    /// The wait after a refusal that only a change elsewhere can end.
    pub refused_ms: u64,
    /// How long a new record waits for company.
    pub gather_ms: u64,
    /// So many new records begin anew after failures.
    pub records: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            rest_ms: 60_000,
            idle_max_ms: 300_000,
            first_ms: 4_000,
            cap_ms: 300_000,
            refused_ms: 900_000,
            gather_ms: 1_000,
            records: 5,
        }
    }
}

impl Pace {
    /// For a screen that is looked at: a kiosk, a demonstration.
    #[must_use]
    pub fn lively() -> Self {
        Self {
            rest_ms: 10_000,
            idle_max_ms: 10_000,
            cap_ms: 60_000,
            gather_ms: 0,
            ..Self::default()
        }
    }
}

/// How a sync ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It sent or fetched something.
    Done,
    /// It was all done before.
    NothingToDo,
    /// No whole answer came.
    Unanswered,
    /// The server wants to be left alone, for so long if it says so.
    Busy {
        /// How long, in milliseconds.
        retry_after_ms: Option<u64>,
    },
    /// It will be refused again until something changes elsewhere. Nothing is deleted for it.
    Refused,
}

/// What happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Happened {
    /// A sync began.
    Began,
    /// A sync ended.
    Ended(Outcome),
    /// The network came back.
    Online,
    /// The app came back to the screen.
    Resumed,
    /// Something was recorded.
    Recorded,
    /// A person pressed *send now*.
    Pressed,
}

/// Why the next sync is when it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Why {
    /// All is well; it looks for news.
    Rest,
    /// Something new was recorded.
    Recorded,
    /// The network came back.
    Online,
    /// The app came back to the screen, or began.
    Resumed,
    /// A person asked for it.
    Pressed,
    /// The last one was not answered.
    Unanswered,
    /// The server asked for the wait.
    Busy,
    /// The last one was refused.
    Refused,
}

/// When the next sync is, on the clock that was handed in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Plan {
    /// When, in milliseconds.
    pub at_ms: u64,
    /// Why then.
    pub why: Why,
}

/// Knows when to sync next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Retry {
    pace: Pace,
    /// Failures in a row.
    failures: u32,
    /// Syncs in a row that found nothing to do.
    idle: u32,
    /// Records since a sync last began.
    records: u32,
    /// The server does not want to be asked before.
    not_before_ms: u64,
    plan: Plan,
}

impl Outcome {
    /// Says how a sync ended.
    #[must_use]
    pub fn of(synced: &Result<SyncReport, SyncError>) -> Self {
        match synced {
            Ok(report) if *report == SyncReport::default() => Self::NothingToDo,
            Ok(_) => Self::Done,
            Err(SyncError::Busy { retry_after_s, .. }) => {
                let retry_after_ms = retry_after_s.map(|seconds| seconds.saturating_mul(1_000));
                Self::Busy { retry_after_ms }
            }
            Err(error) if error.is_permanent() => Self::Refused,
            Err(_) => Self::Unanswered,
        }
    }
}

impl Retry {
    /// Begins: the first sync is now. `now_ms` is read from a clock that never goes back.
    #[must_use]
    pub fn new(pace: Pace, now_ms: u64) -> Self {
        let plan = Plan { at_ms: now_ms, why: Why::Resumed };
        Self { pace, failures: 0, idle: 0, records: 0, not_before_ms: 0, plan }
    }

    /// Says when the next sync is.
    #[must_use]
    pub fn plan(&self) -> Plan {
        self.plan
    }

    /// Takes in what happened. `random` is used up: any 64 bits, new ones each time.
    #[must_use]
    pub fn apply(self, happened: Happened, now_ms: u64, random: u64) -> Self {
        match happened {
            // While it runs, nothing else is due; should it never end, this is the way on.
            Happened::Began => {
                let plan = Plan { at_ms: now_ms.saturating_add(self.pace.cap_ms), ..self.plan };
                Self { records: 0, plan, ..self }
            }
            Happened::Ended(outcome) => self.ended(outcome, now_ms, random),
            Happened::Online => {
                // A whole school comes online with its router.
                let at_ms = now_ms.saturating_add(below(self.pace.first_ms, random));
                Self { failures: 0, idle: 0, ..self }.no_later_than(at_ms, Why::Online)
            }
            Happened::Resumed => {
                Self { failures: 0, idle: 0, ..self }.no_later_than(now_ms, Why::Resumed)
            }
            Happened::Recorded => self.recorded(now_ms, random),
            Happened::Pressed => Self { plan: Plan { at_ms: now_ms, why: Why::Pressed }, ..self },
        }
    }

    fn ended(self, outcome: Outcome, now_ms: u64, random: u64) -> Self {
        let pace = self.pace;
        let after = |wait: u64, why| Plan { at_ms: now_ms.saturating_add(wait), why };
        match outcome {
            Outcome::Done | Outcome::NothingToDo => {
                let nothing = outcome == Outcome::NothingToDo;
                let idle = if nothing { self.idle.saturating_add(1) } else { 0 };
                let rest = doubled(pace.rest_ms, idle.saturating_sub(1), pace.idle_max_ms);
                // A fifth more or less: devices that began together drift apart.
                let rest = rest - rest / 5 + below(rest / 5 * 2, random);
                let plan = after(rest, Why::Rest);
                let rested = Self { failures: 0, idle, not_before_ms: 0, plan, ..self };
                if self.records == 0 {
                    return rested;
                }
                rested.no_later_than(now_ms.saturating_add(pace.gather_ms), Why::Recorded)
            }
            Outcome::Unanswered => {
                let limit = doubled(pace.first_ms, self.failures, pace.cap_ms);
                let plan = after(below(limit, random), Why::Unanswered);
                Self { failures: self.failures.saturating_add(1), plan, ..self }
            }
            Outcome::Busy { retry_after_ms } => {
                let limit = doubled(pace.first_ms, self.failures, pace.cap_ms);
                let asked = retry_after_ms.unwrap_or(0);
                let not_before_ms = now_ms.saturating_add(asked);
                let plan = after(asked.saturating_add(below(limit, random)), Why::Busy);
                let failures = self.failures.saturating_add(1);
                Self { failures, not_before_ms, plan, ..self }
            }
            Outcome::Refused => {
                let wait = pace.refused_ms - pace.refused_ms / 5;
                let wait = wait + below(pace.refused_ms / 5 * 2, random);
                let failures = self.failures.saturating_add(1);
                Self { failures, plan: after(wait, Why::Refused), ..self }
            }
        }
    }

    fn recorded(self, now_ms: u64, random: u64) -> Self {
        let recorded = Self { records: self.records.saturating_add(1), ..self };
        if self.failures == 0 {
            let wait = if recorded.records < self.pace.records { self.pace.gather_ms } else { 0 };
            return recorded.no_later_than(now_ms.saturating_add(wait), Why::Recorded);
        }
        if recorded.records < self.pace.records {
            return recorded;
        }
        // One record does not hurry a network that is not there; a class at the door does.
        let at_ms = now_ms.saturating_add(below(self.pace.first_ms, random));
        Self { failures: 0, records: 0, ..recorded }.no_later_than(at_ms, Why::Recorded)
    }

    fn no_later_than(self, at_ms: u64, why: Why) -> Self {
        let at_ms = at_ms.max(self.not_before_ms);
        if at_ms < self.plan.at_ms { Self { plan: Plan { at_ms, why }, ..self } } else { self }
    }
}

fn doubled(first: u64, times: u32, max: u64) -> u64 {
    2u64.saturating_pow(times).saturating_mul(first).min(max)
}

/// Maps 64 random bits to `0..=limit`.
fn below(limit: u64, random: u64) -> u64 {
    let wide = u128::from(random) * (u128::from(limit) + 1);
    u64::try_from(wide >> 64).unwrap_or(limit)
}

#[cfg(test)]
mod tests;
