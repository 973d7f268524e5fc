//! Files that are there whole, or not at all.

use std::io;
use std::path::Path;

use super::folder::Folder;

/// Writes a file: beside its place, synced, renamed, and the folder's names synced. When this returns,
/// a power cut takes nothing back.
pub(super) fn write(folder: &dyn Folder, name: &str, parts: &[&[u8]]) -> io::Result<()> {
    let beside = with_ending(name, BESIDE);
    let written = write_beside(folder, &beside, parts).and_then(|()| folder.rename(&beside, name));
    if let Err(error) = written {
        // What is left of it is removed at the next start too.
        drop(folder.remove(&beside));
        return Err(error);
    }
    folder.sync_names()
}

fn write_beside(folder: &dyn Folder, beside: &str, parts: &[&[u8]]) -> io::Result<()> {
    let mut file = folder.create(beside)?;
    for part in parts {
        file.add(part)?;
    }
    file.sync()
}

/// Gives a name another ending.
pub(super) fn with_ending(name: &str, ending: &str) -> String {
    Path::new(name).with_extension(ending).to_string_lossy().into_owned()
}

/// The ending of a file that is not whole yet.
pub(super) const BESIDE: &str = "new";
