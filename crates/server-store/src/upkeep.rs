//! Looking after the database: whether it can be written, how large it is, what was put aside.

use crate::error::StorageError;
use crate::sqlite;
use crate::store::Store;

impl Store {
    /// Writes to the disk what is there already, to see that it can be written.
    ///
    /// # Errors
    /// [`StorageError`] if it cannot.
    pub async fn check_writable(&self) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::check_writable(c)).await
    }

    /// Gives the size of the database in bytes, without what waits in the write-ahead log.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn database_bytes(&self) -> Result<u64, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::database_bytes(c)).await
    }

    /// Counts the events that were put aside, by reason.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn parked_counts(&self) -> Result<Vec<(String, u64)>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::parked_counts(c)).await
    }
}
