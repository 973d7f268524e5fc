//! Backups: a copy of a running server, proven whole; and putting one back.
//!
//! A backup is a directory: `server.db`, the trust files, and `backup.json` with the hash of each. The
//! server's keys are not in it: whoever has them can speak for the server.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use seal::{Hash, Signer as _};
use serde::{Deserialize, Serialize};
use server_store::{CopyError, CopyReport};
use tlog::{Checkpoint, SignedNote, VerifierKey};

use crate::keys::{KEY_FILES, TAG_SECRET, read_key};
use crate::tls::TLS_CA_FILE;
use crate::witnesses::WITNESS_POLICY;

const DATABASE: &str = "server.db";
const MANIFEST: &str = "backup.json";
/// Files beside the database that a server needs.
const TRUST_FILES: [&str; 3] = ["origin", "trust.list", "trust.roots"];
/// Files that a server may have.
const MORE_FILES: [&str; 2] = [TLS_CA_FILE, WITNESS_POLICY];

/// Why there is no backup, or it was not put back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// Something is there already.
    #[error("{path} is there already, and nothing is overwritten: name a new directory")]
    Exists {
        /// The directory or file.
        path: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database cannot be copied, or the copy is not whole.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// The backup is damaged, or is none.
    #[error("{path} is no whole backup: {why}")]
    Damaged {
        /// The directory.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The checkpoint that was shown is not of this log.
    #[error("the newest checkpoint cannot be used: {0}")]
    Newest(String),
    /// Something newer was signed: going on from here would make a second history.
    #[error(
        "a checkpoint of {newest} leaves was signed, and this backup has {has}: if the server went on \
         from here, it would sign a second history. Rebuild it with the devices' exports instead, as \
         docs/REBUILD.md says"
    )]
    Behind {
        /// Leaves under the newest checkpoint.
        newest: u64,
        /// Leaves in the backup.
        has: u64,
    },
}

/// What a backup says of itself.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BackupManifest {
    /// When it was made, in milliseconds since 1970.
    pub made_ms: i64,
    /// The name of the log.
    pub origin: String,
    /// Leaves in it.
    pub leaves: u64,
    /// Leaves in it that could not be opened: an earlier rebuild lost them.
    pub lost: u64,
    /// Enrolled devices in it.
    pub devices: u64,
    /// The newest checkpoint, a signed note.
    pub checkpoint: String,
    /// SHA-256 of each file.
    pub files: BTreeMap<String, String>,
}

/// How a backup goes on: what is done, how much of how much.
pub type Progress<'a> = &'a mut dyn FnMut(&'static str, u64, u64);

/// What is known about newer checkpoints when a backup is put back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Newest {
    /// The newest that anybody saw, a signed note: from the published log, a witness, a device.
    Note(String),
    /// A person answers for it that nothing was signed after the backup.
    NothingNewer,
}

/// Makes a backup of a server's directory in the new directory `to`, while it may be running, and
/// proves it whole by reading all of it back.
///
/// # Errors
/// [`BackupError`]; what lies in `to` is no backup then: it has no manifest.
pub fn backup(
    data_dir: &Path,
    to: &Path,
    made_ms: i64,
    progress: Progress<'_>,
) -> Result<BackupManifest, BackupError> {
    if to.exists() {
        return Err(BackupError::Exists { path: to.to_owned() });
    }
    std::fs::create_dir_all(to).map_err(|source| io(to, source))?;
    let database = to.join(DATABASE);
    server_store::copy_database(&data_dir.join(DATABASE), &database, &mut |done, all| {
        progress("copied pages", done, all);
    })?;
    let mut files = BTreeMap::new();
    let present = MORE_FILES.into_iter().filter(|name| data_dir.join(name).exists());
    for name in TRUST_FILES.into_iter().chain(present) {
        copy(&data_dir.join(name), &to.join(name))?;
        files.insert(name.to_owned(), hash_file(&to.join(name))?.to_string());
    }
    let report = prove(to, progress)?;
    files.insert(DATABASE.to_owned(), hash_file(&database)?.to_string());
    let origin = read_text(&to.join("origin"))?;
    let manifest = BackupManifest {
        made_ms,
        origin,
        leaves: report.leaves,
        lost: report.lost,
        devices: report.devices,
        checkpoint: report.checkpoint.note,
        files,
    };
    let text = serde_json::to_string_pretty(&manifest).map_err(|error| damaged(to, &error))?;
    // The manifest last: a directory without one is no backup.
    crate::keys::write_private(&to.join(MANIFEST), text.as_bytes(), false)
        .map_err(|source| io(&to.join(MANIFEST), source))?;
    Ok(manifest)
}

/// Checks a backup and makes a server's directory of it. `keys` holds the safe copy of the server's
/// keys.
///
/// # Errors
/// [`BackupError::Behind`] if something newer was signed; [`BackupError`] if the backup is damaged, is
/// not of this log, or a file cannot be written.
pub fn restore(
    from: &Path,
    data_dir: &Path,
    keys: &Path,
    newest: &Newest,
    progress: Progress<'_>,
) -> Result<BackupManifest, BackupError> {
    if data_dir.exists() {
        return Err(BackupError::Exists { path: data_dir.to_owned() });
    }
    let text = read_text(&from.join(MANIFEST))?;
    let manifest: BackupManifest =
        serde_json::from_str(&text).map_err(|error| damaged(from, &error))?;
    for (name, hash) in &manifest.files {
        let known = [DATABASE].into_iter().chain(TRUST_FILES).chain(MORE_FILES);
        if !known.into_iter().any(|known| known == name) {
            return Err(damaged(from, &format!("it names {name}, which is no file of a server")));
        }
        if hash_file(&from.join(name))?.to_string() != *hash {
            return Err(damaged(from, &format!("{name} was changed")));
        }
    }
    let report = prove(from, progress)?;
    let log_key =
        read_key(&keys.join("log.key")).map_err(|error| damaged(keys, &error))?.public_key();
    let own = VerifierKey { name: manifest.origin.clone(), key: log_key };
    holds_all(from, &own, &report, newest)?;
    let target = data_dir.join("keys");
    std::fs::create_dir_all(&target).map_err(|source| io(&target, source))?;
    let tls = ["tls-ca.key"].into_iter().filter(|name| keys.join(name).exists());
    for name in KEY_FILES.into_iter().chain([TAG_SECRET]).chain(tls) {
        copy(&keys.join(name), &target.join(name))?;
    }
    for name in manifest.files.keys().filter(|name| *name != DATABASE) {
        copy(&from.join(name), &data_dir.join(name))?;
    }
    // The database last: a directory without it is no server.
    copy(&from.join(DATABASE), &data_dir.join(DATABASE))?;
    Ok(manifest)
}

/// Proves the copied log whole, under a checkpoint that is in it.
fn prove(dir: &Path, progress: Progress<'_>) -> Result<CopyReport, BackupError> {
    Ok(server_store::check_copy(&dir.join(DATABASE), &mut |done, all| {
        progress("checked leaves", done, all);
    })?)
}

/// Refuses a backup that lacks something that was signed.
fn holds_all(
    from: &Path,
    own: &VerifierKey,
    report: &CopyReport,
    newest: &Newest,
) -> Result<(), BackupError> {
    let unusable = |error: &dyn core::fmt::Display| BackupError::Newest(error.to_string());
    let read = |note: &str| -> Result<Checkpoint, BackupError> {
        let note = SignedNote::parse(note).map_err(|error| unusable(&error))?;
        note.verify(own).map_err(|error| unusable(&error))
    };
    let has = read(&report.checkpoint.note)?;
    let Newest::Note(note) = newest else { return Ok(()) };
    let newest = read(note)?;
    if newest.size > report.leaves {
        return Err(BackupError::Behind { newest: newest.size, has: has.size });
    }
    if server_store::copy_root_at(&from.join(DATABASE), newest.size)? != newest.root {
        return Err(unusable(&"it is of another history of this log: keep both, and stop"));
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), BackupError> {
    let bytes = std::fs::read(from).map_err(|source| io(from, source))?;
    crate::keys::write_private(to, &bytes, false).map_err(|source| io(to, source))
}

fn hash_file(path: &Path) -> Result<Hash, BackupError> {
    Ok(seal::sha256(&std::fs::read(path).map_err(|source| io(path, source))?))
}

fn read_text(path: &Path) -> Result<String, BackupError> {
    std::fs::read_to_string(path).map_err(|source| io(path, source))
}

fn io(path: &Path, source: std::io::Error) -> BackupError {
    BackupError::Io { path: path.to_owned(), source }
}

fn damaged(path: &Path, why: &dyn core::fmt::Display) -> BackupError {
    BackupError::Damaged { path: path.to_owned(), why: why.to_string() }
}
