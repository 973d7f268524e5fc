use seal::SoftwareKey;

use super::*;
use crate::hash::leaf_hash;
use crate::note::{SIGNATURES_MAX, SignedNote};

const ORIGIN: &str = "log.example/2026";

fn log() -> (SoftwareKey, VerifierKey) {
    let signer = SoftwareKey::from_seed(&[3; 32]);
    let key = VerifierKey { name: ORIGIN.into(), key: signer.public_key() };
    (signer, key)
}

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: ORIGIN.into(), size: 20_852_163, root: leaf_hash(b"root") }
}

/// Signs any text as the log, to show that it is the text that is refused.
fn signed(text: &str) -> String {
    let (signer, key) = log();
    write_note(text, &key, &signer.sign(text.as_bytes()).unwrap())
}

fn verified(note: &str) -> Result<Checkpoint, NoteRejection> {
    SignedNote::parse(note)?.verify(&log().1)
}

#[test]
fn verifies_what_it_signed() {
    let note = sign_note(&checkpoint(), &log().0).unwrap();
    assert_eq!(verified(&note), Ok(checkpoint()));
    assert!(note.starts_with("log.example/2026\n20852163\n"));
    assert_eq!(note.lines().count(), 5);
}

#[test]
fn refuses_every_flipped_byte_and_every_truncation() {
    let note = sign_note(&checkpoint(), &log().0).unwrap();
    for at in 0..note.len() {
        let mut bytes = note.clone().into_bytes();
        bytes[at] ^= 0x01;
        if let Ok(changed) = String::from_utf8(bytes) {
            assert!(verified(&changed).is_err(), "byte {at} was changed and the note verified");
        }
        if let Some(start) = note.get(..at) {
            assert!(verified(start).is_err());
        }
    }
    assert!(verified(&format!("{note}\n")).is_err());
}

#[test]
fn refuses_another_key_and_another_name() {
    let note = SignedNote::parse(&sign_note(&checkpoint(), &log().0).unwrap()).unwrap();
    let other = SoftwareKey::from_seed(&[4; 32]).public_key();
    let other_key = VerifierKey { name: ORIGIN.into(), key: other };
    assert_eq!(note.verify(&other_key), Err(NoteRejection::NotSigned(ORIGIN.into())));
    let other_name = VerifierKey { name: "log.example/2027".into(), key: log().1.key };
    assert!(matches!(note.verify(&other_name), Err(NoteRejection::NotSigned(_))));
}

#[test]
fn refuses_a_checkpoint_of_another_log_under_this_key() {
    let text = Checkpoint { origin: "log.example/2027".into(), ..checkpoint() }.to_text();
    let other = NoteRejection::OtherOrigin("log.example/2027".into());
    assert_eq!(verified(&signed(&text)), Err(other));
}

#[test]
fn ignores_other_signatures_but_not_a_bad_one_of_this_key() {
    let note = sign_note(&checkpoint(), &log().0).unwrap();
    let witness = "\u{2014} witness.example AAAAAAAAAAA=\n";
    assert_eq!(verified(&format!("{note}{witness}")), Ok(checkpoint()));

    let foreign = SoftwareKey::from_seed(&[9; 32]).sign(b"").unwrap();
    let lied = write_note(&checkpoint().to_text(), &log().1, &foreign);
    let lie = lied.lines().last().unwrap();
    let both = format!("{note}{lie}\n");
    assert_eq!(verified(&both), Err(NoteRejection::BadSignature(ORIGIN.into())));
}

#[test]
fn holds_its_limits() {
    let note = sign_note(&checkpoint(), &log().0).unwrap();
    let witness = "\u{2014} witness.example AAAAAAAAAAA=\n";
    let full = format!("{note}{}", witness.repeat(SIGNATURES_MAX - 1));
    assert_eq!(verified(&full), Ok(checkpoint()));
    let over = format!("{full}{witness}");
    assert_eq!(SignedNote::parse(&over), Err(NoteRejection::TooManySignatures));
    let long = format!("{}{note}", "x".repeat(NOTE_BYTES_MAX));
    assert_eq!(SignedNote::parse(&long), Err(NoteRejection::TooLong(long.len())));
    assert!(matches!(Checkpoint::parse(&long), Err(NoteRejection::TooLong(_))));
}

#[test]
fn refuses_text_that_is_not_a_checkpoint() {
    let root = BASE64_STANDARD.encode([0; 32]);
    let unpadded = root.trim_end_matches('=');
    for text in [
        format!("{ORIGIN}\n7\n"),
        format!("{ORIGIN}\n07\n{root}\n"),
        format!("{ORIGIN}\n+7\n{root}\n"),
        format!("{ORIGIN}\n-7\n{root}\n"),
        format!("{ORIGIN}\n\n{root}\n"),
        format!("{ORIGIN}\n7 \n{root}\n"),
        format!("{ORIGIN}\n{}\n{root}\n", SIZE_MAX + 1),
        format!("{ORIGIN}\n99999999999999999999\n{root}\n"),
        format!("{ORIGIN}\n7\n{unpadded}\n"),
        format!("{ORIGIN}\n7\n{}B=\n", unpadded.trim_end_matches('A')),
        format!("{ORIGIN}\n7\nAAAA\n"),
        format!("log example\n7\n{root}\n"),
        format!("\n7\n{root}\n"),
    ] {
        let refused = verified(&signed(&text));
        assert!(matches!(refused, Err(NoteRejection::NotACheckpoint(_))), "{text}: {refused:?}");
    }
    let extended = format!("{ORIGIN}\n7\n{root}\nan extension\n");
    assert_eq!(verified(&signed(&extended)).unwrap().size, 7);
    let zero = format!("{ORIGIN}\n0\n{root}\n");
    assert_eq!(verified(&signed(&zero)).unwrap().size, 0);
}

#[test]
fn refuses_malformed_notes() {
    let note = sign_note(&checkpoint(), &log().0).unwrap();
    for malformed in [
        String::new(),
        "\n\n".into(),
        "text\n\n\n".into(),
        checkpoint().to_text(),
        note.replace('\n', "\r\n"),
        note.replace('\u{2014}', "-"),
        note.replace("\u{2014} ", "\u{2014}\u{a0}"),
        note.trim_end().to_owned(),
        format!("{}\n\u{2014} {ORIGIN} AAAA\n", checkpoint().to_text()),
        format!("{}\n\u{2014} a+b AAAAAAAAAAA=\n", checkpoint().to_text()),
        format!("{}\n\u{2014} {ORIGIN}  AAAAAAAAAAA=\n", checkpoint().to_text()),
    ] {
        let refused = SignedNote::parse(&malformed);
        assert!(matches!(refused, Err(NoteRejection::Malformed(_))), "{malformed}: {refused:?}");
    }
}

#[test]
fn does_not_sign_what_it_would_not_read() {
    let signs = |origin: &str, size| {
        let bad = Checkpoint { origin: origin.into(), size, root: leaf_hash(b"") };
        sign_note(&bad, &log().0)
    };
    for origin in ["", "a b", "a+b", "a\nb", "a\tb", &"x".repeat(NOTE_BYTES_MAX)] {
        assert!(matches!(signs(origin, 1), Err(SignNoteError::Origin)));
    }
    assert!(matches!(signs(ORIGIN, SIZE_MAX + 1), Err(SignNoteError::SizeTooLarge(_))));
    let longest = "x".repeat(ORIGIN_BYTES_MAX);
    assert!(SignedNote::parse(&signs(&longest, SIZE_MAX).unwrap()).is_ok());
}

#[test]
fn parses_verifier_keys_and_refuses_altered_ones() {
    use crate::verifier_key::VerifierKeyRejection as Rejection;

    let key = log().1;
    let text = key.to_string();
    assert_eq!(VerifierKey::parse(&text), Ok(key));
    let renamed = text.replace(ORIGIN, "log.example/2027");
    assert_eq!(VerifierKey::parse(&renamed), Err(Rejection::HashMismatch));
    for malformed in ["", "name", "name+00000000", "+00000000+AQ==", "a b+00000000+AQ=="] {
        assert_eq!(VerifierKey::parse(malformed), Err(Rejection::Malformed));
    }
    assert_eq!(VerifierKey::parse("name+00000000+BA=="), Err(Rejection::UnknownAlgorithm(4)));
    let weak = BASE64_STANDARD.encode([[1_u8].as_slice(), &[0; 32]].concat());
    let weak = VerifierKey::parse(&format!("name+00000000+{weak}"));
    assert!(matches!(weak, Err(Rejection::Key(_))));
}
