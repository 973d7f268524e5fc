//! The visits that count, found by place and by child.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use attendance::{ChildId, LessonId, VoucherId};

use crate::visit::Visit;

/// Names a visit of a month.
pub(super) type Place = (VoucherId, LessonId);

/// At most one visit for a voucher and a lesson.
#[derive(Default)]
pub(super) struct Counted {
    visits: Vec<Visit>,
    at: BTreeMap<Place, usize>,
    of_child: BTreeMap<ChildId, Vec<usize>>,
}

impl Counted {
    /// Adds a visit, unless there is one already.
    pub(super) fn put(&mut self, visit: Visit) -> bool {
        let Entry::Vacant(place) = self.at.entry((visit.voucher, visit.lesson)) else {
            return false;
        };
        place.insert(self.visits.len());
        self.of_child.entry(visit.child).or_default().push(self.visits.len());
        self.visits.push(visit);
        true
    }

    pub(super) fn find(&self, place: &Place) -> Option<&Visit> {
        self.visits.get(*self.at.get(place)?)
    }

    pub(super) fn find_mut(&mut self, place: &Place) -> Option<&mut Visit> {
        self.visits.get_mut(*self.at.get(place)?)
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Visit> {
        self.visits.iter_mut()
    }

    /// Does something with each visit of a child.
    pub(super) fn each_of(&mut self, child: ChildId, mut change: impl FnMut(&mut Visit)) {
        for at in self.of_child.get(&child).into_iter().flatten() {
            if let Some(visit) = self.visits.get_mut(*at) {
                change(visit);
            }
        }
    }

    /// Gives the visits of each child.
    pub(super) fn by_child(&self) -> impl Iterator<Item = Vec<&Visit>> {
        let of = |places: &Vec<usize>| {
            places.iter().filter_map(|at| self.visits.get(*at)).collect::<Vec<_>>()
        };
        self.of_child.values().map(of)
    }

    pub(super) fn into_visits(self) -> Vec<Visit> {
        self.visits
    }
}
