//! One history: that a checkpoint follows from another, or the evidence that it cannot
//! ([RFC 9162 §2.1.4], [C2SP tlog-checkpoint] "Signatures").
//!
//! [RFC 9162 §2.1.4]: https://www.rfc-editor.org/rfc/rfc9162#section-2.1.4
//! [C2SP tlog-checkpoint]: https://c2sp.org/tlog-checkpoint

use minicbor::{Decode, Encode};
use seal::{CanonicalError, Hash, from_canonical, to_canonical};

use crate::checkpoint::Checkpoint;
use crate::hash::empty_root;
use crate::note::{NOTE_BYTES_MAX, NoteRejection, SignedNote};
use crate::proof::{ConsistencyProof, PATH_MAX, ProofRejection, ProveError, prove_consistency};
use crate::tree::{Nodes, root};
use crate::verifier_key::VerifierKey;

/// The longest evidence that is read, in bytes: two notes and a path.
pub const EVIDENCE_BYTES_MAX: usize = 2 * NOTE_BYTES_MAX + PATH_MAX * 40;

/// Why a checkpoint is not known to follow from another.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GrowthRejection {
    /// The checkpoints are of two logs.
    #[error("the checkpoints are of two logs")]
    OtherLog,
    /// The proof does not hold.
    #[error(transparent)]
    Proof(#[from] ProofRejection),
}

impl Checkpoint {
    /// Decides whether `later` follows from this checkpoint: all that a device needs is the two and
    /// the path of a [`ConsistencyProof`] from somebody it need not trust.
    ///
    /// ```
    /// use tlog::{Checkpoint, MemoryTree, leaf_hash, prove_consistency};
    ///
    /// let mut tree: MemoryTree = [&b"a"[..], b"b", b"c"].into_iter().map(leaf_hash).collect();
    /// let at = |tree: &MemoryTree| Checkpoint {
    ///     origin: "log.example/2026".into(),
    ///     size: tree.size(),
    ///     root: tree.root(),
    /// };
    /// let earlier = at(&tree);
    /// tree.push(leaf_hash(b"d"));
    /// let path = prove_consistency(3, 4, &tree)?.path;
    /// assert_eq!(earlier.grew_into(&at(&tree), path), Ok(()));
    /// # Ok::<(), tlog::ProveError>(())
    /// ```
    ///
    /// # Errors
    /// [`GrowthRejection`] says why it is not proven. That is no evidence against the log yet: the
    /// path may be spoilt. See [`TwoHistories`].
    pub fn grew_into(&self, later: &Self, path: Vec<Hash>) -> Result<(), GrowthRejection> {
        if self.origin != later.origin {
            return Err(GrowthRejection::OtherLog);
        }
        let proof = ConsistencyProof { from: self.size, to: later.size, path };
        Ok(proof.verify(self.root, later.root)?)
    }
}

/// Evidence that a log signed two checkpoints that cannot both be true. Anybody with the log's key
/// can [`verify`](Self::verify) it.
///
/// Two roots of one size need nothing more. For two sizes it has a path that leads to the *later*
/// root: then its hashes are the later tree's, and so is the root that they give for the earlier
/// size. If the log signed another root for that size, nobody but the log can have made that up. A
/// path that merely fails proves nothing, and is refused.
///
/// ```
/// use seal::{Signer, SoftwareKey};
/// use tlog::{Checkpoint, MemoryTree, SignedNote, TwoHistories, VerifierKey, leaf_hash, sign_note};
///
/// let log_key = SoftwareKey::from_seed(&[1; 32]);
/// let signed = |size: u64, tree: &MemoryTree| {
///     let root = tlog::root(size, tree).expect("all nodes");
///     let checkpoint = Checkpoint { origin: "log.example/2026".into(), size, root };
///     SignedNote::parse(&sign_note(&checkpoint, &log_key).expect("a key")).expect("a note")
/// };
/// let shown: MemoryTree = [b"a", b"b", b"c"].into_iter().map(|leaf| leaf_hash(leaf)).collect();
/// let kept: MemoryTree = [b"a", b"x", b"c"].into_iter().map(|leaf| leaf_hash(leaf)).collect();
///
/// let evidence = TwoHistories::of_two_sizes(&signed(2, &shown), &signed(3, &kept), &kept)?;
/// let log = VerifierKey { name: "log.example/2026".into(), key: log_key.public_key() };
/// let found = TwoHistories::from_bytes(&evidence.to_bytes())?.verify(&log)?;
/// assert_eq!((found.earlier.size, found.later.size), (2, 3));
/// assert_ne!(found.earlier.root, found.root_by_later);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(array)]
pub struct TwoHistories {
    #[n(0)]
    version: u8,
    #[n(1)]
    earlier: String,
    #[n(2)]
    later: String,
    /// A consistency proof's path, always with the hash it starts from.
    #[n(3)]
    path: Vec<Hash>,
}

/// What [`TwoHistories::verify`] has proven.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Contradiction {
    /// What the log signed for the smaller size, or first.
    pub earlier: Checkpoint,
    /// What it signed for the larger size, or then.
    pub later: Checkpoint,
    /// The root at the earlier size by the later checkpoint: another than the earlier one's.
    pub root_by_later: Hash,
}

/// Why evidence was not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceRejection {
    /// The bytes are longer than [`EVIDENCE_BYTES_MAX`].
    #[error("the evidence has {0} bytes")]
    TooLong(usize),
    /// The bytes are not evidence in its one encoding.
    #[error(transparent)]
    Encoding(#[from] CanonicalError),
    /// The version is not 1.
    #[error("unknown version {0}")]
    UnknownVersion(u8),
    /// A checkpoint is not by this log.
    #[error(transparent)]
    Note(#[from] NoteRejection),
    /// The path does not fit the sizes, or does not lead to the later root: it proves nothing.
    #[error("the path proves nothing: {0}")]
    Path(ProofRejection),
    /// Both checkpoints can be true.
    #[error("the two checkpoints do not contradict each other")]
    NoContradiction,
}

/// Why evidence could not be put together.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// A note is not a checkpoint.
    #[error(transparent)]
    Note(#[from] NoteRejection),
    /// The nodes do not reach.
    #[error(transparent)]
    Prove(#[from] ProveError),
}

impl TwoHistories {
    /// Gives the two checkpoints as signed notes, the earlier one first. Nothing is verified.
    #[must_use]
    pub fn unverified_notes(&self) -> [&str; 2] {
        [&self.earlier, &self.later]
    }

    /// Puts two checkpoints of one size together. Nothing is verified.
    #[must_use]
    pub fn of_one_size(one: &SignedNote, other: &SignedNote) -> Self {
        Self::of_path(one, other, Vec::new())
    }

    /// Puts two checkpoints together with the path from the earlier size to the later one, from nodes
    /// of the **later** tree, such as its published tiles. Nothing is verified.
    ///
    /// # Errors
    /// [`EvidenceError`] if a note is not a checkpoint, the sizes are in the wrong order, or nodes are
    /// missing.
    pub fn of_two_sizes<N: Nodes + ?Sized>(
        earlier: &SignedNote,
        later: &SignedNote,
        nodes: &N,
    ) -> Result<Self, EvidenceError> {
        let from = Checkpoint::parse(earlier.unverified_text())?.size;
        let to = Checkpoint::parse(later.unverified_text())?.size;
        let mut path = prove_consistency(from, to, nodes)?.path;
        if starts_with_whole_tree(from, to) {
            path.insert(0, root(from, nodes).map_err(ProveError::from)?);
        }
        Ok(Self::of_path(earlier, later, path))
    }

    /// Puts two checkpoints together with the path that the log gave for them, if its hashes prove
    /// anything: not for an earlier size that is a power of two, where the path lacks the root.
    /// Nothing is verified.
    #[must_use]
    pub fn of_path(earlier: &SignedNote, later: &SignedNote, path: Vec<Hash>) -> Self {
        Self { version: 1, earlier: earlier.to_string(), later: later.to_string(), path }
    }

    /// Parses evidence. Nothing is verified.
    ///
    /// # Errors
    /// [`EvidenceRejection`] for anything but its one encoding.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EvidenceRejection> {
        if bytes.len() > EVIDENCE_BYTES_MAX {
            return Err(EvidenceRejection::TooLong(bytes.len()));
        }
        let parsed: Self = from_canonical(bytes)?;
        match parsed.version {
            1 => Ok(parsed),
            other => Err(EvidenceRejection::UnknownVersion(other)),
        }
    }

    /// Encodes it: deterministic CBOR, `[1, earlier note, later note, [* hash]]`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_canonical(self)
    }

    /// Verifies that the log with this key signed both checkpoints, and that they contradict each
    /// other.
    ///
    /// # Errors
    /// [`EvidenceRejection`] says why it is no evidence.
    pub fn verify(&self, log: &VerifierKey) -> Result<Contradiction, EvidenceRejection> {
        let earlier = SignedNote::parse(&self.earlier)?.verify(log)?;
        let later = SignedNote::parse(&self.later)?.verify(log)?;
        let root_by_later = self.root_by_later(&earlier, &later)?;
        if root_by_later == earlier.root {
            return Err(EvidenceRejection::NoContradiction);
        }
        Ok(Contradiction { earlier, later, root_by_later })
    }

    /// Computes the root that the later checkpoint commits to, for the earlier size.
    fn root_by_later(
        &self,
        earlier: &Checkpoint,
        later: &Checkpoint,
    ) -> Result<Hash, EvidenceRejection> {
        let (from, to, mut path) = (earlier.size, later.size, self.path.clone());
        let start = if starts_with_whole_tree(from, to) && !path.is_empty() {
            path.remove(0)
        } else {
            Hash::default()
        };
        let proof = ConsistencyProof { from, to, path };
        proof.shape().map_err(EvidenceRejection::Path)?;
        if from == 0 {
            return Ok(empty_root());
        }
        if from == to {
            return Ok(later.root);
        }
        let (by_later, reached) = proof.roots(start);
        if reached != later.root {
            return Err(EvidenceRejection::Path(ProofRejection::RootMismatch));
        }
        Ok(by_later)
    }
}

/// Says whether a consistency proof starts from the earlier tree's own root, and leaves it out.
fn starts_with_whole_tree(from: u64, to: u64) -> bool {
    from.is_power_of_two() && from < to
}

#[cfg(test)]
mod tests;
