//! A log in memory, and what is asked of its witnesses and copies.

mod copying;
mod cosigning;
mod http;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use seal::{Signer as _, SoftwareKey};
use tlog::witness::Witness;
use tlog::{
    AddCheckpoint, Checkpoint, MemoryTree, SignedNote, VerifierKey, WitnessKey, bundle_bytes,
    leaf_hash, new_bundles, root, salted_leaf, sign_note, tile_bytes, tiles_of,
};

use crate::published::{Published, ReadError};
use crate::running::RunningWitness;
use crate::state::StateError;

const ORIGIN: &str = "log.example/2026";
const NAME: &str = "witness.example/w1";
const TIME_S: u64 = 1_790_000_000;

fn log_signer() -> SoftwareKey {
    SoftwareKey::from_seed(&[1; 32])
}

fn log_key() -> VerifierKey {
    VerifierKey { name: ORIGIN.into(), key: log_signer().public_key() }
}

fn witness_signer() -> SoftwareKey {
    SoftwareKey::from_seed(&[2; 32])
}

fn witness_key() -> WitnessKey {
    WitnessKey { name: NAME.into(), key: witness_signer().public_key() }
}

fn run(dir: &Path) -> Result<RunningWitness, StateError> {
    let witness = Witness { name: NAME.into(), logs: vec![log_key()] };
    RunningWitness::open(dir, witness, witness_signer(), || TIME_S)
}

/// A log; another seed is another history.
struct TestLog {
    tree: MemoryTree,
    leaves: Vec<seal::Hash>,
}

impl TestLog {
    fn of(seed: u8, size: u64) -> Self {
        let salted = |n: u64| salted_leaf(&[seed; 16], &n.to_be_bytes());
        let leaves: Vec<_> = (0..size).map(salted).collect();
        let tree = leaves.iter().map(|leaf| leaf_hash(leaf.as_ref())).collect();
        Self { tree, leaves }
    }

    fn note(&self, size: u64) -> SignedNote {
        let root = root(size, &self.tree).unwrap();
        let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root };
        SignedNote::parse(&sign_note(&checkpoint, &log_signer()).unwrap()).unwrap()
    }

    fn request(&self, old: u64, size: u64) -> AddCheckpoint {
        AddCheckpoint::prepare(old, &self.note(size), &self.tree).unwrap()
    }

    /// What it publishes at a size, by path.
    fn files(&self, size: u64) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        for id in tiles_of(size) {
            files.insert(id.to_string(), tile_bytes(id, &self.tree).unwrap());
        }
        for id in new_bundles(0, size) {
            let start = usize::try_from(id.first_leaf()).unwrap();
            let leaves = &self.leaves[start..start + usize::from(id.width)];
            files.insert(id.to_string(), bundle_bytes(leaves).unwrap());
        }
        files.insert("checkpoint".into(), self.note(size).to_string().into_bytes());
        files
    }
}

/// A published log that counts what is asked for, and fails after so many files.
struct Shown {
    files: BTreeMap<String, Vec<u8>>,
    asked: Mutex<Vec<String>>,
    fails_after: usize,
}

impl Shown {
    fn of(files: BTreeMap<String, Vec<u8>>) -> Self {
        Self { files, asked: Mutex::default(), fails_after: usize::MAX }
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl Published for Shown {
    async fn file(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let mut asked = self.asked.lock().unwrap();
        if asked.len() == self.fails_after {
            return Err(ReadError::Source("the cable was pulled".into()));
        }
        asked.push(path.to_owned());
        Ok(self.files.get(path).cloned())
    }
}
