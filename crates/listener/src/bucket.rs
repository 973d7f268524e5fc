//! Token buckets: so many at once, so many a minute after that.

use std::collections::HashMap;
use std::hash::Hash;

use crate::limits::Rate;

/// The price of one, in what a bucket of one a minute gains in a millisecond.
const PRICE: u64 = 60_000;

/// A bucket for each caller. It begins full; what was never asked for is forgotten.
#[derive(Debug)]
pub struct Buckets<K> {
    rate: Rate,
    keys_max: usize,
    buckets: HashMap<K, Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: u64,
    at_ms: i64,
}

/// How long to wait until the next one, in milliseconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TooOften {
    /// The time to wait, in milliseconds; the largest number means that none will come.
    pub wait_ms: u64,
}

impl<K: Copy + Eq + Hash> Buckets<K> {
    /// Makes buckets of one rate, for at most so many callers at a time.
    #[must_use]
    pub fn new(rate: Rate, keys_max: usize) -> Self {
        Self { rate, keys_max, buckets: HashMap::new() }
    }

    /// Takes one from the caller's bucket. `now_ms` is of any clock that nobody sets.
    ///
    /// # Errors
    /// [`TooOften`] if it is empty.
    pub fn take(&mut self, who: K, now_ms: i64) -> Result<(), TooOften> {
        let full = u64::from(self.rate.burst) * PRICE;
        if !self.buckets.contains_key(&who) && self.buckets.len() >= self.keys_max {
            self.make_room(now_ms);
        }
        let rate = self.rate;
        let bucket = self.buckets.entry(who).or_insert(Bucket { left: full, at_ms: now_ms });
        bucket.fill(rate, now_ms);
        match bucket.left.checked_sub(PRICE) {
            Some(left) => {
                bucket.left = left;
                Ok(())
            }
            None => {
                let missing = PRICE - bucket.left;
                let gain = u64::from(rate.per_minute);
                let wait_ms = if gain == 0 { u64::MAX } else { missing.div_ceil(gain) };
                Err(TooOften { wait_ms })
            }
        }
    }

    /// Forgets full buckets, which are as good as none. If that is not enough, forgets all: memory has
    /// a bound, and somebody with so many addresses is not held by buckets of addresses.
    fn make_room(&mut self, now_ms: i64) {
        let (rate, full) = (self.rate, u64::from(self.rate.burst) * PRICE);
        self.buckets.retain(|_, bucket| {
            bucket.fill(rate, now_ms);
            bucket.left < full
        });
        if self.buckets.len() >= self.keys_max {
            self.buckets.clear();
        }
    }
}

impl Bucket {
    /// Adds what was gained since. A clock that went back gives nothing, and takes nothing.
    fn fill(&mut self, rate: Rate, now_ms: i64) {
        let passed = u64::try_from(now_ms.saturating_sub(self.at_ms)).unwrap_or(0);
        let gained = passed.saturating_mul(u64::from(rate.per_minute));
        let full = u64::from(rate.burst) * PRICE;
        self.left = self.left.saturating_add(gained).min(full);
        self.at_ms = now_ms;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn in_any_span_no_more_than_the_burst_and_the_rate(
            burst in 1_u32..20,
            per_minute in 0_u32..6_000,
            steps in prop::collection::vec(0_i64..500, 1..300),
        ) {
            let mut buckets = Buckets::new(Rate { burst, per_minute }, 10);
            let (mut now, mut given) = (1_000, Vec::new());
            for step in steps {
                now += step;
                if buckets.take(7_u8, now).is_ok() {
                    given.push(now);
                }
            }
            for (first, from) in given.iter().enumerate() {
                for (last, to) in given.iter().enumerate().skip(first) {
                    let allowed = u64::from(burst) * PRICE
                        + u64::try_from(to - from).unwrap() * u64::from(per_minute);
                    prop_assert!((last - first + 1) as u64 * PRICE <= allowed);
                }
            }
        }

        #[test]
        fn who_waits_as_told_gets_one(burst in 1_u32..5, per_minute in 1_u32..6_000, tries in 1_u32..40) {
            let mut buckets = Buckets::new(Rate { burst, per_minute }, 10);
            let mut now = 0;
            for _ in 0..tries {
                if let Err(TooOften { wait_ms }) = buckets.take(1_u8, now) {
                    now += i64::try_from(wait_ms).unwrap();
                    prop_assert_eq!(buckets.take(1, now), Ok(()));
                }
            }
        }

        #[test]
        fn one_caller_costs_no_other(greedy in 1_usize..200) {
            let mut buckets = Buckets::new(Rate { burst: 3, per_minute: 1 }, 10);
            let got = (0..greedy).filter(|_| buckets.take(1_u8, 0).is_ok()).count();
            prop_assert!(got <= 3);
            prop_assert_eq!(buckets.take(2, 0), Ok(()));
        }

        #[test]
        fn memory_is_bounded(callers in prop::collection::vec(any::<u32>(), 0..300)) {
            let mut buckets = Buckets::new(Rate { burst: 1, per_minute: 1 }, 16);
            for (at, who) in (0..).zip(callers) {
                let _any = buckets.take(who, at);
                prop_assert!(buckets.buckets.len() <= 16);
            }
        }
    }

    #[test]
    fn a_clock_that_goes_back_neither_gives_nor_locks() {
        let mut buckets = Buckets::new(Rate { burst: 1, per_minute: 60 }, 4);
        assert_eq!(buckets.take(1_u8, 1_000_000), Ok(()));
        assert_eq!(buckets.take(1, 0), Err(TooOften { wait_ms: 1_000 }));
        assert_eq!(buckets.take(1, 1_000), Ok(()));
    }
}
