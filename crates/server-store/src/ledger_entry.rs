//! What the ledger keeps: derived from the log, and rebuildable from it.

use attendance::{ProviderId, VoucherId};
use seal::Hash;

/// One voucher's month, in tiyn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EntryRow {
    /// The voucher.
    pub voucher: VoucherId,
    /// The provider.
    pub provider: ProviderId,
    /// The month's part.
    pub plan_tiyn: i64,
    /// Earned.
    pub accrued_tiyn: i64,
    /// Held.
    pub held_tiyn: i64,
    /// Released to the issuer's limit.
    pub released_tiyn: i64,
}

/// A closed month.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StoredTranche {
    /// `year * 100 + month`.
    pub month: u32,
    /// Its leaf.
    pub leaf_index: u64,
    /// SHA-256 of the tranche's bytes.
    pub hash: Hash,
}
