//! A month as the signals see it: its fold, its lessons, and every scan that its teachers' devices
//! recorded, withdrawn and double ones too.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use attendance::{ChildId, EventKind, GroupId, LessonId, Method, Role};
use seal::Hash;

use super::evidence::Evidence;
use super::params::{SignalParams, ThresholdError, with_thresholds};
use crate::calendar::Month;
use crate::params::Params;
use crate::sheet::MonthFold;
use crate::snapshot::{Lesson, Snapshot};
use crate::snapshots::Snapshots;
use crate::visit::plan::{Plan, Slot};
use crate::visit::{FoldError, LoggedEvent};

/// A recorded arrival of a lesson of the month.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan<'a> {
    pub(super) logged: &'a LoggedEvent,
    pub(super) lesson: Lesson,
    /// Taken back by its device or by the district.
    pub(super) withdrawn: bool,
    /// The lesson is held.
    pub(super) held: bool,
}

impl Scan<'_> {
    pub(super) fn is_manual(&self) -> bool {
        self.logged.event.method == Some(Method::Manual)
    }

    pub(super) fn child(&self) -> Option<ChildId> {
        self.logged.event.child
    }
}

/// A month: what it rests on and what was recorded.
pub(super) struct Facts<'a> {
    pub(super) month: Month,
    /// With the contracts as transfers made them.
    pub(super) district: Snapshot,
    pub(super) rules: Params,
    pub(super) fold: MonthFold,
    /// All of the log, in its order.
    pub(super) events: Vec<&'a LoggedEvent>,
    /// By time of the lesson, then as they came.
    pub(super) scans: Vec<Scan<'a>>,
    plan: Plan,
    pub(super) evidence: &'a Evidence,
    by_hash: BTreeMap<Hash, &'a LoggedEvent>,
    by_leaf: BTreeMap<u64, &'a LoggedEvent>,
    of_lesson: BTreeMap<LessonId, Vec<&'a LoggedEvent>>,
    voids: BTreeMap<Hash, Vec<&'a LoggedEvent>>,
    schedule: BTreeMap<GroupId, Vec<Slot>>,
    /// The rules of groups that have narrower ones.
    narrower: BTreeMap<GroupId, Params>,
}

/// Why there are no signals.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SignalError {
    /// The month has no rules.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// A threshold that was to be tried out cannot be so.
    #[error(transparent)]
    Threshold(#[from] ThresholdError),
}

impl<'a> Facts<'a> {
    pub(super) fn of(
        snapshots: &Snapshots,
        events: &'a [LoggedEvent],
        evidence: &'a Evidence,
        month: Month,
        set: &[(String, u32)],
    ) -> Result<Self, SignalError> {
        let closed = snapshots.closed(events, month);
        let rests_on = closed.map_or(snapshots.newest(), |closed| closed.rests_on);
        let snapshot = with_thresholds(&rests_on.snapshot, set)?;
        let end = closed.map_or(u64::MAX, |closed| closed.leaf.saturating_add(1));
        let fold = match closed {
            Some(_) => MonthFold::of_prefix(&snapshot, events, month, end)?,
            None => MonthFold::of(&snapshot, events, month)?,
        };
        let mut all: Vec<&LoggedEvent> = events.iter().collect();
        all.sort_by_key(|logged| logged.index);
        let counted = all.partition_point(|logged| logged.index < end);
        let counted = all.get(..counted).unwrap_or_default();
        let rules = snapshot.rules(month).ok_or(FoldError::NoRules { month })?.clone();
        let plan = Plan::of(&snapshot, &rules, counted, month, &mut Vec::new());
        let district = match snapshot.moved(counted).snapshot {
            Cow::Owned(moved) => moved,
            Cow::Borrowed(_) => snapshot,
        };
        let voids = voids(&all);
        let scans = scans(&all, &plan, &voids);
        let mut of_lesson: BTreeMap<LessonId, Vec<&LoggedEvent>> = BTreeMap::new();
        for logged in &all {
            if let Some(slot) = logged.event.lesson.and_then(|id| plan.slot(id)) {
                of_lesson.entry(slot.lesson.id).or_default().push(logged);
            }
        }
        let groups = district.groups.iter().filter_map(|group| {
            let of_group = district.rules_for(month, group).filter(|found| **found != rules)?;
            Some((group.id, of_group.clone()))
        });
        Ok(Self {
            month,
            narrower: groups.collect(),
            district,
            rules,
            fold,
            scans,
            schedule: plan.by_group(),
            plan,
            evidence,
            by_hash: all.iter().map(|logged| (logged.hash, *logged)).collect(),
            of_lesson,
            voids,
            by_leaf: all.iter().map(|logged| (logged.index, *logged)).collect(),
            events: all,
        })
    }

    /// The rules of a group.
    pub(super) fn rules_of(&self, group: GroupId) -> &Params {
        self.narrower.get(&group).unwrap_or(&self.rules)
    }

    /// The thresholds of a group.
    pub(super) fn of_group(&self, group: GroupId) -> &SignalParams {
        &self.rules_of(group).signals
    }

    /// How many children a group has place for: its own number, or that of the rules.
    pub(super) fn capacity(&self, group: GroupId) -> u32 {
        let own = self.district.group(group).and_then(|group| group.capacity);
        own.unwrap_or(self.of_group(group).group_capacity)
    }

    /// The district's thresholds.
    pub(super) fn thresholds(&self) -> &SignalParams {
        &self.rules.signals
    }

    /// Finds a lesson of the month, as it is held.
    pub(super) fn lesson(&self, id: LessonId) -> Option<Lesson> {
        self.plan.slot(id).map(|slot| slot.lesson)
    }

    pub(super) fn event(&self, hash: Hash) -> Option<&'a LoggedEvent> {
        self.by_hash.get(&hash).copied()
    }

    pub(super) fn leaf(&self, index: u64) -> Option<&'a LoggedEvent> {
        self.by_leaf.get(&index).copied()
    }

    /// The lessons of each group, in order of time.
    pub(super) fn schedule(&self) -> &BTreeMap<GroupId, Vec<Slot>> {
        &self.schedule
    }

    /// The events of the month's lessons, of any kind, by lesson in the order of the log.
    pub(super) fn of_lessons(&self) -> impl Iterator<Item = (&'a LoggedEvent, Lesson)> {
        let known = self.of_lesson.iter().filter_map(|(id, all)| Some((self.lesson(*id)?, all)));
        known.flat_map(|(lesson, all)| all.iter().map(move |logged| (*logged, lesson)))
    }

    /// The events of one lesson, in the order of the log.
    pub(super) fn of_lesson(&self, id: LessonId) -> &[&'a LoggedEvent] {
        self.of_lesson.get(&id).map_or(&[], Vec::as_slice)
    }

    /// What takes an event back, whether it may or not.
    pub(super) fn voids_of(&self, event: Hash) -> &[&'a LoggedEvent] {
        self.voids.get(&event).map_or(&[], Vec::as_slice)
    }

    /// Scans that stand, by group.
    pub(super) fn by_group(&self) -> BTreeMap<GroupId, Vec<Scan<'a>>> {
        let mut groups: BTreeMap<GroupId, Vec<Scan<'a>>> = BTreeMap::new();
        for scan in self.scans.iter().filter(|scan| !scan.withdrawn) {
            groups.entry(scan.lesson.group).or_default().push(*scan);
        }
        groups
    }

    /// Scans, by lesson in order of time; withdrawn ones too.
    pub(super) fn by_lesson(&self) -> Vec<(Lesson, Vec<Scan<'a>>)> {
        let mut lessons: BTreeMap<(i64, LessonId), (Lesson, Vec<Scan<'a>>)> = BTreeMap::new();
        for scan in &self.scans {
            let key = (scan.lesson.start_ms, scan.lesson.id);
            lessons.entry(key).or_insert((scan.lesson, Vec::new())).1.push(*scan);
        }
        lessons.into_values().collect()
    }
}

fn voids<'a>(events: &[&'a LoggedEvent]) -> BTreeMap<Hash, Vec<&'a LoggedEvent>> {
    let mut of: BTreeMap<Hash, Vec<&LoggedEvent>> = BTreeMap::new();
    for void in events.iter().filter(|one| one.event.kind == EventKind::Void) {
        of.entry(void.event.about.unwrap_or_default()).or_default().push(void);
    }
    of
}

fn scans<'a>(
    events: &[&'a LoggedEvent],
    plan: &Plan,
    voids: &BTreeMap<Hash, Vec<&LoggedEvent>>,
) -> Vec<Scan<'a>> {
    let mut seen = BTreeSet::new();
    let mut scans: Vec<Scan<'a>> = events
        .iter()
        .filter(|one| one.event.kind == EventKind::In && one.role == Role::Teacher)
        .filter(|one| seen.insert(one.hash))
        .filter_map(|logged| {
            let slot = plan.slot(logged.event.lesson?)?;
            let taken_back = |void: &&LoggedEvent| takes_back(void, logged);
            let withdrawn = voids.get(&logged.hash).is_some_and(|all| all.iter().any(taken_back));
            let held = slot.refusal().is_none();
            Some(Scan { logged, lesson: slot.lesson, withdrawn, held })
        })
        .collect();
    scans.sort_by_key(|scan| (scan.lesson.start_ms, scan.lesson.id, scan.logged.index));
    scans
}

/// A device takes back what it recorded, and the district with a ground anything.
pub(super) fn takes_back(void: &LoggedEvent, recorded: &LoggedEvent) -> bool {
    let by_district = void.decides() && void.event.finding.is_some();
    void.event.device == recorded.event.device || by_district
}
