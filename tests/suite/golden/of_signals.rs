//! The signals of a month, as a coordinator of the district gets them.

use sync_api::{
    BehindResponse, CountedResponse, HexHash, SignalResponse, SignalRowResponse, SignalsResponse,
    SpotCheckResponse, SpotChecksResponse,
};
use system_tests::{Pen, district};

use super::golden_json;

fn behind(leaf: Option<u64>) -> BehindResponse {
    BehindResponse { leaf, event: HexHash(seal::sha256(b"an event")) }
}

fn row() -> SignalRowResponse {
    SignalRowResponse {
        provider: Some(district::CHESS_HOUSE),
        group: Some(district::CHESS),
        day: Some("2026-09-02".to_owned()),
        lesson: Some(district::lessons(district::CHESS)[0].id),
        child: Some(district::child(1)),
        voucher: Some(district::voucher(1)),
        device: Some(Pen::new(21).device()),
        counted: 9,
        of: Some(12),
        note: Some("what there is to say".to_owned()),
        behind: vec![behind(Some(7)), behind(None)],
        behind_more: 3,
    }
}

#[test]
fn signals_of_a_month_are_unchanged() {
    let bare = SignalRowResponse {
        provider: None,
        group: None,
        day: None,
        lesson: None,
        child: None,
        voucher: None,
        device: None,
        of: None,
        note: None,
        behind: Vec::new(),
        behind_more: 0,
        ..row()
    };
    let signal = SignalResponse {
        name: "scan_burst".to_owned(),
        rule: "R9, 48; R10".to_owned(),
        counts: "scans by one device within the seconds of the rule".to_owned(),
        thresholds: [("burst_seconds".to_owned(), 10), ("burst_scans_max".to_owned(), 8)].into(),
        looked_at: 118,
        found: 4,
        rows: vec![row(), bare],
        more: 2,
        missing: Some("what was not there".to_owned()),
    };
    let counted = CountedResponse { heads: 10, marks: 12, difference: 2, event: behind(Some(9)) };
    let check = SpotCheckResponse {
        provider: district::CHESS_HOUSE,
        group: district::CHESS,
        day: "2026-09-02".to_owned(),
        lesson: district::lessons(district::CHESS)[0].id,
        device: Pen::new(21).device(),
        opened: behind(Some(5)),
        size: 4,
        counted: Some(counted),
    };
    let response = SignalsResponse {
        month: 202_609,
        close_leaf: Some(40),
        rule_version: "2026.1".to_owned(),
        signals: vec![signal],
        spot_checks: SpotChecksResponse {
            openings: 13,
            with_root: 12,
            drawn: 2,
            with_headcount: 1,
            lessons: vec![check.clone(), SpotCheckResponse { counted: None, ..check }],
            more: 0,
        },
    };
    golden_json("signals-response.json", &response, "misleads whoever reads them by a program");
}
