//! How fast and in which order children came.

use ledger::signals::Signal;

use super::*;

/// So many scans by one device, from the first to the last so long.
fn burst(scans: u8, long_ms: u64) -> Scene {
    let mut scene = Scene::new();
    let lesson = scene.log.lesson(CHESS, "2026-09-02");
    for number in 0..scans {
        let last = number + 1 == scans;
        let mono_ms = 50_000 + if last { long_ms } else { u64::from(number) };
        scene.log.append(teacher(), Event { mono_ms, ..in_event(2, lesson) });
    }
    scene
}

#[test]
fn more_than_eight_scans_in_ten_seconds_are_a_burst() {
    assert_eq!(burst(9, 10_000).counted(Signal::ScanBurst), [(9, None)]);
    assert_eq!(burst(9, 10_001).counted(Signal::ScanBurst), nothing(), "a millisecond longer");
    assert_eq!(burst(8, 100).counted(Signal::ScanBurst), nothing(), "eight are possible");
    let mut scene = burst(8, 100);
    let lesson = scene.log.lesson(CHESS, "2026-09-02");
    let other_boot = Event { boot: attendance::BootId([7; 8]), ..in_event(3, lesson) };
    scene.log.append(teacher(), Event { mono_ms: 50_000, ..other_boot });
    scene.log.append(second_teacher(), Event { mono_ms: 50_000, ..in_event(3, lesson) });
    let by_hand = Some(attendance::Method::Manual);
    scene.log.append(teacher(), Event { mono_ms: 50_000, method: by_hand, ..in_event(3, lesson) });
    assert_eq!(
        scene.counted(Signal::ScanBurst),
        nothing(),
        "of one device and boot, no marks by hand"
    );
    scene.rules().burst_scans_max = 7;
    assert_eq!(scene.counted(Signal::ScanBurst), [(8, None)]);
}

#[test]
fn a_burst_by_one_clock_alone_is_none() {
    let clocks = |wall: i64, mono: u64| {
        let mut scene = Scene::new();
        let lesson = scene.log.lesson(CHESS, "2026-09-02");
        for number in 0..9 {
            let wall_ms = lesson.start_ms + i64::from(number) * wall;
            let mono_ms = u64::try_from(number).unwrap() * mono;
            scene.log.append(teacher(), Event { wall_ms, mono_ms, ..in_event(2, lesson) });
        }
        scene.rows(Signal::ScanBurst).len()
    };
    assert_eq!((clocks(1_000, 1_000), clocks(9_000, 1_000), clocks(0, 9_000)), (1, 0, 0));
}

#[test]
fn rows_are_in_the_order_of_providers_groups_and_days() {
    let mut scene = Scene::new();
    scene.rules().burst_scans_max = 0;
    let (chess, judo) =
        (scene.log.lesson(CHESS, "2026-09-02"), scene.log.lesson(JUDO, "2026-09-03"));
    scene.log.append(judo_teacher(), in_event(4, judo));
    scene.log.append(Device { id: 9, ..teacher() }, in_event(2, chess));
    let rows = scene.rows(Signal::ScanBurst);
    let providers: Vec<_> = rows.iter().filter_map(|row| row.provider).collect();
    assert_eq!(providers, [ALIYA, BARYS], "not in that of the devices");
}

#[test]
fn burst_after_slow_scans_is_found_whole() {
    let mut scene = Scene::new();
    let lesson = scene.log.lesson(CHESS, "2026-09-02");
    let times = [0, 9_000].into_iter().chain((0..9).map(|number| 12_000 + number));
    for mono_ms in times {
        let wall_ms = lesson.start_ms + i64::try_from(mono_ms).unwrap();
        scene.log.append(teacher(), Event { mono_ms, wall_ms, ..in_event(2, lesson) });
    }
    assert_eq!(scene.counted(Signal::ScanBurst), [(10, None)], "from 9 seconds on");
}

/// Lessons of two children, with so much time between them, in seconds.
fn paced(seconds: &[i64]) -> Scene {
    let mut scene = Scene::new();
    scene.rules().lesson_burst_children_min = 2;
    let lessons = scene.log.lessons(CHESS);
    for (lesson, apart) in lessons.into_iter().zip(seconds) {
        scene.scan_at(2, lesson, 0);
        scene.scan_at(3, lesson, apart * 1_000);
    }
    scene
}

#[test]
fn lesson_in_one_burst_is_a_signal_if_the_group_used_to_take_its_time() {
    assert_eq!(paced(&[300, 300, 300, 60]).counted(Signal::LessonBurst), [(2, None)]);
    assert_eq!(paced(&[300, 300, 300, 61]).counted(Signal::LessonBurst), nothing(), "no burst");
    assert_eq!(paced(&[299, 299, 299, 60]).counted(Signal::LessonBurst), nothing(), "not unlike");
    assert_eq!(paced(&[300, 300, 60]).counted(Signal::LessonBurst), nothing(), "too short a past");
    assert_eq!(paced(&[10, 10, 10, 10]).counted(Signal::LessonBurst), nothing(), "always so");
    let alone = paced(&[900, 900, 900, 60]);
    let day = alone.rows(Signal::LessonBurst)[0].day;
    assert_eq!(day, Some(date("2026-09-09")));
}

#[test]
fn past_lessons_of_the_month_before_count() {
    let mut scene = Scene::new();
    scene.rules().lesson_burst_children_min = 2;
    for (day, apart) in
        [("2026-09-25", 600), ("2026-09-28", 600), ("2026-09-30", 600), ("2026-10-02", 20)]
    {
        let lesson = scene.log.lesson(CHESS, day);
        scene.scan_at(2, lesson, 0);
        scene.scan_at(3, lesson, apart * 1_000);
    }
    scene.month = "2026-10".parse().unwrap();
    assert_eq!(scene.counted(Signal::LessonBurst), [(2, None)]);
}

/// Lessons to which two children came, the first or the other one first.
fn ordered(first: &[u8]) -> Scene {
    let mut scene = Scene::new();
    scene.rules().same_order_children_min = 2;
    let lessons = scene.log.lessons(CHESS);
    for (at, (lesson, first)) in lessons.into_iter().zip(first).enumerate() {
        scene.scan_at(*first, lesson, i64::try_from(at).unwrap() * MINUTE);
        scene.scan_at(5 - first, lesson, 10 * MINUTE);
    }
    scene
}

#[test]
fn the_same_order_in_five_lessons_running_is_a_signal() {
    assert_eq!(ordered(&[2; 5]).counted(Signal::SameOrder), [(5, Some(5))]);
    assert_eq!(ordered(&[2; 4]).counted(Signal::SameOrder), nothing());
    assert_eq!(ordered(&[2, 2, 2, 3, 2, 2, 2]).counted(Signal::SameOrder), nothing());
    assert_eq!(ordered(&[3, 2, 2, 2, 2, 2, 2]).counted(Signal::SameOrder), [(6, Some(7))]);
    let mut too_few = ordered(&[2; 5]);
    too_few.rules().same_order_children_min = 3;
    assert_eq!(
        too_few.counted(Signal::SameOrder),
        nothing(),
        "two children are in order by chance"
    );
}

#[test]
fn a_withdrawn_scan_is_no_arrival() {
    let mut scene = ordered(&[2; 5]);
    let lessons = scene.log.lessons(CHESS);
    let third =
        scene.log.events.iter().find(|one| {
            one.event.lesson == Some(lessons[2].id) && one.event.child == Some(child(2))
        });
    let third = third.unwrap().hash;
    scene.log.about(teacher(), EventKind::Void, third);
    assert_eq!(scene.counted(Signal::SameOrder), nothing(), "one child is left");
}
