//! The request `POST add-checkpoint` to a witness and its answers ([C2SP tlog-witness]): what a log
//! sends, and what it makes of what comes back. Carrying the bytes is another crate's matter.
//!
//! [C2SP tlog-witness]: https://c2sp.org/tlog-witness

use core::fmt;

use seal::Hash;

use crate::checkpoint::{Checkpoint, hash_text, parse_hash, parse_size};
use crate::cosignature::WitnessKey;
use crate::note::{NOTE_BYTES_MAX, NoteRejection, SignatureLine, SignedNote};
use crate::proof::{ProveError, prove_consistency};
use crate::tree::Nodes;

/// The longest request that is read, in bytes: a note and the lines of a proof.
pub const ADD_CHECKPOINT_BYTES_MAX: usize = NOTE_BYTES_MAX + 4096;
/// Media type of the answer 409 that says the witness's size.
pub const WITNESS_SIZE_TYPE: &str = "text/x.tlog.size";

/// The most hashes a request may have, by the standard.
const PROOF_LINES_MAX: usize = 63;

/// Holds a request. As text: `old <size>`, a hash a line, an empty line, and the signed note.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AddCheckpoint {
    /// The size that the sender believes the witness cosigned last; 0 for none.
    pub old_size: u64,
    /// A consistency proof from that size to the checkpoint's.
    pub path: Vec<Hash>,
    /// The new checkpoint.
    pub note: SignedNote,
}

/// Why a body was not accepted as a request.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestRejection {
    /// The body is longer than [`ADD_CHECKPOINT_BYTES_MAX`].
    #[error("the request has {0} bytes")]
    TooLong(usize),
    /// The body is not of the request's form.
    #[error("not an add-checkpoint request: {0}")]
    Malformed(&'static str),
    /// What follows the proof is not a signed note.
    #[error(transparent)]
    Note(#[from] NoteRejection),
}

/// Why a request could not be made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// The note is not a checkpoint.
    #[error(transparent)]
    Note(#[from] NoteRejection),
    /// The proof cannot be made.
    #[error(transparent)]
    Prove(#[from] ProveError),
}

/// What a witness said to a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum WitnessAnswer {
    /// 200: these lines of the witness verify, and go into the note ([`SignedNote::add`]).
    Cosigned(Vec<SignatureLine>),
    /// 409: the witness cosigned another size last. Prove from this one and ask again.
    HasSize(u64),
    /// 409: the witness cosigned another root for this size. Two histories of one log.
    OtherRoot,
    /// 422: the proof does not hold, from the root that the witness cosigned last.
    BadProof,
    /// 404: the witness does not know the log.
    UnknownLog,
    /// 403: no signature of the note is by a key that the witness knows.
    NotSigned,
    /// 400: the witness could not read the request.
    Malformed,
}

/// Why an answer was not accepted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerRejection {
    /// The status is none that the protocol knows.
    #[error("the witness answered with status {0}")]
    Status(u16),
    /// The answer is not lines of signatures, or one of this witness does not match.
    #[error(transparent)]
    Lines(#[from] NoteRejection),
    /// None of the lines is by this witness.
    #[error("the answer has no cosignature by {0}")]
    NotCosigned(String),
}

impl AddCheckpoint {
    /// Makes the request for a checkpoint from the tree's nodes.
    ///
    /// # Errors
    /// [`PrepareError`] if the note is no checkpoint, the tree shrank, or a node is missing.
    pub fn prepare<N: Nodes + ?Sized>(
        old_size: u64,
        note: &SignedNote,
        nodes: &N,
    ) -> Result<Self, PrepareError> {
        let checkpoint = Checkpoint::parse(note.unverified_text())?;
        let path = prove_consistency(old_size, checkpoint.size, nodes)?.path;
        Ok(Self { old_size, path, note: note.clone() })
    }

    /// Parses a request's body. Nothing is verified yet.
    ///
    /// # Errors
    /// [`RequestRejection`] for anything that is not a request within the limits.
    pub fn parse(body: &[u8]) -> Result<Self, RequestRejection> {
        let malformed = RequestRejection::Malformed;
        if body.len() > ADD_CHECKPOINT_BYTES_MAX {
            return Err(RequestRejection::TooLong(body.len()));
        }
        let body = str::from_utf8(body).map_err(|_| malformed("not UTF-8"))?;
        let (head, note) = body.split_once("\n\n").ok_or(malformed("no empty line"))?;
        let mut lines = head.split('\n');
        let old_size = lines.next().and_then(|line| parse_size(line.strip_prefix("old ")?));
        let old_size = old_size.ok_or(malformed("old size"))?;
        let path: Option<Vec<Hash>> = lines.map(parse_hash).collect();
        let path = path.filter(|path| path.len() <= PROOF_LINES_MAX);
        let path = path.ok_or(malformed("consistency proof"))?;
        Ok(Self { old_size, path, note: SignedNote::parse(note)? })
    }

    /// Reads the answer of a witness to this request.
    ///
    /// Lines by other keys are ignored. A 409 with the size that was asked for, or with none, means
    /// another root.
    ///
    /// # Errors
    /// [`AnswerRejection`] if it is no answer of the protocol, or its cosignature does not hold.
    pub fn read_answer(
        &self,
        status: u16,
        body: &[u8],
        witness: &WitnessKey,
    ) -> Result<WitnessAnswer, AnswerRejection> {
        match status {
            200 => self.read_lines(body, witness),
            400 => Ok(WitnessAnswer::Malformed),
            403 => Ok(WitnessAnswer::NotSigned),
            404 => Ok(WitnessAnswer::UnknownLog),
            409 => {
                let size = str::from_utf8(body).ok().and_then(|body| body.strip_suffix('\n'));
                let size = size.and_then(parse_size).filter(|size| *size != self.old_size);
                Ok(size.map_or(WitnessAnswer::OtherRoot, WitnessAnswer::HasSize))
            }
            422 => Ok(WitnessAnswer::BadProof),
            other => Err(AnswerRejection::Status(other)),
        }
    }

    /// Reads lines of signatures, and keeps those by the witness.
    fn read_lines(
        &self,
        body: &[u8],
        witness: &WitnessKey,
    ) -> Result<WitnessAnswer, AnswerRejection> {
        if body.len() > NOTE_BYTES_MAX {
            return Err(NoteRejection::TooLong(body.len()).into());
        }
        let body = str::from_utf8(body).map_err(|_| NoteRejection::Malformed("not UTF-8"))?;
        let mut kept = Vec::new();
        for line in body.split_inclusive('\n') {
            let line = SignatureLine::parse(line)?;
            if witness.verify_line(self.note.unverified_text(), &line)?.is_some() {
                kept.push(line);
            }
        }
        if kept.is_empty() {
            return Err(AnswerRejection::NotCosigned(witness.name.clone()));
        }
        Ok(WitnessAnswer::Cosigned(kept))
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", hash_text(*hash)))?;
        write!(f, "\n{}", self.note)
    }
}
