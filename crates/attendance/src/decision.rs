//! What a district decides about a visit, and what becomes of a lesson (rules R1, 2 and R3, 19).

use minicbor::{Decode, Encode};

/// What was decided about a visit. The numbers are signed.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cbor(index_only)]
#[non_exhaustive]
pub enum Verdict {
    /// The child was there.
    #[n(0)]
    Was,
    /// The child was not there.
    #[n(1)]
    WasNot,
}

/// What a decision or a withdrawal rests on. The numbers are signed; the paper itself is named by
/// its number and never in the log.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cbor(index_only)]
#[non_exhaustive]
pub enum Finding {
    /// Papers or witnesses show it.
    #[n(0)]
    Evidence,
    /// Whoever recorded or answered made a slip.
    #[n(1)]
    Slip,
    /// The commission looked for itself.
    #[n(2)]
    Inspection,
    /// Nobody could show that it was so.
    #[n(3)]
    NoEvidence,
    /// Another one, which the document names.
    #[n(4)]
    Other,
}

/// Why a lesson is not held. The numbers are signed.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cbor(index_only)]
#[non_exhaustive]
pub enum Cancellation {
    /// The provider does not hold it: it stays in the plan and is not paid.
    #[n(0)]
    Provider,
    /// The body ordered a quarantine: it leaves the plan.
    #[n(1)]
    Quarantine,
    /// The weather forbade it, by an act: it leaves the plan.
    #[n(2)]
    Weather,
    /// Another official order: it leaves the plan.
    #[n(3)]
    Order,
}

impl Cancellation {
    /// Says whether an official act, and not the provider, took the lesson away.
    #[must_use]
    pub fn is_official(self) -> bool {
        match self {
            Self::Provider => false,
            Self::Quarantine | Self::Weather | Self::Order => true,
        }
    }
}
