//! Losses, doubles, strangers.

use proptest::prelude::*;

use super::*;
use crate::frame::{FrameRejection, MAX_SYMBOL_BYTES, MIN_SYMBOL_BYTES};
use crate::stream::{FrameStream, StreamError};

const LIMITS: Limits = Limits { object_bytes: 100_000, transfers: 3 };

fn object(length: usize, seed: u8) -> Vec<u8> {
    let blocks = (0u32..).flat_map(|n| seal::sha256_of(&[&[seed], &n.to_be_bytes()]).0);
    blocks.take(length).collect()
}

/// Feeds frames until the object is whole, and counts them.
fn collect(collector: &mut Collector, frames: impl Iterator<Item = Frame>) -> (Vec<u8>, usize) {
    for (count, frame) in (1..).zip(frames) {
        if let Collected::Whole(_, object) = collector.add(frame) {
            return (object, count);
        }
    }
    panic!("the frames were not enough");
}

#[test]
fn any_frames_that_are_enough_give_the_object() {
    let bytes = object(27_000, 1);
    let stream = FrameStream::new(&bytes, 180).unwrap();
    let needed = stream.transfer().symbols() as usize;
    // The object's own symbols; none of them; every third of all.
    for numbers in [(0..400).step_by(1), (1_000..2_000).step_by(1), (0..2_000).step_by(3)] {
        let mut collector = Collector::new(LIMITS);
        let frames = numbers.map(|number| stream.frame(number));
        let (came, count) = collect(&mut collector, frames);
        assert_eq!(came, bytes);
        assert!(count <= needed + 3, "{count} frames for {needed} symbols");
    }
}

#[test]
fn doubles_and_strangers_in_between_change_nothing() {
    let bytes = object(5_000, 2);
    let stream = FrameStream::new(&bytes, 100).unwrap();
    let strange = FrameStream::new(&object(5_000, 3), 100).unwrap();
    let frames = (0..60).flat_map(|number| {
        let mut lying = strange.frame(number);
        // The same transfer, as if it were longer.
        lying.transfer.id = stream.transfer().id;
        lying.transfer.object_bytes += 1;
        [stream.frame(number), stream.frame(number), strange.frame(number % 20), lying]
    });
    let mut collector = Collector::new(LIMITS);
    let (came, _) = collect(&mut collector, frames);
    assert_eq!(came, bytes);
    let id = stream.transfer().id;
    assert_eq!(collector.add(stream.frame(7)), Collected::Known(id));
    assert_eq!(collector.progress(id), None);
}

#[test]
fn what_has_come_far_is_not_driven_out() {
    let bytes = object(5_000, 4);
    let stream = FrameStream::new(&bytes, 100).unwrap();
    let mut collector = Collector::new(LIMITS);
    for number in 0..40 {
        collector.add(stream.frame(number));
        for seed in 0..20 {
            let many = object(5_000, 100 + seed);
            collector.add(FrameStream::new(&many, 100).unwrap().frame(number));
        }
    }
    assert_eq!(collector.transfers.len(), LIMITS.transfers);
    assert_eq!(collector.progress(stream.transfer().id).unwrap().received, 40);
}

#[test]
fn a_wrong_symbol_is_found_out_and_the_transfer_begins_again() {
    let bytes = object(2_000, 5);
    let stream = FrameStream::new(&bytes, 100).unwrap();
    let mut collector = Collector::new(LIMITS);
    let mut wrong = stream.frame(0);
    wrong.symbol[0] ^= 1;
    collector.add(wrong);
    let ends: Vec<_> = (1..20).map(|number| collector.add(stream.frame(number))).collect();
    assert_eq!(ends.last(), Some(&Collected::Spoiled(stream.transfer().id)));
    let (came, count) = collect(&mut collector, (0..).map(|number| stream.frame(number)));
    assert_eq!((came, count), (bytes, 20));
}

#[test]
fn what_is_kept_is_bounded_whatever_a_frame_says() {
    let mut collector = Collector::new(LIMITS);
    let mut frame = FrameStream::new(&object(2_000, 6), 100).unwrap().frame(0);
    frame.transfer.object_bytes = 100_001;
    assert_eq!(collector.add(frame.clone()), Collected::TooLarge(frame.transfer.id));
    frame.transfer.object_bytes = u32::MAX;
    assert_eq!(Frame::parse(&frame.to_bytes()), Err(FrameRejection::Malformed));
    // Symbols that never come together: all of the same kind, or of nothing.
    frame.transfer.object_bytes = 2_000;
    for number in 0..10_000 {
        frame.symbol_id = number;
        frame.symbol = vec![7; 100];
        collector.add(frame.clone());
        let kept: usize = collector.transfers.iter().map(|one| one.symbols.len()).sum();
        assert!(kept <= 20 + SPARE_SYMBOLS as usize, "{kept} symbols are kept");
    }
}

#[test]
fn refuses_what_no_collector_would_take() {
    assert_eq!(FrameStream::new(&[], 100).err(), Some(StreamError::Empty));
    let (long, few) = (vec![0; 150_000], MIN_SYMBOL_BYTES);
    assert!(matches!(FrameStream::new(&long, few), Err(StreamError::TooLarge { .. })));
    for wrong in [0, MIN_SYMBOL_BYTES - 1, MAX_SYMBOL_BYTES + 1] {
        assert_eq!(FrameStream::new(&[1], wrong).err(), Some(StreamError::SymbolBytes(wrong)));
    }
}

#[test]
fn the_numbers_of_symbols_go_around() {
    let bytes = object(500, 7);
    let stream = FrameStream::new(&bytes, 50).unwrap();
    let last = crate::frame::SYMBOL_IDS - 1;
    let frames = [last, last + 1, last + 2].map(|number| stream.frame(number));
    assert_eq!(frames.map(|frame| frame.symbol_id), [last, 0, 1]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_length_comes_through_every_loss(
        length in 1usize..6_000,
        symbol in MIN_SYMBOL_BYTES..300,
        losses in prop::collection::vec(any::<bool>(), 64),
    ) {
        let bytes = object(length, 8);
        let stream = FrameStream::new(&bytes, symbol).unwrap();
        let mut lost = losses.iter().cycle();
        // One in eight comes through at least.
        let frames = (0..100_000u32)
            .filter(|number| number % 8 == 0 || !lost.next().unwrap())
            .map(|number| Frame::parse_text(&stream.frame(number).to_text()).unwrap());
        let mut collector = Collector::new(LIMITS);
        prop_assert_eq!(collect(&mut collector, frames).0, bytes);
    }

    #[test]
    fn no_bytes_do_harm(frames in prop::collection::vec((any::<[u8; 17]>(), 16usize..64), 0..40)) {
        let mut collector = Collector::new(Limits { object_bytes: 4_000, transfers: 2 });
        for (header, length) in frames {
            let mut bytes = [&[1], &header[..], &vec![3; length]].concat();
            // Mostly short objects, and the length of symbol that is there.
            bytes[9] = 0;
            bytes[10] = 0;
            bytes[13..15].copy_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
            if let Ok(frame) = Frame::parse(&bytes) {
                prop_assert_eq!(frame.to_bytes(), bytes);
                collector.add(frame);
            }
        }
    }
}
