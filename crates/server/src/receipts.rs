//! Checkpoints and receipts: signed only after the commit.

use seal::Hash;
use server_store::StoredCheckpoint;
use sync_api::{
    Base64, BatchReceiptResponse, CompactReceipts, ConsistencyResponse, EventReceipt, HexHash,
    ProblemKind,
};
use tlog::{BatchReceipt, Checkpoint, Receipt};

use crate::error::ServerError;
use crate::server::Server;

/// The proof of one leaf.
#[derive(Clone, Debug)]
pub(crate) struct LeafReceipt {
    pub(crate) leaf_index: u64,
    pub(crate) salt: [u8; 16],
    pub(crate) bytes: Vec<u8>,
    pub(crate) receipt: Vec<u8>,
}

impl Server {
    /// Signs a checkpoint for the tree as it is, unless there is one for this size already.
    pub(crate) async fn sign_checkpoint(&self) -> Result<StoredCheckpoint, ServerError> {
        let size = self.store.tree_size().await?;
        if let Some(newest) = self.store.checkpoint().await?
            && newest.size == size
        {
            return Ok(newest);
        }
        let root = self.store.root_at(size).await?;
        let checkpoint = Checkpoint { origin: self.origin.clone(), size, root };
        let note = tlog::sign_note(&checkpoint, &self.keys.log)?;
        let stored = StoredCheckpoint { size, root, note };
        self.store.put_checkpoint(stored.clone()).await?;
        self.signed.send_replace(size);
        self.metrics.signed(self.clock.steady_ms());
        Ok(stored)
    }

    /// Gives the newest signed checkpoint, with the cosignatures that it has so far.
    pub(crate) async fn checkpoint(&self) -> Result<StoredCheckpoint, ServerError> {
        let newest = self.store.checkpoint().await?.ok_or(ServerError::Stored("checkpoint"))?;
        self.with_cosignatures(newest).await
    }

    /// Makes the receipts of leaves under a checkpoint.
    pub(crate) async fn leaf_receipts(
        &self,
        leaves: Vec<u64>,
        checkpoint: &StoredCheckpoint,
    ) -> Result<Vec<LeafReceipt>, ServerError> {
        let proofs = self.store.inclusion_proofs(leaves, checkpoint.size).await?;
        let mut receipts = Vec::with_capacity(proofs.len());
        for proof in proofs {
            let leaf = self.store.leaves(proof.index..proof.index + 1).await?.pop();
            let leaf = leaf.ok_or(ServerError::Stored("leaf"))?;
            receipts.push(LeafReceipt {
                leaf_index: leaf.leaf_index,
                salt: leaf.salt,
                bytes: leaf.bytes,
                receipt: Receipt::issue(&self.keys.log, &proof, checkpoint.root)?,
            });
        }
        Ok(receipts)
    }

    /// Makes the receipts of a batch: of each of its events that is in the log.
    ///
    /// # Errors
    /// [`ServerError::Refused`] if the batch was never taken.
    pub async fn batch_receipt(&self, batch: Hash) -> Result<BatchReceiptResponse, ServerError> {
        let checkpoint = self.checkpoint().await?;
        let logged = self.logged_of_batch(batch, checkpoint.size).await?;
        let leaves = logged.iter().map(|event| event.leaf_index).collect();
        let receipts = self.leaf_receipts(leaves, &checkpoint).await?;
        let receipts = logged.iter().zip(receipts).map(|(event, made)| EventReceipt {
            event: HexHash(event.hash),
            salt: Base64(made.salt.to_vec()),
            receipt: Base64(made.receipt),
        });
        Ok(BatchReceiptResponse {
            checkpoint: checkpoint.note.clone(),
            receipts: receipts.collect(),
        })
    }

    /// Makes the one receipt of a batch, for those of its events that are in the log; nothing if none
    /// is.
    ///
    /// # Errors
    /// [`ServerError::Refused`] if the batch was never taken.
    pub async fn compact_receipts(
        &self,
        batch: Hash,
    ) -> Result<Option<CompactReceipts>, ServerError> {
        let checkpoint = self.checkpoint().await?;
        let logged = self.logged_of_batch(batch, checkpoint.size).await?;
        self.one_receipt(logged, checkpoint).await
    }

    /// Makes one receipt for events in the log; nothing if there are none.
    pub(crate) async fn one_receipt(
        &self,
        mut logged: Vec<LoggedOfBatch>,
        checkpoint: StoredCheckpoint,
    ) -> Result<Option<CompactReceipts>, ServerError> {
        logged.sort_by_key(|event| event.leaf_index);
        logged.dedup_by_key(|event| event.leaf_index);
        let leaves: Vec<u64> = logged.iter().map(|event| event.leaf_index).collect();
        if leaves.is_empty() {
            return Ok(None);
        }
        let mut salts = Vec::with_capacity(leaves.len());
        for index in &leaves {
            let leaf = self.store.leaves(*index..*index + 1).await?.pop();
            salts.push(leaf.ok_or(ServerError::Stored("leaf"))?.salt);
        }
        let proof = self.store.batch_proof(leaves, checkpoint.size).await?;
        Ok(Some(CompactReceipts {
            receipt: BatchReceipt::issue(&self.keys.log, &proof, checkpoint.root)?,
            checkpoint: checkpoint.note,
            places: logged.iter().map(|event| event.place).collect(),
            salts,
        }))
    }

    /// Finds the events of a batch that are in the log below `size`, in the batch's order.
    async fn logged_of_batch(
        &self,
        batch: Hash,
        size: u64,
    ) -> Result<Vec<LoggedOfBatch>, ServerError> {
        let Some(events) = self.store.batch(batch).await? else {
            let detail = "no such batch was taken here: send it first";
            return Err(ServerError::refused(ProblemKind::NotFound, detail));
        };
        let indices = self.store.leaf_indices(events.clone()).await?;
        let found = (0..).zip(events).zip(indices).filter_map(|((place, hash), index)| {
            Some(LoggedOfBatch { place, hash, leaf_index: index.filter(|i| *i < size)? })
        });
        Ok(found.collect())
    }

    /// Proves that the log only grew from `from` to `to` leaves, both within what was signed.
    ///
    /// # Errors
    /// [`ServerError::Refused`] if the sizes are in the wrong order, or not reached yet.
    pub async fn consistency(
        &self,
        from: u64,
        to: u64,
    ) -> Result<ConsistencyResponse, ServerError> {
        if from == 0 || from > to {
            let detail = "ask from a smaller number of leaves, at least 1, to a larger one";
            return Err(ServerError::refused(ProblemKind::Malformed, detail));
        }
        let size = self.checkpoint().await?.size;
        if to > size {
            let detail = format!("the log has {size} leaves here: there is no proof up to {to}");
            return Err(ServerError::refused(ProblemKind::NotFound, detail));
        }
        let proof = self.store.consistency_proof(from, to).await?;
        let root = HexHash(self.store.root_at(from).await?);
        let path = proof.path.into_iter().map(HexHash).collect();
        Ok(ConsistencyResponse { from, to, root, path })
    }
}

/// An event of what was asked about that is in the log.
pub(crate) struct LoggedOfBatch {
    /// Its place in the batch, or among the positions.
    pub(crate) place: u16,
    pub(crate) hash: Hash,
    pub(crate) leaf_index: u64,
}
