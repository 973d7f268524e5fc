//! A scan that was shown as kept is there after every cut of the power that comes later.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use attendance::{ChainHead, ChainedEvent, follows};
use shell_core::{Shell, ShellClock, ShellConfig};
use system_tests::{Phone, Town, copy_dir, district};
use tempfile::TempDir;

use super::CUTS;
use super::disk::{Chance, Disk};
use super::recorder::{Op, Recording};
use crate::sync::first_lesson;

/// A teacher's device before its work, its work, and the record of it.
struct Worked {
    /// All files before the work.
    before: TempDir,
    ops: Vec<Op>,
    /// How many events it had at the end.
    events: u64,
}

fn clock() -> ShellClock {
    ShellClock::hand(Arc::new(AtomicI64::new(district::FIRST_MORNING_MS + 3_600_000)))
}

async fn work(record: impl FnOnce(&Path) -> Recording) -> Worked {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let (dir, before) = (teacher.dir.clone(), tempfile::tempdir().expect("a folder"));
    drop(teacher);
    town.device_settled(&dir).await;
    copy_dir(&dir, before.path());
    let recording = record(&dir);
    let phone = Phone::switch_on(&dir, clock());
    let lesson = first_lesson();
    // Opening and ending the lesson over and over makes a chain without end; the scans are among it.
    for round in 0..30_u8 {
        phone.open(lesson.id).await;
        recording.mark(phone.status().await.events);
        if round < 3 {
            phone.scan(lesson.id, &town.card(round + 1)).await.kept();
            recording.mark(phone.status().await.events);
        }
        drop(
            phone
                .call::<serde_json::Value>(
                    "close_lesson",
                    serde_json::json!({ "lesson": lesson.id }),
                )
                .await,
        );
        recording.mark(phone.status().await.events);
        if round % 10 == 9 {
            // Receipts and checkpoints are written in between, and the log is started anew.
            phone.sync().await.done();
        }
    }
    let events = phone.events().await.len() as u64;
    drop(phone);
    town.device_settled(&dir).await;
    Worked { before, ops: recording.end(), events }
}

/// What is wrong with the device after a cut; nothing if all is well.
async fn wrong_after_a_cut(worked: &Worked, seed: u64) -> Option<String> {
    let mut chance = Chance::new(seed);
    let at = usize::try_from(chance.below(worked.ops.len() as u64 + 1)).expect("a place");
    let mut disk = Disk::of(worked.before.path());
    let promised = disk.play(&worked.ops[..at]);
    let after = tempfile::tempdir().expect("a folder");
    disk.after_a_cut(&mut chance, after.path());
    let config = ShellConfig { data_dir: after.path().to_owned(), clock: clock() };
    let shell = match Shell::open(config) {
        Ok(shell) => shell,
        Err(error) => return Some(format!("it does not open: {error}")),
    };
    let found = shell.device().with(|device| {
        if let Some(saved) = device.saved().expect("readable") {
            return Err(format!("it was taken for damaged: {saved:?}"));
        }
        let key = device.public_key();
        let mut head = ChainHead::genesis(&key);
        for seq in 0.. {
            let Some(row) = device.event_at(seq).expect("readable") else { break };
            let event =
                ChainedEvent::parse_and_verify(&row.bytes, &key).map_err(|e| e.to_string())?;
            follows(&head, &event).map_err(|error| error.to_string())?;
            head = event.next_head();
        }
        assert_eq!(device.chain_head().expect("readable"), head);
        Ok(head.seq_next)
    });
    match found.await {
        Err(wrong) => Some(wrong),
        Ok(found) if found < promised => Some(format!("{promised} were kept, {found} are there")),
        Ok(found) if found > worked.events => Some(format!("{found} are there: too many")),
        Ok(_) => {
            let phone = Phone { shell, dir: after.path().to_owned() };
            phone.open(first_lesson().id).await;
            None
        }
    }
}

#[tokio::test]
async fn what_was_shown_as_kept_is_there_after_every_cut() {
    let worked = work(Recording::of).await;
    let syncs = worked.ops.iter().filter(|op| matches!(op, Op::Sync { .. })).count();
    assert!(worked.events > 60 && syncs as u64 >= worked.events, "{} {syncs}", worked.events);
    for seed in 0..CUTS {
        if let Some(wrong) = wrong_after_a_cut(&worked, seed).await {
            panic!("after the cut with seed {seed}: {wrong}");
        }
    }
}

#[tokio::test]
async fn a_database_that_never_syncs_is_found_out() {
    let worked = work(Recording::of_one_that_never_syncs).await;
    let mut found = Vec::new();
    for seed in 0..CUTS / 10 {
        found.extend(wrong_after_a_cut(&worked, seed).await);
    }
    assert!(found.len() > 10, "{found:?}");
    assert!(found.iter().any(|wrong| wrong.contains("were kept")), "{found:?}");
}
