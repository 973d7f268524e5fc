//! Which events count, and what the family's answers do.

use attendance::{Event, EventKind, Method};
use ledger::{AsideReason, DayCode, Standing};

use crate::fixture::*;

fn codes(log: &Log, number: u8) -> Vec<DayCode> {
    log.codes(number)
}

fn asides(log: &Log) -> Vec<AsideReason> {
    log.asides()
}

#[test]
fn awaits_then_pays_a_confirmed_visit() {
    let mut log = Log::new();
    let lesson = log.lesson(CHESS, "2026-09-02");
    let visit = log.scan(teacher(), 2, lesson);
    assert_eq!(codes(&log, 2)[0], DayCode::AwaitingConfirmation);
    log.about(parent_of(2), EventKind::Confirm, visit);
    let codes = codes(&log, 2);
    assert_eq!(codes[0], DayCode::Present);
    assert!(codes[1..].iter().all(|code| *code == DayCode::Unexcused));
    assert_eq!(log.fold().visits[0].standing, Standing::Confirmed { by: 2 });
}

#[test]
fn counts_the_first_scan_only() {
    let mut log = Log::new();
    let lesson = log.lesson(CHESS, "2026-09-02");
    let first = log.scan(teacher(), 2, lesson);
    let second = log.scan(second_teacher(), 2, lesson);
    let fold = log.fold();
    assert_eq!((fold.visits.len(), fold.visits[0].event), (1, first));
    assert_eq!(asides(&log), [AsideReason::Duplicate]);
    log.about(parent_of(2), EventKind::Confirm, second);
    assert_eq!(codes(&log, 2)[0], DayCode::Present, "the answer may name either scan");
}

#[test]
fn sets_aside_who_may_not_record() {
    let mut log = Log::new();
    let lesson = log.lesson(CHESS, "2026-09-02");
    log.scan(parent_of(2), 2, lesson);
    log.scan(coordinator(), 2, lesson);
    log.scan(judo_teacher(), 2, lesson);
    log.append(teacher(), Event { provider: Some(BARYS), ..in_event(2, lesson) });
    assert!(log.fold().visits.is_empty());
    let expected = [[AsideReason::NotATeacher; 2], [AsideReason::ForeignProvider; 2]];
    assert_eq!(asides(&log), expected.concat());
}

#[test]
fn keeps_guests_out_of_the_sheet() {
    let mut log = Log::new();
    let before_contract = log.lesson(CHESS, "2026-09-11");
    log.scan(teacher(), 1, before_contract);
    log.scan(teacher(), 4, before_contract);
    log.scan(teacher(), 9, before_contract);
    let borrowed = Event { child: Some(child(3)), ..in_event(2, before_contract) };
    log.append(teacher(), borrowed);
    assert_eq!(asides(&log), [AsideReason::Guest; 4]);
    assert!(log.fold().visits.is_empty());
    assert_eq!(codes(&log, 1)[..5], [DayCode::NotEnrolled; 5]);
}

#[test]
fn asks_for_a_ground() {
    let mut log = Log::new();
    let lesson = log.lesson(CHESS, "2026-09-02");
    log.append(teacher(), Event { method: None, ..in_event(2, lesson) });
    log.append(teacher(), Event { method: Some(Method::Manual), ..in_event(2, lesson) });
    assert_eq!(asides(&log), [AsideReason::NoGround; 2]);
}

#[test]
fn flags_late_and_outside_but_refuses_neither() {
    let mut log = Log::new();
    let lesson = log.lesson(CHESS, "2026-09-02");
    let late = lesson.start_ms + 16 * MINUTE;
    let visit = log.append(teacher(), Event { wall_ms: late, ..in_event(2, lesson) });
    log.about(parent_of(2), EventKind::Confirm, visit);
    let early = lesson.start_ms - 21 * MINUTE;
    let visit = log.append(teacher(), Event { wall_ms: early, ..in_event(3, lesson) });
    log.about(parent_of(3), EventKind::Confirm, visit);
    let fold = log.fold();
    assert_eq!((fold.visits[0].late, fold.visits[0].outside_window), (true, false));
    assert_eq!((fold.visits[1].late, fold.visits[1].outside_window), (false, true));
    assert_eq!(codes(&log, 2)[0], DayCode::PresentLate);
    assert_eq!(codes(&log, 3)[0], DayCode::Present);
}

#[test]
fn lets_only_the_recorder_withdraw() {
    let mut log = Log::new();
    let lesson = log.lesson(CHESS, "2026-09-02");
    let visit = log.scan(teacher(), 2, lesson);
    log.about(second_teacher(), EventKind::Void, visit);
    log.about(parent_of(2), EventKind::Void, visit);
    assert_eq!(log.fold().visits.len(), 1);
    assert_eq!(asides(&log), [AsideReason::NotTheRecorder, AsideReason::NotATeacher]);
    log.about(teacher(), EventKind::Void, visit);
    assert!(log.fold().visits.is_empty());
    assert_eq!(codes(&log, 2)[0], DayCode::Unexcused);
}

#[test]
fn does_not_carry_a_confirmation_to_a_replaced_scan_but_carries_a_dispute() {
    let mut log = Log::new();
    let lesson = log.lesson(CHESS, "2026-09-02");
    for (number, kind) in [(2, EventKind::Confirm), (3, EventKind::Dispute)] {
        let visit = log.scan(teacher(), number, lesson);
        log.about(parent_of(number), kind, visit);
        log.about(teacher(), EventKind::Void, visit);
        log.mark(teacher(), number, lesson);
    }
    assert_eq!(codes(&log, 2)[0], DayCode::AwaitingConfirmation);
    assert_eq!(codes(&log, 3)[0], DayCode::Disputed);
}

#[test]
fn takes_the_last_answer_of_the_family_alone() {
    let mut log = Log::new();
    let lesson = log.lesson(CHESS, "2026-09-02");
    let visit = log.scan(teacher(), 2, lesson);
    log.about(parent_of(3), EventKind::Confirm, visit);
    log.about(teacher(), EventKind::Confirm, visit);
    log.about(coordinator(), EventKind::Confirm, visit);
    let other_child = Event { about: Some(visit), ..blank(EventKind::Confirm) };
    log.append(parent_of(2), Event { child: Some(child(3)), ..other_child });
    assert_eq!(asides(&log), [AsideReason::NotTheFamily; 4]);
    assert_eq!(codes(&log, 2)[0], DayCode::AwaitingConfirmation);
    log.about(parent_of(2), EventKind::Confirm, visit);
    log.about(parent_of(2), EventKind::Dispute, visit);
    assert_eq!(codes(&log, 2)[0], DayCode::Disputed);
    log.about(parent_of(2), EventKind::Confirm, visit);
    assert_eq!(codes(&log, 2)[0], DayCode::Present);
}

#[test]
fn month_signature_covers_what_was_there_and_undisputed() {
    let mut log = Log::new();
    let lessons = log.lessons(CHESS);
    log.scan(teacher(), 2, lessons[0]);
    let disputed = log.scan(teacher(), 2, lessons[1]);
    log.scan(teacher(), 3, lessons[0]);
    log.about(parent_of(2), EventKind::Dispute, disputed);
    log.sign_month(2);
    log.scan(teacher(), 2, lessons[2]);
    let expected = [DayCode::Present, DayCode::Disputed, DayCode::AwaitingConfirmation];
    assert_eq!(codes(&log, 2)[..3], expected);
    assert_eq!(codes(&log, 3)[0], DayCode::AwaitingConfirmation, "another family's child");
    let stranger = Event {
        child: Some(child(3)),
        month: Some(september().number()),
        ..blank(EventKind::MonthSign)
    };
    log.append(parent_of(2), stranger);
    assert_eq!(codes(&log, 3)[0], DayCode::AwaitingConfirmation);
    assert_eq!(asides(&log), [AsideReason::NotTheFamily]);
}

#[test]
fn holds_marks_by_hand_beyond_the_share() {
    let mut log = Log::new();
    let lessons = log.lessons(CHESS);
    for (at, lesson) in lessons.iter().take(10).enumerate() {
        if at < 4 {
            log.mark(teacher(), 2, *lesson)
        } else {
            log.scan(teacher(), 2, *lesson)
        };
    }
    log.sign_month(2);
    let codes = codes(&log, 2);
    assert_eq!(codes[..2], [DayCode::Present; 2], "20 % of 10 visits");
    assert_eq!(codes[2..4], [DayCode::HeldManualShare; 2]);
    assert_eq!(codes[4..10], [DayCode::Present; 6]);
    let line = log.tranche().lines.remove(1);
    assert_eq!((line.payable, line.pending), (8, 2));
}

#[test]
fn pays_a_child_for_one_lesson_of_a_day() {
    let mut log = Log::new();
    let mut second = log.snapshot.contracts[3].clone();
    second.voucher = voucher(5);
    second.number = "2026-0005".to_owned();
    second.child = child(2);
    log.snapshot.contracts.push(second);
    log.snapshot.groups[1].weekdays.push(ledger::Weekday::Wed);
    let (chess, judo) = (log.lesson(CHESS, "2026-09-02"), log.lesson(JUDO, "2026-09-02"));
    log.scan(teacher(), 2, chess);
    log.append(judo_teacher(), Event { child: Some(child(2)), ..in_event(5, judo) });
    log.sign_month(2);
    assert_eq!(codes(&log, 2)[0], DayCode::Present);
    let day = log.fold().rows.iter().find(|row| row.voucher == voucher(5)).unwrap().days[1];
    assert_eq!((day.lesson.id, day.code), (judo.id, DayCode::HeldDayLimit));
}

#[test]
fn pays_nothing_on_a_day_off() {
    let mut log = Log::new();
    let lesson = log.lesson(CHESS, "2026-09-02");
    log.snapshot.calendar.official_off.push(date("2026-09-02"));
    let visit = log.scan(teacher(), 2, lesson);
    log.about(parent_of(2), EventKind::Confirm, visit);
    assert_eq!(asides(&log), [AsideReason::DayOff]);
    assert_eq!(codes(&log, 2)[0], DayCode::Holiday);
    assert_eq!(log.fold().rows[1].planned, 12);
    assert!(!log.snapshot.lessons(september()).contains(&lesson));
}

#[test]
fn changes_nothing_after_the_close() {
    let mut log = Log::new();
    let lessons = log.lessons(CHESS);
    let visit = log.scan(teacher(), 2, lessons[0]);
    log.about(parent_of(2), EventKind::Confirm, visit);
    let close = Event {
        month: Some(september().number()),
        wall_ms: may_close_ms(),
        ..blank(EventKind::MonthClose)
    };
    log.append(teacher(), close.clone());
    assert_eq!(log.month_close(), None, "a teacher cannot close");
    log.append(Device { provider: Some(ALIYA), ..coordinator() }, close.clone());
    let a_second_too_early = Event { wall_ms: may_close_ms() - 1_000, ..close };
    log.append(coordinator(), a_second_too_early);
    assert_eq!(log.month_close(), None, "the month is not over");
    let not_the_district = AsideReason::NotACoordinator;
    assert_eq!(asides(&log), [not_the_district, not_the_district, AsideReason::TooEarly]);
    log.close();
    let closed = log.fold();
    assert_eq!(closed.close, Some(6));
    log.about(parent_of(2), EventKind::Dispute, visit);
    let late = log.scan(teacher(), 2, lessons[1]);
    log.about(parent_of(2), EventKind::Confirm, late);
    log.close();
    assert_eq!(log.fold(), closed);
}
