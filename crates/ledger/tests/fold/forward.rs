//! What is decided after a month was closed, and that it is paid once.

use attendance::{Decision, EventKind, Ground};
use ledger::{CorrectionCause, DecisionRefusal, PaymentState, Tiyn, payments};

use crate::fixture::*;
use crate::year::*;

const OCTOBER: &str = "2026-10";

/// September with eight paid lessons of child 2, and one that nobody answered.
fn taught() -> Log {
    let mut log = autumn();
    log.attend(2, CHESS, ("2026-09-01", "2026-09-30"), 8);
    let lesson = log.lessons_in(CHESS, september())[8];
    log.scan_at(2, lesson);
    log
}

fn moved(log: &Log, of: &str) -> Vec<(i64, i64, i64, CorrectionCause)> {
    let corrections = log.tranche_of(month(of)).corrections.unwrap_or_default();
    let moved = corrections.iter();
    moved.map(|one| (one.accrued.0, one.held.0, one.released.0, one.cause)).collect()
}

fn why(log: &Log) -> Vec<DecisionRefusal> {
    log.accounts().refused.iter().map(|one| one.why).collect()
}

#[test]
fn suspended_provider_earns_and_is_paid_when_it_is_cured() {
    let mut log = taught();
    log.suspend("2026-09-20", ALIYA, Ground::TaxDebt);
    log.close_of(september());
    let held = log.lines_of(2, september()).remove(0);
    // Eight of thirteen are earned and wait; one more waits for its family.
    assert_eq!(amounts(&held), [3_000_000, 3_000_000, 0, 2_076_923, 923_077]);
    assert_eq!(held.suspended, Some(Tiyn(1_846_153)));
    let due = payments(&log.tranche_of(september()), &log.events);
    assert!(due.iter().all(|one| one.state == PaymentState::NothingDue));

    log.cure("2026-10-10", ALIYA, Ground::TaxDebt);
    log.close_of(month(OCTOBER));
    assert_eq!(moved(&log, OCTOBER), [(1_846_153, -1_846_153, 0, CorrectionCause::Cured)]);
    let october = log.tranche_of(month(OCTOBER));
    let aliya = october.due()[&ALIYA];
    assert_eq!(aliya, Tiyn(1_846_153), "nothing was taught in October");
    // Suspended and cured again: nothing is left to release.
    log.suspend("2026-11-02", ALIYA, Ground::TaxDebt);
    log.cure("2026-11-03", ALIYA, Ground::TaxDebt);
    log.close_of(month("2026-11"));
    assert_eq!(moved(&log, "2026-11"), []);
    assert_eq!(log.tranche_of(month("2026-11")).dues, None);
}

#[test]
fn every_ground_must_be_cured_and_a_wrong_address_waits_for_a_person() {
    let mut log = taught();
    log.suspend("2026-09-20", ALIYA, Ground::TaxDebt);
    log.suspend("2026-09-21", ALIYA, Ground::AddressMismatch);
    log.close_of(september());
    log.cure("2026-10-10", ALIYA, Ground::TaxDebt);
    log.close_of(month(OCTOBER));
    assert_eq!(moved(&log, OCTOBER), [], "one ground is open");
    log.cure("2026-11-03", ALIYA, Ground::AddressMismatch);
    log.close_of(month("2026-11"));
    assert_eq!(moved(&log, "2026-11"), [], "the visits at a wrong address stay held");
    let first = log.release(coordinator(), (2, september()), Decision::Pay, None);
    log.release(second_coordinator(), (2, september()), Decision::Pay, Some(first));
    log.close_of(month("2026-12"));
    assert_eq!(moved(&log, "2026-12"), [(2_076_923, -2_076_923, 0, CorrectionCause::Paid)]);
}

#[test]
fn much_held_money_needs_two_people_and_is_let_through_once() {
    let mut log = taught();
    log.suspend("2026-09-20", ALIYA, Ground::TaxDebt);
    log.close_of(september());
    let first = log.release(coordinator(), (2, september()), Decision::Pay, None);
    let held = Tiyn(2_076_923);
    assert_eq!(why(&log), [DecisionRefusal::SecondPerson { held }]);
    log.release(coordinator(), (2, september()), Decision::Pay, Some(first));
    log.release(second_coordinator(), (2, september()), Decision::Return, Some(first));
    assert_eq!(log.accounts().next, [], "the same person, and another decision");
    log.release(second_coordinator(), (2, september()), Decision::Pay, Some(first));
    assert_eq!(log.accounts().next.len(), 1);
    log.release(second_coordinator(), (2, september()), Decision::Pay, Some(first));
    log.cure("2026-10-10", ALIYA, Ground::TaxDebt);
    log.close_of(month(OCTOBER));
    assert_eq!(moved(&log, OCTOBER), [(2_076_923, -2_076_923, 0, CorrectionCause::Paid)]);
    assert_eq!(why(&log).last(), Some(&DecisionRefusal::NothingHeld));
}

#[test]
fn little_held_money_is_one_person_s_decision() {
    let mut log = taught();
    log.close_of(september());
    log.release(teacher(), (2, september()), Decision::Return, None);
    log.release(coordinator(), (2, month(OCTOBER)), Decision::Return, None);
    log.release(coordinator(), (2, september()), Decision::Return, None);
    log.close_of(month(OCTOBER));
    assert_eq!(moved(&log, OCTOBER), [(0, -230_770, 230_770, CorrectionCause::Returned)]);
    assert_eq!(why(&log), [DecisionRefusal::NotACoordinator, DecisionRefusal::NotClosed]);
}

#[test]
fn late_answer_is_paid_in_a_later_month() {
    let mut log = taught();
    log.close_of(september());
    let waiting = log.events.iter().rev().find(|one| one.event.kind == EventKind::In).unwrap().hash;
    log.adjust(2, september());
    assert_eq!(why(&log), [DecisionRefusal::NoDifference]);
    log.about(parent_of(2), EventKind::Confirm, waiting);
    log.adjust(2, september());
    log.adjust(2, september());
    log.close_of(month(OCTOBER));
    assert_eq!(moved(&log, OCTOBER), [(230_770, -230_770, 0, CorrectionCause::Adjusted)]);
    assert_eq!(log.lines_of(2, september())[0].accrued, Tiyn(1_846_153), "its own tranche stays");
}

#[test]
fn what_was_paid_too_much_nets_against_the_next_acts() {
    let mut log = taught();
    log.close_of(september());
    let visits: Vec<_> = log.events.iter().filter(|one| one.event.kind == EventKind::In).collect();
    let first = visits[0].hash;
    log.about(parent_of(2), EventKind::Dispute, first);
    log.adjust(2, september());
    // October earns less than what September was paid too much.
    log.close_of(month(OCTOBER));
    let due = log.tranche_of(month(OCTOBER)).dues.unwrap();
    assert_eq!(
        (due[0].corrected, due[0].due, due[0].carried),
        (Tiyn(-230_769), Tiyn(0), Tiyn(-230_769))
    );
    log.attend(2, CHESS, ("2026-11-01", "2026-11-30"), 30);
    log.close_of(month("2026-11"));
    let november = log.tranche_of(month("2026-11"));
    assert_eq!(november.corrections, None);
    let due = november.dues.as_ref().unwrap()[0];
    assert_eq!((due.brought, due.carried), (Tiyn(-230_769), Tiyn(0)));
    assert_eq!(november.due()[&ALIYA], Tiyn(3_000_000 - 230_769));
    let paid = payments(&november, &log.events);
    assert_eq!(paid.iter().find(|one| one.provider == ALIYA).unwrap().due, Tiyn(2_769_231));
    log.close_of(month("2026-12"));
    assert_eq!(log.tranche_of(month("2026-12")).dues, None, "the debt is paid");
}

#[test]
fn month_is_adjusted_for_so_long_and_in_its_year() {
    let mut log = taught();
    log.snapshot.params[0].corrections.adjust_max_months = 1;
    log.close_of(september());
    let waiting = log.events.iter().rev().find(|one| one.event.kind == EventKind::In).unwrap().hash;
    log.about(parent_of(2), EventKind::Confirm, waiting);
    log.close_of(month(OCTOBER));
    log.adjust(2, september());
    log.close_of(month("2026-11"));
    assert_eq!(moved(&log, "2026-11"), []);
    assert_eq!(why(&log), [DecisionRefusal::TooLate { month: september(), most: 1 }]);
    log.snapshot.params[0].corrections.adjust_max_months = 3;
    assert_eq!(moved(&log, "2026-11").len(), 1);
}

#[test]
fn adjustment_of_a_suspended_provider_s_month_stays_held() {
    let mut log = taught();
    log.suspend("2026-09-20", ALIYA, Ground::TaxDebt);
    log.close_of(september());
    let waiting = log.events.iter().rev().find(|one| one.event.kind == EventKind::In);
    let waiting = waiting.unwrap().hash;
    log.about(parent_of(2), EventKind::Confirm, waiting);
    log.adjust(2, september());
    let account = *log.accounts().lines.iter().find(|((_, key), _)| key.1 == voucher(2)).unwrap().1;
    assert_eq!((account.accrued, account.suspended), (Tiyn(0), Tiyn(2_076_923)));
    log.cure("2026-10-10", ALIYA, Ground::TaxDebt);
    log.close_of(month(OCTOBER));
    assert_eq!(moved(&log, OCTOBER), [(2_076_923, -2_076_923, 0, CorrectionCause::Cured)]);
}

#[test]
fn log_without_decisions_has_the_tranches_it_always_had() {
    let mut log = taught();
    log.close_of(september());
    log.release(teacher(), (2, september()), Decision::Pay, None);
    log.close_of(month(OCTOBER));
    let october = log.tranche_of(month(OCTOBER));
    let plain = ledger::compute_tranche(
        &log.snapshot,
        &log.events,
        month(OCTOBER),
        ledger::TrancheBasis {
            origin: october.origin.clone(),
            tree_size: october.tree_size,
            root: october.root,
        },
    );
    assert_eq!(october.to_bytes(), plain.unwrap().to_bytes());
}
