//! The order's volume from its decision to a paid month, by the program and by the API.

use ipc::{Answer, MonthState};
use serde_json::{Value, json};
use sync_api::ProblemKind;
use system_tests::{Town, district};

use crate::qatysu::{Ended, run};

/// After the month of the district was closed.
const CLOCK: &str = "2026-10-05T12:00:00+05:00";

fn budget(town: &Town, arguments: &[&str]) -> Ended {
    let (verb, rest) = arguments.split_at(usize::from(arguments[0] != "show"));
    let rest = if verb.is_empty() { &rest[1..] } else { rest };
    let dir = town.server_dir().display().to_string();
    let fixed = ["--data", dir.as_str(), "--clock", CLOCK, "--json"];
    run(&[&["budget"], verb, rest, &fixed[..]].concat())
}

fn parsed(said: &str) -> Value {
    serde_json::from_str(said).expect("one JSON value")
}

fn set<'a>(volume: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let fixed = ["set", "--from", "2026-09", "--to", "2026-12", "--norm", "80000"];
    let named = ["--volume", volume, "--document", "decision 12", "--day", "2026-08-20"];
    [&fixed[..], &named, more].concat()
}

/// The chess group meets twice; child 1 comes and its family confirms; the month is closed and paid.
async fn month_of(town: &Town) {
    let (teacher, parent) = (town.teacher().await, town.parent(&[1]).await);
    for lesson in district::lessons(district::CHESS).iter().take(2) {
        town.set_clock(lesson.start_ms);
        teacher.open(lesson.id).await;
        teacher.scan(lesson.id, &town.card(1)).await.kept();
    }
    teacher.sync().await.receipted(4);
    parent.sync().await.done();
    for visit in parent.visits().await {
        let answer = json!({ "visit": visit.event, "answer": Answer::Was });
        drop(parent.call::<Value>("answer_visit", answer).await);
    }
    parent.sync().await.receipted(2);
    let coordinator = town.coordinator().await;
    town.set_clock(district::MAY_CLOSE_MS);
    drop(coordinator.call::<Value>("close_month", json!({ "month": district::MONTH })).await);
    let month = town.until(&coordinator, MonthState::Closed).await;
    let notice = json!({
        "month": district::MONTH,
        "provider": district::CHESS_HOUSE,
        "amount_tiyn": month.accrued_tiyn,
        "document": "D-7",
    });
    drop(coordinator.call::<Value>("record_payment", notice).await);
    drop(town.until(&coordinator, MonthState::Paid).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn volume_is_set_corrected_and_told_against_what_was_taught() {
    let town = Town::found().await;
    month_of(&town).await;
    let empty = parsed(&budget(&town, &["show", "--year", "2026"]).with(0));
    assert_eq!(empty["budgets"], json!([]));
    assert_eq!(empty["unbudgeted"], json!({ "vouchers": 4, "contracted_tiyn": 32_000_000 }));

    // A dry run writes nothing; what is set has less than is committed, and says so.
    let dry = parsed(&budget(&town, &set("240000", &["--dry-run"])).with(0));
    assert_eq!((&dry["leaf"], &dry["over"][0]["vouchers"]), (&Value::Null, &json!(1)));
    assert_eq!(town.count("leaf WHERE kind = 1"), 1);
    let done = parsed(&budget(&town, &set("240000", &[])).with(0));
    assert!(done["leaf"].is_u64(), "{done}");
    let again = budget(&town, &set("240000", &[])).with(1);
    assert!(again.contains("appears twice"), "{again}");
    let correct = |by: &'static str| {
        ["correct", "--id", "2026", "--by", by, "--reason", "a late group", "--document", "d 15"]
    };
    drop(budget(&town, &correct("80000")).with(0));
    let below = budget(&town, &correct("-320000.01")).with(1);
    assert!(below.contains("below zero"), "{below}");
    let unknown = budget(
        &town,
        &["correct", "--id", "2025", "--by", "1", "--reason", "r", "--document", "d"],
    );
    assert!(unknown.with(1).contains("no budget 2025"));

    let found = parsed(&budget(&town, &["show", "--year", "2026"]).with(0));
    let one = &found["budgets"][0];
    assert_eq!(one["limit_tiyn"], 32_000_000);
    assert_eq!(one["corrections"][0]["reason"], "a late group");
    assert_eq!(one["taught"]["decimal"], "4.000000");
    assert_eq!(one["months"][0]["contingent"]["fraction"], "4/1");
    // Two of thirteen lessons of a part of 20 000 tenge; the rest of September's four parts is back.
    let earned = 2_000_000 * 2 / 13;
    assert_eq!((&one["accrued_tiyn"], &one["paid_tiyn"]), (&json!(earned), &json!(earned)));
    assert_eq!(one["released_tiyn"], 8_000_000 - earned);
    assert_eq!(
        (&one["committed_tiyn"], &one["free_tiyn"]),
        (&json!(32_000_000 - 8_000_000 + earned), &json!(8_000_000 - earned),)
    );
    assert_eq!(one.get("over"), None);
    let text =
        run(&["budget", "--data", &town.server_dir().display().to_string(), "--clock", CLOCK]);
    let text = text.with(0);
    assert!(text.contains("2026-09  closed") && text.contains("2026-12    open"), "{text}");

    // The API tells a coordinator of the district the same.
    town.set_clock(ledger::local_ms("2026-10-05".parse().unwrap(), 720).unwrap());
    let coordinator = town.coordinator().await;
    let wire = town.wire();
    let token = wire.hello(&coordinator.hello().await).await.token;
    let answer: Value = wire.get("budget/2026", Some(&token)).await.fine();
    assert_eq!(answer, found);
    // The board has what its picture is drawn from.
    let board: Value = wire.get("board", Some(&token)).await.fine();
    let drawn = &board["volumes"][0];
    assert_eq!((&drawn["id"], &drawn["months"]), (&one["id"], &json!([202_609, 202_612])));
    for number in ["planned", "taught", "forecast"] {
        assert_eq!(drawn[number], one[number]["decimal"], "{number}");
    }
    let wrong = wire.get("budget/next", Some(&token)).await;
    assert_eq!(wrong.problem().kind, ProblemKind::Malformed);
}

#[tokio::test(flavor = "multi_thread")]
async fn edited_volume_is_refused_and_a_bundle_tells_the_budget_without_a_server() {
    let town = Town::found().await;
    drop(budget(&town, &set("320000", &[])).with(0));
    month_of(&town).await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("district.json").display().to_string();
    let data = town.server_dir().display().to_string();
    drop(run(&["district", "show", "--data", &data, "-o", &file]).with(0));
    let mut district = parsed(&std::fs::read_to_string(&file).unwrap());
    district["snapshot"]["version"] = json!(9);
    district["snapshot"]["budget"][0]["volume_tiyn"] = json!(1);
    std::fs::write(&file, district.to_string()).unwrap();
    let refused = run(&["district", "update", "--data", &data, "--district", &file]).with(1);
    assert!(refused.contains("budget 2026: the volume as it was set would change"), "{refused}");

    let (bundle, _) = town.bundle(district::MONTH, 1_000).await;
    let path = dir.path().join("bundle.json").display().to_string();
    std::fs::write(&path, bundle).unwrap();
    let told = run(&["budget", "--bundle", &path, "--year", "2026", "--clock", CLOCK, "--json"]);
    let told = parsed(&told.with(0));
    assert_eq!(told["budgets"][0]["limit_tiyn"], 32_000_000);
    assert_eq!(told["budgets"][0]["months"][0]["contingent"]["fraction"], "4/1");
}
