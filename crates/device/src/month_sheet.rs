//! A family's month: what was planned, what came of it, and the family's signature (rules R3, 20).

use attendance::{
    Cancellation, ChildId, EventDraft, EventKind, Role, RosterLesson, month_ms, month_of,
};
use seal::Hash;

use crate::device::Device;
use crate::mark::Mark;
use crate::record::{self, RecordError};
use crate::register::AbsenceRow;
use crate::store::{self, StoreError};
use crate::told::{self, Told, Withdrawn};
use crate::visit::Visit;

/// Shows a child's month, as far as this device knows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MonthSheet {
    /// The child.
    pub child: ChildId,
    /// The month, as `year * 100 + month`.
    pub month: u32,
    /// The planned lessons of the child's groups, by their start.
    pub days: Vec<SheetDay>,
    /// The family's signature on this device, if there is one.
    pub signed: Option<MonthSigned>,
}

/// Shows one planned lesson of a month.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SheetDay {
    /// The lesson.
    pub lesson: RosterLesson,
    /// The visit that counts, verified on this device.
    pub visit: Option<Visit>,
    /// The newest withdrawal of a mark of the child in this lesson.
    pub withdrawn: Option<Withdrawn>,
    /// The absence.
    pub absence: Option<AbsenceRow>,
    /// What comes of it.
    pub standing: DayStanding,
}

/// What comes of a planned lesson, by what is known on this device. What is paid is decided by the log.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum DayStanding {
    /// It has not ended yet, and nothing is known of it.
    ToCome,
    /// Came, and the family said so, for the day or for the month.
    Confirmed,
    /// Came; the family has not said so yet.
    Awaiting,
    /// The family said *was not*.
    Disputed,
    /// Absent with a reason that excuses, and a document.
    Excused,
    /// Absent with a reason that excuses, without a document yet.
    NoDocument,
    /// Absent without an excuse.
    Unexcused,
    /// No mark, and no reason.
    Missing,
    /// The provider did not hold the lesson: in the plan, and not paid.
    NotHeld,
    /// An official order cancelled the lesson: it is in no plan.
    CancelledOfficial,
}

/// Shows a family's signature of a month.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MonthSigned {
    /// The signature's event.
    pub event: Hash,
    /// When, by this device's claimed clock.
    pub at_ms: i64,
    /// How far it has come.
    pub mark: Mark,
    /// Its place in the log, once its receipt is here: it confirms what stands before.
    leaf: Option<u64>,
}

impl MonthSheet {
    /// Counts the days of a standing.
    #[must_use]
    pub fn count(&self, standing: DayStanding) -> u32 {
        let days = self.days.iter().filter(|day| day.standing == standing).count();
        u32::try_from(days).unwrap_or(u32::MAX)
    }

    /// True if there is something to sign that no signature covers.
    #[must_use]
    pub fn is_unsigned(&self) -> bool {
        self.signed.is_none() || self.count(DayStanding::Awaiting) > 0
    }
}

impl Device {
    /// Shows the months of the own children that this device has a timetable of, newest first, no more
    /// than `limit` of a child.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn month_sheets(&self, limit: usize) -> Result<Vec<MonthSheet>, StoreError> {
        let (Some(enrolled), Some(roster)) = (&self.enrolled, &self.roster) else {
            return Ok(Vec::new());
        };
        let now = month_of(self.best_now_ms()?);
        let told = self.told_of_children()?;
        let mut sheets = Vec::new();
        for child in &enrolled.certificate().children {
            let mut months: Vec<u32> = Vec::new();
            let groups: Vec<_> = roster
                .children
                .iter()
                .filter(|row| row.id == *child)
                .map(|row| row.group)
                .collect();
            for lesson in roster.lessons.iter().filter(|lesson| groups.contains(&lesson.group)) {
                months.push(month_of(lesson.start_ms));
            }
            months.sort_unstable_by(|a, b| b.cmp(a));
            months.dedup();
            for month in months.into_iter().filter(|month| *month <= now).take(limit) {
                sheets.push(self.month_sheet(*child, month, &told)?);
            }
        }
        Ok(sheets)
    }

    /// Signs a child's month: confirms the visits that are in the log before the signature, and are not
    /// disputed. Signed already, with nothing new to sign, it gives the earlier event.
    ///
    /// # Errors
    /// [`RecordError::NotAllowed`] for another child, [`RecordError::MonthNotOver`], and the others.
    pub fn sign_month(&mut self, child: ChildId, month: u32) -> Result<Hash, RecordError> {
        let enrolled = self.enrolled_as(Role::Parent)?;
        if !enrolled.certificate().children.contains(&child) {
            return Err(RecordError::NotAllowed);
        }
        let window = self.terms().sign_window_ms(month).ok_or(RecordError::NotAMonth(month))?;
        if self.best_now_ms()? < window.start {
            return Err(RecordError::MonthNotOver);
        }
        let sheet = self.month_sheet(child, month, &self.told_of_children()?)?;
        if let Some(signed) = sheet.signed.filter(|_| !sheet.is_unsigned()) {
            return Ok(signed.event);
        }
        let row = self.roster.as_ref().and_then(|roster| roster.child(child, None));
        let group = row.and_then(|row| self.roster.as_ref()?.group(row.group));
        let draft = EventDraft {
            child: Some(child),
            voucher: row.map(|row| row.voucher),
            provider: group.map(|group| group.provider),
            month: Some(month),
            ..record::draft(EventKind::MonthSign, self.clock.now())
        };
        self.append(draft)
    }

    /// Keeps that the family is not sure about a visit, to be asked again. Nothing is signed or sent.
    ///
    /// # Errors
    /// [`RecordError::VisitUnknown`] if the visit is not on this device, and the others.
    pub fn not_sure(&mut self, visit: Hash) -> Result<(), RecordError> {
        self.enrolled_as(Role::Parent)?;
        store::visit_seen::find(&self.db, visit)?.ok_or(RecordError::VisitUnknown)?;
        Ok(store::not_sure::keep(&self.db, visit, self.clock.now().wall_ms)?)
    }

    /// Puts together what the log and this device say of the own children.
    fn told_of_children(&self) -> Result<Vec<Told>, StoreError> {
        let mut rows = self.with_entries(store::visit_seen::all(&self.db)?)?;
        rows.extend(store::event::absences(&self.db)?);
        told::tell(&rows)
    }

    fn month_sheet(
        &self,
        child: ChildId,
        month: u32,
        told: &[Told],
    ) -> Result<MonthSheet, StoreError> {
        let signed = self.month_signed(child, month)?;
        let now_ms = self.best_now_ms()?;
        let mut days = Vec::new();
        if let (Some(roster), Some(during)) = (&self.roster, month_ms(month)) {
            let is_own = |lesson: &&RosterLesson| {
                during.contains(&lesson.start_ms)
                    && roster.children_of(lesson.group).any(|row| row.id == child)
            };
            for lesson in roster.lessons.iter().filter(is_own) {
                days.push(self.sheet_day(child, *lesson, told, signed, now_ms)?);
            }
        }
        days.sort_by_key(|day| (day.lesson.start_ms, day.lesson.id));
        Ok(MonthSheet { child, month, days, signed })
    }

    fn sheet_day(
        &self,
        child: ChildId,
        lesson: RosterLesson,
        told: &[Told],
        signed: Option<MonthSigned>,
        now_ms: i64,
    ) -> Result<SheetDay, StoreError> {
        let of_lesson = || {
            let of_child = told.iter().filter(|told| told.event.child == Some(child));
            of_child.filter(|told| told.event.lesson == Some(lesson.id))
        };
        // Seen visits come newest first; the first one in time counts.
        let came = of_lesson().filter(|told| told.event.kind == EventKind::In);
        let visit = came.clone().filter(|told| told.stands()).min_by_key(|told| told.event.wall_ms);
        let visit = visit.map(|told| self.visit_of(told)).transpose()?.flatten();
        let withdrawn = came.filter_map(|told| told.withdrawn).max_by_key(|one| one.at_ms);
        let absent = of_lesson().filter(|told| told.says(EventKind::Absent, child));
        let absence = AbsenceRow::best(
            absent.map(|told| AbsenceRow::of(told, told.event.device == self.identity.id)),
        );
        let standing = match (&visit, &absence) {
            (Some(visit), _) => self.visit_standing(visit, signed)?,
            (None, _) if lesson.cancelled.is_some_and(Cancellation::is_official) => {
                DayStanding::CancelledOfficial
            }
            (None, _) if lesson.cancelled.is_some() => DayStanding::NotHeld,
            (None, Some(absence)) if absence.is_documented() => DayStanding::Excused,
            (None, Some(absence)) if absence.excuses() => DayStanding::NoDocument,
            (None, Some(_)) => DayStanding::Unexcused,
            (None, None) if now_ms < lesson.end_ms => DayStanding::ToCome,
            (None, None) => DayStanding::Missing,
        };
        Ok(SheetDay { lesson, visit, withdrawn, absence, standing })
    }

    fn visit_standing(
        &self,
        visit: &Visit,
        signed: Option<MonthSigned>,
    ) -> Result<DayStanding, StoreError> {
        if let Some(answer) = visit.answer {
            return Ok(if answer.was { DayStanding::Confirmed } else { DayStanding::Disputed });
        }
        let leaf = store::visit_seen::leaf_of(&self.db, visit.row.event)?;
        let is_covered = signed.is_some_and(|signed| match (signed.leaf, leaf) {
            (Some(signed), Some(visit)) => visit < signed,
            // Until the signature's place is known, it counts for what was here.
            (None, _) => true,
            (Some(_), None) => false,
        });
        Ok(if is_covered { DayStanding::Confirmed } else { DayStanding::Awaiting })
    }

    fn month_signed(&self, child: ChildId, month: u32) -> Result<Option<MonthSigned>, StoreError> {
        for row in store::event::of_kind(&self.db, EventKind::MonthSign)? {
            let event = told::read(&row)?;
            if (event.child, event.month) == (Some(child), Some(month)) {
                let leaf = store::event::leaf_of(&self.db, row.hash)?;
                let (event, at_ms, mark) = (row.hash, event.wall_ms, row.mark);
                return Ok(Some(MonthSigned { event, at_ms, mark, leaf }));
            }
        }
        Ok(None)
    }
}
