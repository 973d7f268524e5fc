//! A backup of a server at work, and putting it back.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;
use sync_api::{BatchResponse, VerdictKind};
use system_tests::Town;

use super::process::Serving;
use super::{enrolled, next_batch};
use crate::qatysu::{Ended, run};

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn restore(from: &Path, to: &Path, keys: &Path, newest: &[&str]) -> Ended {
    let arguments = ["restore", "--from", text(from), "--data", text(to), "--keys", text(keys)];
    run(&[&arguments[..], newest].concat())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_made_while_batches_come_in_is_whole_and_can_be_put_back() {
    let mut town = Town::found().await;
    let (mut pen, wire) = enrolled(&town, 49).await;
    let dir = tempfile::tempdir().unwrap();
    let (copy, again) = (dir.path().join("copy"), dir.path().join("again"));
    let copied = Arc::new(AtomicBool::new(false));
    let sending = {
        let copied = Arc::clone(&copied);
        tokio::spawn(async move {
            let mut sent = Vec::new();
            // Some before the copy begins, as many as come while it is made, and some after it.
            let mut after = 0;
            while sent.len() < 10 || after < 2 {
                let bytes = next_batch(&mut pen, 4);
                assert_eq!(wire.put_batch(bytes.clone()).await.status, 200);
                sent.push(bytes);
                after += usize::from(copied.load(Ordering::SeqCst));
            }
            (sent, wire)
        })
    };
    while town.count("event") < 20 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let data = town.server_dir();
    let before = u64::try_from(town.count("leaf")).unwrap();
    let told = {
        let (data, copy) = (text(&data).to_owned(), text(&copy).to_owned());
        let command = ["backup", "--data", &data, "--to", &copy, "--json"].map(str::to_owned);
        let made =
            tokio::task::spawn_blocking(move || run(&command.each_ref().map(String::as_str)));
        made.await.unwrap().with(0)
    };
    copied.store(true, Ordering::SeqCst);
    let told: Value = serde_json::from_str(&told).unwrap();
    let leaves = told["leaves"].as_u64().unwrap();
    let (sent, wire) = sending.await.unwrap();
    let all = u64::try_from(town.count("leaf")).unwrap();
    assert!(before <= leaves && leaves < all, "{before} ≤ {leaves} < {all}");
    let newest = town.wire().get("checkpoint", None).await.text();
    town.stop_server().await;
    assert!(!copy.join("keys").exists(), "keys are not in it");
    run(&["backup", "--data", text(&data), "--to", text(&copy)]).with(3);

    // Something newer was signed: it is not put back, and nothing is written.
    let note = dir.path().join("checkpoint");
    std::fs::write(&note, &newest).unwrap();
    let keys = data.join("keys");
    let newest = ["--newest", text(&note)];
    let refused = restore(&copy, &again, &keys, &newest);
    assert!(refused.said.contains("second history"), "{refused:?}");
    refused.with(1);
    assert!(!again.exists());
    // The copy's own checkpoint is fine.
    std::fs::write(&note, told["checkpoint"].as_str().unwrap()).unwrap();
    restore(&copy, &again, &keys, &newest).with(0);
    restore(&copy, &again, &keys, &newest).with(3);
    let serving = Serving::start(&again, &[]);
    let wire = serving.wire().carrying_with(wire.token().to_owned());
    for bytes in sent {
        let answer: BatchResponse = wire.put_batch(bytes).await.fine();
        let kept = [VerdictKind::Stored, VerdictKind::Duplicate];
        assert!(answer.verdicts.iter().all(|verdict| kept.contains(&verdict.verdict)));
    }
    serving.stop().await;
}

#[tokio::test]
async fn a_damaged_backup_is_not_put_back() {
    let mut town = Town::found().await;
    let (mut pen, wire) = enrolled(&town, 50).await;
    assert_eq!(wire.put_batch(next_batch(&mut pen, 4)).await.status, 200);
    town.stop_server().await;
    town.files_settled().await;
    let (data, dir) = (town.server_dir(), tempfile::tempdir().unwrap());
    let (copy, again) = (dir.path().join("copy"), dir.path().join("again"));
    run(&["backup", "--data", text(&data), "--to", text(&copy)]).with(0);
    let keys = data.join("keys");
    let refuse = |why: &str| {
        let refused = restore(&copy, &again, &keys, &["--nothing-newer"]);
        assert!(refused.complained.contains(why), "{why}: {refused:?}");
        refused.with(3);
        assert!(!again.exists());
    };
    // A byte of a file, and then a leaf, with a manifest that was made to fit.
    let list = copy.join("trust.list");
    let whole = std::fs::read(&list).unwrap();
    std::fs::write(&list, [&whole[..], b"x"].concat()).unwrap();
    refuse("trust.list was changed");
    std::fs::write(&list, whole).unwrap();
    let database = rusqlite::Connection::open(copy.join("server.db")).unwrap();
    database
        .execute_batch(
            "DROP TRIGGER leaf_no_update; UPDATE leaf SET salt = zeroblob(16) WHERE leaf_index = 3",
        )
        .unwrap();
    drop(database);
    let manifest = copy.join("backup.json");
    let mut told: Value = serde_json::from_slice(&std::fs::read(&manifest).unwrap()).unwrap();
    let hash = seal::sha256(&std::fs::read(copy.join("server.db")).unwrap()).to_string();
    told["files"]["server.db"] = hash.into();
    std::fs::write(&manifest, told.to_string()).unwrap();
    refuse("leaf 3 is not the one that was logged");
    // Keys of another server.
    std::fs::remove_dir_all(&copy).unwrap();
    run(&["backup", "--data", text(&data), "--to", text(&copy)]).with(0);
    let other = Town::found().await;
    let foreign = restore(&copy, &again, &other.server_dir().join("keys"), &["--nothing-newer"]);
    assert!(foreign.complained.contains("newest checkpoint cannot be used"), "{foreign:?}");
    foreign.with(3);
}
