//! What all processors look at comes in the log's order, and ends when something is refused.

use std::panic::{AssertUnwindSafe, catch_unwind};

use attendance::{EventKind, LeafKind};
use sync_api::{Base64, Bundle, BundleLeaf};

use super::world::{Who, World, draft, month, snapshot};
use crate::audit::hands::{HeldLeaf, every_leaf};
use crate::audit::source::{Source, Stop};
use crate::audit::{AuditFinding, audit};

/// More than the hands have in front of them at once, and no whole number of batches.
const LEAVES: u64 = 40_003;

fn long_bundle() -> Bundle {
    let mut bundle = World::begun(&snapshot()).bundle();
    let leaf = |at: u64| BundleLeaf {
        kind: LeafKind::Event,
        salt: Base64(vec![0; 16]),
        bytes: Base64(at.to_le_bytes().to_vec()),
    };
    bundle.leaves = (0..LEAVES).map(leaf).collect();
    bundle
}

#[test]
fn what_is_looked_at_beside_each_other_comes_in_order() {
    let bundle = long_bundle();
    let look = |leaf: &HeldLeaf| {
        // One in a hundred takes longer, so that other hands are ahead.
        if leaf.index.is_multiple_of(100) {
            std::thread::yield_now();
        }
        leaf.bytes.read().map(|bytes| u64::from_le_bytes(bytes[..8].try_into().unwrap()))
    };
    let mut seen = Vec::new();
    every_leaf(Source::Memory(&bundle), look, &mut |leaf, number| {
        seen.push((leaf.index, number?));
        Ok(())
    })
    .unwrap();
    assert!(seen.iter().copied().eq((0..LEAVES).map(|at| (at, at))));
}

#[test]
fn what_is_refused_ends_it() {
    let bundle = long_bundle();
    for last in [0, 255, 256, 20_000, LEAVES - 1] {
        let mut seen = 0;
        let ended = every_leaf(Source::Memory(&bundle), |leaf| leaf.index, &mut |_, index| {
            seen += 1;
            if index == last { Err(Stop::Enough) } else { Ok(()) }
        });
        assert!(matches!(ended, Err(Stop::Enough)));
        assert_eq!(seen, last + 1);
    }
}

#[test]
fn a_fault_of_the_program_is_not_taken_for_the_end_of_a_file() {
    let bundle = long_bundle();
    let look = |leaf: &HeldLeaf| assert_ne!(leaf.index, 20_000, "on purpose");
    let run = || every_leaf(Source::Memory(&bundle), look, &mut |_, ()| Ok(()));
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
}

#[test]
fn of_two_events_that_do_not_hold_the_first_is_told() {
    let mut world = World::begun(&snapshot());
    let lesson = snapshot().lessons(month())[0];
    for _ in 0..900 {
        world.say(Who::Teacher, draft(EventKind::LessonOpen, &lesson));
    }
    let damaged = |world: &World, positions: &[usize]| {
        let mut bundle = world.bundle();
        for at in positions {
            *bundle.leaves[*at].bytes.0.last_mut().unwrap() ^= 1;
        }
        audit(&bundle, None).unwrap_err()
    };
    for (positions, first) in [(&[880, 40][..], 40), (&[300, 520], 300), (&[899], 899)] {
        let finding = damaged(&world, positions);
        let is_first = matches!(finding, AuditFinding::Event { index, .. } if index == first);
        assert!(is_first, "{finding:?}");
    }
}
