//! The server's clock: the only place of this crate that reads the time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};

/// Tells the time, shifted by a fixed amount in a demonstration. Cheap to clone: a handle.
#[derive(Clone, Debug)]
pub struct ServerClock(Source);

#[derive(Clone, Debug)]
enum Source {
    /// The system's clock, shifted by so many milliseconds.
    System { offset_ms: i64 },
    /// A hand that somebody else moves, in milliseconds since 1970-01-01T00:00Z.
    Hand(Arc<AtomicI64>),
}

impl ServerClock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System { offset_ms: 0 })
    }

    /// A clock that shows `start_ms` now, and runs on from there: for demonstrations and tests.
    #[must_use]
    pub fn starting_at(start_ms: i64) -> Self {
        Self(Source::System { offset_ms: start_ms - system_ms() })
    }

    /// A clock that shows what `hand` holds: for tests.
    #[must_use]
    pub fn hand(hand: Arc<AtomicI64>) -> Self {
        Self(Source::Hand(hand))
    }

    /// Milliseconds since 1970-01-01T00:00Z.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Source::System { offset_ms } => system_ms() + offset_ms,
            Source::Hand(hand) => hand.load(Ordering::Relaxed),
        }
    }

    /// Milliseconds since any moment, by a clock that nobody sets: for rates.
    #[must_use]
    pub(crate) fn steady_ms(&self) -> i64 {
        match &self.0 {
            Source::System { .. } => steady_ms(),
            Source::Hand(hand) => hand.load(Ordering::Relaxed),
        }
    }

    /// Seconds since 1970-01-01T00:00Z.
    #[must_use]
    pub fn now_s(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the server's clock module")]
fn system_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[expect(clippy::disallowed_methods, reason = "this is the server's clock module")]
fn steady_ms() -> i64 {
    static FIRST: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);
    i64::try_from(FIRST.elapsed().as_millis()).unwrap_or(i64::MAX)
}
