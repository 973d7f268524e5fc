//! The proof of an event: all that a third party needs besides the log's key.

use seal::Hash;

use crate::device::Device;
use crate::store::{self, StoreError};

/// Holds what proves an event: its signed bytes, who may sign, and its place in the log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Proof {
    /// The event.
    pub event: Hash,
    /// Its signed bytes.
    pub event_bytes: Vec<u8>,
    /// The signed certificate of the device that recorded it.
    pub certificate: Vec<u8>,
    /// The salt of the leaf.
    pub salt: [u8; 16],
    /// The receipt's bytes (RFC 9942).
    pub receipt: Vec<u8>,
    /// Its place in the log.
    pub leaf_index: u64,
    /// The size of the log under the checkpoint.
    pub tree_size: u64,
    /// The name of the log.
    pub origin: String,
    /// The signed checkpoint.
    pub checkpoint: String,
}

impl Device {
    /// Gives the proof of an own event, of a visit seen or of another event about an own child, once
    /// there is a verified receipt.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn proof(&self, event: Hash) -> Result<Option<Proof>, StoreError> {
        if let Some(proof) = store::receipt::proof(&self.db, event)? {
            return Ok(Some(proof));
        }
        match store::visit_seen::proof(&self.db, event)? {
            Some(proof) => Ok(Some(proof)),
            None => store::entry::proof(&self.db, event),
        }
    }
}
