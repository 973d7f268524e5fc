//! Laws that hold for any log.

use attendance::{AbsenceReason, Cancellation, Event, EventKind, Finding, ManualReason, Verdict};
use ledger::accrual::{cap_lessons, caps_calendar, split_parts};
use ledger::{AmountError, Balanced, FoldEdition, LoggedEvent, PayoutPolicy, Tiyn, Tranche};
use proptest::prelude::*;

use crate::fixture::*;

/// One step of a random month; numbers are reduced to what exists.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Scan { second: bool, child: u8, lesson: usize },
    Mark { child: u8, lesson: usize },
    Void { event: usize },
    Answer { event: usize, confirms: bool },
    Sign { child: u8 },
    Absent { by_family: bool, child: u8, lesson: usize, document: bool },
    Correct { event: usize, lesson: usize, child: u8 },
    Cancel { lesson: usize, official: bool },
    Move { lesson: usize, days: i64 },
    Decide { event: usize, was: bool },
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let child = 1u8..=4;
    prop_oneof![
        6 => (any::<bool>(), child.clone(), 0usize..13)
            .prop_map(|(second, child, lesson)| Step::Scan { second, child, lesson }),
        2 => (child.clone(), 0usize..13).prop_map(|(child, lesson)| Step::Mark { child, lesson }),
        1 => any::<usize>().prop_map(|event| Step::Void { event }),
        5 => (any::<usize>(), any::<bool>())
            .prop_map(|(event, confirms)| Step::Answer { event, confirms }),
        1 => child.clone().prop_map(|child| Step::Sign { child }),
        3 => (any::<bool>(), child.clone(), 0usize..13, any::<bool>()).prop_map(
            |(by_family, child, lesson, document)| {
                Step::Absent { by_family, child, lesson, document }
            }
        ),
        1 => (any::<usize>(), 0usize..13, child)
            .prop_map(|(event, lesson, child)| Step::Correct { event, lesson, child }),
        1 => (0usize..13, any::<bool>())
            .prop_map(|(lesson, official)| Step::Cancel { lesson, official }),
        1 => (0usize..13, -35i64..35).prop_map(|(lesson, days)| Step::Move { lesson, days }),
        1 => (any::<usize>(), any::<bool>())
            .prop_map(|(event, was)| Step::Decide { event, was }),
    ]
}

/// Steps without marks by hand, month signatures, corrections and decisions: what remains speaks of
/// events by hash, or one device alone says it, so its meaning does not hang on the order in which
/// independent devices reach the log.
fn orderless_step() -> impl Strategy<Value = Step> {
    step().prop_map(|step| match step {
        Step::Mark { child, lesson } => Step::Scan { second: true, child, lesson },
        Step::Sign { child } => Step::Answer { event: usize::from(child), confirms: true },
        Step::Correct { event, .. } | Step::Decide { event, .. } => Step::Void { event },
        Step::Cancel { lesson, .. } => Step::Cancel { lesson, official: false },
        Step::Scan { .. }
        | Step::Void { .. }
        | Step::Answer { .. }
        | Step::Absent { .. }
        | Step::Move { .. } => step,
    })
}

/// Steps in which a visit stays the child's and lesson's that it was recorded for.
fn uncorrected_step() -> impl Strategy<Value = Step> {
    step().prop_map(|step| {
        if let Step::Correct { event, .. } = step { Step::Void { event } } else { step }
    })
}

/// A month under either edition of the fold.
pub(crate) fn month_of(steps: &[Step], edition: bool) -> Log {
    let mut log = if edition { Log::second() } else { Log::new() };
    for step in steps {
        run(&mut log, *step);
    }
    log
}

fn run(log: &mut Log, step: Step) {
    let scans: Vec<LoggedEvent> =
        log.events.iter().filter(|logged| logged.event.kind == EventKind::In).cloned().collect();
    let pick = |at: usize| (!scans.is_empty()).then(|| scans[at % scans.len()].clone());
    match step {
        Step::Scan { second, child, lesson } => {
            let device = match (child, second) {
                (4, _) => judo_teacher(),
                (_, true) => second_teacher(),
                (_, false) => teacher(),
            };
            let lessons = log.lessons(if child == 4 { JUDO } else { CHESS });
            log.scan(device, child, lessons[lesson % lessons.len()]);
        }
        Step::Mark { child, lesson } => {
            let lessons = log.lessons(CHESS);
            log.mark(teacher(), child, lessons[lesson % lessons.len()]);
        }
        Step::Void { event } => {
            if let Some(scan) = pick(event) {
                let device = [teacher(), second_teacher(), judo_teacher()]
                    .into_iter()
                    .find(|device| [device.id; 8] == scan.event.device.0)
                    .unwrap();
                log.about(device, EventKind::Void, scan.hash);
            }
        }
        Step::Answer { event, confirms } => {
            if let Some(scan) = pick(event) {
                let number = scan.event.child.unwrap().0[0];
                let kind = if confirms { EventKind::Confirm } else { EventKind::Dispute };
                log.about(parent_of(number), kind, scan.hash);
            }
        }
        Step::Sign { child } => {
            log.sign_month(child);
        }
        Step::Absent { by_family, child, lesson, document } => {
            let device = match (by_family, child) {
                (true, _) => parent_of(child),
                (false, 4) => judo_teacher(),
                (false, _) => teacher(),
            };
            let lessons = log.lessons(if child == 4 { JUDO } else { CHESS });
            let document = document.then_some("note");
            let ground = (AbsenceReason::Sick, document);
            log.absent(device, child, lessons[lesson % lessons.len()], ground);
        }
        Step::Correct { event, lesson, child } => {
            if let Some(scan) = pick(event) {
                let lesson = Some(log.lessons(CHESS)[lesson].id);
                let about = Some(scan.hash);
                let (child, voucher) = (Some(child_of(child)), Some(voucher(child)));
                let correction = blank(EventKind::Correct);
                log.append(coordinator(), Event { lesson, about, child, voucher, ..correction });
            }
        }
        Step::Cancel { lesson, official } => {
            let lesson = log.lessons(CHESS)[lesson];
            let (device, why) = if official {
                (coordinator(), Cancellation::Weather)
            } else {
                (teacher(), Cancellation::Provider)
            };
            log.cancel(device, lesson, why);
        }
        Step::Move { lesson, days } => {
            let lesson = log.lessons(CHESS)[lesson];
            log.move_by(teacher(), lesson, days * 86_400_000);
        }
        Step::Decide { event, was } => {
            if let Some(scan) = pick(event) {
                let verdict = if was { Verdict::Was } else { Verdict::WasNot };
                log.decide(coordinator(), scan.hash, verdict);
            }
        }
    }
}

fn child_of(number: u8) -> attendance::ChildId {
    child(number)
}

fn sums(tranche: &Tranche) -> Vec<[i64; 4]> {
    let of =
        |line: &ledger::TrancheLine| [line.plan.0, line.accrued.0, line.held.0, line.released.0];
    tranche.lines.iter().map(of).collect()
}

fn renumber(log: &mut Log) {
    for (index, logged) in (1..).zip(&mut log.events) {
        logged.index = index;
    }
}

/// Events that must not move money: wrong role, wrong provider, wrong family, wrong kind.
fn unpayable(log: &Log, which: usize) -> (Device, Event) {
    let lesson = log.lessons(CHESS)[which % 13];
    let some_scan = log.events.iter().find(|logged| logged.event.kind == EventKind::In);
    let about = some_scan.map(|logged| logged.hash);
    let owner = some_scan.and_then(|logged| logged.event.child).map_or(1, |child| child.0[0]);
    let decision = Event {
        about,
        verdict: Some(Verdict::Was),
        finding: Some(Finding::Evidence),
        document: Some("act".to_owned()),
        ..blank(EventKind::DisputeResolve)
    };
    let cancellation = Event {
        lesson: Some(lesson.id),
        provider: Some(ALIYA),
        cancellation: Some(Cancellation::Provider),
        ..blank(EventKind::LessonCancel)
    };
    let moved = Event {
        kind: EventKind::LessonMove,
        cancellation: None,
        moved_to_ms: Some(lesson.start_ms + 86_400_000),
        ..cancellation.clone()
    };
    let documented = Event {
        kind: EventKind::Absent,
        absence: Some(AbsenceReason::Sick),
        document: Some("note".to_owned()),
        ..in_event(2, lesson)
    };
    let corrected = Event {
        about,
        reason: Some(ManualReason::NoCamera),
        lesson: Some(lesson.id),
        ..blank(EventKind::Correct)
    };
    match which % 20 {
        0 => (judo_teacher(), in_event(2, lesson)),
        1 => (parent_of(2), in_event(2, lesson)),
        2 => (teacher(), in_event(9, lesson)),
        3 => (teacher(), Event { about, ..blank(EventKind::Confirm) }),
        4 => (parent_of(owner % 4 + 1), Event { about, ..blank(EventKind::Dispute) }),
        5 => (parent_of(owner), Event { about, ..blank(EventKind::Void) }),
        6 => (teacher(), Event { lesson: Some(lesson.id), ..blank(EventKind::LessonOpen) }),
        7 => (teacher(), Event { kind: EventKind::Absent, ..in_event(2, lesson) }),
        8 => (teacher(), decision),
        9 => (administrator(), decision),
        10 => (coordinator(), Event { document: None, ..decision }),
        11 => (coordinator(), Event { finding: None, ..decision }),
        12 => (parent_of(2), cancellation),
        13 => (judo_teacher(), cancellation),
        14 => (teacher(), Event { cancellation: Some(Cancellation::Order), ..cancellation }),
        15 => (judo_teacher(), moved),
        16 => (teacher(), Event { moved_to_ms: Some(lesson.start_ms + 86_400_000 * 40), ..moved }),
        17 => (judo_teacher(), documented),
        18 => (parent_of(3), documented),
        _ => (parent_of(owner), corrected),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn parts_sum_to_the_whole(total in 0i64..=1_000_000_000_000, parts in 1u32..=120) {
        let split = split_parts(Tiyn(total), parts).unwrap();
        prop_assert_eq!(Tiyn::checked_sum(split.iter().copied()), Some(Tiyn(total)));
        let (least, most) = (split.iter().min().unwrap().0, split.iter().max().unwrap().0);
        prop_assert!(most - least <= 1);
    }

    #[test]
    fn caps_sum_to_the_part(
        part in 0i64..=1_000_000_000_000,
        intervals in prop::collection::vec(0u32..40, 1..8),
    ) {
        let caps = caps_calendar(Tiyn(part), &intervals).unwrap();
        let whole = if intervals.iter().all(|days| *days == 0) { 0 } else { part };
        prop_assert_eq!(Tiyn::checked_sum(caps.iter().copied()), Some(Tiyn(whole)));
        prop_assert!(caps.iter().all(|cap| *cap >= Tiyn::ZERO));
    }

    #[test]
    fn no_amount_panics(part in any::<i64>(), e in any::<u32>(), d in any::<u32>()) {
        if let Ok(cap) = cap_lessons(Tiyn(part), e, d) {
            prop_assert!((0..=part).contains(&cap.0));
        }
        let odd = caps_calendar(Tiyn(part), &[e, d, u32::MAX]);
        prop_assert!(odd.is_ok() || part < 0 || e > 0 || d > 0);
        prop_assert!(split_parts(Tiyn(part), e % 50).is_ok() || part < 0);
    }

    #[test]
    fn balance_takes_only_balanced_sums(p in 0i64..1000, a in 0i64..1000, h in 0i64..1000) {
        match Balanced::settle(Tiyn(p), Tiyn(a), Tiyn(h)) {
            Ok(sums) => prop_assert_eq!(a + h + sums.released().0, p),
            Err(AmountError::Negative) => prop_assert!(a + h > p),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn every_line_is_conserved_under_every_policy(
        steps in prop::collection::vec(step(), 0..60),
        edition in any::<bool>(),
        share_of_group in 0u32..=100,
    ) {
        let mut log = month_of(&steps, edition);
        log.snapshot.params[0].l0_group_share_max_percent = Some(share_of_group);
        for policy in [PayoutPolicy::VisitRatio, PayoutPolicy::Enrolment, PayoutPolicy::Threshold] {
            log.snapshot.params[0].payout_policy = policy;
            let tranche = log.tranche();
            prop_assert_eq!(tranche.lines.len(), 4);
            for line in &tranche.lines {
                prop_assert_eq!(
                    line.accrued.0 + line.held.0 + line.released.0, line.plan.0
                );
                prop_assert!(line.accrued.0 + line.held.0 <= line.cap.0 && line.cap <= line.plan);
                prop_assert!(line.payable + line.excused + line.pending <= line.planned);
                prop_assert!(line.excused <= line.planned / 4);
                prop_assert!(line.leaves.is_sorted());
            }
            prop_assert!(Tranche::parse(&tranche.to_bytes()).is_ok());
        }
    }

    #[test]
    fn same_log_gives_same_bytes(
        steps in prop::collection::vec(step(), 0..60),
        edition in any::<bool>(),
    ) {
        let log = month_of(&steps, edition);
        let mut shuffled = log.clone();
        shuffled.events.reverse();
        shuffled.snapshot.contracts.reverse();
        let basis = log.basis();
        let again = ledger::compute_tranche(
            &shuffled.snapshot, &shuffled.events, september(), basis,
        ).unwrap();
        prop_assert_eq!(log.tranche().to_bytes(), again.to_bytes());
    }

    #[test]
    fn unpayable_events_change_no_sum(
        steps in prop::collection::vec(uncorrected_step(), 0..40),
        extra in prop::collection::vec((any::<usize>(), any::<usize>()), 1..10),
        edition in any::<bool>(),
    ) {
        let log = month_of(&steps, edition);
        let mut noisy = log.clone();
        for (which, at) in extra {
            let (device, event) = unpayable(&log, which);
            noisy.append(device, event);
            let added = noisy.events.pop().unwrap();
            let at = at % (noisy.events.len() + 1);
            noisy.events.insert(at, added);
            renumber(&mut noisy);
        }
        prop_assert_eq!(sums(&log.tranche()), sums(&noisy.tranche()));
    }

    #[test]
    fn no_visit_is_paid_twice(
        steps in prop::collection::vec(uncorrected_step(), 0..40),
        edition in any::<bool>(),
    ) {
        let log = month_of(&steps, edition);
        let visits = log.fold().visits;
        let keys: std::collections::BTreeSet<_> =
            visits.iter().map(|visit| (visit.voucher, visit.lesson)).collect();
        prop_assert_eq!(keys.len(), visits.len());
        let mut again = log.clone();
        for visit in &visits {
            let scan = log.events.iter().find(|logged| logged.hash == visit.event).unwrap();
            let device = if visit.provider == BARYS { judo_teacher() } else { second_teacher() };
            again.append(device, scan.event.clone());
            again.events.push(LoggedEvent { index: again.size(), ..scan.clone() });
        }
        prop_assert_eq!(sums(&log.tranche()), sums(&again.tranche()));
    }

    #[test]
    fn order_of_independent_devices_changes_no_sum(
        steps in prop::collection::vec(orderless_step(), 0..60),
        picks in prop::collection::vec(any::<usize>(), 60),
        edition in any::<bool>(),
    ) {
        let log = month_of(&steps, edition);
        let mut chains: std::collections::BTreeMap<_, std::collections::VecDeque<LoggedEvent>> =
            std::collections::BTreeMap::new();
        for logged in &log.events {
            chains.entry(logged.event.device).or_default().push_back(logged.clone());
        }
        let mut other = Log { events: Vec::new(), ..log.clone() };
        for pick in picks.iter().take(log.events.len()) {
            let open: Vec<_> = chains.keys().copied().collect();
            let device = open[pick % open.len()];
            let chain = chains.get_mut(&device).unwrap();
            other.events.push(chain.pop_front().unwrap());
            if chain.is_empty() {
                chains.remove(&device);
            }
        }
        renumber(&mut other);
        prop_assert_eq!(sums(&log.tranche()), sums(&other.tranche()));
    }

    #[test]
    fn a_lesson_is_paid_for_a_child_once_however_often_it_was_corrected(
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let log = month_of(&steps, true);
        let fold = log.fold();
        let events: std::collections::BTreeSet<_> =
            fold.visits.iter().map(|visit| visit.event).collect();
        prop_assert_eq!(events.len(), fold.visits.len(), "a scan is one visit at most");
        for row in &fold.rows {
            let lessons: std::collections::BTreeSet<_> =
                row.days.iter().map(|day| day.lesson.id).collect();
            prop_assert_eq!(lessons.len(), row.days.len());
        }
    }

    #[test]
    fn what_comes_after_the_close_changes_no_row(
        before in prop::collection::vec(step(), 0..40),
        after in prop::collection::vec(step(), 0..20),
        edition in any::<bool>(),
    ) {
        let mut log = month_of(&before, edition);
        log.close();
        let (rows, basis, tranche) = (log.fold().rows, log.basis(), log.tranche());
        for step in after {
            run(&mut log, step);
        }
        prop_assert_eq!(log.fold().rows, rows);
        let again =
            ledger::compute_tranche(&log.snapshot, &log.events, september(), basis).unwrap();
        prop_assert_eq!(again.to_bytes(), tranche.to_bytes());
    }

    #[test]
    fn the_first_edition_does_not_know_what_the_second_reads(
        steps in prop::collection::vec(step(), 0..40),
    ) {
        let log = month_of(&steps, false);
        let mut known = log.clone();
        known.events.retain(|logged| matches!(
            logged.event.kind,
            EventKind::In | EventKind::Void | EventKind::Confirm | EventKind::Dispute
                | EventKind::MonthSign
        ));
        prop_assert_eq!(sums(&log.tranche()), sums(&known.tranche()));
        let mut second = known.clone();
        second.snapshot.params[0].fold_edition = FoldEdition::Second;
        prop_assert_eq!(sums(&known.tranche()), sums(&second.tranche()), "no other rule differs");
    }

    #[test]
    fn no_group_has_more_marks_by_hand_than_its_children_together(
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let mut log = month_of(&steps, true);
        let alone = sums(&log.tranche());
        let percent = log.snapshot.params[0].l0_share_max_percent;
        log.snapshot.params[0].l0_group_share_max_percent = Some(percent);
        prop_assert_eq!(alone, sums(&log.tranche()));
    }
}
