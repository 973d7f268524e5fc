use proptest::prelude::*;
use seal::{Signer, SoftwareKey};

use super::*;
use crate::checkpoint::sign_note;
use crate::cosignature::{WitnessKey, cosign};
use crate::proof::prove_inclusion;
use crate::tree::MemoryTree;

const ORIGIN: &str = "log.example/2026";

fn signer(seed: u8) -> SoftwareKey {
    SoftwareKey::from_seed(&[seed; 32])
}

fn log() -> VerifierKey {
    VerifierKey { name: ORIGIN.into(), key: signer(1).public_key() }
}

fn policy(k: usize) -> Policy {
    let witness = WitnessKey { name: "witness.example/w1".into(), key: signer(2).public_key() };
    Policy::k_of(vec![log()], k, vec![witness]).unwrap()
}

fn leaf(n: u64) -> Hash {
    leaf_hash(&n.to_be_bytes())
}

fn proof(index: u64, size: u64) -> TlogProof {
    let tree: MemoryTree = (0..size).map(leaf).collect();
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root: tree.root() };
    let note = SignedNote::parse(&sign_note(&checkpoint, &signer(1)).unwrap()).unwrap();
    let path = prove_inclusion(index, size, &tree).unwrap().path;
    TlogProof { extra: None, index, path, note }
}

#[test]
fn has_the_lines_of_the_standard() {
    let mut proof = proof(2, 5);
    proof.extra = Some(b"salt".to_vec());
    let text = proof.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..3], ["c2sp.org/tlog-proof@v1", "extra c2FsdA==", "index 2"]);
    assert_eq!(lines[3], hash_text(leaf(3)));
    assert_eq!(lines[6..8], ["", ORIGIN]);
    assert_eq!(TlogProof::parse(&text), Ok(proof.clone()));
    proof.extra = None;
    assert_eq!(TlogProof::parse(&proof.to_string()), Ok(proof));
}

#[test]
fn proves_every_leaf_with_a_quorum() {
    for (index, size) in [(0, 1), (0, 7), (6, 7), (4, 20)] {
        let mut proof = proof(index, size);
        assert_eq!(proof.verify_log(leaf(index), &log()).unwrap().size, size);
        let refused = proof.verify(leaf(index), &policy(1));
        assert!(matches!(refused, Err(TlogProofRejection::Quorum(_))));
        let line = cosign(&proof.note, "witness.example/w1", &signer(2), 9).unwrap();
        proof.note.add(line).unwrap();
        let read = TlogProof::parse(&proof.to_string()).unwrap();
        let witnessed = read.verify(leaf(index), &policy(1)).unwrap();
        assert_eq!(witnessed.cosigned[0].cosigned_at_s, 9);
        // A quorum of witnesses says nothing about a leaf that is not under their checkpoint.
        let refused = read.verify(leaf(index + 1), &policy(1));
        assert_eq!(refused, Err(ProofRejection::RootMismatch.into()));
    }
}

#[test]
fn refuses_another_leaf_another_index_and_another_log() {
    let good = proof(2, 5);
    let mismatch = Err(ProofRejection::RootMismatch.into());
    assert_eq!(good.verify_log(leaf(3), &log()), mismatch);
    let moved = TlogProof { index: 3, ..good.clone() };
    assert_eq!(moved.verify_log(leaf(2), &log()), mismatch);
    let outside = TlogProof { index: 5, ..good.clone() };
    assert!(matches!(outside.verify_log(leaf(2), &log()), Err(TlogProofRejection::Proof(_))));
    let other = VerifierKey { name: ORIGIN.into(), key: signer(9).public_key() };
    assert!(matches!(good.verify_log(leaf(2), &other), Err(TlogProofRejection::Note(_))));
    let elsewhere = TlogProof { note: proof(2, 6).note, ..good };
    assert!(elsewhere.verify_log(leaf(2), &log()).is_err());
}

#[test]
fn takes_the_salt_from_the_extra_data_and_nothing_else() {
    let mut proof = proof(2, 5);
    assert_eq!(proof.salted_leaf_hash(b"record"), Err(TlogProofRejection::NoSalt));
    proof.extra = Some(vec![7; 15]);
    assert_eq!(proof.salted_leaf_hash(b"record"), Err(TlogProofRejection::NoSalt));
    proof.extra = Some(vec![7; 16]);
    let expected = leaf_hash(salted_leaf(&[7; 16], b"record").as_ref());
    assert_eq!(proof.salted_leaf_hash(b"record"), Ok(expected));
}

#[test]
fn refuses_text_of_another_form() {
    let good = TlogProof { extra: Some(b"salt".to_vec()), ..proof(2, 5) }.to_string();
    for bad in [
        String::new(),
        good.replacen("@v1", "@v2", 1),
        good.replacen("extra ", "extra", 1),
        good.replacen("extra ", "extra  ", 1),
        good.replacen("c2FsdA==", "c2FsdA", 1),
        good.replacen("extra c2FsdA==\nindex 2", "index 2\nextra c2FsdA==", 1),
        good.replacen("extra c2FsdA==\n", "extra c2FsdA==\nextra c2FsdA==\n", 1),
        good.replacen("index 2", "index 02", 1),
        good.replacen("index 2", "index -2", 1),
        good.replacen("index 2", "index 2 ", 1),
        good.replacen("index 2", "index 99999999999999999999", 1),
        good.replacen("index 2\n", "", 1),
        good.replacen("index 2\n", "index 2\nAAAA\n", 1),
        good.replacen(
            "index 2\n",
            &format!("index 2\n{}", format!("{}\n", hash_text(leaf(0))).repeat(65)),
            1,
        ),
        good.replacen("\n\n", "\n", 1),
        good.replace('\n', "\r\n"),
        good.trim_end().to_owned(),
        format!("\n{good}"),
        format!("{good}\n"),
    ] {
        assert!(TlogProof::parse(&bad).is_err(), "{bad}");
    }
    let long = "x".repeat(TLOG_PROOF_BYTES_MAX + 1);
    assert_eq!(TlogProof::parse(&long), Err(TlogProofRejection::TooLong(long.len())));
}

proptest! {
    #[test]
    fn any_tampered_byte_is_refused_and_what_parses_is_written_the_same(
        at: prop::sample::Index, flip in 1_u8..=255,
    ) {
        let mut bytes = proof(2, 5).to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(Ok(read)) = String::from_utf8(bytes.clone()).map(|text| TlogProof::parse(&text)) {
            prop_assert_eq!(read.to_string().into_bytes(), bytes);
            prop_assert!(read.verify_log(leaf(2), &log()).is_err());
        }
    }
}
