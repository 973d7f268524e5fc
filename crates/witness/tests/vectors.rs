//! An outside judge: the test log of transparency-dev/tessera at 16 sizes, copied, checked and
//! cosigned. The data is read from the folder that `QATYSU_VECTORS` names; nothing of it is copied
//! here.

use std::path::{Path, PathBuf};

use seal::SoftwareKey;
use tlog::witness::Witness;
use tlog::{
    AddCheckpoint, Policy, SignedNote, TileTree, VerifierKey, new_bundles, tile_bytes, tiles_of,
};
use witness::{Published, PublishedLog, ReadError, RunningWitness, check, export};

const TESSERA_KEY: &str =
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
const TESSERA_SIZES: u64 = 16;

/// The log as it was at one of its sizes.
struct Tessera {
    log: PublishedLog,
    size: u64,
}

impl Published for Tessera {
    async fn file(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let at = format!("checkpoint.{}", self.size);
        self.log.file(if path == "checkpoint" { &at } else { path }).await
    }
}

#[tokio::test]
async fn copies_checks_and_cosigns_the_log_of_tessera_at_16_sizes() {
    let folder = vectors("tlog/log");
    let key = VerifierKey::parse(TESSERA_KEY).expect("the key of the test log");
    let policy = Policy::k_of(vec![key.clone()], 0, Vec::new()).expect("a policy");
    let (copy, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let known = Witness { name: "witness.example/w1".into(), logs: vec![key.clone()] };
    let signer = SoftwareKey::from_seed(&[2; 32]);
    let witness = RunningWitness::open(state.path(), known, signer, || 1_790_000_000).unwrap();
    let (mut files, mut old) = (0, 0);
    for size in 0..TESSERA_SIZES {
        let log = Tessera { log: PublishedLog::Directory(folder.clone()), size };
        let done = export(&log, copy.path(), &key, &mut |_, _| {}).await.expect("a sound log");
        assert_eq!((done.from, done.checkpoint.size), (old, size));
        let place = PublishedLog::Directory(copy.path().to_owned());
        let held = check(&place, &policy, &mut |_, _| {}).await.expect("a sound copy");
        assert_eq!(held.checkpoint, done.checkpoint);
        for path in tiles_of(size).map(|tile| tile.to_string()) {
            assert_eq!(read(&copy.path().join(&path)), read(&folder.join(&path)), "{path}");
            files += 1;
        }
        for path in new_bundles(0, size).map(|bundle| bundle.to_string()) {
            assert_eq!(read(&copy.path().join(&path)), read(&folder.join(&path)), "{path}");
            files += 1;
        }

        let tiles: Vec<_> =
            tiles_of(size).map(|tile| (tile, read(&copy.path().join(tile.to_string())))).collect();
        let tree = TileTree::of(&held.checkpoint, &tiles).expect("proven tiles");
        for (tile, bytes) in &tiles {
            assert_eq!(&tile_bytes(*tile, &tree).expect("a tile"), bytes);
        }
        let note = String::from_utf8(read(&copy.path().join("checkpoint"))).expect("a note");
        let note = SignedNote::parse(&note).expect("a note");
        let request = AddCheckpoint::prepare(old, &note, &tree).expect("a proof");
        witness.add_checkpoint(request.to_string().as_bytes()).expect("a log that only grew");
        old = size;
    }
    eprintln!("tlog/log: copied, checked and cosigned at {TESSERA_SIZES} sizes, {files} files");
    assert_eq!(files, 30);
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[expect(clippy::disallowed_methods, reason = "tests find the outside vectors by this variable")]
fn vectors(below: &str) -> PathBuf {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors");
    let folder = std::env::var("QATYSU_VECTORS").unwrap_or_else(|_| beside.to_owned());
    let path = Path::new(&folder).join(below);
    assert!(
        path.is_dir(),
        "no outside test vectors at {}: set QATYSU_VECTORS to the folder that holds tlog/",
        path.display()
    );
    path
}
