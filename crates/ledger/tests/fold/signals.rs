//! Integrity signals: each with what passes its threshold and what does not, at the edge.

mod cards;
mod families;
mod laws;
mod pace;
mod places;
mod presence;
mod spot;
mod when;

use std::collections::BTreeMap;

use attendance::{Event, EventKind};
use ledger::signals::{
    Evidence, Inspection, ServerWord, Signal, SignalParams, SignalQuery, SignalReport, SignalRow,
    signals,
};
use ledger::{LoggedSnapshot, Month, Snapshots};
use seal::Hash;

use crate::fixture::*;

pub(crate) const HOUR: i64 = 60 * MINUTE;

/// A log, and what there is beside it.
struct Scene {
    log: Log,
    evidence: Evidence,
    inspections: Vec<Inspection>,
    month: Month,
}

impl Scene {
    fn new() -> Self {
        let (evidence, inspections) = (Evidence::default(), Vec::new());
        Self { log: Log::second(), evidence, inspections, month: september() }
    }

    fn rules(&mut self) -> &mut SignalParams {
        &mut self.log.snapshot.params[0].signals
    }

    fn report(&self, only: Vec<Signal>) -> SignalReport {
        let query = SignalQuery { only, set: Vec::new(), inspections: self.inspections.clone() };
        let events = &self.log.events;
        signals(&snapshots(&self.log), events, &self.evidence, self.month, &query).unwrap()
    }

    fn rows(&self, signal: Signal) -> Vec<SignalRow> {
        let [result] = &self.report(vec![signal]).results[..] else { panic!("one result") };
        assert_eq!(result.signal, signal);
        result.rows.clone()
    }

    /// What each row counted, and out of how many.
    fn counted(&self, signal: Signal) -> Vec<(u64, Option<u64>)> {
        self.rows(signal).iter().map(|row| (row.counted, row.of)).collect()
    }

    /// The events behind each row.
    fn behind(&self, signal: Signal) -> Vec<Vec<Hash>> {
        let rows = self.rows(signal);
        rows.iter().map(|row| row.behind.iter().map(|one| one.event).collect()).collect()
    }

    fn missing(&self, signal: Signal) -> Option<&'static str> {
        self.report(vec![signal]).results[0].missing
    }

    /// A scan so long after the beginning of the lesson.
    fn scan_at(&mut self, number: u8, lesson: ledger::Lesson, after_ms: i64) -> Hash {
        let wall_ms = lesson.start_ms + after_ms;
        let mono_ms = u64::try_from(wall_ms).unwrap();
        self.log.append(teacher(), Event { wall_ms, mono_ms, ..in_event(number, lesson) })
    }

    fn event(&self, hash: Hash) -> &ledger::LoggedEvent {
        self.log.events.iter().find(|one| one.hash == hash).unwrap()
    }

    /// When the server took these events.
    fn came(&mut self, when: &[(Hash, i64)]) {
        let leaf = |(hash, at_ms): &(Hash, i64)| (self.event(*hash).index, *at_ms);
        let came_ms: BTreeMap<u64, i64> = when.iter().map(leaf).collect();
        let word = ServerWord { came_ms, ..ServerWord::default() };
        self.evidence = std::mem::take(&mut self.evidence).with_server(word);
    }
}

fn snapshots(log: &Log) -> Snapshots {
    Snapshots::begin(LoggedSnapshot { index: 0, snapshot: log.snapshot.clone() })
}

fn nothing() -> Vec<(u64, Option<u64>)> {
    Vec::new()
}

/// An opening or a headcount.
fn about_lesson(kind: EventKind, lesson: ledger::Lesson, after_ms: i64) -> Event {
    Event {
        lesson: Some(lesson.id),
        provider: Some(lesson.provider),
        wall_ms: lesson.start_ms + after_ms,
        ..blank(kind)
    }
}

#[test]
fn every_signal_has_a_name_a_rule_and_thresholds_that_exist() {
    let known: Vec<&str> =
        SignalParams::default().by_name().into_iter().map(|(name, _)| name).collect();
    let shared = second_edition().by_name();
    let mut names = std::collections::BTreeSet::new();
    let mut used = std::collections::BTreeSet::new();
    for signal in Signal::ALL {
        assert!(names.insert(signal.name()), "{signal:?}");
        assert_eq!(Signal::find(signal.name()), Some(signal));
        assert!(signal.rule().starts_with('R') && !signal.counts().is_empty());
        for name in signal.thresholds() {
            assert!(known.contains(name) || shared.contains_key(*name), "{name} of {signal:?}");
            used.insert(*name);
        }
    }
    let idle: Vec<_> = known.iter().filter(|name| !used.contains(*name)).collect();
    assert!(idle.is_empty(), "no signal says that it compares with {idle:?}");
    assert_eq!(Signal::find("punish"), None);
}

#[test]
fn default_thresholds_are_not_written_and_others_survive() {
    let mut snapshot = snapshot();
    let before = (snapshot.to_canonical_json(), snapshot.hash());
    assert!(!before.0.contains("signals"), "older snapshots keep their bytes");
    snapshot.params[0].signals.burst_scans_max = 5;
    let written = snapshot.to_canonical_json();
    assert!(written.contains("\"burst_scans_max\":5"));
    assert_eq!(ledger::Snapshot::parse(&written).unwrap(), snapshot);
    let one_named = before.0.replacen(
        "\"close_lead_days\":1",
        "\"close_lead_days\":1,\"signals\":{\"travel_min\":30}",
        1,
    );
    let read = ledger::Snapshot::parse(&one_named).unwrap().params[0].signals;
    assert_eq!(read, SignalParams { travel_min: 30, ..SignalParams::default() });
}

#[test]
fn a_share_beyond_the_whole_is_refused_by_its_name() {
    let refused = |change: &dyn Fn(&mut SignalParams)| {
        let mut snapshot = snapshot();
        change(&mut snapshot.params[0].signals);
        snapshot.verify().unwrap_err().to_string()
    };
    let percent = refused(&|signals| signals.late_share_max_percent = 101);
    assert!(percent.contains("late_share_max_percent"), "{percent}");
    let per_mille = refused(&|signals| signals.spot_check_per_mille = 1_001);
    assert!(per_mille.contains("spot_check_per_mille"), "{per_mille}");
}

#[test]
fn a_threshold_is_tried_out_by_name_and_an_unknown_one_is_refused() {
    let mut scene = Scene::new();
    for lesson in scene.log.lessons(CHESS).into_iter().take(4) {
        scene.log.scan(teacher(), 2, lesson);
        scene.log.mark(teacher(), 3, lesson);
    }
    let try_with = |name: &str, value| {
        let query = SignalQuery { set: vec![(name.to_owned(), value)], ..SignalQuery::default() };
        let events = &scene.log.events;
        signals(&snapshots(&scene.log), events, &scene.evidence, september(), &query)
    };
    let found = |report: SignalReport, signal| {
        let result = report.results.into_iter().find(|one| one.signal == signal).unwrap();
        (result.rows.len(), result.thresholds)
    };
    let (rows, thresholds) =
        found(try_with("unsigned_visits_min", 5).unwrap(), Signal::NeverSigned);
    assert_eq!((rows, thresholds), (0, vec![("unsigned_visits_min", 5)]));
    assert_eq!(found(try_with("travel_min", 1).unwrap(), Signal::NeverSigned).0, 2);
    // A rule of the money is compared with too.
    let group = Signal::ManualShareGroup;
    assert_eq!(found(try_with("l0_share_max_percent", 49).unwrap(), group).0, 1);
    assert_eq!(found(try_with("l0_share_max_percent", 50).unwrap(), group).0, 0);
    let refused = try_with("payout_policy", 1).unwrap_err().to_string();
    assert!(refused.contains("payout_policy is no threshold"), "{refused}");
}

#[test]
fn narrower_rules_have_thresholds_of_their_own() {
    let mut scene = Scene::new();
    scene.rules().group_capacity = 1;
    let lesson = scene.log.lesson(CHESS, "2026-09-02");
    scene.log.scan(teacher(), 2, lesson);
    scene.log.scan(teacher(), 3, lesson);
    let of_lesson = |scene: &Scene| {
        let rows = scene.rows(Signal::OverCapacity);
        rows.iter().filter(|row| row.lesson == Some(lesson.id)).count()
    };
    assert_eq!(of_lesson(&scene), 1);
    let mut rules = second_edition();
    rules.signals.group_capacity = 2;
    let scope = ledger::Scope::Provider(ALIYA);
    let narrower = ledger::NarrowerRules { id: "aliya".to_owned(), scope, rules };
    scene.log.snapshot.narrower.push(narrower);
    assert_eq!(of_lesson(&scene), 0);
}
