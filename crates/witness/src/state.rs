//! A witness's directory: what it cosigned last of each log, and who may write there.
//!
//! ```text
//! lock
//! logs/<SHA-256 of the origin>/last        the checkpoint that was cosigned last
//! logs/<SHA-256 of the origin>/evidence/   what speaks against the log
//! ```
//!
//! `last` is a line with the SHA-256 of what follows, and the signed note. It does not rest on the
//! log's signature, since a log may change its key.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use seal::sha256;
use tlog::VerifierKey;
use tlog::witness::LastCosigned;

use crate::file::{make_directory, write_atomically};

/// Why a witness's state could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// Another process has the directory.
    #[error("another witness runs in {path}: two with one key could sign two histories, stop one")]
    Taken {
        /// The directory.
        path: PathBuf,
    },
    /// The state is not what the witness wrote.
    #[error(
        "{path} is damaged ({why}): restore it from a backup, or make a witness with a new key; \
         beginning anew with this key could sign a second history"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl StateError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// The directory, held by this process until it ends.
#[derive(Debug)]
pub(crate) struct WitnessDir {
    path: PathBuf,
    /// Held for its lock, which the system gives back however the process ends.
    _lock: File,
}

impl WitnessDir {
    /// Takes the directory, and reads the state of these logs.
    pub(crate) fn open(
        path: &Path,
        logs: &[VerifierKey],
    ) -> Result<(Self, HashMap<String, LastCosigned>), StateError> {
        make_directory(path).map_err(StateError::io(path))?;
        let lock_path = path.join("lock");
        let lock = File::create(&lock_path).map_err(StateError::io(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(StateError::Taken { path: path.to_owned() });
            }
            Err(std::fs::TryLockError::Error(source)) => {
                return Err(StateError::Io { path: lock_path, source });
            }
        }
        let dir = Self { path: path.to_owned(), _lock: lock };
        let mut states = HashMap::new();
        for log in logs {
            if let Some(last) = dir.read(&log.name)? {
                states.insert(log.name.clone(), last);
            }
        }
        Ok((dir, states))
    }

    fn read(&self, origin: &str) -> Result<Option<LastCosigned>, StateError> {
        let path = log_dir(&self.path, origin).join("last");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(StateError::Damaged { path, why: error.to_string() });
            }
            Err(source) => return Err(StateError::Io { path, source }),
        };
        parse(&text, origin).map(Some).map_err(|why| StateError::Damaged { path, why })
    }

    /// Stores what is about to be cosigned.
    pub(crate) fn store(&self, state: &LastCosigned) -> Result<(), StateError> {
        let dir = log_dir(&self.path, &state.checkpoint().origin);
        make_directory(&dir).map_err(StateError::io(&dir))?;
        let path = dir.join("last");
        let note = state.to_string();
        let text = format!("{}\n{note}", sha256(note.as_bytes()));
        write_atomically(&path, text.as_bytes()).map_err(StateError::io(&path))
    }

    /// Where evidence about a log is kept.
    pub(crate) fn evidence(&self, origin: &str) -> PathBuf {
        log_dir(&self.path, origin).join("evidence")
    }
}

pub(crate) fn log_dir(witness: &Path, origin: &str) -> PathBuf {
    witness.join("logs").join(sha256(origin.as_bytes()).to_string())
}

fn parse(text: &str, origin: &str) -> Result<LastCosigned, String> {
    let (sum, note) = text.split_once('\n').ok_or("it is cut off")?;
    if sum != sha256(note.as_bytes()).to_string() {
        return Err("its checksum does not match".to_owned());
    }
    let last = LastCosigned::parse(note).map_err(|error| error.to_string())?;
    if last.checkpoint().origin == origin { Ok(last) } else { Err("it is of another log".into()) }
}
