//! Signals about how fast and in which order children came.

use std::collections::BTreeMap;

use attendance::{BootId, ChildId, DeviceId, GroupId};

use super::facts::{Facts, Scan};
use super::row::{Found, SignalRow};
use super::when::{at_least, more_than};
use crate::snapshot::Lesson;
use crate::visit::LoggedEvent;

const SECOND_MS: u64 = 1_000;

/// More scans by one device than hands can do, by both of its clocks: one that was set, or that is set by
/// hand, makes no burst.
pub(super) fn scan_burst(facts: &Facts<'_>) -> Found {
    let mut runs: BTreeMap<(DeviceId, BootId), Vec<&Scan<'_>>> = BTreeMap::new();
    for scan in facts.scans.iter().filter(|scan| !scan.is_manual()) {
        let event = &scan.logged.event;
        runs.entry((event.device, event.boot)).or_default().push(scan);
    }
    let thresholds = facts.thresholds();
    let within = u64::from(thresholds.burst_seconds).saturating_mul(SECOND_MS);
    let mut found = Found::default();
    for mut scans in runs.into_values() {
        scans.sort_by_key(|scan| (scan.logged.event.mono_ms, scan.logged.event.seq));
        let mut rest = scans.as_slice();
        while let [first, ..] = rest {
            let near = |scan: &&&Scan<'_>| {
                let (one, other) = (&first.logged.event, &scan.logged.event);
                other.mono_ms.abs_diff(one.mono_ms) <= within
                    && other.wall_ms.abs_diff(one.wall_ms) <= within
            };
            let together = rest.iter().take_while(near).count();
            let (burst, after) = rest.split_at(together);
            let is_burst = more_than(burst.len(), thresholds.burst_scans_max);
            found.look(is_burst.then(|| burst_row(first, burst)));
            rest = if is_burst { after } else { rest.get(1..).unwrap_or_default() };
        }
    }
    found
}

fn burst_row(first: &Scan<'_>, burst: &[&Scan<'_>]) -> SignalRow {
    let row = SignalRow {
        device: Some(first.logged.event.device),
        ..SignalRow::of_lesson(&first.lesson)
    };
    row.counting(burst.len(), None).behind(burst.iter().map(|scan| scan.logged))
}

/// Who came to a lesson, each child once, in the order of the claimed times.
fn arrivals<'a>(scans: &[Scan<'a>]) -> Vec<(ChildId, &'a LoggedEvent)> {
    let mut first: BTreeMap<ChildId, &'a LoggedEvent> = BTreeMap::new();
    for scan in scans.iter().filter(|scan| !scan.withdrawn) {
        let Some(child) = scan.child() else { continue };
        let known = first.entry(child).or_insert(scan.logged);
        if moment(scan.logged) < moment(known) {
            *known = scan.logged;
        }
    }
    let mut order: Vec<_> = first.into_iter().collect();
    order.sort_by_key(|(_, logged)| moment(logged));
    order
}

/// The claimed time; what one device recorded in one millisecond keeps its order.
fn moment(logged: &LoggedEvent) -> (i64, DeviceId, u64) {
    (logged.event.wall_ms, logged.event.device, logged.event.seq)
}

/// How long it took from the first child of a lesson to the last, milliseconds.
fn spread(arrivals: &[(ChildId, &LoggedEvent)]) -> u64 {
    let (Some((_, first)), Some((_, last))) = (arrivals.first(), arrivals.last()) else { return 0 };
    last.event.wall_ms.abs_diff(first.event.wall_ms)
}

/// All scans of a lesson in one burst, unlike the lessons of the group before it.
pub(super) fn lesson_burst(facts: &Facts<'_>, before: Option<&Facts<'_>>) -> Found {
    let mut past: BTreeMap<GroupId, Vec<u64>> = BTreeMap::new();
    let min = |lesson: &Lesson| facts.of_group(lesson.group).lesson_burst_children_min;
    for (lesson, scans) in before.into_iter().flat_map(Facts::by_lesson) {
        let came = arrivals(&scans);
        if at_least(came.len(), min(&lesson)) {
            past.entry(lesson.group).or_default().push(spread(&came));
        }
    }
    let mut found = Found::default();
    for (lesson, scans) in facts.by_lesson() {
        let came = arrivals(&scans);
        if !at_least(came.len(), min(&lesson)) {
            continue;
        }
        let past = past.entry(lesson.group).or_default();
        let (took, thresholds) = (spread(&came), facts.of_group(lesson.group));
        let brief = took <= u64::from(thresholds.lesson_burst_seconds).saturating_mul(SECOND_MS);
        let unlike = at_least(past.len(), thresholds.lesson_burst_past_min)
            && median(past)
                >= took.max(SECOND_MS).saturating_mul(u64::from(thresholds.lesson_burst_times));
        found.look((brief && unlike).then(|| {
            let row = SignalRow::of_lesson(&lesson).counting(came.len(), None);
            row.behind(came.iter().map(|(_, logged)| *logged))
        }));
        past.push(took);
    }
    found
}

fn median(times: &[u64]) -> u64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// Lessons in a row to which the children came in one order.
pub(super) fn same_order(facts: &Facts<'_>) -> Found {
    let mut groups: BTreeMap<GroupId, Vec<Came<'_>>> = BTreeMap::new();
    for (lesson, scans) in facts.by_lesson() {
        if scans.iter().any(|scan| scan.held) {
            groups.entry(lesson.group).or_default().push((lesson, arrivals(&scans)));
        }
    }
    let mut found = Found::default();
    for (group, lessons) in groups {
        let thresholds = facts.of_group(group);
        let mut rest = lessons.as_slice();
        while rest.len() > 1 {
            let alike = rest.windows(2).take_while(|pair| match pair {
                [one, next] => is_one_order(&one.1, &next.1, thresholds.same_order_children_min),
                _ => false,
            });
            let length = alike.count().saturating_add(1);
            let (run, after) = rest.split_at(length);
            let long = at_least(length, thresholds.same_order_lessons);
            found.look(run.last().filter(|_| long).map(|(last, _)| {
                let behind = run.iter().flat_map(|(_, came)| came.iter().map(|(_, one)| *one));
                SignalRow { day: Some(last.day), ..SignalRow::of_group(last) }
                    .counting(length, Some(lessons.len()))
                    .behind(behind)
            }));
            rest = after;
        }
    }
    found
}

/// A lesson, and who came in which order.
type Came<'a> = (Lesson, Vec<(ChildId, &'a LoggedEvent)>);

/// Says whether those who came to both came in one order, and are enough.
fn is_one_order(
    one: &[(ChildId, &LoggedEvent)],
    next: &[(ChildId, &LoggedEvent)],
    min: u32,
) -> bool {
    let common = |of: &[(ChildId, &LoggedEvent)], other: &[(ChildId, &LoggedEvent)]| {
        let in_other = |child: &ChildId| other.iter().any(|(known, _)| known == child);
        of.iter().map(|(child, _)| *child).filter(in_other).collect::<Vec<_>>()
    };
    let (one, next) = (common(one, next), common(next, one));
    at_least(one.len(), min) && one == next
}
