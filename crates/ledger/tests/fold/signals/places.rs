//! Somebody at two places.

use attendance::{CoarsePlace, Event, EventKind};
use ledger::Weekday;
use ledger::signals::Signal;

use super::*;

/// Chess and judo on one day, judo at this time.
fn both(judo_start: &str) -> Scene {
    let mut scene = Scene::new();
    scene.log.snapshot.groups[1].weekdays.push(Weekday::Wed);
    scene.log.snapshot.groups[1].start = judo_start.to_owned();
    scene
}

fn at(scene: &mut Scene, device: Device, number: u8, lesson: ledger::Lesson, wall_ms: i64) -> Hash {
    scene.log.append(device, Event { wall_ms, ..in_event(number, lesson) })
}

#[test]
fn child_at_two_places_sooner_than_it_can_travel_is_a_signal() {
    let minutes_apart = |apart_ms: i64| {
        let mut scene = both("17:10");
        let (chess, judo) =
            (scene.log.lesson(CHESS, "2026-09-02"), scene.log.lesson(JUDO, "2026-09-02"));
        let first = at(&mut scene, teacher(), 2, chess, chess.end_ms);
        let second = at(&mut scene, judo_teacher(), 2, judo, chess.end_ms + apart_ms);
        (scene, first, second)
    };
    let (scene, first, second) = minutes_apart(20 * MINUTE - 1);
    assert_eq!(scene.counted(Signal::TwoPlaces), [(19, None)]);
    assert_eq!(scene.behind(Signal::TwoPlaces), [[first, second]]);
    let (scene, ..) = minutes_apart(20 * MINUTE);
    assert_eq!(scene.counted(Signal::TwoPlaces), nothing());
}

#[test]
fn lessons_of_two_places_that_overlap_are_a_signal_however_far_the_scans_are_apart() {
    for (start, rows) in [("16:59", 1), ("17:00", 0)] {
        let mut scene = both(start);
        let (chess, judo) =
            (scene.log.lesson(CHESS, "2026-09-02"), scene.log.lesson(JUDO, "2026-09-02"));
        at(&mut scene, teacher(), 2, chess, chess.start_ms);
        at(&mut scene, judo_teacher(), 2, judo, judo.start_ms);
        assert_eq!(scene.rows(Signal::TwoPlaces).len(), rows, "judo at {start}");
    }
}

#[test]
fn one_card_for_two_children_at_two_places_is_a_signal() {
    let mut scene = both("17:10");
    let (chess, judo) =
        (scene.log.lesson(CHESS, "2026-09-02"), scene.log.lesson(JUDO, "2026-09-02"));
    let card = Some(seal::sha256(b"one card"));
    let wall_ms = chess.end_ms;
    scene.log.append(teacher(), Event { card, wall_ms, ..in_event(2, chess) });
    scene
        .log
        .append(judo_teacher(), Event { card, wall_ms: wall_ms + MINUTE, ..in_event(4, judo) });
    assert_eq!(scene.counted(Signal::TwoPlaces), [(1, None)]);
}

#[test]
fn one_provider_is_one_place_unless_the_devices_say_otherwise() {
    let mut scene = Scene::new();
    let lesson = scene.log.lesson(CHESS, "2026-09-02");
    let place = |text: &str| Some(text.parse::<CoarsePlace>().unwrap());
    let said = |text| Event { place: place(text), ..in_event(2, lesson) };
    scene.log.append(teacher(), said("txwwj"));
    scene.log.append(second_teacher(), said("txwwj"));
    assert_eq!(scene.counted(Signal::TwoPlaces), nothing());
    let later = Event { wall_ms: lesson.start_ms + 3 * MINUTE, ..said("tzk3x") };
    scene.log.append(second_teacher(), later);
    assert_eq!(scene.counted(Signal::TwoPlaces), [(1, None)]);
}

#[test]
fn a_teacher_in_two_rooms_is_a_signal_from_the_first_minute_on() {
    let rooms = |judo_start: &str| {
        let mut scene = both(judo_start);
        let (chess, judo) =
            (scene.log.lesson(CHESS, "2026-09-02"), scene.log.lesson(JUDO, "2026-09-02"));
        scene.log.append(teacher(), about_lesson(EventKind::LessonOpen, chess, 0));
        scene.log.append(teacher(), about_lesson(EventKind::LessonOpen, judo, 0));
        scene
    };
    assert_eq!(rooms("16:59").counted(Signal::TwoRooms), [(1, None)]);
    assert_eq!(rooms("17:00").counted(Signal::TwoRooms), nothing());
    let mut allowed = rooms("16:50");
    assert_eq!(allowed.counted(Signal::TwoRooms), [(10, None)]);
    allowed.rules().rooms_overlap_max_min = 10;
    assert_eq!(allowed.counted(Signal::TwoRooms), nothing());
    // Two teachers may teach at once.
    let mut two = both("16:30");
    let (chess, judo) = (two.log.lesson(CHESS, "2026-09-02"), two.log.lesson(JUDO, "2026-09-02"));
    two.log.scan(teacher(), 2, chess);
    two.log.scan(judo_teacher(), 4, judo);
    assert_eq!(two.counted(Signal::TwoRooms), nothing());
}
