//! A receipt for a whole batch: one signature, and one proof for all of its leaves.
//!
//! It is a receipt of [RFC 9942 §5.2] in all but the proof: in the unprotected header stands
//! `{396: {-65537: [proof]}}` with `proof = bstr .cbor [size, [+ [start, count]], [* hash]]`. The
//! label is one for private use: no registered one has a proof for several leaves. The signature is
//! that of any receipt of the same root, so that [`BatchReceipt::split`] gives, byte for byte, the
//! receipts that the log would have issued one by one.
//!
//! [RFC 9942 §5.2]: https://www.rfc-editor.org/rfc/rfc9942#section-5.2

use minicbor::{Decoder, Encoder};
use seal::{Hash, KeyId, PublicKey, Signature, Signer};

use crate::batch_proof::{BATCH_LEAVES_MAX, BatchProof, LeafRange};
use crate::checkpoint::Checkpoint;
use crate::hash::leaf_hash;
use crate::receipt::envelope::{self, Envelope, malformed};
use crate::receipt::{IssueError, Receipt, ReceiptRejection};

/// Label of batch proofs among a receipt's proofs.
pub const RECEIPT_BATCH: i32 = -65537;
/// The longest batch receipt that is read, in bytes.
pub const BATCH_RECEIPT_BYTES_MAX: usize = 64 * 1024;

/// Holds a parsed, not yet verified, receipt for a batch.
///
/// ```
/// use seal::{Hash, Signer, SoftwareKey};
/// use tlog::{
///     BatchReceipt, LeafRange, MemoryTree, Receipt, leaf_hash, prove_batch, salted_leaf,
/// };
///
/// let log_key = SoftwareKey::from_seed(&[1; 32]);
/// let data: Vec<Hash> = (0..9_u8).map(|n| salted_leaf(&[n; 16], b"an event")).collect();
/// let tree: MemoryTree = data.iter().map(|data| leaf_hash(data.as_ref())).collect();
/// let proof = prove_batch(&[LeafRange { start: 2, count: 5 }], 9, &tree)?;
/// let bytes = BatchReceipt::issue(&log_key, &proof, tree.root())?;
///
/// let receipt = BatchReceipt::parse(&bytes)?;
/// let verified = receipt.verify(&log_key.public_key(), &data[2..7])?;
/// assert_eq!(verified.root, tree.root());
/// // Each event's own receipt, as the standard has it.
/// let of_third: Receipt = receipt.split(&log_key.public_key(), &data[2..7])?.remove(2);
/// assert_eq!(of_third.verify(&log_key.public_key(), &data[4])?.index, 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BatchReceipt {
    key_id: KeyId,
    proof: BatchProof,
    signature: Signature,
}

/// What a verified batch receipt proves: all its leaves are in the tree with this root, and the log
/// signed the root. As with one leaf, the numbers are certain only [`under`](Self::under) a
/// checkpoint.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct VerifiedBatch {
    /// The leaves in the log, as the receipt says.
    pub ranges: Vec<LeafRange>,
    /// Size of the tree that the log signed, as the receipt says.
    pub size: u64,
    /// Root of that tree.
    pub root: Hash,
}

impl VerifiedBatch {
    /// Compares size and root with a verified checkpoint. If they are the same, all numbers are as
    /// certain as the checkpoint.
    ///
    /// # Errors
    /// [`ReceiptRejection::OtherCheckpoint`] if they differ.
    pub fn under(&self, checkpoint: &Checkpoint) -> Result<(), ReceiptRejection> {
        if (self.size, self.root) == (checkpoint.size, checkpoint.root) {
            Ok(())
        } else {
            Err(ReceiptRejection::OtherCheckpoint)
        }
    }
}

impl BatchReceipt {
    /// Issues the receipt that `proof` stands for, under the tree's `root`, and gives its bytes. The
    /// caller has committed the tree before.
    ///
    /// # Errors
    /// [`IssueError`] if the proof has no possible shape, the receipt would be too long to be read,
    /// or the key does not sign.
    pub fn issue(
        signer: &dyn Signer,
        proof: &BatchProof,
        root: Hash,
    ) -> Result<Vec<u8>, IssueError> {
        proof.shape()?;
        if proof.size == 1 {
            return Err(IssueError::EmptyPath);
        }
        let key_id = signer.public_key().key_id();
        let signature = signer.sign(&envelope::to_sign(key_id, root))?;
        let bytes = Self { key_id, proof: proof.clone(), signature }.to_bytes();
        let fits = bytes.len() <= BATCH_RECEIPT_BYTES_MAX;
        if fits { Ok(bytes) } else { Err(IssueError::TooLong(bytes.len())) }
    }

    /// Parses a batch receipt. Nothing is verified yet.
    ///
    /// # Errors
    /// [`ReceiptRejection`] for anything but the one encoding of a receipt whose numbers can be.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptRejection> {
        if bytes.len() > BATCH_RECEIPT_BYTES_MAX {
            return Err(ReceiptRejection::TooLong(bytes.len()));
        }
        let Envelope { key_id, proof, signature } = Envelope::parse(bytes, RECEIPT_BATCH)?;
        let parsed = Self { key_id, proof: parse_proof(&proof)?, signature };
        if parsed.to_bytes() != bytes {
            return Err(ReceiptRejection::NotCanonical);
        }
        parsed.proof.shape()?;
        // The only leaf of a tree has no receipt of its own: the batch could not be split.
        if parsed.proof.size == 1 { Err(ReceiptRejection::EmptyPath) } else { Ok(parsed) }
    }

    /// Encodes the receipt. There is one encoding.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (key_id, signature) = (self.key_id, self.signature);
        Envelope { key_id, proof: proof_bytes(&self.proof), signature }.to_bytes(RECEIPT_BATCH)
    }

    /// Names the key that claims to have signed.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// Gives the proof **before** verification.
    #[must_use]
    pub fn unverified_proof(&self) -> &BatchProof {
        &self.proof
    }

    /// Verifies that the log with this key signed a tree that holds all the leaves with this **data**,
    /// in the log's order.
    ///
    /// # Errors
    /// [`ReceiptRejection`] if the leaves are more or fewer, or do not fit path and signature.
    pub fn verify(
        &self,
        key: &PublicKey,
        leaf_data: &[Hash],
    ) -> Result<VerifiedBatch, ReceiptRejection> {
        let root = self.proof.root_of(&leaf_hashes(leaf_data))?;
        envelope::verify(key, self.key_id, root, &self.signature)?;
        Ok(VerifiedBatch { ranges: self.proof.ranges.clone(), size: self.proof.size, root })
    }

    /// Verifies, as [`verify`](Self::verify) does, and makes each leaf's own receipt, in the same
    /// order.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn split(
        &self,
        key: &PublicKey,
        leaf_data: &[Hash],
    ) -> Result<Vec<Receipt>, ReceiptRejection> {
        let (root, proofs) = self.proof.split(&leaf_hashes(leaf_data))?;
        envelope::verify(key, self.key_id, root, &self.signature)?;
        let (key_id, signature) = (self.key_id, self.signature);
        Ok(proofs.into_iter().map(|proof| Receipt { key_id, proof, signature }).collect())
    }
}

fn leaf_hashes(leaf_data: &[Hash]) -> Vec<Hash> {
    leaf_data.iter().map(|data| leaf_hash(&data.0)).collect()
}

/// Serialises `[size, [+ [start, count]], [* hash]]`.
fn proof_bytes(proof: &BatchProof) -> Vec<u8> {
    let mut e = Encoder::new(Vec::with_capacity(proof.path.len() * 34 + 64));
    e.array(3)
        .and_then(|e| e.u64(proof.size))
        .and_then(|e| e.array(proof.ranges.len() as u64))
        .expect("writing into a vector does not fail");
    for range in &proof.ranges {
        e.array(2)
            .and_then(|e| e.u64(range.start))
            .and_then(|e| e.u64(range.count))
            .expect("writing into a vector does not fail");
    }
    e.encode(&proof.path).expect("writing into a vector does not fail");
    e.into_writer()
}

fn parse_proof(bytes: &[u8]) -> Result<BatchProof, ReceiptRejection> {
    let mut d = Decoder::new(bytes);
    if d.array()? != Some(3) {
        return Err(malformed("a batch proof is [size, ranges, path]"));
    }
    let size = d.u64()?;
    let mut ranges = Vec::new();
    for _ in 0..length(&mut d)? {
        if d.array()? != Some(2) {
            return Err(malformed("a range is [start, count]"));
        }
        ranges.push(LeafRange { start: d.u64()?, count: d.u64()? });
    }
    let path = (0..length(&mut d)?).map(|_| d.decode()).collect::<Result<_, _>>()?;
    Ok(BatchProof { size, ranges, path })
}

/// Reads the length of an array that no receipt within the limit exceeds.
fn length(d: &mut Decoder<'_>) -> Result<u64, ReceiptRejection> {
    let length = d.array()?.filter(|length| *length <= BATCH_LEAVES_MAX);
    length.ok_or_else(|| malformed("an array is too long"))
}

#[cfg(test)]
mod tests;
