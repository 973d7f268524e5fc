//! The worked examples of the rules document, from events to the tranche, to the tiyn.

use attendance::VoucherId;
use chrono::Datelike;
use ledger::{Contract, Group, Tiyn, Weekday};

use crate::fixture::*;
use crate::year::*;

fn contract_of(log: &mut Log, number: u8) -> &mut Contract {
    let mut contracts = log.snapshot.contracts.iter_mut();
    contracts.find(|one| one.voucher == voucher(number)).unwrap()
}

#[test]
fn e1_joins_inside_the_month() {
    let mut log = autumn();
    log.attend(1, CHESS, ("2026-09-14", "2026-09-30"), 8);
    log.close_of(september());
    let lines = log.lines_of(1, september());
    assert_eq!(lines.len(), 1);
    assert_eq!(amounts(&lines[0]), [3_000_000, 1_846_153, 1_846_153, 0, 1_153_847]);
    assert_eq!((lines[0].planned, lines[0].payable), (8, 8));
    assert_eq!((lines[0].from, lines[0].to, lines[0].part), (None, None, None), "as ever");
}

#[test]
fn e1_by_calendar_days() {
    let mut log = autumn();
    log.snapshot.params[0].basis = ledger::Basis::Calendar;
    log.attend(1, CHESS, ("2026-09-14", "2026-09-30"), 8);
    log.close_of(september());
    assert_eq!(amounts(&log.lines_of(1, september())[0])[1], 1_700_000);
}

#[test]
fn e2_splits_what_does_not_divide() {
    let mut log = autumn();
    contract_of(&mut log, 2).total_tiyn = Tiyn(10_000_000);
    contract_of(&mut log, 2).from = date("2026-06-01");
    contract_of(&mut log, 3).total_tiyn = Tiyn(10_000_000);
    contract_of(&mut log, 3).from = date("2026-10-01");
    let mut plans = |number, first: u32| -> Vec<i64> {
        let months = (first..=12).map(|at| month(&format!("2026-{at:02}")));
        months
            .map(|of| {
                log.close_of(of);
                log.lines_of(number, of)[0].plan.0
            })
            .collect()
    };
    let seven = plans(2, 6);
    assert_eq!(
        seven,
        [1_428_571, 1_428_571, 1_428_572, 1_428_571, 1_428_572, 1_428_571, 1_428_572]
    );
    assert_eq!(plans(3, 10), [3_333_333, 3_333_333, 3_333_334]);
}

#[test]
fn e3_transfer_inside_the_month() {
    let mut log = autumn();
    let october = month("2026-10");
    log.attend(2, CHESS, ("2026-10-01", "2026-10-15"), 5);
    log.transfer(parent_of(2), "2026-10-15", 2, JUDO);
    log.attend(2, JUDO, ("2026-10-16", "2026-10-31"), 4);
    log.close_of(october);
    let lines = log.lines_of(2, october);
    let [first, second] = &lines[..] else { panic!("two places: {lines:?}") };
    assert_eq!((first.provider, second.provider), (ALIYA, BARYS));
    assert_eq!(amounts(first), [1_451_612, 1_451_612, 1_209_676, 0, 241_936]);
    assert_eq!(amounts(second), [1_548_388, 1_548_388, 1_548_388, 0, 0]);
    assert_eq!((first.planned, first.payable, second.planned, second.payable), (6, 5, 4, 4));
    assert_eq!((first.part, second.part), (Some(Tiyn(3_000_000)), Some(Tiyn(3_000_000))));
    assert_eq!((first.from, first.to), (Some(date("2026-10-01")), Some(date("2026-10-15"))));
    assert_eq!((second.from, second.to), (Some(date("2026-10-16")), Some(date("2026-10-31"))));
    // The months around it are whole with the one or the other.
    log.close_of(september());
    log.close_of(month("2026-11"));
    assert_eq!(log.lines_of(2, september())[0].provider, ALIYA);
    let november = log.lines_of(2, month("2026-11"));
    assert_eq!((november.len(), november[0].provider, november[0].part), (1, BARYS, None));
}

#[test]
fn e4_gap_between_two_places() {
    let october = month("2026-10");
    let mut log = autumn();
    with_places(
        &mut log.snapshot,
        2,
        &[(CHESS, "2026-09-01", "2026-10-10"), (JUDO, "2026-10-20", "2026-12-31")],
    );
    log.snapshot = log.snapshot.verify().unwrap();
    log.attend(2, CHESS, ("2026-10-01", "2026-10-10"), 9);
    log.attend(2, JUDO, ("2026-10-20", "2026-10-31"), 9);
    log.close_of(october);
    let lines = log.lines_of(2, october);
    let [first, second] = &lines[..] else { panic!("two places: {lines:?}") };
    assert_eq!(amounts(first), [967_741 + 870_968, 967_741, 967_741, 0, 870_968]);
    assert_eq!(amounts(second), [1_161_291, 1_161_291, 1_161_291, 0, 0]);
    assert_eq!(first.plan.0 + second.plan.0, 3_000_000, "the gap is the issuer's");
}

#[test]
fn e6_holiday_that_moved() {
    let october = month("2026-10");
    let mut log = autumn();
    log.snapshot.calendar.official_off = vec![date("2026-10-25")];
    let judo = log.snapshot.groups[1].clone();
    log.snapshot.groups[1] = Group { weekdays: vec![Weekday::Sat, Weekday::Sun], ..judo };
    log.close_of(october);
    assert_eq!(log.lines_of(2, october)[0].planned, 12, "Monday 26 October is off");
    assert_eq!(log.lines_of(4, october)[0].planned, 8, "Sunday 25 October is off");
}

#[test]
fn e7_two_vouchers_over_the_new_year() {
    let mut log = autumn();
    contract_of(&mut log, 2).total_tiyn = Tiyn(10_000_000);
    let first = contract_of(&mut log, 2).clone();
    let spring = Contract {
        voucher: VoucherId([9; 8]),
        number: "2027-0001".to_owned(),
        total_tiyn: Tiyn(20_000_000),
        from: date("2027-01-01"),
        to: date("2027-08-31"),
        ..first
    };
    log.snapshot.contracts.push(spring);
    log.snapshot = log.snapshot.verify().unwrap();
    let mut parts = Vec::new();
    for of in log.history().months() {
        log.close_of(of);
        let tranche = log.tranche_of(of);
        let own = tranche.lines.iter().filter(|line| line.child == child(2));
        let own: Vec<i64> = own.map(|line| line.plan.0).collect();
        assert_eq!(own.len(), 1, "{of}: never two vouchers at once");
        parts.push((of.first_day().year(), own[0]));
    }
    assert_eq!(parts.iter().filter(|part| **part == (2026, 2_500_000)).count(), 4);
    assert_eq!(parts.iter().filter(|part| **part == (2027, 2_500_000)).count(), 8);
}

#[test]
fn e8_sum_of_caps_is_authoritative() {
    let mut log = autumn();
    with_places(&mut log.snapshot, 3, &[(CHESS, "2026-09-01", "2026-10-14")]);
    log.snapshot = log.snapshot.verify().unwrap();
    let mut caps = 0;
    for of in log.history().months() {
        log.close_of(of);
        for number in [1, 2, 3] {
            caps += log.lines_of(number, of).iter().map(|line| line.cap.0).sum::<i64>();
        }
    }
    assert_eq!(caps, 27_346_153);
}
