//! Visits of one child at two providers at the same time (R1, 6).

use std::collections::{BTreeMap, BTreeSet};

use crate::visit::Visit;
use crate::visit::counted::{Counted, Place};

/// For each visit that cannot have been beside another provider's: those others.
pub(super) type Overlaps = BTreeMap<Place, BTreeSet<Place>>;

/// Finds the visits whose lessons overlap with one of the same child at another provider.
pub(super) fn overlaps(visits: &Counted) -> Overlaps {
    let mut found = Overlaps::new();
    for mut visits in visits.by_child() {
        let alone =
            |pair: &[&Visit]| matches!(pair, [one, other] if one.provider == other.provider);
        if visits.windows(2).all(alone) {
            continue;
        }
        visits.sort_by_key(|visit| (visit.start_ms, visit.voucher, visit.lesson));
        for (at, one) in visits.iter().enumerate() {
            let later = visits.iter().skip(at.saturating_add(1));
            for other in later.take_while(|other| other.start_ms < one.end_ms) {
                if other.provider != one.provider {
                    let (one, other) = (place(one), place(other));
                    found.entry(one).or_default().insert(other);
                    found.entry(other).or_default().insert(one);
                }
            }
        }
    }
    found
}

/// Says which visits are to be held: those that overlap with one that may have been, unless the
/// district said of them that they were.
pub(super) fn held(visits: &Counted, overlaps: &Overlaps) -> Vec<Place> {
    let may_have_been = |visit: &Visit| !visit.is_disputed() && !visit.is_denied();
    let open = |visit: &Visit| may_have_been(visit) && visit.decision.is_none();
    let stands = |place: &Place| visits.find(place).is_some_and(may_have_been);
    overlaps
        .iter()
        .filter(|(place, others)| visits.find(place).is_some_and(open) && others.iter().any(stands))
        .map(|(place, _)| *place)
        .collect()
}

fn place(visit: &Visit) -> Place {
    (visit.voucher, visit.lesson)
}
