//! Spot checks, drawn again (R9, 49): which lessons a device was to ask a headcount for, and what came.
//!
//! The opening of a lesson carries the root of the log that its device held
//! ([`Event::evidence`](attendance::Event::evidence)). Whoever has the log finds the tree of that root,
//! and draws the same lot. What an opening does not say cannot be drawn: one of an older device, or of
//! one that had never seen the log.
//!
//! Absent on purpose: how old a root may be. A tablet may be without a network for days. That it uses an
//! older root than it used before is a signal, and so is one that is in no tree of this log.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{DeviceId, EventKind, GroupId, LessonId, ProviderId, Role, is_drawn};
use chrono::NaiveDate;
use seal::Hash;

use super::facts::{Facts, takes_back};
use super::row::{Behind, Found, SignalRow};
use super::when::{more_than, was_in_touch};
use crate::snapshot::Lesson;
use crate::visit::LoggedEvent;

/// A headcount, and the marks that stood when it was made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Counted {
    /// How many heads the teacher counted.
    pub heads: u16,
    /// How many children were marked and had not left, by all devices of the lesson.
    pub marks: u16,
    /// The headcount's event.
    pub event: Behind,
}

impl Counted {
    /// By how many children they differ.
    #[must_use]
    pub fn difference(&self) -> u16 {
        self.heads.abs_diff(self.marks)
    }
}

/// A lesson that was drawn.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SpotCheck {
    /// The lesson.
    pub lesson: LessonId,
    /// Its group.
    pub group: GroupId,
    /// Whose.
    pub provider: ProviderId,
    /// Its day.
    pub day: NaiveDate,
    /// The device whose opening was drawn.
    pub device: DeviceId,
    /// That opening.
    pub opened: Behind,
    /// The size of the tree whose root drew it.
    pub size: u64,
    /// The newest headcount of the lesson; nothing if nobody counted.
    pub counted: Option<Counted>,
}

/// The spot checks of a month.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SpotChecks {
    /// Openings of lessons, the first one of each device.
    pub openings: u64,
    /// Those that name a root of this log: only these can be drawn again.
    pub with_root: u64,
    /// The lessons that were drawn, in order of time.
    pub drawn: Vec<SpotCheck>,
}

/// What an opening says of its root.
enum Root {
    /// It names none.
    Untold,
    /// No tree of this log has it, or only one that holds the opening already.
    Foreign,
    /// The tree of this size has it.
    Of(u64, Hash),
}

/// The first opening of a lesson by a device.
struct Opening<'a> {
    logged: &'a LoggedEvent,
    lesson: Lesson,
    root: Root,
}

/// The openings of the month, in the order of each device's chain.
fn openings<'a>(facts: &Facts<'a>) -> Vec<Opening<'a>> {
    let mut first: BTreeMap<(DeviceId, LessonId), (&LoggedEvent, Lesson)> = BTreeMap::new();
    for (logged, lesson) in facts.of_lessons() {
        if logged.event.kind == EventKind::LessonOpen && logged.role == Role::Teacher {
            let known = first.entry((logged.event.device, lesson.id)).or_insert((logged, lesson));
            if logged.event.seq < known.0.event.seq {
                *known = (logged, lesson);
            }
        }
    }
    let of = |(logged, lesson): (&'a LoggedEvent, Lesson)| {
        let root = match logged.event.evidence {
            None => Root::Untold,
            Some(root) => match facts.evidence.roots.get(&root) {
                Some(size) if *size <= logged.index => Root::Of(*size, root),
                Some(_) | None => Root::Foreign,
            },
        };
        Opening { logged, lesson, root }
    };
    let mut openings: Vec<Opening<'a>> = first.into_values().map(of).collect();
    openings.sort_by_key(|one| (one.logged.event.device, one.logged.event.seq));
    openings
}

/// Draws the month's spot checks again.
pub(super) fn spot_checks(facts: &Facts<'_>) -> SpotChecks {
    let mut checks = SpotChecks::default();
    for Opening { logged, lesson, root } in openings(facts) {
        checks.openings = checks.openings.saturating_add(1);
        let Root::Of(size, root) = root else { continue };
        checks.with_root = checks.with_root.saturating_add(1);
        // An opening names the planned lesson, wherever it was moved.
        let named = logged.event.lesson.unwrap_or(lesson.id);
        if is_drawn(named, root, facts.of_group(lesson.group).spot_check_per_mille) {
            checks.drawn.push(SpotCheck {
                lesson: lesson.id,
                group: lesson.group,
                provider: lesson.provider,
                day: lesson.day,
                device: logged.event.device,
                opened: Behind { leaf: Some(logged.index), event: logged.hash },
                size,
                counted: newest_count(facts, &lesson),
            });
        }
    }
    checks.drawn.sort_by_key(|one| (one.day, one.lesson, one.device));
    checks
}

/// The newest headcount of a lesson, by its claimed time.
fn newest_count(facts: &Facts<'_>, lesson: &Lesson) -> Option<Counted> {
    let counts = facts.of_lesson(lesson.id).iter().filter(|logged| is_headcount(logged));
    let newest = counts
        .max_by_key(|logged| (logged.event.wall_ms, logged.event.device, logged.event.seq))?;
    Some(Counted {
        heads: newest.event.headcount?,
        marks: marks_by(facts, lesson, newest),
        event: Behind { leaf: Some(newest.index), event: newest.hash },
    })
}

fn is_headcount(logged: &LoggedEvent) -> bool {
    logged.event.kind == EventKind::Headcount && logged.role == Role::Teacher
}

/// Says whether something was before a headcount: in one chain by its place, else by the claimed times.
fn is_before(one: &LoggedEvent, count: &LoggedEvent) -> bool {
    if one.event.device == count.event.device {
        return one.event.seq < count.event.seq;
    }
    one.event.wall_ms <= count.event.wall_ms
}

/// How many children were marked by then, and had not left.
fn marks_by(facts: &Facts<'_>, lesson: &Lesson, count: &LoggedEvent) -> u16 {
    let mut there = BTreeSet::new();
    let events = facts.of_lesson(lesson.id).iter().filter(|logged| is_before(logged, count));
    let mut events: Vec<_> = events.filter(|logged| logged.role == Role::Teacher).collect();
    events.sort_by_key(|one| (one.event.wall_ms, one.event.device, one.event.seq));
    for logged in events {
        let mut voids = facts.voids_of(logged.hash).iter();
        let stands = !voids.any(|void| takes_back(void, logged) && is_before(void, count));
        if stands && logged.event.kind == EventKind::In {
            there.extend(logged.event.child);
        } else if stands && logged.event.kind == EventKind::Out {
            there.retain(|child| Some(*child) != logged.event.child);
        }
    }
    u16::try_from(there.len()).unwrap_or(u16::MAX)
}

/// Headcounts that differ from the marks, drawn lessons or not.
pub(super) fn headcount_mismatch(facts: &Facts<'_>) -> Found {
    let mut lessons: BTreeMap<_, Lesson> = BTreeMap::new();
    for (logged, lesson) in facts.of_lessons() {
        if is_headcount(logged) {
            lessons.insert((lesson.start_ms, lesson.id), lesson);
        }
    }
    let mut found = Found::default();
    for lesson in lessons.into_values() {
        let counted = newest_count(facts, &lesson);
        let max = facts.of_group(lesson.group).headcount_mismatch_max;
        let row = counted.filter(|one| more_than(usize::from(one.difference()), max));
        found.look(row.map(|one| {
            let more = if one.heads > one.marks {
                "more heads than marks"
            } else {
                "fewer heads than marks"
            };
            let row = SignalRow {
                note: Some(more),
                behind: vec![one.event],
                ..SignalRow::of_lesson(&lesson)
            };
            row.counting(usize::from(one.difference()), Some(usize::from(one.marks)))
        }));
    }
    found
}

/// Drawn lessons without a headcount.
pub(super) fn spot_check_missing(facts: &Facts<'_>) -> Found {
    let mut found = Found::default();
    for one in spot_checks(facts).drawn {
        found.look(one.counted.is_none().then(|| SignalRow {
            provider: Some(one.provider),
            group: Some(one.group),
            day: Some(one.day),
            lesson: Some(one.lesson),
            device: Some(one.device),
            behind: vec![one.opened],
            counted: 1,
            ..SignalRow::default()
        }));
    }
    found
}

/// Openings by which no lot can be drawn though one should be: without a root on a device that has a
/// signed time in its chain, with a root that is not this log's, or with one older than before.
pub(super) fn spot_check_root(facts: &Facts<'_>) -> Found {
    let mut newest: BTreeMap<DeviceId, u64> = BTreeMap::new();
    let mut found = Found::default();
    for Opening { logged, lesson, root } in openings(facts) {
        let device = logged.event.device;
        let before = newest.get(&device).copied().unwrap_or_default();
        let note = match root {
            Root::Untold if was_in_touch(facts, logged) => {
                Some("no root, though the device had met the server")
            }
            Root::Untold => None,
            Root::Foreign => Some("a root that no tree of this log had by then"),
            Root::Of(size, _) if size < before => Some("an older root than for a lesson before"),
            Root::Of(size, _) => {
                newest.insert(device, size);
                None
            }
        };
        found.look(note.map(|note| {
            let row = SignalRow {
                device: Some(device),
                note: Some(note),
                ..SignalRow::of_lesson(&lesson)
            };
            row.counting(1, None).behind([logged])
        }));
    }
    found
}
