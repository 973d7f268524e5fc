//! Packed batches on the wire: what the server says it takes, and against which roster.

use ledger::Params;
use sync_api::{BATCH_MEDIA_TYPE, PACKED_BATCH_MEDIA_TYPE};
use system_tests::{LossyProxy, Phone, Town, chess_teacher, district, the_district};

use super::first_lesson;

async fn three_visits(town: &Town, tablet: &Phone) {
    tablet.open(first_lesson().id).await;
    for child in 1..=3 {
        tablet.scan(first_lesson().id, &town.card(child)).await.kept();
    }
}

/// The media types of the batches that were put.
fn put(network: &LossyProxy) -> Vec<String> {
    let asked = network.take_asked().into_iter();
    let puts = asked.filter(|line| line.starts_with("PUT "));
    puts.map(|line| line.rsplit(' ').next().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn device_packs_what_the_server_says_it_takes() {
    let town = Town::found().await;
    let network = LossyProxy::before(&town.address()).await;
    let tablet = town.enrol(&chess_teacher(), &network.address).await;
    let _enrolling = put(&network);
    three_visits(&town, &tablet).await;
    assert_eq!(tablet.sync().await.done().parked, 0);
    assert_eq!(tablet.status().await.not_receipted, 0);
    assert_eq!(put(&network), [PACKED_BATCH_MEDIA_TYPE]);
}

#[tokio::test]
async fn older_server_gets_plain_batches() {
    let town = Town::found().await;
    let network = LossyProxy::before(&town.address()).await;
    network.forget_packed_batches();
    let tablet = town.enrol(&chess_teacher(), &network.address).await;
    let _enrolling = put(&network);
    three_visits(&town, &tablet).await;
    assert_eq!(tablet.sync().await.done().parked, 0);
    assert_eq!(tablet.status().await.not_receipted, 0);
    assert_eq!(put(&network), [BATCH_MEDIA_TYPE]);
}

#[tokio::test]
async fn parameters_that_change_on_a_day_are_known_before_it_and_spoil_no_batch() {
    let mut district = the_district();
    let wide = district.snapshot.params[0].clone();
    let from = |day: &str, late_min: u32| Params {
        effective_from: day.parse().expect("a date"),
        rule_version: format!("2026.{late_min}"),
        late_min,
        ..wide.clone()
    };
    // One set before today, one in force, one to come while the tablet is offline.
    district.snapshot.params =
        vec![from("2026-09-01", 15), from("2026-09-02", 10), from("2026-11-01", 5)];
    let town = Town::found_for(&district).await;
    let network = LossyProxy::before(&town.address()).await;
    let tablet = town.enrol(&chess_teacher(), &network.address).await;
    let late = tablet.shell.device().with(|device| {
        let roster = device.roster().expect("a roster");
        let day_ms = 86_400_000;
        [-1, 0, 70]
            .map(|days| roster.window_at(district::FIRST_MORNING_MS + days * day_ms).late_min)
    });
    assert_eq!(late.await, [15, 10, 5]);
    let _enrolling = put(&network);
    three_visits(&town, &tablet).await;
    assert_eq!(tablet.sync().await.done().parked, 0);
    assert_eq!(tablet.status().await.not_receipted, 0);
    assert_eq!(put(&network), [PACKED_BATCH_MEDIA_TYPE], "the server made the same roster");
}
