//! When something was recorded and when it came.

use std::collections::BTreeMap;

use attendance::{Bound, Event, EventKind, EventTime, Reach};
use ledger::signals::{Evidence, Signal};

use super::*;

const DAY: i64 = 24 * HOUR;

/// Five lessons that child 2 came to.
fn five() -> (Scene, Vec<(Hash, i64)>) {
    let mut scene = Scene::new();
    let lessons = scene.log.lessons(CHESS);
    let scans =
        lessons.iter().take(5).map(|lesson| (scene.log.scan(teacher(), 2, *lesson), lesson.end_ms));
    let scans = scans.collect();
    (scene, scans)
}

#[test]
fn late_is_what_comes_after_the_deadline_and_too_much_of_it_is_a_signal() {
    let (mut scene, scans) = five();
    let came = |late: &[(usize, i64)]| -> Vec<(Hash, i64)> {
        let when = scans.iter().enumerate().map(|(at, (hash, end))| {
            let late = late.iter().find(|(which, _)| *which == at).map_or(0, |(_, late)| *late);
            (*hash, end + 72 * HOUR + late)
        });
        when.collect()
    };
    scene.came(&came(&[]));
    assert_eq!(scene.counted(Signal::LateShare), nothing(), "just in time");
    scene.came(&came(&[(0, 1)]));
    assert_eq!(scene.counted(Signal::LateShare), nothing(), "a fifth is allowed");
    scene.came(&came(&[(0, 1), (3, DAY)]));
    assert_eq!(scene.counted(Signal::LateShare), [(2, Some(5))]);
    assert_eq!(scene.behind(Signal::LateShare), [[scans[0].0, scans[3].0]]);
    scene.rules().share_visits_min = 6;
    assert_eq!(scene.counted(Signal::LateShare), nothing(), "too few to say anything");
}

#[test]
fn without_a_server_signed_times_in_the_log_prove_lateness_and_never_more() {
    let (mut scene, scans) = five();
    let late_ms = scans[4].1 + 72 * HOUR + 1;
    assert!(scene.missing(Signal::LateShare).is_some());
    assert_eq!(scene.counted(Signal::LateShare), nothing(), "nothing says when they came");
    // A time that was signed after the deadline, in a leaf before them.
    let before = scene.event(scans[0].0).index - 1;
    scene.evidence = Evidence::default().with_signed_times(BTreeMap::from([(before, late_ms)]));
    assert_eq!(scene.counted(Signal::LateShare), [(5, Some(5))]);
    let after = scene.event(scans[4].0).index + 1;
    scene.evidence = Evidence::default().with_signed_times(BTreeMap::from([(after, late_ms)]));
    assert_eq!(scene.counted(Signal::LateShare), nothing(), "they may have come long before it");
    // An older time in a later leaf takes nothing back.
    let times = BTreeMap::from([(before, late_ms), (before + 1, 5)]);
    scene.evidence = Evidence::default().with_signed_times(times);
    assert_eq!(scene.counted(Signal::LateShare), [(5, Some(5))]);
    scene.came(&scans);
    assert_eq!(scene.counted(Signal::LateShare), nothing(), "the server knows better");
    assert_eq!(scene.missing(Signal::LateShare), None);
}

#[test]
fn marks_of_an_earlier_day_are_a_signal_by_claim_and_by_proof() {
    let mut scene = Scene::new();
    let lessons = scene.log.lessons(CHESS);
    let mut scans = Vec::new();
    for (at, lesson) in lessons.iter().take(10).enumerate() {
        let midnight = ledger::local_ms(lesson.day, 24 * 60).unwrap();
        let wall_ms = if at == 0 { midnight } else { midnight - 1 };
        scans.push(scene.log.append(teacher(), Event { wall_ms, ..in_event(2, *lesson) }));
    }
    assert_eq!(scene.counted(Signal::PreviousDayShare), nothing(), "a tenth is allowed");
    scene.rules().previous_day_share_max_percent = 9;
    assert_eq!(scene.counted(Signal::PreviousDayShare), [(1, Some(10))]);
    scene.rules().previous_day_share_max_percent = 10;
    let at_ms = ledger::local_ms(lessons[5].day, 24 * 60).unwrap();
    scene.evidence = proven(scans[5], at_ms);
    assert_eq!(scene.counted(Signal::PreviousDayShare), [(2, Some(10))]);
    assert_eq!(scene.behind(Signal::PreviousDayShare), [[scans[0], scans[5]]]);
}

/// An event that an anchor proves to be made not before a moment.
fn proven(event: Hash, at_ms: i64) -> Evidence {
    let lower = Bound::Anchor { at_ms, anchor_ms: at_ms, seq: 0, reach: Reach::Rebooted };
    let time = EventTime { seq: 1, claimed_ms: 0, lower, upper: Bound::Open, wall_jump_ms: None };
    Evidence::default().with_times(BTreeMap::from([(event, time)]))
}

#[test]
fn events_outside_of_lesson_hours_are_a_signal_from_the_first_one_on() {
    let mut scene = Scene::new();
    let lesson = scene.log.lesson(CHESS, "2026-09-02");
    let long = lesson.end_ms - lesson.start_ms;
    scene.scan_at(2, lesson, -20 * MINUTE);
    let last = scene.scan_at(3, lesson, long + 10 * MINUTE);
    scene.log.append(teacher(), about_lesson(EventKind::LessonOpen, lesson, -30 * MINUTE));
    let count = about_lesson(EventKind::Headcount, lesson, long + 15 * MINUTE);
    scene.log.append(teacher(), Event { headcount: Some(2), ..count });
    assert_eq!(scene.counted(Signal::OutsideHours), nothing(), "each at its edge");
    scene.evidence = proven(last, lesson.end_ms + 10 * MINUTE + 1);
    assert_eq!(scene.counted(Signal::OutsideHours), [(1, Some(4))], "the clock was wrong");
    scene.evidence = Evidence::default();
    let early = scene.scan_at(2, lesson, -20 * MINUTE - 1);
    let open = about_lesson(EventKind::LessonOpen, lesson, -30 * MINUTE - 1);
    let open = scene.log.append(second_teacher(), open);
    assert_eq!(scene.counted(Signal::OutsideHours), [(2, Some(6))]);
    assert_eq!(scene.behind(Signal::OutsideHours), [[early, open]]);
    scene.rules().outside_events_max = 2;
    assert_eq!(scene.counted(Signal::OutsideHours), nothing());
}

#[test]
fn a_bulk_after_a_silence_is_a_signal() {
    let (mut scene, scans) = five();
    scene.rules().bulk_events_min = 3;
    let first = scene.event(scans[0].0).event.wall_ms;
    let all_at = |at_ms: i64| scans[..3].iter().map(|(hash, _)| (*hash, at_ms)).collect::<Vec<_>>();
    let too_early: Vec<_> = scans[3..].iter().map(|(hash, _)| (*hash, first + 90 * DAY)).collect();
    scene.came(&[all_at(first + 72 * HOUR), too_early.clone()].concat());
    assert_eq!(scene.counted(Signal::BulkAfterSilence), nothing(), "silent for 72 hours, not more");
    scene.came(&[all_at(first + 72 * HOUR + 1), too_early.clone()].concat());
    assert_eq!(scene.counted(Signal::BulkAfterSilence), [(3, None)]);
    // Batches of one upload are counted together, until they are too far apart.
    let mut parts = all_at(first + 72 * HOUR + 1);
    parts[2].1 += 10 * MINUTE;
    scene.came(&[parts.clone(), too_early.clone()].concat());
    assert_eq!(scene.counted(Signal::BulkAfterSilence), [(3, None)]);
    parts[2].1 += 1;
    scene.came(&[parts, too_early.clone()].concat());
    assert_eq!(scene.counted(Signal::BulkAfterSilence), nothing());
    // A clock that was behind is no silence.
    scene.evidence = proven(scans[0].0, first + 1);
    scene.came(&[all_at(first + 72 * HOUR + 1), too_early].concat());
    assert_eq!(scene.counted(Signal::BulkAfterSilence), nothing());
}

#[test]
fn scans_that_wait_for_the_end_of_the_month_are_a_signal() {
    let (mut scene, scans) = five();
    let end = ledger::local_ms(date("2026-09-28"), 0).unwrap();
    let of = |late: usize, at_ms: i64| -> Vec<(Hash, i64)> {
        let when = scans.iter().enumerate();
        when.map(|(at, (hash, end))| (*hash, if at < late { at_ms } else { *end })).collect()
    };
    scene.came(&of(3, end - 1));
    assert_eq!(scene.counted(Signal::MonthEndSync), nothing(), "the evening before");
    scene.came(&of(3, end));
    assert_eq!(scene.counted(Signal::MonthEndSync), [(3, Some(5))]);
    scene.came(&of(2, end));
    assert_eq!(scene.counted(Signal::MonthEndSync), nothing(), "fewer than half");
    // What is taught in the last days comes in the last days.
    let mut scene = Scene::new();
    let lesson = scene.log.lesson(CHESS, "2026-09-28");
    let scans: Vec<_> = (0..5).map(|_| scene.log.scan(teacher(), 2, lesson)).collect();
    scene.came(&scans.iter().map(|hash| (*hash, end + DAY)).collect::<Vec<_>>());
    assert_eq!(scene.counted(Signal::MonthEndSync), nothing());
}
