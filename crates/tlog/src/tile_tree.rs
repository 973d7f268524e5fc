//! A tree read back from its published tiles, each verified before it counts ([C2SP tlog-tiles]).
//!
//! [C2SP tlog-tiles]: https://c2sp.org/tlog-tiles

use std::collections::BTreeMap;

use seal::Hash;

use crate::bundle::{BundleId, BundleRejection};
use crate::checkpoint::Checkpoint;
use crate::hash::{leaf_hash, node_hash};
use crate::tile::{TILE_HEIGHT, TILE_LEVEL_MAX, TILE_WIDTH, TileId};
use crate::tree::{MissingNode, NodeId, Nodes, SIZE_MAX, root};

/// Why a tile or a bundle was not accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TileRejection {
    /// The tree has more than [`SIZE_MAX`] leaves.
    #[error("a tree of {0} leaves is larger than any log")]
    SizeTooLarge(u64),
    /// A tree of this size has no such tile.
    #[error("the tree has no {0}")]
    NotInTree(TileId),
    /// The bytes are not as many hashes as the tile is wide.
    #[error("{tile} has {found} bytes")]
    Length {
        /// The tile.
        tile: TileId,
        /// How many bytes there were.
        found: usize,
    },
    /// A tile that this one hangs from is not there yet.
    #[error("the tile above is missing: {0}")]
    Missing(MissingNode),
    /// The partial tiles do not lead to the checkpoint's root.
    #[error("the tiles do not lead to the checkpoint's root")]
    OtherRoot,
    /// The tile's hashes do not lead to the one in the tile above.
    #[error("{0} does not lead to the hash above it")]
    OtherHash(TileId),
    /// The bytes are not a bundle.
    #[error(transparent)]
    Bundle(#[from] BundleRejection),
    /// The leaf with this index is not the one in the tile.
    #[error("leaf {0} is not the one in its tile")]
    OtherLeaf(u64),
}

/// Holds tiles of one tree, each proven to be under its root. As [`Nodes`] it gives roots and proofs
/// as far as the tiles reach; a [`MissingNode`] otherwise.
///
/// ```
/// use tlog::{
///     Checkpoint, MemoryTree, TileTree, leaf_hash, prove_inclusion, tile_bytes, tiles_of,
/// };
///
/// let tree: MemoryTree = (0..600_u32).map(|n| leaf_hash(&n.to_be_bytes())).collect();
/// let published = tiles_of(600).map(|tile| Ok((tile, tile_bytes(tile, &tree)?)));
/// let published = published.collect::<Result<Vec<_>, tlog::MissingNode>>()?;
///
/// let checkpoint =
///     Checkpoint { origin: "log.example/2026".into(), size: 600, root: tree.root() };
/// let read = TileTree::of(&checkpoint, &published)?;
/// assert_eq!(prove_inclusion(123, 600, &read)?, prove_inclusion(123, 600, &tree)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TileTree {
    size: u64,
    /// By level and index.
    tiles: BTreeMap<(u8, u64), Vec<Hash>>,
}

impl TileTree {
    /// Lists the tiles that have to be there first: the partial ones, from which the root follows.
    pub fn partial_tiles(size: u64) -> impl Iterator<Item = TileId> {
        (0..=TILE_LEVEL_MAX).filter_map(move |level| {
            let hashes = size >> (level * TILE_HEIGHT);
            let width = u16::try_from(hashes % u64::from(TILE_WIDTH)).expect("less than 256");
            let index = hashes / u64::from(TILE_WIDTH);
            (width > 0).then_some(TileId { level, index, width })
        })
    }

    /// Verifies tiles, in any order, against a **verified** checkpoint. The partial tiles of its size
    /// must be among them; a full tile in place of a partial one will do, since a log may delete the
    /// partial one.
    ///
    /// # Errors
    /// [`TileRejection`] says which tile does not hold.
    pub fn of(checkpoint: &Checkpoint, tiles: &[(TileId, Vec<u8>)]) -> Result<Self, TileRejection> {
        let Checkpoint { size, root: signed, .. } = *checkpoint;
        if size > SIZE_MAX {
            return Err(TileRejection::SizeTooLarge(size));
        }
        let mut tree = Self { size, tiles: BTreeMap::new() };
        for partial in Self::partial_tiles(size) {
            let place = (partial.level, partial.index);
            let found = tiles
                .iter()
                .find(|(tile, _)| (tile.level, tile.index) == place && tile.width >= partial.width);
            let missing = TileRejection::Missing(MissingNode(partial.node(0)));
            let (tile, bytes) = found.ok_or(missing)?;
            let mut hashes = hashes_of(*tile, bytes)?;
            hashes.truncate(usize::from(partial.width));
            tree.tiles.insert(place, hashes);
        }
        // Each hash of a partial tile enters the root: with the root, all of them are proven.
        if root(size, &tree).map_err(TileRejection::Missing)? != signed {
            return Err(TileRejection::OtherRoot);
        }
        let mut full: Vec<_> = tiles.iter().filter(|(tile, _)| !tree.ends_in(*tile)).collect();
        full.sort_unstable_by_key(|(tile, _)| core::cmp::Reverse(tile.level));
        full.into_iter().try_for_each(|(tile, bytes)| tree.add(*tile, bytes))?;
        Ok(tree)
    }

    /// Adds a full tile. The tile above must be there.
    ///
    /// # Errors
    /// [`TileRejection`] if it is not of this tree.
    pub fn add(&mut self, tile: TileId, bytes: &[u8]) -> Result<(), TileRejection> {
        if !tile.is_full() || tile.level >= TILE_LEVEL_MAX {
            return Err(TileRejection::NotInTree(tile));
        }
        let above = NodeId { level: (tile.level + 1) * TILE_HEIGHT, index: tile.index };
        if above.index >= self.size >> above.level {
            return Err(TileRejection::NotInTree(tile));
        }
        let hashes = hashes_of(tile, bytes)?;
        let proven = self.node(above).ok_or(TileRejection::Missing(MissingNode(above)))?;
        if subtree(&hashes) != proven {
            return Err(TileRejection::OtherHash(tile));
        }
        self.tiles.insert((tile.level, tile.index), hashes);
        Ok(())
    }

    /// Verifies a bundle against its tile of level 0, and gives the leaves' data.
    ///
    /// # Errors
    /// [`TileRejection`] if the tile is not there or a leaf is another.
    pub fn verify_bundle(
        &self,
        bundle: BundleId,
        bytes: &[u8],
    ) -> Result<Vec<Vec<u8>>, TileRejection> {
        let leaves = bundle.unverified_leaves(bytes)?;
        for (index, leaf) in (bundle.first_leaf()..).zip(&leaves) {
            let id = NodeId { level: 0, index };
            let proven = self.node(id).ok_or(TileRejection::Missing(MissingNode(id)))?;
            if leaf_hash(leaf) != proven {
                return Err(TileRejection::OtherLeaf(index));
            }
        }
        Ok(leaves.into_iter().map(<[u8]>::to_vec).collect())
    }

    /// Gives the size of the tree.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Says whether the tile is in the place of one of this tree's partial ones.
    fn ends_in(&self, tile: TileId) -> bool {
        let hashes = self.tiles.get(&(tile.level, tile.index));
        hashes.is_some_and(|hashes| hashes.len() < usize::from(TILE_WIDTH))
    }
}

impl Nodes for TileTree {
    fn node(&self, id: NodeId) -> Option<Hash> {
        let (level, height) = (id.level / TILE_HEIGHT, id.level % TILE_HEIGHT);
        let start = id.index.checked_mul(1 << height)?;
        let hashes = self.tiles.get(&(level, start / u64::from(TILE_WIDTH)))?;
        let start = usize::try_from(start % u64::from(TILE_WIDTH)).ok()?;
        Some(subtree(hashes.get(start..start + (1 << height))?))
    }
}

/// Reads a tile's hashes.
fn hashes_of(tile: TileId, bytes: &[u8]) -> Result<Vec<Hash>, TileRejection> {
    if bytes.len() != usize::from(tile.width) * 32 {
        return Err(TileRejection::Length { tile, found: bytes.len() });
    }
    let hashes = bytes.chunks_exact(32).map(Hash::from_slice);
    Ok(hashes.collect::<Option<_>>().expect("chunks of 32 bytes"))
}

/// Computes the root over a power of two of hashes.
fn subtree(hashes: &[Hash]) -> Hash {
    match hashes {
        [one] => *one,
        _ => {
            let (left, right) = hashes.split_at(hashes.len() / 2);
            node_hash(subtree(left), subtree(right))
        }
    }
}

#[cfg(test)]
mod tests;
