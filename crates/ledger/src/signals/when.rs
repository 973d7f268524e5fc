//! Signals about when something was recorded and when it came.

use std::collections::BTreeMap;

use attendance::{Bound, DeviceId, EventKind, LessonWindow, Placement};

use super::facts::{Facts, Scan};
use super::row::{Found, SignalRow, exceeds};
use crate::calendar::{local_day, local_ms};
use crate::snapshot::Lesson;
use crate::visit::LoggedEvent;

const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;
const FROM_THE_LOG: &str =
    "when events came is known from signed times in the log only: there may be more";

fn hours_ms(hours: u32) -> i64 {
    i64::from(hours).saturating_mul(HOUR_MS)
}

/// A share of each group's scans that is so.
fn share(
    facts: &Facts<'_>,
    is_so: impl Fn(&Scan<'_>) -> bool,
    max_percent: impl Fn(&super::SignalParams) -> u32,
) -> Found {
    let mut found = Found::default();
    for (group, scans) in facts.by_group() {
        let thresholds = facts.of_group(group);
        let so: Vec<&LoggedEvent> =
            scans.iter().filter(|scan| is_so(scan)).map(|scan| scan.logged).collect();
        let enough = at_least(scans.len(), thresholds.share_visits_min);
        let row = scans.first().filter(|_| enough);
        let row = row.filter(|_| exceeds(so.len(), scans.len(), max_percent(thresholds)));
        found.look(row.map(|scan| {
            let row = SignalRow::of_group(&scan.lesson).counting(so.len(), Some(scans.len()));
            row.behind(so.iter().copied())
        }));
    }
    found
}

pub(super) fn at_least(count: usize, min: u32) -> bool {
    u64::try_from(count).unwrap_or(u64::MAX) >= u64::from(min)
}

pub(super) fn more_than(count: usize, max: u32) -> bool {
    u64::try_from(count).unwrap_or(u64::MAX) > u64::from(max)
}

/// Scans that came later than the deadline after their lesson.
pub(super) fn late_share(facts: &Facts<'_>) -> Found {
    let late = |scan: &Scan<'_>| {
        let within = hours_ms(facts.of_group(scan.lesson.group).sync_deadline_h);
        let until = scan.lesson.end_ms.saturating_add(within);
        facts.evidence.came_ms(scan.logged.index).is_some_and(|came| came > until)
    };
    let found = share(facts, late, |thresholds| thresholds.late_share_max_percent);
    Found { missing: from_the_log(facts), ..found }
}

fn from_the_log(facts: &Facts<'_>) -> Option<&'static str> {
    facts.evidence.server.is_none().then_some(FROM_THE_LOG)
}

/// Scans that were made on a later day than the lesson's, by their claimed time or by proof.
pub(super) fn previous_day_share(facts: &Facts<'_>) -> Found {
    let after = |scan: &Scan<'_>| {
        let claimed = local_day(scan.logged.event.wall_ms).is_some_and(|day| day > scan.lesson.day);
        let proven = facts.evidence.times.get(&scan.logged.hash);
        let lower = proven.and_then(|time| time.lower.at_ms()).and_then(local_day);
        claimed || lower.is_some_and(|day| day > scan.lesson.day)
    };
    share(facts, after, |thresholds| thresholds.previous_day_share_max_percent)
}

/// Openings, scans and headcounts outside of a lesson's hours.
pub(super) fn outside_hours(facts: &Facts<'_>) -> Found {
    let mut lessons: BTreeMap<_, (Lesson, Vec<&LoggedEvent>)> = BTreeMap::new();
    for (logged, lesson) in facts.of_lessons() {
        if matches!(logged.event.kind, EventKind::LessonOpen | EventKind::In | EventKind::Headcount)
        {
            let key = (lesson.start_ms, lesson.id);
            lessons.entry(key).or_insert((lesson, Vec::new())).1.push(logged);
        }
    }
    let mut found = Found::default();
    for (lesson, events) in lessons.into_values() {
        let outside: Vec<&LoggedEvent> =
            events.iter().copied().filter(|one| is_outside(facts, one, &lesson)).collect();
        let max = facts.of_group(lesson.group).outside_events_max;
        let row = more_than(outside.len(), max).then(|| SignalRow::of_lesson(&lesson));
        found.look(row.map(|row| {
            let row = row.counting(outside.len(), Some(events.len()));
            row.behind(outside.iter().copied())
        }));
    }
    found
}

fn is_outside(facts: &Facts<'_>, logged: &LoggedEvent, lesson: &Lesson) -> bool {
    let params = facts.rules_of(lesson.group).window();
    let window = LessonWindow { start_ms: lesson.start_ms, end_ms: lesson.end_ms, params };
    let hours = if logged.event.kind == EventKind::In {
        window.scan_window()
    } else {
        window.opens_at_ms()..=window.closes_at_ms()
    };
    let proven = facts.evidence.times.get(&logged.hash);
    !hours.contains(&logged.event.wall_ms)
        || proven.is_some_and(|time| time.placement(&hours) == Placement::Outside)
}

/// Events of one device that came together, in the log's order.
struct Upload<'a> {
    came_ms: i64,
    events: Vec<&'a LoggedEvent>,
}

fn uploads<'a>(facts: &Facts<'a>) -> BTreeMap<DeviceId, Vec<Upload<'a>>> {
    let within = i64::from(facts.thresholds().bulk_within_min).saturating_mul(MINUTE_MS);
    let mut devices: BTreeMap<DeviceId, Vec<Upload<'a>>> = BTreeMap::new();
    for logged in &facts.events {
        let Some(came_ms) = facts.evidence.came_ms(logged.index) else { continue };
        let uploads = devices.entry(logged.event.device).or_default();
        match uploads.last_mut() {
            Some(last) if came_ms.saturating_sub(last.came_ms) <= within => {
                last.came_ms = came_ms;
                last.events.push(logged);
            }
            _ => uploads.push(Upload { came_ms, events: vec![logged] }),
        }
    }
    devices
}

/// A device that kept much for long, and then brought it all.
pub(super) fn bulk_after_silence(facts: &Facts<'_>) -> Found {
    let thresholds = facts.thresholds();
    let mut found = Found { missing: from_the_log(facts), ..Found::default() };
    for (device, uploads) in uploads(facts) {
        for upload in uploads {
            let of_month =
                |one: &&LoggedEvent| one.event.lesson.and_then(|id| facts.lesson(id)).is_some();
            if !upload.events.iter().any(of_month) {
                continue;
            }
            let first = upload.events.first().map_or(upload.came_ms, |one| made_ms(facts, one));
            let silent = upload.came_ms.saturating_sub(first) > hours_ms(thresholds.silent_h);
            let bulk = at_least(upload.events.len(), thresholds.bulk_events_min);
            found.look((silent && bulk).then(|| {
                let day = local_day(upload.came_ms);
                let row = SignalRow { device: Some(device), day, ..SignalRow::default() };
                let row = row.counting(upload.events.len(), None);
                row.behind(upload.events.iter().copied())
            }));
        }
    }
    found
}

/// When an event was made: the claimed time, or the proven one if that is later. A tablet whose clock
/// says 1970 has not been silent since then.
fn made_ms(facts: &Facts<'_>, logged: &LoggedEvent) -> i64 {
    let time = facts.evidence.times.get(&logged.hash);
    let proven = time.and_then(|time| time.lower.at_ms());
    proven.map_or(logged.event.wall_ms, |at_ms| at_ms.max(logged.event.wall_ms))
}

/// Devices whose scans of the month come when it ends, and not before.
pub(super) fn month_end_sync(facts: &Facts<'_>) -> Found {
    let thresholds = facts.thresholds();
    let back = u64::from(thresholds.month_end_days.saturating_sub(1));
    let first = facts.month.last_day().checked_sub_days(chrono::Days::new(back));
    let end_ms = first.and_then(|day| local_ms(day, 0)).unwrap_or(i64::MAX);
    let mut devices: BTreeMap<DeviceId, Vec<&Scan<'_>>> = BTreeMap::new();
    for scan in facts.scans.iter().filter(|scan| scan.lesson.end_ms < end_ms) {
        devices.entry(scan.logged.event.device).or_default().push(scan);
    }
    let mut found = Found { missing: from_the_log(facts), ..Found::default() };
    for (device, scans) in devices {
        let came = |scan: &&&Scan<'_>| {
            facts.evidence.came_ms(scan.logged.index).is_some_and(|came| came >= end_ms)
        };
        let late: Vec<&LoggedEvent> = scans.iter().filter(came).map(|scan| scan.logged).collect();
        let many = exceeds(late.len(), scans.len(), thresholds.month_end_share_max_percent);
        let row = many && at_least(scans.len(), thresholds.share_visits_min);
        let provider = scans.first().map(|scan| scan.lesson.provider);
        found.look(row.then(|| {
            let row = SignalRow { device: Some(device), provider, ..SignalRow::default() };
            row.counting(late.len(), Some(scans.len())).behind(late.iter().copied())
        }));
    }
    found
}

/// Says whether a signed time is in an event's own chain before it.
pub(super) fn was_in_touch(facts: &Facts<'_>, logged: &LoggedEvent) -> bool {
    let time = facts.evidence.times.get(&logged.hash);
    time.is_some_and(|time| time.lower != Bound::Open)
}
