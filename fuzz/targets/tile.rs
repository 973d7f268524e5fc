//! Paths of tiles and bundles, their bytes, and a tree read back from a published tile.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::{BundleId, Checkpoint, TileId, TileTree, bundle_bytes, empty_root};

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        if let Some(tile) = TileId::parse(text) {
            assert_eq!(tile.to_string(), text);
        }
        if let Some(bundle) = BundleId::parse(text) {
            assert_eq!(bundle.to_string(), text);
        }
    }
    let Some((&[level, width], bytes)) = data.split_first_chunk::<2>() else { return };
    let bundle = BundleId { index: 0, width: u16::from(width) };
    if let Ok(leaves) = bundle.unverified_leaves(bytes)
        && let Ok(written) = bundle_bytes(&leaves)
    {
        assert_eq!(written, bytes);
    }
    let tile = TileId { level: level % 8, index: 0, width: u16::from(width) };
    let size = u64::from(width) << (tile.level * 8).min(54);
    let checkpoint = Checkpoint { origin: "log".to_owned(), size, root: empty_root() };
    let found = TileTree::of(&checkpoint, &[(tile, bytes.to_vec())]);
    assert!(found.is_err() || size == 0, "hashes of nothing that anybody has chosen");
});
