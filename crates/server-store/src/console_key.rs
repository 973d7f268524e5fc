//! Keys that browsers made for people of the console. Each is a device; here is whose it is.

use attendance::DeviceId;

use crate::console::AccountId;
use crate::error::StorageError;
use crate::sqlite;
use crate::store::Store;

/// A browser's key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredConsoleKey {
    /// The device that it is in the log.
    pub device: DeviceId,
    /// Whose.
    pub account: AccountId,
    /// Since when, milliseconds since 1970-01-01T00:00Z.
    pub made_ms: i64,
    /// Since when it was given up, or its account revoked.
    pub ended_ms: Option<i64>,
}

/// Browsers' keys.
impl Store {
    /// Keeps an account's new key as a device with its certificate; all or nothing. Says whether it did:
    /// not if the account is revoked, has a key in force, or the device is known.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn put_console_key(
        &self,
        device: DeviceId,
        certificate: Vec<u8>,
        account: AccountId,
        at_ms: i64,
    ) -> Result<bool, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::put_console_key(c, device, &certificate, account, at_ms)).await
    }

    /// Lists every key, the oldest first.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn console_keys(&self) -> Result<Vec<StoredConsoleKey>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::console_keys(c)).await
    }

    /// Ends a key that an account has in force: what it signs from then on is put aside. Says whether it
    /// did.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn end_console_key(
        &self,
        device: DeviceId,
        account: AccountId,
        at_ms: i64,
    ) -> Result<bool, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::end_console_key(c, device, account, at_ms)).await
    }
}
