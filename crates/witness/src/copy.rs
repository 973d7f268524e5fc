//! A whole copy of a published log as static files, brought up to date in steps.
//!
//! What is there already and proven is not fetched again, so an interrupted export goes on where it
//! was. The memory needed is some 64 bytes a new leaf.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tlog::bundle::BundleError;
use tlog::policy::QuorumRejection;
use tlog::tile::TILE_WIDTH;
use tlog::tile_tree::TileRejection;
use tlog::{
    BundleId, Checkpoint, NoteRejection, SignedNote, TileId, TileTree, VerifierKey, bundle_bytes,
    new_bundles, new_tiles,
};

use crate::file::{make_directory, write_atomically};
use crate::published::{Published, ReadError, read};

/// The file of a log's signed checkpoint.
pub const CHECKPOINT: &str = "checkpoint";

/// Why a copy was not made, or does not hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// A file that the log must have is not there.
    #[error("the log has no file {0}")]
    Missing(String),
    /// The checkpoint is not one by this log.
    #[error("the checkpoint does not hold: {0}")]
    Note(#[from] NoteRejection),
    /// The checkpoint is not one that the policy believes.
    #[error("the checkpoint is not believed: {0}")]
    Quorum(#[from] QuorumRejection),
    /// A tile or a bundle is not what the checkpoint says.
    #[error("the tiles do not hold: {0}")]
    Tile(#[from] TileRejection),
    /// The log has fewer leaves than the copy.
    #[error(
        "the log shows {found} leaves, the copy has {copied}: it was set back, or its newest \
         checkpoint is not witnessed yet; nothing was changed"
    )]
    Behind {
        /// The copy's size.
        copied: u64,
        /// The log's size.
        found: u64,
    },
    /// The log did not grow out of what was copied.
    #[error(
        "the log of {found} leaves did not grow out of the {copied} that were copied: keep both, \
         they are two histories; nothing was changed"
    )]
    OtherHistory {
        /// The copy's size.
        copied: u64,
        /// The log's size.
        found: u64,
    },
    /// Another process writes into the copy.
    #[error("another export writes into {0}: let it end")]
    Taken(PathBuf),
    /// A file of the log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A file of the copy cannot be written.
    #[error("{path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl CopyError {
    /// Tells a log that does not hold from a disk or a network that failed.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Missing(_)
            | Self::Note(_)
            | Self::Quorum(_)
            | Self::Tile(_)
            | Self::Behind { .. }
            | Self::OtherHistory { .. } => true,
            Self::Taken(_) | Self::Read(_) | Self::Write { .. } => false,
        }
    }
}

/// What an export did.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ExportReport {
    /// What the copy holds now.
    pub checkpoint: Checkpoint,
    /// How many leaves it had before.
    pub from: u64,
    /// Files that were written, the checkpoint among them.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Brings the copy in `dir` up to the log's checkpoint: tiles, bundles, and then the checkpoint.
/// `progress` is told how many files of how many are done.
///
/// # Errors
/// [`CopyError`]. The copy is whole under its checkpoint then, with some files beyond, perhaps.
pub async fn export(
    log: &impl Published,
    dir: &Path,
    key: &VerifierKey,
    progress: &mut (dyn FnMut(usize, usize) + Send),
) -> Result<ExportReport, CopyError> {
    let mut copy = Copy::open(dir)?;
    let note = note(log).await?;
    let checkpoint = note.verify(key)?;
    let (from, found) = (copy.size(key)?, checkpoint.size);
    let had = from.as_ref().map_or(0, |had| had.size);
    if had > found {
        return Err(CopyError::Behind { copied: had, found });
    }
    let other = CopyError::OtherHistory { copied: had, found };
    if from.as_ref().is_some_and(|from| from.size == found && from.root != checkpoint.root) {
        return Err(other);
    }
    let (tree, tiles) = tree(log, &copy, &checkpoint, had).await?;
    if from.is_some_and(|from| tlog::root(had, &tree) != Ok(from.root)) {
        return Err(other);
    }
    let bundles: Vec<BundleId> = new_bundles(had, found).collect();
    let all = tiles.len() + bundles.len();
    for (done, (tile, bytes)) in (1..).zip(&tiles) {
        copy.put(&tile.to_string(), bytes)?;
        copy.drop_partial(&tile.to_string(), tile.is_full())?;
        progress(done, all);
    }
    for (done, id) in (tiles.len() + 1..).zip(bundles) {
        copy.put_bundle(log, &tree, id).await?;
        progress(done, all);
    }
    copy.put(CHECKPOINT, note.to_string().as_bytes())?;
    let (files, bytes) = (copy.files, copy.bytes);
    Ok(ExportReport { checkpoint, from: had, files, bytes })
}

/// Reads the new tiles of a checkpoint and proves them, from the root down.
async fn tree(
    log: &impl Published,
    copy: &Copy,
    checkpoint: &Checkpoint,
    from: u64,
) -> Result<(TileTree, Vec<(TileId, Vec<u8>)>), CopyError> {
    let mut tiles = Vec::new();
    for id in TileTree::partial_tiles(checkpoint.size) {
        tiles.push((id, tile(log, id).await?));
    }
    let mut tree = TileTree::of(checkpoint, &tiles)?;
    let new: BTreeSet<TileId> =
        new_tiles(from, checkpoint.size).filter(|tile| tile.is_full()).collect();
    // Ordered by level: a tile's hash is in the tile above, which is new too.
    for id in new.into_iter().rev() {
        let kept = read(&copy.dir.join(id.to_string()))?;
        if let Some(bytes) = kept.filter(|bytes| tree.add(id, bytes).is_ok()) {
            tiles.push((id, bytes));
            continue;
        }
        let bytes = tile(log, id).await?;
        tree.add(id, &bytes)?;
        tiles.push((id, bytes));
    }
    Ok((tree, tiles))
}

/// The directory of a copy, held by this process.
#[derive(Debug)]
struct Copy {
    dir: PathBuf,
    _lock: File,
    files: u64,
    bytes: u64,
}

impl Copy {
    fn open(dir: &Path) -> Result<Self, CopyError> {
        make_directory(dir).map_err(write_error(dir))?;
        let path = dir.join("export.lock");
        let lock = File::create(&path).map_err(write_error(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Err(CopyError::Taken(dir.to_owned())),
            Err(std::fs::TryLockError::Error(source)) => {
                return Err(CopyError::Write { path, source });
            }
        }
        Ok(Self { dir: dir.to_owned(), _lock: lock, files: 0, bytes: 0 })
    }

    /// Gives the checkpoint that the copy is whole under.
    fn size(&self, key: &VerifierKey) -> Result<Option<Checkpoint>, CopyError> {
        let Some(bytes) = read(&self.dir.join(CHECKPOINT))? else { return Ok(None) };
        Ok(Some(parse_note(&bytes)?.verify(key)?))
    }

    /// Writes a file, unless it is there with these bytes.
    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), CopyError> {
        let path = self.dir.join(path);
        if read(&path)?.is_some_and(|kept| kept == bytes) {
            return Ok(());
        }
        let above = path.parent().unwrap_or(&self.dir);
        make_directory(above).map_err(write_error(above))?;
        write_atomically(&path, bytes).map_err(write_error(&path))?;
        self.files += 1;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    async fn put_bundle(
        &mut self,
        log: &impl Published,
        tree: &TileTree,
        id: BundleId,
    ) -> Result<(), CopyError> {
        let path = id.to_string();
        let kept = read(&self.dir.join(&path))?;
        if kept.is_none_or(|kept| tree.verify_bundle(id, &kept).is_err()) {
            let bytes = bundle(log, id).await?;
            tree.verify_bundle(id, &bytes)?;
            self.put(&path, &bytes)?;
        }
        self.drop_partial(&path, id.width == TILE_WIDTH)
    }

    /// Removes the partial forms of what is full by now ([C2SP tlog-tiles] allows it).
    fn drop_partial(&self, path: &str, is_full: bool) -> Result<(), CopyError> {
        if !is_full {
            return Ok(());
        }
        let partial = self.dir.join(format!("{path}.p"));
        match std::fs::remove_dir_all(&partial) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(write_error(&partial)(error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

fn write_error(path: &Path) -> impl FnOnce(io::Error) -> CopyError {
    let path = path.to_owned();
    move |source| CopyError::Write { path, source }
}

/// Reads the log's signed checkpoint. It is not verified.
pub(crate) async fn note(log: &impl Published) -> Result<SignedNote, CopyError> {
    let bytes = log.file(CHECKPOINT).await?;
    parse_note(&bytes.ok_or_else(|| CopyError::Missing(CHECKPOINT.to_owned()))?)
}

fn parse_note(bytes: &[u8]) -> Result<SignedNote, CopyError> {
    let text = str::from_utf8(bytes).map_err(|_| NoteRejection::Malformed("not UTF-8"))?;
    Ok(SignedNote::parse(text)?)
}

/// Reads a tile, or the beginning of the full one that has taken its place.
pub(crate) async fn tile(log: &impl Published, id: TileId) -> Result<Vec<u8>, CopyError> {
    if let Some(bytes) = log.file(&id.to_string()).await? {
        return Ok(bytes);
    }
    let full = TileId { width: TILE_WIDTH, ..id };
    match log.file(&full.to_string()).await? {
        Some(mut bytes) => {
            bytes.truncate(usize::from(id.width) * 32);
            Ok(bytes)
        }
        None => Err(CopyError::Missing(id.to_string())),
    }
}

/// Reads a bundle, or the beginning of the full one that has taken its place.
pub(crate) async fn bundle(log: &impl Published, id: BundleId) -> Result<Vec<u8>, CopyError> {
    if let Some(bytes) = log.file(&id.to_string()).await? {
        return Ok(bytes);
    }
    let full = BundleId { width: TILE_WIDTH, ..id };
    let missing = || CopyError::Missing(id.to_string());
    let bytes = log.file(&full.to_string()).await?.ok_or_else(missing)?;
    let leaves = full.unverified_leaves(&bytes).map_err(TileRejection::from)?;
    let first = leaves.get(..usize::from(id.width)).ok_or_else(missing)?;
    bundle_bytes(first).map_err(|_: BundleError| missing())
}
