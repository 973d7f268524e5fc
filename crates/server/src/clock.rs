//! The server's clock: the only place of this crate that reads the time.

/// Tells the time, shifted by a fixed amount in a demonstration.
#[derive(Clone, Copy, Debug, Default)]
pub struct ServerClock {
    offset_ms: i64,
}

impl ServerClock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that shows `start_ms` now, and runs on from there: for demonstrations and tests.
    #[must_use]
    pub fn starting_at(start_ms: i64) -> Self {
        Self { offset_ms: start_ms - system_ms() }
    }

    /// Milliseconds since 1970-01-01T00:00Z.
    #[must_use]
    pub fn now_ms(self) -> i64 {
        system_ms() + self.offset_ms
    }

    /// Seconds since 1970-01-01T00:00Z.
    #[must_use]
    pub fn now_s(self) -> i64 {
        self.now_ms().div_euclid(1000)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the server's clock module")]
fn system_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
