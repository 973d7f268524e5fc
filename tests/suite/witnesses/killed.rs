//! A witness that is killed at any moment never forgets what it cosigned.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use seal::Signer as _;
use system_tests::key;
use tlog::{
    AddCheckpoint, Checkpoint, MemoryTree, SignedNote, VerifierKey, WitnessAnswer, WitnessKey,
    leaf_hash, sign_note,
};
use witness::WitnessClient;

use crate::qatysu::qatysu;

const ORIGIN: &str = "log.example/2026";

struct Process {
    child: Child,
    address: String,
}

impl Process {
    fn start(dir: &Path) -> Self {
        let log = log_key().to_string();
        let dir = dir.to_str().expect("the path is text");
        let serve = ["witness", "serve", "--data", dir, "--log", &log, "--listen", "127.0.0.1:0"];
        let named = [&serve[..], &["--name", "witness.example/w1"]].concat();
        let mut child = qatysu(&named).stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut first = String::new();
        let said = child.stdout.take().expect("it speaks");
        BufReader::new(said).read_line(&mut first).expect("it says its address");
        let address =
            first.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{first}"));
        Self { address: address.to_owned(), child }
    }

    /// Ends it as a power cut would.
    fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

fn log_key() -> VerifierKey {
    VerifierKey { name: ORIGIN.into(), key: key(1).public_key() }
}

fn request(tree: &MemoryTree, old: u64, size: u64) -> AddCheckpoint {
    let root = tlog::root(size, tree).expect("the tree is larger");
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root };
    let note = sign_note(&checkpoint, &key(1)).expect("a software key signs");
    let note = SignedNote::parse(&note).expect("a note");
    AddCheckpoint::prepare(old, &note, tree).expect("the tree grew")
}

fn witness_key(dir: &Path) -> WitnessKey {
    let key = server::read_key(&dir.join("witness.key")).expect("it made its key").public_key();
    WitnessKey { name: "witness.example/w1".into(), key }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_witness_knows_what_it_cosigned() {
    let dir = tempfile::tempdir().unwrap();
    let tree: MemoryTree = (0..20_000_u32).map(|n| leaf_hash(&n.to_be_bytes())).collect();
    let client = WitnessClient::new().unwrap();
    let (acknowledged, sent) = (AtomicU64::new(0), AtomicU64::new(0));
    let mut known = 0;
    for round in 0..12 {
        let process = Process::start(dir.path());
        let key = witness_key(dir.path());
        if round > 0 {
            // It says its size, or it has cosigned nothing yet.
            let probe = request(&tree, 19_999, 20_000);
            let answer = client.submit(&process.address, &key, &probe).await.unwrap();
            let WitnessAnswer::HasSize(size) = answer else { panic!("{answer:?}") };
            assert!(size >= acknowledged.load(Ordering::SeqCst), "round {round}: it forgot");
            assert!(size <= sent.load(Ordering::SeqCst), "round {round}: it invented");
            known = size;
        }
        let busy = async {
            let mut old = known;
            loop {
                sent.store(old + 1, Ordering::SeqCst);
                let answer =
                    client.submit(&process.address, &key, &request(&tree, old, old + 1)).await;
                assert!(matches!(answer.unwrap(), WitnessAnswer::Cosigned(_)));
                old += 1;
                acknowledged.store(old, Ordering::SeqCst);
            }
        };
        // Each round dies at another moment of a request.
        let life = Duration::from_micros(20_000 + round * 3_700);
        let _unused = tokio::time::timeout(life, busy).await.unwrap_err();
        process.kill();
    }
    assert!(acknowledged.load(Ordering::SeqCst) > 12, "it did cosign meanwhile");
}

#[tokio::test(flavor = "multi_thread")]
async fn second_process_on_one_directory_does_not_start() {
    let dir = tempfile::tempdir().unwrap();
    let first = Process::start(dir.path());
    let (log, path) = (log_key().to_string(), dir.path().to_str().unwrap());
    let serve = ["witness", "serve", "--data", path, "--log", &log, "--listen", "127.0.0.1:0"];
    let second = crate::qatysu::run(&serve);
    assert!(second.complained.contains("another witness runs in"), "{}", second.complained);
    second.with(3);
    first.kill();
    Process::start(dir.path()).kill();
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(unix)]
async fn witness_ends_well_when_it_is_asked_to() {
    let dir = tempfile::tempdir().unwrap();
    let mut process = Process::start(dir.path());
    let id = process.child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(process.child.wait().unwrap().code(), Some(0));
}
