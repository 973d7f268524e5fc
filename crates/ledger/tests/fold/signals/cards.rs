//! Cards that were replaced or stopped, and what was put aside.

use std::collections::BTreeMap;

use attendance::{DeviceId, Event};
use ledger::signals::{CardLeaf, CardStop, Evidence, PutAside, ServerWord, Signal};

use super::*;

fn card(name: &str) -> Hash {
    seal::sha256(name.as_bytes())
}

/// A scan of the old card of child 2, so long after the time that was signed behind the new card's leaf.
fn shown(after_ms: i64) -> Scene {
    let mut scene = Scene::new();
    let lesson = scene.log.lesson(CHESS, "2026-09-16");
    let known_ms = lesson.start_ms - 100 * HOUR;
    let wall_ms = known_ms + after_ms;
    scene.log.append(teacher(), Event { card: Some(card("old")), wall_ms, ..in_event(2, lesson) });
    let cards = vec![
        CardLeaf { index: 0, hash: card("old"), child: child(2) },
        CardLeaf { index: 5, hash: card("other"), child: child(3) },
        CardLeaf { index: 8, hash: card("new"), child: child(2) },
    ];
    let times = BTreeMap::from([(7, known_ms - HOUR), (9, known_ms), (12, known_ms + 50 * HOUR)]);
    scene.evidence = Evidence::default().with_cards(cards).with_signed_times(times);
    scene
}

#[test]
fn a_replaced_card_in_use_is_a_signal_once_devices_had_time_to_hear_of_it() {
    assert_eq!(shown(72 * HOUR).counted(Signal::CardAfterReissue), nothing());
    assert_eq!(shown(72 * HOUR + 1).counted(Signal::CardAfterReissue), [(72, None)]);
    assert_eq!(shown(-HOUR).counted(Signal::CardAfterReissue), nothing(), "before the new one");
    let mut scene = shown(72 * HOUR + 1);
    scene.rules().card_grace_h = 80;
    assert_eq!(scene.counted(Signal::CardAfterReissue), nothing());
}

#[test]
fn the_card_in_force_and_one_nobody_replaced_are_no_signal() {
    let mut scene = shown(0);
    let lesson = scene.log.lesson(CHESS, "2026-09-30");
    for (number, name) in [(2, "new"), (3, "other"), (3, "never logged")] {
        scene.log.append(teacher(), Event { card: Some(card(name)), ..in_event(number, lesson) });
    }
    assert_eq!(scene.counted(Signal::CardAfterReissue), nothing());
    scene.evidence = Evidence::default();
    assert!(scene.missing(Signal::CardAfterReissue).is_some(), "a log without cards");
}

#[test]
fn a_stopped_card_in_use_is_a_signal_until_it_is_in_force_again() {
    let mut scene = Scene::new();
    let lesson = scene.log.lesson(CHESS, "2026-09-16");
    let stopped_ms = lesson.start_ms - 72 * HOUR;
    let shown = |scene: &mut Scene, wall_ms| {
        let event = Event { card: Some(card("lost")), wall_ms, ..in_event(2, lesson) };
        scene.log.append(teacher(), event)
    };
    assert!(scene.missing(Signal::CardAfterStop).is_some(), "no log has it");
    let stop = |stopped, at_ms| CardStop { card: card("lost"), stopped, at_ms };
    let stops = |stops: Vec<CardStop>| {
        Evidence::default().with_server(ServerWord { stops, ..ServerWord::default() })
    };
    scene.evidence = stops(vec![stop(true, stopped_ms)]);
    shown(&mut scene, stopped_ms + 72 * HOUR);
    assert_eq!(scene.counted(Signal::CardAfterStop), nothing());
    let late = shown(&mut scene, stopped_ms + 72 * HOUR + 1);
    assert_eq!(scene.counted(Signal::CardAfterStop), [(72, None)]);
    assert_eq!(scene.behind(Signal::CardAfterStop), [[late]]);
    scene.evidence = stops(vec![stop(true, stopped_ms), stop(false, stopped_ms + HOUR)]);
    assert_eq!(scene.counted(Signal::CardAfterStop), nothing(), "it was found again");
}

#[test]
fn what_a_server_put_aside_is_a_signal_of_the_month_it_came_in_and_the_one_before() {
    let mut scene = Scene::new();
    assert!(scene.missing(Signal::ChainTrouble).is_some(), "a bundle has nothing of it");
    let came = |day: &str| ledger::local_ms(date(day), 0).unwrap();
    let aside = |reason: &str, day: &str| PutAside {
        device: Some(DeviceId([1; 8])),
        reason: reason.to_owned(),
        count: 3,
        event: card("aside"),
        came_ms: (came(day), came(day)),
    };
    let word = |aside| ServerWord { aside, ..ServerWord::default() };
    for (day, rows) in [("2026-08-31", 0), ("2026-09-01", 1), ("2026-10-31", 1), ("2026-11-01", 0)]
    {
        scene.evidence = Evidence::default().with_server(word(vec![aside("fork", day)]));
        assert_eq!(scene.rows(Signal::ChainTrouble).len(), rows, "{day}");
    }
    scene.evidence = Evidence::default()
        .with_server(word(vec![aside("fork", "2026-09-10"), aside("broken_link", "2026-09-10")]));
    let rows = scene.rows(Signal::ChainTrouble);
    assert_eq!(rows.iter().map(|row| row.counted).collect::<Vec<_>>(), [3, 3]);
    assert!(rows.iter().all(|row| row.behind[0].leaf.is_none()), "it is not in the log");
    scene.rules().aside_events_max = 3;
    assert_eq!(scene.counted(Signal::ChainTrouble), nothing());
}
