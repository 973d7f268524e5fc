//! A lesson's register: who came, who left, who is absent and why, what was withdrawn.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{
    AbsenceReason, ChildId, EventKind, GroupId, LessonId, RosterChild, RosterLesson, Terms,
};
use rusqlite::Connection;
use seal::Hash;

use crate::device::Device;
use crate::mark::Mark;
use crate::store::{self, StoreError};
use crate::told::{self, Told, Withdrawn};
use crate::visit::VisitRow;

/// Shows a child of a lesson's register.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RegisterRow {
    /// The child.
    pub child: RosterChild,
    /// True if the child is not on the group's roster.
    pub is_guest: bool,
    /// The visit, if the child came.
    pub visit: Option<VisitRow>,
    /// When the child left, if it did and did not come back.
    pub left_ms: Option<i64>,
    /// The absence that was entered on this device; a visit counts before it.
    pub absence: Option<AbsenceRow>,
    /// The newest withdrawal of a mark of this child in the lesson.
    pub withdrawn: Option<Withdrawn>,
}

/// Shows an absence.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AbsenceRow {
    /// The absence's event.
    pub event: Hash,
    /// When it was entered, by the claimed clock of who entered it.
    pub at_ms: i64,
    /// Why.
    pub reason: Option<AbsenceReason>,
    /// The number of the document.
    pub number: Option<String>,
    /// SHA-256 of the document.
    pub document: Option<Hash>,
    /// True if this device entered it.
    pub is_own: bool,
    /// How far it has come: the newest correction, if there is one.
    pub mark: Mark,
}

/// Shows a child who is in the building.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Inside {
    /// The child.
    pub child: ChildId,
    /// The name, if the child is on this device's roster.
    pub name: Option<String>,
    /// The lesson that the child came to.
    pub lesson: RosterLesson,
    /// When it came.
    pub since_ms: i64,
}

impl AbsenceRow {
    /// True if the reason excuses and a document is there. Whether the document is accepted, and how
    /// many such lessons of a month are paid, others decide.
    #[must_use]
    pub fn is_documented(&self) -> bool {
        self.excuses() && (self.number.is_some() || self.document.is_some())
    }

    /// True if the reason is one that a document excuses.
    #[must_use]
    pub fn excuses(&self) -> bool {
        use AbsenceReason::{Leave, Quarantine, Sick};
        matches!(self.reason, Some(Sick | Leave | Quarantine))
    }

    pub(crate) fn of(told: &Told, is_own: bool) -> Self {
        Self {
            event: told.hash,
            at_ms: told.event.wall_ms,
            reason: told.event.absence,
            number: told.event.document.clone(),
            document: told.event.absence_document,
            is_own,
            mark: told.corrected.map_or(told.mark, |(_, mark)| mark),
        }
    }

    /// Chooses which of several absences from one lesson is shown: the one with a document, then one
    /// with a reason that excuses, then the newest.
    pub(crate) fn best(all: impl Iterator<Item = Self>) -> Option<Self> {
        all.max_by_key(|row| (row.is_documented(), row.excuses(), row.at_ms))
    }
}

/// What this device recorded in a lesson, as it stands now. A lesson may have very many children: nothing
/// here walks through all of them for each of them.
pub(crate) struct Register {
    told: Vec<Told>,
    /// Where in that list something is said of a child, in order.
    of_child: BTreeMap<ChildId, Vec<usize>>,
}

impl Register {
    pub(crate) fn of_lesson(db: &Connection, lesson: LessonId) -> Result<Self, StoreError> {
        let told = told::tell(&store::event::of_lesson(db, lesson)?)?;
        let mut of_child: BTreeMap<ChildId, Vec<usize>> = BTreeMap::new();
        for (at, one) in told.iter().enumerate() {
            if let Some(child) = one.event.child {
                of_child.entry(child).or_default().push(at);
            }
        }
        Ok(Self { told, of_child })
    }

    /// Lists who came, each once, in the order in which they came first.
    pub(crate) fn visits(&self) -> Vec<(ChildId, &Told)> {
        let mut seen = BTreeSet::new();
        let came =
            self.told.iter().filter(|told| told.event.kind == EventKind::In && told.stands());
        let came = came.filter_map(|told| Some((told.event.child?, told)));
        came.filter(|(child, _)| seen.insert(*child)).collect()
    }

    pub(crate) fn absence(&self, child: ChildId) -> Option<AbsenceRow> {
        let all = self.about(child).filter(|told| told.says(EventKind::Absent, child));
        AbsenceRow::best(all.map(|told| AbsenceRow::of(told, true)))
    }

    /// Gives the newest count of heads.
    pub(crate) fn headcount(&self) -> Option<(Hash, u16)> {
        let all = self.told.iter().rev().filter(|told| told.stands());
        all.filter_map(|told| told.event.headcount.map(|count| (told.hash, count))).next()
    }

    /// Tells when a child left, if nothing says that it came back.
    pub(crate) fn left_ms(&self, child: ChildId) -> Option<i64> {
        let is_move =
            |told: &&Told| told.says(EventKind::In, child) || told.says(EventKind::Out, child);
        let last = self.about(child).rev().find(is_move)?;
        (last.event.kind == EventKind::Out).then_some(last.event.wall_ms)
    }

    fn withdrawn(&self, child: ChildId) -> Option<Withdrawn> {
        let marks = self.about(child).rev().filter(|told| told.event.kind == EventKind::In);
        marks.filter_map(|told| told.withdrawn).next()
    }

    /// Lists what is said of a child, oldest first.
    fn about(&self, child: ChildId) -> impl DoubleEndedIterator<Item = &Told> {
        let places = self.of_child.get(&child).into_iter().flatten();
        places.filter_map(|at| self.told.get(*at))
    }
}

impl Device {
    /// Lists who belongs to a lesson, by name, with what is known of each. Guests who are somewhere on
    /// this device's roster come last, as they came.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn register(&self, lesson: LessonId) -> Result<Vec<RegisterRow>, StoreError> {
        let Some(roster) = &self.roster else { return Ok(Vec::new()) };
        let register = Register::of_lesson(&self.db, lesson)?;
        let came = register.visits();
        let mut visits: BTreeMap<ChildId, &Told> = came.iter().copied().collect();
        let group = roster.lesson(lesson).map(|lesson| lesson.group);
        let members = group.into_iter().flat_map(|group| roster.children_of(group));
        let mut rows: Vec<_> = members
            .map(|child| {
                let visit = visits.remove(&child.id).map(VisitRow::of);
                row(&register, child.clone(), visit, false)
            })
            .collect();
        rows.sort_by(|a, b| (&a.child.name, a.child.id).cmp(&(&b.child.name, b.child.id)));
        let guests = came.into_iter().filter(|(child, _)| visits.contains_key(child));
        rows.extend(guests.filter_map(|(child, told)| {
            let child = roster.child(child, None)?.clone();
            Some(row(&register, child, Some(VisitRow::of(told)), true))
        }));
        Ok(rows)
    }

    /// Lists who is in the building: who came to a lesson that is open on this device, planned to start
    /// in `start_ms..end_ms`, and did not leave. By name; guests of no roster come first.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn inside(&self, start_ms: i64, end_ms: i64) -> Result<Vec<Inside>, StoreError> {
        let Some(roster) = &self.roster else { return Ok(Vec::new()) };
        let mut inside: Vec<Inside> = Vec::new();
        for planned in &roster.lessons {
            let lesson = self.as_told(*planned)?;
            if !(start_ms..end_ms).contains(&lesson.start_ms) {
                continue;
            }
            let turn = store::event::lesson_turn(&self.db, lesson.id)?;
            if !matches!(turn, Some((EventKind::LessonOpen, _))) {
                continue;
            }
            let register = Register::of_lesson(&self.db, lesson.id)?;
            for (child, told) in register.visits() {
                let known = inside.iter().any(|known| known.child == child);
                if !known && register.left_ms(child).is_none() {
                    let name = roster.child(child, Some(lesson.group)).map(|row| row.name.clone());
                    let since_ms = told.event.wall_ms;
                    inside.push(Inside { child, name, lesson, since_ms });
                }
            }
        }
        inside.sort_by(|a, b| (&a.name, a.child).cmp(&(&b.name, b.child)));
        Ok(inside)
    }

    /// Tells the terms by which this device speaks of what is still possible.
    #[must_use]
    pub fn terms(&self) -> Terms {
        Terms::DEFAULT
    }

    /// Gives the group that a planned lesson is for.
    pub(crate) fn group_of(&self, lesson: LessonId) -> Option<GroupId> {
        self.roster.as_ref()?.lesson(lesson).map(|lesson| lesson.group)
    }
}

fn row(
    register: &Register,
    child: RosterChild,
    visit: Option<VisitRow>,
    is_guest: bool,
) -> RegisterRow {
    let id = child.id;
    let left_ms = register.left_ms(id).filter(|_| visit.is_some());
    let (absence, withdrawn) = (register.absence(id), register.withdrawn(id));
    RegisterRow { child, is_guest, visit, left_ms, absence, withdrawn }
}
