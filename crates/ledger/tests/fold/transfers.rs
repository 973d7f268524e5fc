//! Transfers and terminations of the log: who may, from when on, and what stays as it was.

use attendance::{Event, EventKind, Ground, TerminationCause};
use ledger::{Amendment, AmendmentRefusal, TransferRefusal};

use crate::fixture::*;
use crate::year::*;

fn refusals(log: &Log) -> Vec<TransferRefusal> {
    let moved = log.snapshot.after(&log.events);
    moved.transfers.iter().filter_map(|one| one.outcome.err()).collect()
}

#[test]
fn family_or_coordinator_moves_a_voucher_from_the_next_day() {
    let mut log = autumn();
    log.transfer(parent_of(2), "2026-10-15", 2, JUDO);
    let places =
        log.snapshot.after(&log.events).snapshot.contract(voucher(2)).unwrap().segments.clone();
    assert_eq!(places.len(), 2);
    assert_eq!((places[0].to, places[1].from), (date("2026-10-15"), date("2026-10-16")));
    assert_eq!((places[1].provider, places[1].to), (BARYS, date("2026-12-31")));
    log.transfer_from("2026-10-20", 2, CHESS, date("2026-11-02"));
    let places =
        log.snapshot.after(&log.events).snapshot.contract(voucher(2)).unwrap().segments.clone();
    assert_eq!((places[1].to, places[2].from), (date("2026-11-01"), date("2026-11-02")));
    assert_eq!(refusals(&log), []);
}

#[test]
fn nobody_else_moves_it_and_never_into_the_past() {
    let mut log = autumn();
    log.transfer(parent_of(3), "2026-10-15", 2, JUDO);
    log.transfer(teacher(), "2026-10-15", 2, JUDO);
    log.transfer(parent_of(2), "2026-10-15", 9, JUDO);
    log.transfer(parent_of(2), "2026-10-15", 2, CHESS);
    log.transfer(parent_of(2), "2026-10-15", 2, attendance::GroupId([0xee; 8]));
    log.transfer(parent_of(2), "2026-12-31", 2, JUDO);
    log.transfer(parent_of(2), "2026-08-01", 2, JUDO);
    let found = refusals(&log);
    assert_eq!(
        found,
        [
            TransferRefusal::NotTheFamily,
            TransferRefusal::NotTheFamily,
            TransferRefusal::NoContract,
            TransferRefusal::SameGroup,
            TransferRefusal::NoGroup,
            TransferRefusal::Day(date("2027-01-01")),
            TransferRefusal::Day(date("2026-08-02")),
        ]
    );
    // A day that it names in the past is the next day all the same.
    log.transfer_from("2026-10-15", 2, JUDO, date("2026-09-15"));
    let moved = log.snapshot.after(&log.events);
    assert_eq!(moved.snapshot.contract(voucher(2)).unwrap().segments[1].from, date("2026-10-16"));
}

#[test]
fn two_transfers_a_quarter_and_no_third() {
    let mut log = autumn();
    log.transfer(parent_of(2), "2026-10-05", 2, JUDO);
    log.transfer(parent_of(2), "2026-10-12", 2, CHESS);
    log.transfer(parent_of(2), "2026-10-19", 2, JUDO);
    assert_eq!(refusals(&log), [TransferRefusal::UsedUp { most: 2 }]);
    log.snapshot.params[0].voucher.transfers_per_quarter = 3;
    assert_eq!(refusals(&log), []);
}

#[test]
fn suspended_provider_takes_nobody_and_cannot_keep_anybody() {
    let mut log = autumn();
    log.suspend("2026-10-01", BARYS, Ground::TaxDebt);
    log.transfer(parent_of(2), "2026-10-05", 2, JUDO);
    assert_eq!(refusals(&log), [TransferRefusal::NoBookings]);
    log.transfer(parent_of(4), "2026-10-05", 4, CHESS);
    assert_eq!(refusals(&log).len(), 1);
}

#[test]
fn visit_counts_where_the_child_is_on_that_day() {
    let mut log = autumn();
    let october = month("2026-10");
    log.transfer(parent_of(2), "2026-10-15", 2, JUDO);
    log.attend(2, CHESS, ("2026-10-16", "2026-10-31"), 9);
    log.attend(2, JUDO, ("2026-10-01", "2026-10-15"), 9);
    log.close_of(october);
    let lines = log.lines_of(2, october);
    assert!(lines.iter().all(|line| line.payable == 0 && line.accrued.0 == 0), "guests");
    assert_eq!(lines.iter().map(|line| line.plan.0).sum::<i64>(), 3_000_000);
}

#[test]
fn snapshot_that_says_it_too_changes_nothing() {
    let mut log = autumn();
    let october = month("2026-10");
    log.attend(2, CHESS, ("2026-10-01", "2026-10-15"), 5);
    log.transfer(parent_of(2), "2026-10-15", 2, JUDO);
    log.close_of(october);
    let by_event = log.lines_of(2, october);
    let mut next = log.snapshot.clone();
    next.version += 1;
    with_places(
        &mut next,
        2,
        &[(CHESS, "2026-09-01", "2026-10-15"), (JUDO, "2026-10-16", "2026-12-31")],
    );
    assert!(
        Amendment::of(&log.history(), &next, &log.events, date("2026-11-01")).is_ok(),
        "it is as the log left it"
    );
    log.snapshot = next.clone();
    assert_eq!(log.lines_of(2, october), by_event);
    // Another word about the closed month is refused; about later ones it is not.
    let mut log = autumn();
    log.transfer(parent_of(2), "2026-10-15", 2, JUDO);
    log.close_of(october);
    with_places(
        &mut next,
        2,
        &[(CHESS, "2026-09-01", "2026-10-15"), (JUDO, "2026-10-17", "2026-12-31")],
    );
    let refused =
        Amendment::of(&log.history(), &next, &log.events, date("2026-11-01")).unwrap_err();
    assert!(matches!(refused, AmendmentRefusal::ClosedContract { .. }), "{refused}");
    with_places(
        &mut next,
        2,
        &[
            (CHESS, "2026-09-01", "2026-10-15"),
            (JUDO, "2026-10-16", "2026-11-08"),
            (CHESS, "2026-11-16", "2026-12-20"),
        ],
    );
    assert!(Amendment::of(&log.history(), &next, &log.events, date("2026-11-01")).is_ok());
}

#[test]
fn places_of_a_snapshot_must_follow_one_another() {
    let whole = autumn().snapshot;
    let refused = |places: &[(attendance::GroupId, &str, &str)]| {
        let mut other = whole.clone();
        with_places(&mut other, 2, places);
        other.verify().unwrap_err().to_string()
    };
    let overlap = [(CHESS, "2026-09-01", "2026-10-15"), (JUDO, "2026-10-15", "2026-12-31")];
    assert!(refused(&overlap).contains("contracts.segments.from"));
    assert!(refused(&[(JUDO, "2026-09-01", "2026-12-31")]).contains("contracts.segments.group"));
    assert!(refused(&[(CHESS, "2026-08-31", "2026-12-31")]).contains("contracts.segments.from"));
    assert!(refused(&[(CHESS, "2026-09-01", "2027-01-01")]).contains("contracts.segments.from"));
    assert!(refused(&[(CHESS, "2026-09-30", "2026-09-01")]).contains("contracts.segments.to"));
}

#[test]
fn second_voucher_of_a_child_is_refused() {
    let log = autumn();
    let mut next = log.snapshot.clone();
    next.version += 1;
    let mut second = next.contracts[1].clone();
    (second.voucher, second.number) = (voucher(8), "2026-0008".to_owned());
    next.contracts.push(second);
    let refused =
        Amendment::of(&log.history(), &next, &log.events, date("2026-11-01")).unwrap_err();
    let (new, old) = (voucher(8), voucher(2));
    assert_eq!(refused, AmendmentRefusal::SecondVoucher { voucher: new, other: old });
    next.params[0].voucher.active_vouchers_per_child = 2;
    assert!(Amendment::of(&log.history(), &next, &log.events, date("2026-11-01")).is_ok());
}

#[test]
fn termination_takes_two_people_and_frees_the_children() {
    let mut log = autumn();
    let end = |about: Option<seal::Hash>, from_day| Event {
        provider: Some(BARYS),
        cause: about.is_none().then_some(TerminationCause::EndOfActivity),
        about,
        from_day,
        ..blank(EventKind::ProviderTerminate)
    };
    let proposal = log.say(coordinator(), "2026-10-05", end(None, None));
    log.say(coordinator(), "2026-10-19", end(Some(proposal), None));
    log.say(second_coordinator(), "2026-10-12", end(Some(proposal), None));
    let standing = |log: &Log| log.snapshot.after(&log.events).standings.ended(BARYS);
    assert_eq!(standing(&log), None, "the same device, and the time to object");
    log.say(second_coordinator(), "2026-10-19", end(Some(proposal), None));
    assert_eq!(standing(&log), Some(date("2026-10-19")));
    let contract = log.snapshot.after(&log.events).snapshot.contract(voucher(4)).unwrap().clone();
    assert_eq!(contract.segments[0].to, date("2026-10-18"));
    log.close_of(month("2026-10"));
    log.close_of(month("2026-11"));
    let november = log.lines_of(4, month("2026-11"));
    assert_eq!(amounts(&november[0]), [3_000_000, 0, 0, 0, 3_000_000], "the part is the issuer's");
    // The voucher is free at once: the family takes it elsewhere.
    log.transfer(parent_of(4), "2026-11-30", 4, CHESS);
    log.close_of(month("2026-12"));
    assert_eq!(log.lines_of(4, month("2026-12"))[0].provider, ALIYA);
}
