//! Accepted scans and absences, what was withdrawn of them, and which of them count.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use attendance::{LessonId, Role, VoucherId};
use seal::Hash;

use crate::visit::absence::Absences;
use crate::visit::correction::may_undo;
use crate::visit::{Absence, Aside, AsideReason, LoggedEvent, Visit};

/// Every accepted scan and absence by its hash, and whether it was withdrawn.
#[derive(Default)]
pub(super) struct Scans<'a> {
    visits: BTreeMap<Hash, (Visit, bool)>,
    absences: Absences<'a>,
}

impl<'a> Scans<'a> {
    pub(super) fn put(&mut self, visit: Visit) {
        self.visits.entry(visit.event).or_insert((visit, false));
    }

    pub(super) fn excuse(&mut self, logged: &'a LoggedEvent, absence: Absence) {
        self.absences.insert(logged, absence);
    }

    /// Finds a scan, and says whether it was withdrawn.
    pub(super) fn find(&self, hash: Hash) -> Option<(&Visit, bool)> {
        self.visits.get(&hash).map(|(visit, withdrawn)| (visit, *withdrawn))
    }

    /// Withdraws what an event names. Its own device may, and under the second edition the district
    /// with a ground.
    pub(super) fn withdraw(
        &mut self,
        void: &LoggedEvent,
        everything: bool,
    ) -> Result<(), AsideReason> {
        let about = void.event.about.unwrap_or_default();
        let by_district = everything && void.is_of_the_district();
        if by_district && void.event.finding.is_none() && self.knows(about) {
            return Err(AsideReason::NoGround);
        }
        if let Some((visit, withdrawn)) = self.visits.get_mut(&about) {
            if void.role != Role::Teacher && !by_district {
                return Err(AsideReason::NotATeacher);
            }
            if void.event.device != visit.device && !by_district {
                return Err(AsideReason::NotTheRecorder);
            }
            *withdrawn = true;
        } else if let Some((recorded, withdrawn)) = self.absences.find(about) {
            if !may_undo(void, recorded) {
                return Err(AsideReason::NotTheRecorder);
            }
            *withdrawn = true;
        }
        Ok(())
    }

    /// Gives the first scan of each voucher and lesson that was not withdrawn.
    pub(super) fn first_of_each(
        &self,
        aside: &mut Vec<Aside>,
    ) -> BTreeMap<(VoucherId, LessonId), Visit> {
        let mut in_log_order: Vec<_> = self.visits.values().collect();
        in_log_order.sort_by_key(|(visit, _)| visit.index);
        let mut first = BTreeMap::new();
        for (visit, withdrawn) in in_log_order {
            let index = visit.index;
            if *withdrawn {
                aside.push(Aside { index, reason: AsideReason::Withdrawn });
                continue;
            }
            match first.entry((visit.voucher, visit.lesson)) {
                Entry::Vacant(place) => {
                    place.insert(*visit);
                }
                Entry::Occupied(_) => aside.push(Aside { index, reason: AsideReason::Duplicate }),
            }
        }
        first
    }

    /// Gives the absences that count beside these visits, in order of time.
    pub(super) fn absences(self, visits: &[Visit], aside: &mut Vec<Aside>) -> Vec<Absence> {
        let attended: BTreeSet<_> =
            visits.iter().map(|visit| (visit.voucher, visit.lesson)).collect();
        let counted = self.absences.counted(
            |voucher, lesson| attended.contains(&(voucher, lesson)),
            |index, reason| aside.push(Aside { index, reason }),
        );
        let mut absences: Vec<_> = counted.into_values().collect();
        absences.sort_by_key(|absence| (absence.day, absence.voucher, absence.lesson));
        absences
    }

    fn knows(&mut self, hash: Hash) -> bool {
        self.visits.contains_key(&hash) || self.absences.find(hash).is_some()
    }
}
