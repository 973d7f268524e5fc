//! Copies of a published log.

use std::path::{Path, PathBuf};

use tlog::policy::QuorumRejection;
use tlog::{Checkpoint, Policy, cosign, sign_note};

use super::{NAME, ORIGIN, Shown, TIME_S, TestLog, log_key, witness_key, witness_signer};
use crate::check::{CheckReport, check};
use crate::copy::{CopyError, ExportReport, export};
use crate::published::{PublishedLog, ReadError};

async fn copy(log: &Shown, dir: &Path) -> Result<ExportReport, CopyError> {
    export(log, dir, &log_key(), &mut |_, _| {}).await
}

fn policy(witnesses: usize) -> Policy {
    let keys = (0..witnesses).map(|_| witness_key()).collect();
    Policy::k_of(vec![log_key()], witnesses, keys).unwrap()
}

async fn verify(dir: &Path) -> Result<CheckReport, CopyError> {
    let mut told = Vec::new();
    let place = PublishedLog::at(dir.to_str().unwrap()).unwrap();
    let checked = check(&place, &policy(0), &mut |done, all| told.push((done, all))).await;
    assert!(told.is_sorted());
    checked
}

/// All files of a copy but its lock, with what is in them.
fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let (mut open, mut found) = (vec![dir.to_owned()], Vec::new());
    while let Some(next) = open.pop() {
        for entry in next.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_none_or(|end| end != "lock") {
                found.push((
                    path.strip_prefix(dir).unwrap().to_owned(),
                    std::fs::read(&path).unwrap(),
                ));
            }
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn grows_into_the_same_files_as_a_new_copy_and_holds_at_each_size() {
    let log = TestLog::of(1, 70_000);
    let (grown, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut had = 0;
    for size in [0, 1, 255, 256, 257, 600, 65_535, 65_536, 70_000] {
        let done = copy(&Shown::of(log.files(size)), grown.path()).await.unwrap();
        assert_eq!((done.from, done.checkpoint.size), (had, size));
        let held = verify(grown.path()).await.unwrap();
        assert_eq!(held.checkpoint, done.checkpoint);
        had = size;
    }
    let held = verify(grown.path()).await.unwrap();
    assert_eq!((held.tiles, held.bundles), (274 + 2 + 1, 274));
    copy(&Shown::of(log.files(70_000)), new.path()).await.unwrap();
    assert!(files(grown.path()) == files(new.path()));

    let repeated = copy(&Shown::of(log.files(70_000)), grown.path()).await.unwrap();
    assert_eq!((repeated.files, repeated.bytes), (0, 0), "nothing is written twice");
}

#[tokio::test]
async fn interrupted_export_leaves_a_copy_that_holds_and_goes_on() {
    let log = TestLog::of(1, 1_000);
    let dir = tempfile::tempdir().unwrap();
    copy(&Shown::of(log.files(300)), dir.path()).await.unwrap();
    let whole = Shown::of(log.files(1_000));
    copy(&whole, tempfile::tempdir().unwrap().path()).await.unwrap();
    for fails_after in 0..whole.asked() - 1 {
        let broken = Shown { fails_after, ..Shown::of(log.files(1_000)) };
        let refused = copy(&broken, dir.path()).await;
        if let Err(refused) = refused {
            assert!(matches!(refused, CopyError::Read(ReadError::Source(_))), "{refused}");
            assert!(!refused.is_refusal());
            assert_eq!(verify(dir.path()).await.unwrap().checkpoint.size, 300, "{fails_after}");
        }
    }
    let rest = Shown::of(log.files(1_000));
    copy(&rest, dir.path()).await.unwrap();
    assert!(rest.asked() < whole.asked(), "what is proven is not fetched again");
    assert_eq!(verify(dir.path()).await.unwrap().checkpoint.size, 1_000);
}

#[tokio::test]
async fn any_changed_or_missing_file_is_found() {
    let log = TestLog::of(1, 600);
    let dir = tempfile::tempdir().unwrap();
    copy(&Shown::of(log.files(600)), dir.path()).await.unwrap();
    for (path, good) in files(dir.path()) {
        let place = dir.path().join(&path);
        for at in [0, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(&place, &bad).unwrap();
            let found = verify(dir.path()).await.unwrap_err();
            assert!(found.is_refusal(), "{}: {found}", path.display());
        }
        std::fs::write(&place, &good[1..]).unwrap();
        assert!(verify(dir.path()).await.unwrap_err().is_refusal(), "{}", path.display());
        std::fs::remove_file(&place).unwrap();
        let missing = verify(dir.path()).await.unwrap_err();
        assert!(matches!(missing, CopyError::Missing(_)), "{}: {missing}", path.display());
        std::fs::write(&place, &good).unwrap();
        verify(dir.path()).await.unwrap();
    }
}

#[tokio::test]
async fn nothing_of_a_log_that_does_not_hold_is_written() {
    let (log, other) = (TestLog::of(1, 600), TestLog::of(9, 600));
    let dir = tempfile::tempdir().unwrap();
    copy(&Shown::of(log.files(300)), dir.path()).await.unwrap();
    let before = files(dir.path());
    let mut bad = log.files(600);
    bad.get_mut("tile/0/001").unwrap()[7] ^= 1;
    let mut short = log.files(600);
    short.remove("tile/1/000.p/2");
    let mut unsigned = log.files(600);
    unsigned.insert("checkpoint".into(), b"not a note".to_vec());
    // Anybody can make a tree, and sign it with some key.
    let stranger = Checkpoint::parse(log.note(600).unverified_text()).unwrap();
    let stranger = sign_note(&stranger, &witness_signer()).unwrap();
    let mut by_stranger = log.files(600);
    by_stranger.insert("checkpoint".into(), stranger.into_bytes());
    for (shown, expected) in [
        (by_stranger, "the note has no signature by log.example/2026"),
        (bad, "the tiles do not hold"),
        (short, "the log has no file tile/1/000.p/2"),
        (unsigned, "the checkpoint does not hold"),
        (other.files(600), "two histories"),
        (other.files(300), "two histories"),
        (log.files(299), "it was set back"),
    ] {
        let refused = copy(&Shown::of(shown), dir.path()).await.unwrap_err();
        assert!(refused.is_refusal());
        assert!(refused.to_string().contains(expected), "{refused}");
        assert!(files(dir.path()) == before, "{expected}");
    }
    // A bundle is found out before it is written; the checkpoint stays behind.
    let mut bad = log.files(600);
    bad.get_mut("tile/entries/002.p/88").unwrap()[9] ^= 1;
    let refused = copy(&Shown::of(bad), dir.path()).await.unwrap_err();
    assert!(matches!(refused, CopyError::Tile(_)), "{refused}");
    assert_eq!(verify(dir.path()).await.unwrap().checkpoint.size, 300);
}

#[tokio::test]
async fn takes_the_full_tile_where_the_partial_one_was_deleted() {
    let log = TestLog::of(1, 600);
    let mut shown = log.files(600);
    shown.insert("checkpoint".into(), log.note(300).to_string().into_bytes());
    let dir = tempfile::tempdir().unwrap();
    copy(&Shown::of(shown), dir.path()).await.unwrap_err();
    // tile/1/000.p/1 is gone and there is no full one; with it the rest is enough.
    let mut shown = log.files(600);
    shown.insert("checkpoint".into(), log.note(300).to_string().into_bytes());
    shown.insert("tile/1/000.p/1".into(), log.files(300)["tile/1/000.p/1"].clone());
    let done = copy(&Shown::of(shown), dir.path()).await.unwrap();
    assert_eq!(done.checkpoint.size, 300);
    assert_eq!(verify(dir.path()).await.unwrap().tiles, 3);
}

#[tokio::test]
async fn asks_for_the_quorum_of_its_policy() {
    let log = TestLog::of(1, 9);
    let mut shown = log.files(9);
    let refused = check(&Shown::of(shown.clone()), &policy(1), &mut |_, _| {}).await;
    let Err(CopyError::Quorum(QuorumRejection::Missing { at_least: 1, .. })) = refused else {
        panic!("{refused:?}")
    };
    let mut note = log.note(9);
    note.add(cosign(&note, NAME, &witness_signer(), TIME_S).unwrap()).unwrap();
    shown.insert("checkpoint".into(), note.to_string().into_bytes());
    let held = check(&Shown::of(shown.clone()), &policy(1), &mut |_, _| {}).await.unwrap();
    assert_eq!(held.cosigned.len(), 1);
    assert_eq!((held.checkpoint.origin.as_str(), held.cosigned[0].cosigned_at_s), (ORIGIN, TIME_S));
    // A copy is given its cosignatures when they come later.
    let dir = tempfile::tempdir().unwrap();
    copy(&Shown::of(log.files(9)), dir.path()).await.unwrap();
    assert_eq!(copy(&Shown::of(shown), dir.path()).await.unwrap().files, 1);
    let kept = std::fs::read_to_string(dir.path().join("checkpoint")).unwrap();
    assert_eq!(kept, note.to_string());
}

#[tokio::test]
async fn two_exports_do_not_write_into_one_copy() {
    let dir = tempfile::tempdir().unwrap();
    let lock = std::fs::File::create(dir.path().join("export.lock")).unwrap();
    lock.lock().unwrap();
    let refused = copy(&Shown::of(TestLog::of(1, 9).files(9)), dir.path()).await;
    assert!(matches!(refused, Err(CopyError::Taken(_))), "{refused:?}");
    drop(lock);
    copy(&Shown::of(TestLog::of(1, 9).files(9)), dir.path()).await.unwrap();
}
