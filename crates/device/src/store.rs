//! The database file: opening, migrating, and one module per table.

pub(crate) mod access;
pub(crate) mod alarm;
pub(crate) mod answer_seen;
pub(crate) mod cache;
pub(crate) mod carried;
pub(crate) mod checkpoint;
#[cfg(feature = "encrypted")]
pub(crate) mod cipher;
pub(crate) mod clock;
pub(crate) mod delivery;
pub(crate) mod delta_cursor;
pub(crate) mod document;
pub(crate) mod enrolment;
pub(crate) mod entry;
pub(crate) mod entry_refusal;
pub(crate) mod event;
pub(crate) mod file;
pub(crate) mod head_doubt;
pub(crate) mod history;
pub(crate) mod not_sure;
pub(crate) mod old_certificate;
pub(crate) mod own_leaf;
pub(crate) mod parcel;
pub(crate) mod receipt;
pub(crate) mod replace;
pub(crate) mod revoked_device;
pub(crate) mod roster;
pub(crate) mod roster_coming;
pub(crate) mod salvage;
pub(crate) mod seen;
pub(crate) mod spot_check;
pub(crate) mod statement;
pub(crate) mod status_list;
pub(crate) mod status_signed;
pub(crate) mod tag_key;
pub(crate) mod tag_list;
pub(crate) mod visit_seen;
pub(crate) mod wal;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior, ffi};

/// Why the database did not do what was asked. Nothing of the call was kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The disk took no more bytes.
    #[error("the storage is full or does not accept writes")]
    Full,
    /// Another program holds the database.
    #[error("another program is using the database")]
    Busy,
    /// The file does not hold together.
    #[error("the database file is damaged")]
    Corrupt,
    /// A stored or given value does not fit its column.
    #[error("a stored value is out of form: {0}")]
    Value(&'static str),
    /// SQLite refused for another reason.
    #[error("the database refused: {0}")]
    Broken(#[source] Box<dyn core::error::Error + Send + Sync>),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let is =
            |codes: &[ErrorCode]| error.sqlite_error_code().is_some_and(|c| codes.contains(&c));
        let unreadable = |code: &i32| {
            [ffi::SQLITE_IOERR_READ, ffi::SQLITE_IOERR_SHORT_READ, ffi::SQLITE_IOERR_CORRUPTFS]
                .contains(code)
        };
        let extended = error.sqlite_error().map(|error| error.extended_code);
        if extended.as_ref().is_some_and(unreadable) {
            Self::Corrupt
        } else if is(&[ErrorCode::DiskFull, ErrorCode::SystemIoFailure]) {
            Self::Full
        } else if is(&[ErrorCode::DatabaseBusy, ErrorCode::DatabaseLocked]) {
            Self::Busy
        } else if is(&[ErrorCode::DatabaseCorrupt, ErrorCode::NotADatabase]) {
            Self::Corrupt
        } else {
            Self::Broken(Box::new(error))
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        if matches!(error.kind(), StorageFull | QuotaExceeded) {
            Self::Full
        } else {
            Self::Broken(Box::new(error))
        }
    }
}

/// Begins a transaction that holds the write lock from its start, so that what it reads (the chain's
/// head) is still so when it writes. Dropped without a commit it leaves nothing.
pub(crate) fn begin(db: &mut Connection) -> Result<Transaction<'_>, StoreError> {
    Ok(db.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

/// Fits a count into SQLite's signed integers.
pub(crate) fn to_column(count: u64) -> Result<i64, StoreError> {
    i64::try_from(count).map_err(|_| StoreError::Value("a count above 2^63"))
}

/// Reads a count back.
pub(crate) fn from_column(column: i64) -> Result<u64, StoreError> {
    u64::try_from(column).map_err(|_| StoreError::Value("a negative count"))
}
