//! Whether a published log, or a copy of one, holds wholly.

use tlog::policy::Cosigned;
use tlog::{Checkpoint, Policy, TileId, TileTree, WitnessedCheckpoint, new_bundles, tiles_of};

use crate::copy::{CopyError, bundle, note, tile};
use crate::published::Published;

/// What holds.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CheckReport {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Who cosigned it, of those that the policy knows.
    pub cosigned: Vec<Cosigned>,
    /// Tiles of hashes, each proven.
    pub tiles: usize,
    /// Bundles of leaves' data, each proven.
    pub bundles: usize,
}

/// Verifies the checkpoint under a policy, and every tile and bundle under the checkpoint's root.
/// `progress` is told how many files of how many are done.
///
/// # Errors
/// [`CopyError`] says what does not hold first, or could not be read.
pub async fn check(
    log: &impl Published,
    policy: &Policy,
    progress: &mut (dyn FnMut(usize, usize) + Send),
) -> Result<CheckReport, CopyError> {
    let believed = policy.verify(&note(log).await?)?;
    let size = believed.checkpoint.size;
    let (tiles, bundles) = (tiles_of(size).count(), new_bundles(0, size).count());
    let mut first = Vec::new();
    for id in TileTree::partial_tiles(size) {
        first.push((id, tile(log, id).await?));
    }
    let mut tree = TileTree::of(&believed.checkpoint, &first)?;
    let mut done = first.len();
    // From the root down: a tile's hash is in the tile above.
    let mut full: Vec<TileId> = tiles_of(size).filter(|tile| tile.is_full()).collect();
    full.reverse();
    for id in full {
        tree.add(id, &tile(log, id).await?)?;
        done += 1;
        progress(done, tiles + bundles);
    }
    for id in new_bundles(0, size) {
        tree.verify_bundle(id, &bundle(log, id).await?)?;
        done += 1;
        progress(done, tiles + bundles);
    }
    let WitnessedCheckpoint { checkpoint, cosigned, .. } = believed;
    Ok(CheckReport { checkpoint, cosigned, tiles, bundles })
}
