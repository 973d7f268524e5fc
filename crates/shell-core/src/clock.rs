//! The shell's clock: the only place of this crate that reads the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use attendance::BootId;
use device::{Clock, Reading};

/// Tells the time to the device. A run of the program counts as a boot: the monotonic clock starts
/// with it, and a new run gets a new boot id.
#[derive(Clone, Debug)]
pub struct ShellClock {
    boot: BootId,
    started: Instant,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    /// The system's clock, shifted by so many milliseconds.
    System { offset_ms: i64 },
    /// A hand that somebody else moves, in milliseconds since 1970-01-01T00:00Z.
    Hand(Arc<AtomicI64>),
}

impl ShellClock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::with(Source::System { offset_ms: 0 })
    }

    /// A clock that shows `start_ms` now and runs on from there: for demonstrations.
    #[must_use]
    pub fn starting_at(start_ms: i64) -> Self {
        Self::with(Source::System { offset_ms: start_ms - system_ms() })
    }

    /// A clock that shows what `hand` holds: for seeding a demonstration and for tests.
    #[must_use]
    pub fn hand(hand: Arc<AtomicI64>) -> Self {
        Self::with(Source::Hand(hand))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the shell's clock module")]
    fn with(source: Source) -> Self {
        let mut boot = [0; 8];
        // Without randomness the id is all zero: two boots may then look like one, which only makes
        // the bounds of an event's time wider when a server compares them.
        if let Err(error) = getrandom::fill(&mut boot) {
            tracing::warn!(%error, "no random boot id");
        }
        Self { boot: BootId(boot), started: Instant::now(), source }
    }

    /// True unless this is the system's own time.
    #[must_use]
    pub fn is_demonstration(&self) -> bool {
        match &self.source {
            Source::System { offset_ms } => *offset_ms != 0,
            Source::Hand(_) => true,
        }
    }
}

impl Clock for ShellClock {
    fn now(&self) -> Reading {
        let wall_ms = match &self.source {
            Source::System { offset_ms } => system_ms() + offset_ms,
            Source::Hand(hand) => hand.load(Ordering::Relaxed),
        };
        let mono_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Reading { wall_ms, mono_ms, boot: self.boot }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the shell's clock module")]
fn system_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
