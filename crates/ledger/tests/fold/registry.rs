//! The registry the Treasury is handed.

use ledger::{Registry, RegistryError};

use crate::fixture::*;

fn closed() -> Log {
    let mut log = Log::new();
    log.snapshot.providers[0].name = "=Aliya, \"centre\"".to_owned();
    log.snapshot.contracts.truncate(2);
    let lesson = log.lessons(CHESS)[0];
    log.scan(teacher(), 2, lesson);
    log.sign_month(2);
    log.close();
    log
}

#[test]
fn writes_one_line_a_voucher_and_a_total() {
    let log = closed();
    let tranche = log.tranche();
    let hash = tranche.hash();
    let registry = Registry::from_tranche(&tranche, &log.snapshot, 4).unwrap();
    let expected = [
        "provider_bin,provider_name,voucher_number,month,planned_tiyn,accrued_tiyn,accrued_tenge,\
         held_tiyn,held_tenge,released_tiyn,released_tenge,tranche_sha256"
            .to_owned(),
        format!(
            "990990000023,\"'=Aliya, \"\"centre\"\"\",2026-0001,2026-09,3000000,0,0.00,0,0.00,\
             3000000,30000.00,{hash}"
        ),
        format!(
            "990990000023,\"'=Aliya, \"\"centre\"\"\",2026-0002,2026-09,3000000,230769,2307.69,0,\
             0.00,2769231,27692.31,{hash}"
        ),
        format!("TOTAL,,,2026-09,6000000,230769,2307.69,0,0.00,5769231,57692.31,{hash}"),
        String::new(),
    ];
    let csv = registry.to_csv();
    assert_eq!(csv, expected.join("\r\n"));
    let lines = format!("{}\r\n{}\r\n", expected[1], expected[2]);
    assert_eq!(registry.lines_hash(), seal::sha256(lines.as_bytes()));
    let again = Registry::from_tranche(&tranche, &log.snapshot, 4).unwrap();
    assert_eq!((again.to_csv(), again.to_json()), (csv, registry.to_json()));
}

#[test]
fn writes_totals_and_hash_as_json() {
    let log = closed();
    let tranche = log.tranche();
    let registry = Registry::from_tranche(&tranche, &log.snapshot, 4).unwrap();
    let json: serde_json::Value = serde_json::from_str(&registry.to_json()).unwrap();
    assert_eq!(json["month"], "2026-09");
    assert_eq!(json["tranche_leaf"], 4);
    assert_eq!(json["tranche_sha256"], tranche.hash().to_string());
    assert_eq!(json["lines"][1]["accrued_tiyn"], 230_769);
    assert_eq!(json["totals"]["accrued_tenge"], "2307.69");
    assert_eq!(json["totals"]["lines"], 2);
    assert_eq!(json["lines_sha256"], registry.lines_hash().to_string());
}

#[test]
fn neutralises_cells_that_would_run() {
    for start in ["=", "+", "-", "@", "\t"] {
        let mut log = closed();
        log.snapshot.providers[0].name = format!("{start}1");
        let registry = Registry::from_tranche(&log.tranche(), &log.snapshot, 4).unwrap();
        assert!(registry.to_csv().contains(&format!(",'{start}1,")), "{start:?}");
    }
}

#[test]
fn refuses_another_snapshot() {
    let mut log = closed();
    let tranche = log.tranche();
    log.snapshot.calendar.version += 1;
    let refused = Registry::from_tranche(&tranche, &log.snapshot, 4);
    assert!(matches!(refused, Err(RegistryError::OtherSnapshot { .. })));
}
