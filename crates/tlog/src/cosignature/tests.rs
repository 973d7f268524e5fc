use proptest::prelude::*;
use seal::SoftwareKey;

use super::*;
use crate::checkpoint::{Checkpoint, sign_note};
use crate::hash::leaf_hash;
use crate::note::SIGNATURES_MAX;
use crate::verifier_key::VerifierKey;

const NAME: &str = "witness.example/w1";
const TIME_S: u64 = 1_679_315_147;

fn signer(seed: u8) -> SoftwareKey {
    SoftwareKey::from_seed(&[seed; 32])
}

fn witness(seed: u8, name: &str) -> WitnessKey {
    WitnessKey { name: name.into(), key: signer(seed).public_key() }
}

fn note() -> SignedNote {
    let checkpoint =
        Checkpoint { origin: "log.example/2026".into(), size: 7, root: leaf_hash(b"root") };
    SignedNote::parse(&sign_note(&checkpoint, &signer(1)).unwrap()).unwrap()
}

fn cosigned(note: &SignedNote, seed: u8, name: &str, time_s: u64) -> SignedNote {
    let mut cosigned = note.clone();
    cosigned.add(cosign(note, name, &signer(seed), time_s).unwrap()).unwrap();
    cosigned
}

#[test]
fn signs_the_message_of_the_standard() {
    // The example of C2SP tlog-cosignature, "Ed25519 signed message".
    let text =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    assert_eq!(
        to_sign(text, TIME_S),
        "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n\
         CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    );
    // The line of its example: four bytes of key hash, eight of time, 64 of signature.
    let line = "\u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWX\
                EhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    let parsed = SignatureLine::parse(line).unwrap();
    assert_eq!(parsed.bytes.len(), 72);
    assert_eq!(parsed.bytes.first_chunk(), Some(&TIME_S.to_be_bytes()));
    assert_eq!(parsed.to_string(), line);
}

/// Made once, and verified by another implementation of Ed25519. Changing it orphans every
/// cosignature.
#[test]
fn cosigns_the_same_bytes_for_ever() {
    let line = cosign(&note(), NAME, &signer(2), TIME_S).unwrap().to_string();
    let expected = "\u{2014} witness.example/w1 3xwKNQAAAABkGFDLnEpQWHOxN5FXoZD8cZJk6aKaDioNDGxNIIuzdUfC\
                    +T2S/+eC/qDbO04534a7F0iDtJG0Ww47UiaNZRM6cvHzCQ==\n";
    assert_eq!(line, expected);
    let key = "witness.example/w1+df1c0a35+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU";
    assert_eq!(witness(2, NAME).to_string(), key);
}

#[test]
fn verifies_what_several_witnesses_cosigned() {
    let note = cosigned(&note(), 2, NAME, TIME_S);
    let note = cosigned(&note, 3, "witness.example/w2", TIME_S + 1);
    for (seed, name, cosigned_at_s) in [(2, NAME, TIME_S), (3, "witness.example/w2", TIME_S + 1)] {
        let found = note.cosignature(&witness(seed, name));
        assert_eq!(found, Ok(Some(Cosignature { cosigned_at_s })));
    }
    assert_eq!(note.cosignature(&witness(4, "witness.example/w3")), Ok(None));
    let log = VerifierKey { name: "log.example/2026".into(), key: signer(1).public_key() };
    assert_eq!(note.verify(&log).unwrap().size, 7);
    assert_eq!(SignedNote::parse(&note.to_string()), Ok(note));
}

#[test]
fn ignores_lines_that_share_only_name_or_only_key() {
    let note = cosigned(&note(), 2, NAME, TIME_S);
    assert_eq!(note.cosignature(&witness(3, NAME)), Ok(None));
    assert_eq!(note.cosignature(&witness(2, "witness.example/w2")), Ok(None));
}

#[test]
fn a_log_line_is_no_cosignature_and_a_cosignature_no_log_line() {
    let log = witness(1, "log.example/2026");
    assert_eq!(note().cosignature(&log), Ok(None));
    let twice = cosigned(&note(), 2, "log.example/2026", TIME_S);
    let other = VerifierKey { name: "log.example/2026".into(), key: signer(2).public_key() };
    assert!(matches!(twice.verify(&other), Err(NoteRejection::NotSigned(_))));
}

#[test]
fn counts_a_repeated_line_once_and_takes_the_latest_time() {
    let once = cosigned(&note(), 2, NAME, TIME_S);
    assert_eq!(cosigned(&once, 2, NAME, TIME_S), once);
    let later = cosigned(&cosigned(&once, 2, NAME, TIME_S + 9), 2, NAME, TIME_S + 5);
    assert_eq!(later.unverified_lines().len(), 4);
    let found = later.cosignature(&witness(2, NAME)).unwrap().unwrap();
    assert_eq!(found.cosigned_at_s, TIME_S + 9);
}

#[test]
fn refuses_a_note_with_a_bad_line_of_this_witness_beside_a_good_one() {
    let good = cosigned(&note(), 2, NAME, TIME_S);
    let [_, line] = good.unverified_lines() else { panic!("two lines") };
    let bad = Err(NoteRejection::BadSignature(NAME.into()));
    let moved = SignatureLine { bytes: [&[0; 8], &line.bytes[8..]].concat(), ..line.clone() };
    let short = SignatureLine { bytes: line.bytes[..71].to_vec(), ..line.clone() };
    let tiny = SignatureLine { bytes: vec![1], ..line.clone() };
    for line in [moved, short, tiny] {
        let mut both = good.clone();
        both.add(line).unwrap();
        assert_eq!(both.cosignature(&witness(2, NAME)), bad);
    }
}

#[test]
fn covers_extension_lines() {
    let extended = |line: &str| {
        let text = note().to_string().replacen("\n\n", &format!("\n{line}\n\n"), 1);
        SignedNote::parse(&text).unwrap()
    };
    let mut moved = extended("one");
    moved.add(cosign(&extended("two"), NAME, &signer(2), TIME_S).unwrap()).unwrap();
    assert!(moved.cosignature(&witness(2, NAME)).is_err());
    let kept = cosigned(&extended("two"), 2, NAME, TIME_S);
    assert!(kept.cosignature(&witness(2, NAME)).unwrap().is_some());
}

#[test]
fn does_not_cosign_what_cannot_be_said() {
    let note = note();
    let late = cosign(&note, NAME, &signer(2), COSIGNED_AT_MAX_S + 1);
    assert!(matches!(late, Err(CosignError::Time(_))));
    for name in ["", "a b", "a+b", "a\nb"] {
        assert!(matches!(cosign(&note, name, &signer(2), 0), Err(CosignError::Name)));
    }
    let mut full = cosigned(&note, 2, NAME, COSIGNED_AT_MAX_S);
    assert!(full.cosignature(&witness(2, NAME)).unwrap().is_some());
    for time_s in 0.. {
        let line = cosign(&note, NAME, &signer(2), time_s).unwrap();
        if full.unverified_lines().len() == SIGNATURES_MAX {
            assert_eq!(full.add(line), Err(NoteRejection::TooManySignatures));
            break;
        }
        full.add(line).unwrap();
    }
    assert_eq!(SignedNote::parse(&full.to_string()), Ok(full));
}

#[test]
fn refuses_a_time_beyond_the_standard_even_if_it_is_signed() {
    let (mut late, time_s) = (note(), COSIGNED_AT_MAX_S + 1);
    let signature = signer(2).sign(to_sign(late.unverified_text(), time_s).as_bytes()).unwrap();
    let bytes = [&time_s.to_be_bytes()[..], &signature.0[..]].concat();
    let witness = witness(2, NAME);
    let line = SignatureLine { name: NAME.into(), key_hash: witness.key_hash(), bytes };
    late.add(line).unwrap();
    assert!(late.cosignature(&witness).is_err());
}

#[test]
fn witness_keys_and_log_keys_are_not_mistaken() {
    let key = witness(2, NAME);
    let log = VerifierKey { name: NAME.into(), key: key.key };
    assert_eq!(WitnessKey::parse(&key.to_string()), Ok(key.clone()));
    assert_eq!(WitnessKey::parse(&log.to_string()), Err(VerifierKeyRejection::UnknownAlgorithm(1)));
    assert_eq!(
        VerifierKey::parse(&key.to_string()),
        Err(VerifierKeyRejection::UnknownAlgorithm(4))
    );
    assert_ne!(key.key_hash(), log.key_hash());
}

proptest! {
    #[test]
    fn any_tampered_byte_of_a_cosigned_note_is_refused(at in 0_usize..400, flip in 1_u8..=255) {
        let good = cosigned(&note(), 2, NAME, TIME_S).to_string();
        let mut bytes = good.into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        let changed = String::from_utf8(bytes).ok().and_then(|text| SignedNote::parse(&text).ok());
        if let Some(changed) = changed {
            let log = VerifierKey { name: "log.example/2026".into(), key: signer(1).public_key() };
            let both = changed.verify(&log).is_ok()
                && changed.cosignature(&witness(2, NAME)).is_ok_and(|found| found.is_some());
            prop_assert!(!both);
            prop_assert_eq!(SignedNote::parse(&changed.to_string()), Ok(changed));
        }
    }
}
