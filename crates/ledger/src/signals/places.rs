//! Signals about somebody at two places: a child or a card, a teacher's device.
//!
//! A provider is taken for a place: no address is in the district's file. Two lessons of one provider
//! are at one place, unless the devices said where they were and said otherwise.

use std::collections::BTreeMap;

use attendance::{ChildId, DeviceId, EventKind};
use seal::Hash;

use super::facts::{Facts, Scan};
use super::row::{Found, SignalRow};
use super::when::more_than;
use crate::snapshot::Lesson;
use crate::visit::LoggedEvent;

const MINUTE_MS: u64 = 60_000;

/// A child, or a card, at two places closer in time than travel allows.
pub(super) fn two_places(facts: &Facts<'_>) -> Found {
    let mut children: BTreeMap<ChildId, Vec<&Scan<'_>>> = BTreeMap::new();
    let mut cards: BTreeMap<Hash, Vec<&Scan<'_>>> = BTreeMap::new();
    for scan in facts.scans.iter().filter(|scan| !scan.withdrawn) {
        if let Some(child) = scan.child() {
            children.entry(child).or_default().push(scan);
        }
        if let Some(card) = scan.logged.event.card {
            cards.entry(card).or_default().push(scan);
        }
    }
    let mut found = Found::default();
    for scans in children.into_values() {
        found.rows.extend(pairs(facts, scans, |_, _| true));
        found.look(None);
    }
    for scans in cards.into_values() {
        // Pairs of one child were seen above.
        found.rows.extend(pairs(facts, scans, |one, next| one.child() != next.child()));
    }
    found
}

fn pairs(
    facts: &Facts<'_>,
    mut scans: Vec<&Scan<'_>>,
    which: impl Fn(&Scan<'_>, &Scan<'_>) -> bool,
) -> Vec<SignalRow> {
    scans.sort_by_key(|scan| (scan.logged.event.wall_ms, scan.logged.hash));
    let of = |pair: &[&Scan<'_>]| match pair {
        [one, next] if which(one, next) && are_apart(one, next) => too_soon(facts, one, next),
        _ => None,
    };
    scans.windows(2).filter_map(of).collect()
}

fn are_apart(one: &Scan<'_>, next: &Scan<'_>) -> bool {
    let places = one.logged.event.place.zip(next.logged.event.place);
    one.lesson.provider != next.lesson.provider || places.is_some_and(|(one, next)| one != next)
}

fn too_soon(facts: &Facts<'_>, one: &Scan<'_>, next: &Scan<'_>) -> Option<SignalRow> {
    let apart_ms = next.logged.event.wall_ms.abs_diff(one.logged.event.wall_ms);
    let travel_ms = u64::from(facts.thresholds().travel_min).saturating_mul(MINUTE_MS);
    let overlap = overlap_min(&one.lesson, &next.lesson) > 0;
    let note = match (apart_ms < travel_ms, overlap) {
        (false, false) => return None,
        (true, false) => "minutes between the two scans",
        (_, true) => "minutes between the two scans; the lessons overlap",
    };
    let minutes = usize::try_from(apart_ms / MINUTE_MS).unwrap_or(usize::MAX);
    let row =
        SignalRow { child: next.child(), note: Some(note), ..SignalRow::of_lesson(&next.lesson) };
    Some(row.counting(minutes, None).behind([one.logged, next.logged]))
}

/// For how many minutes two lessons are held at once; begun ones count.
fn overlap_min(one: &Lesson, next: &Lesson) -> u64 {
    let begin = one.start_ms.max(next.start_ms);
    let end = one.end_ms.min(next.end_ms);
    let common = u64::try_from(end.saturating_sub(begin)).unwrap_or(0);
    common.div_ceil(MINUTE_MS)
}

/// One teacher's device in lessons of two groups at once.
pub(super) fn two_rooms(facts: &Facts<'_>) -> Found {
    let mut devices: BTreeMap<DeviceId, Taught<'_>> = BTreeMap::new();
    for (logged, lesson) in facts.of_lessons() {
        if matches!(logged.event.kind, EventKind::LessonOpen | EventKind::In) {
            let lessons = devices.entry(logged.event.device).or_default();
            let key = (lesson.start_ms, lesson.group.0);
            lessons.entry(key).or_insert((lesson, Vec::new())).1.push(logged);
        }
    }
    let max = facts.thresholds().rooms_overlap_max_min;
    let mut found = Found::default();
    for (device, lessons) in devices {
        let lessons: Vec<&(Lesson, Vec<&LoggedEvent>)> = lessons.values().collect();
        for (at, (lesson, events)) in lessons.iter().enumerate() {
            let later = lessons.iter().skip(at.saturating_add(1));
            let meanwhile = later.take_while(|(other, _)| other.start_ms < lesson.end_ms);
            for (other, theirs) in meanwhile.filter(|(other, _)| other.group != lesson.group) {
                let minutes = usize::try_from(overlap_min(lesson, other)).unwrap_or(usize::MAX);
                let row = SignalRow { device: Some(device), ..SignalRow::of_lesson(other) };
                let behind = events.iter().chain(theirs).copied();
                let passed = more_than(minutes, max);
                found.rows.extend(passed.then(|| row.counting(minutes, None).behind(behind)));
            }
            found.look(None);
        }
    }
    found
}

/// The lessons that a device recorded something in, in order of time.
type Taught<'a> = BTreeMap<(i64, [u8; 8]), (Lesson, Vec<&'a LoggedEvent>)>;
