//! Corrections: what an event means after a later one, and who may say so.

use attendance::{AbsenceReason, Event, EventKind, Finding, ManualReason};
use ledger::{AsideReason, DayCode, Lesson, LoggedEvent};
use seal::Hash;

use crate::fixture::*;

fn correct(log: &mut Log, device: Device, about: Hash, change: &dyn Fn(&mut Event)) -> Hash {
    let mut event = Event { about: Some(about), ..blank(EventKind::Correct) };
    change(&mut event);
    log.append(device, event)
}

fn scan(log: &mut Log, number: u8, lesson: Lesson) -> Hash {
    log.scan(teacher(), number, lesson)
}

#[test]
fn moves_a_visit_to_the_right_child_and_asks_that_family() {
    let mut log = Log::second();
    let lesson = log.lessons(CHESS)[0];
    let visit = scan(&mut log, 2, lesson);
    log.about(parent_of(2), EventKind::Confirm, visit);
    correct(&mut log, teacher(), visit, &|event| {
        (event.child, event.voucher) = (Some(child(3)), Some(voucher(3)));
    });
    assert_eq!(log.codes(2)[0], DayCode::Unexcused);
    assert_eq!(log.codes(3)[0], DayCode::AwaitingConfirmation);
    assert_eq!(log.asides(), [AsideReason::NotTheFamily]);
    log.about(parent_of(3), EventKind::Confirm, visit);
    assert_eq!(log.codes(3)[0], DayCode::Present);
    assert_eq!(log.tranche().lines[2].leaves, [1, 3, 4], "the correction is among the leaves");
}

#[test]
fn a_confirmation_of_another_lesson_does_not_carry_over() {
    let mut log = Log::second();
    let lessons = log.lessons(CHESS);
    let visit = scan(&mut log, 2, lessons[0]);
    log.about(parent_of(2), EventKind::Confirm, visit);
    log.sign_month(2);
    correct(&mut log, teacher(), visit, &|event| event.lesson = Some(lessons[1].id));
    assert_eq!(log.codes(2)[..2], [DayCode::Unexcused, DayCode::AwaitingConfirmation]);
    log.sign_month(2);
    assert_eq!(log.codes(2)[..2], [DayCode::Unexcused, DayCode::Present]);
}

#[test]
fn a_reason_is_corrected_without_asking_again() {
    let mut log = Log::second();
    let lessons = log.lessons(CHESS);
    for lesson in &lessons[1..6] {
        log.scan(teacher(), 2, *lesson);
    }
    let mark = log.mark(teacher(), 2, lessons[0]);
    log.sign_month(2);
    correct(&mut log, teacher(), mark, &|event| event.reason = Some(ManualReason::NoCamera));
    assert_eq!(log.asides(), []);
    assert_eq!(log.codes(2)[0], DayCode::Present);
}

#[test]
fn an_absence_gets_its_document_later() {
    let mut log = Log::second();
    let lesson = log.lessons(CHESS)[0];
    let absence = log.absent(parent_of(2), 2, lesson, (AbsenceReason::Sick, None));
    assert_eq!(log.codes(2)[0], DayCode::Unexcused);
    correct(&mut log, parent_of(2), absence, &|event| event.document = Some("note 3".to_owned()));
    assert_eq!((log.codes(2)[0], log.asides()), (DayCode::ExcusedSick, vec![]));
    assert_eq!(log.tranche().lines[1].leaves, [1, 2]);
}

#[test]
fn takes_corrections_of_the_recorder_and_of_the_district_alone() {
    let mut log = Log::second();
    let lessons = log.lessons(CHESS);
    let visit = scan(&mut log, 2, lessons[0]);
    let to_second = |event: &mut Event| event.lesson = Some(lessons[1].id);
    for device in [second_teacher(), judo_teacher(), parent_of(2), administrator()] {
        correct(&mut log, device, visit, &to_second);
    }
    assert_eq!(log.asides(), [AsideReason::NotTheRecorder; 4]);
    assert_eq!(log.codes(2)[0], DayCode::AwaitingConfirmation);
    correct(&mut log, coordinator(), visit, &to_second);
    assert_eq!(log.codes(2)[..2], [DayCode::Unexcused, DayCode::AwaitingConfirmation]);
    correct(&mut log, teacher(), visit, &|event| event.lesson = Some(lessons[2].id));
    assert_eq!(log.codes(2)[..3].iter().filter(|c| **c != DayCode::Unexcused).count(), 1);
    assert_eq!(log.codes(2)[2], DayCode::AwaitingConfirmation, "the last one counts");
}

#[test]
fn a_correction_replaces_what_it_may_and_stays_in_the_month() {
    let mut log = Log::second();
    let lesson = log.lessons(CHESS)[0];
    let visit = scan(&mut log, 2, lesson);
    correct(&mut log, teacher(), visit, &|event| event.headcount = Some(3));
    correct(&mut log, teacher(), visit, &|_| {});
    let october = log.snapshot.lessons("2026-10".parse().unwrap())[0];
    correct(&mut log, teacher(), visit, &|event| event.lesson = Some(october.id));
    let nothing = AsideReason::CorrectsNothing;
    assert_eq!(log.asides(), [nothing, nothing, AsideReason::OtherMonth]);
    assert_eq!(log.codes(2)[0], DayCode::AwaitingConfirmation);
}

#[test]
fn a_correction_after_the_close_is_a_case_for_an_adjustment() {
    let mut log = Log::second();
    let lessons = log.lessons(CHESS);
    let visit = scan(&mut log, 2, lessons[0]);
    log.about(parent_of(2), EventKind::Confirm, visit);
    log.close();
    let (closed, tranche) = (log.fold().rows, log.tranche());
    correct(&mut log, coordinator(), visit, &|event| event.lesson = Some(lessons[1].id));
    log.append(coordinator(), void(visit));
    assert_eq!(log.asides(), [AsideReason::AfterClose; 2]);
    assert_eq!(log.fold().rows, closed);
    let again = ledger::compute_tranche(
        &log.snapshot,
        &log.events,
        september(),
        ledger::TrancheBasis { tree_size: 4, ..log.basis() },
    );
    assert_eq!(again.unwrap(), tranche);
}

fn void(about: Hash) -> Event {
    Event { about: Some(about), finding: Some(Finding::Slip), ..blank(EventKind::Void) }
}

#[test]
fn the_district_withdraws_with_a_ground() {
    let mut log = Log::second();
    let visit = log.scan(teacher(), 2, log.lessons(CHESS)[0]);
    log.append(coordinator(), Event { finding: None, ..void(visit) });
    log.append(administrator(), void(visit));
    assert_eq!(log.asides(), [AsideReason::NoGround, AsideReason::NotATeacher]);
    log.append(coordinator(), void(visit));
    assert_eq!(log.codes(2)[0], DayCode::Unexcused);
}

#[test]
fn the_first_edition_reads_no_correction() {
    let mut log = Log::new();
    let lessons = log.lessons(CHESS);
    let visit = scan(&mut log, 2, lessons[0]);
    correct(&mut log, teacher(), visit, &|event| event.lesson = Some(lessons[1].id));
    log.append(coordinator(), void(visit));
    assert_eq!(log.codes(2)[..2], [DayCode::AwaitingConfirmation, DayCode::Unexcused]);
    let withdrawn = |logged: &LoggedEvent| logged.event.kind == EventKind::Void;
    assert!(log.events.iter().any(withdrawn));
}
