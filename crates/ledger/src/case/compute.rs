//! The calculation: parts, caps, lessons, money (R5, rules 30 to 35).

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::explain::Explain;
use super::{Case, CaseRefusal, CaseResult, CaseRow, CaseSegment};
use crate::accrual::{AmountError, Attendance, Balanced, Term, accrue, cap_lessons, caps_calendar};
use crate::calendar::Calendar;
use crate::money::Tiyn;
use crate::params::{Basis, Params};

impl Case {
    /// Computes the month.
    ///
    /// # Errors
    /// [`CaseRefusal`] if the case contradicts itself or an amount does not fit.
    pub fn compute(&self) -> Result<CaseResult, CaseRefusal> {
        self.verify()?;
        self.settle().map_err(CaseRefusal::amount)
    }

    fn settle(&self) -> Result<CaseResult, AmountError> {
        let (params, off) = (self.rules(), self.days_off());
        let term = Term { total: self.total_tiyn, from: self.contract_from, to: self.contract_to };
        let months: Vec<_> = term.months().collect();
        let parts = months.iter().map(|month| term.part(*month, &params));
        let parts = parts.collect::<Result<Vec<Tiyn>, AmountError>>()?;
        let place = months.iter().position(|month| *month == self.month);
        let plan = place.and_then(|place| parts.get(place)).copied().unwrap_or_default();
        let mut explain = Explain::default();
        explain.plan(self, place.unwrap_or_default(), &parts, plan);

        let lessons: Vec<Lessons> =
            self.segments.iter().map(|segment| self.lessons(segment, &off, &params)).collect();
        let caps = self.caps(plan, &params, &lessons, &mut explain)?;
        let (mut rows, mut accrued, mut held) = (Vec::new(), Tiyn::ZERO, Tiyn::ZERO);
        for ((segment, lessons), cap) in self.segments.iter().zip(&lessons).zip(caps) {
            let row = row(segment, lessons, cap, &params)?;
            explain.row(segment, lessons, &row, &params);
            accrued = accrued.checked_add(row.accrued_tiyn).ok_or(AmountError::Overflow)?;
            held = held.checked_add(row.held_tiyn).ok_or(AmountError::Overflow)?;
            rows.push(row);
        }
        let released = Balanced::settle(plan, accrued, held)?.released();
        explain.released(plan, accrued, held, released);
        Ok(CaseResult {
            parts_tiyn: parts,
            plan_tiyn: plan,
            rows,
            released_tiyn: released,
            rule_version: params.rule_version,
            explain: explain.lines,
        })
    }

    /// Counts the lessons of a segment, and those of its group in the whole month.
    fn lessons(&self, segment: &CaseSegment, off: &Calendar, params: &Params) -> Lessons {
        let closed: BTreeSet<&NaiveDate> = segment.cancelled_official.iter().collect();
        let in_month = off.lesson_days(self.month, &segment.weekdays, params);
        let in_month: Vec<_> = in_month.iter().filter(|day| !closed.contains(day)).collect();
        let inside = in_month.iter().filter(|day| (segment.from..=segment.to).contains(**day));
        Lessons {
            planned: count(inside),
            planned_in_month: count(in_month.iter()),
            present: once(&segment.present),
            excused: once(&segment.excused),
        }
    }

    /// Caps the segments: one alone as the rules say, several by the calendar (rule 31).
    fn caps(
        &self,
        plan: Tiyn,
        params: &Params,
        lessons: &[Lessons],
        explain: &mut Explain,
    ) -> Result<Vec<Tiyn>, AmountError> {
        if let ([only], Basis::Lessons) = (lessons, params.basis) {
            let cap = cap_lessons(plan, only.planned, only.planned_in_month)?;
            explain.cap_by_lessons(plan, only, cap);
            return Ok(vec![cap]);
        }
        let forced = lessons.len() > 1 && params.basis == Basis::Lessons;
        let intervals = self.intervals();
        let days: Vec<u32> = intervals.iter().map(|interval| interval.days).collect();
        let shares = caps_calendar(plan, &days)?;
        explain.caps_by_days(self, plan, &intervals, &shares, forced);
        let mut caps = vec![Tiyn::ZERO; lessons.len()];
        for (interval, share) in intervals.iter().zip(shares) {
            if let Some(cap) = interval.segment.and_then(|at| caps.get_mut(at)) {
                *cap = share;
            }
        }
        Ok(caps)
    }

    /// Cuts the month into the segments and the gaps between them, in order of time.
    fn intervals(&self) -> Vec<Interval> {
        let mut intervals: Vec<Interval> = Vec::new();
        for day in self.month.days() {
            let inside = |segment: &CaseSegment| (segment.from..=segment.to).contains(&day);
            let segment = self.segments.iter().position(inside);
            match intervals.last_mut() {
                Some(last) if last.segment == segment => last.days = last.days.saturating_add(1),
                Some(_) | None => intervals.push(Interval { segment, days: 1 }),
            }
        }
        intervals
    }
}

/// The lessons of a segment.
pub(super) struct Lessons {
    /// d: those of the segment.
    pub(super) planned: u32,
    /// D: those of its group in the whole month.
    pub(super) planned_in_month: u32,
    /// Confirmed visits.
    pub(super) present: u32,
    /// Excused absences.
    pub(super) excused: u32,
}

/// Days of the month in a row that belong together.
pub(super) struct Interval {
    /// Which segment; none for a gap.
    pub(super) segment: Option<usize>,
    /// How many days.
    pub(super) days: u32,
}

fn row(
    segment: &CaseSegment,
    lessons: &Lessons,
    cap: Tiyn,
    params: &Params,
) -> Result<CaseRow, AmountError> {
    let attendance = Attendance {
        confirmed: lessons.present,
        excused: lessons.excused,
        planned: lessons.planned,
    };
    let earned = accrue(params, cap, attendance)?;
    let (accrued, held) = if segment.hold { (Tiyn::ZERO, earned) } else { (earned, Tiyn::ZERO) };
    Ok(CaseRow {
        provider: segment.provider.clone(),
        cap_tiyn: cap,
        planned: lessons.planned,
        present: lessons.present,
        excused_counted: attendance.excused_credit(params.excused_cap_percent)?,
        payable: attendance.payable(params.excused_cap_percent)?,
        accrued_tiyn: accrued,
        held_tiyn: held,
    })
}

fn once(days: &[NaiveDate]) -> u32 {
    count(days.iter().collect::<BTreeSet<_>>().into_iter())
}

/// Counts days of a month: there are never more than fit.
fn count<T>(days: impl Iterator<Item = T>) -> u32 {
    u32::try_from(days.count()).unwrap_or(u32::MAX)
}
