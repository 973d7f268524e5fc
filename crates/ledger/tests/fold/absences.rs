//! Absences: excused by a document, up to the share that is paid.

use attendance::AbsenceReason::{Leave, Other, Quarantine, Sick, Unexcused};
use attendance::{Event, EventKind, Finding};
use ledger::{AsideReason, DayCode, Excuse};

use crate::fixture::*;

const NOTE: Option<&str> = Some("note 12");

#[test]
fn pays_example_e5_to_the_tiyn() {
    let mut log = Log::second();
    // Twelve lessons: six attended, five excused of which three count, one missed.
    log.snapshot.calendar.official_off.push(date("2026-09-02"));
    let lessons = log.lessons(CHESS);
    assert_eq!(lessons.len(), 12);
    for lesson in &lessons[..6] {
        log.scan(teacher(), 2, *lesson);
    }
    for lesson in &lessons[6..11] {
        log.absent(teacher(), 2, *lesson, (Sick, NOTE));
    }
    log.sign_month(2);
    log.close();
    assert_eq!(log.sums(2), (3_000_000, 2_250_000, 0, 750_000));
    let line = log.tranche().lines.remove(1);
    assert_eq!((line.planned, line.payable, line.excused, line.pending), (12, 6, 3, 0));
    let codes: Vec<_> = line.unpaid.iter().map(|day| day.code).collect();
    let over = DayCode::ExcusedOverCap;
    assert_eq!(codes, [DayCode::Holiday, over, over, DayCode::Unexcused]);
    // Twelve scans and absences, and the signed month.
    assert_eq!(line.leaves, (1..=12).collect::<Vec<_>>());
}

#[test]
fn pays_nothing_for_absences_under_the_first_edition_or_a_cap_of_nothing() {
    let with = |change: &dyn Fn(&mut ledger::Params)| {
        let mut log = Log::second();
        change(&mut log.snapshot.params[0]);
        let lesson = log.lessons(CHESS)[0];
        log.absent(teacher(), 2, lesson, (Sick, NOTE));
        (log.codes(2)[0], log.sums(2).1)
    };
    assert_eq!(with(&|_| {}), (DayCode::ExcusedSick, 230_769));
    let first = |params: &mut ledger::Params| params.fold_edition = ledger::FoldEdition::First;
    assert_eq!(with(&first), (DayCode::Unexcused, 0));
    let strict = |params: &mut ledger::Params| params.excused_cap_percent = 0;
    assert_eq!(with(&strict), (DayCode::ExcusedOverCap, 0));
}

#[test]
fn takes_the_word_of_the_provider_and_of_the_family_with_a_document() {
    let mut log = Log::second();
    let lessons = log.lessons(CHESS);
    log.absent(teacher(), 2, lessons[0], (Sick, NOTE));
    log.absent(parent_of(2), 2, lessons[1], (Leave, NOTE));
    log.absent(teacher(), 2, lessons[2], (Quarantine, NOTE));
    let hash_only = Event {
        kind: EventKind::Absent,
        absence: Some(Sick),
        absence_document: Some(seal::sha256(b"a note")),
        method: None,
        ..in_event(3, lessons[0])
    };
    log.append(parent_of(3), hash_only);
    assert_eq!(log.asides(), []);
    let expected = [DayCode::ExcusedSick, DayCode::ExcusedLeave, DayCode::ExcusedQuarantine];
    assert_eq!(log.codes(2)[..3], expected);
    assert_eq!(log.codes(3)[0], DayCode::ExcusedSick);
    let excuses: Vec<_> = log.fold().absences.iter().map(|one| one.excuse).collect();
    assert_eq!(excuses, [Excuse::Sick, Excuse::Sick, Excuse::Leave, Excuse::Quarantine]);
}

#[test]
fn excuses_nothing_without_a_right_a_reason_and_a_document() {
    let mut log = Log::second();
    let lesson = log.lessons(CHESS)[0];
    for device in [judo_teacher(), coordinator(), administrator(), parent_of(3)] {
        log.absent(device, 2, lesson, (Sick, NOTE));
    }
    for ground in [(Sick, None), (Sick, Some("  ")), (Unexcused, NOTE), (Other, NOTE)] {
        log.absent(teacher(), 2, lesson, ground);
    }
    log.absent(teacher(), 9, lesson, (Sick, NOTE));
    let before_contract = log.lesson(CHESS, "2026-09-11");
    log.absent(teacher(), 1, before_contract, (Sick, NOTE));
    let (may_not, none) = (AsideReason::MayNotExcuse, AsideReason::NoDocument);
    let guest = AsideReason::Guest;
    let expected = [may_not, may_not, may_not, may_not, none, none, none, none, guest, guest];
    assert_eq!(log.asides(), expected);
    assert_eq!(log.codes(2)[0], DayCode::Unexcused);
    assert!(log.fold().absences.is_empty());
}

#[test]
fn a_scan_beats_an_absence_whichever_came_first() {
    let mut log = Log::second();
    let lessons = log.lessons(CHESS);
    log.absent(parent_of(2), 2, lessons[0], (Sick, NOTE));
    log.scan(teacher(), 2, lessons[0]);
    log.scan(teacher(), 2, lessons[1]);
    log.absent(parent_of(2), 2, lessons[1], (Sick, NOTE));
    log.sign_month(2);
    assert_eq!(log.codes(2)[..2], [DayCode::Present; 2]);
    assert_eq!(log.asides(), [AsideReason::Attended; 2]);
    // Withdrawn, the scan beats nothing.
    let slip = log.scan(teacher(), 3, lessons[0]);
    log.about(teacher(), EventKind::Void, slip);
    log.absent(parent_of(3), 3, lessons[0], (Sick, NOTE));
    assert_eq!(log.codes(3)[0], DayCode::ExcusedSick);
}

#[test]
fn an_absence_is_withdrawn_by_who_entered_it_or_by_the_district_with_a_ground() {
    let mut log = Log::second();
    let lessons = log.lessons(CHESS);
    let first = log.absent(parent_of(2), 2, lessons[0], (Sick, NOTE));
    let second = log.absent(parent_of(2), 2, lessons[0], (Leave, NOTE));
    log.about(teacher(), EventKind::Void, first);
    log.about(coordinator(), EventKind::Void, first);
    let (twice, no_ground) = (AsideReason::Duplicate, AsideReason::NoGround);
    assert_eq!(log.asides(), [twice, AsideReason::NotTheRecorder, no_ground]);
    log.about(parent_of(2), EventKind::Void, first);
    assert_eq!(log.codes(2)[0], DayCode::ExcusedLeave);
    let forged =
        Event { about: Some(second), finding: Some(Finding::NoEvidence), ..blank(EventKind::Void) };
    log.append(coordinator(), forged);
    assert_eq!(log.codes(2)[0], DayCode::Unexcused);
}

#[test]
fn flags_what_was_entered_late_and_takes_it_before_the_close() {
    let mut log = Log::second();
    // Wednesday 2 September: five working days end on the 9th, ten on the 16th.
    let lesson = log.lesson(CHESS, "2026-09-02");
    let on = |day: &str| ledger::local_ms(date(day), 12 * 60).unwrap();
    for (number, reason, day) in [
        (2, Leave, "2026-09-09"),
        (3, Leave, "2026-09-10"),
        (2, Sick, "2026-09-16"),
        (3, Sick, "2026-09-17"),
    ] {
        let mut noted = log.clone();
        noted.absent(teacher(), number, lesson, (reason, NOTE));
        noted.events.last_mut().unwrap().event.wall_ms = on(day);
        let absence = noted.fold().absences.remove(0);
        assert_eq!(absence.late, number == 3, "{day}");
        assert_ne!(noted.codes(number)[0], DayCode::Unexcused, "a flag, no refusal");
    }
    log.close();
    log.absent(teacher(), 2, lesson, (Sick, NOTE));
    assert_eq!(log.codes(2)[0], DayCode::Unexcused);
    assert_eq!(log.asides(), [AsideReason::AfterClose]);
}
