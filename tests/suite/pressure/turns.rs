//! Devices write in turn; whoever finds no room loses nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use server::ServerConfig;
use sync_api::{BatchResponse, ProblemKind, VerdictKind};
use system_tests::Town;
use tokio::task::JoinSet;

use super::{enrolled, next_batch};

const BACKLOG: usize = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_with_a_backlog_keeps_no_other_waiting() {
    let config = ServerConfig { queue_per_device_max: BACKLOG, ..ServerConfig::default() };
    let town = Town::found_with(config).await;
    let (mut greedy, wire) = enrolled(&town, 41).await;
    let (mut modest, modest_wire) = enrolled(&town, 42).await;
    let done = Arc::new(AtomicUsize::new(0));
    let mut backlog = JoinSet::new();
    for _ in 0..BACKLOG {
        let (wire, bytes, done) = (wire.clone(), next_batch(&mut greedy, 4), Arc::clone(&done));
        backlog.spawn(async move {
            let status = wire.put_batch(bytes).await.status;
            done.fetch_add(1, Ordering::SeqCst);
            status
        });
    }
    // Once some are answered, the others stand in line.
    for _ in 0..3 {
        assert_eq!(backlog.join_next().await.unwrap().unwrap(), 200);
    }
    let answer: BatchResponse = modest_wire.put_batch(next_batch(&mut modest, 4)).await.fine();
    let before = done.load(Ordering::SeqCst);
    assert!(answer.verdicts.iter().all(|verdict| verdict.verdict == VerdictKind::Stored));
    assert!(before < BACKLOG / 2, "{before} of {BACKLOG} were served before it");
    while let Some(status) = backlog.join_next().await {
        assert_eq!(status.unwrap(), 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_lane_says_when_to_come_again_and_nothing_is_lost() {
    let config =
        ServerConfig { queue_per_device_max: 1, retry_after_s: 7, ..ServerConfig::default() };
    let town = Town::found_with(config).await;
    let (mut pen, wire) = enrolled(&town, 43).await;
    let batches: Vec<Vec<u8>> = (0..20).map(|_| next_batch(&mut pen, 4)).collect();
    let mut sending = JoinSet::new();
    for bytes in batches.clone() {
        let wire = wire.clone();
        sending.spawn(async move { wire.put_batch(bytes).await });
    }
    let mut busy = 0;
    while let Some(answer) = sending.join_next().await {
        let answer = answer.unwrap();
        if answer.status != 200 {
            assert_eq!((answer.problem().kind, answer.retry_after_s), (ProblemKind::Busy, Some(7)));
            busy += 1;
        }
    }
    assert!(busy > 0, "twenty at once found room for two");
    for bytes in batches {
        let answer: BatchResponse = wire.put_batch(bytes).await.fine();
        let kept = [VerdictKind::Stored, VerdictKind::Duplicate];
        assert!(answer.verdicts.iter().all(|verdict| kept.contains(&verdict.verdict)));
    }
    assert_eq!(town.count("event"), 80);
}
