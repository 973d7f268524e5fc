//! The server's last answers for screens, as of when they came. Never evidence.

use crate::device::Device;
use crate::store::{self, StoreError};

/// Holds a kept answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cached {
    /// The answer's JSON text.
    pub json: String,
    /// When it was fetched, by this device's clock.
    pub fetched_ms: i64,
}

impl Device {
    /// Keeps an answer under a key, in place of the one before.
    ///
    /// # Errors
    /// [`StoreError`] if it was not kept.
    pub fn cache_put(&mut self, key: &str, json: &str) -> Result<(), StoreError> {
        let cached = Cached { json: json.to_owned(), fetched_ms: self.clock.now().wall_ms };
        store::cache::put(&self.db, key, &cached)
    }

    /// Gives the answer kept under a key.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn cache(&self, key: &str) -> Result<Option<Cached>, StoreError> {
        store::cache::read(&self.db, key)
    }
}
