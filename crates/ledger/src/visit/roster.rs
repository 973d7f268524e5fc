//! Who may attend which lesson of the month, and who may say so.

use std::collections::BTreeMap;

use attendance::{Arrival, Event, EventKind, GroupId, LessonWindow, Method, Role, VoucherId};

use crate::calendar::Month;
use crate::params::Params;
use crate::snapshot::{Contract, Lesson, Snapshot};
use crate::visit::absence::{is_late, may_excuse};
use crate::visit::correction::Corrections;
use crate::visit::plan::Plan;
use crate::visit::{Absence, AsideReason, LoggedEvent, Standing, Visit};

/// Who may attend which lesson of the month.
pub(super) struct Roster<'a> {
    snapshot: &'a Snapshot,
    rules: BTreeMap<GroupId, &'a Params>,
    plan: &'a Plan,
    contracts: BTreeMap<VoucherId, &'a Contract>,
}

impl<'a> Roster<'a> {
    pub(super) fn of(snapshot: &'a Snapshot, plan: &'a Plan, month: Month) -> Self {
        let contracts = snapshot.contracts.iter().map(|contract| (contract.voucher, contract));
        let rules = snapshot.groups.iter();
        let rules = rules.filter_map(|group| Some((group.id, snapshot.rules_for(month, group)?)));
        Self { snapshot, rules: rules.collect(), plan, contracts: contracts.collect() }
    }

    /// Reads a visit out of an event; nothing if it speaks of something else or another month.
    pub(super) fn scan(
        &self,
        logged: &LoggedEvent,
        corrections: &Corrections,
    ) -> Option<Result<Visit, AsideReason>> {
        let event = corrections.read(logged);
        if event.kind != EventKind::In {
            return None;
        }
        let slot = self.plan.slot(event.lesson?)?;
        let restated = corrections.find(logged.hash).and_then(|corrected| corrected.restated);
        let visit = self.accept(logged, event, &slot.lesson, slot.refusal());
        Some(visit.map(|visit| Visit { restated, ..visit }))
    }

    /// Reads an absence out of an event; nothing if it speaks of another month.
    pub(super) fn absence(
        &self,
        logged: &LoggedEvent,
        corrections: &Corrections,
    ) -> Option<Result<Absence, AsideReason>> {
        let event = corrections.read(logged);
        let slot = self.plan.slot(event.lesson?)?;
        let by = corrections.find(logged.hash).map_or(&[][..], |corrected| &corrected.by);
        let leaves = core::iter::once(logged.index).chain(by.iter().copied()).collect();
        Some(self.excuse(logged, event, &slot.lesson, slot.refusal(), leaves))
    }

    fn excuse(
        &self,
        logged: &LoggedEvent,
        event: &Event,
        lesson: &Lesson,
        refusal: Option<AsideReason>,
        leaves: Vec<u64>,
    ) -> Result<Absence, AsideReason> {
        if event.provider.is_some_and(|named| named != lesson.provider) {
            return Err(AsideReason::ForeignProvider);
        }
        let contract = self.contract(event, lesson).ok_or(AsideReason::Guest)?;
        if !may_excuse(logged, contract.child, lesson.provider) {
            return Err(AsideReason::MayNotExcuse);
        }
        if let Some(reason) = refusal {
            return Err(reason);
        }
        let excuse = Absence::excuse(event)?;
        let (day, calendar) = (lesson.day, &self.snapshot.calendar);
        let rules = self.rules.get(&lesson.group).ok_or(AsideReason::Guest)?;
        Ok(Absence {
            voucher: contract.voucher,
            child: contract.child,
            lesson: lesson.id,
            day,
            excuse,
            event: logged.hash,
            leaves,
            device: event.device,
            late: is_late(excuse, day, event.wall_ms, calendar, rules),
        })
    }

    fn accept(
        &self,
        logged: &LoggedEvent,
        event: &Event,
        lesson: &Lesson,
        refusal: Option<AsideReason>,
    ) -> Result<Visit, AsideReason> {
        if logged.role != Role::Teacher {
            return Err(AsideReason::NotATeacher);
        }
        if logged.provider != Some(lesson.provider)
            || event.provider.is_some_and(|named| named != lesson.provider)
        {
            return Err(AsideReason::ForeignProvider);
        }
        if let Some(reason) = refusal {
            return Err(reason);
        }
        let contract = self.contract(event, lesson).ok_or(AsideReason::Guest)?;
        let method = event.method.ok_or(AsideReason::NoGround)?;
        if method == Method::Manual && event.reason.is_none() {
            return Err(AsideReason::NoGround);
        }
        let (start_ms, end_ms) = (lesson.start_ms, lesson.end_ms);
        let rules = self.rules.get(&lesson.group).ok_or(AsideReason::Guest)?;
        let window = LessonWindow { start_ms, end_ms, params: rules.window() };
        let arrival = window.arrival(event.wall_ms);
        let outside_window = arrival == Arrival::Outside;
        Ok(Visit {
            voucher: contract.voucher,
            child: contract.child,
            lesson: lesson.id,
            group: lesson.group,
            provider: lesson.provider,
            day: lesson.day,
            start_ms,
            end_ms,
            event: logged.hash,
            index: logged.index,
            device: event.device,
            method,
            arrival_ms: event.wall_ms,
            late: arrival == Arrival::Late || (outside_window && event.wall_ms > end_ms),
            outside_window,
            standing: Standing::Awaiting,
            late_answer: false,
            decide_until: None,
            decision: None,
            conflict: false,
            restated: None,
        })
    }

    /// The contract under which the event's child takes part in the lesson.
    fn contract(&self, event: &Event, lesson: &Lesson) -> Option<&'a Contract> {
        let contract = event.voucher.and_then(|voucher| self.contracts.get(&voucher).copied())?;
        let takes_part =
            event.child == Some(contract.child) && contract.is_in(lesson.group, lesson.day);
        takes_part.then_some(contract)
    }
}
