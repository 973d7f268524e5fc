//! Good rows go through beside bad ones, and every bad one says why.

use serde_json::json;

use super::*;

fn board() -> BoardView {
    let provider = |number: u8, accrued: i64, document: Option<&str>| {
        json!({
            "provider": format!("{number:02}").repeat(8),
            "name": format!("Provider {number}"),
            "bin": format!("99099000002{number}"),
            "children": 3,
            "accrued_tiyn": accrued,
            "held_tiyn": 0,
            "paid": document.is_some(),
            "document": document,
        })
    };
    let month = |month: &str, state: &str| {
        json!({
            "month": month, "state": state, "close_from_ms": 0, "may_close": false,
            "visits": 0, "confirmed": 0, "awaiting": 0, "disputed": 0, "times": null,
            "plan_tiyn": 0, "accrued_tiyn": 0, "held_tiyn": 0, "released_tiyn": 0,
            "rule_version": "1", "tranche": null, "mark": null, "leaf_index": null,
            "undecided": [],
            "providers": [
                provider(1, 1_846_153, None),
                provider(2, 500, Some("PP-2")),
                provider(3, 0, None),
            ],
        })
    };
    let board = json!({
        "as_of_ms": 1, "devices": [], "parked": [], "volumes": [],
        "months": [month("2026-09", "closed"), month("2026-10", "open")],
    });
    serde_json::from_value(board).unwrap()
}

/// Judges rows under a header, and gives each verdict by its code.
fn codes(table: &str) -> Vec<String> {
    let file = paper::read_table(table.as_bytes()).unwrap();
    let columns = PaymentColumns::of(&file.header).unwrap();
    let judged = judge(&columns, &file, &board(), "2026-09".parse().ok());
    let code = |line: Judged| match line.verdict {
        Verdict::Accepted(PaymentRow { sum, document, .. }) => format!("{sum} by {document}"),
        Verdict::Known(said) | Verdict::Refused(said) => said.code().to_owned(),
    };
    judged.into_iter().map(code).collect()
}

#[test]
fn each_row_is_judged_by_itself() {
    let table = "БИН;Сумма;Документ;Месяц\n\
        990990000021;18 461,53;PP-1;\n\
        990990000021;18461.53;PP-9;2026-09\n\
        990990000021;18461.52;PP-1;2026-09\n\
        990990000022;5,00;PP-2;2026-09\n\
        990990000022;5,00;PP-3;2026-09\n\
        990990000023;5,00;PP-3;2026-09\n\
        990990000029;5,00;PP-3;2026-09\n\
        990990000021;18461.53;;2026-09\n\
        990990000021;18461.53;PP-1;2026-10\n\
        990990000021;18461.53;PP-1;2026-13\n\
        ;18461.53;PP-1;2026-09\n\
        990990000021;-5;PP-1;2026-09\n";
    assert_eq!(
        codes(table),
        [
            "18461.53 by PP-1",
            "payment-twice",
            "payment-wrong-sum",
            "payment-known",
            "payment-paid-otherwise",
            "payment-nothing-due",
            "payment-unknown-provider",
            "cell-empty",
            "payment-not-closed",
            "cell-no-month",
            "cell-empty",
            "cell-no-sum",
        ]
    );
}

#[test]
fn a_provider_may_be_named_by_its_id() {
    let id = "01".repeat(8);
    assert_eq!(codes(&format!("provider,sum,document\n{id},18461.53,A\n")), ["18461.53 by A"]);
}
