//! Which witnesses a trust list names, and how many of them it asks for.

use attendance::{TrustEntry, TrustList, TrustRole};
use seal::PublicKey;
use tlog::{Quorum, TimedWitness, WitnessKey};

/// Reads the quorum of a trust list; nothing if it asks for none. A witness's scope is the name in
/// its cosignatures.
#[must_use]
pub fn quorum_of(list: &TrustList) -> Option<Quorum> {
    let witness = |entry: &TrustEntry| {
        let key = PublicKey::parse(&entry.key).ok()?;
        Some(TimedWitness {
            key: WitnessKey { name: entry.scope.clone(), key },
            not_before_s: entry.not_before_s,
            not_after_s: entry.not_after_s,
        })
    };
    let witnesses = list.entries.iter().filter(|entry| entry.role == TrustRole::Witness);
    let witnesses = witnesses.filter_map(witness).collect();
    list.witness_quorum.map(|needed| Quorum { needed: usize::from(needed), witnesses })
}
