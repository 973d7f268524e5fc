//! The worked examples E1 to E8 of the rules (R5), to the tiyn.
#![expect(clippy::unwrap_used, reason = "a fixture that does not hold fails its test")]

use attendance::{ChildId, GroupId, ProviderId, VoucherId};
use chrono::NaiveDate;
use ledger::accrual::{accrue, cap_lessons, caps_calendar, split_parts};
use ledger::{
    AmountError, Attendance, Balanced, Calendar, Contract, Month, Params, PayoutPolicy, SplitMode,
    Tiyn, Weekday,
};

const MON_WED_FRI: [Weekday; 3] = [Weekday::Mon, Weekday::Wed, Weekday::Fri];
const TUE_THU: [Weekday; 2] = [Weekday::Tue, Weekday::Thu];
const PART: Tiyn = Tiyn(3_000_000);

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn params() -> Params {
    Params::defaults(date("2026-01-01"), "2026.1")
}

fn contract(total: Tiyn, from: &str, to: &str) -> Contract {
    Contract {
        voucher: VoucherId([1; 8]),
        number: "V-1".to_owned(),
        child: ChildId([1; 12]),
        group: GroupId([1; 8]),
        provider: ProviderId([1; 8]),
        total_tiyn: total,
        from: date(from),
        to: date(to),
        family: None,
        segments: Vec::new(),
    }
}

/// Sunday 25 October 2026 is a holiday; Monday 26 October is off in its place.
fn autumn() -> Calendar {
    Calendar {
        version: 1,
        official_off: vec![date("2026-10-25")],
        transferred_off: vec![date("2026-10-26")],
        working: Vec::new(),
    }
}

fn lessons_from(text: &str, weekdays: &[Weekday], from: &str, to: &str) -> u32 {
    let days = autumn().lesson_days(month(text), weekdays, &params());
    let inside = days.iter().filter(|day| (date(from)..=date(to)).contains(day));
    u32::try_from(inside.count()).unwrap()
}

fn attended(confirmed: u32, excused: u32, planned: u32) -> Attendance {
    Attendance { confirmed, excused, planned }
}

#[test]
fn e1_pays_a_child_who_joins_inside_the_month() {
    let contract = contract(Tiyn(12_000_000), "2026-09-14", "2026-12-31");
    for text in ["2026-09", "2026-10", "2026-11", "2026-12"] {
        assert_eq!(contract.term().part(month(text), &params()), Ok(PART));
    }
    assert_eq!(contract.term().part(month("2026-08"), &params()), Ok(Tiyn::ZERO));
    assert_eq!(contract.term().part(month("2027-01"), &params()), Ok(Tiyn::ZERO));

    let planned = lessons_from("2026-09", &MON_WED_FRI, "2026-09-01", "2026-09-30");
    let enrolled = lessons_from("2026-09", &MON_WED_FRI, "2026-09-14", "2026-09-30");
    assert_eq!((planned, enrolled), (13, 8));
    let cap = cap_lessons(PART, enrolled, planned).unwrap();
    assert_eq!(cap.to_string(), "18461.53");

    let all = accrue(&params(), cap, attended(8, 0, 8)).unwrap();
    assert_eq!(all, Tiyn(1_846_153));
    assert_eq!(Balanced::settle(PART, all, Tiyn::ZERO).unwrap().released(), Tiyn(1_153_847));

    let some = accrue(&params(), cap, attended(6, 1, 8)).unwrap();
    assert_eq!(some.to_string(), "16153.83");
    let released = Balanced::settle(PART, some, Tiyn::ZERO).unwrap().released();
    assert_eq!(released.to_string(), "13846.17");

    assert_eq!(caps_calendar(PART, &[13, 17]).unwrap()[1].to_string(), "17000.00");
}

#[test]
fn e2_splits_what_does_not_divide() {
    let shown = |parts| -> Vec<String> {
        split_parts(Tiyn(10_000_000), parts).unwrap().iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        shown(7),
        ["14285.71", "14285.71", "14285.72", "14285.71", "14285.72", "14285.71", "14285.72"]
    );
    assert_eq!(shown(3), ["33333.33", "33333.33", "33333.34"]);
}

#[test]
fn e3_shares_a_month_between_two_providers() {
    let caps = caps_calendar(PART, &[15, 16]).unwrap();
    assert_eq!(caps, [Tiyn(1_451_612), Tiyn(1_548_388)]);
    let first = lessons_from("2026-10", &MON_WED_FRI, "2026-10-01", "2026-10-15");
    let second = lessons_from("2026-10", &TUE_THU, "2026-10-16", "2026-10-31");
    assert_eq!((first, second), (6, 4));
    let first = accrue(&params(), caps[0], attended(5, 0, first)).unwrap();
    let second = accrue(&params(), caps[1], attended(4, 0, second)).unwrap();
    assert_eq!((first.to_string().as_str(), second.to_string().as_str()), ("12096.76", "15483.88"));
    let accrued = first.checked_add(second).unwrap();
    assert_eq!(Balanced::settle(PART, accrued, Tiyn::ZERO).unwrap().released(), Tiyn(241_936));
}

#[test]
fn e4_releases_the_gap_between_two_providers() {
    let caps = caps_calendar(PART, &[10, 9, 12]).unwrap();
    assert_eq!(caps, [Tiyn(967_741), Tiyn(870_968), Tiyn(1_161_291)]);
    assert_eq!(Tiyn::checked_sum(caps.into_iter()), Some(PART));
}

#[test]
fn e5_caps_excused_absences() {
    let sick = attended(6, 5, 12);
    assert_eq!(sick.payable(25), Ok(9));
    let accrued = accrue(&params(), PART, sick).unwrap();
    assert_eq!(accrued.to_string(), "22500.00");
    assert_eq!(Balanced::settle(PART, accrued, Tiyn::ZERO).unwrap().released(), Tiyn(750_000));
    assert_eq!(sick.payable(0), Ok(6), "strict mode");
}

#[test]
fn e6_takes_days_off_out_of_the_plan() {
    let october =
        |weekdays: &[Weekday]| lessons_from("2026-10", weekdays, "2026-10-01", "2026-10-31");
    assert_eq!(october(&MON_WED_FRI), 12);
    assert_eq!(october(&[Weekday::Sat, Weekday::Sun]), 8);
    let mixed = [Weekday::Mon, Weekday::Sat];
    assert_eq!(october(&mixed), 9, "a weekend group keeps its lesson on the transferred day");
    let overridden = Params { transferred_day_off_cancels_weekend: true, ..params() };
    assert_eq!(autumn().lesson_days(month("2026-10"), &mixed, &overridden).len(), 8);
}

#[test]
fn e7_splits_a_school_year_at_the_fiscal_year() {
    let autumn = contract(Tiyn(10_000_000), "2026-09-01", "2026-12-31");
    let spring = contract(Tiyn(20_000_000), "2027-01-01", "2027-08-31");
    let parts = |contract: &Contract, first: u32, count: u32| -> Vec<Tiyn> {
        let months = (first..first + count).map(|number| Month::from_number(number).unwrap());
        months.map(|month| contract.term().part(month, &params()).unwrap()).collect()
    };
    assert_eq!(parts(&autumn, 202_609, 4), [Tiyn(2_500_000); 4]);
    assert_eq!(parts(&spring, 202_701, 8), [Tiyn(2_500_000); 8]);
    assert_eq!(parts(&autumn, 202_701, 1), [Tiyn::ZERO]);
}

#[test]
fn e8_sums_caps_where_the_formula_forecasts() {
    let parts = split_parts(Tiyn(12_000_000), 4).unwrap();
    let joined = lessons_from("2026-09", &MON_WED_FRI, "2026-09-14", "2026-09-30");
    let left = lessons_from("2026-10", &MON_WED_FRI, "2026-10-01", "2026-10-15");
    let full = parts.clone();
    let joining = [cap_lessons(parts[0], joined, 13).unwrap(), parts[1], parts[2], parts[3]];
    let leaving = [parts[0], cap_lessons(parts[1], left, 12).unwrap()];
    let caps = full.into_iter().chain(joining).chain(leaving);
    assert_eq!(Tiyn::checked_sum(caps).unwrap().to_string(), "273461.53");
    // ГОЗ = СК × Н, with СК = (4 + 3 + 8/13 + 1.5) / 4 = 237/104, rounded to the tiyn.
    let forecast = Tiyn((12_000_000 * 237 + 52) / 104);
    assert_eq!(forecast.to_string(), "273461.54");
}

#[test]
fn pays_by_enrolment_and_by_threshold_when_the_rules_say_so() {
    let enrolment = Params { payout_policy: PayoutPolicy::Enrolment, ..params() };
    assert_eq!(accrue(&enrolment, PART, attended(1, 0, 12)), Ok(PART));
    assert_eq!(accrue(&enrolment, PART, attended(0, 5, 12)), Ok(Tiyn::ZERO));
    let threshold = Params { payout_policy: PayoutPolicy::Threshold, ..params() };
    assert_eq!(accrue(&threshold, PART, attended(9, 0, 12)), Ok(PART));
    assert_eq!(accrue(&threshold, PART, attended(8, 0, 12)), Ok(Tiyn(2_000_000)));
    assert_eq!(accrue(&params(), PART, attended(3, 0, 0)), Ok(Tiyn::ZERO), "nothing planned");
}

#[test]
fn gives_the_norm_while_the_total_lasts() {
    let norm =
        Params { split_mode: SplitMode::MonthNorm, month_norm_tiyn: Tiyn(2_000_000), ..params() };
    let contract = contract(Tiyn(5_000_000), "2026-09-01", "2026-12-31");
    let parts = [202_609, 202_610, 202_611, 202_612]
        .map(|number| contract.term().part(Month::from_number(number).unwrap(), &norm).unwrap());
    assert_eq!(parts, [Tiyn(2_000_000), Tiyn(2_000_000), Tiyn(1_000_000), Tiyn::ZERO]);
}

#[test]
fn refuses_sums_that_do_not_balance() {
    let unbalanced = Balanced::new(Tiyn(10), Tiyn(5), Tiyn(3), Tiyn(1));
    assert!(matches!(unbalanced, Err(AmountError::Unbalanced { .. })));
    assert!(Balanced::new(Tiyn(10), Tiyn(5), Tiyn(3), Tiyn(2)).is_ok());
    assert_eq!(Balanced::settle(Tiyn(10), Tiyn(8), Tiyn(3)), Err(AmountError::Negative));
    assert_eq!(Balanced::settle(Tiyn(10), Tiyn(-1), Tiyn(3)), Err(AmountError::Negative));
    assert_eq!(cap_lessons(PART, 14, 13), Err(AmountError::MoreThanWhole { found: 14, whole: 13 }));
    assert_eq!(split_parts(Tiyn(-1), 3), Err(AmountError::Negative));
}
