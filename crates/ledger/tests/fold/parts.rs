//! A month in parts has the same bytes as a month that is folded as a whole.

use attendance::{DeviceId, EventKind, GroupId, Role};
use ledger::{
    AssuranceShares, Contract, LoggedEvent, LoggedSnapshot, MonthFold, NarrowerRules, Running,
    Scope, Snapshots, SparseTally, Tally, Tiyn, Tranche, TrancheLine,
};
use proptest::prelude::*;

use crate::fixture::*;
use crate::properties::{month_of, step};

/// What else there is in a district beside random steps.
#[derive(Clone, Debug)]
struct Country {
    /// The families of the four children.
    families: [Option<u32>; 4],
    /// For how many families a device may confirm.
    most: u32,
    /// On how many telephones the families are; each answers for all of them.
    telephones: u8,
    /// Child 1 has a second voucher, for judo.
    second_voucher: bool,
    /// A group's share of marks by hand.
    group_share: Option<u32>,
    /// Whether that is so for chess alone.
    narrower: bool,
    /// At which of the log's events a voucher moves to the other group, and from which day on.
    transfers: Vec<(usize, u8, u32)>,
    /// At which of the log's events a family refuses its voucher, and on which day.
    refusals: Vec<(usize, u8, u32)>,
    /// Where an answer comes before what it is about.
    swaps: Vec<usize>,
    closed: bool,
}

fn country() -> impl Strategy<Value = Country> {
    let family = || prop::option::of(0u32..3);
    (
        [family(), family(), family(), family()],
        0u32..3,
        1u8..5,
        any::<bool>(),
        prop::option::of(0u32..=100),
        any::<bool>(),
        prop::collection::vec((any::<usize>(), 1u8..=4, 1u32..29), 0..3),
        prop::collection::vec((any::<usize>(), 1u8..=4, 1u32..29), 0..2),
        prop::collection::vec(any::<usize>(), 0..4),
        any::<bool>(),
    )
        .prop_map(|all| {
            let (families, most, telephones, second_voucher, group_share, ..) = all;
            let (.., narrower, transfers, refusals, swaps, closed) = all;
            Country {
                families,
                most,
                telephones,
                second_voucher,
                group_share,
                narrower,
                transfers,
                refusals,
                swaps,
                closed,
            }
        })
}

impl Country {
    /// Makes a log of the steps' one.
    fn over(&self, mut log: Log) -> Log {
        let params = &mut log.snapshot.params[0];
        params.families_per_device_max = self.most;
        if self.narrower {
            let mut rules = params.clone();
            rules.l0_group_share_max_percent = self.group_share;
            let scope = Scope::Programme(vec![CHESS]);
            log.snapshot.narrower = vec![NarrowerRules { id: "chess".to_owned(), scope, rules }];
        } else {
            params.l0_group_share_max_percent = self.group_share;
        }
        for (contract, family) in log.snapshot.contracts.iter_mut().zip(self.families) {
            contract.family = family;
        }
        if self.second_voucher {
            self.second(&mut log);
        }
        for logged in log.events.iter_mut().filter(|one| one.role == Role::Parent) {
            let number = logged.event.device.0[0];
            logged.event.device = DeviceId([10 + number % self.telephones; 8]);
            logged.children = (1..=4).map(child).collect();
        }
        for (at, number, day) in &self.transfers {
            self.transfer(&mut log, *at, *number, *day);
        }
        for (at, number, day) in &self.refusals {
            self.refuse(&mut log, *at, *number, *day);
        }
        for at in &self.swaps {
            let most = log.events.len().saturating_sub(1).max(1);
            if log.events.len() > 1 {
                log.events.swap(at % most, at % most + 1);
            }
        }
        for (index, logged) in (1..).zip(&mut log.events) {
            logged.index = index;
        }
        if self.closed {
            log.close();
        }
        log
    }

    /// Child 1 learns judo too, and comes to every second lesson of it, and twice to one.
    fn second(&self, log: &mut Log) {
        let first = log.snapshot.contracts[0].clone();
        let (group, provider) = (JUDO, BARYS);
        let number = "2026-0005".to_owned();
        let judo = Contract {
            voucher: voucher(5),
            number,
            group,
            provider,
            total_tiyn: Tiyn(9_999_999),
            ..first
        };
        log.snapshot.contracts.push(judo);
        for lesson in log.lessons(JUDO).into_iter().step_by(2) {
            let mut event = in_event(1, lesson);
            event.voucher = Some(voucher(5));
            let about = log.append(judo_teacher(), event);
            log.about(parent_of(1), EventKind::Confirm, about);
        }
    }

    fn transfer(&self, log: &mut Log, at: usize, number: u8, day: u32) {
        let to: GroupId = if number == 4 { CHESS } else { JUDO };
        let event = attendance::Event {
            voucher: Some(voucher(number)),
            group: Some(to),
            wall_ms: ledger::local_ms(date("2026-09-01"), day * 1440).unwrap(),
            ..blank(EventKind::Transfer)
        };
        insert(log, at, coordinator(), event);
    }

    fn refuse(&self, log: &mut Log, at: usize, number: u8, day: u32) {
        let event = attendance::Event {
            voucher: Some(voucher(number)),
            child: Some(child(number)),
            decision: Some(attendance::Decision::Refuse),
            document: (!day.is_multiple_of(3)).then(|| "act 1".to_owned()),
            wall_ms: ledger::local_ms(date("2026-09-01"), day * 1440).unwrap(),
            ..blank(EventKind::VoucherAnswer)
        };
        let device = if day.is_multiple_of(2) { coordinator() } else { parent_of(number) };
        insert(log, at, device, event);
    }
}

fn insert(log: &mut Log, at: usize, device: Device, event: attendance::Event) {
    log.append(device, event);
    let event = log.events.pop().unwrap();
    let at = at % (log.events.len() + 1);
    log.events.insert(at, event);
}

fn whole(log: &Log) -> Tranche {
    let basis = log.basis();
    let fold = MonthFold::of_prefix(&log.snapshot, &log.events, september(), basis.tree_size);
    Tranche::of_fold(&log.snapshot, &fold.unwrap(), basis).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_month_in_parts_is_the_month_as_a_whole(
        steps in prop::collection::vec(step(), 0..60),
        country in country(),
        edition in any::<bool>(),
    ) {
        let log = country.over(month_of(&steps, edition));
        prop_assert_eq!(whole(&log), log.tranche());
    }

    #[test]
    fn an_event_of_any_shape_means_the_same_in_parts(
        steps in prop::collection::vec(step(), 1..40),
        odd in prop::collection::vec((any::<usize>(), 0u8..6), 1..6),
        country in country(),
    ) {
        let mut log = month_of(&steps, true);
        misshape_some(&mut log, odd);
        let log = country.over(log);
        prop_assert_eq!(whole(&log), log.tranche());
    }

    #[test]
    fn what_comes_after_the_tree_changes_nothing_in_parts(
        steps in prop::collection::vec(step(), 2..60),
        country in country(),
        cut in any::<usize>(),
    ) {
        let log = country.over(month_of(&steps, true));
        let mut shorter = log.clone();
        shorter.events.truncate(cut % (log.events.len() + 1));
        let mut tally = Tally::default();
        log.events.iter().for_each(|logged| tally.take(logged));
        let parts = tally.compute_tranche(&log.snapshot, september(), shorter.basis()).unwrap();
        prop_assert_eq!(whole(&shorter), parts);
    }
}

/// The same log in shares, with its lines in order, and how often the log was gone through.
fn in_shares(log: &Log, at_once: u64) -> (Tranche, usize) {
    let first = LoggedSnapshot { index: 0, snapshot: log.snapshot.clone() };
    let history = Snapshots::begin(first);
    let mut tally = SparseTally::default().in_shares_of(at_once);
    log.events.iter().for_each(|logged| tally.take(logged));
    let (mut lines, mut walks) = (Vec::new(), 0);
    let mut again = |take: &mut dyn FnMut(&LoggedEvent)| {
        walks += 1;
        log.events.iter().for_each(take);
        Ok::<_, ()>(())
    };
    let month = (&history, september());
    let mut keep = |line| lines.push(line);
    let closed = tally.compute_closed(month, log.basis(), &mut again, &mut keep, &mut |_, _| ());
    let closed = closed.unwrap().unwrap();
    assert_eq!(closed.lines, lines.len() as u64);
    assert_eq!(closed.assurance, in_one(log, &history).1);
    lines.sort_by_key(TrancheLine::key);
    (Tranche { lines, ..closed.tranche }, walks)
}

fn in_one(log: &Log, history: &Snapshots) -> (Tranche, AssuranceShares) {
    let mut tally = Tally::default();
    log.events.iter().for_each(|logged| tally.take(logged));
    let all = || Ok::<_, ()>(log.events.clone());
    tally.compute_closed((history, september()), log.basis(), all).unwrap().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_month_in_shares_of_any_size_is_the_month_as_a_whole(
        steps in prop::collection::vec(step(), 0..60),
        odd in prop::collection::vec((any::<usize>(), 0u8..6), 0..4),
        country in country(),
        at_once in 1u64..40,
    ) {
        let mut log = month_of(&steps, true);
        misshape_some(&mut log, odd);
        let log = country.over(log);
        prop_assert_eq!(whole(&log), in_shares(&log, at_once).0);
    }
}

#[test]
fn every_share_goes_through_the_log_once() {
    let mut log = Log::second();
    let lesson = log.lesson(CHESS, "2026-09-16");
    for number in [1, 2, 3] {
        let visit = log.scan(teacher(), number, lesson);
        log.about(parent_of(number), EventKind::Confirm, visit);
    }
    log.close();
    let (one, walks) = in_shares(&log, 1000);
    assert_eq!((walks, one.lines.len()), (1, 4));
    assert_eq!(in_shares(&log, 2), (one, 4), "a share for each voucher");
}

/// A log in a tally that takes it in pieces and is followed after each event of `stops`.
fn followed(log: &Log, stops: &[usize]) -> (Tally, Running, Snapshots) {
    let first = LoggedSnapshot { index: 0, snapshot: log.snapshot.clone() };
    let (history, mut tally, mut running) =
        (Snapshots::begin(first), Tally::default(), Running::default());
    let mut stops: Vec<usize> = stops.iter().map(|stop| stop % log.events.len() + 1).collect();
    stops.sort_unstable();
    let mut taken = 0;
    for stop in stops {
        tally.take_all(&log.events[taken..stop]);
        tally.follow(&mut running, &history, september()).unwrap();
        taken = stop;
    }
    tally.take_all(&log.events[taken..]);
    (tally, running, history)
}

#[test]
fn only_what_somebody_spoke_of_is_folded_again() {
    let mut log = Log::second();
    let lesson = log.lesson(CHESS, "2026-09-16");
    let visits = [1, 2, 3].map(|number| log.scan(teacher(), number, lesson));
    let (mut tally, mut running, history) = followed(&log, &[2]);
    assert_eq!(running.folded(), 4, "every voucher at first");
    tally.follow(&mut running, &history, september()).unwrap();
    assert_eq!(running.folded(), 0);
    log.about(parent_of(2), EventKind::Confirm, visits[1]);
    tally.take(log.events.last().unwrap());
    tally.follow(&mut running, &history, september()).unwrap();
    assert_eq!(running.folded(), 1, "the one whose family answered");
    log.close();
    tally.take(log.events.last().unwrap());
    let all = || Ok::<_, ()>(Vec::new());
    let month = (&history, september());
    let closed = tally.compute_running(&mut running, month, log.basis(), all).unwrap().unwrap();
    assert_eq!((running.folded(), closed.0), (0, whole(&log)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_month_that_was_followed_in_any_pieces_is_the_month_as_a_whole(
        steps in prop::collection::vec(step(), 1..60),
        country in country(),
        stops in prop::collection::vec(any::<usize>(), 0..8),
        edition in any::<bool>(),
    ) {
        let log = country.over(month_of(&steps, edition));
        let (tally, mut running, history) = followed(&log, &stops);
        let all = || Ok::<_, ()>(log.events.clone());
        let month = (&history, september());
        let closed = tally.compute_running(&mut running, month, log.basis(), all).unwrap().unwrap();
        prop_assert_eq!(whole(&log), closed.0);
    }
}

/// Misshapes some of a log's events.
fn misshape_some(log: &mut Log, odd: Vec<(usize, u8)>) {
    let most = log.events.len().max(1);
    for (at, what) in odd {
        if let Some(logged) = log.events.get_mut(at % most) {
            misshape(logged, what);
        }
    }
}

/// Takes a field away, or adds one that an event of this kind has no use for.
fn misshape(logged: &mut LoggedEvent, what: u8) {
    let event = &mut logged.event;
    match what {
        0 => event.voucher = None,
        1 => event.lesson = None,
        2 => event.child = None,
        3 => event.month = Some(202_609),
        4 => event.provider = None,
        _ => event.document = Some(" ".to_owned()),
    }
}
