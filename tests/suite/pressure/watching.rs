//! What the operator sees: health, readiness, numbers.

use serde_json::Value;
use system_tests::Town;

use super::process::Serving;
use super::{enrolled, next_batch};

/// Reads one number of the metrics.
fn number(metrics: &str, name: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let line = line.unwrap_or_else(|| panic!("{name} is not among\n{metrics}"));
    line.parse().expect("a number")
}

#[tokio::test]
async fn health_and_numbers_are_told_on_a_listener_of_their_own() {
    let mut town = Town::found().await;
    let (mut pen, wire) = enrolled(&town, 46).await;
    town.stop_server().await;
    let serving = Serving::start(&town.server_dir(), &[]);
    let sender = serving.wire().carrying_with(wire.token().to_owned());
    let bytes = next_batch(&mut pen, 4);
    for _ in 0..2 {
        assert_eq!(sender.put_batch(bytes.clone()).await.status, 200);
    }
    let mut spoilt = next_batch(&mut pen, 1);
    *spoilt.last_mut().unwrap() ^= 1;
    assert_eq!(sender.put_batch(spoilt).await.status, 200);
    assert_eq!(serving.wire().get("nothing/at/all", None).await.status, 404);

    assert_eq!(serving.ask("/health/live").await, (200, "alive\n".to_owned()));
    let (status, ready) = serving.ask("/health/ready").await;
    let ready: Value = serde_json::from_str(&ready).unwrap();
    assert_eq!(
        (status, &ready["ready"], &ready["reasons"]),
        (200, &true.into(), &Value::Array(vec![]))
    );
    assert_eq!(ready["log_leaves"], ready["checkpoint_leaves"]);

    let (status, metrics) = serving.ask("/metrics").await;
    assert_eq!(status, 200);
    let put = "qatysu_requests_total{route=\"/v1/batch/{hash}\",status=\"200\"}";
    assert_eq!(number(&metrics, put), 3.0);
    assert_eq!(number(&metrics, "qatysu_requests_total{route=\"none\",status=\"404\"}"), 1.0);
    assert_eq!(number(&metrics, "qatysu_request_seconds_count{route=\"/v1/batch/{hash}\"}"), 3.0);
    assert_eq!(number(&metrics, "qatysu_verdicts_total{verdict=\"stored\"}"), 4.0);
    assert_eq!(number(&metrics, "qatysu_verdicts_total{verdict=\"duplicate\"}"), 4.0);
    assert_eq!(number(&metrics, "qatysu_parked_events{reason=\"bad_signature\"}"), 1.0);
    let leaves = number(&metrics, "qatysu_log_leaves");
    assert_eq!(leaves, number(&metrics, "qatysu_checkpoint_leaves"));
    assert!(leaves >= 6.0 && number(&metrics, "qatysu_database_bytes") > 10_000.0);
    assert!(number(&metrics, "qatysu_checkpoint_age_seconds") < 60.0);
    assert_eq!(number(&metrics, "qatysu_queue"), 0.0);
    assert!(metrics.trim_end().ends_with("# EOF"), "OpenMetrics ends so");

    // None of it at the public address.
    let public = system_tests::http_client();
    for path in ["/metrics", "/health/ready", "/health/live"] {
        let answer = public.get(format!("{}{path}", serving.address)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 404, "{path}");
    }
    serving.stop().await;
}

#[tokio::test]
async fn a_disk_that_is_nearly_full_is_told_before_it_is_full() {
    let mut town = Town::found().await;
    town.stop_server().await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("qatysu.toml");
    std::fs::write(&file, "[limits]\ndisk_free_min_bytes = 9223372036854775807\n").unwrap();
    let serving = Serving::start(&town.server_dir(), &["--config", file.to_str().unwrap()]);
    let (status, ready) = serving.ask("/health/ready").await;
    let ready: Value = serde_json::from_str(&ready).unwrap();
    assert_eq!((status, &ready["ready"]), (503, &false.into()));
    assert!(ready["reasons"][0].as_str().unwrap().contains("free on the disk"), "{ready}");
    assert_eq!(serving.ask("/health/live").await.0, 200, "it lives all the same");
    serving.stop().await;

    std::fs::write(&file, "[limits]\nno_such_limit = 1\n").unwrap();
    let data = town.server_dir();
    let data = data.to_str().unwrap();
    let refused = ["serve", "--data", data, "--config", file.to_str().unwrap()];
    let refused = crate::qatysu::run(&refused);
    assert!(refused.complained.contains("no_such_limit"), "{refused:?}");
    assert!(refused.complained.contains("--print-config"), "it says what to do: {refused:?}");
    refused.with(3);
}
