//! `qatysu log`, `qatysu witness` and `qatysu trust`, as people run them.

use std::path::Path;

use serde_json::Value;
use system_tests::Town;

use super::{Watcher, believes, policy, root_key, scan, until};
use crate::qatysu::{Ended, qatysu, run};

/// Runs a command line beside the town's server, which goes on meanwhile.
async fn beside(arguments: &[&str]) -> Ended {
    let mut command = qatysu(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().expect("the program starts"));
    Ended::from(output.await.expect("it does not panic"))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the path is text")
}

#[tokio::test(flavor = "multi_thread")]
async fn log_is_exported_and_checked_with_its_quorum() {
    let mut town = Town::found().await;
    let (first, second) = (Watcher::awake(&town, 61).await, Watcher::awake(&town, 62).await);
    let dir = town.server_dir();
    let file = dir.with_file_name("two.policy");
    std::fs::write(&file, policy(&[&first, &second], 2).to_string()).unwrap();
    let (one, two) = (root_key(&dir, 1), root_key(&dir, 2));
    let witnesses = ["trust", "witnesses", text(&file), "--data", text(&dir)];
    let too_few = run(&[&witnesses[..], &["--root-key", text(&one)]].concat());
    assert!(too_few.complained.contains("enough root keys"), "{}", too_few.complained);
    too_few.with(3);
    let old_list = std::fs::read(dir.join("trust.list")).unwrap();
    let enough = [&witnesses[..], &["--root-key", text(&one), "--root-key", text(&two)]].concat();
    let said = run(&enough).with(0);
    assert!(said.contains("trust list 2") && said.contains("quorum 2"), "{said}");
    town.stop_server().await;
    town.start_server().await;
    let teacher = town.teacher().await;
    scan(&town, &teacher, 1).await;
    let both = believes(&town, &[&first, &second], 2);
    until(&town, |note| both.verify(note).is_ok()).await;

    // By the server's directory and by its address: the same files.
    let (copy, fetched) = (dir.with_file_name("copy"), dir.with_file_name("fetched"));
    beside(&["log", "export", "--data", text(&dir), "-o", text(&copy)]).await.with(0);
    let (address, key) = (format!("{}/log", town.address()), town.server().log_key().to_string());
    let from = ["log", "export", "--from", &address, "--key", &key, "-o", text(&fetched), "--json"];
    let exported: Value = serde_json::from_str(&beside(&from).await.with(0)).unwrap();
    assert_eq!(exported["files"], 3);
    let policy = dir.join("witnesses.policy");
    for place in [text(&copy), text(&fetched), &address] {
        let check = ["log", "check", place, "--policy", text(&policy), "--json"];
        let checked: Value = serde_json::from_str(&beside(&check).await.with(0)).unwrap();
        assert_eq!(checked["verdict"], "holds");
        assert_eq!(checked["root"], exported["root"]);
        assert_eq!(checked["cosigned"].as_array().unwrap().len(), 2);
    }
    refused_copies(&copy, &policy, &key);

    // The old trust list is not taken back.
    town.stop_server().await;
    std::fs::write(dir.join("trust.list"), old_list).unwrap();
    let old = run(&["serve", "--data", text(&dir), "--listen", "127.0.0.1:0"]);
    assert!(old.complained.contains("never returns to an older list"), "{}", old.complained);
    old.with(3);
}

/// A changed file, a missing one, a missing cosignature: each with its code and its words.
fn refused_copies(copy: &Path, policy: &Path, key: &str) {
    let check = |arguments: &[&str]| run(&[&["log", "check"], arguments].concat());
    let note = std::fs::read_to_string(copy.join("checkpoint")).expect("the copy is ours");
    let mut lines: Vec<&str> = note.split_inclusive('\n').collect();
    lines.pop();
    std::fs::write(copy.join("checkpoint"), lines.concat()).expect("the copy is ours");
    let said = check(&[text(copy), "--policy", text(policy)]).with(1);
    assert!(said.contains("1 more of 1 witnesses must cosign"), "{said}");
    check(&[text(copy), "--key", key]).with(0);
    std::fs::write(copy.join("checkpoint"), note).expect("the copy is ours");

    let tile = copy.join("tile/entries");
    let bundle = tile.join("000.p").read_dir().expect("a small log has a partial bundle").next();
    let bundle = bundle.expect("one bundle").expect("one bundle").path();
    let mut bytes = std::fs::read(&bundle).expect("the copy is ours");
    bytes[5] ^= 1;
    std::fs::write(&bundle, bytes).expect("the copy is ours");
    let said = check(&[text(copy), "--key", key]).with(1);
    assert!(said.contains("leaf 0 is not the one in its tile"), "{said}");
    std::fs::remove_file(&bundle).expect("the copy is ours");
    let said = check(&[text(copy), "--key", key]).with(1);
    assert!(said.contains("the log has no file tile/entries/000.p/"), "{said}");

    check(&["http://127.0.0.1:9/log", "--key", key]).with(3);
    check(&[text(copy)]).with(2);
    check(&[text(copy), "--key", "no key"]).with(2);
    check(&[text(copy), "--policy", "/nowhere/at/all"]).with(3);
    let export =
        |arguments: &[&str]| run(&[&["log", "export", "-o", "/tmp/never"], arguments].concat());
    export(&[]).with(2);
    export(&["--from", text(copy)]).with(2);
    export(&["--data", "/nowhere/at/all"]).with(3);
}

#[test]
fn witness_has_one_name_and_one_key() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("w");
    let key =
        |arguments: &[&str]| run(&[&["witness", "key", "--data", text(&data)], arguments].concat());
    let nameless = key(&[]);
    assert!(nameless.complained.contains("--name"), "{}", nameless.complained);
    nameless.with(3);
    for bad in ["", "two words", "a+b", "line\nbreak"] {
        let refused = key(&["--name", bad]);
        assert!(refused.complained.contains("cannot name a witness"), "{}", refused.complained);
        refused.with(3);
    }
    let made = key(&["--name", "witness.example/w1"]).with(0);
    assert_eq!(key(&[]).with(0), made);
    assert!(tlog::WitnessKey::parse(made.trim()).is_ok(), "{made}");
    let other = key(&["--name", "witness.example/w2"]);
    assert!(other.complained.contains("is called witness.example/w1"), "{}", other.complained);
    other.with(3);
    let evidence = ["witness", "evidence", "--data", text(&data), "--log"];
    let log = tlog::VerifierKey {
        name: "log.example/2026".into(),
        key: seal::Signer::public_key(&system_tests::key(1)),
    };
    let said = run(&[&evidence[..], &[&log.to_string()]].concat()).with(0);
    assert!(said.contains("nothing was shown against log.example/2026"), "{said}");
    run(&[&evidence[..], &["no key"]].concat()).with(2);
    run(&["witness", "serve", "--data", text(&data)]).with(2);
}
