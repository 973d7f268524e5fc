//! Rules of a programme and of a provider.

use ledger::{DayCode, NarrowerRules, Params, PayoutPolicy, Scope, Snapshot, SnapshotError};

use crate::fixture::*;

fn narrower(id: &str, scope: Scope, change: &dyn Fn(&mut Params)) -> NarrowerRules {
    let mut rules = second_edition();
    change(&mut rules);
    NarrowerRules { id: id.to_owned(), scope, rules }
}

/// Child 2 came once, child 4 once, and both families said so.
fn month() -> Log {
    let mut log = Log::second();
    let (chess, judo) = (log.lessons(CHESS)[0], log.lessons(JUDO)[0]);
    log.scan(teacher(), 2, chess);
    log.scan(judo_teacher(), 4, judo);
    log.sign_month(2);
    log.sign_month(4);
    log
}

#[test]
fn the_narrowest_rules_that_cover_a_group_count() {
    let mut log = month();
    assert_eq!((log.sums(2).1, log.sums(4).1), (230_769, 333_333));
    let enrolment = |rules: &mut Params| rules.payout_policy = PayoutPolicy::Enrolment;
    let programme = Scope::Programme(vec![CHESS, JUDO]);
    log.snapshot.narrower = vec![narrower("programme", programme, &enrolment)];
    assert_eq!((log.sums(2).1, log.sums(4).1), (3_000_000, 3_000_000));
    let ratio = narrower("provider", Scope::Provider(BARYS), &|_| {});
    log.snapshot.narrower.insert(0, ratio);
    assert_eq!((log.sums(2).1, log.sums(4).1), (3_000_000, 333_333));
    let later = |rules: &mut Params| {
        enrolment(rules);
        rules.effective_from = date("2026-09-02");
    };
    log.snapshot.narrower.push(narrower("later", Scope::Provider(BARYS), &later));
    assert_eq!(log.sums(4).1, 333_333, "not in force on the month's first day");
}

#[test]
fn windows_shares_and_moves_follow_them_too() {
    let mut log = Log::second();
    let lessons = log.lessons(CHESS);
    log.mark(teacher(), 2, lessons[0]);
    log.absent(teacher(), 2, lessons[1], (attendance::AbsenceReason::Sick, Some("note")));
    log.move_to(teacher(), lessons[2], "2026-09-08");
    log.sign_month(2);
    assert_eq!(log.codes(2)[..2], [DayCode::HeldManualShare, DayCode::ExcusedSick]);
    assert_eq!(log.asides(), []);
    let rules = narrower("chess", Scope::Provider(ALIYA), &|rules| {
        rules.l0_share_max_percent = 100;
        rules.excused_cap_percent = 0;
        rules.late_min = 1;
        rules.make_up_window_days = 0;
    });
    log.snapshot.narrower.push(rules);
    assert_eq!(log.codes(2)[..2], [DayCode::PresentLate, DayCode::ExcusedOverCap]);
    assert_eq!(log.asides(), [ledger::AsideReason::MovedTooFar]);
}

#[test]
fn a_snapshot_with_them_has_one_form_and_refuses_what_is_not_there() {
    let mut log = month();
    let without = log.snapshot.hash();
    let programme = Scope::Programme(vec![JUDO, CHESS]);
    log.snapshot.narrower = vec![
        narrower("b", programme, &|_| {}),
        narrower("a", Scope::Provider(ALIYA), &|rules| rules.sick_doc_days = 11),
    ];
    let snapshot = log.snapshot.verify().unwrap();
    let mut other = snapshot.clone();
    other.narrower.reverse();
    other.narrower[1].scope = Scope::Programme(vec![CHESS, JUDO]);
    assert_eq!((snapshot.hash(), snapshot.hash() == without), (other.hash(), false));
    let json = snapshot.to_canonical_json();
    assert!(json.contains("\"sick_doc_days\":11") && !json.contains("dispute_days"), "{json}");
    assert_eq!(Snapshot::parse(&json).unwrap().hash(), snapshot.hash());
    let refused = |change: &dyn Fn(&mut NarrowerRules)| {
        let mut snapshot = snapshot.clone();
        change(&mut snapshot.narrower[1]);
        snapshot.verify().unwrap_err()
    };
    let stranger = attendance::GroupId([9; 8]);
    for error in [
        refused(&|one| one.scope = Scope::Provider(attendance::ProviderId([9; 8]))),
        refused(&|one| one.scope = Scope::Programme(vec![stranger])),
    ] {
        assert!(matches!(error, SnapshotError::Dangling { .. }), "{error}");
    }
    let twice = refused(&|one| one.scope = Scope::Programme(vec![CHESS, CHESS]));
    assert!(matches!(twice, SnapshotError::Duplicate { .. }), "{twice}");
    let double = refused(&|one| one.id = "b".to_owned());
    assert!(matches!(double, SnapshotError::Duplicate { .. }), "{double}");
    let odd = refused(&|one| one.rules.dispute_days = 367);
    assert!(odd.to_string().contains("params.dispute_days"), "{odd}");
}

#[test]
fn a_snapshot_of_before_keeps_its_bytes() {
    let old = Log::new().snapshot;
    let json = old.to_canonical_json();
    for new in ["fold_edition", "absence_reason_days", "tacit", "family", "narrower", "l0_group"] {
        assert!(!json.contains(new), "{new}");
    }
    assert_eq!(Snapshot::parse(&json).unwrap().to_canonical_json(), json);
    // What is written though it is usual is not written again.
    let spelt = json.replace("\"late_min\":15", "\"late_min\":15,\"tacit_acceptance\":false");
    assert_ne!(spelt, json);
    assert_eq!(Snapshot::parse(&spelt).unwrap().to_canonical_json(), json);
}
