//! Putting a new database in the place of a damaged one.
//!
//! A name changes at once or not at all, but a database is up to three files. So the new one is made
//! beside the old one, then gets a name that says that it is whole; from there on only forward.

use std::io::ErrorKind;
use std::path::Path;

use crate::store::access::{beside, sync_folder};

/// A whole database under this name takes the place of the one without the ending.
const WHOLE: &str = ".whole";

/// Says that `made` is whole and on the disk, and puts it in the place of `path`. What was at `path`
/// goes: the caller has a copy.
pub(crate) fn replace(made: &Path, path: &Path) -> std::io::Result<()> {
    std::fs::rename(made, beside(path, WHOLE))?;
    sync_folder(path)?;
    finish(path)
}

/// Finishes what was begun, if it was.
pub(crate) fn finish(path: &Path) -> std::io::Result<()> {
    let whole = beside(path, WHOLE);
    if !whole.exists() {
        return Ok(());
    }
    // The old log must be gone before the new file has the name: it would be played into it.
    for ending in ["-wal", "-shm", "-journal"] {
        match std::fs::remove_file(beside(path, ending)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    sync_folder(path)?;
    std::fs::rename(&whole, path)?;
    sync_folder(path)
}
