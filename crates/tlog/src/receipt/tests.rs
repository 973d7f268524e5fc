use minicbor::data::Tag;
use proptest::prelude::*;
use seal::{Sign1, SoftwareKey};

use super::*;
use crate::hash::salted_leaf;
use crate::proof::prove_inclusion;
use crate::tree::{MemoryTree, NodeId, Nodes, SIZE_MAX, root};

fn log_key() -> SoftwareKey {
    SoftwareKey::from_seed(&[5; 32])
}

fn data(index: u64) -> Hash {
    salted_leaf(&[index.to_le_bytes(); 2].concat().try_into().unwrap(), b"record")
}

fn tree(size: u64) -> MemoryTree {
    (0..size).map(|index| leaf_hash(&data(index).0)).collect()
}

fn issued(index: u64, size: u64) -> Vec<u8> {
    let tree = tree(size);
    let proof = prove_inclusion(index, size, &tree).unwrap();
    Receipt::issue(&log_key(), &proof, tree.root()).unwrap()
}

fn verified(bytes: &[u8], leaf_data: &Hash) -> Result<VerifiedReceipt, ReceiptRejection> {
    Receipt::parse(bytes)?.verify(&log_key().public_key(), leaf_data)
}

/// A receipt in parts, each of which a test can change. The signature always fits the parts.
struct Parts {
    algorithm: i64,
    key_id: Vec<u8>,
    structure: i64,
    label: i8,
    proofs: Vec<Vec<u8>>,
    payload: Option<Vec<u8>>,
    root: Hash,
}

/// The parts of the receipt for leaf 2 of 5.
fn parts() -> Parts {
    let tree = tree(5);
    Parts {
        algorithm: -19,
        key_id: log_key().public_key().key_id().0.to_vec(),
        structure: 1,
        label: -1,
        proofs: vec![proof_bytes(&prove_inclusion(2, 5, &tree).unwrap())],
        payload: None,
        root: tree.root(),
    }
}

impl Parts {
    fn with_proof(size: u64, index: u64, path: usize) -> Self {
        let path = vec![Hash::default(); path];
        let proof = proof_bytes(&InclusionProof { index, size, path });
        Self { proofs: vec![proof], ..parts() }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut e = Encoder::new(Vec::new());
        e.map(3).and_then(|e| e.u8(1)).and_then(|e| e.i64(self.algorithm)).unwrap();
        e.u8(4).and_then(|e| e.bytes(&self.key_id)).unwrap();
        e.u16(395).and_then(|e| e.i64(self.structure)).unwrap();
        let protected = e.into_writer();
        let to_sign = Sign1::sig_structure(&protected, &[], &self.root.0);
        let signature = log_key().sign(&to_sign).unwrap();

        let mut e = Encoder::new(Vec::new());
        e.tag(Tag::new(18)).and_then(|e| e.array(4)).and_then(|e| e.bytes(&protected)).unwrap();
        e.map(1).and_then(|e| e.u16(396)).and_then(|e| e.map(1)).unwrap();
        e.i8(self.label).unwrap();
        e.array(self.proofs.len() as u64).unwrap();
        for proof in &self.proofs {
            e.bytes(proof).unwrap();
        }
        match &self.payload {
            Some(payload) => e.bytes(payload).unwrap(),
            None => e.null().unwrap(),
        };
        e.bytes(&signature.0).unwrap();
        e.into_writer()
    }

    fn refused(&self) -> ReceiptRejection {
        verified(&self.bytes(), &data(2)).unwrap_err()
    }
}

#[test]
fn verifies_what_it_issued() {
    let receipt = verified(&issued(2, 5), &data(2)).unwrap();
    assert_eq!((receipt.index, receipt.size, receipt.root), (2, 5, tree(5).root()));
    assert_eq!(issued(2, 5), parts().bytes(), "the encoding, written down twice");
    assert!(verified(&parts().bytes(), &data(2)).is_ok());
}

#[test]
fn refuses_another_leaf_another_key_and_another_root() {
    let bad = |refused| matches!(refused, Err(ReceiptRejection::BadSignature));
    assert!(bad(verified(&issued(2, 5), &data(3))));
    let other = SoftwareKey::from_seed(&[6; 32]).public_key();
    assert!(bad(Receipt::parse(&issued(2, 5)).unwrap().verify(&other, &data(2))));
    assert!(bad(verified(&Parts { root: tree(6).root(), ..parts() }.bytes(), &data(2))));
    assert!(bad(verified(&Parts { key_id: vec![0; 4], ..parts() }.bytes(), &data(3))));
}

#[test]
fn refuses_other_algorithms_and_structures() {
    let refused = Parts { algorithm: -8, ..parts() }.refused();
    assert!(matches!(refused, ReceiptRejection::UnknownAlgorithm(-8)));
    let refused = Parts { structure: 2, ..parts() }.refused();
    assert!(matches!(refused, ReceiptRejection::UnknownStructure(2)));
}

#[test]
fn refuses_numbers_that_no_tree_has() {
    use ProofRejection::{OutOfRange, PathLength, SizeTooLarge};
    use ReceiptRejection::Proof;

    let refused = |size, index, path| Parts::with_proof(size, index, path).refused();
    assert!(matches!(refused(0, 0, 3), Proof(OutOfRange { index: 0, size: 0 })));
    assert!(matches!(refused(5, 5, 3), Proof(OutOfRange { .. })));
    assert!(matches!(refused(5, u64::MAX, 3), Proof(OutOfRange { .. })));
    assert!(matches!(refused(SIZE_MAX + 1, 2, 63), Proof(SizeTooLarge(_))));
    assert!(matches!(refused(5, 2, 2), Proof(PathLength { expected: 3, found: 2 })));
    assert!(matches!(refused(5, 2, 4), Proof(PathLength { expected: 3, found: 4 })));
    assert!(matches!(refused(5, 2, 65), ReceiptRejection::Malformed(_)));
}

#[test]
fn a_tree_of_one_leaf_gives_no_receipt() {
    let only = tree(1);
    let proof = prove_inclusion(0, 1, &only).unwrap();
    let refused = Receipt::issue(&log_key(), &proof, only.root());
    assert!(matches!(refused, Err(IssueError::EmptyPath)));
    let crafted = Parts { proofs: vec![proof_bytes(&proof)], root: only.root(), ..parts() };
    assert!(matches!(verified(&crafted.bytes(), &data(0)), Err(ReceiptRejection::EmptyPath)));
}

#[test]
fn does_not_issue_what_it_would_not_read() {
    let proof = InclusionProof { index: 5, size: 5, path: vec![Hash::default(); 3] };
    let refused = Receipt::issue(&log_key(), &proof, Hash::default());
    assert!(matches!(refused, Err(IssueError::Proof(ProofRejection::OutOfRange { .. }))));
}

#[test]
fn refuses_what_is_not_our_profile() {
    let proof = parts().proofs.remove(0);
    let malformed = [
        Parts { payload: Some(tree(5).root().0.to_vec()), ..parts() },
        Parts { proofs: vec![proof.clone(), proof], ..parts() },
        Parts { proofs: Vec::new(), ..parts() },
        Parts { label: -2, ..parts() },
        Parts { key_id: vec![0; 5], ..parts() },
    ];
    for parts in malformed {
        assert!(matches!(parts.refused(), ReceiptRejection::Malformed(_)));
    }
    assert!(matches!(Receipt::parse(&[]), Err(ReceiptRejection::Malformed(_))));
    let long = vec![0; RECEIPT_BYTES_MAX + 1];
    assert!(matches!(Receipt::parse(&long), Err(ReceiptRejection::TooLong(_))));
}

#[test]
fn refuses_trailing_bytes_and_truncations() {
    let bytes = issued(2, 5);
    let trailing = [&bytes[..], &[0]].concat();
    assert!(matches!(Receipt::parse(&trailing), Err(ReceiptRejection::NotCanonical)));
    for end in 0..bytes.len() {
        assert!(Receipt::parse(&bytes[..end]).is_err());
    }
    let mut proof = parts().proofs.remove(0);
    proof.push(0);
    let trailing = Parts { proofs: vec![proof], ..parts() };
    assert!(matches!(trailing.refused(), ReceiptRejection::NotCanonical));
}

#[test]
fn refuses_other_encodings_of_the_same_proof() {
    let proof = parts().proofs.remove(0);
    let [0x83, size, index, 0x83, path @ ..] = &proof[..] else { panic!("the proof's encoding") };
    assert_eq!((*size, *index), (5, 2));
    for other in [
        [&[0x83, 0x18, 5, 2, 0x83], path].concat(),
        [&[0x83, 5, 0x18, 2, 0x83], path].concat(),
        [&[0x83, 5, 0x1b, 0, 0, 0, 0, 0, 0, 0, 2, 0x83], path].concat(),
        [&[0x83, 5, 2, 0x98, 3], path].concat(),
        [&[0x98, 3, 5, 2, 0x83], path].concat(),
    ] {
        let other = Parts { proofs: vec![other], ..parts() };
        assert!(matches!(other.refused(), ReceiptRejection::NotCanonical));
    }
    let indefinite = [&[0x83, 5, 2, 0x9f], path, &[0xff]].concat();
    let indefinite = Parts { proofs: vec![indefinite], ..parts() };
    assert!(matches!(indefinite.refused(), ReceiptRejection::Malformed(_)));
}

/// The signature covers the root alone. What a receipt says of index and size is certain only under
/// the checkpoint.
#[test]
fn only_the_checkpoint_makes_index_and_size_certain() {
    let seven = tree(7);
    let honest = prove_inclusion(6, 7, &seven).unwrap();
    let claims = InclusionProof { index: 3, size: 4, path: honest.path.clone() };
    let lie = Parts { proofs: vec![proof_bytes(&claims)], root: seven.root(), ..parts() };
    let lie = verified(&lie.bytes(), &data(6)).unwrap();
    assert_eq!((lie.index, lie.size, lie.root), (3, 4, seven.root()));

    let checkpoint = Checkpoint { origin: "log.example".into(), size: 7, root: seven.root() };
    assert!(matches!(lie.under(&checkpoint), Err(ReceiptRejection::OtherCheckpoint)));
    let honest = Receipt::issue(&log_key(), &honest, seven.root()).unwrap();
    assert!(verified(&honest, &data(6)).unwrap().under(&checkpoint).is_ok());
    let elsewhere = Checkpoint { root: tree(8).root(), ..checkpoint };
    assert!(verified(&honest, &data(6)).unwrap().under(&elsewhere).is_err());
}

/// A tree of equal leaves: every node of a level has the same hash, so any size is at hand.
struct Uniform(Vec<Hash>);

impl Uniform {
    fn new() -> Self {
        let mut levels = vec![leaf_hash(&data(0).0)];
        for level in 0..30 {
            levels.push(crate::hash::node_hash(levels[level], levels[level]));
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
fn a_receipt_from_a_million_leaves_has_at_most_800_bytes() {
    let (size, nodes) = (1 << 20, Uniform::new());
    let root = root(size, &nodes).unwrap();
    let mut longest = 0;
    for index in [0, 1, 23, 24, 255, 256, 65_535, 65_536, size / 2, size - 1] {
        let proof = prove_inclusion(index, size, &nodes).unwrap();
        assert_eq!(proof.path.len(), 20);
        let bytes = Receipt::issue(&log_key(), &proof, root).unwrap();
        assert_eq!(verified(&bytes, &data(0)).unwrap().index, index);
        longest = longest.max(bytes.len());
    }
    eprintln!("receipt at 2^20 leaves: at most {longest} bytes");
    assert!(longest <= 800, "{longest}");
}

#[test]
fn the_longest_receipt_fits_the_limit() {
    let longest = Parts::with_proof(SIZE_MAX, SIZE_MAX - 1, PATH_MAX).bytes();
    assert!(longest.len() <= RECEIPT_BYTES_MAX);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_receipt_verifies_and_a_flip_in_any_byte_is_refused(
        (size, index) in (2..70_u64).prop_flat_map(|size| (Just(size), 0..size)),
        bit in 0..8_u8,
    ) {
        let bytes = issued(index, size);
        let tree = tree(size);
        let checkpoint = Checkpoint { origin: "log.example".into(), size, root: tree.root() };
        let under = |bytes: &[u8]| -> Result<VerifiedReceipt, ReceiptRejection> {
            let receipt = verified(bytes, &data(index))?;
            receipt.under(&checkpoint)?;
            Ok(receipt)
        };
        prop_assert_eq!(under(&bytes).unwrap().index, index);
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            prop_assert!(under(&flipped).is_err(), "bit {} of byte {}", bit, at);
        }
    }
}

proptest! {
    #[test]
    fn parsing_anything_never_panics_and_re_encodes_to_the_same_bytes(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        if let Ok(receipt) = Receipt::parse(&bytes) {
            prop_assert_eq!(receipt.to_bytes(), bytes);
        }
    }
}
