use serde_json::{Value, json};

use super::{Case, CaseResult};
use crate::money::Tiyn;

/// The example of a child who joined in the middle of September.
fn joined() -> Value {
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

fn october(segments: Value) -> Value {
    json!({
        "total_tiyn": 12_000_000, "contract_from": "2026-09-01", "contract_to": "2026-12-31",
        "month": "2026-10", "calendar": { "official_off": ["2026-10-25", "2026-10-26"] },
        "segments": segments
    })
}

fn compute(case: &Value) -> CaseResult {
    Case::parse(case.to_string().as_bytes()).unwrap().compute().unwrap()
}

/// The field that is refused.
fn refused(case: &Value) -> String {
    let read = Case::parse(case.to_string().as_bytes());
    read.and_then(|case| case.compute()).unwrap_err().field
}

/// The case with one value replaced.
fn with(mut case: Value, pointer: &str, value: Value) -> Value {
    *case.pointer_mut(pointer).unwrap() = value;
    case
}

fn sum(result: &CaseResult) -> Tiyn {
    let rows = result.rows.iter().flat_map(|row| [row.accrued_tiyn, row.held_tiyn]);
    Tiyn::checked_sum(rows.chain([result.released_tiyn])).unwrap()
}

#[test]
fn e1_joins_inside_the_month() {
    let result = compute(&joined());
    assert_eq!(result.parts_tiyn, [Tiyn(3_000_000); 4]);
    let row = &result.rows[0];
    assert_eq!((row.cap_tiyn, row.planned), (Tiyn(1_846_153), 8));
    assert_eq!((row.present, row.excused_counted, row.payable), (2, 1, 3));
    assert_eq!(row.accrued_tiyn, Tiyn(692_307));
    assert_eq!(result.released_tiyn, Tiyn(2_307_693));
    assert_eq!(result.rule_version, "2026.1");
    let by_days = compute(&with(joined(), "/params/basis", json!("CALENDAR")));
    assert_eq!(by_days.rows[0].cap_tiyn, Tiyn(1_700_000));
}

#[test]
fn e3_and_e4_share_a_month_and_release_the_gap() {
    let transfer = json!([
        { "provider": "B", "from": "2026-10-16", "to": "2026-10-31", "weekdays": ["tue", "thu"],
          "present": ["2026-10-20", "2026-10-22", "2026-10-27", "2026-10-29"] },
        { "provider": "A", "from": "2026-10-01", "to": "2026-10-15",
          "weekdays": ["mon", "wed", "fri"],
          "present": ["2026-10-02", "2026-10-05", "2026-10-07", "2026-10-09", "2026-10-12"] }
    ]);
    let result = compute(&october(transfer));
    let [b, a] = &result.rows[..] else { panic!("{result:?}") };
    assert_eq!((a.cap_tiyn, a.planned, a.accrued_tiyn), (Tiyn(1_451_612), 6, Tiyn(1_209_676)));
    assert_eq!((b.cap_tiyn, b.planned, b.accrued_tiyn), (Tiyn(1_548_388), 4, Tiyn(1_548_388)));
    assert_eq!(result.released_tiyn, Tiyn(241_936));

    let gap = json!([
        { "provider": "A", "from": "2026-10-01", "to": "2026-10-10", "weekdays": ["mon"] },
        { "provider": "B", "from": "2026-10-20", "to": "2026-10-31", "weekdays": ["tue"] }
    ]);
    let result = compute(&october(gap));
    let caps: Vec<_> = result.rows.iter().map(|row| row.cap_tiyn).collect();
    assert_eq!(caps, [Tiyn(967_741), Tiyn(1_161_291)]);
    assert_eq!(result.released_tiyn, Tiyn(3_000_000));
}

#[test]
fn e5_caps_sickness_and_e6_leaves_days_off_out() {
    let days = |days: &[u32]| -> Vec<String> {
        days.iter().map(|day| format!("2026-10-{day:02}")).collect()
    };
    let sick = json!([{ "provider": "A", "from": "2026-10-01", "to": "2026-10-31",
        "weekdays": ["mon", "wed", "fri"], "present": days(&[2, 5, 7, 9, 12, 14]),
        "excused": days(&[16, 19, 21, 23, 28]), "cancelled_by_provider": days(&[30]) }]);
    let result = compute(&october(sick.clone()));
    let row = &result.rows[0];
    assert_eq!((row.planned, row.excused_counted, row.payable), (12, 3, 9));
    assert_eq!((row.accrued_tiyn, result.released_tiyn), (Tiyn(2_250_000), Tiyn(750_000)));

    // Quarantine takes a lesson out of the plan, so the rest counts for more.
    let closed = with(sick, "/0/cancelled_by_provider", json!([]));
    let closed = with(closed, "/0/excused", json!(days(&[16, 19, 21, 23])));
    let mut closed = october(closed);
    closed["segments"][0]["cancelled_official"] = json!(days(&[28, 30]));
    let row = &compute(&closed).rows[0];
    assert_eq!((row.planned, row.cap_tiyn), (10, Tiyn(3_000_000)));
    assert_eq!((row.excused_counted, row.payable), (2, 8));

    // A transferred day off takes the lesson of weekday groups only.
    let mut moved = october(json!([{ "provider": "A", "from": "2026-10-01", "to": "2026-10-31",
        "weekdays": ["mon", "sat"] }]));
    moved["calendar"] =
        json!({ "official_off": ["2026-10-25"], "transferred_off": ["2026-10-26"] });
    assert_eq!(compute(&moved).rows[0].planned, 9);
    moved["segments"][0]["weekdays"] = json!(["mon", "wed", "fri"]);
    assert_eq!(compute(&moved).rows[0].planned, 12);
}

#[test]
fn hold_moves_what_is_earned_to_held() {
    let held = compute(&with(joined(), "/segments/0/hold", json!(true)));
    assert_eq!((held.rows[0].accrued_tiyn, held.rows[0].held_tiyn), (Tiyn(0), Tiyn(692_307)));
    assert_eq!(held.released_tiyn, Tiyn(2_307_693));
    assert!(held.explain.iter().any(|line| line.contains("held while")), "{:?}", held.explain);
}

#[test]
fn pays_by_each_policy_and_split() {
    let paid = |policy: &str| {
        compute(&with(joined(), "/params/payout_policy", json!(policy))).rows[0].accrued_tiyn
    };
    assert_eq!(paid("ENROLMENT"), Tiyn(1_846_153));
    assert_eq!(paid("THRESHOLD"), Tiyn(692_307), "3 of 8 are below 75 %");
    let strict = with(joined(), "/params/excused_cap_percent", json!(0));
    assert_eq!(compute(&strict).rows[0].payable, 2);
    let few = with(joined(), "/params/payout_policy", json!("ENROLMENT"));
    let few = with(few, "/params/min_confirmed", json!(3));
    assert_eq!(compute(&few).rows[0].accrued_tiyn, Tiyn(0), "excused days are no visits");
    let norm = with(joined(), "/params/split_mode", json!("MONTH_NORM"));
    let norm = with(norm, "/params/month_norm_tiyn", json!(5_000_000));
    let parts = compute(&norm).parts_tiyn;
    assert_eq!(parts, [Tiyn(5_000_000), Tiyn(5_000_000), Tiyn(2_000_000), Tiyn(0)]);
}

#[test]
fn every_result_balances_and_a_day_named_twice_counts_once() {
    for total in [0, 1, 7, 9_999_999, 12_000_000, i64::MAX] {
        let result = compute(&with(joined(), "/total_tiyn", json!(total)));
        assert_eq!(sum(&result), result.plan_tiyn);
        assert_eq!(Tiyn::checked_sum(result.parts_tiyn.iter().copied()), Some(Tiyn(total)));
    }
    let twice = json!(["2026-09-14", "2026-09-16", "2026-09-14"]);
    let twice = compute(&with(joined(), "/segments/0/present", twice));
    assert_eq!(twice.rows, compute(&joined()).rows);
    let empty = compute(&with(joined(), "/segments", json!([])));
    assert_eq!((empty.rows.len(), empty.released_tiyn), (0, Tiyn(3_000_000)));
}

#[test]
fn contradictions_are_refused_by_the_field() {
    let segment = &joined()["segments"][0];
    let overlapping = {
        let other = with(segment.clone(), "/from", json!("2026-09-30"));
        let other = with(with(other, "/present", json!([])), "/excused", json!([]));
        json!([segment, other])
    };
    for (pointer, value, field) in [
        ("/total_tiyn", json!(-1), "total_tiyn"),
        ("/total_tiyn", json!(1.5), "total_tiyn"),
        ("/contract_to", json!("2026-09-13"), "contract_to"),
        ("/contract_to", json!("2027-01-31"), "contract_to"),
        ("/contract_from", json!("14.09.2026"), "contract_from"),
        ("/month", json!("2026-08"), "month"),
        ("/month", json!("September"), "month"),
        ("/params/excused_cap_percent", json!(101), "params.excused_cap_percent"),
        ("/params/full_pay_at_percent", json!(101), "params.full_pay_at_percent"),
        ("/params/split_mode", json!("MONTH_NORM"), "params.month_norm_tiyn"),
        ("/params/month_norm_tiyn", json!(-5), "params.month_norm_tiyn"),
        ("/params/basis", json!("WEEKS"), "params.basis"),
        ("/segments", overlapping, "segments[1].from"),
        ("/segments/0/from", json!("2026-08-31"), "segments[0].from"),
        ("/segments/0/from", json!("2026-09-13"), "segments[0].from"),
        ("/segments/0/to", json!("2026-10-01"), "segments[0].to"),
        ("/segments/0/to", json!("2026-09-10"), "segments[0].to"),
        ("/segments/0/present/1", json!("2026-10-05"), "segments[0].present[1]"),
        ("/segments/0/present/1", json!("2026-09-15"), "segments[0].present[1]"),
        ("/segments/0/excused/0", json!("2026-09-14"), "segments[0].excused[0]"),
        (
            "/segments/0/cancelled_by_provider",
            json!(["2026-09-16"]),
            "segments[0].cancelled_by_provider[0]",
        ),
        ("/segments/0/cancelled_official", json!(["2026-09-14"]), "segments[0].present[0]"),
        ("/calendar/official_off", json!(["2026-09-14"]), "segments[0].present[0]"),
        ("/segments/0/weekdays/0", json!("monday"), "segments[0].weekdays[0]"),
    ] {
        assert_eq!(refused(&with(joined(), pointer, value.clone())), field, "{pointer} {value}");
    }
    let mut unknown = joined();
    unknown["params"]["excused_cap"] = json!(25);
    assert_eq!(refused(&unknown), "params.excused_cap");
    assert!(Case::parse(b"{} {}").is_err() && Case::parse(b"").is_err());
}
