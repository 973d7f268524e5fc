//! A lesson that is not held or moved, and a decision about a visit.

use attendance::{Cancellation, EventKind, Finding, UnverifiedEvent, Verdict};

use super::*;
use crate::{LessonChange, RecordError, VisitDecision};

const HOUR_MS: i64 = 3_600_000;

fn not_held() -> LessonChange {
    LessonChange::Cancel { why: Cancellation::Provider, document: None }
}

fn to(to_ms: i64) -> LessonChange {
    LessonChange::Move { to_ms, document: None }
}

fn last_event(device: &Device) -> attendance::Event {
    let seq = device.chain_head().unwrap().seq_next - 1;
    let row = device.event_at(seq).unwrap().unwrap();
    UnverifiedEvent::parse(&row.bytes).unwrap().event().clone()
}

fn shown(device: &Device) -> RosterLesson {
    device.lesson(lesson()).unwrap().unwrap().lesson
}

#[test]
fn a_teacher_cancels_moves_and_takes_it_back() {
    let district = District::new();
    let mut device = district.teacher();
    device.change_lesson(lesson(), &not_held()).unwrap();
    let event = last_event(&device);
    assert_eq!(
        (event.kind, event.lesson, event.provider, event.cancellation),
        (EventKind::LessonCancel, Some(lesson()), Some(PROVIDER), Some(Cancellation::Provider))
    );
    assert_eq!(event.verify_form(), Ok(()));
    assert_eq!(shown(&device).cancelled, Some(Cancellation::Provider));

    device.change_lesson(lesson(), &to(START_MS + HOUR_MS)).unwrap();
    assert_eq!(last_event(&device).verify_form(), Ok(()));
    let moved = shown(&device);
    assert_eq!((moved.cancelled, moved.moved_from_ms), (None, Some(START_MS)));
    assert_eq!(
        (moved.start_ms, moved.end_ms),
        (START_MS + HOUR_MS, START_MS + HOUR_MS + 45 * 60_000)
    );

    device.change_lesson(lesson(), &to(START_MS)).unwrap();
    let planned = shown(&device);
    assert_eq!(
        (planned.start_ms, planned.moved_from_ms, planned.cancelled),
        (START_MS, None, None)
    );
}

#[test]
fn a_moved_lesson_is_listed_on_both_days() {
    let district = District::new();
    let mut device = district.teacher();
    let day_ms = 24 * HOUR_MS;
    device.change_lesson(lesson(), &to(START_MS + day_ms)).unwrap();
    let on = |from_ms| device.lessons_between(from_ms, from_ms + HOUR_MS).unwrap().len();
    assert_eq!((on(START_MS), on(START_MS + day_ms), on(START_MS + 2 * day_ms)), (1, 1, 0));
}

#[test]
fn who_may_not_change_a_lesson_is_refused() {
    let district = District::new();
    let mut teacher = district.teacher();
    let refused = |device: &mut Device, lesson, change| {
        let before = device.chain_head().unwrap();
        let error = device.change_lesson(lesson, &change).unwrap_err();
        assert_eq!(device.chain_head().unwrap(), before, "nothing is recorded");
        error
    };
    let weather = |document: Option<&str>| LessonChange::Cancel {
        why: Cancellation::Weather,
        document: document.map(str::to_owned),
    };
    let official = refused(&mut teacher, lesson(), weather(Some("act 1")));
    assert!(matches!(official, RecordError::NotAllowed), "{official}");
    let foreign = refused(&mut teacher, other_lesson(), not_held());
    assert!(matches!(foreign, RecordError::NotAllowed), "{foreign}");
    let unknown = refused(&mut teacher, LessonId([9; 8]), not_held());
    assert!(matches!(unknown, RecordError::LessonUnknown), "{unknown}");
    let parent = refused(&mut district.parent(), lesson(), not_held());
    assert!(matches!(parent, RecordError::NotAllowed), "{parent}");

    let mut coordinator = district.coordinator();
    let without = refused(&mut coordinator, lesson(), weather(None));
    assert!(matches!(without, RecordError::NotADocument { .. }), "{without}");
    coordinator.change_lesson(lesson(), &weather(Some("act 1"))).unwrap();
    assert_eq!(last_event(&coordinator).verify_form(), Ok(()));
}

#[test]
fn a_scan_of_a_moved_lesson_is_judged_by_its_new_time() {
    let district = District::new();
    let mut device = district.teacher();
    device.change_lesson(lesson(), &to(START_MS + 5 * HOUR_MS)).unwrap();
    district.set_clock(START_MS + 5 * HOUR_MS);
    device.open_lesson(lesson()).unwrap();
    device.record_scan(&card(ALPHA), lesson()).unwrap();
    let scan = last_event(&device);
    assert_eq!((scan.kind, scan.lesson), (EventKind::In, Some(lesson())), "its id stays");
    let inside = device.inside(START_MS + 5 * HOUR_MS, START_MS + 6 * HOUR_MS).unwrap();
    assert_eq!(inside.len(), 1);
}

#[test]
fn a_district_s_coordinator_decides_about_a_visit() {
    let district = District::new();
    let decision = |document: &str| VisitDecision {
        visit: seal::sha256(b"visit"),
        verdict: Verdict::WasNot,
        finding: Finding::Inspection,
        document: document.to_owned(),
    };
    let refused = district.teacher().decide_visit(&decision("act 9")).unwrap_err();
    assert!(matches!(refused, RecordError::NotAllowed), "{refused}");
    let mut coordinator = district.coordinator();
    let refused = coordinator.decide_visit(&decision("  ")).unwrap_err();
    assert!(matches!(refused, RecordError::NotADocument { .. }), "{refused}");
    let visit = seal::sha256(b"visit");
    assert_eq!(coordinator.visit_decided(visit).unwrap(), None);
    coordinator.decide_visit(&decision(" act 9 ")).unwrap();
    let event = last_event(&coordinator);
    assert_eq!((event.about, event.document.as_deref()), (Some(visit), Some("act 9")));
    assert_eq!(event.verify_form(), Ok(()));
    assert_eq!(coordinator.visit_decided(visit).unwrap(), Some(false));
}
