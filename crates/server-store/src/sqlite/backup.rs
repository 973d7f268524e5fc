//! Copying a SQLite database in use, and checking the copy.

use std::path::Path;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use seal::Hash;
use tlog::{MemoryTree, leaf_hash, salted_leaf};

use super::log::{StoredNodes, checkpoint, hash_at, tree_size};
use super::{APPLICATION_ID, create_private};
use crate::backup::{CopyError, CopyReport};
use crate::error::{OpenError, StorageError};

/// Pages in one step: between two steps progress is told.
const STEP_PAGES: i32 = 1_000;

fn read_only(path: &Path) -> Result<Connection, CopyError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags);
    let db = opened.map_err(|source| OpenError::Sqlite { path: path.to_owned(), source })?;
    db.busy_timeout(Duration::from_secs(5))?;
    let id: i32 = db.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if id != APPLICATION_ID {
        return Err(OpenError::Foreign { path: path.to_owned() }.into());
    }
    Ok(db)
}

pub(crate) fn copy_database(
    from: &Path,
    to: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), CopyError> {
    let source = read_only(from)?;
    // One moment: what is written from here on is not seen, and does not begin the copy anew.
    source.execute_batch("BEGIN")?;
    tree_size(&source).map_err(stored)?;
    create_private(to);
    let mut copy = Connection::open(to)?;
    {
        let backup = Backup::new(&source, &mut copy)?;
        loop {
            let step = backup.step(STEP_PAGES)?;
            let told = backup.progress();
            let all = u64::try_from(told.pagecount).unwrap_or_default();
            let left = u64::try_from(told.remaining).unwrap_or_default();
            progress(all.saturating_sub(left), all);
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                StepResult::Busy | StepResult::Locked | _ => {
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
        }
    }
    // A copy is one file, on the disk, before it counts.
    copy.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;")?;
    copy.close().map_err(|(_, error)| error)?;
    std::fs::File::open(to).and_then(|file| file.sync_all()).map_err(|error| {
        CopyError::NotWhole(format!("{} is not on the disk: {error}", to.display()))
    })
}

pub(crate) fn check_copy(
    path: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<CopyReport, CopyError> {
    let db = read_only(path)?;
    let detail: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if detail != "ok" {
        return Err(OpenError::Corrupt { path: path.to_owned(), detail }.into());
    }
    let size = tree_size(&db).map_err(stored)?;
    let newest = checkpoint(&db).map_err(stored)?;
    let newest = newest.ok_or_else(|| CopyError::NotWhole("it has no checkpoint".to_owned()))?;
    let lost = check_leaves(&db, size, progress)?;
    let signed = copy_root(&db, newest.size)?;
    if signed != newest.root {
        let detail = format!("its first {} leaves are not those that were signed", newest.size);
        return Err(CopyError::NotWhole(detail));
    }
    let devices: i64 = db.query_row("SELECT count(*) FROM device", [], |row| row.get(0))?;
    let devices = u64::try_from(devices).unwrap_or_default();
    Ok(CopyReport { leaves: size, lost, devices, checkpoint: newest })
}

/// Hashes every leaf anew and compares the root of all with the stored tree's. Gives how many are not
/// opened.
fn check_leaves(
    db: &Connection,
    size: u64,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64, CopyError> {
    let mut query = db.prepare(
        "SELECT node.hash, leaf.salt, leaf.bytes FROM node
         LEFT JOIN leaf ON leaf.leaf_index = node.node_index
         WHERE node.level = 0 ORDER BY node.node_index",
    )?;
    let mut rows = query.query([])?;
    let (mut tree, mut lost) = (MemoryTree::new(), 0);
    while let Some(row) = rows.next()? {
        let known = hash_at(row, 0)?;
        let opened: (Option<[u8; 16]>, Option<Vec<u8>>) = (row.get(1)?, row.get(2)?);
        if let (Some(salt), Some(bytes)) = opened {
            if leaf_hash(salted_leaf(&salt, &bytes).as_ref()) != known {
                let detail = format!("leaf {} is not the one that was logged", tree.size());
                return Err(CopyError::NotWhole(detail));
            }
        } else {
            lost += 1;
        }
        tree.push(known);
        if tree.size().is_multiple_of(1_000) {
            progress(tree.size(), size);
        }
    }
    if tree.size() != size || tree.root() != copy_root(db, size)? {
        return Err(CopyError::NotWhole("its leaves do not make its tree".to_owned()));
    }
    progress(size, size);
    Ok(lost)
}

pub(crate) fn copy_root_at(path: &Path, size: u64) -> Result<Hash, CopyError> {
    copy_root(&read_only(path)?, size)
}

fn copy_root(db: &Connection, size: u64) -> Result<Hash, CopyError> {
    tlog::root(size, &StoredNodes(db)).map_err(|error| CopyError::NotWhole(error.to_string()))
}

fn stored(error: StorageError) -> CopyError {
    CopyError::NotWhole(error.to_string())
}
