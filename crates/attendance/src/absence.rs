//! Why a child is absent (rules R2, and the day codes of a sheet).

use minicbor::{Decode, Encode};

/// Why a child is absent. The numbers are signed.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cbor(index_only)]
#[non_exhaustive]
pub enum AbsenceReason {
    /// Ill; excused with a document.
    #[n(0)]
    Sick,
    /// Away with leave.
    #[n(1)]
    Leave,
    /// The group or the family is in quarantine.
    #[n(2)]
    Quarantine,
    /// Without a reason that excuses.
    #[n(3)]
    Unexcused,
    /// A reason that the list does not have; the ledger does not excuse it by itself.
    #[n(4)]
    Other,
}
