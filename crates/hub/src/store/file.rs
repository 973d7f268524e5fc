//! Files that are there whole, or not at all.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

/// Writes a file: beside its place, synced, renamed, and the folder synced. When this returns, a power
/// cut takes nothing back.
pub(super) fn write(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let beside = path.with_extension(BESIDE);
    let written = write_beside(&beside, parts).and_then(|()| std::fs::rename(&beside, path));
    if let Err(error) = written {
        // What is left of it is removed at the next start too.
        drop(std::fs::remove_file(&beside));
        return Err(error);
    }
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

fn write_beside(beside: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let mut file = File::create(beside)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_all()
}

/// Syncs a folder's names.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    #[cfg(not(unix))]
    let _unused = path;
    Ok(())
}

/// The ending of a file that is not whole yet.
pub(super) const BESIDE: &str = "new";
