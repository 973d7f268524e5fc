//! Checkpoints as signed notes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use seal::{Signer as _, SoftwareKey};
use tlog::{Checkpoint, VerifierKey, sign_note};

use super::breaks::unreduced;
use super::material::{log_key, stranger};
use super::{Case, Input, OK, VectorFile, hex};
use crate::district::ORIGIN;

const NO_CHECKPOINT: &str = "not_a_checkpoint";

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: ORIGIN.to_owned(), size: 42, root: seal::sha256(b"a root") }
}

pub(super) fn verifier(name: &str, key: &SoftwareKey) -> VerifierKey {
    VerifierKey { name: name.to_owned(), key: key.public_key() }
}

/// Signs any text, as a key of any name.
pub(super) fn line(text: &str, name: &str, key: &SoftwareKey) -> String {
    let signature = key.sign(text.as_bytes()).expect("a software key signs").0;
    let bytes = [&verifier(name, key).key_hash()[..], &signature].concat();
    format!("\u{2014} {name} {}\n", STANDARD.encode(bytes))
}

fn note(text: &str) -> String {
    format!("{text}\n{}", line(text, ORIGIN, &log_key()))
}

fn case(name: &str, expected: &str, note: String) -> Case {
    with_key(name, expected, note, verifier(ORIGIN, &log_key()).to_string())
}

fn with_key(name: &str, expected: &str, note: String, key: String) -> Case {
    Case::new(name, expected, [("note", Input::Text(note)), ("key", Input::Text(key))])
}

fn cases() -> Vec<Case> {
    let text = checkpoint().to_text();
    let good = note(&text);
    assert_eq!(good, sign_note(&checkpoint(), &log_key()).expect("a software key signs"));
    let witness = line(&text, "witness.example", &stranger());
    let of_size = |size: &str| note(&text.replace("\n42\n", &format!("\n{size}\n")));
    let root = STANDARD.encode(checkpoint().root.0);
    let of_root = |to: &str| note(&text.replace(&root, to));
    let other_root = STANDARD.encode(seal::sha256(b"another root").0);
    let many: String = (0..64).map(|n| line(&text, &format!("w{n}"), &stranger())).collect();
    vec![
        case("a checkpoint", OK, good.clone()),
        case("with a witness after the log", OK, format!("{good}{witness}")),
        case("with a witness before the log", OK, good.replace("\n\n", &format!("\n\n{witness}"))),
        case("with an extension line", OK, note(&format!("{text}ext 7\n"))),
        case("of the empty tree", OK, of_size("0")),
        case("of the largest size", OK, of_size("4611686018427387904")),
        case("of a larger size than any log", NO_CHECKPOINT, of_size("4611686018427387905")),
        case("the size with a zero in front", NO_CHECKPOINT, of_size("042")),
        case("the size with a sign", NO_CHECKPOINT, of_size("+42")),
        case("no size", NO_CHECKPOINT, of_size("")),
        case("a root of 31 bytes", NO_CHECKPOINT, of_root(&STANDARD.encode([7; 31]))),
        case("the root without padding", NO_CHECKPOINT, of_root(root.trim_end_matches('='))),
        case("an origin with a space", NO_CHECKPOINT, note(&text.replacen("log.", "log ", 1))),
        case("only two lines", NO_CHECKPOINT, note(&format!("{ORIGIN}\n42\n"))),
        case(
            "another log's text under this key",
            "other_origin",
            note(&text.replacen("log.", "gol.", 1)),
        ),
        case("another size than signed", "bad_signature", good.replace("\n42\n", "\n43\n")),
        case("another root than signed", "bad_signature", good.replace(&root, &other_root)),
        case(
            "a bit flipped in the signature",
            "bad_signature",
            changed(&good, |bytes| bytes[30] ^= 1),
        ),
        case(
            "the signature of S + L instead of S",
            "bad_signature",
            changed(&good, |bytes| {
                *bytes = unreduced(bytes);
            }),
        ),
        case(
            "a signature of 63 bytes",
            "bad_signature",
            changed(&good, |bytes| {
                bytes.pop();
            }),
        ),
        case(
            "a second, bad signature by the log",
            "bad_signature",
            format!("{good}{}", line("other text\n", ORIGIN, &log_key())),
        ),
        with_key("looked at with a stranger's key", "not_signed", good.clone(), {
            verifier(ORIGIN, &stranger()).to_string()
        }),
        with_key("looked at with the key of another name", "not_signed", good.clone(), {
            verifier("log.qatysu.example/other", &log_key()).to_string()
        }),
        with_key("a key whose hash is another's", "bad_key", good.clone(), bad_hash()),
        case("signed by a witness only", "not_signed", format!("{text}\n{witness}")),
        case("no signature line", "malformed", format!("{text}\n")),
        case("the last line does not end", "malformed", good.trim_end().to_owned()),
        case("no empty line", "malformed", good.replace("\n\n", "\n")),
        case("lines that end as on Windows", "malformed", good.replace('\n', "\r\n")),
        case("a hyphen for the dash", "malformed", good.replace('\u{2014}', "-")),
        case(
            "a signature that is not Base64",
            "malformed",
            good.replace("\u{2014} ", "\u{2014} x? "),
        ),
        case("65 signatures", "too_many_signatures", format!("{good}{many}")),
        case("longer than 16 kB", "too_long", note(&format!("{text}{}\n", "x".repeat(16_500)))),
    ]
}

pub(super) fn file() -> VectorFile {
    super::file("checkpoint", &[], cases())
}

/// Changes the decoded last line of a note.
pub(super) fn changed(note: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let (head, encoded) = note.trim_end().rsplit_once(' ').expect("a note has a signature");
    let mut bytes = STANDARD.decode(encoded).expect("Base64");
    change(&mut bytes);
    format!("{head} {}\n", STANDARD.encode(bytes))
}

fn bad_hash() -> String {
    let (good, other) = (verifier(ORIGIN, &log_key()), verifier(ORIGIN, &stranger()));
    good.to_string().replace(&hex(&good.key_hash()), &hex(&other.key_hash()))
}
