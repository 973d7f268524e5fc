//! Payment notices against the tranche.

use attendance::{Event, EventKind};
use ledger::{PaymentRefusal, PaymentState, PaymentStatus, Tiyn, payments};

use crate::fixture::*;

fn closed() -> Log {
    let mut log = Log::new();
    let lesson = log.lessons(CHESS)[0];
    log.scan(teacher(), 2, lesson);
    log.sign_month(2);
    log.close();
    log
}

fn states(log: &Log, tranche: &ledger::Tranche) -> Vec<PaymentState> {
    payments(tranche, &log.events).into_iter().map(|status| status.state).collect()
}

#[test]
fn pays_by_exactly_the_sum_and_once() {
    let mut log = closed();
    let tranche = log.tranche();
    let due = 230_769;
    assert_eq!(states(&log, &tranche), [PaymentState::Awaiting, PaymentState::NothingDue]);
    log.notice(ALIYA, due - 1, "PP-1");
    let reason = PaymentRefusal::WrongAmount { expected: Tiyn(due), found: Tiyn(due - 1) };
    assert_eq!(states(&log, &tranche)[0], PaymentState::Refused { reason, index: 4 });
    log.notice(ALIYA, due, " ");
    let reason = PaymentRefusal::NoDocument;
    assert_eq!(states(&log, &tranche)[0], PaymentState::Refused { reason, index: 5 });
    log.notice(ALIYA, due, "PP-2");
    let state = PaymentState::Paid { document: "PP-2".to_owned(), index: 6 };
    let paid = PaymentStatus { provider: ALIYA, due: Tiyn(due), state };
    assert_eq!(payments(&tranche, &log.events)[0], paid);
    log.notice(ALIYA, due, "PP-3");
    log.notice(ALIYA, 1, "PP-4");
    assert_eq!(payments(&tranche, &log.events)[0], paid);
}

#[test]
fn hears_only_coordinators_and_only_after_the_tranche() {
    let mut log = closed();
    let tranche = log.tranche();
    let notice = Event {
        month: Some(september().number()),
        provider: Some(ALIYA),
        amount_tiyn: Some(230_769),
        document: Some("PP-1".to_owned()),
        ..blank(EventKind::PaymentNotice)
    };
    log.append(teacher(), notice.clone());
    let of_provider = Device { provider: Some(ALIYA), ..coordinator() };
    log.append(of_provider, notice.clone());
    log.append(coordinator(), Event { month: Some(202_610), ..notice.clone() });
    log.append(coordinator(), Event { provider: Some(BARYS), ..notice.clone() });
    assert_eq!(states(&log, &tranche), [PaymentState::Awaiting, PaymentState::NothingDue]);
    log.append(coordinator(), Event { amount_tiyn: None, ..notice.clone() });
    let reason = PaymentRefusal::NoAmount;
    assert_eq!(states(&log, &tranche)[0], PaymentState::Refused { reason, index: 8 });
    log.append(coordinator(), notice);
    let later = ledger::Tranche { tree_size: 100, ..tranche };
    let reason = PaymentRefusal::BeforeTranche;
    assert_eq!(states(&log, &later)[0], PaymentState::Refused { reason, index: 9 });
}
