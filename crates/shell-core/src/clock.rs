//! The shell's clock: the only place of this crate that reads the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use attendance::BootId;
use device::{Clock, Reading};

/// Tells the time to the device. On Linux and Android the monotonic clock is the kernel's, which counts
/// sleep, and so is the boot. Elsewhere, and where the time is set by hand, a run of the program counts as
/// a boot: the monotonic clock starts with it, and a new run gets a new boot id.
#[derive(Clone, Debug)]
pub struct ShellClock {
    boot: BootId,
    /// When the run began; nothing if the kernel's boot is known.
    started: Option<Instant>,
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
        let real = matches!(source, Source::System { offset_ms: 0 });
        if let Some(boot) = kernel::boot().filter(|_| real) {
            return Self { boot, started: None, source };
        }
        let mut boot = [0; 8];
        // Without randomness the id is all zero: two boots may then look like one, which only makes
        // the bounds of an event's time wider when a server compares them.
        if let Err(error) = getrandom::fill(&mut boot) {
            tracing::warn!(%error, "no random boot id");
        }
        Self { boot: BootId(boot), started: Some(Instant::now()), source }
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
        let mono_ms = match self.started {
            Some(started) => u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            None => kernel::since_boot_ms(),
        };
        Reading { wall_ms, mono_ms, boot: self.boot }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the shell's clock module")]
fn system_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// What the kernel says of its boot.
#[cfg(any(target_os = "linux", target_os = "android"))]
mod kernel {
    use attendance::BootId;
    use rustix::time::{ClockId, clock_gettime};

    /// Names the boot, so that nobody learns the machine's own name for it.
    pub(super) fn boot() -> Option<BootId> {
        let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let seal::Hash(hash) = seal::sha256_of(&[b"qatysu/boot/1", text.trim().as_bytes()]);
        hash.first_chunk().copied().map(BootId)
    }

    /// Milliseconds since the boot, sleep and all.
    pub(super) fn since_boot_ms() -> u64 {
        let since = clock_gettime(ClockId::Boottime);
        let ms = since.tv_sec.saturating_mul(1_000).saturating_add(since.tv_nsec / 1_000_000);
        u64::try_from(ms).unwrap_or(0)
    }
}

/// Other systems: a run of the program counts as a boot.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod kernel {
    use attendance::BootId;

    pub(super) fn boot() -> Option<BootId> {
        None
    }

    pub(super) fn since_boot_ms() -> u64 {
        0
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn two_runs_of_one_boot_share_its_clock() {
        let (first, second) = (ShellClock::system(), ShellClock::system());
        let (one, other) = (first.now(), second.now());
        assert_eq!(one.boot, other.boot);
        assert!(one.mono_ms > 0 && other.mono_ms >= one.mono_ms, "{one:?} {other:?}");
        let by_hand = ShellClock::starting_at(0);
        assert_ne!(
            by_hand.now().boot,
            one.boot,
            "a clock that is set by hand has a boot of its own"
        );
    }
}
