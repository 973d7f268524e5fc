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
    /// The signed checkpoint, with the cosignatures of witnesses if they saw this very one.
    pub checkpoint: String,
}

/// A later checkpoint that witnesses cosigned, and the steps in which the log grew up to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WitnessedLater {
    /// The steps, from the receipt's checkpoint on.
    pub steps: Vec<GrowthStep>,
    /// The signed checkpoint with its cosignatures.
    pub checkpoint: String,
}

/// A kept link: that the log only grew, from where the step before ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GrowthStep {
    /// Number of leaves at the end of this step.
    pub size: u64,
    /// Root of the tree of so many leaves.
    pub root: Hash,
    /// The consistency proof's hashes.
    pub path: Vec<Hash>,
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

    /// Gives the first witnessed checkpoint after the one of a proof, with the links to it; nothing if
    /// there is none, or witnesses saw the proof's own checkpoint.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn witnessed_later(&self, proof: &Proof) -> Result<Option<WitnessedLater>, StoreError> {
        let (origin, from) = (&*proof.origin, proof.tree_size);
        let Some((size, checkpoint)) = store::history::witnessed_from(&self.db, origin, from)?
        else {
            return Ok(None);
        };
        let steps = store::history::steps(&self.db, origin, from, size)?;
        let steps = steps.filter(|steps| !steps.is_empty());
        Ok(steps.map(|steps| WitnessedLater { steps, checkpoint }))
    }
}
