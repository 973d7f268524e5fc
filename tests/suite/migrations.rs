//! Databases of every release open, migrate and still prove what they hold.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use attendance::{
    ChainHead, ChainedEvent, SignedTrustList, TrustRole, TrustRoots, VerifiedCertificate, follows,
};
use device::{Followed, Growth, GrowthProof};
use rusqlite::Connection;
use seal::PublicKey;
use server::{Server, ServerClock};
use shell_core::ShellClock;
use sync_api::{Batch, BatchReceiptResponse, VerdictKind};
use system_tests::{Phone, copy_dir, district};
use tempfile::TempDir;
use tlog::{MemoryTree, Receipt, SignedNote, VerifierKey, leaf_hash, salted_leaf};

const FOLDERS: [&str; 2] = ["device", "server/sqlite"];

fn tests_dir() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn migrations_dir() -> PathBuf {
    tests_dir().parent().expect("the workspace").join("migrations")
}

/// The migrations of a folder, by their names.
fn migrations(folder: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = migrations_dir()
        .join(folder)
        .read_dir()
        .expect("the folder is there")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_str().expect("a name").to_owned();
            (name, std::fs::read_to_string(path).expect("a migration is text"))
        })
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{folder} has no migrations");
    found
}

#[test]
fn every_table_explains_itself_and_is_strict() {
    for folder in FOLDERS {
        let database = Connection::open_in_memory().unwrap();
        for (name, sql) in migrations(folder) {
            database.execute_batch(&sql).unwrap_or_else(|why| panic!("{folder}/{name}: {why}"));
        }
        let mut query = database
            .prepare("SELECT name, sql FROM sqlite_schema WHERE type IN ('table', 'view')")
            .unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let schema: Vec<(String, String)> = rows.map(Result::unwrap).collect();
        assert!(schema.len() > 5, "{folder} has {} tables", schema.len());
        for (table, sql) in schema {
            let mut lines = sql.lines();
            assert!(lines.next().is_some(), "{folder}: {table}");
            let second = lines.next().unwrap_or_default().trim();
            assert!(second.starts_with("-- "), "{folder}: {table} begins without a comment");
        }
        let mut query = database
            .prepare("SELECT name, strict FROM pragma_table_list WHERE type = 'table'")
            .unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        for row in rows {
            let (table, strict): (String, bool) = row.unwrap();
            assert!(strict || table.starts_with("sqlite_"), "{folder}: {table} is not STRICT");
        }
    }
}

/// The fixtures of one side, oldest first: there is one for every schema.
fn fixtures(side: &str, folder: &str) -> Vec<PathBuf> {
    let numbered = 1..=migrations(folder).len();
    let path = |number| tests_dir().join(format!("fixtures/{side}-v{number}.db"));
    let fixtures: Vec<PathBuf> = numbered.map(path).collect();
    for fixture in &fixtures {
        let name = fixture.display();
        assert!(
            fixture.is_file(),
            "{name} is missing: cargo run -p system-tests --example make_fixtures"
        );
    }
    fixtures
}

/// A device's directory as a release left it.
fn device_of(fixture: &Path) -> (TempDir, Phone) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::copy(fixture, dir.path().join("device.db")).expect("the fixture is copied");
    std::fs::copy(fixture.with_extension("key"), dir.path().join("device.key"))
        .expect("the fixture is copied");
    let secret = fixture.with_extension("secret");
    if secret.exists() {
        std::fs::copy(secret, dir.path().join("device.secret")).expect("the fixture is copied");
    }
    let hand = Arc::new(AtomicI64::new(district::FIRST_MORNING_MS + 20 * 3_600_000));
    let phone = Phone::switch_on(dir.path(), ShellClock::hand(hand));
    (dir, phone)
}

/// A server's directory as a release left it.
fn server_dir_of(fixture: &Path) -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    copy_dir(&fixture.with_extension(""), dir.path());
    std::fs::copy(fixture, dir.path().join("server.db")).expect("the fixture is copied");
    dir
}

async fn server_of(dir: &TempDir) -> Arc<Server> {
    let clock = ServerClock::starting_at(district::FIRST_MORNING_MS + 20 * 3_600_000);
    Server::open(dir.path(), clock).await.expect("the server opens")
}

/// How many signed times are in a fixture's chain: devices take them since the third schema.
fn signed_times(fixture: &Path) -> u64 {
    let name = fixture.file_stem().expect("a name").to_str().expect("ASCII");
    let schema = name.rsplit_once('v').and_then(|(_, number)| number.parse::<u32>().ok());
    u64::from(schema.expect("a fixture has its schema's number") >= 3)
}

#[tokio::test]
async fn device_of_every_release_opens_and_proves_what_it_holds() {
    for fixture in fixtures("device", "device") {
        let (_dir, phone) = device_of(&fixture);
        let status = phone.status().await;
        assert_eq!((status.events, status.not_receipted, status.alarms), (4, 1, 0));

        let key = phone.shell.device().with(|device| device.public_key()).await;
        let mut head = ChainHead::genesis(&key);
        for (hash, bytes) in phone.events().await {
            let event = ChainedEvent::parse_and_verify(&bytes, &key).unwrap();
            assert_eq!(event.hash(), hash);
            follows(&head, &event).unwrap();
            head = event.next_head();
        }
        let times = signed_times(&fixture);
        assert_eq!(head.seq_next, 4 + times);

        let enrolled = phone.shell.device().with(|device| device.enrolment().cloned()).await;
        let enrolled = enrolled.expect("the fixture is enrolled");
        let log = enrolled.trust_list().entries.iter().find(|e| e.role == TrustRole::Log).unwrap();
        let log = PublicKey::parse(&log.key).unwrap();
        VerifiedCertificate::verify_for_audit(enrolled.certificate_bytes(), enrolled.trust_list())
            .unwrap();
        let mut proven = 0_u64;
        for (hash, _) in phone.events().await {
            let proof = phone.shell.device().with(move |device| device.proof(hash)).await.unwrap();
            let Some(proof) = proof else { continue };
            let verifier = VerifierKey { name: proof.origin.clone(), key: log };
            let note = SignedNote::parse(&proof.checkpoint).unwrap();
            let leaf = salted_leaf(&proof.salt, &proof.event_bytes);
            let receipt = Receipt::parse(&proof.receipt).unwrap().verify(&log, &leaf).unwrap();
            receipt.under(&note.verify(&verifier).unwrap()).unwrap();
            proven += 1;
        }
        assert_eq!(proven, 3 + times);
    }
}

#[tokio::test]
async fn device_of_every_release_continues_its_chain() {
    for fixture in fixtures("device", "device") {
        let (_dir, phone) = device_of(&fixture);
        let lesson = district::lessons(district::CHESS)[0];
        let args = serde_json::json!({ "lesson": lesson.id });
        drop(phone.call::<serde_json::Value>("close_lesson", args).await);
        let key = phone.shell.device().with(|device| device.public_key()).await;
        let events = phone.events().await;
        assert_eq!(events.len() as u64, 5 + signed_times(&fixture));
        let event = |at: usize| ChainedEvent::parse_and_verify(&events[at].1, &key).unwrap();
        let last = events.len() - 1;
        follows(&event(last - 1).next_head(), &event(last)).unwrap();
    }
}

#[tokio::test]
async fn server_of_every_release_opens_and_proves_what_it_holds() {
    for fixture in fixtures("server", "server/sqlite") {
        let dir = server_dir_of(&fixture);
        let server = server_of(&dir).await;
        let read = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
        let roots = TrustRoots::parse(&read("trust.roots")).unwrap();
        let trust = SignedTrustList::parse(&read("trust.list")).unwrap().verify(&roots, 0).unwrap();
        let log = trust.entries.iter().find(|e| e.role == TrustRole::Log).unwrap();
        let verifier =
            VerifierKey { name: log.scope.clone(), key: PublicKey::parse(&log.key).unwrap() };

        let database = Connection::open(dir.path().join("server.db")).unwrap();
        let note: String = database
            .query_row("SELECT note FROM checkpoint ORDER BY tree_size DESC LIMIT 1", [], |row| {
                row.get(0)
            })
            .unwrap();
        let checkpoint = SignedNote::parse(&note).unwrap().verify(&verifier).unwrap();
        let mut query =
            database.prepare("SELECT salt, bytes FROM leaf ORDER BY leaf_index").unwrap();
        let leaves = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let tree: MemoryTree = leaves
            .map(|leaf| {
                let (salt, bytes): ([u8; 16], Vec<u8>) = leaf.unwrap();
                leaf_hash(salted_leaf(&salt, &bytes).as_ref())
            })
            .collect();
        assert_eq!((checkpoint.size, checkpoint.root), (tree.size(), tree.root()));
        let times = signed_times(&fixture);
        assert_eq!(tree.size(), 2 + 3 + times);

        let board = server.board().await.unwrap();
        assert_eq!(board.months[0].visits, 2);
        assert_eq!(board.devices.len(), 1);
        assert_eq!(board.devices[0].events, 3 + times);
    }
}

/// Lets the device link a checkpoint with what it kept before the upgrade.
async fn link(phone: &Phone, server: &Server, note: &str) {
    let follow = |given: Option<Growth>| {
        let note = note.to_owned();
        phone.shell.device().with(move |device| device.follow(&note, given.as_ref()))
    };
    let Followed::Wants { from, to } = follow(None).await.expect("the log signed it") else {
        panic!("the log has grown, and the device asks for no proof");
    };
    let answer = server.consistency(from, to).await.expect("the log grew");
    let path = answer.path.into_iter().map(|hash| hash.0).collect();
    let proof = Some(GrowthProof { root: answer.root.0, path });
    let linked = follow(Some(Growth { from, to, proof })).await.expect("the proof holds");
    assert_eq!(linked, Followed::Linked);
}

#[tokio::test]
async fn device_and_server_of_one_release_still_understand_each_other() {
    let device_fixtures = fixtures("device", "device");
    for (fixture, device) in fixtures("server", "server/sqlite").iter().zip(&device_fixtures) {
        let dir = server_dir_of(fixture);
        let server = server_of(&dir).await;
        let (_phone_dir, phone) = device_of(device);
        let events = phone.events().await;
        let bytes = system_tests::batch_of(events.iter().map(|(_, bytes)| bytes.as_slice()));
        let answer = server.ingest(Batch::hash(&bytes), &bytes).await.unwrap();
        let (known, stored) = (VerdictKind::Duplicate, VerdictKind::Stored);
        let kinds: Vec<_> = answer.verdicts.iter().map(|verdict| verdict.verdict).collect();
        let times = usize::try_from(signed_times(fixture)).unwrap();
        assert_eq!(kinds, [&vec![known; 3 + times][..], &[stored]].concat());

        let answer: BatchReceiptResponse = server.batch_receipt(Batch::hash(&bytes)).await.unwrap();
        let receipts: Vec<_> = answer
            .receipts
            .into_iter()
            .map(|one| (one.event.0, one.salt.0.try_into().unwrap(), one.receipt.0))
            .collect();
        link(&phone, &server, &answer.checkpoint).await;
        let stored = phone
            .shell
            .device()
            .with(move |device| device.store_receipts(&answer.checkpoint, &receipts));
        assert_eq!(stored.await.unwrap(), 1, "the one that was not receipted yet");
        assert_eq!(phone.status().await.not_receipted, 0);
    }
}
