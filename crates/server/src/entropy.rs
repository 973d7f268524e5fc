//! Where a server's random bytes come from: the system, or a seed in simulations.

use core::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use seal::Hash;

use crate::error::{ServerError, random};

/// Gives random bytes. Cheap to clone: a handle.
#[derive(Clone)]
pub struct Entropy(Source);

#[derive(Clone)]
enum Source {
    System,
    /// The seed, and how many times it was drawn from.
    Seeded(Arc<([u8; 32], Mutex<u64>)>),
}

impl Entropy {
    /// The system's randomness.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// Bytes that follow from a seed alone: for simulations. Whoever knows the seed knows every salt
    /// and every ticket.
    #[must_use]
    pub fn seeded(seed: [u8; 32]) -> Self {
        Self(Source::Seeded(Arc::new((seed, Mutex::new(0)))))
    }

    /// Fills an array: at most 32 bytes, which is as much as anybody here needs at once.
    pub(crate) fn draw<const N: usize>(&self) -> Result<[u8; N], ServerError> {
        const { assert!(N <= 32, "a draw gives one hash") };
        let Source::Seeded(seeded) = &self.0 else { return random() };
        let (seed, drawn) = &**seeded;
        let mut drawn = drawn.lock().unwrap_or_else(PoisonError::into_inner);
        *drawn += 1;
        let Hash(hash) =
            seal::sha256_of(&[b"qatysu/simulated-entropy", seed, &drawn.to_be_bytes()]);
        let mut bytes = [0; N];
        bytes.iter_mut().zip(hash).for_each(|(byte, drawn)| *byte = drawn);
        Ok(bytes)
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::System => "Entropy(system)",
            Source::Seeded(_) => "Entropy(seeded)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Entropy;

    #[test]
    fn one_seed_gives_one_sequence_without_a_repetition() {
        let draws = |seed: u8| {
            let entropy = Entropy::seeded([seed; 32]);
            (0..100).map(|_| entropy.draw::<16>().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(draws(1), draws(1));
        assert_ne!(draws(1), draws(2));
        let different: std::collections::BTreeSet<_> = draws(1).into_iter().collect();
        assert_eq!(different.len(), 100);
    }

    #[test]
    fn the_system_repeats_nothing() {
        let entropy = Entropy::system();
        assert_ne!(entropy.draw::<16>().unwrap(), entropy.draw::<16>().unwrap());
    }
}
