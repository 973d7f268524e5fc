//! SQLCipher: unlocking a file, and encrypting one that was plain.

use std::fs::OpenOptions;
use std::io::{Seek as _, Write as _};
use std::path::Path;

use rusqlite::{Connection, params};
use seal::PublicKey;

use crate::DatabaseKey;
use crate::device::OpenError;
use crate::store::StoreError;
use crate::store::access::{
    Access, Header, beside, create_private, header_of, remove, sync_file, sync_folder,
};
use crate::store::file::{self, BUSY_TIMEOUT};

/// How far a file has come on its way to being encrypted. Tests stop at each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// The plain file is one file, and locked.
    Settled,
    /// The encrypted copy is written, and not on the disk for certain.
    Copied,
    /// The copy is compared and on the disk; the plain file still has the name.
    Compared,
    /// The copy has the name.
    Renamed,
}

/// Gives the key to a connection that has read nothing yet. The key is raw: nothing is derived from it.
pub(crate) fn unlock(
    db: &Connection,
    key: &DatabaseKey,
    owner: &PublicKey,
) -> Result<(), StoreError> {
    Ok(db.pragma_update(None, "key", spec(key, owner))?)
}

fn spec(key: &DatabaseKey, owner: &PublicKey) -> String {
    use core::fmt::Write as _;
    let mut text = String::from("x'");
    for byte in key.as_bytes().iter().chain(&header_of(owner)) {
        // Writing to a string does not fail.
        write!(text, "{byte:02x}").unwrap_or_default();
    }
    text.push('\'');
    text
}

/// Encrypts a plain file of ours; any other is left as it is. Stopped at any point it begins anew at
/// the next opening: until the end the plain file is whole and has the name.
pub(crate) fn encrypt_if_plain(
    path: &Path,
    access: &Access<'_>,
    at: &mut dyn FnMut(Step) -> Result<(), StoreError>,
) -> Result<(), OpenError> {
    let Some(key) = access.key else { return Ok(()) };
    match access.header(path).map_err(StoreError::from)? {
        Header::Plain => {}
        Header::Another => return Err(OpenError::OtherKey),
        Header::Unknown => return Err(OpenError::Corrupt),
        Header::Open | Header::Ours => return Ok(()),
    }
    let copy = beside(path, ".encrypting");
    remove(&copy).map_err(StoreError::from)?;
    let plain = Connection::open(path).map_err(StoreError::from)?;
    plain.busy_timeout(BUSY_TIMEOUT).map_err(StoreError::from)?;
    file::version_of(&plain)?;
    file::quick_check(&plain)?;
    settle(&plain)?;
    sync_folder(path).map_err(StoreError::from)?;
    at(Step::Settled)?;
    create_private(&copy);
    export(&plain, &copy, &spec(key, access.owner))?;
    at(Step::Copied)?;
    sync_file(&copy).map_err(StoreError::from)?;
    sync_folder(path).map_err(StoreError::from)?;
    at(Step::Compared)?;
    // Windows renames over no open file; elsewhere the lock is held to the end, so that nobody
    // writes into the file that goes.
    if cfg!(windows) {
        drop(plain);
        std::fs::rename(&copy, path).map_err(StoreError::from)?;
    } else {
        // SQLite's lock goes with any handle on the file that this process closes: this one is
        // closed last.
        let mut old = OpenOptions::new().write(true).open(path).map_err(StoreError::from)?;
        std::fs::rename(&copy, path).map_err(StoreError::from)?;
        at(Step::Renamed)?;
        overwrite(&mut old).map_err(StoreError::from)?;
        drop((plain, old));
    }
    sync_folder(path).map_err(StoreError::from)?;
    Ok(())
}

/// Makes the plain file one file, without a log beside it, and holds it alone.
fn settle(plain: &Connection) -> Result<(), StoreError> {
    plain.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = FULL;")?;
    let mode: String = plain.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))?;
    if mode != "delete" {
        return Err(StoreError::Busy);
    }
    plain.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;")?;
    Ok(())
}

/// Writes the encrypted copy, and compares it with the plain file.
fn export(plain: &Connection, copy: &Path, spec: &str) -> Result<(), StoreError> {
    let copy = copy.to_str().ok_or(StoreError::Value("the data folder's name is not text"))?;
    plain.execute("ATTACH DATABASE ?1 AS sealed KEY ?2", params![copy, spec])?;
    plain.query_row("SELECT sqlcipher_export('sealed')", [], |_| Ok(()))?;
    for name in ["application_id", "user_version"] {
        let value: i64 = plain.pragma_query_value(None, name, |row| row.get(0))?;
        plain.execute_batch(&format!("PRAGMA sealed.{name} = {value}"))?;
    }
    let tables: Vec<String> = plain
        .prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table'")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for table in tables {
        let same: bool = plain.query_row(
            &format!(
                "SELECT NOT EXISTS (SELECT * FROM main.\"{table}\"
                                     EXCEPT SELECT * FROM sealed.\"{table}\")
                    AND (SELECT count(*) FROM main.\"{table}\")
                      = (SELECT count(*) FROM sealed.\"{table}\")"
            ),
            [],
            |row| row.get(0),
        )?;
        if !same {
            return Err(StoreError::Value("the encrypted copy is not the same"));
        }
    }
    let whole: String = plain.query_row("PRAGMA sealed.quick_check(1)", [], |row| row.get(0))?;
    if whole != "ok" {
        return Err(StoreError::Corrupt);
    }
    plain.execute_batch("DETACH DATABASE sealed")?;
    Ok(())
}

/// Writes zeros over the plain bytes, whose file has no name any more. A disk that writes elsewhere
/// than it read keeps them until it needs the place.
fn overwrite(old: &mut std::fs::File) -> std::io::Result<()> {
    let mut left = old.metadata()?.len();
    old.rewind()?;
    let zeros = [0; 64 * 1024];
    while left > 0 {
        let now = usize::try_from(left).unwrap_or(zeros.len()).min(zeros.len());
        old.write_all(zeros.get(..now).unwrap_or(&zeros))?;
        left -= now as u64;
    }
    old.sync_all()
}
