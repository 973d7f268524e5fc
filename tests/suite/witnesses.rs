//! The published log and its witnesses: real servers, real processes, real HTTP.

mod commands;
mod killed;
mod published;
mod serving;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use seal::Signer as _;
use system_tests::{Town, district, key};
use tlog::witness::Witness;
use tlog::{Policy, SignedNote, VerifierKey, WitnessKey};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use witness::RunningWitness;

/// A witness of the town's log, in this process.
struct Watcher {
    dir: PathBuf,
    key: WitnessKey,
    listen: SocketAddr,
    log: VerifierKey,
    seed: u8,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Watcher {
    /// Takes a port, and does not answer yet.
    async fn asleep(town: &Town, seed: u8) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let listen = listener.local_addr().expect("it is bound");
        let name = format!("witness.example/w{seed}");
        let key = WitnessKey { name, key: key(seed).public_key() };
        let dir = town.server_dir().with_file_name(format!("witness-{seed}"));
        Self { dir, key, listen, log: town.server().log_key(), seed, running: None }
    }

    async fn awake(town: &Town, seed: u8) -> Self {
        let mut watcher = Self::asleep(town, seed).await;
        watcher.wake().await;
        watcher
    }

    async fn wake(&mut self) {
        let witness = Witness { name: self.key.name.clone(), logs: vec![self.log.clone()] };
        let running = RunningWitness::open(&self.dir, witness, key(self.seed), || 1_790_000_000);
        let running = Arc::new(running.expect("its directory is free"));
        let listener = TcpListener::bind(self.listen).await.expect("its port is free");
        let (stop, stopped) = oneshot::channel();
        let serving = witness::serve(listener, running, async { drop(stopped.await) });
        let task = tokio::spawn(async move { serving.await.expect("it ends well") });
        self.running = Some((stop, task));
    }

    /// Ends it with its connections.
    async fn sleep(&mut self) {
        let (stop, task) = self.running.take().expect("it is awake");
        stop.send(()).expect("it listens to the signal");
        task.await.expect("it does not panic");
    }

    /// A line of the policy.
    fn line(&self) -> String {
        format!("witness w{} {} http://{}\n", self.seed, self.key, self.listen)
    }
}

/// Makes a policy of which any `k` must cosign.
fn policy(watchers: &[&Watcher], k: usize) -> Policy {
    let lines: String = watchers.iter().map(|watcher| watcher.line()).collect();
    let names: Vec<String> = watchers.iter().map(|watcher| format!("w{}", watcher.seed)).collect();
    let text = format!("{lines}group all-of-them {k} {}\nquorum all-of-them\n", names.join(" "));
    Policy::parse(&text).expect("a policy")
}

fn root_key(server_dir: &Path, number: u8) -> PathBuf {
    server_dir.join("issuer").join(format!("root-{number}.key"))
}

/// Names witnesses in the trust list, and starts the server with it.
async fn name(town: &mut Town, policy: &Policy) {
    let dir = town.server_dir();
    let roots = [1, 2].map(|number| server::read_key(&root_key(&dir, number)).expect("a root key"));
    let now_s = district::FIRST_MORNING_MS / 1000;
    server::name_witnesses(&dir, policy, &roots, now_s).expect("two roots are enough");
    town.stop_server().await;
    town.start_server().await;
}

/// Gives the newest checkpoint that the server hands out.
async fn newest(town: &Town) -> SignedNote {
    SignedNote::parse(&town.wire().get("checkpoint", None).await.text()).expect("a note")
}

/// Waits until the newest checkpoint satisfies.
async fn until(town: &Town, satisfies: impl Fn(&SignedNote) -> bool) -> SignedNote {
    for _ in 0..200 {
        let note = newest(town).await;
        if satisfies(&note) {
            return note;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the newest checkpoint never got there: {}", newest(town).await)
}

/// The town's log as a policy believes it, when these cosigned.
fn believes(town: &Town, watchers: &[&Watcher], k: usize) -> Policy {
    let keys = watchers.iter().map(|watcher| watcher.key.clone()).collect();
    Policy::k_of(vec![town.server().log_key()], k, keys).expect("different keys")
}

/// Scans a child, which gives the log leaves, and brings the receipts.
async fn scan(town: &Town, teacher: &system_tests::Phone, child: u8) {
    let lesson = district::lessons(district::CHESS)[0];
    teacher.open(lesson.id).await;
    teacher.scan(lesson.id, &town.card(child)).await.kept();
    teacher.sync().await.done();
}
