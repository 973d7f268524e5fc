//! Visits of one child at two providers at the same time (R1, 6).

use std::collections::{BTreeMap, BTreeSet};

use attendance::{ChildId, LessonId, VoucherId};

use crate::visit::Visit;

/// Names a visit of a month.
pub(super) type Place = (VoucherId, LessonId);

/// For each visit that cannot have been beside another provider's: those others.
pub(super) type Overlaps = BTreeMap<Place, BTreeSet<Place>>;

/// Finds the visits whose lessons overlap with one of the same child at another provider.
pub(super) fn overlaps(visits: &BTreeMap<Place, Visit>) -> Overlaps {
    let mut of_child: BTreeMap<ChildId, Vec<&Visit>> = BTreeMap::new();
    for visit in visits.values() {
        of_child.entry(visit.child).or_default().push(visit);
    }
    let mut found = Overlaps::new();
    for mut visits in of_child.into_values() {
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
pub(super) fn held(visits: &BTreeMap<Place, Visit>, overlaps: &Overlaps) -> Vec<Place> {
    let may_have_been = |visit: &Visit| !visit.is_disputed() && !visit.is_denied();
    let open = |visit: &Visit| may_have_been(visit) && visit.decision.is_none();
    let stands = |place: &Place| visits.get(place).is_some_and(may_have_been);
    overlaps
        .iter()
        .filter(|(place, others)| visits.get(place).is_some_and(open) && others.iter().any(stands))
        .map(|(place, _)| *place)
        .collect()
}

fn place(visit: &Visit) -> Place {
    (visit.voucher, visit.lesson)
}
