//! What the ledger keeps: derived from the log, and rebuildable from it.

use attendance::{ProviderId, VoucherId};
use seal::Hash;

/// One place of a voucher's month, in tiyn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EntryRow {
    /// The voucher.
    pub voucher: VoucherId,
    /// The provider.
    pub provider: ProviderId,
    /// The place's first day, `year * 10000 + month * 100 + day`; 0 if the voucher has one place.
    pub segment: u32,
    /// The part of the whole voucher: the plans of its places sum to it.
    pub part_tiyn: i64,
    /// The place's plan.
    pub plan_tiyn: i64,
    /// Earned.
    pub accrued_tiyn: i64,
    /// Held.
    pub held_tiyn: i64,
    /// Released to the issuer's limit.
    pub released_tiyn: i64,
}

/// Money of a closed month's entry that a later month moves, in tiyn. Sums to nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CorrectionRow {
    /// The closed month, `year * 100 + month`.
    pub of_month: u32,
    /// The voucher.
    pub voucher: VoucherId,
    /// The provider.
    pub provider: ProviderId,
    /// The place's first day, or 0, as in the entry.
    pub segment: u32,
    /// By how much what is earned grows.
    pub accrued_tiyn: i64,
    /// By how much what is held grows.
    pub held_tiyn: i64,
    /// By how much what is released grows.
    pub released_tiyn: i64,
    /// The leaf that decided it.
    pub leaf: u64,
}

/// A month to close, as its tranche states it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClosingRows {
    /// `year * 100 + month`.
    pub month: u32,
    /// SHA-256 of the tranche's bytes.
    pub hash: Hash,
    /// The month's entries.
    pub entries: Vec<EntryRow>,
    /// What it corrects in months before.
    pub corrections: Vec<CorrectionRow>,
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
