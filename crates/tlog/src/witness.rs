//! A witness as a pure state machine: what it does with `POST add-checkpoint` ([C2SP tlog-witness]).
//!
//! Each step gives the type that the next one needs, so no step can be left out:
//! [`Witness::read`] parses and verifies the log's signature, [`Submission::judge`] compares with what
//! was cosigned last, [`Agreed::remember`] has the caller store the new state, and only then
//! [`Remembered::answer`] signs. A [`WitnessRejection`] knows its own HTTP status and body.
//!
//! # From a request to an answer
//! ```
//! use seal::{Signer, SoftwareKey};
//! use tlog::witness::Witness;
//! use tlog::{
//!     AddCheckpoint, Checkpoint, MemoryTree, SignedNote, VerifierKey, leaf_hash, sign_note,
//! };
//!
//! let (log_key, w1) = (SoftwareKey::from_seed(&[1; 32]), SoftwareKey::from_seed(&[2; 32]));
//! let origin = "log.example/2026";
//! let tree: MemoryTree = [leaf_hash(b"genesis")].into_iter().collect();
//! let checkpoint = Checkpoint { origin: origin.into(), size: 1, root: tree.root() };
//! let note = SignedNote::parse(&sign_note(&checkpoint, &log_key)?)?;
//! let body = AddCheckpoint::prepare(0, &note, &tree)?.to_string();
//!
//! let log = VerifierKey { name: origin.into(), key: log_key.public_key() };
//! let witness = Witness { name: "witness.example/w1".into(), logs: vec![log] };
//! let mut stored = None;
//! let submission = witness.read(body.as_bytes())?;
//! let agreed = submission.judge(stored.as_ref())?;
//! let remembered = agreed.remember(|state, _replaces| {
//!     stored = Some(state.clone()); // in one transaction, if the size is still `_replaces`
//!     Ok::<(), std::io::Error>(())
//! })?;
//! let answer = remembered.answer(&witness.name, &w1, 1_790_000_000)?;
//! assert!(answer.starts_with("— witness.example/w1 "));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [C2SP tlog-witness]: https://c2sp.org/tlog-witness

use core::fmt;

use seal::Signer;

use crate::add_checkpoint::{AddCheckpoint, RequestRejection, WITNESS_SIZE_TYPE};
use crate::checkpoint::Checkpoint;
use crate::cosignature::{CosignError, cosign};
use crate::hash::empty_root;
use crate::note::{NoteRejection, SignedNote};
use crate::proof::{ConsistencyProof, ProofRejection};
use crate::verifier_key::VerifierKey;

/// Who the witness is, and which logs it knows. A log may have several keys, each of its name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Witness {
    /// The name that it cosigns under.
    pub name: String,
    /// The keys it trusts; a key's name is its log's origin.
    pub logs: Vec<VerifierKey>,
}

/// Why a witness does not cosign.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessRejection {
    /// The request is not one.
    #[error(transparent)]
    Malformed(#[from] RequestRejection),
    /// The note's text is not a checkpoint.
    #[error(transparent)]
    NotACheckpoint(NoteRejection),
    /// The witness does not know the log.
    #[error("the log is not known")]
    UnknownOrigin,
    /// No key that is trusted for the log signed the checkpoint, or one of their lines does not match.
    #[error(transparent)]
    NotSigned(NoteRejection),
    /// The old size is larger than the checkpoint's.
    #[error("the old size {old} is larger than the checkpoint's {new}")]
    Shrunk {
        /// The size that the request says the witness has.
        old: u64,
        /// The checkpoint's size.
        new: u64,
    },
    /// The old size is not the one that was cosigned last.
    #[error("the checkpoint that was cosigned last has {size} leaves")]
    Conflict {
        /// The size that was cosigned last; 0 for none.
        size: u64,
    },
    /// Another root was cosigned for this size: two histories of one log. Keep both notes.
    #[error("another root was cosigned for {size} leaves")]
    OtherRoot {
        /// The size.
        size: u64,
    },
    /// The checkpoint is not proven to be consistent with the one that was cosigned last.
    #[error(transparent)]
    BadProof(ProofRejection),
    /// The caller's fault: the state it gave is another log's.
    #[error("the state is of another log")]
    StateOfOtherLog,
}

impl WitnessRejection {
    /// Gives the status of the HTTP answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::NotACheckpoint(_) | Self::Shrunk { .. } => 400,
            Self::NotSigned(_) => 403,
            Self::UnknownOrigin => 404,
            Self::Conflict { .. } | Self::OtherRoot { .. } => 409,
            Self::BadProof(_) => 422,
            Self::StateOfOtherLog => 500,
        }
    }

    /// Gives the answer's media type and body where the standard has one: the size that was cosigned
    /// last. Another root of the same size has none, so that nobody takes it for "ask again".
    #[must_use]
    pub fn size_body(&self) -> Option<(&'static str, String)> {
        if let Self::Conflict { size } = self {
            Some((WITNESS_SIZE_TYPE, format!("{size}\n")))
        } else {
            None
        }
    }
}

/// What a witness keeps for one log: the checkpoint it cosigned last, with its signatures, as text a
/// signed note. Shown as it was parsed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LastCosigned {
    checkpoint: Checkpoint,
    note: SignedNote,
}

impl LastCosigned {
    /// Reads it back from the witness's **own** storage: the log's signature is not verified again.
    ///
    /// # Errors
    /// [`NoteRejection`] if it is no checkpoint.
    pub fn parse(stored: &str) -> Result<Self, NoteRejection> {
        let note = SignedNote::parse(stored)?;
        Ok(Self { checkpoint: Checkpoint::parse(note.unverified_text())?, note })
    }

    /// Gives the checkpoint.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

impl fmt::Display for LastCosigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

impl Witness {
    /// Parses a request's body, and verifies that a known log signed the checkpoint.
    ///
    /// # Errors
    /// [`WitnessRejection`] with status 400, 403 or 404.
    pub fn read(&self, body: &[u8]) -> Result<Submission, WitnessRejection> {
        let request = AddCheckpoint::parse(body)?;
        let text = request.note.unverified_text();
        let origin = text.split_once('\n').map_or(text, |(origin, _)| origin);
        let keys: Vec<_> = self.logs.iter().filter(|key| key.name == origin).collect();
        if keys.is_empty() {
            return Err(WitnessRejection::UnknownOrigin);
        }
        let checkpoint = Checkpoint::parse(text).map_err(WitnessRejection::NotACheckpoint)?;
        signed_by_one_of(&keys, &request.note).map_err(WitnessRejection::NotSigned)?;
        if request.old_size > checkpoint.size {
            let (old, new) = (request.old_size, checkpoint.size);
            return Err(WitnessRejection::Shrunk { old, new });
        }
        let note = request.note;
        let next = LastCosigned { checkpoint, note };
        Ok(Submission { old_size: request.old_size, path: request.path, next })
    }
}

/// Accepts a note if a key signed it and no line of any of the keys is wrong.
fn signed_by_one_of(keys: &[&VerifierKey], note: &SignedNote) -> Result<(), NoteRejection> {
    let mut refused = None;
    let mut signed = false;
    for key in keys {
        match note.verify(key) {
            Ok(_) => signed = true,
            Err(NoteRejection::NotSigned(name)) => refused = Some(NoteRejection::NotSigned(name)),
            Err(wrong) => return Err(wrong),
        }
    }
    refused.filter(|_| !signed).map_or(Ok(()), Err)
}

/// Holds a request of a known log, whose signature is verified.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Submission {
    old_size: u64,
    path: Vec<seal::Hash>,
    next: LastCosigned,
}

impl Submission {
    /// Gives the checkpoint that the log signed: its origin says whose state is asked for next. It
    /// is not proven to be consistent with anything.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.next.checkpoint
    }

    /// Gives the signed note, to be kept as evidence if it is refused.
    #[must_use]
    pub fn note(&self) -> &SignedNote {
        &self.next.note
    }

    /// Decides whether the checkpoint follows from what was cosigned last; `None` if nothing was.
    ///
    /// # Errors
    /// [`WitnessRejection`] with status 409 or 422.
    pub fn judge(&self, last: Option<&LastCosigned>) -> Result<Agreed, WitnessRejection> {
        let new = &self.next.checkpoint;
        let last = last.map(|last| &last.checkpoint);
        if last.is_some_and(|last| last.origin != new.origin) {
            return Err(WitnessRejection::StateOfOtherLog);
        }
        let (size, root) = last.map_or((0, empty_root()), |last| (last.size, last.root));
        if self.old_size != size {
            return Err(WitnessRejection::Conflict { size });
        }
        // Before the proof, which would find the same: the standard has a status of its own for two
        // roots of one size. If nothing was cosigned, there is no other root.
        let same_size = last.is_some() && size == new.size;
        if same_size && self.path.is_empty() && root != new.root {
            return Err(WitnessRejection::OtherRoot { size });
        }
        let proof = ConsistencyProof { from: size, to: new.size, path: self.path.clone() };
        proof.verify(root, new.root).map_err(WitnessRejection::BadProof)?;
        Ok(Agreed { next: self.next.clone(), replaces: size })
    }
}

/// Says that the checkpoint may be cosigned, once it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use = "nothing is stored, and nothing is signed"]
pub struct Agreed {
    next: LastCosigned,
    replaces: u64,
}

impl Agreed {
    /// Has the new state stored. `store` is given the state and the size that it replaces, 0 for
    /// none. In one transaction it must see that the stored size is still that one, and write: a
    /// request that came in between would be rolled back otherwise. If it is not, `store` fails, and
    /// [`Submission::judge`] is asked again with the newer state.
    ///
    /// # Errors
    /// The error of `store`.
    pub fn remember<E>(
        self,
        store: impl FnOnce(&LastCosigned, u64) -> Result<(), E>,
    ) -> Result<Remembered, E> {
        store(&self.next, self.replaces)?;
        Ok(Remembered { note: self.next.note })
    }
}

/// Says that the new state is stored: now the witness may sign. If it does not come to that, the
/// log asks again from the new size, with an empty proof.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use = "the log waits for the answer"]
pub struct Remembered {
    note: SignedNote,
}

impl Remembered {
    /// Cosigns, at a time in seconds since 1970, and gives the body of the answer 200.
    ///
    /// # Errors
    /// [`CosignError`] if the name or the time is out of range, or the key does not sign.
    pub fn answer(
        &self,
        name: &str,
        signer: &dyn Signer,
        time_s: u64,
    ) -> Result<String, CosignError> {
        Ok(cosign(&self.note, name, signer, time_s)?.to_string())
    }
}

#[cfg(test)]
mod tests;
