//! How long this program has worked: not how long it waited for others on a busy machine.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The processor's time that was used so far; the wall clock's, where the system does not say it.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub(crate) fn worked() -> Duration {
    static BEGUN: OnceLock<Instant> = OnceLock::new();
    let told = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let ns = told.split_whitespace().next().and_then(|ns| ns.parse().ok());
    ns.map_or_else(|| BEGUN.get_or_init(Instant::now).elapsed(), Duration::from_nanos)
}
