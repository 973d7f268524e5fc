//! How large the next batch is to be, from how the last ones went. A function of what it is told: time
//! is measured elsewhere.
//!
//! A batch should be on its way for some seconds: long enough that the way there and back does not count,
//! short enough that little is sent twice when it is lost.

/// How long a batch is meant to be on its way, in milliseconds.
const MEANT_MS: u64 = 4_000;
const MIN_BYTES: usize = 1024;
const MAX_BYTES: usize = 64 * 1024;
const FIRST_BYTES: usize = 16 * 1024;

/// The size of the next batch, between 1 kB and 64 kB.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BatchSize(usize);

impl Default for BatchSize {
    fn default() -> Self {
        Self(FIRST_BYTES)
    }
}

impl BatchSize {
    /// Gives the size in bytes.
    #[must_use]
    pub fn bytes(self) -> usize {
        self.0
    }

    /// A batch of so many bytes was answered after so many milliseconds. At most twice as large
    /// next time, at least half.
    #[must_use]
    pub fn answered(self, sent_bytes: usize, elapsed_ms: u64) -> Self {
        let sent = u64::try_from(sent_bytes).unwrap_or(u64::MAX);
        let fits = sent.saturating_mul(MEANT_MS) / elapsed_ms.max(1);
        let fits = usize::try_from(fits).unwrap_or(usize::MAX);
        Self::bounded(if elapsed_ms > MEANT_MS {
            // Even if the batch was smaller than it might have been.
            fits.clamp(self.0 / 2, self.0)
        } else {
            // A small batch that was quick says little of a large one, and nothing against it.
            fits.clamp(self.0, self.0 * 2)
        })
    }

    /// A batch was not answered: a quarter next time, so that after a few the least is lost.
    #[must_use]
    pub fn unanswered(self) -> Self {
        Self::bounded(self.0 / 4)
    }

    fn bounded(bytes: usize) -> Self {
        Self(bytes.clamp(MIN_BYTES, MAX_BYTES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends full batches over a link of so many bytes a second with so much delay.
    fn settled(bytes_per_s: u64, delay_ms: u64) -> usize {
        let mut size = BatchSize::default();
        for _ in 0..20 {
            let sent = size.bytes();
            size = size.answered(sent, delay_ms + sent as u64 * 1_000 / bytes_per_s);
        }
        size.bytes()
    }

    #[test]
    fn grows_to_the_largest_on_a_good_link_and_settles_on_a_poor_one() {
        assert_eq!(settled(1_000_000, 50), MAX_BYTES);
        // 20 kbit/s: 2,500 bytes a second.
        let poor = settled(2_500, 600);
        assert!((7_000..10_000).contains(&poor), "{poor} bytes");
        assert_eq!(settled(100, 5_000), MIN_BYTES);
    }

    #[test]
    fn doubles_at_most_and_never_leaves_its_bounds() {
        let first = BatchSize::default();
        assert_eq!(first.answered(16 * 1024, 1).bytes(), 32 * 1024);
        assert_eq!(first.answered(16 * 1024, 0).bytes(), 32 * 1024);
        assert_eq!(first.answered(16 * 1024, u64::MAX).bytes(), 8 * 1024);
        assert_eq!(first.answered(usize::MAX, 0).bytes(), 32 * 1024);
        let largest = (0..9).fold(first, |size, _| size.answered(size.bytes(), 0));
        assert_eq!(largest.bytes(), MAX_BYTES);
    }

    #[test]
    fn small_batch_that_is_quick_changes_nothing() {
        let first = BatchSize::default();
        assert_eq!(first.answered(300, 900), first, "the rest of an outbox");
        assert!(first.answered(300, 9_000).bytes() < first.bytes(), "unless it was slow");
    }

    #[test]
    fn shrinks_when_nothing_comes_back() {
        let sizes: Vec<usize> = (0..4)
            .scan(BatchSize::default(), |size, _| {
                *size = size.unanswered();
                Some(size.bytes())
            })
            .collect();
        assert_eq!(sizes, [4 * 1024, 1024, 1024, 1024]);
    }
}
