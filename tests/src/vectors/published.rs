//! What a log publishes: proofs as text, and its tree as tiles.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tlog::{
    MemoryTree, SignedNote, TileId, TlogProof, leaf_hash, prove_inclusion, salted_leaf, tile_bytes,
    tiles_of,
};

use super::material::{log_key, stranger};
use super::note::{changed, verifier};
use super::witness::{found, policy_of, signed, witnessed_by};
use super::{Case, Input, OK, VectorFile, hex, proof};
use crate::district::ORIGIN;

const MALFORMED: &str = "malformed";
const SALT: [u8; 16] = [0x5a; 16];
const RECORD: &[u8] = b"the signed bytes of an event";
const QUORUM: &str = "group ours 2 w1 w2 w3\nquorum ours\n";

/// Seven leaves, of which number 4 is the record's.
fn tree() -> MemoryTree {
    let leaf = |number| match number {
        4 => leaf_hash(salted_leaf(&SALT, RECORD).as_ref()),
        _ => leaf_hash(proof::data(number).as_ref()),
    };
    (0..7).map(leaf).collect()
}

fn note(witnesses: &[usize]) -> String {
    let (origin, size, root) = (ORIGIN.to_owned(), 7, tree().root());
    let checkpoint = tlog::Checkpoint { origin, size, root };
    let note = tlog::sign_note(&checkpoint, &log_key()).expect("a software key signs");
    witnessed_by(&note, witnesses)
}

fn written(change: impl FnOnce(&mut TlogProof)) -> String {
    let path = prove_inclusion(4, 7, &tree()).expect("a leaf of the tree").path;
    let note = SignedNote::parse(&note(&[1, 2])).expect("a note");
    let mut proof = TlogProof { extra: Some(SALT.to_vec()), index: 4, path, note };
    change(&mut proof);
    proof.to_string()
}

fn proof_case(name: &str, expected: &str, text: &str, record: &[u8], policy: &str) -> Case {
    let inputs = [
        ("proof", Input::Text(text.to_owned())),
        ("record", Input::hex(record)),
        ("policy", Input::Text(policy_of(policy))),
    ];
    Case::new(name, expected, inputs)
}

fn under(witnesses: &[usize]) -> Value {
    let mut found = found(witnesses);
    found["index"] = json!(4);
    found["root"] = json!(tree().root().to_string());
    found
}

pub(super) fn proof() -> VectorFile {
    let good = written(|_| ());
    let case = |name, expected, text: &str| proof_case(name, expected, text, RECORD, QUORUM);
    let salt = STANDARD.encode(SALT);
    let bare = |witnesses: &[usize]| {
        written(|proof| proof.note = SignedNote::parse(&note(witnesses)).expect("a note"))
    };
    let other_note =
        |note: &str| written(|proof| proof.note = SignedNote::parse(note).expect("a note"));
    let lines: Vec<&str> = good.split('\n').collect();
    let cases = vec![
        case("of an event, with two witnesses", OK, &good).giving(under(&[1, 2])),
        proof_case("where nobody must witness", OK, &bare(&[]), RECORD, "quorum none\n")
            .giving(under(&[])),
        case("with one witness of two", "missing", &bare(&[3])),
        proof_case("of another record", "root_mismatch", &good, b"another", QUORUM),
        case(
            "with another salt",
            "root_mismatch",
            &written(|proof| proof.extra = Some(vec![0; 16])),
        ),
        case(
            "with a salt of 15 bytes",
            "no_salt",
            &written(|proof| proof.extra = Some(vec![0; 15])),
        ),
        case("without a salt", "no_salt", &written(|proof| proof.extra = None)),
        case("told as another leaf", "root_mismatch", &written(|proof| proof.index = 5)),
        case("behind the end", "out_of_range", &written(|proof| proof.index = 7)),
        case("two hashes swapped", "root_mismatch", &written(|proof| proof.path.swap(0, 1))),
        case("a hash left out", "path_length", &written(|proof| proof.path.truncate(2))),
        case(
            "under another tree",
            "root_mismatch",
            &other_note(&witnessed_by(&signed(7), &[1, 2])),
        ),
        case(
            "under a smaller tree",
            "path_length",
            &other_note(&witnessed_by(&signed(5), &[1, 2])),
        ),
        case(
            "the log's signature damaged",
            "bad_signature",
            &other_note(&changed(&note(&[]), |bytes| bytes[30] ^= 1)),
        ),
        case("another first line", MALFORMED, &good.replacen("@v1", "@v2", 1)),
        case("no index", MALFORMED, &good.replacen("index 4\n", "", 1)),
        case("an index with a zero in front", MALFORMED, &good.replacen("index 4", "index 04", 1)),
        case(
            "the salt after the index",
            MALFORMED,
            &good.replacen(&format!("extra {salt}\nindex 4"), &format!("index 4\nextra {salt}"), 1),
        ),
        case(
            "a salt without padding",
            MALFORMED,
            &good.replacen(&salt, salt.trim_end_matches('='), 1),
        ),
        case("a hash that is not Base64", MALFORMED, &good.replacen(lines[3], "no hash", 1)),
        case("no empty line", MALFORMED, &good.replace("\n\n", "\n")),
        case("lines that end as on Windows", MALFORMED, &good.replace('\n', "\r\n")),
        case("without a signature", MALFORMED, good.split_once("\u{2014}").expect("a line").0),
        case("longer than 32 kB", "too_long", &format!("{good}{}", "x".repeat(33_000))),
    ];
    super::file("tlog-proof", &[], cases)
}

/// The paths of tiles, each with its bytes.
type Tiles = Vec<(String, Vec<u8>)>;

/// A tree's tiles.
fn published(size: u64) -> Tiles {
    let tree = proof::tree(size);
    let tile = |tile: TileId| (tile.to_string(), tile_bytes(tile, &tree).expect("all is there"));
    tiles_of(size).map(tile).collect()
}

fn tiles_case(
    name: &str,
    expected: &str,
    size: u64,
    tiles: &[(String, Vec<u8>)],
    index: i64,
) -> Case {
    let tiles = tiles.iter().map(|(path, bytes)| format!("{path} {}", hex(bytes))).collect();
    let inputs = [
        ("note", Input::Text(signed(size))),
        ("key", Input::Text(verifier(ORIGIN, &log_key()).to_string())),
        ("tiles", Input::List(tiles)),
        ("index", Input::Number(index)),
    ];
    Case::new(name, expected, inputs)
}

/// Tiles that hold, and the path of a leaf that follows from them.
fn whole(name: &str, size: u64, index: u64) -> Case {
    let path = prove_inclusion(index, size, &proof::tree(size)).expect("a leaf of the tree").path;
    let path: Vec<String> = path.iter().map(ToString::to_string).collect();
    let index = i64::try_from(index).expect("small");
    tiles_case(name, OK, size, &published(size), index).giving(json!(path))
}

pub(super) fn tiles() -> VectorFile {
    let mut cases = vec![
        whole("the only leaf", 1, 0),
        whole("nine leaves in a partial tile", 9, 8),
        whole("256 leaves: a full tile and the one above", 256, 100),
        whole("300 leaves: a full and a partial tile", 300, 255),
        whole("300 leaves, one of the partial tile", 300, 299),
    ];
    let mut backwards = published(300);
    backwards.reverse();
    let path = |index, size| {
        let path = prove_inclusion(index, size, &proof::tree(size)).expect("a leaf").path;
        json!(path.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let mut later = published(9);
    later[0] = published(12).swap_remove(0);
    cases.extend([
        tiles_case("in another order", OK, 300, &backwards, 5).giving(path(5, 300)),
        tiles_case("a wider tile in place of a partial one", OK, 9, &later, 3).giving(path(3, 9)),
    ]);
    cases.extend(broken_tiles());
    cases.extend(broken_paths());
    super::file("tiles", &[], cases)
}

fn broken_tiles() -> Vec<Case> {
    let changed = |size, change: &dyn Fn(&mut Tiles)| {
        let mut tiles = published(size);
        change(&mut tiles);
        tiles
    };
    let small = |name, expected, change: &dyn Fn(&mut Tiles)| {
        tiles_case(name, expected, 9, &changed(9, change), 3)
    };
    let large = |name, expected, change: &dyn Fn(&mut Tiles)| {
        tiles_case(name, expected, 300, &changed(300, change), 3)
    };
    let stranger = verifier(ORIGIN, &stranger()).to_string();
    let mut unsigned =
        tiles_case("looked at with a stranger's key", "not_signed", 9, &published(9), 3);
    unsigned.inputs.insert("key".to_owned(), Input::Text(stranger));
    vec![
        unsigned,
        small("no tile", "missing", &|tiles| tiles.clear()),
        small("a bit flipped in a hash", "other_root", &|tiles| tiles[0].1[40] ^= 1),
        small("two hashes swapped", "other_root", &|tiles| tiles[0].1.rotate_left(32)),
        small("a hash cut off", "length", &|tiles| tiles[0].1.truncate(100)),
        small("a hash too many", "length", &|tiles| tiles[0].1.extend([0; 32])),
        small("a narrower tile", "missing", &|tiles| tiles[0] = published(8).swap_remove(0)),
        large("the partial tile missing", "missing", &|tiles| drop(tiles.remove(1))),
        large("the full tile missing, and a leaf of it asked", "missing", &|tiles| {
            tiles.remove(0);
        }),
        large("a bit flipped in the full tile", "other_hash", &|tiles| tiles[0].1[40] ^= 1),
        large("the full tile cut off", "length", &|tiles| tiles[0].1.truncate(100)),
        large("a full tile that the tree does not have", "not_in_tree", &|tiles| {
            let bytes = tiles[0].1.clone();
            tiles.push(("tile/0/002".to_owned(), bytes));
        }),
        large("a partial tile that the tree does not have", "not_in_tree", &|tiles| {
            tiles.push(("tile/0/002.p/1".to_owned(), vec![0; 32]));
        }),
    ]
}

fn broken_paths() -> Vec<Case> {
    let named = |path: &str| {
        let mut tiles = published(9);
        path.clone_into(&mut tiles[0].0);
        tiles_case(&format!("the path {path:?}"), "bad_path", 9, &tiles, 3)
    };
    [
        "tile/0/0.p/9",
        "tile/0/000.p/09",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/00/000.p/9",
        "tile/8/000.p/9",
        "tile/0/x000/000.p/9",
        "tile/0/x001.p/9",
        "tile/-1/000.p/9",
        "tile/0/000.p/+9",
        "/tile/0/000.p/9",
    ]
    .map(named)
    .into()
}
