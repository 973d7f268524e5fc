//! Parcels that were opened, and what was answered.

use attendance::DeviceId;
use seal::Hash;

use crate::error::StorageError;
use crate::sqlite;
use crate::store::Store;

/// A parcel with its signed answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredParcel {
    /// The SHA-256 of the parcel's bytes.
    pub name: Hash,
    /// The device that sealed it.
    pub device: DeviceId,
    /// The signed answer.
    pub answer: Vec<u8>,
    /// When it was opened, milliseconds since 1970-01-01T00:00Z.
    pub at_ms: i64,
}

impl Store {
    /// Keeps the answer to a parcel; the first one stays.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn put_parcel(&self, parcel: StoredParcel) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::insert_parcel(c, &parcel)).await
    }

    /// Gives the answer to a parcel, if it was opened.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn parcel_answer(&self, name: Hash) -> Result<Option<Vec<u8>>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::parcel_answer(c, name)).await
    }
}
