//! The evidence of two histories: two checkpoints that one log signed and that cannot both be true.

use seal::{Hash, SoftwareKey};
use serde_json::json;
use tlog::{Checkpoint, MemoryTree, SignedNote, TwoHistories, leaf_hash, sign_note};

use super::breaks::replaced;
use super::material::{log_key, stranger};
use super::note::{changed, verifier};
use super::proof::tree;
use super::{Case, Input, OK, VectorFile};
use crate::district::ORIGIN;

/// The tree of a log that tells somebody else something else.
fn other_tree(size: u64) -> MemoryTree {
    (0..size).map(|number| leaf_hash(format!("another leaf {number}").as_bytes())).collect()
}

fn signed_by(tree: &MemoryTree, origin: &str, signer: &SoftwareKey) -> SignedNote {
    let checkpoint = Checkpoint { origin: origin.to_owned(), size: tree.size(), root: tree.root() };
    SignedNote::parse(&sign_note(&checkpoint, signer).expect("a software key signs"))
        .expect("a note")
}

fn signed(tree: &MemoryTree) -> SignedNote {
    signed_by(tree, ORIGIN, &log_key())
}

fn case(name: &str, expected: &str, evidence: &[u8]) -> Case {
    let inputs = [
        ("evidence", Input::hex(evidence)),
        ("key", Input::Text(verifier(ORIGIN, &log_key()).to_string())),
    ];
    Case::new(name, expected, inputs)
}

/// Evidence that holds: the earlier size, the later one, and the root that the later one has for the
/// earlier size.
fn proves(name: &str, evidence: &TwoHistories, from: u64, to: u64, by_later: Hash) -> Case {
    let found = json!({"from": from, "to": to, "root_by_later": by_later.to_string()});
    case(name, OK, &evidence.to_bytes()).giving(found)
}

/// An earlier checkpoint of the other tree, and a later one of the tree.
fn of_two(from: u64, to: u64) -> TwoHistories {
    TwoHistories::of_two_sizes(&signed(&other_tree(from)), &signed(&tree(to)), &tree(to))
        .expect("nodes of the later tree")
}

pub(super) fn file() -> VectorFile {
    let two = |name, from, to| proves(name, &of_two(from, to), from, to, tree(from).root());
    let one_size = TwoHistories::of_one_size(&signed(&other_tree(7)), &signed(&tree(7)));
    let mut cases = vec![
        proves("two roots of one size", &one_size, 7, 7, tree(7).root()),
        two("of sizes 3 and 7", 3, 7),
        two("of sizes 4 and 7, a complete subtree", 4, 7),
        two("of sizes 1 and 2", 1, 2),
        two("of sizes 64 and 100", 64, 100),
    ];
    let honest = |from, to| {
        TwoHistories::of_two_sizes(&signed(&tree(from)), &signed(&tree(to)), &tree(to))
            .expect("nodes of the later tree")
            .to_bytes()
    };
    let same = TwoHistories::of_one_size(&signed(&tree(7)), &signed(&tree(7)));
    cases.extend([
        case("two checkpoints of one history", "no_contradiction", &honest(3, 7)),
        case("one checkpoint twice", "no_contradiction", &same.to_bytes()),
        case("of the empty tree and a later one", "no_contradiction", &honest(0, 7)),
    ]);
    cases.extend(of_paths());
    cases.extend(of_notes());
    cases.extend(of_form(&of_two(3, 7).to_bytes()));
    super::file("two-histories", &[], cases)
}

fn of_paths() -> Vec<Case> {
    let (earlier, later) = (signed(&other_tree(4)), signed(&tree(7)));
    let path = tlog::prove_consistency(4, 7, &tree(7)).expect("it grew").path;
    let with = |start: &[Hash], path: &[Hash]| {
        TwoHistories::of_path(&earlier, &later, [start, path].concat()).to_bytes()
    };
    let mut spoilt = path.clone();
    spoilt[0].0[5] ^= 1;
    let start = tree(4).root();
    let backwards = TwoHistories::of_path(&later, &earlier, Vec::new()).to_bytes();
    vec![
        case("a path without its first hash", "path_length", &with(&[], &path)),
        case("no path", "path_length", &with(&[], &[])),
        case("a hash too many", "path_length", &with(&[start, start], &path)),
        case("a path from another root", "root_mismatch", &with(&[other_tree(4).root()], &path)),
        case("a bit flipped in the path", "root_mismatch", &with(&[start], &spoilt)),
        case("the later one first", "shrunk", &backwards),
    ]
}

fn of_notes() -> Vec<Case> {
    let later = signed(&tree(7));
    let with = |name, expected, earlier: &SignedNote| {
        case(name, expected, &TwoHistories::of_one_size(earlier, &later).to_bytes())
    };
    let other = other_tree(7);
    let note = |text: &str| SignedNote::parse(text).expect("a note");
    let damaged = changed(&signed(&other).to_string(), |bytes| bytes[30] ^= 1);
    let text = format!("{ORIGIN}\n+7\n{}\n", "no root");
    let no_checkpoint = format!("{text}\n{}", super::note::line(&text, ORIGIN, &log_key()));
    vec![
        with("one signed by a stranger", "not_signed", &signed_by(&other, ORIGIN, &stranger())),
        with("one of another log", "not_signed", &signed_by(&other, "another.example", &log_key())),
        with("one whose signature is damaged", "bad_signature", &note(&damaged)),
        with("one that is no checkpoint", "not_a_checkpoint", &note(&no_checkpoint)),
    ]
}

fn of_form(good: &[u8]) -> Vec<Case> {
    let head = |head: &[u8]| [head, &good[2..]].concat();
    assert_eq!(good[..2], [0x84, 0x01], "the encoding is known");
    let malformed = "malformed";
    let hash = tree(4).root().0;
    let of_4 = of_two(4, 7).to_bytes();
    let short =
        replaced(&of_4, &[&[0x58, 32], &hash[..]].concat(), &[&[0x58, 31], &hash[..31]].concat());
    vec![
        case("version 2", "unknown_version", &head(&[0x84, 0x02])),
        case("the version in two bytes", malformed, &head(&[0x84, 0x18, 0x01])),
        case("an array of three", malformed, &head(&[0x83, 0x01])),
        case("a trailing byte", malformed, &[good, &[0]].concat()),
        case("the last byte missing", malformed, &good[..good.len() - 1]),
        case("a hash of 31 bytes", malformed, &short),
        case("no bytes at all", malformed, &[]),
        case("longer than two notes and a path", "too_long", &[good, &[0; 36_000]].concat()),
    ]
}
