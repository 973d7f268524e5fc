use proptest::prelude::*;

use super::*;
use crate::bundle::{bundle_bytes, new_bundles};
use crate::proof::{ProveError, prove_consistency, prove_inclusion};
use crate::tile::{tile_bytes, tiles_of};
use crate::tree::MemoryTree;

fn leaf(n: u64) -> [u8; 8] {
    n.to_be_bytes()
}

fn tree(size: u64) -> MemoryTree {
    (0..size).map(|n| leaf_hash(&leaf(n))).collect()
}

fn published(size: u64, tree: &MemoryTree) -> Vec<(TileId, Vec<u8>)> {
    tiles_of(size).map(|tile| (tile, tile_bytes(tile, tree).unwrap())).collect()
}

fn checkpoint(size: u64, tree: &MemoryTree) -> Checkpoint {
    let root = root(size, tree).unwrap();
    Checkpoint { origin: "log.example/2026".into(), size, root }
}

#[test]
fn proves_from_tiles_what_the_whole_tree_proves() {
    let tree = tree(70_000);
    for size in [1, 255, 256, 257, 511, 65_535, 65_536, 70_000] {
        let mut tiles = published(size, &tree);
        tiles.reverse();
        let read = TileTree::of(&checkpoint(size, &tree), &tiles).unwrap();
        assert_eq!(root(size, &read), root(size, &tree));
        for index in [0, size / 3, size / 2, size - 1] {
            assert_eq!(prove_inclusion(index, size, &read), prove_inclusion(index, size, &tree));
            assert_eq!(
                prove_consistency(index, size, &read),
                prove_consistency(index, size, &tree)
            );
        }
    }
    let empty =
        Checkpoint { origin: "log.example/2026".into(), size: 0, root: crate::empty_root() };
    assert_eq!(TileTree::of(&empty, &[]).unwrap().size(), 0);
}

#[test]
fn refuses_any_changed_tile() {
    let tree = tree(70_000);
    let (checkpoint, good) = (checkpoint(70_000, &tree), published(70_000, &tree));
    // The first, one in the middle, the partial ones, and the one full tile of level 1.
    for at in [0, 100, 273, 274, 275, 276] {
        let mut tiles = good.clone();
        let middle = tiles[at].1.len() / 2;
        tiles[at].1[middle] ^= 1;
        let refused = TileTree::of(&checkpoint, &tiles).unwrap_err();
        let tile = tiles[at].0;
        let expected =
            if tile.is_full() { TileRejection::OtherHash(tile) } else { TileRejection::OtherRoot };
        assert_eq!(refused, expected);
    }
    let swapped = [(good[0].0, good[1].1.clone())];
    let tiles = [&good[1..], &swapped[..]].concat();
    let refused = TileTree::of(&checkpoint, &tiles);
    assert_eq!(refused, Err(TileRejection::OtherHash(good[0].0)));
}

#[test]
fn refuses_tiles_of_another_length_and_another_tree() {
    let tree = tree(600);
    let good = published(600, &tree);
    let mut short = good.clone();
    short[0].1.pop();
    let refused = TileTree::of(&checkpoint(600, &tree), &short);
    assert!(matches!(refused, Err(TileRejection::Length { found: 8191, .. })));
    let refused = TileTree::of(&checkpoint(599, &tree), &good[..1]);
    assert!(matches!(refused, Err(TileRejection::Missing(_))));
    let mut read = TileTree::of(&checkpoint(600, &tree), &good).unwrap();
    for tile in [
        TileId { level: 0, index: 2, width: 88 },
        TileId { level: 0, index: 2, width: 256 },
        TileId { level: 1, index: 0, width: 256 },
        TileId { level: 7, index: 0, width: 256 },
        TileId { level: 255, index: u64::MAX, width: 256 },
    ] {
        assert_eq!(read.add(tile, &[0; 8192]), Err(TileRejection::NotInTree(tile)));
    }
    let huge = Checkpoint { size: SIZE_MAX + 1, ..checkpoint(600, &tree) };
    assert_eq!(TileTree::of(&huge, &good), Err(TileRejection::SizeTooLarge(SIZE_MAX + 1)));
}

#[test]
fn takes_a_full_tile_in_place_of_a_deleted_partial_one() {
    let tree = tree(70_000);
    let tiles = published(70_000, &tree);
    let size = 600;
    // What the larger log still serves of the smaller one's tiles.
    let of_smaller = |tile: &TileId| matches!((tile.level, tile.index), (0, 0..3) | (1, 0));
    let kept: Vec<_> = tiles.into_iter().filter(|(tile, _)| of_smaller(tile)).collect();
    assert!(kept.iter().all(|(tile, _)| tile.is_full()));
    let read = TileTree::of(&checkpoint(size, &tree), &kept).unwrap();
    assert_eq!(prove_inclusion(300, size, &read), prove_inclusion(300, size, &tree));
    assert_eq!(read.node(NodeId { level: 0, index: size }), None);
}

#[test]
fn grows_tile_by_tile_and_says_what_is_missing() {
    let tree = tree(70_000);
    let (checkpoint, all) = (checkpoint(70_000, &tree), published(70_000, &tree));
    let partial: Vec<TileId> = TileTree::partial_tiles(70_000).collect();
    let first: Vec<_> = all.iter().filter(|(tile, _)| partial.contains(tile)).cloned().collect();
    assert_eq!(first.len(), 3);
    let mut read = TileTree::of(&checkpoint, &first).unwrap();
    let find = |level, index| {
        let tile = all.iter().find(|(tile, _)| (tile.level, tile.index) == (level, index));
        tile.cloned().unwrap()
    };
    let ((low, low_bytes), (above, above_bytes)) = (find(0, 7), find(1, 0));
    assert!(matches!(read.add(low, &low_bytes), Err(TileRejection::Missing(_))));
    assert!(matches!(prove_inclusion(1800, 70_000, &read), Err(ProveError::Missing(_))));
    read.add(above, &above_bytes).unwrap();
    read.add(low, &low_bytes).unwrap();
    assert_eq!(prove_inclusion(1800, 70_000, &read), prove_inclusion(1800, 70_000, &tree));
    assert_eq!(read.node(NodeId { level: 255, index: u64::MAX }), None);
}

#[test]
fn verifies_bundles_against_their_tiles() {
    let tree = tree(600);
    let mut read = TileTree::of(&checkpoint(600, &tree), &published(600, &tree)).unwrap();
    for bundle in new_bundles(0, 600) {
        let leaves = bundle.first_leaf()..bundle.first_leaf() + u64::from(bundle.width);
        let leaves: Vec<_> = leaves.map(leaf).collect();
        let mut bytes = bundle_bytes(&leaves).unwrap();
        let verified = read.verify_bundle(bundle, &bytes).unwrap();
        assert!(verified.iter().zip(&leaves).all(|(one, other)| one == other));
        *bytes.last_mut().unwrap() ^= 1;
        let last = bundle.first_leaf() + u64::from(bundle.width) - 1;
        let refused = read.verify_bundle(bundle, &bytes);
        assert_eq!(refused, Err(TileRejection::OtherLeaf(last)));
        let longer = BundleId { width: bundle.width + 1, ..bundle };
        assert!(matches!(read.verify_bundle(longer, &bytes), Err(TileRejection::Bundle(_))));
    }
    read.tiles.remove(&(0, 0));
    let first = BundleId { index: 0, width: 1 };
    let bytes = bundle_bytes(&[leaf(0)]).unwrap();
    assert!(matches!(read.verify_bundle(first, &bytes), Err(TileRejection::Missing(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_flipped_bit_of_any_tile_is_refused(size in 1_u64..1200, at: prop::sample::Index, bit in 0_u8..8) {
        let tree = tree(size);
        let mut tiles = published(size, &tree);
        let length: usize = tiles.iter().map(|(_, bytes)| bytes.len()).sum();
        let mut at = at.index(length);
        for (_, bytes) in &mut tiles {
            if at < bytes.len() {
                bytes[at] ^= 1 << bit;
                break;
            }
            at -= bytes.len();
        }
        prop_assert!(TileTree::of(&checkpoint(size, &tree), &tiles).is_err());
    }
}
