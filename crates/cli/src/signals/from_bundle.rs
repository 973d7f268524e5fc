//! The signals of an audit bundle: what the log proves, and no server's word.

use attendance::LeafKind;
use ledger::Month;
use ledger::signals::{Evidence, SignalError, SignalQuery, SignalReport, signals};
use seal::Hash;
use server::CLOCK_PARAMS;
use sync_api::{Bundle, BundleLeaf};
use tlog::{leaf_hash, salted_leaf, sizes_of_roots};

use crate::audit::Recomputed;

/// Asks the signals of a month of a bundle that holds.
pub(super) fn report(
    audited: &Recomputed,
    bundle: &Bundle,
    month: Month,
    query: &SignalQuery,
) -> Result<SignalReport, SignalError> {
    let leaves = (0..).zip(&bundle.leaves).filter(|(_, leaf)| leaf.kind == LeafKind::Card);
    let cards = leaves.map(|(index, leaf)| (index, leaf.kind, leaf.bytes.0.as_slice()));
    let evidence = Evidence::of_log(cards, &audited.events, &audited.trust, CLOCK_PARAMS);
    let named = Evidence::named_roots(&audited.events);
    let roots = sizes_of_roots(bundle.leaves.iter().map(hash_of), &named);
    signals(&audited.snapshots, &audited.events, &evidence.with_roots(roots), month, query)
}

/// The leaf's hash in the tree. The audit has found every salt of the right length.
fn hash_of(leaf: &BundleLeaf) -> Hash {
    let salt = <[u8; 16]>::try_from(leaf.salt.0.as_slice()).unwrap_or_default();
    leaf_hash(salted_leaf(&salt, &leaf.bytes.0).as_ref())
}
