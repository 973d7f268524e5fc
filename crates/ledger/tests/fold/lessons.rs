//! Lessons that were cancelled or moved.

use attendance::{Cancellation, Event, EventKind};
use ledger::{AsideReason, DayCode, Month};

use crate::fixture::*;

#[test]
fn a_lesson_the_provider_cancels_stays_in_the_plan_and_is_not_paid() {
    let mut log = Log::second();
    let lessons = log.lessons(CHESS);
    log.cancel(teacher(), lessons[0], Cancellation::Provider);
    for lesson in &lessons[1..] {
        log.scan(teacher(), 2, *lesson);
    }
    log.sign_month(2);
    let line = log.tranche().lines.remove(1);
    assert_eq!((line.planned, line.payable), (13, 12));
    assert_eq!(log.sums(2), (3_000_000, 2_769_230, 0, 230_770));
    assert_eq!(line.unpaid[0].code, DayCode::LessonCancelledByProvider);
    assert!(line.leaves.contains(&1), "the cancellation is among the leaves");
}

#[test]
fn a_lesson_an_act_cancels_leaves_the_plan() {
    let mut log = Log::second();
    let lessons = log.lessons(CHESS);
    log.cancel(coordinator(), lessons[0], Cancellation::Quarantine);
    for lesson in &lessons[1..] {
        log.scan(teacher(), 2, *lesson);
    }
    log.sign_month(2);
    let line = log.tranche().lines.remove(1);
    assert_eq!((line.planned, line.payable), (12, 12));
    assert_eq!(log.sums(2), (3_000_000, 3_000_000, 0, 0));
    assert_eq!(line.unpaid[0].code, DayCode::LessonCancelledOfficial);
    // Child 1 has joined later: the whole month's plan is smaller too.
    assert_eq!(log.fold().rows[0].planned_in_month, 12);
}

#[test]
fn only_the_district_cancels_by_an_act_and_only_the_provider_or_it_cancels_at_all() {
    let mut log = Log::second();
    let lesson = log.lessons(CHESS)[0];
    log.cancel(teacher(), lesson, Cancellation::Weather);
    log.cancel(administrator(), lesson, Cancellation::Order);
    log.cancel(judo_teacher(), lesson, Cancellation::Provider);
    log.cancel(parent_of(2), lesson, Cancellation::Provider);
    let undocumented = Event {
        lesson: Some(lesson.id),
        provider: Some(ALIYA),
        cancellation: Some(Cancellation::Order),
        ..blank(EventKind::LessonCancel)
    };
    log.append(coordinator(), undocumented.clone());
    log.append(coordinator(), Event { provider: Some(BARYS), ..undocumented });
    let (district, foreign) = (AsideReason::NotACoordinator, AsideReason::ForeignProvider);
    let expected =
        [district, district, foreign, AsideReason::NotATeacher, AsideReason::NoGround, foreign];
    assert_eq!(log.asides(), expected);
    assert_eq!(log.codes(2)[0], DayCode::Unexcused);
}

#[test]
fn what_is_recorded_for_a_cancelled_lesson_counts_for_nothing() {
    let mut log = Log::second();
    let lessons = log.lessons(CHESS);
    log.scan(teacher(), 2, lessons[0]);
    log.sign_month(2);
    log.cancel(administrator(), lessons[0], Cancellation::Provider);
    log.absent(teacher(), 3, lessons[0], (attendance::AbsenceReason::Sick, Some("note")));
    assert_eq!(log.asides(), [AsideReason::LessonNotHeld; 2]);
    assert_eq!(log.codes(2)[0], DayCode::LessonCancelledByProvider);
    assert_eq!(log.sums(2).1, 0);
}

#[test]
fn a_moved_lesson_is_held_once_wherever_a_scan_names_it() {
    let mut log = Log::second();
    let lesson = log.lesson(CHESS, "2026-09-02");
    log.move_to(teacher(), lesson, "2026-09-05");
    let there = ledger::Lesson {
        id: attendance::LessonId::derive_from(CHESS, lesson.start_ms + 3 * 86_400_000),
        start_ms: lesson.start_ms + 3 * 86_400_000,
        ..lesson
    };
    log.scan(teacher(), 2, there);
    log.scan(teacher(), 2, lesson);
    log.scan(teacher(), 3, lesson);
    log.sign_month(2);
    assert_eq!(log.asides(), [AsideReason::Duplicate]);
    let fold = log.fold();
    let row = &fold.rows[1];
    assert_eq!((row.planned, row.paid()), (13, 1));
    let day = row.days.iter().find(|day| day.moved_from_ms.is_some()).unwrap();
    assert_eq!((day.lesson.day, day.lesson.id), (date("2026-09-05"), lesson.id));
    assert_eq!((day.code, day.moved_from_ms), (DayCode::Present, Some(lesson.start_ms)));
    assert!(!day.visit.unwrap().outside_window, "the window moves with the lesson");
    assert!(fold.visits[1].outside_window, "child 3 was scanned at the planned hour");
}

#[test]
fn a_move_goes_not_too_far_not_onto_another_lesson_and_pays_only_in_its_month() {
    let mut log = Log::second();
    let (first, last) = (log.lesson(CHESS, "2026-09-02"), log.lesson(CHESS, "2026-09-30"));
    log.snapshot.params[0].make_up_window_days = 5;
    log.move_to(teacher(), first, "2026-09-08");
    log.move_to(teacher(), first, "2026-09-04");
    log.move_by(judo_teacher(), first, 3_600_000);
    log.append(
        teacher(),
        Event { lesson: Some(first.id), provider: Some(ALIYA), ..blank(EventKind::LessonMove) },
    );
    let expected = [
        AsideReason::MovedTooFar,
        AsideReason::LessonTaken,
        AsideReason::ForeignProvider,
        AsideReason::NoGround,
    ];
    assert_eq!(log.asides(), expected);
    assert_eq!(log.codes(2)[0], DayCode::Unexcused);
    log.move_to(teacher(), last, "2026-10-01");
    log.scan(teacher(), 2, last);
    assert_eq!(log.codes(2).last(), Some(&DayCode::LessonCancelledByProvider));
    let october: Month = "2026-10".parse().unwrap();
    let fold = ledger::MonthFold::of(&log.snapshot, &log.events, october).unwrap();
    assert!(fold.visits.is_empty(), "no month pays it");
}

#[test]
fn the_last_word_about_a_lesson_counts_but_an_act_stands() {
    let mut log = Log::second();
    let lesson = log.lesson(CHESS, "2026-09-02");
    log.cancel(teacher(), lesson, Cancellation::Provider);
    log.move_to(administrator(), lesson, "2026-09-05");
    assert_eq!(log.codes(2).iter().filter(|code| **code == DayCode::Unexcused).count(), 13);
    log.move_to(teacher(), lesson, "2026-09-06");
    let moved: Vec<_> = log.fold().rows[1].days.iter().filter_map(|d| d.moved_from_ms).collect();
    assert_eq!(moved, [lesson.start_ms]);
    log.cancel(coordinator(), lesson, Cancellation::Weather);
    log.move_to(teacher(), lesson, "2026-09-05");
    assert_eq!(log.asides(), [AsideReason::LessonNotHeld]);
    assert_eq!(log.fold().rows[1].planned, 12);
}

#[test]
fn no_time_is_too_odd_to_move_to() {
    let mut log = Log::second();
    let lesson = log.lesson(CHESS, "2026-09-02");
    for to_ms in [i64::MIN, i64::MAX, 0, -1] {
        let event = Event {
            lesson: Some(lesson.id),
            provider: Some(ALIYA),
            moved_to_ms: Some(to_ms),
            ..blank(EventKind::LessonMove)
        };
        log.append(teacher(), event);
    }
    assert_eq!(log.asides(), [AsideReason::MovedTooFar; 4]);
}
