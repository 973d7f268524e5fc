//! Proofs about a Merkle tree: that a leaf is in it, that it grew, and the receipt of a batch.

use seal::{Hash, Signer as _, SoftwareKey};
use serde_json::{Value, json};
use tlog::{
    BatchReceipt, ConsistencyProof, InclusionProof, LeafRange, MemoryTree, NodeId, Nodes as _,
    Receipt, leaf_hash, prove_batch, prove_consistency, prove_inclusion,
};

use super::breaks::{replaced, unreduced};
use super::material::{log_key, stranger};
use super::{Case, Input, OK, VectorFile, hex};

const PATH_LENGTH: &str = "path_length";
const ROOT_MISMATCH: &str = "root_mismatch";
const TOO_LARGE: &str = "size_too_large";
const MALFORMED: &str = "malformed";

/// The data of the leaf with a number.
pub(super) fn data(number: u64) -> Hash {
    seal::sha256(&number.to_be_bytes())
}

pub(super) fn tree(size: u64) -> MemoryTree {
    (0..size).map(|number| leaf_hash(data(number).as_ref())).collect()
}

fn number(value: u64) -> Input {
    Input::Number(i64::try_from(value).expect("below 2^63"))
}

fn included(name: &str, expected: &str, proof: &InclusionProof, leaf: Hash, root: Hash) -> Case {
    let inputs = [
        ("leaf", Input::hex(&leaf.0)),
        ("index", number(proof.index)),
        ("size", number(proof.size)),
        ("path", Input::hexes(&proof.path)),
        ("root", Input::hex(&root.0)),
    ];
    Case::new(name, expected, inputs)
}

fn proof_of(index: u64, size: u64) -> InclusionProof {
    prove_inclusion(index, size, &tree(size)).expect("a leaf of the tree")
}

fn leaf(index: u64) -> Hash {
    leaf_hash(data(index).as_ref())
}

pub(super) fn inclusion() -> VectorFile {
    let good = proof_of(3, 7);
    let root = tree(7).root();
    let case =
        |name, expected, proof: &InclusionProof| included(name, expected, proof, leaf(3), root);
    let changed = |change: &dyn Fn(&mut InclusionProof)| {
        let mut proof = good.clone();
        change(&mut proof);
        proof
    };
    let of = |name, index, size| {
        included(name, OK, &proof_of(index, size), leaf(index), tree(size).root())
    };
    let cases = vec![
        of("the only leaf", 0, 1),
        of("the first leaf of 8", 0, 8),
        of("the last leaf of 8", 7, 8),
        of("the last leaf of 7", 6, 7),
        of("a leaf of 100", 64, 100),
        of("the last leaf of 257", 256, 257),
        case("leaf 3 of 7", OK, &good),
        included("of another leaf", ROOT_MISMATCH, &good, leaf(2), root),
        included("under another root", ROOT_MISMATCH, &good, leaf(3), tree(6).root()),
        case("told as another leaf", ROOT_MISMATCH, &changed(&|proof| proof.index = 2)),
        case("two hashes swapped", ROOT_MISMATCH, &changed(&|proof| proof.path.swap(0, 1))),
        case("a bit flipped in a hash", ROOT_MISMATCH, &changed(&|proof| proof.path[1].0[5] ^= 1)),
        case(
            "a hash left out",
            PATH_LENGTH,
            &changed(&|proof| proof.path.truncate(proof.path.len() - 1)),
        ),
        case("a hash too many", PATH_LENGTH, &changed(&|proof| proof.path.push(root))),
        case("of a larger tree", PATH_LENGTH, &changed(&|proof| proof.size = 9)),
        case("behind the end", "out_of_range", &changed(&|proof| proof.index = 7)),
        case("of the empty tree", "out_of_range", &changed(&|proof| proof.size = 0)),
        case(
            "of more leaves than any log",
            TOO_LARGE,
            &changed(&|proof| proof.size = (1 << 62) + 1),
        ),
    ];
    super::file("inclusion", &[], cases)
}

fn grown(name: &str, expected: &str, proof: &ConsistencyProof, from: Hash, to: Hash) -> Case {
    let inputs = [
        ("from", number(proof.from)),
        ("to", number(proof.to)),
        ("path", Input::hexes(&proof.path)),
        ("root_from", Input::hex(&from.0)),
        ("root_to", Input::hex(&to.0)),
    ];
    Case::new(name, expected, inputs)
}

pub(super) fn consistency() -> VectorFile {
    let of = |name: &str, from: u64, to: u64| {
        let proof = prove_consistency(from, to, &tree(to)).expect("it grew");
        grown(name, OK, &proof, tree(from).root(), tree(to).root())
    };
    let good = prove_consistency(3, 7, &tree(7)).expect("it grew");
    let (root_3, root_7) = (tree(3).root(), tree(7).root());
    let case =
        |name, expected, proof: &ConsistencyProof| grown(name, expected, proof, root_3, root_7);
    let changed = |change: &dyn Fn(&mut ConsistencyProof)| {
        let mut proof = good.clone();
        change(&mut proof);
        proof
    };
    let bare = |from, to| ConsistencyProof { from, to, path: Vec::new() };
    let other = Hash([7; 32]);
    let cases = vec![
        of("from 3 to 7", 3, 7),
        of("from 4 to 7, a complete subtree", 4, 7),
        of("from 6 to 8", 6, 8),
        of("from 1 to 2", 1, 2),
        of("from 64 to 100", 64, 100),
        of("from 99 to 257", 99, 257),
        of("from the empty tree", 0, 7),
        of("of a tree with itself", 7, 7),
        of("of the empty tree with itself", 0, 0),
        grown("from another root", ROOT_MISMATCH, &good, tree(2).root(), root_7),
        grown("to another root", ROOT_MISMATCH, &good, root_3, tree(6).root()),
        grown("of two roots of one size", ROOT_MISMATCH, &bare(7, 7), other, root_7),
        grown("from an empty tree of another root", ROOT_MISMATCH, &bare(0, 7), other, root_7),
        grown(
            "of the empty tree with something",
            ROOT_MISMATCH,
            &bare(0, 0),
            tree(0).root(),
            other,
        ),
        case("two hashes swapped", ROOT_MISMATCH, &changed(&|proof| proof.path.swap(0, 1))),
        case("a bit flipped in a hash", ROOT_MISMATCH, &changed(&|proof| proof.path[2].0[5] ^= 1)),
        case(
            "a hash left out",
            PATH_LENGTH,
            &changed(&|proof| proof.path.truncate(proof.path.len() - 1)),
        ),
        case("a hash too many", PATH_LENGTH, &changed(&|proof| proof.path.push(other))),
        case("told as of a smaller tree", PATH_LENGTH, &changed(&|proof| proof.from = 4)),
        grown(
            "with a hash where none belongs",
            PATH_LENGTH,
            &ConsistencyProof { path: vec![other], ..bare(7, 7) },
            root_7,
            root_7,
        ),
        grown("to a smaller tree", "shrunk", &bare(7, 3), root_7, root_3),
        case("of more leaves than any log", TOO_LARGE, &changed(&|proof| proof.to = (1 << 62) + 1)),
    ];
    super::file("consistency", &[], cases)
}

fn range(start: u64, count: u64) -> LeafRange {
    LeafRange { start, count }
}

fn indices(ranges: &[LeafRange]) -> Vec<u64> {
    ranges.iter().flat_map(|range| range.start..range.start + range.count).collect()
}

fn batch(ranges: &[LeafRange], size: u64, key: &SoftwareKey) -> Vec<u8> {
    let tree = tree(size);
    let proof = prove_batch(ranges, size, &tree).expect("leaves of the tree");
    BatchReceipt::issue(key, &proof, tree.root()).expect("a software key signs")
}

fn batch_case(name: &str, expected: &str, receipt: &[u8], leaves: &[u64]) -> Case {
    let leaves: Vec<Hash> = leaves.iter().map(|leaf| data(*leaf)).collect();
    let inputs = [
        ("receipt", Input::hex(receipt)),
        ("key", Input::hex(&log_key().public_key().to_bytes())),
        ("leaves", Input::hexes(&leaves)),
    ];
    Case::new(name, expected, inputs)
}

/// A batch receipt, and the receipts that the log would have issued one by one.
fn issued(name: &str, ranges: &[LeafRange], size: u64) -> Case {
    let root = tree(size).root();
    let one = |index: &u64| -> String {
        hex(&Receipt::issue(&log_key(), &proof_of(*index, size), root).expect("it signs"))
    };
    let leaves = indices(ranges);
    let pairs: Vec<Value> = ranges.iter().map(|range| json!([range.start, range.count])).collect();
    batch_case(name, OK, &batch(ranges, size, &log_key()), &leaves).giving(json!({
        "size": size,
        "ranges": pairs,
        "root": root.to_string(),
        "receipts": leaves.iter().map(one).collect::<Vec<_>>(),
    }))
}

pub(super) fn batch_receipt() -> VectorFile {
    let ranges = [range(2, 3), range(8, 1)];
    let leaves = indices(&ranges);
    let good = batch(&ranges, 11, &log_key());
    let case = |name, expected, bytes: &[u8]| batch_case(name, expected, bytes, &indices(&ranges));
    let mut truncated = good.clone();
    truncated.pop();
    let mut flipped = good.clone();
    *flipped.last_mut().expect("there are bytes") ^= 1;
    let node = tree(11).node(NodeId { level: 1, index: 0 }).expect("a node").0;
    let other = [7; 32];
    let mut cases = vec![
        issued("two runs of leaves", &ranges, 11),
        issued("one leaf", &[range(5, 1)], 11),
        issued("every leaf", &[range(0, 11)], 11),
        issued("a run across the middle", &[range(60, 9)], 100),
        issued("every second leaf", &[0, 2, 4, 6].map(|start| range(start, 1)), 8),
        batch_case("a leaf fewer than it is for", "leaf_count", &good, &leaves[1..]),
        batch_case(
            "a leaf more than it is for",
            "leaf_count",
            &good,
            &[&leaves[..], &[9]].concat(),
        ),
        batch_case("other leaves", "bad_signature", &good, &[2, 3, 4, 9]),
        batch_case("the leaves out of order", "bad_signature", &good, &[3, 2, 4, 8]),
        case("signed by a stranger", "bad_signature", &batch(&ranges, 11, &stranger())),
        case("a bit flipped in the signature", "bad_signature", &flipped),
        case("the signature of S + L instead of S", "bad_signature", &unreduced(&good)),
        case("another hash in the path", "bad_signature", &replaced(&good, &node, &other)),
        case("the last byte missing", MALFORMED, &truncated),
        case("a trailing byte", MALFORMED, &[&good[..], &[0]].concat()),
        case("no bytes at all", MALFORMED, &[]),
        case("longer than 64 kB", "too_long", &[&good[..], &[0; 65_536]].concat()),
        case(
            "a receipt of one leaf in its place",
            MALFORMED,
            &Receipt::issue(&log_key(), &proof_of(2, 11), tree(11).root()).expect("it signs"),
        ),
        case(
            "another algorithm in the header",
            MALFORMED,
            &replaced(&good, &[0xa3, 0x01, 0x32], &[0xa3, 0x01, 0x26]),
        ),
        case(
            "another kind of tree in the header",
            MALFORMED,
            &replaced(&good, &[0x19, 0x01, 0x8b, 0x01], &[0x19, 0x01, 0x8b, 0x02]),
        ),
    ];
    cases.extend(of_ranges(&good));
    super::file("batch-receipt", &[], cases)
}

/// What stands in the proof and no log would write; the path is as long as it was.
fn of_ranges(good: &[u8]) -> Vec<Case> {
    let told = [0x0b, 0x82, 0x82, 0x02, 0x03, 0x82, 0x08, 0x01];
    let leaves = indices(&[range(2, 3), range(8, 1)]);
    let case = |name, expected, to: [u8; 8]| {
        batch_case(name, expected, &replaced(good, &told, &to), &leaves)
    };
    vec![
        case("runs out of order", "ranges", [0x0b, 0x82, 0x82, 0x08, 0x01, 0x82, 0x02, 0x03]),
        case("runs that touch", "ranges", [0x0b, 0x82, 0x82, 0x02, 0x03, 0x82, 0x05, 0x01]),
        case("runs that overlap", "ranges", [0x0b, 0x82, 0x82, 0x02, 0x03, 0x82, 0x03, 0x01]),
        case("a run of no leaf", "ranges", [0x0b, 0x82, 0x82, 0x02, 0x03, 0x82, 0x08, 0x00]),
        case("a run behind the end", "ranges", [0x0b, 0x82, 0x82, 0x02, 0x03, 0x82, 0x0b, 0x01]),
        case("another size", PATH_LENGTH, [0x0f, 0x82, 0x82, 0x02, 0x03, 0x82, 0x08, 0x01]),
        case("a longer run", PATH_LENGTH, [0x0b, 0x82, 0x82, 0x02, 0x03, 0x82, 0x08, 0x03]),
        case("a run as three numbers", MALFORMED, [0x0b, 0x82, 0x83, 0x02, 0x03, 0x82, 0x08, 0x01]),
    ]
}
