//! Spot checks: which lessons are asked for a headcount (rules R9, 49).
//!
//! Drawn from the lesson's id and the root of the log that the device held when it opened the lesson.
//! The root holds what everybody's devices signed, so that no teacher chooses it. The opening's event
//! carries it, so that whoever has the log finds the tree it is of and draws the same again.

use seal::Hash;

use crate::id::LessonId;

/// Decides whether a lesson is drawn, at `per_mille` of all lessons; 1 000 or more draws each.
#[must_use]
pub fn is_drawn(lesson: LessonId, root: Hash, per_mille: u32) -> bool {
    let hash = seal::sha256_of(&[b"qatysu/spot-check/1", &lesson.0, &root.0]);
    let [a, b, c, d, e, f, g, h, ..] = hash.0;
    let lot = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    // lot / 2^64 < per_mille / 1 000, in whole numbers
    u128::from(lot) * 1_000 < u128::from(per_mille) << 64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(per_mille: u32) -> Vec<u32> {
        let lesson = |number: u32| {
            let [a, b, c, d] = number.to_be_bytes();
            LessonId([a, b, c, d, 0, 0, 0, 7])
        };
        let root = seal::sha256(b"a root");
        (0..50_000).filter(|number| is_drawn(lesson(*number), root, per_mille)).collect()
    }

    #[test]
    fn draws_about_as_many_as_the_rate_says() {
        let count = drawn(20).len();
        assert!((900..=1_100).contains(&count), "{count} of 50 000 at 2 %");
        assert_eq!(drawn(0).len(), 0);
        assert_eq!(drawn(1_000).len(), 50_000);
        assert_eq!(drawn(u32::MAX).len(), 50_000);
    }

    #[test]
    fn draws_the_same_again_and_otherwise_with_another_root() {
        assert_eq!(drawn(20), drawn(20));
        let lesson = LessonId([5; 8]);
        let roots = (0..1_000u32).map(|number| seal::sha256(&number.to_be_bytes()));
        let by_root = roots.filter(|root| is_drawn(lesson, *root, 20)).count();
        assert!((5..=40).contains(&by_root), "{by_root} of 1 000 roots at 2 %");
    }

    #[test]
    fn is_the_lot_that_others_draw() {
        // SHA-256 of the three, computed elsewhere, begins with these bytes.
        let hash = seal::sha256_of(&[b"qatysu/spot-check/1", &[1; 8], &[2; 32]]);
        let share = u32::from(u16::from_be_bytes([hash.0[0], hash.0[1]])) * 1_000 / 65_536;
        assert!(!is_drawn(LessonId([1; 8]), Hash([2; 32]), share));
        assert!(is_drawn(LessonId([1; 8]), Hash([2; 32]), share + 1));
    }
}
