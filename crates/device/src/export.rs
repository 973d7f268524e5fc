//! What this device hands over to rebuild a server that lost its disk.

use std::collections::{BTreeMap, BTreeSet};

use attendance::LeafKind;

use crate::device::Device;
use crate::store::seen::SeenTable;
use crate::store::{self, StoreError};

/// Holds a leaf of the log that was verified here when it was kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeptLeaf {
    /// What it holds.
    pub kind: LeafKind,
    /// The salt of the leaf.
    pub salt: [u8; 16],
    /// The bytes that it commits to.
    pub bytes: Vec<u8>,
    /// The receipt's bytes.
    pub receipt: Vec<u8>,
}

/// Holds everything that this device knows of its log. The caller writes it to a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Export {
    /// The name of the log.
    pub origin: String,
    /// The root keys.
    pub roots: Vec<u8>,
    /// The signed trust list.
    pub trust_list: Vec<u8>,
    /// Certificates, this device's among them.
    pub certificates: BTreeSet<Vec<u8>>,
    /// Signed checkpoints: those that receipts rest on, by size, and those that contradict them.
    pub checkpoints: Vec<String>,
    /// Leaves by their place.
    pub leaves: BTreeMap<u64, KeptLeaf>,
    /// Own events without a receipt, in chain order.
    pub unreceipted: Vec<Vec<u8>>,
}

impl Device {
    /// Gives everything that helps to rebuild the server, as of one moment. None if the device was
    /// never enrolled.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn export(&mut self) -> Result<Option<Export>, StoreError> {
        let tx = self.db.transaction()?;
        let Some(enrolment) = store::enrolment::read(&tx)? else { return Ok(None) };
        let origin = enrolment.origin;
        let mut checkpoints = store::checkpoint::notes(&tx, &origin)?;
        for note in store::alarm::contradicting(&tx)? {
            if !checkpoints.contains(&note) {
                checkpoints.push(note);
            }
        }
        let mut certificates = BTreeSet::from([enrolment.certificate]);
        let mut leaves = BTreeMap::new();
        for (leaf_index, leaf) in store::receipt::leaves(&tx, &origin)? {
            leaves.insert(leaf_index, leaf);
        }
        for table in [SeenTable::Visits, SeenTable::Answers] {
            for (leaf_index, leaf, certificate) in store::seen::leaves(&tx, table, &origin)? {
                certificates.insert(certificate);
                leaves.insert(leaf_index, leaf);
            }
        }
        for (leaf_index, leaf, certificate) in store::entry::leaves(&tx, &origin)? {
            certificates.extend(certificate);
            leaves.insert(leaf_index, leaf);
        }
        for (leaf_index, leaf) in store::statement::leaves(&tx, &origin)? {
            leaves.insert(leaf_index, leaf);
        }
        Ok(Some(Export {
            origin,
            roots: enrolment.roots,
            trust_list: enrolment.trust_list,
            certificates,
            checkpoints,
            leaves,
            unreceipted: store::event::unreceipted(&tx)?,
        }))
    }
}
