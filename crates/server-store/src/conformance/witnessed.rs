//! Tiles, growth, cosignatures and trust lists.

use seal::{Hash, sha256};
use tlog::{MemoryTree, TileId, root, salted_leaf, tile_bytes, tiles_of};

use super::{hash_of, leaf};
use crate::error::StorageError;
use crate::log::{SequencedBatch, StoredCheckpoint};
use crate::store::Store;
use crate::witnessed::{StoredCosignature, StoredTrustList};

/// Fills the log with more leaves than one tile has, and gives the same tree.
async fn more_than_a_tile(store: &Store) -> MemoryTree {
    let batch = SequencedBatch {
        leaves: (0..=255).cycle().take(600).map(leaf).collect(),
        ..SequencedBatch::default()
    };
    let tree = batch.leaves.iter().map(hash_of).collect();
    store.append(0, batch).await.unwrap();
    tree
}

pub(crate) async fn gives_the_tiles_that_the_tree_has(store: &Store) {
    let tree = more_than_a_tile(store).await;
    let tiles: Vec<TileId> = tiles_of(600).chain(tiles_of(300)).collect();
    assert_eq!(tiles.len(), 7);
    for tile in tiles {
        assert_eq!(store.tile(tile).await.unwrap(), tile_bytes(tile, &tree).unwrap(), "{tile}");
    }
    for (level, index, width) in [(0, 2, 89), (0, 3, 1), (1, 0, 3), (7, 0, 1)] {
        let beyond = store.tile(TileId { level, index, width }).await;
        assert!(matches!(beyond, Err(StorageError::Tree(_))), "{beyond:?}");
    }
    let data = store.leaf_data(256..259).await.unwrap();
    let expected: Vec<Hash> = (0..3).map(|n| salted_leaf(&[n; 16], &[n; 3])).collect();
    assert_eq!(data, expected);
}

pub(crate) async fn proves_that_the_tree_grew(store: &Store) {
    let tree = more_than_a_tile(store).await;
    for (from, to) in [(0, 0), (0, 7), (3, 7), (256, 600), (600, 600)] {
        let proof = store.consistency_proof(from, to).await.unwrap();
        let at = |size| root(size, &tree).unwrap();
        proof.verify(at(from), at(to)).unwrap();
    }
    for (from, to) in [(8, 7), (599, 601)] {
        assert!(store.consistency_proof(from, to).await.is_err());
    }
}

/// Keeps a checkpoint of this size.
async fn keep_checkpoint(store: &Store, size: u64) {
    let root = sha256(&size.to_be_bytes());
    let checkpoint = StoredCheckpoint { size, root, note: format!("note of {size}") };
    store.put_checkpoint(checkpoint).await.unwrap();
}

fn cosignature(tree_size: u64, witness: u8, line: &str) -> StoredCosignature {
    StoredCosignature { tree_size, witness_key: [witness; 32], line: line.to_owned() }
}

pub(crate) async fn keeps_the_first_cosignature_of_each_witness(store: &Store) {
    keep_checkpoint(store, 7).await;
    keep_checkpoint(store, 9).await;
    let put = |one| store.put_cosignature(one);
    put(cosignature(7, 2, "second")).await.unwrap();
    put(cosignature(7, 1, "first")).await.unwrap();
    put(cosignature(7, 1, "another by the first")).await.unwrap();
    put(cosignature(9, 1, "newer")).await.unwrap();
    let kept = store.cosignatures(7).await.unwrap();
    assert_eq!(kept, [cosignature(7, 1, "first"), cosignature(7, 2, "second")]);
    assert_eq!(store.cosigned_size([1; 32]).await.unwrap(), 9);
    assert_eq!(store.cosigned_size([2; 32]).await.unwrap(), 7);
    assert_eq!(store.cosigned_size([3; 32]).await.unwrap(), 0);
    assert!(put(cosignature(8, 1, "of no checkpoint")).await.is_err());
    assert!(store.cosignatures(8).await.unwrap().is_empty());
}

pub(crate) async fn finds_the_newest_checkpoint_with_a_quorum(store: &Store) {
    for size in [5, 7, 9] {
        keep_checkpoint(store, size).await;
    }
    for (size, witness) in [(5, 1), (5, 2), (5, 3), (7, 1), (7, 2), (9, 1), (9, 4), (9, 5)] {
        store.put_cosignature(cosignature(size, witness, "line")).await.unwrap();
    }
    for (witnesses, quorum, expected) in [
        (&[1, 2, 3][..], 1, Some(9)),
        (&[1, 2, 3], 2, Some(7)),
        (&[1, 2, 3], 3, Some(5)),
        (&[2, 3], 1, Some(7)),
        (&[3], 1, Some(5)),
        (&[3, 4], 2, None),
        (&[6], 1, None),
        (&[], 1, None),
    ] {
        let keys = witnesses.iter().map(|witness| [*witness; 32]).collect();
        let found = store.witnessed_checkpoint(keys, quorum).await.unwrap();
        assert_eq!(found.map(|one| one.size), expected, "{quorum} of {witnesses:?}");
    }
}

pub(crate) async fn never_goes_back_to_an_older_trust_list(store: &Store) {
    let list = |version, bytes: &[u8]| StoredTrustList { version, bytes: bytes.to_vec() };
    for (put, newest) in [
        (list(1, b"one"), list(1, b"one")),
        (list(1, b"one"), list(1, b"one")),
        (list(1, b"another"), list(1, b"one")),
        (list(3, b"three"), list(3, b"three")),
        (list(2, b"two"), list(3, b"three")),
        (list(1, b"one"), list(3, b"three")),
    ] {
        assert_eq!(store.put_trust_list(put).await.unwrap(), newest);
    }
}
