use std::collections::BTreeSet;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use super::*;

fn set(numbers: &[u32]) -> IndexSet {
    numbers.iter().copied().collect()
}

fn bits_with(set: &IndexSet, k: u8) -> u64 {
    set.gaps().map(|gap| u64::from(gap >> k) + 1 + u64::from(k)).sum()
}

/// `[count, k, bits]`.
fn wire(count: u32, k: u8, bits: &[u8]) -> Vec<u8> {
    let mut e = Encoder::new(Vec::new());
    e.array(3).unwrap().u32(count).unwrap().u8(k).unwrap().bytes(bits).unwrap();
    e.into_writer()
}

fn parse(bytes: &[u8]) -> Result<IndexSet, seal::CanonicalError> {
    seal::from_canonical(bytes)
}

#[test]
fn writes_gaps_as_the_module_says() {
    // Gaps 3, 0, 5 at k = 1: 10 1, 0 0, 110 1.
    assert_eq!(seal::to_canonical(&set(&[3, 4, 10])), wire(3, 1, &[0b1010_0110, 0b1000_0000]));
    assert_eq!(seal::to_canonical(&set(&[])), wire(0, 0, &[]));
    // Nine neighbours from 0: nine gaps of 0 at k = 0.
    assert_eq!(seal::to_canonical(&(0..9).collect::<IndexSet>()), wire(9, 0, &[0, 0]));
}

#[test]
fn holds_the_ends_of_the_number_line() {
    for numbers in [&[0][..], &[u32::MAX], &[0, u32::MAX], &[u32::MAX - 1, u32::MAX]] {
        let bytes = seal::to_canonical(&set(numbers));
        assert_eq!(parse(&bytes).unwrap().as_slice(), numbers);
        assert!(bytes.len() < 16, "{numbers:?}: {} bytes", bytes.len());
    }
}

#[test]
fn refuses_every_other_encoding_of_a_set() {
    let right = wire(3, 1, &[0b1010_0110, 0b1000_0000]);
    assert!(parse(&right).is_ok());
    let wrong = [
        wire(3, 1, &[0b1010_0110, 0b1000_0001]),
        wire(3, 1, &[0b1010_0110, 0b1000_0000, 0]),
        wire(3, 1, &[0b1010_0110]),
        wire(2, 1, &[0b1010_0110, 0b1000_0000]),
        // Four are there (the last gap is 0), nine are not.
        wire(9, 1, &[0b1010_0110, 0b1000_0000]),
        // The same gaps at k = 0: 1110, 0, 111110.
        wire(3, 0, &[0b1110_0111, 0b1100_0000]),
        wire(3, 32, &[0b1010_0110, 0b1000_0000]),
        wire(0, 1, &[]),
        wire(0, 0, &[0]),
        // Ten numbers, and eight bits.
        wire(10, 0, &[0]),
        // 2^32: a two with 31 bits after it.
        wire(1, 31, &[0b1100_0000, 0, 0, 0, 0]),
    ];
    for bytes in wrong {
        assert!(parse(&bytes).is_err(), "{bytes:02x?}");
    }
    for kept in 0..right.len() {
        assert!(parse(&right[..kept]).is_err(), "{kept} bytes");
    }
}

#[test]
fn refuses_a_count_beyond_the_bits_without_counting_so_far() {
    let mut e = Encoder::new(Vec::new());
    e.array(3).unwrap().u64(u64::MAX).unwrap().u8(0).unwrap().bytes(&[0; 4]).unwrap();
    assert!(parse(&e.into_writer()).is_err());
}

#[test]
fn reads_a_quarter_of_a_megabyte_of_ones_at_once() {
    for byte in [0xff, 0x55, 0x00] {
        for k in [0, 7, 31] {
            let bits = vec![byte; 256 * 1024];
            let _ = parse(&wire(1, k, &bits)).is_ok();
            let _ = parse(&wire(60_000, k, &bits)).is_ok();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_set_comes_back_exactly(
        numbers in prop_oneof![
            btree_set(any::<u32>(), 0..60),
            btree_set(0..300u32, 0..200),
            btree_set(0..700_000u32, 0..400),
        ],
        asked in vec(0..700_000u32, 40),
    ) {
        let set: IndexSet = numbers.iter().copied().collect();
        let read = parse(&seal::to_canonical(&set)).unwrap();
        prop_assert!(read.as_slice().iter().eq(&numbers));
        for number in asked.into_iter().chain(numbers.iter().copied()) {
            prop_assert_eq!(read.contains(number), numbers.contains(&number));
        }
    }

    #[test]
    fn the_parameter_is_the_smallest_with_the_fewest_bits(
        numbers in prop_oneof![btree_set(any::<u32>(), 1..60), btree_set(0..900u32, 1..200)],
    ) {
        let set: IndexSet = numbers.into_iter().collect();
        let best = (0..=PARAMETER_MAX).min_by_key(|k| bits_with(&set, *k)).unwrap();
        prop_assert_eq!(set.parameter(), best);
    }

    #[test]
    fn sets_are_added_and_taken_away_as_sets_are(
        a in btree_set(0..50u32, 0..30),
        b in btree_set(0..50u32, 0..30),
    ) {
        let set = |numbers: &BTreeSet<u32>| numbers.iter().copied().collect::<IndexSet>();
        prop_assert_eq!(set(&a).with(&set(&b)), set(&(&a | &b)));
        prop_assert_eq!(set(&a).without(&set(&b)), set(&(&a - &b)));
    }

    #[test]
    fn random_bits_are_refused_or_have_one_encoding(
        count in 0..40u32,
        k in 0..33u8,
        bits in vec(any::<u8>(), 0..40),
    ) {
        let bytes = wire(count, k, &bits);
        if let Ok(set) = parse(&bytes) {
            prop_assert_eq!(seal::to_canonical(&set), bytes);
        }
    }
}
