//! Accepted scans and absences, what was withdrawn of them, and which of them count.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use attendance::Role;
use seal::Hash;

use crate::visit::absence::Absences;
use crate::visit::correction::may_undo;
use crate::visit::counted::Counted;
use crate::visit::{Absence, Aside, AsideReason, LoggedEvent, Visit};

/// Every accepted scan and absence by its hash, and whether it was withdrawn.
#[derive(Default)]
pub(super) struct Scans<'a> {
    /// In the log's order.
    visits: Vec<(Visit, bool)>,
    at: BTreeMap<Hash, usize>,
    absences: Absences<'a>,
}

impl<'a> Scans<'a> {
    pub(super) fn put(&mut self, visit: Visit) {
        if let Entry::Vacant(place) = self.at.entry(visit.event) {
            place.insert(self.visits.len());
            self.visits.push((visit, false));
        }
    }

    pub(super) fn excuse(&mut self, logged: &'a LoggedEvent, absence: Absence) {
        self.absences.insert(logged, absence);
    }

    /// Finds a scan, and says whether it was withdrawn.
    pub(super) fn find(&self, hash: Hash) -> Option<(&Visit, bool)> {
        let (visit, withdrawn) = self.visits.get(*self.at.get(&hash)?)?;
        Some((visit, *withdrawn))
    }

    /// Withdraws what an event names. Its own device may, and under the second edition the district
    /// with a ground.
    pub(super) fn withdraw(
        &mut self,
        void: &LoggedEvent,
        everything: bool,
    ) -> Result<(), AsideReason> {
        let about = void.event.about.unwrap_or_default();
        let by_district = everything && void.decides();
        if by_district && void.event.finding.is_none() && self.knows(about) {
            return Err(AsideReason::NoGround);
        }
        let at = self.at.get(&about).copied();
        if let Some((visit, withdrawn)) = at.and_then(|at| self.visits.get_mut(at)) {
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
    pub(super) fn first_of_each(&self, aside: &mut Vec<Aside>) -> Counted {
        let mut first = Counted::default();
        for (visit, withdrawn) in &self.visits {
            let index = visit.index;
            if *withdrawn {
                aside.push(Aside { index, reason: AsideReason::Withdrawn });
            } else if !first.put(*visit) {
                aside.push(Aside { index, reason: AsideReason::Duplicate });
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
        self.at.contains_key(&hash) || self.absences.find(hash).is_some()
    }
}
