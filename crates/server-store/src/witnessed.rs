//! What the log shows to others, and what they said to it: tiles, cosignatures, trust lists.

use seal::Hash;
use tlog::TileId;

use crate::error::StorageError;
use crate::log::StoredCheckpoint;
use crate::sqlite;
use crate::store::Store;

/// A witness's line under a checkpoint, verified by whoever stored it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredCosignature {
    /// The checkpoint's size.
    pub tree_size: u64,
    /// The witness's public key.
    pub witness_key: [u8; 32],
    /// The line of the signed note, with its newline.
    pub line: String,
}

/// A trust list that a server ran with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredTrustList {
    /// Its version.
    pub version: u32,
    /// The list as the roots signed it.
    pub bytes: Vec<u8>,
}

impl Store {
    /// Makes a tile of hashes. Which tiles are published is for the caller to decide: this one knows
    /// only which nodes there are.
    ///
    /// # Errors
    /// [`StorageError::Tree`] if the tree is too small for it; [`StorageError`] if the database fails.
    pub async fn tile(&self, tile: TileId) -> Result<Vec<u8>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::tile(c, tile)).await
    }

    /// Keeps a witness's line; the first one of a checkpoint and witness stays.
    ///
    /// # Errors
    /// [`StorageError`] if there is no such checkpoint, or the database fails.
    pub async fn put_cosignature(&self, line: StoredCosignature) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::insert_cosignature(c, &line)).await
    }

    /// Gives the lines under the checkpoint of this size, by key.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn cosignatures(&self, size: u64) -> Result<Vec<StoredCosignature>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::cosignatures(c, size)).await
    }

    /// Gives the largest size that a witness cosigned; 0 for none.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn cosigned_size(&self, witness_key: [u8; 32]) -> Result<u64, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::cosigned_size(c, witness_key)).await
    }

    /// Gives the newest checkpoint that at least `quorum` of these witnesses cosigned.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn witnessed_checkpoint(
        &self,
        witness_keys: Vec<[u8; 32]>,
        quorum: u16,
    ) -> Result<Option<StoredCheckpoint>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::witnessed_checkpoint(c, &witness_keys, quorum)).await
    }

    /// Keeps a trust list unless one as new is there, and gives the newest one that is: another than
    /// was handed in, if that one is older or contradicts it.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn put_trust_list(
        &self,
        list: StoredTrustList,
    ) -> Result<StoredTrustList, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::insert_trust_list(c, &list)).await
    }

    /// Gives the data of leaves: what is hashed into the tree, and published.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn leaf_data(&self, range: std::ops::Range<u64>) -> Result<Vec<Hash>, StorageError> {
        let leaves = self.leaves(range).await?;
        Ok(leaves.iter().map(|leaf| tlog::salted_leaf(&leaf.salt, &leaf.bytes)).collect())
    }
}
