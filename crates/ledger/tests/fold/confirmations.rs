//! Proxies, silence, the days for an answer, the manual share of a group, and how sure visits are.

use attendance::{Event, EventKind, Method, Role};
use ledger::{AsideReason, Assurance, DayCode, summarise};
use seal::Hash;

use crate::fixture::*;

const DAY_MS: i64 = 86_400_000;

/// One phone that may answer for children 1 to 3, who are of these families.
fn one_phone(families: [Option<u32>; 3]) -> (Log, Vec<Hash>) {
    let mut log = Log::second();
    for (contract, family) in log.snapshot.contracts.iter_mut().zip(families) {
        contract.family = family;
    }
    let lesson = log.lesson(CHESS, "2026-09-14");
    let visits: Vec<_> = (1..=3).map(|number| log.scan(teacher(), number, lesson)).collect();
    for visit in &visits {
        let phone = Device { child: None, ..parent_of(9) };
        log.append(phone, Event { about: Some(*visit), ..blank(EventKind::Confirm) });
        log.events.last_mut().unwrap().children = (1..=3).map(child).collect();
    }
    (log, visits)
}

fn fourteenth(log: &Log) -> Vec<DayCode> {
    (1..=3).map(|number| log.codes(number)[5]).collect()
}

#[test]
fn a_phone_of_too_many_families_confirms_for_none() {
    let (mut log, visits) = one_phone([Some(1), Some(2), Some(3)]);
    assert_eq!(fourteenth(&log), [DayCode::ProxyConfirm; 3]);
    assert_eq!(log.sums(2), (3_000_000, 0, 230_769, 2_769_231), "held, not lost");
    // The family's own phone says so.
    log.about(parent_of(2), EventKind::Confirm, visits[1]);
    let expected = [DayCode::ProxyConfirm, DayCode::Present, DayCode::ProxyConfirm];
    assert_eq!(fourteenth(&log), expected);
    log.about(parent_of(3), EventKind::Dispute, visits[2]);
    assert_eq!(fourteenth(&log)[2], DayCode::Disputed);
}

#[test]
fn brothers_and_sisters_and_untold_families_are_no_proxy() {
    for families in [[Some(1), Some(1), Some(1)], [Some(1), Some(2), Some(1)], [None, None, None]] {
        assert_eq!(fourteenth(&one_phone(families).0), [DayCode::Present; 3], "{families:?}");
    }
}

#[test]
fn a_proxy_neither_ends_a_dispute_nor_replaces_the_family_s_word() {
    let (mut log, visits) = one_phone([Some(1), Some(2), Some(3)]);
    log.about(parent_of(2), EventKind::Confirm, visits[1]);
    log.about(parent_of(3), EventKind::Dispute, visits[2]);
    let mut again = log.events[4..6].to_vec();
    for logged in &mut again {
        logged.index = log.size();
        log.events.push(logged.clone());
    }
    assert_eq!(fourteenth(&log)[1..], [DayCode::Present, DayCode::Disputed]);
}

#[test]
fn a_provider_s_device_confirms_nothing() {
    let mut log = Log::second();
    let visit = log.scan(teacher(), 2, log.lessons(CHESS)[0]);
    log.about(teacher(), EventKind::Confirm, visit);
    log.about(administrator(), EventKind::Confirm, visit);
    let bound = Device { role: Role::Parent, provider: Some(ALIYA), ..parent_of(2) };
    log.about(bound, EventKind::Confirm, visit);
    log.about(coordinator(), EventKind::Confirm, visit);
    let proxy = AsideReason::ProxyConfirm;
    assert_eq!(log.asides(), [proxy, proxy, proxy, AsideReason::NotTheFamily]);
    assert_eq!(log.codes(2)[0], DayCode::AwaitingConfirmation);
}

/// Child 2 by a rotating code, child 3 by card, and nobody answers.
fn silent() -> Log {
    let mut log = Log::second();
    let lesson = log.lesson(CHESS, "2026-09-23");
    let code = Some(Method::Rotating);
    log.append(teacher(), Event { method: code, ..in_event(2, lesson) });
    log.scan(teacher(), 3, lesson);
    log
}

fn on_the_23rd(log: &Log) -> (DayCode, DayCode) {
    (log.codes(2)[9], log.codes(3)[9])
}

#[test]
fn silence_says_nothing_unless_the_rules_say_so() {
    let mut log = silent();
    log.close();
    let awaits = DayCode::AwaitingConfirmation;
    assert_eq!(on_the_23rd(&log), (awaits, awaits));
}

#[test]
fn where_silence_is_assent_it_is_so_of_codes_alone_and_after_the_days() {
    let awaits = DayCode::AwaitingConfirmation;
    let closed = |days_later: i64| {
        let mut log = silent();
        log.snapshot.params[0].tacit_acceptance = true;
        assert_eq!(on_the_23rd(&log), (awaits, awaits), "the month is open");
        log.close();
        log.events.last_mut().unwrap().event.wall_ms = may_close_ms() + days_later * DAY_MS;
        on_the_23rd(&log)
    };
    assert_eq!(closed(0), (awaits, awaits), "the seventh day after the lesson");
    assert_eq!(closed(1), (DayCode::Present, awaits));
}

#[test]
fn a_late_answer_is_flagged_and_counts() {
    let mut log = Log::second();
    let lesson = log.lesson(CHESS, "2026-09-02");
    let visit = log.scan(teacher(), 2, lesson);
    for (day, late) in [("2026-09-09", false), ("2026-09-10", true)] {
        log.about(parent_of(2), EventKind::Confirm, visit);
        log.events.last_mut().unwrap().event.wall_ms = ledger::local_ms(date(day), 600).unwrap();
        assert_eq!(log.fold().visits[0].late_answer, late, "{day}");
        assert_eq!(log.codes(2)[0], DayCode::Present);
    }
}

/// Child 2 came ten times, twice by hand, which its own share allows; child 3 ten times by card.
fn marked() -> Log {
    let mut log = Log::second();
    for (at, lesson) in log.lessons(CHESS).into_iter().take(10).enumerate() {
        if at < 2 {
            log.mark(teacher(), 2, lesson);
        } else {
            log.scan(teacher(), 2, lesson);
        }
        log.scan(teacher(), 3, lesson);
    }
    log.sign_month(2);
    log.sign_month(3);
    log
}

#[test]
fn holds_marks_by_hand_beyond_the_group_s_share() {
    let mut log = marked();
    assert_eq!(log.codes(2)[..10], [DayCode::Present; 10]);
    // One in twenty visits of the group may be by hand.
    log.snapshot.params[0].l0_group_share_max_percent = Some(5);
    assert_eq!(log.codes(2)[..2], [DayCode::Present, DayCode::HeldGroupManualShare]);
    log.snapshot.params[0].l0_group_share_max_percent = Some(4);
    assert_eq!(log.codes(2)[..2], [DayCode::HeldGroupManualShare; 2]);
    let line = log.tranche().lines.remove(1);
    assert_eq!((line.payable, line.pending), (8, 2));
}

#[test]
fn says_how_sure_each_visit_is() {
    let mut log = marked();
    let unanswered = log.lessons(CHESS)[10];
    log.scan(teacher(), 2, unanswered);
    let code = Some(Method::Challenge);
    log.append(teacher(), Event { method: code, ..in_event(3, unanswered) });
    let fold = log.fold();
    let of = |assurance| fold.visits.iter().filter(|v| v.assurance() == assurance).count();
    let ladder = [Assurance::L0, Assurance::L1, Assurance::L2, Assurance::L3];
    assert_eq!(ladder.map(of), [2, 1, 1, 18]);
    let summary = summarise(&log.snapshot, &log.events, september()).unwrap();
    let shares = summary.assurance;
    assert_eq!([shares.l0, shares.l1, shares.l2, shares.l3], [2, 1, 1, 18]);
    assert_eq!((shares.percent(shares.l3), shares.percent(shares.l0)), (81, 9));
    assert_eq!(ledger::AssuranceShares::default().percent(0), 0);
}
