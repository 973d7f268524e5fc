use proptest::prelude::*;
use seal::{Signer, SoftwareKey};

use super::*;
use crate::checkpoint::sign_note;
use crate::hash::leaf_hash;
use crate::tree::MemoryTree;

const ORIGIN: &str = "log.example/2026";

fn log() -> VerifierKey {
    VerifierKey { name: ORIGIN.into(), key: SoftwareKey::from_seed(&[1; 32]).public_key() }
}

fn signed(size: u64, root: Hash) -> SignedNote {
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root };
    let note = sign_note(&checkpoint, &SoftwareKey::from_seed(&[1; 32])).unwrap();
    SignedNote::parse(&note).unwrap()
}

fn at(size: u64, tree: &MemoryTree) -> SignedNote {
    signed(size, root(size, tree).unwrap())
}

/// A tree of 20 leaves, of which one is another.
fn forked_at(leaf: Option<u64>) -> MemoryTree {
    (0..20_u64)
        .map(|n| leaf_hash(&[n.to_be_bytes(), [u8::from(Some(n) == leaf); 8]].concat()))
        .collect()
}

fn verified(evidence: &TwoHistories) -> Result<Contradiction, EvidenceRejection> {
    let bytes = evidence.to_bytes();
    let read = TwoHistories::from_bytes(&bytes)?;
    assert_eq!(&read, evidence);
    assert_eq!(read.to_bytes(), bytes);
    read.verify(&log())
}

#[test]
fn two_roots_of_one_size_contradict_each_other() {
    let (honest, forked) = (forked_at(None), forked_at(Some(3)));
    let evidence = TwoHistories::of_one_size(&at(7, &honest), &at(7, &forked));
    let found = verified(&evidence).unwrap();
    assert_eq!(found.root_by_later, root(7, &forked).unwrap());
    let same = TwoHistories::of_one_size(&at(7, &honest), &at(7, &honest));
    assert!(matches!(verified(&same), Err(EvidenceRejection::NoContradiction)));
}

#[test]
fn a_path_under_the_later_root_proves_a_rewritten_leaf_at_every_pair_of_sizes() {
    let (honest, forked) = (forked_at(None), forked_at(Some(3)));
    for from in 0..20 {
        for to in from..=20 {
            let evidence =
                TwoHistories::of_two_sizes(&at(from, &honest), &at(to, &forked), &forked).unwrap();
            if from > 3 {
                let found = verified(&evidence).unwrap();
                assert_eq!(found.root_by_later, root(from, &forked).unwrap(), "{from} {to}");
            } else {
                let refused = verified(&evidence);
                assert!(matches!(refused, Err(EvidenceRejection::NoContradiction)), "{from} {to}");
            }
            // Nobody makes evidence against an honest log from its own nodes.
            let nothing =
                TwoHistories::of_two_sizes(&at(from, &honest), &at(to, &honest), &honest).unwrap();
            assert!(matches!(verified(&nothing), Err(EvidenceRejection::NoContradiction)));
        }
    }
}

#[test]
fn a_path_that_only_fails_is_no_evidence() {
    let (honest, forked) = (forked_at(None), forked_at(Some(3)));
    // Nodes of another tree, between two checkpoints of an honest log.
    for from in [4, 5, 7, 8, 19] {
        let spoilt = TwoHistories::of_two_sizes(&at(from, &honest), &at(20, &honest), &forked);
        let refused = verified(&spoilt.unwrap());
        let mismatch = ProofRejection::RootMismatch;
        assert!(matches!(refused, Err(EvidenceRejection::Path(why)) if why == mismatch));
    }
    // And paths of another length.
    let good = TwoHistories::of_two_sizes(&at(5, &honest), &at(20, &forked), &forked).unwrap();
    let mut long = good.clone();
    long.path.push(Hash::default());
    let short = TwoHistories { path: Vec::new(), ..good };
    let one_size = TwoHistories::of_path(&at(8, &honest), &at(20, &forked), Vec::new());
    for evidence in [long, short, one_size] {
        assert!(matches!(verified(&evidence), Err(EvidenceRejection::Path(_))));
    }
}

#[test]
fn the_path_that_a_log_itself_gave_can_be_evidence() {
    let (honest, forked) = (forked_at(None), forked_at(Some(3)));
    let path = prove_consistency(7, 20, &forked).unwrap().path;
    let (earlier, later) = (at(7, &honest), at(20, &forked));
    assert!(verified(&TwoHistories::of_path(&earlier, &later, path)).is_ok());
}

#[test]
fn an_empty_tree_has_one_root() {
    let (tree, lie) = (forked_at(None), signed(0, leaf_hash(b"not empty")));
    let evidence = TwoHistories::of_two_sizes(&lie, &at(20, &tree), &tree).unwrap();
    assert_eq!(verified(&evidence).unwrap().root_by_later, empty_root());
}

#[test]
fn refuses_other_logs_order_versions_and_encodings() {
    let (honest, forked) = (forked_at(None), forked_at(Some(3)));
    let evidence = TwoHistories::of_one_size(&at(7, &honest), &at(7, &forked));
    let other = VerifierKey { name: "log.example/2027".into(), key: log().key };
    assert!(matches!(evidence.verify(&other), Err(EvidenceRejection::Note(_))));
    let reversed = TwoHistories::of_one_size(&at(8, &honest), &at(7, &forked));
    let refused = verified(&reversed);
    assert!(matches!(refused, Err(EvidenceRejection::Path(ProofRejection::Shrunk { .. }))));
    let shrunk = TwoHistories::of_two_sizes(&at(8, &honest), &at(7, &forked), &forked);
    assert!(matches!(shrunk, Err(EvidenceError::Prove(_))));

    let next = TwoHistories { version: 2, ..evidence.clone() };
    assert!(matches!(verified(&next), Err(EvidenceRejection::UnknownVersion(2))));
    let trailing = [evidence.to_bytes(), vec![0]].concat();
    let refused = TwoHistories::from_bytes(&trailing);
    assert!(matches!(refused, Err(EvidenceRejection::Encoding(_))));
    let long = vec![0; EVIDENCE_BYTES_MAX + 1];
    assert!(matches!(TwoHistories::from_bytes(&long), Err(EvidenceRejection::TooLong(_))));
}

#[test]
fn a_device_follows_a_log_by_checkpoints_alone() {
    let (honest, forked) = (forked_at(None), forked_at(Some(3)));
    let of = |size, tree: &MemoryTree| at(size, tree).verify(&log()).unwrap();
    let path = |from, tree: &MemoryTree| prove_consistency(from, 20, tree).unwrap().path;
    assert_eq!(of(7, &honest).grew_into(&of(20, &honest), path(7, &honest)), Ok(()));
    let refused = of(7, &honest).grew_into(&of(20, &forked), path(7, &forked));
    assert_eq!(refused, Err(ProofRejection::RootMismatch.into()));
    let shrunk = of(20, &honest).grew_into(&of(7, &honest), Vec::new());
    assert_eq!(shrunk, Err(ProofRejection::Shrunk { from: 20, to: 7 }.into()));
    let renamed = Checkpoint { origin: "log.example/2027".into(), ..of(20, &honest) };
    let refused = of(7, &honest).grew_into(&renamed, path(7, &honest));
    assert_eq!(refused, Err(GrowthRejection::OtherLog));
}

proptest! {
    #[test]
    fn no_change_of_a_byte_makes_evidence_against_an_honest_log(
        from in 1_u64..20, at_byte: prop::sample::Index, flip in 1_u8..=255,
    ) {
        let honest = forked_at(None);
        let evidence = TwoHistories::of_two_sizes(&at(from, &honest), &at(20, &honest), &honest);
        let mut bytes = evidence.unwrap().to_bytes();
        let at_byte = at_byte.index(bytes.len());
        bytes[at_byte] ^= flip;
        let accepted = TwoHistories::from_bytes(&bytes).and_then(|read| read.verify(&log()));
        prop_assert!(accepted.is_err());
    }
}
