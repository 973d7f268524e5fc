//! What is dropped in time, and what stays.

use serde_json::Value;
use system_tests::{Town, district};

use super::{enrolled, next_batch};
use crate::qatysu::run;

fn retention(town: &Town, clock: &str, more: &[&str]) -> Value {
    let data = town.server_dir();
    let data = data.to_str().expect("UTF-8");
    let arguments = ["retention", "--data", data, "--clock", clock, "--json"];
    let told = run(&[&arguments[..], more].concat()).with(0);
    serde_json::from_str(&told).expect("one JSON value")
}

#[tokio::test]
async fn nothing_of_two_school_years_is_dropped_and_evidence_never() {
    let mut town = Town::found().await;
    let (mut pen, wire) = enrolled(&town, 51).await;
    let coordinator = town.coordinator().await;
    assert_eq!(wire.put_batch(next_batch(&mut pen, 4)).await.status, 200);
    let mut spoilt = next_batch(&mut pen, 1);
    *spoilt.last_mut().unwrap() ^= 1;
    assert_eq!(wire.put_batch(spoilt).await.status, 200);
    town.set_clock(district::MAY_CLOSE_MS);
    let month = serde_json::json!({ "month": district::MONTH });
    drop(coordinator.call::<Value>("close_month", month).await);
    coordinator.sync().await.done();
    for attempt in 0.. {
        if town.count("tranche") == 1 {
            break;
        }
        assert!(attempt < 200, "the month is not closed");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let unused = town.ticket(&system_tests::chess_teacher(), &town.address()).await;
    drop(unused);
    town.stop_server().await;
    let counts =
        || ["leaf", "event", "parked", "checkpoint", "tranche", "device"].map(|it| town.count(it));
    let rows = || ["ticket", "batch", "child"].map(|it| town.count(it));
    let (evidence, before) = (counts(), rows());

    // In the next school year only the ticket that nobody used goes.
    let told = retention(&town, "2027-10-01T00:00:00Z", &[]);
    assert_eq!(told["kept_from"], "2026-09");
    assert_eq!(
        [&told["unused_tickets"], &told["used_tickets"], &told["batches"], &told["names"]],
        [1, 0, 0, 0]
    );
    assert_eq!(rows(), [before[0] - 1, before[1], before[2]]);

    // A year later all that may go, except the batch with an event that is not in the log and the one
    // that came with the month's close.
    let later = "2028-10-01T00:00:00Z";
    let told = retention(&town, later, &["--dry-run"]);
    assert_eq!(told["dry_run"], true);
    assert_eq!(rows(), [before[0] - 1, before[1], before[2]], "it was only said");
    assert_eq!(retention(&town, later, &["--school-years", "3"])["used_tickets"], 0);
    let told_again = retention(&town, later, &[]);
    assert_eq!(told_again["used_tickets"], told["used_tickets"]);
    assert!(
        told_again["used_tickets"].as_i64() >= Some(2) && told_again["batches"].as_i64() >= Some(1)
    );
    assert_eq!(told_again["names"].as_i64(), Some(before[2]), "no contract reaches into 2027");
    assert_eq!(rows()[1], before[1] - told_again["batches"].as_i64().unwrap());
    assert!(rows()[1] >= 1, "a batch with an event that was put aside stays");
    assert_eq!(rows()[2], 0);
    assert_eq!(counts(), evidence);
    // The server works on.
    town.start_server().await;
    assert_eq!(town.wire().get("checkpoint", None).await.status, 200);
}
