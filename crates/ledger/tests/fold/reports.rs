//! What people are told of a voucher and of a provider.

use attendance::Ground;
use ledger::Tiyn;
use ledger::report::{
    PersonalAccount, VoucherReport, VoucherReportState, providers_report, voucher_report,
};
use ledger::voucher::{OfficialStatus, PartState, StatusMap};

use crate::fixture::*;
use crate::year::*;

fn report(log: &Log, number: u8, today: &str) -> VoucherReport {
    let (history, names) = (log.history(), StatusMap::default());
    let printed = format!("2026-{number:04}");
    let report = voucher_report(&history, &log.events, &printed, date(today), &names);
    report.unwrap().unwrap().0
}

fn account(report: &VoucherReport) -> &PersonalAccount {
    report.account.as_ref().unwrap()
}

#[test]
fn voucher_tells_its_parts_and_its_account() {
    let mut log = autumn();
    log.attend(2, CHESS, ("2026-09-01", "2026-09-30"), 13);
    log.close();
    log.attend(2, CHESS, ("2026-10-01", "2026-10-15"), 5);
    log.transfer(parent_of(2), "2026-10-15", 2, JUDO);
    let open = report(&log, 2, "2026-10-20");
    assert_eq!(
        (open.state, open.official),
        (VoucherReportState::Contracted, OfficialStatus::Booked)
    );
    assert_eq!(open.places.len(), 2);
    let states: Vec<PartState> = open.parts.iter().map(|part| part.state).collect();
    assert_eq!(
        states,
        [PartState::Earned, PartState::Open, PartState::Planned, PartState::Planned]
    );
    assert_eq!(open.parts[0].official, OfficialStatus::WrittenOff);
    let sums = (account(&open).due_tiyn, account(&open).open_tiyn);
    assert_eq!(sums, (Tiyn(3_000_000), Tiyn(9_000_000)));

    log.notice(ALIYA, 3_000_000, "D-7");
    log.suspend("2026-10-20", BARYS, Ground::TaxDebt);
    log.attend(2, JUDO, ("2026-10-16", "2026-10-31"), 4);
    log.close_of(month("2026-10"));
    let held = report(&log, 2, "2026-11-05");
    assert_eq!(held.parts[0].state, PartState::Paid);
    assert_eq!(held.parts[0].official, OfficialStatus::Redeemed);
    assert_eq!(held.parts[0].document.as_deref(), Some("D-7"));
    let october: Vec<_> = held.parts.iter().filter(|part| part.month == month("2026-10")).collect();
    let states: Vec<_> = october.iter().map(|part| (part.provider, part.state)).collect();
    assert_eq!(states, [(Some(ALIYA), PartState::Earned), (Some(BARYS), PartState::Held)]);
    let account_held = account(&held);
    assert_eq!(account_held.debited_tiyn, Tiyn(3_000_000));
    let sum = [
        account_held.debited_tiyn,
        account_held.due_tiyn,
        account_held.held_tiyn,
        account_held.released_tiyn,
    ];
    let sum = sum.iter().map(|one| one.0).sum::<i64>() + account_held.open_tiyn.0;
    assert_eq!(sum, account_held.credited_tiyn.0, "nothing is anywhere else");
    assert_eq!(account_held.closed_on, None);

    let over = report(&log, 2, "2027-01-01");
    assert_eq!(over.state, VoucherReportState::Completed);
    assert_eq!(account(&over).closed_on, Some(date("2026-12-31")));
    assert_eq!(account(&over).remainder_tiyn, Some(Tiyn(9_000_000)));
    let unknown = voucher_report(
        &log.history(),
        &log.events,
        "no number",
        date("2026-11-01"),
        &StatusMap::default(),
    );
    assert_eq!(unknown.unwrap(), None);
}

#[test]
fn provider_tells_deadlines_notices_and_what_the_issuer_owes() {
    let mut log = autumn();
    log.attend(2, CHESS, ("2026-09-01", "2026-09-30"), 13);
    log.close();
    log.suspend("2026-10-31", ALIYA, Ground::TaxDebt);
    let of = |log: &Log, today: &str| {
        let all = providers_report(&log.history(), &log.events, date(today)).unwrap();
        all.into_iter().find(|one| one.provider == ALIYA).unwrap()
    };
    let first = of(&log, "2026-11-01");
    assert_eq!((first.state, first.grounds[0].deadline), ("SUSPENDED", date("2027-02-28")));
    assert_eq!(first.due, Vec::<String>::new());
    assert_eq!(first.unpaid.len(), 1);
    // September's act was to be paid on 18 October; ten days later it is the payer's lag.
    assert_eq!(first.payer_lag_tiyn, Tiyn(3_000_000));
    assert_eq!(of(&log, "2026-10-20").payer_lag_tiyn, Tiyn(0));
    assert!(of(&log, "2027-02-21").due[0].contains("7 days"));
    assert!(of(&log, "2027-02-28").due[0].contains("is over"));
    log.notice(ALIYA, 3_000_000, "D-7");
    assert_eq!(of(&log, "2026-11-01").unpaid, []);
    log.close_of(month("2026-10"));
    log.cure("2026-11-20", ALIYA, Ground::TaxDebt);
    let cured = of(&log, "2026-11-21");
    assert_eq!((cured.state, cured.suspended_tiyn), ("ACTIVE", Tiyn(0)));
    assert_eq!(cured.grounds[0].cured, Some((date("2026-11-20"), "T-2".to_owned())));
}
