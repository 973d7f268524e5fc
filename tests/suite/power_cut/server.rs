//! A batch that was answered is there after every cut of the power that comes later, and the log that
//! was shown is the log that goes on.

use seal::Hash;
use server::{Server, ServerClock};
use sync_api::{Batch, BatchResponse, VerdictKind};
use system_tests::{Pen, Town, copy_dir, district};
use tempfile::TempDir;

use super::CUTS;
use super::disk::{Chance, Disk};
use super::recorder::{Op, Recording};

/// A batch, and what the server answered.
struct Answered {
    bytes: Vec<u8>,
    leaves: Vec<Option<u64>>,
    /// The checkpoint that was shown with it.
    size: u64,
    root: Hash,
}

struct Worked {
    before: TempDir,
    ops: Vec<Op>,
    answered: Vec<Answered>,
}

async fn checkpoint(server: &Server) -> (u64, Hash) {
    let newest = server.published_checkpoint().await.expect("a checkpoint");
    (newest.size, newest.root)
}

async fn work(record: impl FnOnce(&std::path::Path) -> Recording) -> Worked {
    let mut town = Town::found().await;
    let mut pens: Vec<Pen> = Vec::new();
    for seed in [40, 41] {
        pens.push(crate::sync::enrolled_pen(&town, seed).await);
    }
    town.stop_server().await;
    town.files_settled().await;
    let before = tempfile::tempdir().expect("a folder");
    copy_dir(&town.server_dir(), before.path());
    let recording = record(&town.server_dir());
    town.start_server().await;
    let mut answered = Vec::new();
    for round in 0..24_usize {
        let events = crate::sync::visits(&mut pens[round % 2], 1..=4);
        let bytes = system_tests::batch_of(events.iter().map(Vec::as_slice));
        let answer = town.server().ingest(Batch::hash(&bytes), &bytes).await.expect("it answers");
        assert!(answer.verdicts.iter().all(|verdict| verdict.verdict == VerdictKind::Stored));
        let leaves = leaves(&answer);
        let (size, root) = checkpoint(town.server()).await;
        answered.push(Answered { bytes, leaves, size, root });
        recording.mark(answered.len() as u64);
    }
    town.stop_server().await;
    town.files_settled().await;
    Worked { before, ops: recording.end(), answered }
}

fn leaves(answer: &BatchResponse) -> Vec<Option<u64>> {
    answer.verdicts.iter().map(|verdict| verdict.leaf_index).collect()
}

async fn wrong_after_a_cut(worked: &Worked, seed: u64) -> Option<String> {
    let mut chance = Chance::new(seed);
    let at = usize::try_from(chance.below(worked.ops.len() as u64 + 1)).expect("a place");
    let mut disk = Disk::of(worked.before.path());
    let promised = disk.play(&worked.ops[..at]);
    let after = tempfile::tempdir().expect("a folder");
    copy_dir(worked.before.path(), after.path());
    for name in ["server.db", "server.db-wal", "server.db-shm"] {
        drop(std::fs::remove_file(after.path().join(name)));
    }
    disk.after_a_cut(&mut chance, after.path());
    let clock = ServerClock::starting_at(district::FIRST_MORNING_MS + 7_200_000);
    let server = match Server::open(after.path(), clock).await {
        Ok(server) => server,
        Err(error) => return Some(format!("it does not open: {error}")),
    };
    let (now, _) = checkpoint(&server).await;
    for answered in worked.answered.iter().take(usize::try_from(promised).expect("small")) {
        if now < answered.size {
            return Some(format!("{} leaves were shown, {} are there", answered.size, now));
        }
        // Never two roots: the tree that was shown is how this one begins.
        match server.consistency(answered.size, now).await {
            Ok(proof) if proof.root.0 == answered.root => {}
            other => return Some(format!("another root of {} leaves: {other:?}", answered.size)),
        }
        let again = server.ingest(Batch::hash(&answered.bytes), &answered.bytes).await;
        let again = match again {
            Ok(again) => again,
            Err(error) => return Some(format!("it does not answer again: {error}")),
        };
        let same = again.verdicts.iter().all(|one| one.verdict == VerdictKind::Duplicate);
        if !same || leaves(&again) != answered.leaves {
            return Some(format!("another answer: {again:?}"));
        }
    }
    None
}

#[tokio::test]
async fn what_was_answered_is_there_after_every_cut() {
    let worked = work(Recording::of).await;
    let syncs = worked.ops.iter().filter(|op| matches!(op, Op::Sync { .. })).count();
    assert!(syncs >= 48, "an append and a signature for each batch: {syncs}");
    for seed in 0..CUTS {
        if let Some(wrong) = wrong_after_a_cut(&worked, seed).await {
            panic!("after the cut with seed {seed}: {wrong}");
        }
    }
}

#[tokio::test]
async fn a_server_that_never_syncs_is_found_out() {
    let worked = work(Recording::of_one_that_never_syncs).await;
    let mut found = Vec::new();
    for seed in 0..CUTS / 10 {
        found.extend(wrong_after_a_cut(&worked, seed).await);
    }
    assert!(found.len() > 10, "{found:?}");
}
