//! A server that is told to stop answers what it committed.

use std::net::SocketAddr;
use std::time::Duration;

use sync_api::{Batch, BatchResponse, VerdictKind};
use system_tests::Town;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::process::Serving;
use super::{enrolled, next_batch};

fn place(serving: &Serving) -> SocketAddr {
    serving.address.trim_start_matches("http://").parse().expect("an address")
}

#[tokio::test]
async fn a_request_that_has_begun_is_answered_and_nobody_is_let_in_any_more() {
    let mut town = Town::found().await;
    let (mut pen, wire) = enrolled(&town, 44).await;
    town.stop_server().await;
    let serving = Serving::start(&town.server_dir(), &[]);
    let bytes = next_batch(&mut pen, 4);
    let mut stream = TcpStream::connect(place(&serving)).await.unwrap();
    let head = format!(
        "PUT /v1/batch/{} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n",
        Batch::hash(&bytes),
        wire.token(),
        bytes.len()
    );
    let (first, second) = bytes.split_at(bytes.len() / 2);
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(first).await.unwrap();
    // It has read the head when another request, sent later, is answered.
    assert_eq!(serving.wire().get("checkpoint", None).await.status, 200);
    serving.terminate();
    for attempt in 0.. {
        if TcpStream::connect(place(&serving)).await.is_err() {
            break;
        }
        assert!(attempt < 100, "it still lets in");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stream.write_all(second).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let answer: BatchResponse = serde_json::from_str(body).unwrap();
    assert!(answer.verdicts.iter().all(|verdict| verdict.verdict == VerdictKind::Stored));
    let (code, log) = serving.ended().await;
    assert_eq!(code, Some(0), "{log}");
    // What it answered stands, and is signed.
    assert_eq!(town.count("event"), 4);
    assert_eq!(town.count("checkpoint WHERE tree_size = (SELECT count(*) FROM leaf)"), 1);
}

#[tokio::test]
async fn stopped_at_any_moment_it_has_answered_or_says_the_same_again() {
    let mut town = Town::found().await;
    let (mut pen, wire) = enrolled(&town, 45).await;
    town.stop_server().await;
    let (mut answered, mut committed) = (0, 0);
    for round in 0..8 {
        let serving = Serving::start(&town.server_dir(), &[]);
        let bytes = next_batch(&mut pen, 4);
        let sender = serving.wire().carrying_with(wire.token().to_owned());
        let sending = {
            let (sender, bytes) = (sender.clone(), bytes.clone());
            tokio::spawn(async move { sender.try_put_batch(bytes).await })
        };
        tokio::time::sleep(Duration::from_millis(round * 3)).await;
        serving.terminate();
        let first = sending.await.unwrap();
        let (code, log) = serving.ended().await;
        assert_eq!(code, Some(0), "{log}");

        let serving = Serving::start(&town.server_dir(), &[]);
        let again = serving.wire().carrying_with(wire.token().to_owned());
        let again: BatchResponse = again.put_batch(bytes).await.fine();
        let duplicate = again.verdicts.iter().all(|it| it.verdict == VerdictKind::Duplicate);
        let stored = again.verdicts.iter().all(|it| it.verdict == VerdictKind::Stored);
        assert!(duplicate || stored, "all of it or nothing: {again:?}");
        committed += i32::from(duplicate);
        if let Some(first) = first {
            let first: BatchResponse = first.fine();
            let places = |of: &BatchResponse| -> Vec<_> {
                of.verdicts.iter().map(|verdict| verdict.leaf_index).collect()
            };
            assert!(duplicate, "it was answered, and is not there");
            assert_eq!(places(&first), places(&again));
            answered += 1;
        }
        serving.stop().await;
    }
    eprintln!("stopped 8 times: {answered} answered, {committed} committed");
    assert_eq!(town.count("event"), 32);
    assert_eq!(committed, answered, "what it committed it answered");
}
