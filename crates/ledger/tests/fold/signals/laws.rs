//! Laws: signals change nothing, and the same log gives the same rows.

use attendance::{DeviceId, Event, EventKind};
use ledger::LoggedEvent;
use ledger::signals::{Behind, Signal, SignalParams, SignalReport};
use proptest::prelude::*;

use super::*;

/// One record of a random month.
#[derive(Clone, Copy, Debug)]
enum Said {
    Open { lesson: usize, root: bool },
    Came { child: u8, lesson: usize, after_s: u32, by_hand: bool, second: bool },
    Back { event: usize },
    Heads { lesson: usize, count: u16 },
    Answer { event: usize, was: bool },
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        2 => (0usize..13, any::<bool>()).prop_map(|(lesson, root)| Said::Open { lesson, root }),
        8 => (1u8..=5, 0usize..13, 0u32..5_400, any::<bool>(), any::<bool>()).prop_map(
            |(child, lesson, after_s, by_hand, second)| {
                Said::Came { child, lesson, after_s, by_hand, second }
            }
        ),
        1 => any::<usize>().prop_map(|event| Said::Back { event }),
        2 => (0usize..13, 0u16..6).prop_map(|(lesson, count)| Said::Heads { lesson, count }),
        3 => (any::<usize>(), any::<bool>()).prop_map(|(event, was)| Said::Answer { event, was }),
    ]
}

fn month_of(all: &[Said]) -> Scene {
    let mut scene = Scene::new();
    let lessons = scene.log.lessons(CHESS);
    let scans = |scene: &Scene| -> Vec<LoggedEvent> {
        let scans = scene.log.events.iter().filter(|one| one.event.kind == EventKind::In);
        scans.cloned().collect()
    };
    for said in all {
        match *said {
            Said::Open { lesson, root } => {
                let event = about_lesson(EventKind::LessonOpen, lessons[lesson], 0);
                let evidence = root.then(|| seal::sha256(&[0]));
                scene.log.append(teacher(), Event { evidence, ..event });
            }
            Said::Came { child, lesson, after_s, by_hand, second } => {
                let device = if second { second_teacher() } else { teacher() };
                let event = in_event(child, lessons[lesson]);
                let wall_ms = lessons[lesson].start_ms + i64::from(after_s) * 1_000;
                let mono_ms = u64::try_from(wall_ms).unwrap();
                let event = Event { wall_ms, mono_ms, ..event };
                let (method, reason) = if by_hand {
                    let reason = Some(attendance::ManualReason::CardForgotten);
                    (Some(attendance::Method::Manual), reason)
                } else {
                    (event.method, None)
                };
                scene.log.append(device, Event { method, reason, ..event });
            }
            Said::Back { event } => {
                let scans = scans(&scene);
                if let Some(scan) = scans.get(event % scans.len().max(1)) {
                    let first = scan.event.device == DeviceId([1; 8]);
                    let device = if first { teacher() } else { second_teacher() };
                    scene.log.about(device, EventKind::Void, scan.hash);
                }
            }
            Said::Heads { lesson, count } => {
                let event = about_lesson(EventKind::Headcount, lessons[lesson], HOUR);
                scene.log.append(teacher(), Event { headcount: Some(count), ..event });
            }
            Said::Answer { event, was } => {
                let scans = scans(&scene);
                if let Some(scan) = scans.get(event % scans.len().max(1)) {
                    let kind = if was { EventKind::Confirm } else { EventKind::Dispute };
                    let number = scan.event.child.unwrap().0[0];
                    scene.log.about(parent_of(number), kind, scan.hash);
                }
            }
        }
    }
    scene
}

/// Thresholds that everything passes.
fn strict() -> SignalParams {
    SignalParams {
        share_visits_min: 1,
        burst_scans_max: 0,
        group_capacity: 0,
        unsigned_visits_min: 1,
        spot_check_per_mille: 1_000,
        headcount_mismatch_max: 0,
        full_attendance_lessons_min: 0,
        full_attendance_months: 1,
        same_order_children_min: 1,
        same_order_lessons: 2,
        guardian_families_max: 0,
        ..SignalParams::default()
    }
}

/// A report without the leaves, whose numbers another order of arrival changes.
fn without_leaves(mut report: SignalReport) -> SignalReport {
    let strip = |one: &mut Behind| one.leaf = one.leaf.map(|_| 0);
    for result in &mut report.results {
        for row in &mut result.rows {
            row.behind.iter_mut().for_each(strip);
            row.behind.sort();
        }
        result.rows.sort();
    }
    for one in &mut report.spot_checks.drawn {
        strip(&mut one.opened);
        one.counted.iter_mut().for_each(|counted| strip(&mut counted.event));
    }
    report
}

/// The same events, the devices one after the other: each chain keeps its order.
fn device_by_device(log: &Log) -> Vec<LoggedEvent> {
    let mut events = log.events.clone();
    // Answers come after what they answer, whoever is first among the teachers.
    let rank = |one: &LoggedEvent| (one.event.device.0[0] >= 10, one.event.device, one.event.seq);
    events.sort_by_key(|one| (rank(one).0, std::cmp::Reverse(rank(one).1), rank(one).2));
    for (index, one) in (1..).zip(&mut events) {
        one.index = index;
    }
    events
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_threshold_changes_a_sum_a_code_or_a_verdict(all in prop::collection::vec(said(), 1..60)) {
        let mut scene = month_of(&all);
        let before = (scene.log.tranche(), scene.log.fold());
        scene.report(Vec::new());
        scene.log.snapshot.params[0].signals = strict();
        let after = (scene.log.tranche(), scene.log.fold());
        prop_assert_eq!(before.0.totals, after.0.totals);
        prop_assert_eq!(before.0.lines, after.0.lines);
        prop_assert_eq!(before.1, after.1);
    }

    #[test]
    fn headcounts_and_roots_of_openings_change_no_sum(all in prop::collection::vec(said(), 1..60)) {
        let scene = month_of(&all);
        let mut without = scene.log.clone();
        without.events.retain(|one| {
            !matches!(one.event.kind, EventKind::Headcount | EventKind::LessonOpen)
        });
        prop_assert_eq!(scene.log.tranche().lines, without.tranche().lines);
    }

    #[test]
    fn the_order_in_which_events_are_handed_in_changes_no_row(
        all in prop::collection::vec(said(), 1..60),
        shuffled in any::<prop::sample::Index>(),
    ) {
        let mut scene = month_of(&all);
        scene.log.snapshot.params[0].signals = strict();
        let before = scene.report(Vec::new());
        if !scene.log.events.is_empty() {
            let at = shuffled.index(scene.log.events.len());
            scene.log.events.rotate_left(at);
        }
        scene.log.events.reverse();
        prop_assert_eq!(before, scene.report(Vec::new()));
    }

    #[test]
    fn the_order_in_which_devices_come_changes_no_row(all in prop::collection::vec(said(), 1..60)) {
        // Which of two scans of one visit counts is the fold's order of arrival: one device here.
        let one = |said: &Said| {
            let mut said = *said;
            if let Said::Came { child, second, .. } = &mut said {
                *second = *child % 2 == 0;
            }
            said
        };
        let all: Vec<Said> = all.iter().map(one).collect();
        let mut scene = month_of(&all);
        scene.log.snapshot.params[0].signals = strict();
        let before = without_leaves(scene.report(Vec::new()));
        prop_assert!(before.results.iter().any(|one| one.looked_at > 0) || all.len() < 5);
        scene.log.events = device_by_device(&scene.log);
        prop_assert_eq!(before, without_leaves(scene.report(Vec::new())));
    }
}

#[test]
fn strict_thresholds_make_rows_of_many_signals() {
    // Else the laws above would hold for nothing.
    let all: Vec<Said> = (0..13)
        .flat_map(|lesson| {
            let came = |child| Said::Came {
                child,
                lesson,
                after_s: 60,
                by_hand: child == 3,
                second: false,
            };
            [Said::Open { lesson, root: true }, came(2), came(3), Said::Heads { lesson, count: 5 }]
        })
        .collect();
    let mut scene = month_of(&all);
    scene.log.snapshot.params[0].signals = strict();
    let report = scene.report(Vec::new());
    let found: Vec<&str> = report
        .results
        .iter()
        .filter(|one| !one.rows.is_empty())
        .map(|one| one.signal.name())
        .collect();
    for signal in [
        Signal::ScanBurst,
        Signal::SameOrder,
        Signal::FullAttendance,
        Signal::NeverSigned,
        Signal::ManualShareChild,
        Signal::ManualShareGroup,
        Signal::OverCapacity,
        Signal::HeadcountMismatch,
        Signal::SpotCheckRoot,
    ] {
        assert!(found.contains(&signal.name()), "{} of {found:?}", signal.name());
    }
}
