//! What leaves the ledger: sheet, act, entitlements, event pack.

use attendance::EventKind;
use ledger::export::{Cell, ExportedMonth, act, entitlements, event_pack, sheet};
use ledger::{MonthFold, Tiyn, Tranche};
use serde_json::{Value, json};

use crate::fixture::*;

/// Child 1 came to one lesson, which the family confirmed, and child 2 to the same, which it disputed.
fn log() -> Log {
    let mut log = Log::new();
    let lesson = log.lessons(CHESS)[7];
    let visit = log.scan(teacher(), 1, lesson);
    log.about(parent_of(1), EventKind::Confirm, visit);
    let visit = log.scan(teacher(), 2, lesson);
    log.about(parent_of(2), EventKind::Dispute, visit);
    log
}

fn computed(log: &Log) -> (MonthFold, Tranche) {
    (log.fold(), log.tranche())
}

fn cells(table: &ledger::export::Table, row: usize, column: &str) -> Cell {
    let column = table.header.iter().position(|name| name == column).unwrap();
    table.rows[row][column].clone()
}

#[test]
fn sheet_has_a_row_for_each_child_and_a_column_for_each_day() {
    let log = log();
    let (fold, tranche) = computed(&log);
    let month = ExportedMonth { snapshot: &log.snapshot, fold: &fold, tranche: &tranche };
    let table = sheet(month, ALIYA);
    assert_eq!((table.rows.len(), table.header.len()), (3, 3 + 30 + 8));
    assert!(table.rows.iter().all(|row| row.len() == table.header.len()));
    // The eighth lesson of Mon, Wed, Fri is on the 18th; child 1 is enrolled from the 14th.
    assert_eq!(cells(&table, 0, "18"), Cell::from("PRESENT"));
    assert_eq!(cells(&table, 1, "18"), Cell::from("DISPUTED"));
    assert_eq!(cells(&table, 0, "11"), Cell::from("NOT_ENROLLED"));
    assert_eq!(cells(&table, 0, "12"), Cell::Empty);
    assert_eq!(cells(&table, 0, "accrued"), Cell::Tenge(Tiyn(230_769)));
    let csv = table.to_csv();
    assert_eq!(csv.lines().count(), 4);
    assert!(csv.starts_with("voucher_number,child,group,01,"), "{csv}");
    assert!(csv.contains(",2307.69,"), "{csv}");
}

#[test]
fn act_sums_what_is_to_be_paid_in_tiyn() {
    let log = log();
    let (fold, tranche) = computed(&log);
    let month = ExportedMonth { snapshot: &log.snapshot, fold: &fold, tranche: &tranche };
    let table = act(month, ALIYA).unwrap();
    assert_eq!(table.rows.len(), 2, "the one who earned, and the sum");
    assert_eq!(cells(&table, 0, "voucher_number"), Cell::from("2026-0001"));
    assert_eq!(cells(&table, 1, "accrued_tiyn"), Cell::Number(230_769));
    assert_eq!(act(month, BARYS).unwrap().rows.len(), 1, "nobody earned");
}

#[test]
fn entitlements_name_each_voucher_and_month_once() {
    let log = log();
    let (fold, tranche) = computed(&log);
    let month = ExportedMonth { snapshot: &log.snapshot, fold: &fold, tranche: &tranche };
    let table = entitlements(month);
    assert_eq!(table.rows.len(), 4);
    assert_eq!(cells(&table, 0, "code"), Cell::from("2026-0001/2026-09"));
    assert_eq!(cells(&table, 0, "valid_until"), Cell::from("2026-09-30"));
}

#[test]
fn event_pack_has_one_version_for_one_body() {
    let log = log();
    let (fold, tranche) = computed(&log);
    let month = ExportedMonth { snapshot: &log.snapshot, fold: &fold, tranche: &tranche };
    let pack = event_pack(month, "990990000012");
    assert_eq!(pack, event_pack(month, "990990000012"));
    let pack: Value = serde_json::from_str(&pack).unwrap();
    let events = pack["events"].as_array().unwrap();
    assert_eq!(events.len(), 2 + 4, "two visits and four vouchers");
    let visit = &events[0];
    assert_eq!(visit["entity"], "visit");
    assert_eq!(visit["organisation_bin"], "990990000023");
    assert_eq!(visit["body"]["lesson_start"], "2026-09-18T16:00:00+05:00");
    assert_eq!(visit["body"]["standing"], "confirmed");
    assert_eq!(visit["version"].as_str().unwrap().len(), 64);
    assert_eq!(events[2]["body"]["accrued_tiyn"], json!(230_769));
    let versions: std::collections::BTreeSet<_> =
        events.iter().map(|event| event["version"].as_str().unwrap()).collect();
    assert_eq!(versions.len(), events.len());
}
