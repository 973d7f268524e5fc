//! What storage could not do.

use std::path::PathBuf;

/// Why the database was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Written by a newer program.
    #[error(
        "the database {path} has schema {found}, this program knows up to {known}: install the newer program; nothing was changed"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The newest schema known here.
        known: u32,
    },
    /// Some other program's file.
    #[error("{path} is not a Qatysu server database: choose another data directory")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Damaged.
    #[error(
        "the database {path} is damaged ({detail}): keep a copy of the file, then restore a backup"
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What the integrity check said.
        detail: String,
    },
    /// SQLite could not open or migrate it.
    #[error("the database {path} cannot be opened: {source}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
}

/// Why a verb failed. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// No room on the disk.
    #[error("the server's disk is full: free some space; nothing was lost")]
    Full,
    /// The database refused or failed.
    #[error("the database failed: {0}")]
    Sqlite(rusqlite::Error),
    /// The tree lacks a node that it must have.
    #[error("the stored tree is incomplete: {0}")]
    Tree(#[from] tlog::MissingNode),
    /// A leaf is not in the tree of the size that was asked for.
    #[error("no proof: {0}")]
    Prove(#[from] tlog::ProveError),
    /// Another root was signed for this size before.
    #[error("another tree of {size} leaves was signed before: two servers have written one log")]
    SecondRoot {
        /// The size.
        size: u64,
    },
    /// A stored value is not of its form.
    #[error("a stored {0} is not of its form")]
    Form(&'static str),
    /// The thread that owns the database has ended.
    #[error("the database is closed")]
    Closed,
}

impl From<rusqlite::Error> for StorageError {
    fn from(error: rusqlite::Error) -> Self {
        let extended = error.sqlite_error().map(|error| error.extended_code);
        if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
            || extended.is_some_and(|code| NO_ROOM.contains(&code))
        {
            Self::Full
        } else {
            Self::Sqlite(error)
        }
    }
}

/// What the system says when a file cannot grow: the write-ahead log and its index among them.
const NO_ROOM: [i32; 4] = [
    rusqlite::ffi::SQLITE_IOERR_WRITE,
    rusqlite::ffi::SQLITE_IOERR_TRUNCATE,
    rusqlite::ffi::SQLITE_IOERR_SHMSIZE,
    rusqlite::ffi::SQLITE_IOERR_FSYNC,
];

/// Why nothing was appended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The tree has another size than the caller saw: look again and retry.
    #[error("the tree has {size} leaves by now")]
    Moved {
        /// The size it has.
        size: u64,
    },
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<rusqlite::Error> for AppendError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Storage(error.into())
    }
}
