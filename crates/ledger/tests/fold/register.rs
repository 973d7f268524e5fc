//! Vouchers from their entry to their end: who may say what, what lapses by itself, what ends (R7).

use attendance::{Decision, Event, EventKind, Ground, GroupId};
use ledger::report::{VoucherReportState, voucher_report, voucher_rows};
use ledger::voucher::{OfficialStatus, StatusMap, VoucherRefusal, VoucherState};
use ledger::{
    Amendment, AmendmentRefusal, RegisterRefusal, Tiyn, TransferRefusal, VoucherOutcome,
    VoucherRegister,
};
use seal::Hash;

use crate::fixture::*;
use crate::year::*;

/// A voucher that no contract has, and its child.
const NEW: u8 = 7;

impl Log {
    fn set(&mut self, device: Device, day: &str, decision: Decision) -> Hash {
        self.set_with(device, day, decision, |event| event)
    }

    fn set_with(
        &mut self,
        device: Device,
        day: &str,
        decision: Decision,
        change: impl FnOnce(Event) -> Event,
    ) -> Hash {
        let event = Event {
            voucher: Some(voucher(NEW)),
            child: Some(child(NEW)),
            decision: Some(decision),
            document: Some("order 1".to_owned()),
            ..blank(EventKind::VoucherSet)
        };
        self.say(device, day, change(event))
    }

    fn enter(&mut self, day: &str) {
        let number = |event| Event { document: Some("2026-0007".to_owned()), ..event };
        self.set_with(coordinator(), day, Decision::Register, number);
        self.set(coordinator(), day, Decision::Activate);
    }

    fn offer(&mut self, day: &str, group: GroupId) -> Hash {
        let offer = |event| Event { group: Some(group), ..event };
        self.set_with(coordinator(), day, Decision::Offer, offer)
    }

    fn answer_voucher(
        &mut self,
        device: Device,
        day: &str,
        number: u8,
        decision: Decision,
    ) -> Hash {
        let event = Event {
            voucher: Some(voucher(number)),
            child: Some(child(number)),
            decision: Some(decision),
            ..blank(EventKind::VoucherAnswer)
        };
        self.say(device, day, event)
    }

    fn annul(&mut self, device: Device, day: &str, number: u8, first: Option<Hash>) -> Hash {
        let annul = |event| Event {
            voucher: Some(voucher(number)),
            child: Some(child(number)),
            about: first,
            ..event
        };
        self.set_with(device, day, Decision::Annul, annul)
    }

    fn register(&self) -> VoucherRegister {
        VoucherRegister::of(&self.history(), &self.events)
    }

    fn state(&self, day: &str) -> VoucherState {
        self.register().record(voucher(NEW)).unwrap().state_on(date(day))
    }

    fn why_not(&self) -> Vec<RegisterRefusal> {
        self.register().events.iter().filter_map(|one| one.outcome.err()).collect()
    }
}

#[test]
fn voucher_is_entered_offered_booked_and_contracted() {
    let mut log = autumn();
    log.enter("2026-09-28");
    assert_eq!(log.state("2026-09-28"), VoucherState::Active { offered: None });
    log.offer("2026-10-02", CHESS);
    // Two working days after a Friday.
    let VoucherState::Active { offered: Some((place, until)) } = log.state("2026-10-06") else {
        panic!("{:?}", log.state("2026-10-06"))
    };
    assert_eq!((place.provider, place.group, until), (ALIYA, CHESS, date("2026-10-06")));
    log.answer_voucher(parent_of(NEW), "2026-10-06", NEW, Decision::Accept);
    // Five working days after a Tuesday.
    let booked = log.state("2026-10-13");
    assert!(matches!(booked, VoucherState::Booked { until, .. } if until == date("2026-10-13")));
    assert_eq!(log.state("2026-10-14"), VoucherState::Active { offered: None }, "it lapsed");
    assert_eq!(log.why_not(), []);

    let row = |day: &str| {
        let rows = voucher_rows(&log.history(), &log.events, date(day), &StatusMap::default());
        rows.into_iter().find(|row| row.voucher == voucher(NEW)).unwrap()
    };
    assert_eq!(
        (row("2026-10-13").state, row("2026-10-13").official),
        (VoucherReportState::Booked, OfficialStatus::Booked)
    );
    assert_eq!(row("2026-10-13").booking.unwrap().provider_name, "Aliya");
    assert_eq!(
        (row("2026-10-14").state, row("2026-10-14").booking),
        (VoucherReportState::Active, None)
    );
    let report = |log: &Log, day: &str| {
        let names = StatusMap::default();
        let found = voucher_report(&log.history(), &log.events, "2026-0007", date(day), &names);
        found.unwrap().unwrap()
    };
    let (before, of) = report(&log, "2026-10-13");
    assert_eq!((of, before.steps.len(), before.account), (child(NEW), 4, None));

    // The district signs it where it was booked, in time.
    let mut next = log.snapshot.clone();
    next.version += 1;
    let mut contract = next.contracts[0].clone();
    (contract.voucher, contract.child) = (voucher(NEW), child(NEW));
    contract.number = "2026-0007".to_owned();
    contract.from = date("2026-10-19");
    next.contracts.push(contract);
    let amend = |log: &Log, next: &ledger::Snapshot, day: &str| {
        Amendment::of(&log.history(), next, &log.events, date(day)).map(|_| ())
    };
    assert_eq!(amend(&log, &next, "2026-10-13"), Ok(()));
    let late = AmendmentRefusal::NotBooked { voucher: voucher(NEW), state: "in force" };
    assert_eq!(amend(&log, &next, "2026-10-14"), Err(late));
    let mut elsewhere = next.clone();
    let last = elsewhere.contracts.last_mut().unwrap();
    (last.group, last.provider) = (JUDO, BARYS);
    let booked = AmendmentRefusal::NotBooked { voucher: voucher(NEW), state: "booked" };
    assert_eq!(amend(&log, &elsewhere, "2026-10-13"), Err(booked));
    log.snapshot = next;
    let (signed, _) = report(&log, "2026-10-20");
    assert_eq!(signed.state, VoucherReportState::Contracted);
    assert_eq!(signed.account.unwrap().credited_tiyn, Tiyn(12_000_000));
    assert_eq!(report(&log, "2027-01-01").0.state, VoucherReportState::Completed);
}

#[test]
fn what_runs_out_is_too_late_and_may_be_offered_again() {
    let mut log = autumn();
    log.enter("2026-09-28");
    log.offer("2026-10-02", CHESS);
    let second = log.offer("2026-10-05", JUDO);
    log.answer_voucher(parent_of(NEW), "2026-10-07", NEW, Decision::Accept);
    let refused =
        |until: &str| RegisterRefusal::Step(VoucherRefusal::TooEarly { until: date(until) });
    assert_eq!(
        log.why_not(),
        [refused("2026-10-06"), RegisterRefusal::Step(VoucherRefusal::WrongState)]
    );
    assert_eq!(log.register().events[3].hash, second, "it is told of the event itself");
    log.offer("2026-10-07", JUDO);
    log.answer_voucher(parent_of(NEW), "2026-10-08", NEW, Decision::Accept);
    log.set(coordinator(), "2026-10-15", Decision::Extend);
    assert!(matches!(log.state("2026-11-14"), VoucherState::Booked { extended: true, .. }));
    log.set(coordinator(), "2026-11-14", Decision::Extend);
    assert_eq!(log.why_not().last(), Some(&RegisterRefusal::Step(VoucherRefusal::OnlyOnce)));
    // The family thinks better of it.
    log.answer_voucher(parent_of(NEW), "2026-11-10", NEW, Decision::Decline);
    assert_eq!(log.state("2026-11-10"), VoucherState::Active { offered: None });
    log.set(coordinator(), "2026-11-20", Decision::Expire);
    assert!(matches!(log.state("2026-11-20"), VoucherState::Expired { .. }));
    log.set(coordinator(), "2026-12-01", Decision::Restore);
    assert_eq!(log.state("2026-12-01"), VoucherState::Active { offered: None });
    log.set(coordinator(), "2026-12-02", Decision::Expire);
    log.set(coordinator(), "2026-12-03", Decision::Restore);
    assert_eq!(log.why_not().last(), Some(&RegisterRefusal::Step(VoucherRefusal::OnlyOnce)));
}

#[test]
fn nobody_else_says_anything_of_it() {
    let mut log = autumn();
    log.set(coordinator(), "2026-09-28", Decision::Activate);
    log.enter("2026-09-28");
    log.enter("2026-09-28");
    log.offer("2026-10-01", GroupId([0xee; 8]));
    log.suspend("2026-10-01", BARYS, Ground::TaxDebt);
    log.offer("2026-10-01", JUDO);
    log.offer("2026-10-01", CHESS);
    log.set(parent_of(NEW), "2026-10-01", Decision::Activate);
    log.set(administrator(), "2026-10-01", Decision::Expire);
    log.answer_voucher(parent_of(2), "2026-10-02", NEW, Decision::Accept);
    log.answer_voucher(teacher(), "2026-10-02", NEW, Decision::Accept);
    log.answer_voucher(coordinator(), "2026-10-02", NEW, Decision::Accept);
    log.set_with(coordinator(), "2026-10-02", Decision::Extend, |event| Event {
        child: Some(child(2)),
        ..event
    });
    log.set(coordinator(), "2026-10-02", Decision::Accept);
    log.set(coordinator(), "2026-10-02", Decision::Pay);
    assert_eq!(
        log.why_not(),
        [
            RegisterRefusal::Unknown,
            RegisterRefusal::Known,
            RegisterRefusal::Step(VoucherRefusal::WrongState),
            RegisterRefusal::NoGroup,
            RegisterRefusal::NoBookings,
            RegisterRefusal::NotAllowed,
            RegisterRefusal::NotAllowed,
            RegisterRefusal::NotAllowed,
            RegisterRefusal::NotAllowed,
            RegisterRefusal::NoPaper,
            RegisterRefusal::OtherChild,
            RegisterRefusal::Form,
            RegisterRefusal::Form,
        ]
    );
    assert!(matches!(log.state("2026-10-02"), VoucherState::Active { offered: Some(_) }));
}

#[test]
fn full_group_is_offered_to_nobody() {
    let mut log = autumn();
    let chess = log.snapshot.groups.iter().position(|group| group.id == CHESS).unwrap();
    let taken = log.register().places_taken(CHESS, date("2026-10-02"));
    assert_eq!(taken, 0, "nobody counts places that nobody set");
    log.snapshot.groups[chess].capacity = Some(20);
    let taken = log.register().places_taken(CHESS, date("2026-10-02"));
    assert!(taken > 1, "{taken} are in the group by contract");
    let capacity = u32::try_from(taken).unwrap();
    log.snapshot.groups[chess].capacity = Some(capacity);
    log.enter("2026-09-28");
    log.offer("2026-10-02", CHESS);
    assert_eq!(log.why_not(), [RegisterRefusal::Full { capacity }]);

    // One more place, and it is offered to one child only, until that offer lapses.
    log.snapshot.groups[chess].capacity = Some(capacity + 1);
    let other = |event| Event {
        child: Some(child(NEW + 1)),
        voucher: Some(voucher(NEW + 1)),
        document: Some("2026-0008".to_owned()),
        ..event
    };
    let other_offer = |event| Event { group: Some(CHESS), ..other(event) };
    log.set_with(coordinator(), "2026-09-28", Decision::Register, other);
    log.set_with(coordinator(), "2026-09-28", Decision::Activate, other);
    let before = log.events.len();
    log.set_with(coordinator(), "2026-10-02", Decision::Offer, other_offer);
    assert_eq!(log.why_not(), [RegisterRefusal::Full { capacity: capacity + 1 }]);
    log.events.truncate(before);
    log.set_with(coordinator(), "2026-10-07", Decision::Offer, other_offer);
    assert_eq!(log.why_not(), []);
    assert_eq!(log.register().places_taken(CHESS, date("2026-10-07")), taken + 1);
    // Contracts that were annulled, or ended, leave their places.
    let after = log.register().places_taken(CHESS, date("2027-01-15"));
    assert_eq!(after, 0);
}

#[test]
fn child_has_one_in_force() {
    let mut log = autumn();
    let of_two = |number: &'static str| {
        move |event| Event { child: Some(child(2)), document: Some(number.to_owned()), ..event }
    };
    log.set_with(coordinator(), "2026-10-01", Decision::Register, of_two("2026-0002"));
    log.set_with(coordinator(), "2026-10-01", Decision::Register, of_two("2026-0007"));
    log.set_with(coordinator(), "2026-10-01", Decision::Activate, of_two("order 1"));
    assert_eq!(
        log.why_not(),
        [RegisterRefusal::NumberTaken, RegisterRefusal::ActiveElsewhere { most: 1 }]
    );
    // Once the family has refused the other one, there is room.
    log.answer_voucher(parent_of(2), "2026-10-02", 2, Decision::Refuse);
    log.set_with(coordinator(), "2026-10-05", Decision::Activate, of_two("order 2"));
    assert_eq!(log.state("2026-10-05"), VoucherState::Active { offered: None });
}

#[test]
fn refused_voucher_earns_what_was_attended_and_the_rest_goes_back() {
    let mut log = autumn();
    let october = month("2026-10");
    log.attend(2, CHESS, ("2026-10-01", "2026-10-15"), 9);
    let unrefused = log.clone();
    log.answer_voucher(parent_of(2), "2026-10-15", 2, Decision::Refuse);
    log.transfer(parent_of(2), "2026-10-16", 2, JUDO);
    log.attend(2, CHESS, ("2026-10-16", "2026-10-31"), 9);
    log.close_of(october);
    let moved = log.snapshot.after(&log.events);
    assert_eq!(moved.ended(voucher(2)), Some(date("2026-10-16")));
    assert_eq!(moved.transfers[0].outcome, Err(TransferRefusal::Ended));
    let line = log.lines_of(2, october)[0].clone();
    let sum = [line.accrued, line.held, line.released].map(|one| one.0).iter().sum::<i64>();
    assert_eq!(line.plan.0, sum, "nothing is lost");
    assert_eq!(line.payable, 6, "the lessons before it ended, and none after");
    assert!(line.released > Tiyn::ZERO);
    let mut on = unrefused;
    on.attend(2, CHESS, ("2026-10-16", "2026-10-31"), 9);
    on.close_of(october);
    assert!(on.lines_of(2, october)[0].accrued > line.accrued);

    log.close_of(month("2026-11"));
    for line in log.lines_of(2, month("2026-11")) {
        assert_eq!((line.accrued, line.held, line.released), (Tiyn::ZERO, Tiyn::ZERO, line.plan));
    }
    let record = log.register().record(voucher(2)).unwrap().clone();
    assert_eq!(
        (record.state_on(date("2026-10-16")), record.ends),
        (VoucherState::Refused, Some(date("2026-10-16")))
    );
}

#[test]
fn it_takes_two_persons_to_annul_what_was_booked() {
    let mut log = autumn();
    let october = month("2026-10");
    let first = log.annul(coordinator(), "2026-10-05", 2, None);
    let earlier = |log: &Log| log.register().events.last().unwrap().outcome;
    assert_eq!(earlier(&log), Ok(VoucherOutcome::Proposed));
    assert_eq!(log.register().record(voucher(2)).unwrap().proposal, Some(first));
    log.annul(coordinator(), "2026-10-06", 2, Some(first));
    assert_eq!(earlier(&log), Err(RegisterRefusal::SamePerson));
    log.annul(second_coordinator(), "2026-10-06", 2, None);
    assert_eq!(earlier(&log), Err(RegisterRefusal::ProposedAlready));
    log.annul(second_coordinator(), "2026-10-06", 2, Some(Hash([9; 32])));
    assert_eq!(earlier(&log), Err(RegisterRefusal::NoProposal));
    log.attend(2, CHESS, ("2026-10-12", "2026-10-31"), 9);
    assert_eq!(log.snapshot.after(&log.events).ended(voucher(2)), None);
    log.annul(second_coordinator(), "2026-10-08", 2, Some(first));
    assert_eq!(earlier(&log), Ok(VoucherOutcome::Taken));
    assert_eq!(log.snapshot.after(&log.events).ended(voucher(2)), Some(date("2026-10-09")));
    log.annul(coordinator(), "2026-10-12", 2, None);
    assert!(earlier(&log).is_err());
    log.close_of(october);
    assert_eq!(log.lines_of(2, october)[0].accrued, Tiyn::ZERO, "nothing after it is paid");

    // One that was never booked is annulled by one.
    log.enter("2026-10-12");
    log.annul(coordinator(), "2026-10-12", NEW, None);
    assert_eq!(log.state("2026-10-12"), VoucherState::Annulled);
}

#[test]
fn refusal_after_the_contract_or_of_another_child_changes_nothing() {
    let mut log = autumn();
    log.answer_voucher(parent_of(3), "2026-10-15", 2, Decision::Refuse);
    log.answer_voucher(parent_of(2), "2026-12-31", 2, Decision::Refuse);
    assert_eq!(log.snapshot.after(&log.events).ended(voucher(2)), None);
    assert_eq!(
        log.why_not(),
        [RegisterRefusal::NotAllowed, RegisterRefusal::Day(date("2027-01-01"))]
    );
}
