//! Outside judges: inclusion proofs of transparency-dev/merkle, and the test log of
//! transparency-dev/tessera. The data is read from the folder that `QATYSU_VECTORS` names; nothing of
//! it is copied here.

use std::fs;
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine};
use seal::Hash;
use serde_json::Value;
use tlog::{
    Checkpoint, InclusionProof, MemoryTree, NodeId, Nodes, SignedNote, TileId, TileTree,
    VerifierKey, bundle_bytes, leaf_hash, new_bundles, prove_consistency, prove_inclusion, root,
    tile_bytes, tiles_of,
};

const TESSERA_KEY: &str =
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
const TESSERA_SIZES: u64 = 16;

#[test]
fn judges_98_inclusion_proofs_as_their_authors_do() {
    let files = json_files(&vectors("merkle/inclusion"));
    let mut accepted = 0;
    for file in &files {
        let case: Value = serde_json::from_str(&read(file)).expect("a JSON file");
        let wants_error = case["wantErr"].as_bool().expect("wantErr");
        let verifies = inclusion_verifies(&case);
        assert_eq!(verifies, !wants_error, "{}", file.display());
        accepted += usize::from(verifies);
    }
    eprintln!("outside vectors: merkle/inclusion: {} ran, {accepted} accepted", files.len());
    assert_eq!((files.len(), accepted), (98, 6));
}

/// A hash of the wrong length is refused where it becomes a [`Hash`].
fn inclusion_verifies(case: &Value) -> bool {
    let hash = |value: &Value| {
        let bytes = BASE64_STANDARD.decode(value.as_str().unwrap_or_default());
        Hash::from_slice(&bytes.expect("base64"))
    };
    let path: Option<Vec<Hash>> =
        case["proof"].as_array().map_or(Some(Vec::new()), |path| path.iter().map(hash).collect());
    let (Some(leaf), Some(root), Some(path)) = (hash(&case["leafHash"]), hash(&case["root"]), path)
    else {
        return false;
    };
    let index = case["leafIdx"].as_u64().expect("leafIdx");
    let size = case["treeSize"].as_u64().expect("treeSize");
    InclusionProof { index, size, path }.verify(leaf, root).is_ok()
}

#[test]
fn recomputes_and_verifies_the_log_of_tessera_at_16_sizes() {
    let folder = vectors("tlog/log");
    let key = VerifierKey::parse(TESSERA_KEY).expect("the key of the test log");
    assert_eq!(key.to_string(), TESSERA_KEY);

    let mut checkpoints = Vec::new();
    for size in 0..TESSERA_SIZES {
        let note = SignedNote::parse(&read(&folder.join(format!("checkpoint.{size}"))));
        let checkpoint = note.and_then(|note| note.verify(&key)).expect("a note of the log");
        assert_eq!(checkpoint.size, size);
        let tree = tree_from_entries(&folder, size);
        assert_eq!(tree.root(), checkpoint.root, "root from the entries at {size}");
        assert_eq!(tree_from_hashes(&folder, size), tree, "hash tiles at {size}");
        checkpoints.push(checkpoint);
    }
    let latest = SignedNote::parse(&read(&folder.join("checkpoint")));
    let latest = latest.and_then(|note| note.verify(&key)).expect("a note of the log");
    assert_eq!(Some(&latest), checkpoints.last());

    let tree = tree_from_entries(&folder, TESSERA_SIZES - 1);
    let pairs = consistent_pairs(&checkpoints, &tree);
    let leaves = included_leaves(&checkpoints, &tree);
    eprintln!(
        "outside vectors: tlog/log: {} sizes ran, all accepted; {pairs} pairs consistent, \
         {leaves} leaves included",
        checkpoints.len()
    );
    assert_eq!((checkpoints.len(), pairs, leaves), (16, 136, 120));
}

/// The same log again, from its published tiles alone, and its tiles and bundles from its leaves.
#[test]
fn reads_and_rebuilds_the_tiles_of_tessera_byte_for_byte() {
    let folder = vectors("tlog/log");
    let key = VerifierKey::parse(TESSERA_KEY).expect("the key of the test log");
    let (mut files, mut proofs) = (0, 0);
    let mut earlier: Vec<Checkpoint> = Vec::new();
    for size in 0..TESSERA_SIZES {
        let note = SignedNote::parse(&read(&folder.join(format!("checkpoint.{size}"))));
        let checkpoint = note.and_then(|note| note.verify(&key)).expect("a note of the log");
        let published: Vec<(TileId, Vec<u8>)> = tiles_of(size)
            .map(|tile| (tile, fs::read(folder.join(tile.to_string())).expect("a tile")))
            .collect();
        let tiles = TileTree::of(&checkpoint, &published).expect("tiles of the checkpoint");
        let mut whole = MemoryTree::new();
        for bundle in new_bundles(0, size) {
            let bytes = fs::read(folder.join(bundle.to_string())).expect("a bundle");
            let leaves = tiles.verify_bundle(bundle, &bytes).expect("leaves of the tiles");
            assert_eq!(bundle_bytes(&leaves).expect("a bundle"), bytes, "{bundle}");
            whole.extend(leaves.iter().map(|leaf| leaf_hash(leaf)));
            files += 1;
        }
        for (tile, bytes) in &published {
            assert_eq!(&tile_bytes(*tile, &whole).expect("a tile"), bytes, "{tile}");
            files += 1;
        }
        for from in &earlier {
            let proof = prove_consistency(from.size, size, &tiles).expect("a proof");
            assert_eq!(proof.verify(from.root, checkpoint.root), Ok(()));
            proofs += 1;
        }
        for index in 0..size {
            let leaf = whole.node(NodeId { level: 0, index }).expect("a leaf");
            let proof = prove_inclusion(index, size, &tiles).expect("a proof");
            assert_eq!(proof.verify(leaf, checkpoint.root), Ok(()));
            proofs += 1;
        }
        earlier.push(checkpoint);
    }
    eprintln!(
        "outside vectors: tlog/log: {files} tiles and bundles ran, {proofs} proofs from them"
    );
    assert_eq!((files, proofs), (30, 240));
}

fn consistent_pairs(checkpoints: &[Checkpoint], tree: &MemoryTree) -> usize {
    let mut pairs = 0;
    for from in checkpoints {
        for to in checkpoints.iter().filter(|to| to.size >= from.size) {
            let proof = prove_consistency(from.size, to.size, tree).expect("a proof");
            assert_eq!(proof.verify(from.root, to.root), Ok(()), "{} to {}", from.size, to.size);
            if from.size != to.size {
                assert!(proof.verify(to.root, from.root).is_err());
            }
            pairs += 1;
        }
    }
    pairs
}

fn included_leaves(checkpoints: &[Checkpoint], tree: &MemoryTree) -> usize {
    let mut leaves = 0;
    for Checkpoint { size, root, .. } in checkpoints {
        for index in 0..*size {
            let leaf = tree.node(NodeId { level: 0, index }).expect("a leaf");
            let proof = prove_inclusion(index, *size, tree).expect("a proof");
            assert_eq!(proof.verify(leaf, *root), Ok(()), "{index} of {size}");
            leaves += 1;
        }
        assert_eq!(tlog::root(*size, tree), Ok(*root));
    }
    leaves
}

/// Reads an entry bundle: each entry is led by its length in two bytes (C2SP tlog-tiles).
fn tree_from_entries(folder: &Path, size: u64) -> MemoryTree {
    let mut tree = MemoryTree::new();
    if size == 0 {
        return tree;
    }
    let bundle = fs::read(folder.join(format!("tile/entries/000.p/{size}"))).expect("a bundle");
    let mut rest = &bundle[..];
    while let Some((length, behind)) = rest.split_first_chunk() {
        let (entry, behind) = behind.split_at(usize::from(u16::from_be_bytes(*length)));
        tree.push(leaf_hash(entry));
        rest = behind;
    }
    assert!(rest.is_empty(), "a bundle ends with an entry");
    assert_eq!(tree.size(), size);
    tree
}

/// Reads a hash tile of level 0: 32 bytes a leaf (C2SP tlog-tiles).
fn tree_from_hashes(folder: &Path, size: u64) -> MemoryTree {
    if size == 0 {
        return MemoryTree::new();
    }
    let tile = fs::read(folder.join(format!("tile/0/000.p/{size}"))).expect("a tile");
    let tree: MemoryTree =
        tile.chunks(32).map(|hash| Hash::from_slice(hash).expect("32 bytes")).collect();
    assert_eq!(root(tree.size(), &tree), Ok(tree.root()));
    tree
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of vectors") {
        let path = entry.expect("an entry of the folder").path();
        if path.is_dir() {
            files.extend(json_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[expect(clippy::disallowed_methods, reason = "tests find the outside vectors by this variable")]
fn vectors(below: &str) -> PathBuf {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors");
    let folder = std::env::var("QATYSU_VECTORS").unwrap_or_else(|_| beside.to_owned());
    let path = Path::new(&folder).join(below);
    assert!(
        path.is_dir(),
        "no outside test vectors at {}: set QATYSU_VECTORS to the folder that holds ed25519/, \
         merkle/ and tlog/",
        path.display()
    );
    path
}
