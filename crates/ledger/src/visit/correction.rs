//! Corrections of visits and absences: what an event means after the later ones that name it.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{Event, EventKind};
use seal::Hash;

use crate::visit::plan::Plan;
use crate::visit::{Aside, AsideReason, LoggedEvent};

/// An event after its corrections.
pub(super) struct Corrected {
    /// What it says now.
    pub(super) event: Event,
    /// The newest correction that made it speak of another child or lesson: what was confirmed before
    /// was something else.
    pub(super) restated: Option<u64>,
    /// The corrections, ascending.
    pub(super) by: Vec<u64>,
}

/// The corrected events of a month, by hash.
#[derive(Default)]
pub(super) struct Corrections(BTreeMap<Hash, Corrected>);

impl Corrections {
    /// Applies the corrections in the order of the log, each to what the one before left.
    pub(super) fn of(events: &[&LoggedEvent], plan: &Plan, aside: &mut Vec<Aside>) -> Self {
        let is_correction = |logged: &&&LoggedEvent| {
            logged.event.kind == EventKind::Correct && logged.event.about.is_some()
        };
        let named: BTreeSet<Hash> =
            events.iter().filter(is_correction).filter_map(|one| one.event.about).collect();
        let mut targets: BTreeMap<Hash, &LoggedEvent> = BTreeMap::new();
        for logged in events.iter().filter(|logged| named.contains(&logged.hash)) {
            targets.entry(logged.hash).or_insert(logged);
        }
        let mut corrections = Self::default();
        for correction in events.iter().filter(is_correction) {
            let target = correction.event.about.and_then(|about| targets.get(&about));
            if let Some(target) = target.filter(|target| is_of_month(&target.event, plan))
                && let Err(reason) = corrections.apply(target, correction, plan)
            {
                aside.push(Aside { index: correction.index, reason });
            }
        }
        corrections
    }

    /// Gives an event as it is to be understood.
    pub(super) fn read<'a>(&'a self, logged: &'a LoggedEvent) -> &'a Event {
        self.0.get(&logged.hash).map_or(&logged.event, |corrected| &corrected.event)
    }

    pub(super) fn find(&self, hash: Hash) -> Option<&Corrected> {
        self.0.get(&hash)
    }

    /// Gives the corrections of each event.
    pub(super) fn leaves(self) -> BTreeMap<Hash, Vec<u64>> {
        self.0.into_iter().map(|(hash, corrected)| (hash, corrected.by)).collect()
    }

    fn apply(
        &mut self,
        target: &LoggedEvent,
        correction: &LoggedEvent,
        plan: &Plan,
    ) -> Result<(), AsideReason> {
        if !may_undo(correction, target) {
            return Err(AsideReason::NotTheRecorder);
        }
        let before = self.read(target);
        let after = before
            .corrected_by(target.hash, &correction.event)
            .map_err(|_| AsideReason::CorrectsNothing)?;
        if !is_of_month(&after, plan) {
            return Err(AsideReason::OtherMonth);
        }
        let place = |event: &Event| (event.child, event.voucher, event.lesson, event.provider);
        let moves = place(before) != place(&after);
        let kept = self.0.remove(&target.hash);
        let (restated, mut by) = kept.map_or((None, Vec::new()), |kept| (kept.restated, kept.by));
        by.push(correction.index);
        let restated = if moves { Some(correction.index) } else { restated };
        self.0.insert(target.hash, Corrected { event: after, restated, by });
        Ok(())
    }
}

/// The device that recorded something, and the district with a ground, may correct or withdraw it.
pub(super) fn may_undo(logged: &LoggedEvent, recorded: &LoggedEvent) -> bool {
    logged.event.device == recorded.event.device || logged.decides()
}

/// Says whether a visit or an absence speaks of a lesson of the month.
pub(super) fn is_of_month(event: &Event, plan: &Plan) -> bool {
    matches!(event.kind, EventKind::In | EventKind::Absent)
        && event.lesson.is_some_and(|lesson| plan.slot(lesson).is_some())
}
