//! The server and its witnesses: nobody waits for one, and what one said is never lost.

use std::time::Duration;

use sync_api::{HelloResponse, TrustResponse, VisitsResponse};
use system_tests::{Town, copy_dir, key};
use tlog::{Checkpoint, SignedNote};

use super::{Watcher, believes, name, newest, policy, scan, until};

#[tokio::test(flavor = "multi_thread")]
async fn dead_witness_keeps_nobody_waiting_and_cosigns_when_it_is_back() {
    let mut town = Town::found().await;
    let awake = Watcher::awake(&town, 61).await;
    let mut asleep = Watcher::asleep(&town, 62).await;
    name(&mut town, &policy(&[&awake, &asleep], 1)).await;
    let teacher = town.teacher().await;
    let scanned = tokio::time::timeout(Duration::from_secs(5), async {
        for child in 1..=3 {
            scan(&town, &teacher, child).await;
        }
    });
    scanned.await.expect("no receipt waits for a witness");
    assert_eq!(teacher.status().await.not_receipted, 0);

    let one = believes(&town, &[&awake, &asleep], 1);
    let both = believes(&town, &[&awake, &asleep], 2);
    let note = until(&town, |note| one.verify(note).is_ok()).await;
    assert!(both.verify(&note).is_err());
    asleep.wake().await;
    until(&town, |note| both.verify(note).is_ok()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_note_given_out_has_what_witnesses_said_also_after_a_restart() {
    let mut town = Town::found().await;
    let mut first = Watcher::awake(&town, 61).await;
    let mut second = Watcher::awake(&town, 62).await;
    name(&mut town, &policy(&[&first, &second], 2)).await;
    let (teacher, family) = (town.teacher().await, town.parent(&[1]).await);
    scan(&town, &teacher, 1).await;
    // Otherwise the start gives the log one more leaf.
    town.server().tag_leaves().await.unwrap();
    let both = believes(&town, &[&first, &second], 2);
    let note = until(&town, |note| both.verify(note).is_ok()).await;

    town.stop_server().await;
    first.sleep().await;
    second.sleep().await;
    town.start_server().await;
    assert_eq!(newest(&town).await, note, "nothing is lost, with no witness alive");
    family.sync().await.done();
    assert_eq!(family.status().await.alarms, 0, "devices take notes with more lines");
    let hello: HelloResponse = town.wire().hello(&family.hello().await).await;
    let visits = town.wire().get("delta/visits/0", Some(&hello.token)).await;
    let visits: VisitsResponse = visits.fine();
    for given in [hello.checkpoint, visits.checkpoint] {
        both.verify(&SignedNote::parse(&given).unwrap()).unwrap();
    }
    let published = system_tests::http_client()
        .get(format!("{}/log/checkpoint", town.address()))
        .send()
        .await
        .unwrap();
    assert_eq!(published.text().await.unwrap(), note.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn published_checkpoint_is_the_newest_with_a_quorum() {
    let mut town = Town::found().await;
    let first = Watcher::awake(&town, 61).await;
    let mut second = Watcher::awake(&town, 62).await;
    name(&mut town, &policy(&[&first, &second], 2)).await;
    town.server().tag_leaves().await.unwrap();
    let both = believes(&town, &[&first, &second], 2);
    let witnessed = until(&town, |note| both.verify(note).is_ok()).await;
    // One of them goes; the log goes on.
    second.sleep().await;
    let teacher = town.teacher().await;
    scan(&town, &teacher, 1).await;
    let one = believes(&town, &[&first], 1);
    let note = until(&town, |note| one.verify(note).is_ok()).await;
    assert_ne!(note.unverified_text(), witnessed.unverified_text());
    let published = system_tests::http_client()
        .get(format!("{}/log/checkpoint", town.address()))
        .send()
        .await
        .unwrap();
    assert_eq!(published.text().await.unwrap(), witnessed.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn cosignature_by_another_key_is_not_kept() {
    let mut town = Town::found().await;
    let mut impostor = Watcher::asleep(&town, 61).await;
    name(&mut town, &policy(&[&impostor], 1)).await;
    // It answers in the witness's place, under its name, with a key of its own.
    impostor.seed = 63;
    impostor.wake().await;
    let teacher = town.teacher().await;
    scan(&town, &teacher, 1).await;
    let stored = impostor.dir.join("logs");
    for _ in 0..100 {
        if stored.exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(stored.exists(), "it was asked, and cosigned");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(town.count("cosignature"), 0);
    assert_eq!(newest(&town).await.unverified_lines().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn restored_backup_that_goes_another_way_is_found_out() {
    let mut town = Town::found().await;
    let watcher = Watcher::awake(&town, 61).await;
    name(&mut town, &policy(&[&watcher], 1)).await;
    let one = believes(&town, &[&watcher], 1);
    let teacher = town.teacher().await;
    let (server, backup) = (town.server_dir(), town.server_dir().with_file_name("backup"));
    town.stop_server().await;
    town.files_settled().await;
    copy_dir(&server, &backup);
    town.start_server().await;
    for child in 1..=3 {
        scan(&town, &teacher, child).await;
    }
    let cosigned = until(&town, |note| one.verify(note).is_ok()).await;
    let cosigned = Checkpoint::parse(cosigned.unverified_text()).unwrap();

    town.stop_server().await;
    town.files_settled().await;
    std::fs::remove_dir_all(&server).unwrap();
    copy_dir(&backup, &server);
    town.start_server().await;
    let restored = town.count("cosignature");
    let another = town.teacher().await;
    for device in [&another, &town.teacher().await] {
        for child in 1..=3 {
            scan(&town, device, child).await;
        }
    }
    let found = async {
        loop {
            let kept = witness::evidence(&watcher.dir, &town.server().log_key()).unwrap();
            if let Some(case) = kept.into_iter().find(witness::Evidence::is_proven) {
                return case;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let case = tokio::time::timeout(Duration::from_secs(20), found).await.expect("evidence");
    let contradiction = case.verdict.unwrap();
    assert_eq!(contradiction.earlier, cosigned);
    assert_ne!(contradiction.root_by_later, cosigned.root);
    assert_eq!(town.count("cosignature"), restored, "no other history is cosigned");
    assert_eq!(another.status().await.not_receipted, 0, "receipts go on meanwhile");
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_fetch_the_list_that_names_the_witnesses() {
    let mut town = Town::found().await;
    let teacher = town.teacher().await;
    let watcher = Watcher::awake(&town, 61).await;
    name(&mut town, &policy(&[&watcher], 1)).await;
    let newer: TrustResponse = town.wire().get("delta/trust/1", None).await.fine();
    let list = attendance::SignedTrustList::parse(&newer.trust_list.0).unwrap();
    let list = list.verify(town.server().roots(), 2).unwrap();
    let of_witness: Vec<_> =
        list.entries.iter().filter(|e| e.role == attendance::TrustRole::Witness).collect();
    assert_eq!(of_witness.len(), 1);
    assert_eq!(of_witness[0].scope, watcher.key.name);
    assert_eq!((list.version, list.witness_quorum), (2, Some(1)));
    scan(&town, &teacher, 1).await;
    assert_eq!(teacher.status().await.alarms, 0);
    assert_eq!(town.wire().get("delta/trust/2", None).await.status, 404);
}

#[tokio::test]
async fn refuses_witnesses_that_make_no_sense() {
    let town = Town::found().await;
    let dir = town.server_dir();
    let watcher = Watcher::asleep(&town, 61).await;
    let good = policy(&[&watcher], 1);
    let roots = [1, 2, 3].map(|n| server::read_key(&super::root_key(&dir, n)).unwrap());
    let before = std::fs::read(dir.join("trust.list")).unwrap();
    let refused = |policy: &str, keys: &[seal::SoftwareKey]| {
        let policy = tlog::Policy::parse(policy).unwrap();
        let refused = server::name_witnesses(&dir, &policy, keys, 1_790_000_000).unwrap_err();
        refused.to_string()
    };
    let line = watcher.line();
    let log_line = format!("log {}\n", town.server().log_key());
    let stranger = log_line.replace(&town.server().log_key().to_string(), &{
        let key = seal::Signer::public_key(&key(9));
        tlog::VerifierKey { name: "log.example/other".into(), key }.to_string()
    });
    let of_log = tlog::WitnessKey { name: "w".into(), key: town.server().log_key().key };
    for (policy, keys, why) in [
        (good.to_string(), &roots[..1], "enough root keys"),
        (good.to_string(), &[key(1), key(2)][..], "enough root keys"),
        (format!("{line}group a any w61\ngroup b any a\nquorum b\n"), &roots[..2], "plain number"),
        (format!("witness a {}\nquorum a\n", watcher.key), &roots[..2], "no address"),
        (format!("witness a {} ftp://x\nquorum a\n", watcher.key), &roots[..2], "https://"),
        (format!("witness a {of_log} http://x\nquorum a\n"), &roots[..2], "another role"),
        (format!("{stranger}{good}"), &roots[..2], "another log"),
    ] {
        let found = refused(&policy, keys);
        assert!(found.contains(why), "{why}: {found}");
        assert_eq!(std::fs::read(dir.join("trust.list")).unwrap(), before);
        assert!(!dir.join(server::WITNESS_POLICY).exists());
    }
    // Again and again, any two of the three keys; and nobody at last.
    for (number, pair) in [&roots[..2], &roots[1..]].into_iter().enumerate() {
        let list = server::name_witnesses(&dir, &good, pair, 1_790_000_000).unwrap();
        assert_eq!(list.version as usize, number + 2);
    }
    let text = std::fs::read_to_string(dir.join(server::WITNESS_POLICY)).unwrap();
    assert!(text.starts_with(&log_line), "{text}");
    let nobody = tlog::Policy::parse("quorum none\n").unwrap();
    let list = server::name_witnesses(&dir, &nobody, &roots[..2], 1_790_000_000).unwrap();
    assert_eq!((list.version, list.witness_quorum), (4, None));
}
