use super::*;

const PLACE: Place = Place { provider: ProviderId([1; 8]), group: GroupId([2; 8]) };

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn step(
    standing: &VoucherStanding,
    step: &VoucherStep,
    on: &str,
) -> Result<VoucherStanding, VoucherRefusal> {
    let calendar = Calendar { official_off: vec![day("2026-09-15")], ..Calendar::default() };
    standing.apply(step, day(on), VoucherParams::default(), &calendar)
}

fn taken(steps: &[(VoucherStep, &str)]) -> VoucherStanding {
    steps.iter().fold(VoucherStanding::registered(), |standing, (one, on)| {
        step(&standing, one, on).unwrap_or_else(|why| panic!("{one:?} on {on}: {why}"))
    })
}

fn offered() -> Vec<(VoucherStep, &'static str)> {
    // Monday 14 September; Tuesday is a day off.
    vec![(VoucherStep::Activate, "2026-09-14"), (VoucherStep::Offer(PLACE), "2026-09-14")]
}

fn booked() -> Vec<(VoucherStep, &'static str)> {
    [offered(), vec![(VoucherStep::Accept, "2026-09-17")]].concat()
}

fn contracted() -> Vec<(VoucherStep, &'static str)> {
    let from = day("2026-09-21");
    [booked(), vec![(VoucherStep::Contract { from }, "2026-09-18")]].concat()
}

fn annul(second_person: bool) -> VoucherStep {
    VoucherStep::Annul { reason: "wrong data".into(), second_person }
}

#[test]
fn voucher_goes_from_entry_to_the_end_of_its_contract() {
    let until = day("2026-09-17");
    let state = VoucherState::Active { offered: Some((PLACE, until)) };
    assert_eq!(taken(&offered()).state, state, "two working days, the day off does not count");
    let until = day("2026-09-24");
    assert_eq!(
        taken(&booked()).state,
        VoucherState::Booked { place: PLACE, until, extended: false }
    );
    let from = day("2026-09-21");
    let signed = taken(&contracted());
    assert_eq!(signed.state, VoucherState::Contracted { place: PLACE, from });
    assert!(signed.is_in_force());
    let done = step(&signed, &VoucherStep::Complete, "2026-12-31").unwrap();
    assert!(!done.is_in_force());
    assert_eq!(step(&done, &annul(true), "2027-01-01"), Err(VoucherRefusal::WrongState));
}

#[test]
fn offers_and_bookings_lapse_in_time_and_not_before() {
    let open = taken(&offered());
    let until = day("2026-09-17");
    let late = step(&open, &VoucherStep::Accept, "2026-09-18");
    assert_eq!(late, Err(VoucherRefusal::TooLate { until }));
    let early = step(&open, &VoucherStep::Release, "2026-09-17");
    assert_eq!(early, Err(VoucherRefusal::TooEarly { until }));
    assert_eq!(step(&open, &VoucherStep::Offer(PLACE), "2026-09-17"), early);
    let free = step(&open, &VoucherStep::Release, "2026-09-18").unwrap();
    assert_eq!(free.state, VoucherState::Active { offered: None });

    let booking = taken(&booked());
    let longer = step(&booking, &VoucherStep::Extend, "2026-09-24").unwrap();
    let until = day("2026-10-24");
    assert_eq!(longer.state, VoucherState::Booked { place: PLACE, until, extended: true });
    let again = step(&longer, &VoucherStep::Extend, "2026-10-01");
    assert_eq!(again, Err(VoucherRefusal::OnlyOnce));
    let late = step(&booking, &VoucherStep::Extend, "2026-09-25");
    assert!(matches!(late, Err(VoucherRefusal::TooLate { .. })));
    assert!(step(&longer, &VoucherStep::Release, "2026-10-25").is_ok());
}

#[test]
fn transfers_are_counted_by_the_quarter() {
    let transfer = |text| VoucherStep::Transfer { from: day(text) };
    let mut standing = taken(&contracted());
    for from in ["2026-10-05", "2026-11-10"] {
        standing = step(&standing, &transfer(from), from).unwrap();
        assert_eq!(standing.state, VoucherState::Active { offered: None });
        standing = step(&standing, &VoucherStep::Offer(PLACE), from).unwrap();
        standing = step(&standing, &VoucherStep::Accept, from).unwrap();
        standing = step(&standing, &VoucherStep::Contract { from: day(from) }, from).unwrap();
    }
    let third = step(&standing, &transfer("2026-12-01"), "2026-12-01");
    assert_eq!(third, Err(VoucherRefusal::TransfersUsedUp { most: 2 }));
    assert!(step(&standing, &transfer("2027-01-11"), "2027-01-11").is_ok(), "a new quarter");
    let free = taken(&offered());
    assert_eq!(step(&free, &transfer("2026-10-05"), "2026-10-05"), Err(VoucherRefusal::WrongState));
}

#[test]
fn terminated_provider_frees_the_voucher() {
    let freed =
        step(&taken(&contracted()), &VoucherStep::ProviderTerminated, "2026-11-01").unwrap();
    assert_eq!(freed.state, VoucherState::Active { offered: None });
    assert!(step(&freed, &VoucherStep::Offer(PLACE), "2026-11-01").is_ok(), "rebooked at once");
}

#[test]
fn expired_voucher_is_restored_once_and_in_time() {
    let steps = [(VoucherStep::Activate, "2026-09-14"), (VoucherStep::Expire, "2026-10-01")];
    let expired = taken(&steps);
    assert!(!expired.is_in_force());
    let until = day("2026-10-29");
    let late = step(&expired, &VoucherStep::Restore, "2026-10-30");
    assert_eq!(late, Err(VoucherRefusal::TooLate { until }));
    let back = step(&expired, &VoucherStep::Restore, "2026-10-29").unwrap();
    assert!(back.is_in_force());
    let again = step(&back, &VoucherStep::Expire, "2026-11-01").unwrap();
    assert_eq!(step(&again, &VoucherStep::Restore, "2026-11-02"), Err(VoucherRefusal::OnlyOnce));
}

#[test]
fn annulling_after_a_booking_needs_two() {
    let free = taken(&offered());
    assert_eq!(step(&free, &annul(false), "2026-09-15").unwrap().state, VoucherState::Annulled);
    for steps in [booked(), contracted()] {
        let standing = taken(&steps);
        let alone = step(&standing, &annul(false), "2026-09-18");
        assert_eq!(alone, Err(VoucherRefusal::SecondPersonMissing));
        assert!(step(&standing, &annul(true), "2026-09-18").is_ok());
        assert_eq!(
            step(&standing, &VoucherStep::Refuse, "2026-09-18").unwrap().state,
            VoucherState::Refused
        );
    }
    // A transfer does not wash it off.
    let from = day("2026-10-05");
    let moved = step(&taken(&contracted()), &VoucherStep::Transfer { from }, "2026-10-04").unwrap();
    let alone = step(&moved, &annul(false), "2026-10-05");
    assert_eq!(alone, Err(VoucherRefusal::SecondPersonMissing));
}

#[test]
fn every_part_takes_the_steps_of_the_table_and_no_other() {
    use PartState::{Acted, Earned, Held, Open, Paid, Planned, Released, Sheet};
    let steps = [
        (Planned, PartStep::Begin, Open),
        (Planned, PartStep::Release, Released),
        (Open, PartStep::EnterSheet, Sheet),
        (Open, PartStep::Release, Released),
        (Sheet, PartStep::Return, Open),
        (Sheet, PartStep::Earn, Earned),
        (Sheet, PartStep::Hold, Held),
        (Sheet, PartStep::Release, Released),
        (Earned, PartStep::Hold, Held),
        (Earned, PartStep::Act, Acted),
        (Held, PartStep::LetThrough, Earned),
        (Held, PartStep::Release, Released),
        (Acted, PartStep::Pay, Paid),
    ];
    let all = [
        PartStep::Begin,
        PartStep::EnterSheet,
        PartStep::Return,
        PartStep::Earn,
        PartStep::Hold,
        PartStep::LetThrough,
        PartStep::Release,
        PartStep::Act,
        PartStep::Pay,
    ];
    for state in PartState::ALL {
        for step in all {
            let expected = steps.iter().find(|(from, by, _)| (*from, *by) == (state, step));
            let expected = expected.map(|(_, _, to)| *to).ok_or(PartRefusal);
            assert_eq!(state.apply(step), expected, "{state:?} {step:?}");
        }
    }
}

#[test]
fn official_names_are_configuration() {
    let map = StatusMap::default();
    assert_eq!(map.of_part(PartState::Earned), OfficialStatus::WrittenOff);
    assert_eq!(map.of_part(PartState::Paid), OfficialStatus::Redeemed);
    assert_eq!(map.of_voucher(&taken(&contracted()).state), OfficialStatus::Booked);
    assert_eq!(map.of_voucher(&VoucherState::Annulled), OfficialStatus::Unknown);
    let other: StatusMap = serde_json::from_str(r#"{ "booked": "Активирован" }"#).unwrap();
    assert_eq!(other.of_voucher(&taken(&booked()).state), OfficialStatus::Activated);
    assert_eq!(serde_json::to_value(OfficialStatus::Redeemed).unwrap(), "Погашен");
}
