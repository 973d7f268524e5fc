//! Copies of a database, made while it is in use, and the proof that a copy is whole.

use std::path::Path;

use seal::Hash;

use crate::error::OpenError;
use crate::log::StoredCheckpoint;
use crate::sqlite;

/// What a copy holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CopyReport {
    /// Leaves in the log.
    pub leaves: u64,
    /// Leaves that an earlier rebuild could not open: their hashes are in the tree, no more.
    pub lost: u64,
    /// Enrolled devices.
    pub devices: u64,
    /// The newest checkpoint. The root of the leaves was computed anew, and is this one's.
    pub checkpoint: StoredCheckpoint,
}

/// Why a copy was not made, or is none.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The database cannot be opened, or is damaged.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// SQLite could not read or write.
    #[error("the copy failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The copy is not of the log that was signed.
    #[error("the copy is not whole: {0}")]
    NotWhole(String),
}

/// Copies the database at `from`, which another process may be writing, to the new file `to`: one moment
/// of it, whole. `progress` is told pages done and pages in all.
///
/// # Errors
/// [`CopyError`]; what was written of `to` is no copy then.
pub fn copy_database(
    from: &Path,
    to: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), CopyError> {
    sqlite::copy_database(from, to, progress)
}

/// Opens a copy, lets SQLite check all of it, hashes every leaf anew and compares the root with the
/// newest checkpoint's. `progress` is told leaves done and leaves in all.
///
/// # Errors
/// [`CopyError`] says what does not hold.
pub fn check_copy(
    path: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<CopyReport, CopyError> {
    sqlite::check_copy(path, progress)
}

/// Tells whether the first `size` leaves of a copy have a root.
///
/// # Errors
/// [`CopyError`] if the copy cannot be read or has fewer leaves.
pub fn copy_root_at(path: &Path, size: u64) -> Result<Hash, CopyError> {
    sqlite::copy_root_at(path, size)
}
