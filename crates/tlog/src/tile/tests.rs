use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::bundle::{BundleError, BundleId, bundle_bytes, new_bundles};
use crate::hash::leaf_hash;
use crate::tree::MemoryTree;

fn paths(tiles: impl Iterator<Item = TileId>) -> Vec<String> {
    tiles.map(|tile| tile.to_string()).collect()
}

#[test]
fn divides_the_standards_example_of_70_000_leaves() {
    let tiles: Vec<TileId> = tiles_of(70_000).collect();
    let of = |level| tiles.iter().filter(move |tile| tile.level == level);
    assert_eq!(of(0).filter(|tile| tile.is_full()).count(), 273);
    let partial: Vec<TileId> = tiles.iter().copied().filter(|tile| !tile.is_full()).collect();
    assert_eq!(
        paths(partial.into_iter()),
        ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]
    );
    assert_eq!(of(1).filter(|tile| tile.is_full()).count(), 1);
    assert_eq!(paths(tiles_of(256)), ["tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(tiles_of(0).count(), 0);
}

#[test]
fn lists_only_what_a_growing_log_changes() {
    assert_eq!(paths(new_tiles(255, 256)), ["tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(paths(new_tiles(256, 257)), ["tile/0/001.p/1"]);
    let grown = ["tile/0/001", "tile/0/002.p/5", "tile/1/000.p/2"];
    assert_eq!(paths(new_tiles(300, 517)), grown);
    assert_eq!(new_tiles(300, 300).count() + new_tiles(300, 200).count(), 0);
    let bundles: Vec<String> = new_bundles(300, 517).map(|bundle| bundle.to_string()).collect();
    assert_eq!(bundles, ["tile/entries/001", "tile/entries/002.p/5"]);
}

#[test]
fn refuses_paths_of_another_form() {
    for path in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001/x002",
        "tile/0/x01/002",
        "tile/0/+01",
        "tile/00/001",
        "tile/8/000",
        "tile/64/000",
        "tile/256/000",
        "tile/-1/000",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/05",
        "tile/0/001.p/",
        "tile/0/001.p",
        "tile/0/001/",
        "/tile/0/001",
        "tile/entries/001",
        "tile/7/064",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert_eq!(TileId::parse(path), None, "{path}");
    }
    assert!(TileId::parse("tile/7/000.p/64").is_some());
    assert_eq!(TileId::parse("tile/7/000.p/65"), None);
    assert_eq!(BundleId::parse("tile/0/001"), None);
    assert_eq!(BundleId::parse("tile/entries/x001"), None);
    let bundle = BundleId::parse("tile/entries/x001/000.p/7").unwrap();
    assert_eq!((bundle.index, bundle.width, bundle.first_leaf()), (1000, 7, 256_000));
}

#[test]
fn a_bundle_has_each_leaf_behind_its_length() {
    let bytes = bundle_bytes(&[&b"one"[..], b"", b"three"]).unwrap();
    assert_eq!(bytes, b"\0\x03one\0\0\0\x05three");
    let read = |bytes: &[u8], width| {
        let bundle = BundleId { index: 0, width };
        bundle.unverified_leaves(bytes).map(|leaves| leaves.len()).ok()
    };
    assert_eq!(read(&bytes, 3), Some(3));
    assert_eq!((read(&bytes, 2), read(&bytes, 4)), (None, None));
    for end in 0..bytes.len() {
        assert_eq!(read(&bytes[..end], 3), None);
    }
    assert_eq!(read(&[&bytes[..], b"\0"].concat(), 3), None);
    assert_eq!(bundle_bytes::<&[u8]>(&[]), Err(BundleError::Count(0)));
    assert_eq!(bundle_bytes(&[b""; 257]), Err(BundleError::Count(257)));
    assert_eq!(bundle_bytes(&[vec![0; 65_536]]), Err(BundleError::LeafTooLong(65_536)));
    assert!(bundle_bytes(&[vec![0; 65_535]]).is_ok());
}

#[test]
fn says_which_node_a_tile_lacks() {
    let tree: MemoryTree = (0..3_u8).map(|n| leaf_hash(&[n])).collect();
    let tile = TileId { level: 0, index: 0, width: 4 };
    assert_eq!(tile_bytes(tile, &tree), Err(MissingNode(NodeId { level: 0, index: 3 })));
    let far = TileId { level: 255, index: u64::MAX, width: u16::MAX };
    assert!(tile_bytes(far, &tree).is_err());
}

proptest! {
    #[test]
    fn a_path_is_parsed_as_it_is_written(
        level in 0_u8..7, index in 0_u64..u64::MAX, width in 1_u16..=256,
    ) {
        let index = index >> (level * 8 + 10);
        let tile = TileId { level, index, width };
        prop_assert_eq!(TileId::parse(&tile.to_string()), Some(tile));
        let bundle = BundleId { index, width };
        prop_assert_eq!(BundleId::parse(&bundle.to_string()), Some(bundle));
    }

    #[test]
    fn what_parses_is_written_the_same(path in "tile/[0-8]/(x[0-9]{3}/){0,3}[0-9]{3}(\\.p/[0-9]{1,3})?") {
        if let Some(tile) = TileId::parse(&path) {
            prop_assert_eq!(tile.to_string(), path);
        }
    }

    #[test]
    fn step_by_step_the_same_tiles_are_written(sizes in proptest::collection::vec(0_u64..200_000, 1..6)) {
        let mut sizes = sizes;
        sizes.sort_unstable();
        let (mut written, mut from) = (BTreeMap::new(), 0);
        for to in &sizes {
            for tile in new_tiles(from, *to) {
                // Nothing that is there already is written again, and no tile shrinks.
                let before = written.insert((tile.level, tile.index), tile.width);
                prop_assert!(before < Some(tile.width));
            }
            from = *to;
        }
        let whole: BTreeMap<_, _> =
            tiles_of(from).map(|tile| ((tile.level, tile.index), tile.width)).collect();
        prop_assert_eq!(written, whole);
    }
}
