//! One calculation asked for by an outsider, on the command line.

use serde_json::{Value, json};

use crate::qatysu::{run, run_with_input};

/// The published example.
fn case() -> Value {
    json!({
        "total_tiyn": 12_000_000, "contract_from": "2026-09-14", "contract_to": "2026-12-31",
        "month": "2026-09", "calendar": { "official_off": ["2026-10-26", "2026-12-16"] },
        "params": { "split_mode": "EQUAL_PARTS", "basis": "LESSONS", "excused_cap_percent": 25,
                    "payout_policy": "VISIT_RATIO", "min_confirmed": 1,
                    "full_pay_at_percent": 75, "month_norm_tiyn": null },
        "segments": [{ "provider": "A", "from": "2026-09-14", "to": "2026-09-30",
                       "weekdays": ["mon", "wed", "fri"],
                       "present": ["2026-09-14", "2026-09-16"], "excused": ["2026-09-18"],
                       "cancelled_by_provider": [], "cancelled_official": [], "hold": false }]
    })
}

#[test]
fn case_is_calculated_from_a_file_and_from_standard_input() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("case.json");
    std::fs::write(&file, case().to_string()).unwrap();
    let from_file = run(&["tranche", "--case", file.to_str().unwrap()]).with(0);
    let result: Value = serde_json::from_str(&from_file).unwrap();
    assert_eq!(result["parts_tiyn"], json!([3_000_000, 3_000_000, 3_000_000, 3_000_000]));
    let row = json!({ "provider": "A", "cap_tiyn": 1_846_153, "planned": 8, "present": 2,
                      "excused_counted": 1, "payable": 3, "accrued_tiyn": 692_307,
                      "held_tiyn": 0 });
    assert_eq!(result["rows"], json!([row]));
    assert_eq!(
        (&result["plan_tiyn"], &result["released_tiyn"]),
        (&json!(3_000_000), &json!(2_307_693))
    );
    assert_eq!(result["rule_version"], "2026.1");
    assert!(result["explain"].as_array().unwrap().len() >= 4, "{result}");

    let piped = run_with_input(&["tranche", "--case", "-", "--json"], &case().to_string());
    assert_eq!(serde_json::from_str::<Value>(&piped.with(0)).unwrap(), result);
}

#[test]
fn contradiction_is_refused_by_name_and_code() {
    let mut wrong = case();
    wrong["segments"][0]["present"][1] = json!("2026-10-05");
    let arguments = ["tranche", "--case", "-", "--json"];
    let refused = run_with_input(&arguments, &wrong.to_string()).with(1);
    let refused: Value = serde_json::from_str(&refused).unwrap();
    assert_eq!(refused["refused"]["field"], "segments[0].present[1]");
    run_with_input(&arguments, "not json").with(1);
    run(&["tranche", "--case", "/nowhere/at/all"]).with(3);
}
