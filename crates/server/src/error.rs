//! What the server could not do, and what it tells the other side.

use server_store::{AppendError, StorageError};
use sync_api::{Problem, ProblemKind};

/// Why a request or a job of the server failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The request is not accepted; the problem says why.
    #[error("{}", .0.detail)]
    Refused(Box<Problem>),
    /// There is too much to do just now.
    #[error("{detail}")]
    Busy {
        /// 503 for the server's queue, 429 for the caller's rate.
        kind: ProblemKind,
        /// When to ask again, in seconds.
        retry_after_s: u64,
        /// Why, and what to do.
        detail: &'static str,
    },
    /// The work ended before its time.
    #[error("the work was broken off")]
    BrokenOff,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Appending failed.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// A key did not sign.
    #[error(transparent)]
    Sign(#[from] seal::SignError),
    /// A checkpoint could not be made.
    #[error("no checkpoint: {0}")]
    Checkpoint(#[from] tlog::SignNoteError),
    /// A receipt could not be made.
    #[error("no receipt: {0}")]
    Receipt(#[from] tlog::IssueError),
    /// The system has no randomness.
    #[error("the system gave no random bytes: {0}")]
    Random(getrandom::Error),
    /// The ledger refused.
    #[error("the month cannot be closed: {0}")]
    Ledger(String),
    /// Something that the server itself wrote cannot be read back.
    #[error("a stored {0} cannot be read")]
    Stored(&'static str),
}

impl ServerError {
    /// Refuses with a problem document.
    pub(crate) fn refused(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self::Refused(Box::new(Problem::new(kind, detail)))
    }

    /// The problem document that the other side sees. Faults say no more than that they are.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self {
            Self::Refused(problem) => (**problem).clone(),
            Self::Busy { kind, detail, .. } => Problem::new(*kind, *detail),
            Self::BrokenOff
            | Self::Storage(_)
            | Self::Append(_)
            | Self::Sign(_)
            | Self::Checkpoint(_)
            | Self::Receipt(_)
            | Self::Random(_)
            | Self::Ledger(_)
            | Self::Stored(_) => Problem::new(
                ProblemKind::Broken,
                "nothing was lost; try again later, and tell the operator if it stays so",
            ),
        }
    }
}

/// Fills an array with random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], ServerError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(ServerError::Random)?;
    Ok(bytes)
}
