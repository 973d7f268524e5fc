//! An inclusion proof as text, with its checkpoint and cosignatures ([C2SP tlog-proof]).
//!
//! [C2SP tlog-proof]: https://c2sp.org/tlog-proof

use core::fmt;

use base64::prelude::{BASE64_STANDARD, Engine};
use seal::Hash;

use crate::checkpoint::{Checkpoint, hash_text, parse_hash, parse_size};
use crate::hash::{leaf_hash, salted_leaf};
use crate::note::{NOTE_BYTES_MAX, NoteRejection, SignedNote};
use crate::policy::{Policy, QuorumRejection, WitnessedCheckpoint};
use crate::proof::{InclusionProof, PATH_MAX, ProofRejection};
use crate::verifier_key::VerifierKey;

/// The longest proof that is read, in bytes.
pub const TLOG_PROOF_BYTES_MAX: usize = 2 * NOTE_BYTES_MAX;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// Holds a parsed, not yet verified, proof that a leaf is in a log. Shown as its text; kept in files
/// `*.tlog-proof`.
///
/// ```
/// use seal::{Signer, SoftwareKey};
/// use tlog::{
///     Checkpoint, MemoryTree, Policy, SignedNote, TlogProof, VerifierKey, leaf_hash,
///     prove_inclusion, sign_note,
/// };
///
/// let log_key = SoftwareKey::from_seed(&[1; 32]);
/// let tree: MemoryTree = [&b"a"[..], b"b", b"c"].into_iter().map(leaf_hash).collect();
/// let checkpoint =
///     Checkpoint { origin: "log.example/2026".into(), size: 3, root: tree.root() };
/// let note = SignedNote::parse(&sign_note(&checkpoint, &log_key)?)?;
/// let path = prove_inclusion(1, 3, &tree)?.path;
/// let text = TlogProof { extra: None, index: 1, path, note }.to_string();
///
/// let log = VerifierKey { name: "log.example/2026".into(), key: log_key.public_key() };
/// let policy = Policy::k_of(vec![log], 0, vec![])?;
/// let witnessed = TlogProof::parse(&text)?.verify(leaf_hash(b"b"), &policy)?;
/// assert_eq!(witnessed.checkpoint, checkpoint);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TlogProof {
    /// Data of the application, which nobody signed. In our proofs it is the 16 bytes of the leaf's
    /// salt.
    pub extra: Option<Vec<u8>>,
    /// Index of the leaf.
    pub index: u64,
    /// Sibling hashes, from the leaf upwards.
    pub path: Vec<Hash>,
    /// The checkpoint, with all its signatures.
    pub note: SignedNote,
}

/// Why a proof was not accepted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TlogProofRejection {
    /// The text is longer than [`TLOG_PROOF_BYTES_MAX`].
    #[error("the proof has {0} bytes")]
    TooLong(usize),
    /// The text is not a proof.
    #[error("not a tlog-proof: {0}")]
    Malformed(&'static str),
    /// What follows the path is not a checkpoint, or not by this log.
    #[error(transparent)]
    Note(#[from] NoteRejection),
    /// The policy does not believe the checkpoint.
    #[error(transparent)]
    Quorum(#[from] QuorumRejection),
    /// The leaf is not proven to be under the checkpoint.
    #[error(transparent)]
    Proof(#[from] ProofRejection),
    /// The extra data is not a salt of 16 bytes.
    #[error("the proof has no salt")]
    NoSalt,
}

impl TlogProof {
    /// Parses a proof. Nothing is verified yet.
    ///
    /// # Errors
    /// [`TlogProofRejection`] for anything that is not a proof within the limits.
    pub fn parse(text: &str) -> Result<Self, TlogProofRejection> {
        let malformed = TlogProofRejection::Malformed;
        if text.len() > TLOG_PROOF_BYTES_MAX {
            return Err(TlogProofRejection::TooLong(text.len()));
        }
        let (head, note) = text.split_once("\n\n").ok_or(malformed("no empty line"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(malformed("the first line is another"));
        }
        let extra = match lines.next_if(|line| line.starts_with("extra ")) {
            None => None,
            Some(line) => {
                let encoded = line.strip_prefix("extra ").unwrap_or_default();
                Some(BASE64_STANDARD.decode(encoded).map_err(|_| malformed("extra"))?)
            }
        };
        let index = lines.next().and_then(|line| parse_size(line.strip_prefix("index ")?));
        let index = index.ok_or(malformed("index"))?;
        let path: Option<Vec<Hash>> = lines.map(parse_hash).collect();
        let path = path.filter(|path| path.len() <= PATH_MAX).ok_or(malformed("path"))?;
        Ok(Self { extra, index, path, note: SignedNote::parse(note)? })
    }

    /// Verifies that the leaf with this **hash** is in a log that the policy believes, with its quorum
    /// of witnesses.
    ///
    /// # Errors
    /// [`TlogProofRejection`] says what does not hold.
    pub fn verify(
        &self,
        leaf: Hash,
        policy: &Policy,
    ) -> Result<WitnessedCheckpoint, TlogProofRejection> {
        let witnessed = policy.verify(&self.note)?;
        self.verify_under(leaf, &witnessed.checkpoint)?;
        Ok(witnessed)
    }

    /// Verifies that the leaf with this **hash** is in this log, whoever cosigned.
    ///
    /// # Errors
    /// [`TlogProofRejection`] says what does not hold.
    pub fn verify_log(
        &self,
        leaf: Hash,
        log: &VerifierKey,
    ) -> Result<Checkpoint, TlogProofRejection> {
        let checkpoint = self.note.verify(log)?;
        self.verify_under(leaf, &checkpoint)?;
        Ok(checkpoint)
    }

    /// Computes the leaf's hash from the bytes that it commits to and the salt in the extra data. A
    /// wrong salt gives a hash that is not in the log.
    ///
    /// # Errors
    /// [`TlogProofRejection::NoSalt`] if the extra data is not 16 bytes.
    pub fn salted_leaf_hash(&self, record: &[u8]) -> Result<Hash, TlogProofRejection> {
        let salt = self.extra.as_deref().and_then(|extra| extra.try_into().ok());
        let leaf_data = salted_leaf(salt.ok_or(TlogProofRejection::NoSalt)?, record);
        Ok(leaf_hash(leaf_data.as_ref()))
    }

    fn verify_under(&self, leaf: Hash, checkpoint: &Checkpoint) -> Result<(), ProofRejection> {
        let (index, size, path) = (self.index, checkpoint.size, self.path.clone());
        InclusionProof { index, size, path }.verify(leaf, checkpoint.root)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", BASE64_STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", hash_text(*hash)))?;
        write!(f, "\n{}", self.note)
    }
}

#[cfg(test)]
mod tests;
