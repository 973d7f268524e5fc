use proptest::prelude::*;
use seal::SoftwareKey;

use super::*;
use crate::batch_proof::prove_batch;
use crate::hash::{node_hash, salted_leaf};
use crate::proof::{ProofRejection, prove_inclusion};
use crate::tree::{MemoryTree, NodeId, Nodes, root};

fn log_key() -> SoftwareKey {
    SoftwareKey::from_seed(&[5; 32])
}

fn data(index: u64) -> Hash {
    salted_leaf(&[index.to_le_bytes(); 2].concat().try_into().unwrap(), b"record")
}

fn tree(size: u64) -> MemoryTree {
    (0..size).map(|index| leaf_hash(&data(index).0)).collect()
}

fn issued(ranges: &[LeafRange], size: u64) -> Vec<u8> {
    let tree = tree(size);
    let proof = prove_batch(ranges, size, &tree).unwrap();
    BatchReceipt::issue(&log_key(), &proof, tree.root()).unwrap()
}

/// Leaves 3 to 8 and 11 of a tree of 20.
const RANGES: [LeafRange; 2] =
    [LeafRange { start: 3, count: 6 }, LeafRange { start: 11, count: 1 }];

fn leaf_data() -> Vec<Hash> {
    [3, 4, 5, 6, 7, 8, 11].map(data).to_vec()
}

fn verified(bytes: &[u8]) -> Result<VerifiedBatch, ReceiptRejection> {
    BatchReceipt::parse(bytes)?.verify(&log_key().public_key(), &leaf_data())
}

#[test]
fn verifies_what_it_issued_under_the_checkpoint() {
    let batch = verified(&issued(&RANGES, 20)).unwrap();
    assert_eq!((&batch.ranges[..], batch.size, batch.root), (&RANGES[..], 20, tree(20).root()));
    let checkpoint = Checkpoint { origin: "log.example".into(), size: 20, root: tree(20).root() };
    assert!(batch.under(&checkpoint).is_ok());
    let other = Checkpoint { size: 21, ..checkpoint };
    assert!(matches!(batch.under(&other), Err(ReceiptRejection::OtherCheckpoint)));
}

/// Read once by another implementation, from the bytes alone.
#[test]
fn encodes_the_same_bytes_for_ever() {
    let bytes = issued(&RANGES, 20);
    let start: String = bytes[..45].iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        start,
        "d2844da3013204447599776c19018b01a119018ca13a000100008158d6831482820306820b01865820d9eddaf6"
    );
    assert_eq!(
        seal::sha256(&bytes).to_string(),
        "ddf9c7720e53344401e4530982dd8f71e96657a8a5f986fdb92c3f965b1fc466"
    );
}

#[test]
fn splits_into_the_receipts_that_the_log_would_issue_one_by_one() {
    let tree = tree(20);
    let batch = BatchReceipt::parse(&issued(&RANGES, 20)).unwrap();
    let receipts = batch.split(&log_key().public_key(), &leaf_data()).unwrap();
    assert_eq!(receipts.len(), 7);
    for (receipt, index) in receipts.iter().zip([3, 4, 5, 6, 7, 8, 11]) {
        let proof = prove_inclusion(index, 20, &tree).unwrap();
        let alone = Receipt::issue(&log_key(), &proof, tree.root()).unwrap();
        assert_eq!(receipt.to_bytes(), alone);
    }
    let mut other = leaf_data();
    other.swap(0, 6);
    let refused = batch.split(&log_key().public_key(), &other);
    assert!(matches!(refused, Err(ReceiptRejection::BadSignature)));
}

#[test]
fn refuses_other_leaves_another_key_and_another_count() {
    let batch = BatchReceipt::parse(&issued(&RANGES, 20)).unwrap();
    let key = log_key().public_key();
    let mut other = leaf_data();
    other[6] = data(12);
    assert!(matches!(batch.verify(&key, &other), Err(ReceiptRejection::BadSignature)));
    let stranger = SoftwareKey::from_seed(&[6; 32]).public_key();
    let refused = batch.verify(&stranger, &leaf_data());
    assert!(matches!(refused, Err(ReceiptRejection::BadSignature)));
    let count = batch.verify(&key, &leaf_data()[1..]);
    let expected = ProofRejection::LeafCount { expected: 7, found: 6 };
    assert!(matches!(count, Err(ReceiptRejection::Proof(why)) if why == expected));
}

#[test]
fn a_batch_is_no_receipt_and_a_receipt_no_batch() {
    let tree = tree(20);
    let proof = prove_inclusion(3, 20, &tree).unwrap();
    let one = Receipt::issue(&log_key(), &proof, tree.root()).unwrap();
    assert!(matches!(BatchReceipt::parse(&one), Err(ReceiptRejection::Malformed(_))));
    let batch = issued(&RANGES, 20);
    assert!(matches!(Receipt::parse(&batch), Err(ReceiptRejection::Malformed(_))));
}

#[test]
fn does_not_issue_what_it_would_not_read() {
    let only = tree(1);
    let one = prove_batch(&[LeafRange { start: 0, count: 1 }], 1, &only).unwrap();
    let refused = BatchReceipt::issue(&log_key(), &one, only.root());
    assert!(matches!(refused, Err(IssueError::EmptyPath)));
    let proof = BatchProof { size: 20, ranges: Vec::new(), path: Vec::new() };
    let refused = BatchReceipt::issue(&log_key(), &proof, Hash::default());
    assert!(matches!(refused, Err(IssueError::Proof(ProofRejection::Ranges))));

    let (size, nodes) = (1 << 20, Uniform::new());
    let scattered: Vec<u64> = (0..600).map(|n| n * 1700).collect();
    let proof = prove_batch(&LeafRange::of(&scattered), size, &nodes).unwrap();
    let refused = BatchReceipt::issue(&log_key(), &proof, root(size, &nodes).unwrap());
    assert!(matches!(refused, Err(IssueError::TooLong(_))));
    let long = vec![0; BATCH_RECEIPT_BYTES_MAX + 1];
    assert!(matches!(BatchReceipt::parse(&long), Err(ReceiptRejection::TooLong(_))));
}

#[test]
fn refuses_other_encodings_and_trailing_bytes() {
    let good = BatchReceipt::parse(&issued(&RANGES, 20)).unwrap();
    let proof = proof_bytes(good.unverified_proof());
    let [0x83, 20, 0x82, 0x82, 3, 6, 0x82, 11, 1, path @ ..] = &proof[..] else {
        panic!("the proof's encoding: {proof:?}");
    };
    let with = |proof: Vec<u8>| {
        let (key_id, signature) = (good.key_id, good.signature);
        BatchReceipt::parse(&Envelope { key_id, proof, signature }.to_bytes(RECEIPT_BATCH))
    };
    assert!(with(proof.clone()).is_ok());
    for other in [
        [&[0x83, 20, 0x82, 0x82, 3, 0x18, 6, 0x82, 11, 1], path].concat(),
        [&[0x83, 20, 0x98, 2, 0x82, 3, 6, 0x82, 11, 1], path].concat(),
        [&proof[..], &[0]].concat(),
    ] {
        assert!(matches!(with(other), Err(ReceiptRejection::NotCanonical)));
    }
    let indefinite = [&[0x83, 20, 0x9f, 0x82, 3, 6, 0x82, 11, 1, 0xff], path].concat();
    let endless = vec![0x83, 20, 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    for other in [indefinite, endless] {
        assert!(matches!(with(other), Err(ReceiptRejection::Malformed(_))));
    }
    let touching = [&[0x83, 20, 0x82, 0x82, 3, 6, 0x82, 9, 1], path].concat();
    let refused = with(touching);
    assert!(matches!(refused, Err(ReceiptRejection::Proof(ProofRejection::Ranges))));
}

/// A tree of equal leaves: every node of a level has the same hash, so any size is at hand.
struct Uniform(Vec<Hash>);

impl Uniform {
    fn new() -> Self {
        let mut levels = vec![leaf_hash(&data(0).0)];
        for level in 0..30 {
            levels.push(node_hash(levels[level], levels[level]));
        }
        Self(levels)
    }
}

impl Nodes for Uniform {
    fn node(&self, id: NodeId) -> Option<Hash> {
        self.0.get(usize::from(id.level)).copied()
    }
}

#[test]
fn a_day_of_600_events_costs_under_three_bytes_an_event() {
    let (size, nodes) = (1 << 20, Uniform::new());
    let root = root(size, &nodes).unwrap();
    let (mut longest, mut total, mut count) = (0, 0, 0);
    for start in (0..size - 600).step_by(6007).chain([1, 255, size / 2 - 300, size - 600]) {
        let proof = prove_batch(&[LeafRange { start, count: 600 }], size, &nodes).unwrap();
        let bytes = BatchReceipt::issue(&log_key(), &proof, root).unwrap();
        let receipt = BatchReceipt::parse(&bytes).unwrap();
        assert!(receipt.verify(&log_key().public_key(), &[data(0); 600]).is_ok());
        longest = longest.max(bytes.len());
        (total, count) = (total + bytes.len(), count + 1);
    }
    eprintln!("600 leaves at 2^20: {} bytes on average, {longest} at most", total / count);
    assert!(longest <= 600 * 3, "{longest}");
    assert!(total <= count * 600 * 2, "{}", total / count);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_flip_in_any_byte_is_refused(bit in 0..8_u8) {
        let bytes = issued(&RANGES, 20);
        let checkpoint =
            Checkpoint { origin: "log.example".into(), size: 20, root: tree(20).root() };
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            let accepted = verified(&flipped).and_then(|batch| {
                batch.under(&checkpoint)?;
                Ok(batch.ranges == RANGES)
            });
            prop_assert!(!accepted.unwrap_or(false), "bit {} of byte {}", bit, at);
        }
    }

    #[test]
    fn parsing_anything_never_panics_and_re_encodes_to_the_same_bytes(
        at: prop::sample::Index, bytes in prop::collection::vec(any::<u8>(), 0..12),
    ) {
        let mut spoilt = issued(&RANGES, 20);
        let at = at.index(spoilt.len());
        let end = spoilt.len().min(at + bytes.len());
        spoilt.splice(at..end, bytes);
        if let Ok(receipt) = BatchReceipt::parse(&spoilt) {
            prop_assert_eq!(receipt.to_bytes(), spoilt);
        }
    }
}
