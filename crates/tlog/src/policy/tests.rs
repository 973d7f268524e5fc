use proptest::prelude::*;
use seal::{Signer, SoftwareKey};

use super::*;
use crate::checkpoint::sign_note;
use crate::cosignature::cosign;
use crate::hash::leaf_hash;
use crate::note::SignatureLine;

const ORIGIN: &str = "log.example/2026";

fn signer(seed: u8) -> SoftwareKey {
    SoftwareKey::from_seed(&[seed; 32])
}

fn log() -> VerifierKey {
    VerifierKey { name: ORIGIN.into(), key: signer(1).public_key() }
}

fn witness(seed: u8) -> WitnessKey {
    WitnessKey { name: format!("witness.example/w{seed}"), key: signer(seed).public_key() }
}

/// The log's checkpoint, cosigned by the witnesses with these seeds.
fn note(seeds: &[u8]) -> SignedNote {
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size: 7, root: leaf_hash(b"root") };
    let mut note = SignedNote::parse(&sign_note(&checkpoint, &signer(1)).unwrap()).unwrap();
    for seed in seeds {
        let line = cosign(&note, &witness(*seed).name, &signer(*seed), u64::from(*seed)).unwrap();
        note.add(line).unwrap();
    }
    note
}

/// The example of the standard: two of three X and any of three Y.
fn example() -> String {
    let mut text = format!("# an example\n\n  log {}\thttps://log.example/ \n", log());
    for (group, line, seeds) in [("X", "2", [11, 12, 13]), ("Y", "any", [21, 22, 23])] {
        let names: Vec<String> = (1..=3).map(|n| format!("{group}{n}")).collect();
        for (name, seed) in names.iter().zip(seeds) {
            text += &format!("witness {name} {}\n", witness(seed));
        }
        text += &format!("group {group}-witnesses {line} {}\n", names.join(" "));
    }
    text + "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
}

fn missing(refused: Result<WitnessedCheckpoint, QuorumRejection>) -> (usize, Vec<String>) {
    match refused {
        Err(QuorumRejection::Missing { at_least, missing, .. }) => (at_least, missing),
        other => panic!("{other:?}"),
    }
}

#[test]
fn holds_the_quorum_of_the_standards_example() {
    let policy = Policy::parse(&example()).unwrap();
    for enough in [&[11, 12, 21][..], &[11, 13, 23], &[11, 12, 13, 21, 22, 23], &[23, 12, 99, 13]] {
        let found = policy.verify(&note(enough)).unwrap();
        assert_eq!(found.checkpoint.size, 7);
        let known = enough.iter().filter(|seed| **seed != 99).count();
        assert_eq!(found.cosigned.len(), known);
    }
    let all = ["X1", "X2", "X3", "Y1", "Y2", "Y3"].map(str::to_owned);
    assert_eq!(missing(policy.verify(&note(&[]))), (3, all.to_vec()));
    assert_eq!(missing(policy.verify(&note(&[11, 12, 13]))).0, 1);
    assert_eq!(missing(policy.verify(&note(&[21, 22, 23]))).0, 2);
    assert_eq!(missing(policy.verify(&note(&[11, 21]))).0, 1);
}

#[test]
fn writes_what_parses_to_the_same_policy() {
    let policy = Policy::parse(&example()).unwrap();
    let text = policy.to_string();
    assert_eq!(Policy::parse(&text).unwrap(), policy);
    assert_eq!(Policy::parse(&text).unwrap().to_string(), text);
    assert_eq!(policy.logs().next().unwrap().address.as_deref(), Some("https://log.example/"));
    assert_eq!(policy.witnesses().count(), 6);
    let none = Policy::k_of(Vec::new(), 0, Vec::new()).unwrap();
    assert_eq!(none.to_string(), "quorum none\n");
    assert_eq!(Policy::parse("quorum none\n"), Ok(none));
}

#[test]
fn says_when_each_witness_cosigned() {
    let policy = Policy::k_of(vec![log()], 1, vec![witness(2), witness(3)]).unwrap();
    let found = policy.verify(&note(&[3, 2])).unwrap();
    let times: Vec<u64> = found.cosigned.iter().map(|one| one.cosigned_at_s).collect();
    assert_eq!(times, [2, 3]);
    assert_eq!(found.cosigned[1].witness, "witness.example/w3");
}

#[test]
fn a_witness_counts_once_however_often_it_cosigned() {
    let policy = Policy::k_of(vec![log()], 2, vec![witness(2), witness(3)]).unwrap();
    let mut note = note(&[2]);
    for time_s in 10..14 {
        let line = cosign(&note, &witness(2).name, &signer(2), time_s).unwrap();
        note.add(line).unwrap();
    }
    assert_eq!(missing(policy.verify(&note)), (1, vec![witness(3).name]));
    // Nor is one key two witnesses, whatever the names are.
    let twin = WitnessKey { name: "witness.example/twin".into(), key: witness(2).key };
    let both = Policy::k_of(vec![log()], 2, vec![witness(2), twin]);
    assert_eq!(both, Err(PolicyFault::DuplicateKey));
}

#[test]
fn the_log_itself_must_sign_and_be_known() {
    let policy = Policy::k_of(vec![log()], 1, vec![witness(2)]).unwrap();
    let stranger = VerifierKey { name: ORIGIN.into(), key: signer(9).public_key() };
    let strangers = Policy::k_of(vec![stranger], 1, vec![witness(2)]).unwrap();
    let refused = strangers.verify(&note(&[2]));
    assert_eq!(refused, Err(QuorumRejection::Note(NoteRejection::NotSigned(ORIGIN.into()))));
    let nobody = Policy::k_of(Vec::new(), 1, vec![witness(2)]).unwrap();
    assert_eq!(nobody.verify(&note(&[2])), Err(QuorumRejection::UnknownLog(ORIGIN.into())));
    assert_eq!(nobody.verify_quorum(&note(&[2])).unwrap().len(), 1);

    // One of the log's two keys is enough.
    let second = VerifierKey { name: ORIGIN.into(), key: signer(9).public_key() };
    for logs in [vec![log(), second.clone()], vec![second, log()]] {
        let either = Policy::k_of(logs, 0, Vec::new()).unwrap();
        assert!(either.verify(&note(&[])).is_ok());
    }
    let unsigned = note(&[2]).to_string().replacen(ORIGIN, "log.example/2025", 1);
    let unsigned = SignedNote::parse(&unsigned).unwrap();
    assert!(matches!(policy.verify(&unsigned), Err(QuorumRejection::UnknownLog(_))));
}

#[test]
fn refuses_a_note_with_a_bad_line_of_a_known_witness() {
    let policy = Policy::k_of(vec![log()], 1, vec![witness(2), witness(3)]).unwrap();
    let mut bad = note(&[2]);
    let line: SignatureLine = cosign(&note(&[]), &witness(3).name, &signer(3), 5).unwrap();
    bad.add(SignatureLine { bytes: vec![0; 72], ..line }).unwrap();
    let refused = policy.verify(&bad).unwrap_err();
    assert_eq!(refused, NoteRejection::BadSignature(witness(3).name).into());
}

#[test]
fn says_which_line_is_wrong() {
    let (w, l) = (format!("witness a {}\n", witness(2)), format!("log {}\n", log()));
    let other = format!("witness b {}\n", witness(3));
    for (text, line, fault) in [
        ("quorum a\n".to_owned(), 1, PolicyFault::Undefined),
        (format!("{w}quorum b\n"), 2, PolicyFault::Undefined),
        (format!("{w}{w}quorum a\n"), 2, PolicyFault::Name),
        (format!("{w}witness b {}\nquorum a\n", witness(2)), 2, PolicyFault::DuplicateKey),
        (format!("{l}{l}quorum none\n"), 2, PolicyFault::DuplicateKey),
        (format!("witness none {}\nquorum none\n", witness(2)), 1, PolicyFault::Name),
        (format!("{w}group g 0 a\nquorum g\n"), 2, PolicyFault::Threshold),
        (format!("{w}group g 2 a\nquorum g\n"), 2, PolicyFault::Threshold),
        (format!("{w}group g +1 a\nquorum g\n"), 2, PolicyFault::Threshold),
        (format!("{w}group g any\nquorum g\n"), 2, PolicyFault::Threshold),
        (format!("{w}group g all\nquorum g\n"), 2, PolicyFault::Threshold),
        (format!("{w}group g any none\nquorum g\n"), 2, PolicyFault::Undefined),
        (format!("{w}group g any g\nquorum g\n"), 2, PolicyFault::Undefined),
        (format!("{w}group a any a\nquorum a\n"), 2, PolicyFault::Name),
        (format!("{w}group g 2 a a\nquorum g\n"), 2, PolicyFault::MemberTwice),
        (
            format!("{w}{other}group g any a\ngroup h all b a\nquorum h\n"),
            4,
            PolicyFault::MemberTwice,
        ),
        (format!("{w}quorum a\nquorum none\n"), 3, PolicyFault::QuorumTwice),
        (format!("{w}quorum a b\n"), 2, PolicyFault::Malformed),
        (format!("{w}threshold a\n"), 2, PolicyFault::Malformed),
        ("log\n".to_owned(), 1, PolicyFault::Malformed),
        (format!("log {} one two\n", log()), 1, PolicyFault::Malformed),
        (format!("log {}\n", witness(2)), 1, VerifierKeyRejection::UnknownAlgorithm(4).into()),
        (format!("witness a {}\n", log()), 1, VerifierKeyRejection::UnknownAlgorithm(1).into()),
    ] {
        assert_eq!(Policy::parse(&text), Err(PolicyRejection::Line { line, fault }), "{text}");
    }
    assert_eq!(Policy::parse(&w), Err(PolicyRejection::NoQuorum));
    for text in ["", "quorum none", "quorum none\r\n", "quorum\u{7f}none\n"] {
        assert_eq!(Policy::parse(text), Err(PolicyRejection::NotText), "{text}");
    }
    let long = "#".repeat(70_000) + "\nquorum none\n";
    assert_eq!(Policy::parse(&long), Err(PolicyRejection::NotText));
}

#[test]
fn has_room_for_32_logs_32_witnesses_and_32_groups() {
    let mut text = String::new();
    for n in 0..32_u8 {
        let key = VerifierKey { name: ORIGIN.into(), key: signer(n).public_key() };
        text += &format!("log {key}\nwitness w{n} {}\ngroup g{n} any w{n}\n", witness(n));
    }
    assert!(Policy::parse(&(text + "quorum g31\n")).is_ok());
    let many: Vec<_> = (0..=255_u8).map(witness).collect();
    assert!(Policy::k_of(Vec::new(), 0, many.clone()).is_ok());
    assert_eq!(Policy::k_of(Vec::new(), 1, many), Err(PolicyFault::TooMany));
}

proptest! {
    #[test]
    fn k_of_n_holds_exactly_from_k_on(k in 0_usize..6, mask in 0_u8..32) {
        let policy = Policy::k_of(vec![log()], k, (2..7).map(witness).collect());
        prop_assert_eq!(policy.is_ok(), k <= 5);
        let seeds: Vec<u8> = (0..5).filter(|n| mask & (1 << n) != 0).map(|n| n + 2).collect();
        if let Ok(policy) = policy {
            let verified = policy.verify(&note(&seeds));
            prop_assert_eq!(verified.is_ok(), seeds.len() >= k);
            if seeds.len() < k {
                let (at_least, missing) = missing(verified);
                prop_assert_eq!((at_least, missing.len()), (k - seeds.len(), 5 - seeds.len()));
            }
        }
    }
}

#[test]
fn knows_a_quorum_that_is_a_plain_number_of_all_witnesses() {
    for k in 0..=3 {
        let witnesses = [2, 3, 4].map(witness).to_vec();
        assert_eq!(Policy::k_of(Vec::new(), k, witnesses).unwrap().k_of_all(), Some(k));
    }
    let [a, b] = [2, 3].map(|seed| format!("witness w{seed} {}\n", witness(seed)));
    for (text, expected) in [
        (format!("{a}quorum w2\n"), Some(1)),
        (format!("{a}{b}quorum w2\n"), None),
        (format!("{a}{b}group one any w2\nquorum one\n"), None),
        (format!("{a}{b}group inner any w2 w3\ngroup outer all inner\nquorum outer\n"), None),
        (format!("{a}{b}group all-of-them all w3 w2\nquorum all-of-them\n"), Some(2)),
        ("quorum none\n".to_owned(), Some(0)),
    ] {
        assert_eq!(Policy::parse(&text).unwrap().k_of_all(), expected, "{text}");
    }
    assert_eq!(Policy::parse(&example()).unwrap().k_of_all(), None);
}
