//! Newer snapshots: which one a month rests on, what they change, and what they must leave alone.

use attendance::{Event, EventKind};
use ledger::{
    Amendment, AmendmentRefusal, LoggedSnapshot, Month, Params, Snapshot, SnapshotOrderError,
    Snapshots, Tiyn, TrancheBasis, compute_tranche,
};

use crate::fixture::*;

fn newer(change: impl FnOnce(&mut Snapshot)) -> Snapshot {
    let mut next = snapshot();
    next.version = 2;
    change(&mut next);
    next.verify().unwrap()
}

fn begun() -> Snapshots {
    Snapshots::begin(LoggedSnapshot { index: 0, snapshot: snapshot() })
}

/// Child 2 came to the first chess lesson.
fn taught() -> Log {
    let mut log = Log::new();
    let lesson = log.lessons(CHESS)[0];
    let visit = log.scan(teacher(), 2, lesson);
    log.about(parent_of(2), EventKind::Confirm, visit);
    log
}

fn refusal(log: &Log, change: impl FnOnce(&mut Snapshot)) -> AmendmentRefusal {
    Amendment::of(&begun(), &newer(change), &log.events, date("2026-11-01")).unwrap_err()
}

#[test]
fn snapshots_follow_one_another_in_version_and_place() {
    let mut all = begun();
    let same = LoggedSnapshot { index: 5, snapshot: snapshot() };
    let refused = all.push(same).unwrap_err();
    assert_eq!(refused, SnapshotOrderError::Version { newest: 1, found: 1 });
    let early = LoggedSnapshot { index: 0, snapshot: newer(|_| ()) };
    assert_eq!(all.push(early).unwrap_err(), SnapshotOrderError::Leaf { newest: 0, found: 0 });
    all.push(LoggedSnapshot { index: 5, snapshot: newer(|next| next.version = 9) }).unwrap();
    assert_eq!((all.count(), all.newest().snapshot.version), (2, 9));
    let older = LoggedSnapshot { index: 6, snapshot: newer(|next| next.version = 8) };
    assert_eq!(all.push(older).unwrap_err(), SnapshotOrderError::Version { newest: 9, found: 8 });
}

#[test]
fn month_rests_on_the_newest_snapshot_before_its_close() {
    let mut log = taught();
    let dearer = newer(|next| next.contracts[1].total_tiyn = Tiyn(24_000_000));
    let at = log.size();
    log.append(teacher(), blank(EventKind::LessonOpen)); // the leaf where the snapshot stands
    log.close();
    let close = log.size() - 1;
    let with = |index| {
        let mut all = begun();
        all.push(LoggedSnapshot { index, snapshot: dearer.clone() }).unwrap();
        all
    };
    let before = with(at);
    let closed = before.closed(&log.events, september()).unwrap();
    assert_eq!((closed.leaf, closed.rests_on.snapshot.version), (close, 2));
    let after = with(close + 1);
    let closed = after.closed(&log.events, september()).unwrap();
    assert_eq!((closed.leaf, closed.rests_on.snapshot.version), (close, 1));
    assert!(begun().closed(&taught().events, september()).is_none());
}

#[test]
fn close_that_was_too_early_stays_so_when_the_rules_change() {
    let mut log = Log::new();
    let early = Event {
        month: Some(september().number()),
        wall_ms: may_close_ms() - 1,
        ..blank(EventKind::MonthClose)
    };
    log.append(coordinator(), early);
    let lesson = log.lessons(CHESS)[0];
    let visit = log.scan(teacher(), 2, lesson);
    log.about(parent_of(2), EventKind::Confirm, visit);
    let at = log.size();
    log.append(teacher(), blank(EventKind::LessonOpen));
    log.close();
    let mut all = begun();
    let earlier = newer(|next| next.params[0].close_lead_days = 5);
    all.push(LoggedSnapshot { index: at, snapshot: earlier }).unwrap();
    let closed = all.closed(&log.events, september()).unwrap();
    assert_eq!(closed.leaf, log.size() - 1, "the first one was too early under its own rules");
    let basis = TrancheBasis { tree_size: closed.leaf + 1, ..log.basis() };
    let snapshot = &closed.rests_on.snapshot;
    let tranche = compute_tranche(snapshot, &log.events, september(), basis).unwrap();
    assert!(tranche.totals.accrued > Tiyn::ZERO, "the visit after the first one counts");
}

#[test]
fn lists_the_months_of_every_snapshot() {
    let mut all = begun();
    let autumn = newer(|next| {
        next.contracts.retain(|contract| contract.group == JUDO);
        next.contracts[0].to = date("2026-10-31");
    });
    all.push(LoggedSnapshot { index: 3, snapshot: autumn }).unwrap();
    let months: Vec<String> = all.months().iter().map(Month::to_string).collect();
    assert_eq!(months, ["2026-09", "2026-10", "2026-11", "2026-12"]);
}

#[test]
fn says_row_by_row_what_changes() {
    let next = newer(|next| {
        next.providers[0].name = "Aliya 2".to_owned();
        let mut more = next.contracts[3].clone();
        (more.voucher, more.child, more.number) = (voucher(5), child(5), "2026-0005".to_owned());
        next.contracts.push(more);
        next.contracts.remove(0);
        next.calendar.official_off = vec![date("2026-12-16")];
        next.params.push(Params::defaults(date("2026-10-01"), "2026.2"));
    });
    let changes = Amendment::of(&begun(), &next, &[], date("2026-11-01")).unwrap().changes;
    let said: Vec<String> = changes.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 5, "{said:#?}");
    assert_eq!(said[0], "provider a1a1a1a1a1a1a1a1: name Aliya becomes Aliya 2");
    assert!(said[1].starts_with("contract 0101010101010101 goes: "), "{}", said[1]);
    assert!(said[2].starts_with("contract 0505050505050505 is new: "), "{}", said[2]);
    assert!(said[2].contains("total_tiyn 12000000"), "{}", said[2]);
    assert_eq!(said[3], "calendar: official_off none becomes 2026-12-16");
    assert!(said[4].starts_with("rules 2026-10-01 is new: "), "{}", said[4]);
    let same = Amendment::of(&begun(), &newer(|_| ()), &[], date("2026-11-01")).unwrap();
    assert_eq!(same.changes, [], "a version alone is no change");
}

#[test]
fn refuses_an_older_version_and_another_district() {
    let log = Log::new();
    let older = Amendment::of(&begun(), &snapshot(), &log.events, date("2026-11-01")).unwrap_err();
    assert_eq!(older, AmendmentRefusal::Version { newest: 1, found: 1 });
    let other = refusal(&log, |next| next.issuer.bin = "990990000099".to_owned());
    assert!(matches!(other, AmendmentRefusal::OtherIssuer { .. }), "{other}");
}

#[test]
fn leaves_the_rules_and_contracts_of_a_closed_month_alone() {
    let mut log = taught();
    log.close();
    let rules = |change: &dyn Fn(&mut Snapshot)| {
        let refused = refusal(&log, change);
        assert!(matches!(refused, AmendmentRefusal::ClosedRules { .. }), "{refused}");
        assert!(refused.to_string().contains("begin after 2026-09-30"), "{refused}");
    };
    rules(&|next| next.params[0].l0_share_max_percent = 99);
    rules(&|next| next.params.push(Params::defaults(date("2026-09-30"), "2026.2")));
    rules(&|next| {
        next.params[0].effective_from = date("2026-01-02");
    });
    let contract = |change: &dyn Fn(&mut Snapshot)| {
        let refused = refusal(&log, change);
        assert!(matches!(refused, AmendmentRefusal::ClosedContract { .. }), "{refused}");
    };
    contract(&|next| next.contracts[0].total_tiyn = Tiyn(1));
    contract(&|next| next.contracts[0].to = date("2026-11-30"));
    contract(&|next| drop(next.contracts.remove(0)));
    contract(&|next| {
        let mut late = next.contracts[0].clone();
        (late.voucher, late.number) = (voucher(7), "2026-0007".to_owned());
        next.contracts.push(late);
    });
    // What begins afterwards is free.
    let free = newer(|next| {
        next.params.push(Params::defaults(date("2026-10-01"), "2026.2"));
        let mut more = next.contracts[0].clone();
        (more.voucher, more.number) = (voucher(7), "2026-0007".to_owned());
        more.child = child(7);
        more.from = date("2026-10-01");
        next.contracts.push(more);
        next.groups[0].start = "15:00".to_owned();
    });
    assert_eq!(
        Amendment::of(&begun(), &free, &log.events, date("2026-11-01")).unwrap().changes.len(),
        3
    );
}

#[test]
fn keeps_the_visits_that_wait_for_their_month_s_close() {
    let log = taught();
    let lost = |change: &dyn Fn(&mut Snapshot)| {
        let refused = refusal(&log, change);
        let AmendmentRefusal::VisitsLost { count, voucher: of, leaf, .. } = refused else {
            panic!("{refused}")
        };
        assert_eq!((count, of, leaf), (1, voucher(2), 1));
    };
    lost(&|next| drop(next.contracts.remove(1)));
    lost(&|next| next.contracts[1].from = date("2026-09-14"));
    lost(&|next| next.groups[0].start = "15:00".to_owned());
    lost(&|next| next.calendar.official_off = vec![log.lessons(CHESS)[0].day]);
    lost(&|next| next.contracts[1].child = child(9));
    // Before the close, the sums and the rules of the month may still change.
    let free = newer(|next| {
        next.contracts[1].total_tiyn = Tiyn(24_000_000);
        next.params[0].l0_share_max_percent = 50;
        next.contracts.remove(0);
    });
    assert_eq!(
        Amendment::of(&begun(), &free, &log.events, date("2026-11-01")).unwrap().changes.len(),
        3
    );
}
