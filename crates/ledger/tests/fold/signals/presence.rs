//! How many came.

use attendance::{Cancellation, Event, EventKind};
use ledger::signals::{Inspection, Signal};

use super::*;

/// September and October of the judo group, whose one child came to all but so many lessons.
fn always(missed: usize) -> Scene {
    let mut scene = Scene::new();
    let october: Month = "2026-10".parse().unwrap();
    let mut lessons = scene.log.lessons(JUDO);
    lessons.extend(scene.log.snapshot.lessons(october).into_iter().filter(|one| one.group == JUDO));
    for lesson in lessons.into_iter().skip(missed) {
        scene.log.scan(judo_teacher(), 4, lesson);
    }
    scene.month = october;
    scene
}

#[test]
fn a_child_that_missed_nothing_for_two_months_is_a_signal() {
    let scene = always(0);
    assert_eq!(scene.counted(Signal::FullAttendance), [(2, None)]);
    assert_eq!(scene.rows(Signal::FullAttendance)[0].child, Some(child(4)));
    assert_eq!(
        always(1).counted(Signal::FullAttendance),
        nothing(),
        "it was ill once in September"
    );
    let mut one_month = always(0);
    one_month.month = september();
    assert_eq!(one_month.counted(Signal::FullAttendance), nothing(), "there is no August");
    let mut once = always(1);
    once.rules().full_attendance_months = 1;
    assert_eq!(once.counted(Signal::FullAttendance), [(1, None)]);
    once.rules().full_attendance_lessons_min = 10;
    assert_eq!(once.counted(Signal::FullAttendance), nothing(), "nine lessons are too few");
}

#[test]
fn a_group_whose_children_all_missed_nothing_is_a_row_of_its_own() {
    let mut scene = always(0);
    let mut second = scene.log.snapshot.contracts[3].clone();
    (second.voucher, second.child, second.number) = (voucher(5), child(5), "2026-0005".to_owned());
    scene.log.snapshot.contracts.push(second);
    assert_eq!(scene.counted(Signal::FullAttendance), [(2, None)], "one of two children");
    let scans: Vec<Event> = scene.log.events.iter().map(|one| one.event.clone()).collect();
    for event in scans {
        let of_other = Event { child: Some(child(5)), voucher: Some(voucher(5)), ..event };
        scene.log.append(judo_teacher(), of_other);
    }
    let rows = scene.rows(Signal::FullAttendance);
    let of_group = rows.iter().find(|row| row.child.is_none()).unwrap();
    assert_eq!((of_group.counted, of_group.of, rows.len()), (2, Some(2), 3));
}

#[test]
fn lessons_that_are_not_held_are_missed_by_nobody() {
    let mut scene = always(1);
    let first = scene.log.lessons(JUDO)[0];
    scene.log.cancel(judo_teacher(), first, Cancellation::Provider);
    assert_eq!(scene.counted(Signal::FullAttendance), [(2, None)]);
}

#[test]
fn more_children_than_the_group_has_place_for_are_a_signal() {
    let mut scene = Scene::new();
    let lesson = scene.log.lesson(CHESS, "2026-09-02");
    let of_lesson = |scene: &Scene| -> Vec<_> {
        let rows = scene.rows(Signal::OverCapacity).into_iter();
        rows.filter(|row| row.lesson.is_some()).map(|row| (row.counted, row.of)).collect()
    };
    scene.rules().group_capacity = 2;
    scene.log.scan(teacher(), 2, lesson);
    scene.log.scan(teacher(), 2, lesson);
    scene.log.scan(teacher(), 3, lesson);
    assert_eq!(of_lesson(&scene), nothing(), "a child counts once");
    let heads = |count| Event {
        headcount: Some(count),
        ..about_lesson(EventKind::Headcount, lesson, HOUR)
    };
    scene.log.append(teacher(), heads(2));
    assert_eq!(of_lesson(&scene), nothing());
    let guest = scene.log.scan(teacher(), 9, lesson);
    assert_eq!(of_lesson(&scene), [(3, Some(2))], "guests need place too");
    scene.log.about(teacher(), EventKind::Void, guest);
    assert_eq!(of_lesson(&scene), nothing());
    scene.log.append(teacher(), heads(4));
    assert_eq!(of_lesson(&scene), [(4, Some(2))]);
    // Three are enrolled from the 14th on.
    let enrolled: Vec<_> =
        scene.rows(Signal::OverCapacity).into_iter().filter(|row| row.lesson.is_none()).collect();
    assert_eq!(
        (enrolled.len(), enrolled[0].counted, enrolled[0].day),
        (1, 3, Some(date("2026-09-14")))
    );
    scene.rules().group_capacity = 4;
    assert_eq!(scene.counted(Signal::OverCapacity), nothing());
    // A group's own number stands before the rules'.
    for group in &mut scene.log.snapshot.groups {
        group.capacity = Some(3);
    }
    assert_eq!(of_lesson(&scene), [(4, Some(3))]);
}

#[test]
fn scans_of_a_lesson_that_is_not_held_are_a_signal() {
    let mut scene = Scene::new();
    let (held, off) =
        (scene.log.lesson(CHESS, "2026-09-02"), scene.log.lesson(CHESS, "2026-09-04"));
    let cancelled = scene.log.lesson(CHESS, "2026-09-07");
    scene.log.scan(teacher(), 2, held);
    assert_eq!(scene.counted(Signal::NotHeldDay), nothing());
    scene.log.snapshot.calendar.official_off.push(date("2026-09-04"));
    scene.log.scan(teacher(), 2, off);
    scene.log.scan(teacher(), 3, off);
    scene.log.cancel(teacher(), cancelled, Cancellation::Provider);
    let taken_back = scene.log.scan(teacher(), 2, cancelled);
    assert_eq!(scene.counted(Signal::NotHeldDay), [(2, None), (1, None)]);
    scene.log.about(teacher(), EventKind::Void, taken_back);
    assert_eq!(scene.counted(Signal::NotHeldDay), [(2, None)]);
    scene.rules().not_held_scans_max = 2;
    assert_eq!(scene.counted(Signal::NotHeldDay), nothing());
}

/// Two children of six lessons before a notice on 15 September, of which they missed none, and six
/// after it, to which they came so often.
fn notice(came_after: usize) -> Scene {
    let mut scene = Scene::new();
    scene.log.snapshot.contracts.remove(0);
    let lessons = scene.log.lessons(CHESS);
    for lesson in &lessons[..6] {
        scene.log.scan(teacher(), 2, *lesson);
        scene.log.scan(teacher(), 3, *lesson);
    }
    // The last lesson is there in any case: what is known of ends with it.
    let last = lessons[11];
    let places = lessons[6..12].iter().rev().flat_map(|lesson| [(*lesson, 2), (*lesson, 3)]);
    for (lesson, number) in places.take(came_after) {
        scene.log.scan(teacher(), number, lesson);
    }
    assert_eq!((lessons[5].day, last.day), (date("2026-09-14"), date("2026-09-28")));
    scene.inspections = vec![Inspection { provider: None, day: date("2026-09-15") }];
    scene
}

#[test]
fn attendance_that_falls_by_more_than_thirty_per_cent_after_a_notice_is_a_signal() {
    assert_eq!(notice(9).counted(Signal::DropAfterInspection), nothing(), "a quarter less");
    assert_eq!(notice(8).counted(Signal::DropAfterInspection), [(33, Some(100))]);
    let mut edge = notice(9);
    edge.rules().inspection_drop_max_percent = 25;
    assert_eq!(edge.counted(Signal::DropAfterInspection), nothing());
    edge.rules().inspection_drop_max_percent = 24;
    assert_eq!(edge.counted(Signal::DropAfterInspection), [(25, Some(100))]);
}

#[test]
fn a_notice_is_of_its_provider_and_month_and_without_one_nothing_is_said() {
    let mut scene = notice(8);
    scene.inspections[0].provider = Some(BARYS);
    assert_eq!(scene.counted(Signal::DropAfterInspection), nothing());
    scene.inspections[0].provider = Some(ALIYA);
    assert_eq!(scene.rows(Signal::DropAfterInspection)[0].provider, Some(ALIYA));
    scene.inspections[0].day = date("2026-10-15");
    assert!(scene.missing(Signal::DropAfterInspection).is_some());
    scene.inspections.clear();
    assert!(scene.missing(Signal::DropAfterInspection).is_some());
}
