//! Laws of random histories over four months: transfers, suspensions, releases, adjustments.

use std::collections::BTreeMap;

use attendance::{Decision, Event, EventKind, Ground, ProviderId};
use ledger::{Accounts, LineKey, LoggedEvent, Month, Tiyn, Tranche};
use proptest::prelude::*;

use crate::fixture::*;
use crate::year::*;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Scan { child: u8, judo: bool, month: usize, lesson: usize },
    Answer { event: usize, confirms: bool },
    Transfer { child: u8, judo: bool, day: u32 },
    Suspend { judo: bool, ground: usize, cure: bool },
    Release { child: u8, month: usize, pays: bool, second: bool },
    Adjust { child: u8, month: usize },
    Terminate { second: bool },
    Close,
}

const MONTHS: [&str; 4] = ["2026-09", "2026-10", "2026-11", "2026-12"];

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let (child, at) = (1u8..=4, 0usize..4);
    prop_oneof![
        8 => (child.clone(), any::<bool>(), at.clone(), 0usize..14)
            .prop_map(|(child, judo, month, lesson)| Step::Scan { child, judo, month, lesson }),
        6 => (any::<usize>(), any::<bool>())
            .prop_map(|(event, confirms)| Step::Answer { event, confirms }),
        2 => (child.clone(), any::<bool>(), 0u32..110)
            .prop_map(|(child, judo, day)| Step::Transfer { child, judo, day }),
        3 => (any::<bool>(), 0usize..4, any::<bool>())
            .prop_map(|(judo, ground, cure)| Step::Suspend { judo, ground, cure }),
        4 => (child.clone(), at.clone(), any::<bool>(), any::<bool>())
            .prop_map(|(child, month, pays, second)| Step::Release { child, month, pays, second }),
        4 => (child, at).prop_map(|(child, month)| Step::Adjust { child, month }),
        1 => any::<bool>().prop_map(|second| Step::Terminate { second }),
        2 => Just(Step::Close),
    ]
}

fn provider(judo: bool) -> ProviderId {
    if judo { BARYS } else { ALIYA }
}

/// Runs the steps, and closes every month in the end.
fn history(steps: &[Step]) -> Log {
    let (mut log, closed) = begun(steps);
    for of in &MONTHS[closed..] {
        log.close_of(month(of));
    }
    log
}

/// Runs the steps; gives how many months they closed.
pub(crate) fn begun(steps: &[Step]) -> (Log, usize) {
    let mut log = autumn();
    let mut closed = 0;
    for step in steps {
        if matches!(step, Step::Close) && closed < MONTHS.len() {
            log.close_of(month(MONTHS[closed]));
            closed += 1;
        } else {
            run(&mut log, *step);
        }
    }
    (log, closed)
}

fn run(log: &mut Log, step: Step) {
    match step {
        Step::Scan { child, judo, month: at, lesson } => {
            let lessons = log.lessons_in(if judo { JUDO } else { CHESS }, month(MONTHS[at]));
            log.scan_at(child, lessons[lesson % lessons.len()]);
        }
        Step::Answer { event, confirms } => {
            let scans: Vec<&LoggedEvent> =
                log.events.iter().filter(|one| one.event.kind == EventKind::In).collect();
            if !scans.is_empty() {
                let scan = scans[event % scans.len()].clone();
                let kind = if confirms { EventKind::Confirm } else { EventKind::Dispute };
                log.about(parent_of(scan.event.child.unwrap().0[0]), kind, scan.hash);
            }
        }
        Step::Transfer { child, judo, day } => {
            let day = date("2026-09-01") + chrono::Days::new(u64::from(day));
            log.transfer(
                parent_of(child),
                &day.to_string(),
                child,
                if judo { JUDO } else { CHESS },
            );
        }
        Step::Suspend { judo, ground, cure } => {
            let ground = Ground::ALL[ground];
            if cure {
                log.cure("2026-10-10", provider(judo), ground);
            } else {
                log.suspend("2026-10-01", provider(judo), ground);
            }
        }
        Step::Release { child, month: at, pays, second } => {
            let decision = if pays { Decision::Pay } else { Decision::Return };
            let first =
                log.events.iter().rev().find(|one| one.event.kind == EventKind::HoldRelease);
            let about = first.filter(|_| second).map(|one| one.hash);
            let device = if second { second_coordinator() } else { coordinator() };
            log.release(device, (child, month(MONTHS[at])), decision, about);
        }
        Step::Adjust { child, month: at } => {
            log.adjust(child, month(MONTHS[at]));
        }
        Step::Terminate { second } => {
            let kind = EventKind::ProviderTerminate;
            let first = log.events.iter().find(|one| one.event.kind == kind).map(|one| one.hash);
            let about = first.filter(|_| second);
            let cause = about.is_none().then_some(attendance::TerminationCause::NoService);
            let device = if second { second_coordinator() } else { coordinator() };
            let day = if second { "2026-11-20" } else { "2026-11-01" };
            let event = Event { provider: Some(BARYS), cause, about, ..blank(kind) };
            log.say(device, day, event);
        }
        Step::Close => {}
    }
}

fn tranches(log: &Log) -> Vec<Tranche> {
    let accounts = log.accounts();
    accounts.months.iter().map(|one| log.tranche_of(one.month)).collect()
}

/// What each line comes to after all corrections: A, H, W.
fn sums(tranches: &[Tranche]) -> BTreeMap<(Month, LineKey), [i64; 3]> {
    let mut sums = BTreeMap::new();
    for tranche in tranches {
        for line in &tranche.lines {
            let amounts = [line.accrued.0, line.held.0, line.released.0];
            assert!(sums.insert((tranche.month, line.key()), amounts).is_none());
        }
        for one in tranche.corrections.iter().flatten() {
            let sum: &mut [i64; 3] = sums.get_mut(&one.key()).expect("of a line that was closed");
            for (sum, moved) in sum.iter_mut().zip([one.accrued, one.held, one.released]) {
                *sum += moved.0;
                assert!(*sum >= 0, "more is moved than there is: {one:?}");
            }
        }
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_part_is_paid_twice(steps in prop::collection::vec(step(), 0..60)) {
        let log = history(&steps);
        let tranches = tranches(&log);
        let sums = sums(&tranches);
        let mut parts: BTreeMap<(Month, attendance::VoucherId), i64> = BTreeMap::new();
        for ((of, key), [accrued, held, released]) in &sums {
            *parts.entry((*of, key.1)).or_default() += accrued + held + released;
        }
        prop_assert!(parts.values().all(|part| *part == 3_000_000), "ΣA + H + W = P: {parts:?}");
        prop_assert_eq!(parts.len(), 16);
        // What is due over all months, with what providers still owe, is what was earned.
        let due = tranches.iter().flat_map(|one| one.due().into_values()).map(|due| due.0);
        let owed: i64 = log.accounts().debts.values().map(|debt| debt.0).sum();
        let earned: i64 = sums.values().map(|[accrued, ..]| accrued).sum();
        prop_assert_eq!(due.sum::<i64>() + owed, earned);
    }

    #[test]
    fn any_order_of_arrival_and_any_later_time_gives_the_same_bytes(
        steps in prop::collection::vec(step(), 0..40),
        more in prop::collection::vec(step(), 0..10),
        seed in any::<u64>(),
    ) {
        let log = history(&steps);
        let bytes: Vec<_> = tranches(&log).iter().map(Tranche::to_bytes).collect();
        let mut shuffled = log.clone();
        let mut state = seed | 1;
        for at in (1..shuffled.events.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.events.swap(at, (state >> 33) as usize % (at + 1));
        }
        let accounts = Accounts::of(&log.history(), &shuffled.events, log.size()).unwrap();
        prop_assert_eq!(accounts, log.accounts());
        let again: Vec<_> = tranches_over(&log, &shuffled).iter().map(Tranche::to_bytes).collect();
        prop_assert_eq!(&again, &bytes);
        // What comes later changes no month that is closed: a month rests on its prefix.
        let mut later = log;
        more.iter().for_each(|step| run(&mut later, *step));
        let again: Vec<_> = tranches(&later).iter().map(Tranche::to_bytes).collect();
        prop_assert_eq!(&again, &bytes);
    }
}

/// The tranches of `log`, from events in another order.
fn tranches_over(log: &Log, shuffled: &Log) -> Vec<Tranche> {
    let mut months = log.accounts().months;
    months.sort_by_key(|one| one.close);
    months.iter().map(|one| shuffled.tranche_of(one.month)).collect()
}

#[test]
fn sums_of_a_hand_written_history_come_out() {
    let log = history(&[
        Step::Scan { child: 2, judo: false, month: 0, lesson: 0 },
        Step::Answer { event: 0, confirms: true },
        Step::Suspend { judo: false, ground: 1, cure: false },
        Step::Close,
        Step::Suspend { judo: false, ground: 1, cure: true },
    ]);
    let tranches = tranches(&log);
    assert_eq!(tranches[0].totals.accrued, Tiyn::ZERO);
    assert_eq!(tranches[1].due()[&ALIYA], Tiyn(230_769));
}
