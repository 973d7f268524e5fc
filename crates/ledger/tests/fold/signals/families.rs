//! Whose key answers, whose never did, and marks by hand.

use attendance::{Event, EventKind};
use ledger::signals::Signal;

use super::*;

/// Children 2, 3 and 4, each of a family, and a device that may answer for all three.
fn families(of: [Option<u32>; 3]) -> (Scene, Vec<(u8, Hash)>) {
    let mut scene = Scene::new();
    for (contract, family) in scene.log.snapshot.contracts[1..].iter_mut().zip(of) {
        contract.family = family;
    }
    let (chess, judo) =
        (scene.log.lesson(CHESS, "2026-09-02"), scene.log.lesson(JUDO, "2026-09-03"));
    let scans = vec![
        (2, scene.log.scan(teacher(), 2, chess)),
        (3, scene.log.scan(teacher(), 3, chess)),
        (4, scene.log.scan(judo_teacher(), 4, judo)),
    ];
    (scene, scans)
}

fn confirm(scene: &mut Scene, scans: &[(u8, Hash)]) {
    for (number, hash) in scans {
        let event =
            Event { about: Some(*hash), child: Some(child(*number)), ..blank(EventKind::Confirm) };
        scene.log.append(Device { id: 77, ..parent_of(2) }, event);
        scene.log.events.last_mut().unwrap().children = vec![child(2), child(3), child(4)];
    }
}

#[test]
fn one_key_for_two_families_is_a_signal_and_siblings_are_not() {
    let (mut scene, scans) = families([Some(1), Some(2), Some(2)]);
    confirm(&mut scene, &scans[1..]);
    assert_eq!(scene.counted(Signal::GuardianForMany), nothing(), "siblings");
    confirm(&mut scene, &scans[..1]);
    assert_eq!(scene.counted(Signal::GuardianForMany), [(2, None)]);
    scene.rules().guardian_families_max = 2;
    assert_eq!(scene.counted(Signal::GuardianForMany), nothing());
    let (mut untold, scans) = families([None; 3]);
    confirm(&mut untold, &scans);
    assert_eq!(untold.counted(Signal::GuardianForMany), nothing());
    assert!(untold.missing(Signal::GuardianForMany).is_some());
}

#[test]
fn an_answer_of_a_device_that_may_not_answer_counts_for_no_family() {
    let (mut scene, scans) = families([Some(1), Some(2), Some(3)]);
    for (number, hash) in &scans {
        let event =
            Event { about: Some(*hash), child: Some(child(*number)), ..blank(EventKind::Confirm) };
        scene.log.append(parent_of(2), event);
    }
    assert_eq!(scene.counted(Signal::GuardianForMany), nothing());
}

#[test]
fn confirmations_that_are_held_are_a_signal() {
    let (mut scene, scans) = families([Some(1), Some(2), Some(3)]);
    confirm(&mut scene, &scans[..2]);
    assert_eq!(scene.counted(Signal::ProxyConfirm), nothing(), "two families are allowed");
    confirm(&mut scene, &scans[2..]);
    assert_eq!(scene.counted(Signal::ProxyConfirm), [(3, None)]);
    let device = scene.rows(Signal::ProxyConfirm)[0].device;
    assert_eq!(device, Some(attendance::DeviceId([77; 8])));
    // From a provider's own device.
    let (mut scene, scans) = families([Some(1), Some(2), Some(3)]);
    let office = Device { provider: Some(ALIYA), ..parent_of(2) };
    scene.log.about(office, EventKind::Confirm, scans[0].1);
    assert_eq!(scene.counted(Signal::ProxyConfirm), [(1, None)]);
}

#[test]
fn a_family_that_never_answered_is_a_signal_from_the_fourth_visit_on() {
    let mut scene = Scene::new();
    let lessons = scene.log.lessons(CHESS);
    for lesson in &lessons[..3] {
        scene.log.scan(teacher(), 2, *lesson);
    }
    assert_eq!(scene.counted(Signal::NeverSigned), nothing());
    scene.log.scan(teacher(), 2, lessons[3]);
    assert_eq!(scene.counted(Signal::NeverSigned), [(4, None)]);
    assert_eq!(scene.rows(Signal::NeverSigned)[0].behind.len(), 4);
    let stranger =
        Event { month: Some(202_608), child: Some(child(2)), ..blank(EventKind::MonthSign) };
    scene.log.append(parent_of(3), stranger.clone());
    assert_eq!(scene.counted(Signal::NeverSigned), [(4, None)], "another family");
    scene.log.append(parent_of(2), stranger);
    assert_eq!(scene.counted(Signal::NeverSigned), nothing(), "once, in any month");
}

#[test]
fn a_child_that_no_family_confirms_for_ninety_days_is_a_signal() {
    let days = |day: &str| {
        let mut scene = Scene::new();
        scene.month = "2026-12".parse().unwrap();
        let wall_ms = ledger::local_ms(date(day), 12 * 60).unwrap();
        let sign = Event {
            month: Some(202_609),
            child: Some(child(2)),
            wall_ms,
            ..blank(EventKind::MonthSign)
        };
        scene.log.append(parent_of(2), sign);
        let rows = scene.rows(Signal::ReconfirmationOld);
        rows.into_iter().find(|row| row.child == Some(child(2))).map(|row| row.counted)
    };
    assert_eq!(days("2026-10-02"), None, "90 days before the month's last");
    assert_eq!(days("2026-10-01"), Some(91));
    let mut scene = Scene::new();
    scene.month = "2026-11".parse().unwrap();
    assert_eq!(
        scene.counted(Signal::ReconfirmationOld),
        nothing(),
        "the contract begins in September"
    );
    scene.rules().reconfirm_days = 89;
    assert_eq!(scene.counted(Signal::ReconfirmationOld), [(90, None); 3], "child 1 joined later");
}

#[test]
fn marks_by_hand_beyond_the_share_are_a_signal_for_child_and_group() {
    let mut scene = Scene::new();
    let lessons = scene.log.lessons(CHESS);
    for (at, lesson) in lessons[..5].iter().enumerate() {
        if at == 0 {
            scene.log.mark(teacher(), 2, *lesson);
        } else {
            scene.log.scan(teacher(), 2, *lesson);
        }
    }
    assert_eq!(scene.counted(Signal::ManualShareChild), nothing(), "one of five");
    assert_eq!(scene.counted(Signal::ManualShareGroup), nothing());
    let second = scene.log.mark(teacher(), 2, lessons[5]);
    assert_eq!(scene.counted(Signal::ManualShareChild), [(2, Some(6))]);
    assert_eq!(scene.counted(Signal::ManualShareGroup), [(2, Some(6))]);
    assert!(scene.behind(Signal::ManualShareChild)[0].contains(&second));
    for lesson in &lessons[..4] {
        scene.log.scan(teacher(), 3, *lesson);
    }
    assert_eq!(scene.counted(Signal::ManualShareGroup), nothing(), "two of ten");
    assert_eq!(scene.counted(Signal::ManualShareChild), [(2, Some(6))]);
    scene.log.snapshot.params[0].l0_group_share_max_percent = Some(19);
    assert_eq!(scene.counted(Signal::ManualShareGroup), [(2, Some(10))]);
}
