//! What the platform says about time.

use attendance::BootId;

/// Reads the platform's clocks. The shell implements it; nothing here asks for the time otherwise.
pub trait Clock {
    /// Reads all clocks at once.
    fn now(&self) -> Reading;
}

/// Holds one reading of the clocks. It is claimed, never trusted: no verb refuses because of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Reading {
    /// Wall clock, milliseconds since 1970-01-01T00:00Z.
    pub wall_ms: i64,
    /// Monotonic clock, milliseconds since boot.
    pub mono_ms: u64,
    /// Which boot the monotonic clock counts from.
    pub boot: BootId,
}

impl Reading {
    /// Gives the wall clock in whole seconds, for validity dates.
    #[must_use]
    pub fn wall_s(&self) -> i64 {
        self.wall_ms.div_euclid(1_000)
    }
}
