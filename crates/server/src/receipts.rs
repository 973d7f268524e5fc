//! Checkpoints and receipts: signed only after the commit.

use seal::Hash;
use server_store::StoredCheckpoint;
use sync_api::{Base64, BatchReceiptResponse, EventReceipt, HexHash, ProblemKind};
use tlog::{Checkpoint, Receipt};

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
        let Some(events) = self.store.batch(batch).await? else {
            let detail = "no such batch was taken here: send it first";
            return Err(ServerError::refused(ProblemKind::NotFound, detail));
        };
        let checkpoint = self.checkpoint().await?;
        let indices = self.store.leaf_indices(events.clone()).await?;
        let logged: Vec<(Hash, u64)> = events
            .into_iter()
            .zip(indices)
            .filter_map(|(event, index)| Some((event, index.filter(|i| *i < checkpoint.size)?)))
            .collect();
        let leaves = logged.iter().map(|(_, index)| *index).collect();
        let receipts = self.leaf_receipts(leaves, &checkpoint).await?;
        let receipts = logged.iter().zip(receipts).map(|((event, _), made)| EventReceipt {
            event: HexHash(*event),
            salt: Base64(made.salt.to_vec()),
            receipt: Base64(made.receipt),
        });
        Ok(BatchReceiptResponse {
            checkpoint: checkpoint.note.clone(),
            receipts: receipts.collect(),
        })
    }
}
