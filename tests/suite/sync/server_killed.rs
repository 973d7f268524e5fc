//! A server that dies between the append and the answer loses nothing and says the same again.

use std::future::Future as _;
use std::task::Poll;

use rusqlite::Connection;
use seal::Hash;
use server::Server;
use sync_api::{Batch, BatchReceiptResponse, BatchResponse, VerdictKind};
use system_tests::Town;

use super::{batch, enrolled_pen, kinds, visits};

/// Runs an ingest up to its commit, and no further: the future is dropped there. False if it got
/// past the place between two looks.
async fn die_after_the_commit(server: &Server, bytes: &[u8], database: &Connection) -> bool {
    let leaves = || -> i64 {
        let count = database.query_row("SELECT count(*) FROM leaf", [], |row| row.get(0));
        count.expect("a count")
    };
    let before = leaves();
    let mut ingest = Box::pin(server.ingest(Batch::hash(bytes), bytes));
    loop {
        let step = std::future::poll_fn(|cx| Poll::Ready(ingest.as_mut().poll(cx))).await;
        if step.is_ready() {
            return false;
        }
        // The database's thread finishes what it was asked for; nobody reads its answer yet.
        for _ in 0..50 {
            if leaves() > before {
                return true;
            }
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }
}

#[tokio::test]
async fn killed_between_append_and_answer_it_says_the_same_again() {
    let mut town = Town::found().await;
    let mut pen = enrolled_pen(&town, 40).await;
    let (mut next, mut leaf) = (1, 2);
    // Once in a while the database is faster than our look; then the next batch is tried.
    let bytes = loop {
        let bytes = batch(&visits(&mut pen, 1..=3));
        if die_after_the_commit(town.server(), &bytes, &town.database()).await {
            break bytes;
        }
        (next, leaf) = (next + 1, leaf + 3);
        assert!(next < 50, "the moment was never met");
    };
    assert_eq!(
        town.count(&format!("checkpoint WHERE tree_size = {}", leaf + 3)),
        0,
        "it died before it signed"
    );

    town.stop_server().await;
    town.start_server().await;
    let places = [leaf, leaf + 1, leaf + 2].map(|index| Some(u64::try_from(index).unwrap()));
    for _ in 0..2 {
        let answer: BatchResponse = town.carrier().await.put_batch(bytes.clone()).await.fine();
        assert_eq!(kinds(&answer), [VerdictKind::Duplicate; 3]);
        let found: Vec<_> = answer.verdicts.iter().map(|verdict| verdict.leaf_index).collect();
        assert_eq!(found, places);
    }
    let path = format!("batch/{}/receipt", Batch::hash(&bytes));
    let receipts: BatchReceiptResponse = town.wire().get(&path, None).await.fine();
    assert_eq!(receipts.receipts.len(), 3);
    assert_eq!(town.count("leaf"), i64::from(leaf) + 3);
}

#[tokio::test]
async fn restarted_server_has_the_same_tree() {
    let mut town = Town::found().await;
    let teacher = town.teacher().await;
    let lesson = super::first_lesson();
    teacher.open(lesson.id).await;
    for child in 1..=3 {
        teacher.scan(lesson.id, &town.card(child)).await.kept();
        teacher.sync().await.done();
    }
    let before = town.wire().get("checkpoint", None).await.text();
    town.stop_server().await;
    town.start_server().await;
    assert_eq!(town.wire().get("checkpoint", None).await.text(), before);

    // The root of the note is the root of the leaves, computed anew.
    let note = tlog::SignedNote::parse(&before).unwrap();
    let checkpoint = tlog::Checkpoint::parse(note.unverified_text()).unwrap();
    let database = town.database();
    let mut query = database.prepare("SELECT salt, bytes FROM leaf ORDER BY leaf_index").unwrap();
    let leaves = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let tree: tlog::MemoryTree = leaves
        .map(|leaf| {
            let (salt, bytes): ([u8; 16], Vec<u8>) = leaf.unwrap();
            tlog::leaf_hash(tlog::salted_leaf(&salt, &bytes).as_ref())
        })
        .collect();
    assert_eq!((tree.size(), tree.root()), (checkpoint.size, checkpoint.root));
    assert_ne!(tree.root(), Hash::default());
}
