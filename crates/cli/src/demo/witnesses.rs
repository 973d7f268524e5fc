//! The demonstration's two witnesses: what they cosign, what they refuse, and a copy of the log that
//! anybody can check.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use seal::SoftwareKey;
use serde_json::{Value, json};
use server::{ServerClock, WITNESS_POLICY};
use tlog::policy::PolicyWitness;
use tlog::{
    AddCheckpoint, Checkpoint, MemoryTree, Policy, SignedNote, VerifierKey, WitnessAnswer,
    leaf_hash, sign_note,
};
use witness::{CheckReport, PublishedLog, WitnessClient};

use super::process::Process;
use super::world::{clock_text, first_morning_ms};
use crate::trust;

const NAMES: [&str; 2] = ["first", "second"];

/// How often, and how long apart, is looked whether a checkpoint is cosigned.
const LOOKS: usize = 100;
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Two processes, each with its directory.
#[derive(Debug)]
pub(super) struct Witnesses {
    dir: PathBuf,
    log: VerifierKey,
    pub(super) running: Vec<Process>,
}

impl Witnesses {
    /// Starts two witnesses and names both in the trust list: each checkpoint needs both.
    pub(super) async fn start(
        dir: &Path,
        server_dir: &Path,
        origin: &str,
        root_keys: &[PathBuf],
    ) -> anyhow::Result<(Self, Value)> {
        let log = server::log_key(server_dir, origin)?;
        let mut witnesses = Self { dir: dir.join("witnesses"), log, running: Vec::new() };
        let mut text = String::new();
        for name in NAMES {
            let process = witnesses.process(name, "127.0.0.1:0").await?;
            let (key, _) = crate::witness::identity(&witnesses.dir.join(name), None)?;
            text += &format!("witness {name} {key} {}\n", process.address);
            witnesses.running.push(process);
        }
        text += &format!("group witnesses all {}\nquorum witnesses\n", NAMES.join(" "));
        let policy = Policy::parse(&text).context("the witnesses' policy")?;
        let clock = ServerClock::starting_at(first_morning_ms());
        let list = trust::name(server_dir, &policy, root_keys, clock)?;
        let figures = json!({
            "witnesses": NAMES.len(),
            "quorum": list.witness_quorum,
            "trust_list": list.version,
        });
        Ok((witnesses, figures))
    }

    async fn process(&self, name: &str, listen: &str) -> anyhow::Result<Process> {
        let data = self.dir.join(name);
        let data = data.to_str().context("the directory's name is not text")?;
        let (log, called) = (self.log.to_string(), format!("witness.example/{name}"));
        let clock = clock_text(first_morning_ms());
        let args = ["witness", "serve", "--data", data, "--log", &log, "--name", &called];
        Process::start_witness(&[&args[..], &["--listen", listen, "--clock", &clock]].concat())
            .await
    }

    /// Sees that both cosigned the newest checkpoint, that a killed one knows what it cosigned, and
    /// that neither cosigns a forged history. Gives the size.
    pub(super) async fn hold(
        &mut self,
        server: &str,
        server_dir: &Path,
    ) -> anyhow::Result<(u64, Value)> {
        let policy = trust::read_policy(&server_dir.join(WITNESS_POLICY))?;
        let note = self.witnessed(server, &policy).await?;
        let newest = policy.verify(&note)?.checkpoint;

        // Killed hard, and started again at the same address.
        let killed = self.running.remove(0);
        let listen = killed.listen();
        killed.kill().await?;
        self.running.insert(0, self.process(NAMES[0], &listen).await?);

        let asked: Vec<&PolicyWitness> = policy.witnesses().collect();
        let log_key = server::read_key(&server_dir.join("keys").join("log.key"))?;
        let forged = Forged::of(&newest, &log_key);
        let client = WitnessClient::new()?;
        let mut proven = 0;
        for (witness, name) in asked.iter().zip(NAMES) {
            let address = witness.address.as_deref().context("the witness has an address")?;
            let from_nothing = forged.request(0, newest.size)?;
            let has = client.submit(address, &witness.key, &from_nothing).await?;
            ensure!(has == WitnessAnswer::HasSize(newest.size), "{name} forgot: {has:?}");
            let same_size = forged.request(newest.size, newest.size)?;
            let other = client.submit(address, &witness.key, &same_size).await?;
            ensure!(other == WitnessAnswer::OtherRoot, "{name} said {other:?} to another root");
            let larger = forged.request(newest.size, newest.size + 1)?;
            let bad = client.submit(address, &witness.key, &larger).await?;
            ensure!(bad == WitnessAnswer::BadProof, "{name} said {bad:?} to another history");
            let kept = witness::evidence(&self.dir.join(name), &self.log)?;
            proven += kept.iter().filter(|case| case.is_proven()).count();
        }
        ensure!(proven >= NAMES.len(), "a forged history left {proven} pieces of evidence");
        let figures = json!({
            "leaves": newest.size,
            "cosigned_by": asked.len(),
            "restarted": 1,
            "forgeries_refused": 2 * asked.len(),
            "evidence_proven": proven,
        });
        Ok((newest.size, figures))
    }

    /// Waits until the newest checkpoint has its quorum.
    async fn witnessed(&self, server: &str, policy: &Policy) -> anyhow::Result<SignedNote> {
        let newest = PublishedLog::at(&format!("{server}/v1"))?;
        for _ in 0..LOOKS {
            let bytes = witness::Published::file(&newest, "checkpoint").await?;
            let text = String::from_utf8(bytes.context("the server has a checkpoint")?)?;
            let note = SignedNote::parse(&text)?;
            if policy.verify(&note).is_ok() {
                return Ok(note);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        anyhow::bail!("the witnesses did not cosign the newest checkpoint")
    }

    /// Copies the published log to static files, twice, and checks the copy with the policy alone.
    pub(super) async fn publish(
        &self,
        server: &str,
        server_dir: &Path,
        copy: &Path,
    ) -> anyhow::Result<(CheckReport, Value)> {
        let log = PublishedLog::at(&format!("{server}/log"))?;
        let done = witness::export(&log, copy, &self.log, &mut |_, _| {}).await?;
        let again = witness::export(&log, copy, &self.log, &mut |_, _| {}).await?;
        ensure!(again.files == 0, "a second export wrote {} files", again.files);
        let policy = trust::read_policy(&server_dir.join(WITNESS_POLICY))?;
        let place = PublishedLog::Directory(copy.to_owned());
        let held = witness::check(&place, &policy, &mut |_, _| {}).await?;
        let figures = json!({
            "leaves": held.checkpoint.size,
            "files": done.files,
            "bytes": done.bytes,
            "tiles": held.tiles,
            "bundles": held.bundles,
            "cosigned_by": held.cosigned.len(),
            "root": held.checkpoint.root.to_string(),
        });
        Ok((held, figures))
    }

    /// Ends the processes.
    pub(super) async fn kill(self) -> anyhow::Result<()> {
        for process in self.running {
            process.kill().await?;
        }
        Ok(())
    }
}

/// What a log would show to somebody else, signed with its own key.
struct Forged<'a> {
    origin: &'a str,
    tree: MemoryTree,
    key: &'a SoftwareKey,
}

impl<'a> Forged<'a> {
    fn of(newest: &'a Checkpoint, key: &'a SoftwareKey) -> Self {
        let leaf = |number: u64| leaf_hash(&number.to_be_bytes());
        let tree = (0..=newest.size).map(leaf).collect();
        Self { origin: &newest.origin, tree, key }
    }

    fn request(&self, old: u64, size: u64) -> anyhow::Result<AddCheckpoint> {
        let root = tlog::root(size, &self.tree)?;
        let checkpoint = Checkpoint { origin: self.origin.to_owned(), size, root };
        let note = SignedNote::parse(&sign_note(&checkpoint, self.key)?)?;
        Ok(AddCheckpoint::prepare(old, &note, &self.tree)?)
    }
}
