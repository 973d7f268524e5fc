//! Counting heads, and which lessons are asked for it.

use attendance::{EventKind, is_drawn};

use super::*;
use crate::RecordError;

#[test]
fn newest_count_of_heads_counts() {
    let district = District::new();
    let mut device = district.teacher();
    let counted = |device: &Device| device.lesson(lesson()).unwrap().unwrap().headcount;
    let early = device.record_headcount(lesson(), 2);
    assert!(matches!(early, Err(RecordError::LessonNotOpen)));
    device.open_lesson(lesson()).unwrap();
    assert_eq!(counted(&device), None);
    let two = device.record_headcount(lesson(), 2).unwrap();
    assert_eq!(device.record_headcount(lesson(), 2).unwrap(), two);
    let event = event_at(&device, 1);
    assert_eq!((event.kind, event.verify_form()), (EventKind::Headcount, Ok(())));
    device.close_lesson(lesson()).unwrap();
    device.record_headcount(lesson(), 0).unwrap();
    assert_eq!(counted(&device), Some(0));
    for mut other in [district.parent(), district.coordinator()] {
        let denied = other.record_headcount(lesson(), 1);
        assert!(matches!(denied, Err(RecordError::NotAllowed)));
    }
}

/// A log whose root at `lesson()`'s opening draws the lesson, or does not.
fn log_that(draws: bool) -> TestLog {
    let mut log = TestLog::new();
    while is_drawn(lesson(), log.tree.root(), 20) != draws {
        log.push(b"another leaf");
    }
    log
}

#[test]
fn lesson_is_drawn_by_the_root_at_its_first_opening() {
    for draws in [true, false] {
        let district = District::new();
        let mut device = district.teacher();
        let mut log = log_that(draws);
        log.shown_to(&mut device).unwrap();
        let held = log.tree.root();
        assert!(!device.is_spot_checked(lesson()).unwrap(), "not opened yet");
        device.open_lesson(lesson()).unwrap();
        assert_eq!(device.is_spot_checked(lesson()).unwrap(), draws);
        // A later root would draw otherwise.
        while is_drawn(lesson(), log.tree.root(), 20) == draws {
            log.push(b"a later leaf");
        }
        log.shown_to(&mut device).unwrap();
        device.close_lesson(lesson()).unwrap();
        device.open_lesson(lesson()).unwrap();
        assert_eq!(device.is_spot_checked(lesson()).unwrap(), draws, "no other lot");
        let said: Vec<_> = (0..3).map(|seq| event_at(&device, seq).evidence).collect();
        assert_eq!(said, [Some(held), None, None], "the first opening says its root");
        assert_eq!(event_at(&device, 0).verify_form(), Ok(()));
        assert_eq!(device.lesson(lesson()).unwrap().unwrap().is_spot_checked, draws);
    }
}

#[test]
fn without_a_root_nothing_is_drawn() {
    let district = District::new();
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    assert!(!device.is_spot_checked(lesson()).unwrap());
    assert_eq!(event_at(&device, 0).evidence, None);
}
