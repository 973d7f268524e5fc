//! Receipts: a signed proof that one leaf is in the log ([RFC 9942 §5.2]).
//!
//! Our profile: `COSE_Sign1`, tag 18; protected header exactly `{1: -19, 4: kid, 395: 1}`;
//! unprotected header exactly `{396: {-1: [proof]}}` with one inclusion proof
//! `bstr .cbor [size, index, [+ hash]]`; payload detached (nil): it is the root, which the verifier
//! computes from the leaf. A tree of one leaf has an empty path, which the format does not allow:
//! a log starts with a leaf that nobody needs a receipt for.
//!
//! [RFC 9942 §5.2]: https://www.rfc-editor.org/rfc/rfc9942#section-5.2

use minicbor::decode::Error as DecodeError;
use minicbor::{Decoder, Encoder};
use seal::{Hash, KeyId, PublicKey, SignError, Signature, Signer};

use self::envelope::{Envelope, malformed};
use crate::checkpoint::Checkpoint;
use crate::hash::leaf_hash;
use crate::proof::{InclusionProof, PATH_MAX, ProofRejection};

pub(crate) mod envelope;

/// COSE header label of the verifiable data structure.
pub const RECEIPT_VDS: u16 = 395;
/// COSE header label of the verifiable data structure's proofs.
pub const RECEIPT_VDP: u16 = 396;
/// The verifiable data structure `RFC9162_SHA256`, the only one here.
pub const RECEIPT_VDS_RFC9162_SHA256: u8 = 1;
/// Label of inclusion proofs among the proofs.
pub const RECEIPT_INCLUSION: i8 = -1;
/// The longest receipt that is read, in bytes: [`PATH_MAX`] hashes and the rest.
pub const RECEIPT_BYTES_MAX: usize = 2560;

const INCLUSION: i32 = RECEIPT_INCLUSION as i32;

/// Why a receipt was not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptRejection {
    /// The receipt is longer than [`RECEIPT_BYTES_MAX`], or than a batch's may be.
    #[error("the receipt has {0} bytes")]
    TooLong(usize),
    /// The bytes are not CBOR of a receipt's shape.
    #[error("not a receipt: {0}")]
    Malformed(#[from] DecodeError),
    /// The receipt is well formed, but not in its one accepted encoding.
    #[error("the receipt is not in its one accepted encoding")]
    NotCanonical,
    /// The signature algorithm is not Ed25519.
    #[error("unknown signature algorithm {0}")]
    UnknownAlgorithm(i64),
    /// The log is not of the kind `RFC9162_SHA256`.
    #[error("unknown verifiable data structure {0}")]
    UnknownStructure(i64),
    /// The path is empty: the receipt is for the only leaf of a tree.
    #[error("the path is empty")]
    EmptyPath,
    /// The proof's numbers do not fit.
    #[error(transparent)]
    Proof(#[from] ProofRejection),
    /// The log did not sign the root that this leaf and path lead to.
    #[error("the log's signature does not match this leaf")]
    BadSignature,
    /// The receipt's tree is not the one of the checkpoint beside it.
    #[error("the receipt is not under this checkpoint")]
    OtherCheckpoint,
}

/// Why a receipt was not issued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The path is empty: the tree has only this leaf. A log starts with a genesis leaf.
    #[error("a tree of one leaf gives no receipt")]
    EmptyPath,
    /// The proof's numbers do not fit.
    #[error(transparent)]
    Proof(#[from] ProofRejection),
    /// The receipt would be longer than is read: the batch is scattered over the log.
    #[error("a receipt of {0} bytes would not be read")]
    TooLong(usize),
    /// The key did not sign.
    #[error(transparent)]
    Key(#[from] SignError),
}

/// What a verified receipt proves: the leaf is in the tree with this root, and the log signed the
/// root. Only [`Receipt::verify`] makes it.
///
/// Index and size are outside of the signature ([RFC 9942 §5.2.1] signs the root alone). They fit the
/// path, but a few other pairs fit the same path: leaf 6 of 7 and leaf 3 of 4, for example. Where the
/// numbers matter, compare with the checkpoint: [`under`](Self::under).
///
/// [RFC 9942 §5.2.1]: https://www.rfc-editor.org/rfc/rfc9942#section-5.2.1
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct VerifiedReceipt {
    /// Index of the leaf in the log, as the receipt says.
    pub index: u64,
    /// Size of the tree that the log signed, as the receipt says.
    pub size: u64,
    /// Root of that tree.
    pub root: Hash,
}

impl VerifiedReceipt {
    /// Compares size and root with a verified checkpoint. If they are the same, size and index are as
    /// certain as the checkpoint: one path leads to one leaf of a tree of known size.
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

/// Holds a parsed, not yet verified, receipt.
///
/// ```
/// use seal::{Signer, SoftwareKey};
/// use tlog::{MemoryTree, Receipt, leaf_hash, prove_inclusion, salted_leaf};
///
/// let log_key = SoftwareKey::from_seed(&[1; 32]);
/// let (mine, other) = (salted_leaf(&[7; 16], b"mine"), salted_leaf(&[8; 16], b"other"));
/// let tree: MemoryTree = [other, mine].iter().map(|data| leaf_hash(data.as_ref())).collect();
/// let proof = prove_inclusion(1, 2, &tree)?;
///
/// let receipt = Receipt::parse(&Receipt::issue(&log_key, &proof, tree.root())?)?;
/// assert_eq!(receipt.verify(&log_key.public_key(), &mine)?.index, 1);
/// assert!(receipt.verify(&log_key.public_key(), &other).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Receipt {
    pub(crate) key_id: KeyId,
    pub(crate) proof: InclusionProof,
    pub(crate) signature: Signature,
}

impl Receipt {
    /// Issues the receipt that `proof` stands for, under the tree's `root`, and gives its bytes. The
    /// caller has committed the tree before: a root that was signed must never be replaced.
    ///
    /// # Errors
    /// [`IssueError`] if the proof has no possible shape or an empty path, or the key does not sign.
    pub fn issue(
        signer: &dyn Signer,
        proof: &InclusionProof,
        root: Hash,
    ) -> Result<Vec<u8>, IssueError> {
        proof.shape()?;
        if proof.path.is_empty() {
            return Err(IssueError::EmptyPath);
        }
        let key_id = signer.public_key().key_id();
        let signature = signer.sign(&envelope::to_sign(key_id, root))?;
        Ok(Self { key_id, proof: proof.clone(), signature }.to_bytes())
    }

    /// Parses a receipt of our profile. Nothing is verified yet.
    ///
    /// # Errors
    /// [`ReceiptRejection`] for anything but the one encoding of a receipt whose numbers can be.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptRejection> {
        if bytes.len() > RECEIPT_BYTES_MAX {
            return Err(ReceiptRejection::TooLong(bytes.len()));
        }
        let Envelope { key_id, proof, signature } = Envelope::parse(bytes, INCLUSION)?;
        let parsed = Self { key_id, proof: parse_proof(&proof)?, signature };
        if parsed.to_bytes() != bytes {
            return Err(ReceiptRejection::NotCanonical);
        }
        parsed.proof.shape()?;
        if parsed.proof.path.is_empty() { Err(ReceiptRejection::EmptyPath) } else { Ok(parsed) }
    }

    /// Encodes the receipt. There is one encoding.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { key_id, signature, proof } = self;
        let (key_id, signature) = (*key_id, *signature);
        Envelope { key_id, proof: proof_bytes(proof), signature }.to_bytes(INCLUSION)
    }

    /// Names the key that claims to have signed.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// Gives the proof **before** verification.
    #[must_use]
    pub fn unverified_proof(&self) -> &InclusionProof {
        &self.proof
    }

    /// Verifies that the log with this key signed a tree that holds the leaf with this **data** (see
    /// [`salted_leaf`](crate::salted_leaf); [`leaf_hash`] is applied here).
    ///
    /// # Errors
    /// [`ReceiptRejection::BadSignature`] if leaf, path or signature do not fit together.
    pub fn verify(
        &self,
        key: &PublicKey,
        leaf_data: &Hash,
    ) -> Result<VerifiedReceipt, ReceiptRejection> {
        let root = self.proof.root_of(leaf_hash(&leaf_data.0))?;
        envelope::verify(key, self.key_id, root, &self.signature)?;
        Ok(VerifiedReceipt { index: self.proof.index, size: self.proof.size, root })
    }
}

/// Serialises `[size, index, [+ hash]]`.
fn proof_bytes(proof: &InclusionProof) -> Vec<u8> {
    let mut e = Encoder::new(Vec::with_capacity(proof.path.len() * 34 + 24));
    e.array(3)
        .and_then(|e| e.u64(proof.size))
        .and_then(|e| e.u64(proof.index))
        .and_then(|e| e.encode(&proof.path))
        .expect("writing into a vector does not fail");
    e.into_writer()
}

fn parse_proof(bytes: &[u8]) -> Result<InclusionProof, ReceiptRejection> {
    let mut d = Decoder::new(bytes);
    if d.array()? != Some(3) {
        return Err(malformed("a proof is [size, index, path]"));
    }
    let (size, index) = (d.u64()?, d.u64()?);
    let length = d.array()?.and_then(|length| usize::try_from(length).ok());
    let length = length.filter(|length| *length <= PATH_MAX);
    let length = length.ok_or_else(|| malformed("a path has at most 64 hashes"))?;
    let path = (0..length).map(|_| d.decode()).collect::<Result<_, _>>()?;
    Ok(InclusionProof { index, size, path })
}

#[cfg(test)]
mod tests;
