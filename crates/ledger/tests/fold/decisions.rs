//! Disputes and conflicts, and what the district decides about them.

use attendance::{Event, EventKind, Verdict};
use ledger::{AsideReason, DayCode, Lesson, Weekday};
use seal::Hash;

use crate::fixture::*;

fn disputed() -> (Log, Hash) {
    let mut log = Log::second();
    let lesson = log.lessons(CHESS)[0];
    let visit = log.scan(teacher(), 2, lesson);
    log.about(parent_of(2), EventKind::Dispute, visit);
    (log, visit)
}

#[test]
fn a_dispute_is_held_until_the_district_decides() {
    let (log, visit) = disputed();
    assert_eq!(
        (log.codes(2)[0], log.sums(2)),
        (DayCode::Disputed, (3_000_000, 0, 230_769, 2_769_231))
    );
    let mut was = log.clone();
    was.decide(coordinator(), visit, Verdict::Was);
    assert_eq!(
        (was.codes(2)[0], was.sums(2)),
        (DayCode::Present, (3_000_000, 230_769, 0, 2_769_231))
    );
    assert_eq!(was.tranche().lines[1].leaves, [1, 2, 3]);
    let mut was_not = log;
    was_not.decide(coordinator(), visit, Verdict::WasNot);
    assert_eq!(was_not.codes(2)[0], DayCode::DecidedAbsent);
    assert_eq!(was_not.sums(2), (3_000_000, 0, 0, 3_000_000));
}

#[test]
fn only_the_district_decides_with_a_ground_and_a_document() {
    let (mut log, visit) = disputed();
    for device in [teacher(), administrator(), parent_of(2)] {
        log.decide(device, visit, Verdict::Was);
    }
    log.decide(coordinator(), visit, Verdict::Was);
    let whole = log.events.pop().unwrap().event;
    for part in [
        Event { verdict: None, ..whole.clone() },
        Event { finding: None, ..whole.clone() },
        Event { document: None, ..whole.clone() },
        Event { document: Some(" ".to_owned()), ..whole },
    ] {
        log.append(coordinator(), part);
    }
    let district = AsideReason::NotACoordinator;
    let ground = AsideReason::NoGround;
    assert_eq!(log.asides(), [district, district, district, ground, ground, ground, ground]);
    assert_eq!(log.codes(2)[0], DayCode::Disputed);
}

#[test]
fn a_decision_needs_something_to_decide_and_takes_no_family_s_word() {
    let mut log = Log::second();
    let lesson = log.lessons(CHESS)[0];
    let visit = log.scan(teacher(), 2, lesson);
    log.decide(coordinator(), visit, Verdict::Was);
    assert_eq!(log.asides(), [AsideReason::NothingToDecide]);
    assert_eq!(log.codes(2)[0], DayCode::AwaitingConfirmation);
}

#[test]
fn what_was_decided_is_not_disputed_again_and_may_be_decided_anew() {
    let (mut log, visit) = disputed();
    log.decide(coordinator(), visit, Verdict::Was);
    log.about(parent_of(2), EventKind::Dispute, visit);
    assert_eq!(log.codes(2)[0], DayCode::Present);
    log.decide(coordinator(), visit, Verdict::WasNot);
    log.about(parent_of(2), EventKind::Confirm, visit);
    assert_eq!(log.codes(2)[0], DayCode::DecidedAbsent);
}

#[test]
fn shows_by_when_a_dispute_is_to_be_decided() {
    let (mut log, _) = disputed();
    // Friday 4 September, by the family's clock; five working days end on the Friday after.
    log.events[1].event.wall_ms = ledger::local_ms(date("2026-09-04"), 600).unwrap();
    assert_eq!(log.fold().visits[0].decide_until, Some(date("2026-09-11")));
    log.snapshot.calendar.official_off.push(date("2026-09-09"));
    assert_eq!(log.fold().visits[0].decide_until, Some(date("2026-09-14")));
}

/// Child 2 is in the chess group and, by voucher 5, in a judo group at the same hours.
fn twice() -> (Log, Lesson, Lesson) {
    let mut log = Log::second();
    let mut second = log.snapshot.contracts[3].clone();
    (second.voucher, second.number, second.child) = (voucher(5), "2026-0005".to_owned(), child(2));
    log.snapshot.contracts.push(second);
    log.snapshot.groups[1].weekdays.push(Weekday::Wed);
    log.snapshot.groups[1].start = "16:30".to_owned();
    log.snapshot.params[0].max_payable_visits_per_child_day = 2;
    let (chess, judo) = (log.lesson(CHESS, "2026-09-02"), log.lesson(JUDO, "2026-09-02"));
    (log, chess, judo)
}

fn come(log: &mut Log, chess: Lesson, judo: Lesson) -> (Hash, Hash) {
    let at_chess = log.scan(teacher(), 2, chess);
    let at_judo = log.append(judo_teacher(), Event { child: Some(child(2)), ..in_event(5, judo) });
    log.sign_month(2);
    (at_chess, at_judo)
}

fn both(log: &Log) -> (DayCode, DayCode) {
    (log.codes(2)[0], log.codes(5)[1])
}

#[test]
fn nobody_is_at_two_providers_at_once() {
    let (mut log, chess, judo) = twice();
    let (at_chess, at_judo) = come(&mut log, chess, judo);
    assert_eq!(both(&log), (DayCode::Conflict, DayCode::Conflict));
    log.decide(coordinator(), at_chess, Verdict::Was);
    assert_eq!(both(&log), (DayCode::Present, DayCode::Conflict), "each is decided for itself");
    log.decide(coordinator(), at_judo, Verdict::WasNot);
    assert_eq!(both(&log), (DayCode::Present, DayCode::DecidedAbsent));
}

#[test]
fn a_conflict_ends_when_one_of_the_two_was_not() {
    let (log, chess, judo) = twice();
    let mut denied = log.clone();
    let (_, at_judo) = come(&mut denied, chess, judo);
    denied.decide(coordinator(), at_judo, Verdict::WasNot);
    assert_eq!(both(&denied), (DayCode::Present, DayCode::DecidedAbsent));
    let mut disputed = log;
    let (_, at_judo) = come(&mut disputed, chess, judo);
    disputed.about(parent_of(2), EventKind::Dispute, at_judo);
    assert_eq!(
        both(&disputed),
        (DayCode::Present, DayCode::Disputed),
        "a false scan holds no other"
    );
}

#[test]
fn a_decided_conflict_still_needs_the_family() {
    let (mut log, chess, judo) = twice();
    let at_chess = log.scan(teacher(), 2, chess);
    log.append(judo_teacher(), Event { child: Some(child(2)), ..in_event(5, judo) });
    log.decide(coordinator(), at_chess, Verdict::Was);
    assert_eq!(both(&log), (DayCode::AwaitingConfirmation, DayCode::Conflict));
    log.about(parent_of(2), EventKind::Dispute, at_chess);
    assert_eq!(both(&log).0, DayCode::Disputed, "it was not the dispute that was decided");
}

#[test]
fn lessons_one_after_the_other_or_at_one_provider_are_no_conflict() {
    let (mut log, chess, judo) = twice();
    log.snapshot.groups[1].start = "17:00".to_owned();
    let later = log.lesson(JUDO, "2026-09-02");
    assert_eq!(later.start_ms, chess.end_ms);
    come(&mut log, chess, later);
    assert_eq!(both(&log), (DayCode::Present, DayCode::Present));
    let (mut log, ..) = twice();
    log.snapshot.params[0].fold_edition = ledger::FoldEdition::First;
    come(&mut log, chess, judo);
    assert_eq!(both(&log), (DayCode::Present, DayCode::Present), "the first edition knows none");
}
