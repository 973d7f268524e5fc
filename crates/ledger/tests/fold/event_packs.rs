//! What the state gateway hears after a month was packed: updates, removals, and nothing twice.

use std::collections::BTreeMap;

use attendance::{Event, EventKind, Role, Verdict};
use ledger::export::{ExportedMonth, PackedLog, event_pack, event_pack_changes};
use ledger::{MonthFold, Tranche};
use seal::Hash;
use serde_json::Value;

use crate::fixture::*;
use crate::year::*;

const SENDER: &str = "990990000012";

/// September at Aliya: child 2 came thrice and is confirmed; nobody answered for child 3.
fn packed() -> (Log, [Hash; 3]) {
    let mut log = autumn();
    log.snapshot.params = vec![second_edition()];
    log.attend(2, CHESS, ("2026-09-01", "2026-09-30"), 3);
    let of = |log: &mut Log, day: &str| {
        let lesson = log.lesson(CHESS, day);
        log.scan(teacher(), 3, lesson)
    };
    let visits = ["2026-09-21", "2026-09-23", "2026-09-25"].map(|day| of(&mut log, day));
    log.close();
    (log, visits)
}

fn month_of(log: &Log) -> (MonthFold, Tranche) {
    let tranche = log.tranche_of(september());
    let size = tranche.tree_size;
    let fold = MonthFold::of_prefix(&log.snapshot, &log.events, september(), size).unwrap();
    (fold, tranche)
}

fn changes(log: &Log, since: u64) -> String {
    let (fold, tranche) = month_of(log);
    let month = ExportedMonth { snapshot: &log.snapshot, fold: &fold, tranche: &tranche };
    let history = log.history();
    let log = PackedLog { history: &history, events: &log.events, size: log.size() };
    event_pack_changes(month, log, since, SENDER).unwrap()
}

/// Entity, action and id of each event, with its body.
fn told(pack: &str) -> Vec<(String, String, Value)> {
    let pack: Value = serde_json::from_str(pack).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let events = pack["events"].as_array().unwrap().iter();
    events.map(|one| (text(&one["entity"]), text(&one["body"]["action"]), one.clone())).collect()
}

fn actions(pack: &str) -> Vec<(String, String)> {
    told(pack).into_iter().map(|(entity, action, _)| (entity, action)).collect()
}

#[test]
fn a_visit_that_was_withdrawn_or_found_not_to_have_been_is_removed() {
    let (mut log, [first, second, third]) = packed();
    let since = log.size();
    assert_eq!(changes(&log, since), "{\"events\":[]}", "nothing happened");
    log.about(teacher(), EventKind::Void, first);
    log.about(parent_of(3), EventKind::Dispute, second);
    log.decide(coordinator(), second, Verdict::WasNot);
    log.about(parent_of(3), EventKind::Confirm, third);
    let pack = changes(&log, since);
    assert_eq!(pack, changes(&log, since), "the same input gives the same bytes");
    let found = told(&pack);
    let of = |hash: Hash| {
        let id = hash.to_string();
        let one = found.iter().find(|(_, _, event)| event["body"]["id"] == *id);
        one.map(|(_, action, event)| (action.as_str(), event["body"]["standing"].clone()))
    };
    assert_eq!(of(first).unwrap().0, "remove");
    assert_eq!(of(second).unwrap().0, "remove");
    assert_eq!(of(third).unwrap(), ("update", Value::from("confirmed")));
    assert_eq!(found.len(), 3, "no sum was decided yet");
    assert_eq!(changes(&log, log.size()), "{\"events\":[]}", "told once");
}

#[test]
fn an_accrual_is_updated_when_a_later_tranche_corrects_it() {
    let (mut log, [visit, ..]) = packed();
    let since = log.size();
    let confirm = Event { about: Some(visit), child: Some(child(3)), ..blank(EventKind::Confirm) };
    log.say(parent_of(3), "2026-10-05", confirm);
    log.adjust(3, september());
    let accruals = |log: &Log| {
        let found = told(&changes(log, since)).into_iter();
        found.filter(|(entity, ..)| entity == "accrual").collect::<Vec<_>>()
    };
    assert!(accruals(&log).is_empty(), "decided, and in no tranche yet");
    log.close_of(month("2026-10"));
    let found = accruals(&log);
    let [(_, action, event)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(
        (action.as_str(), &event["body"]["voucher_number"]),
        ("update", &"2026-0003".into())
    );
    assert_eq!(event["body"]["corrected_in"], serde_json::json!(["2026-10"]));
    let (_, tranche) = month_of(&log);
    let line = tranche.lines.iter().find(|line| line.voucher == voucher(3)).unwrap();
    assert!(event["body"]["accrued_tiyn"].as_i64().unwrap() > line.accrued.0);
    let sums = ["accrued_tiyn", "held_tiyn", "released_tiyn"];
    let sum: i64 = sums.iter().map(|name| event["body"][name].as_i64().unwrap()).sum();
    assert_eq!(sum, line.plan.0, "P = A + H + W");
}

#[test]
fn a_sheet_is_created_when_it_is_signed_and_updated_with_its_state() {
    let (mut log, _) = packed();
    let since = log.size();
    let admin = Device { id: 6, role: Role::ProviderAdmin, provider: Some(ALIYA), child: None };
    let sheet = {
        let tranche = log.tranche_of(september());
        let today = date("2026-10-08");
        let signed =
            ledger::signing::SignedMonth::of_tranche(&log.snapshot, &log.events, &tranche, today);
        signed.unwrap().unwrap().sheet(ALIYA).unwrap().sheet_hash
    };
    let sign = |log: &mut Log, device: Device, day: &str| {
        let event = Event {
            provider: Some(ALIYA),
            month: Some(september().number()),
            evidence: Some(sheet),
            ..blank(EventKind::SheetSign)
        };
        log.say(device, day, event);
    };
    sign(&mut log, admin, "2026-10-08");
    assert_eq!(actions(&changes(&log, since)), [("sheet".to_owned(), "create".to_owned())]);
    let since = log.size();
    sign(&mut log, coordinator(), "2026-10-12");
    let pack = told(&changes(&log, since));
    let [(entity, action, event)] = &pack[..] else { panic!("{pack:?}") };
    assert_eq!((entity.as_str(), action.as_str()), ("sheet", "update"));
    assert_eq!(event["body"]["state"], "APPROVED");
    assert_eq!(event["body"]["id"], "990990000023/2026-09");
}

#[test]
fn a_version_is_of_the_content_and_not_of_the_action() {
    let (mut log, [first, ..]) = packed();
    let (fold, tranche) = month_of(&log);
    let month = ExportedMonth { snapshot: &log.snapshot, fold: &fold, tranche: &tranche };
    let base = told(&event_pack(month, SENDER));
    let versions: BTreeMap<String, Value> = base
        .iter()
        .map(|(_, _, event)| {
            (event["body"]["id"].as_str().unwrap().to_owned(), event["version"].clone())
        })
        .collect();
    let since = log.size();
    log.about(teacher(), EventKind::Void, first);
    let pack = told(&changes(&log, since));
    let [(_, action, event)] = &pack[..] else { panic!("{pack:?}") };
    assert_eq!(action, "remove");
    assert_eq!(
        Some(&event["version"]),
        versions.get(&first.to_string()),
        "what is removed is named"
    );
}
