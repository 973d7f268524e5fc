//! Receipt files: one event, its certificate, its RFC 9942 receipt and a checkpoint.

use attendance::Role;
use sync_api::{Base64, RECEIPT_FORMAT, ReceiptFile};
use tlog::{InclusionProof, Receipt, prove_inclusion};

use super::breaks::{flip, replaced, unreduced};
use super::material::{MAIN, log_key, other_log_key, rules_key};
use super::month::{Log, Who, closed, taught};
use super::{Case, Input, OK, VectorFile, certificate};

/// The leaf that the files are about.
const LEAF: u64 = 2;

fn proof(log: &Log, index: u64) -> InclusionProof {
    let tree = log.tree();
    prove_inclusion(index, tree.size(), &tree).expect("the leaf is there")
}

fn issued(log: &Log, index: u64, key: &seal::SoftwareKey) -> Base64 {
    let receipt = Receipt::issue(key, &proof(log, index), log.tree().root());
    Base64(receipt.expect("a software key signs"))
}

fn receipt_file(log: &Log, index: u64, who: Who) -> ReceiptFile {
    let leaf = &log.leaves[usize::try_from(index).expect("small")];
    ReceiptFile {
        format: RECEIPT_FORMAT.to_owned(),
        event: leaf.bytes.clone(),
        certificate: Base64(who.signed_certificate()),
        salt: leaf.salt.clone(),
        receipt: issued(log, index, &log_key()),
        checkpoint: log.checkpoint(),
        witnessed: None,
    }
}

fn case(name: &str, expected: &str, file: &ReceiptFile) -> Case {
    of_text(name, expected, serde_json::to_string(file).expect("a receipt file is JSON"))
}

fn of_text(name: &str, expected: &str, text: String) -> Case {
    Case::new(name, expected, [("file", Input::Text(text))]).trusting(MAIN)
}

fn changed(change: impl FnOnce(&mut ReceiptFile)) -> ReceiptFile {
    let mut file = receipt_file(&closed(), LEAF, Who::ChessTeacher);
    change(&mut file);
    file
}

pub(super) fn file() -> VectorFile {
    let log = closed();
    let close = log.leaves.len() as u64 - 3;
    let good = receipt_file(&log, LEAF, Who::ChessTeacher);
    let text = serde_json::to_string(&good).expect("a receipt file is JSON");
    let mut cases = vec![
        case("a visit", OK, &good),
        case("a family's answer", OK, &receipt_file(&log, 3, Who::FamilyA)),
        case("a month's close", OK, &receipt_file(&log, close, Who::Coordinator)),
        case("from a smaller tree", OK, &receipt_file(&taught(), LEAF, Who::ChessTeacher)),
        of_text("no JSON", "file", "a receipt".to_owned()),
        of_text("a field that nobody knows", "file", text.replacen('{', "{\"more\":1,", 1)),
        case("another format", "file", &changed(|f| f.format = "qatysu-receipt/2".to_owned())),
        case(
            "a salt of 15 bytes",
            "file",
            &changed(|f| {
                f.salt.0.pop();
            }),
        ),
    ];
    cases.extend(of_parts());
    cases.extend(of_receipt());
    super::file("receipt", &[MAIN], cases)
}

/// What can be wrong with what stands beside the receipt.
fn of_parts() -> Vec<Case> {
    vec![
        case(
            "a bit flipped in the certificate",
            "device_certificate",
            &changed(|f| {
                f.certificate = Base64(flip(&f.certificate.0, 1));
            }),
        ),
        case(
            "a certificate of another authority",
            "device_certificate",
            &changed(|f| {
                let paper = certificate::of_device(&Who::ChessTeacher.pen(), Role::Teacher);
                f.certificate = Base64(paper.issue(&rules_key()).expect("a software key signs"));
            }),
        ),
        case(
            "another device's certificate",
            "event_signature",
            &changed(|f| {
                f.certificate = Base64(Who::JudoTeacher.signed_certificate());
            }),
        ),
        case(
            "a bit flipped in the event",
            "event_signature",
            &changed(|f| {
                f.event = Base64(flip(&f.event.0, 1));
            }),
        ),
        case("a bit flipped in the salt", "receipt", &changed(|f| f.salt.0[0] ^= 1)),
        case(
            "another event of the same device",
            "receipt",
            &changed(|f| {
                f.event = closed().leaves[4].bytes.clone();
            }),
        ),
        case(
            "a checkpoint with another size",
            "checkpoint",
            &changed(|f| {
                f.checkpoint = f.checkpoint.replacen("\n10\n", "\n9\n", 1);
            }),
        ),
        case(
            "a checkpoint of another log",
            "checkpoint",
            &changed(|f| {
                f.checkpoint = f.checkpoint.replace("tests/2026", "nobody/2026");
            }),
        ),
        case(
            "a checkpoint signed by another log's key",
            "checkpoint",
            &changed(|f| {
                f.checkpoint = closed().checkpoint_by(&other_log_key());
            }),
        ),
        case(
            "a checkpoint of a smaller tree",
            "place_in_the_log",
            &changed(|f| {
                f.checkpoint = taught().checkpoint();
            }),
        ),
    ]
}

/// What can be wrong with the RFC 9942 receipt itself.
fn of_receipt() -> Vec<Case> {
    let log = closed();
    let proof = proof(&log, LEAF);
    let with =
        |change: &dyn Fn(&[u8]) -> Vec<u8>| changed(|f| f.receipt = Base64(change(&f.receipt.0)));
    let reissued = |change: &dyn Fn(&mut InclusionProof)| {
        let mut proof = proof.clone();
        change(&mut proof);
        let receipt = Receipt::issue(&log_key(), &proof, log.tree().root());
        changed(|f| f.receipt = Base64(receipt.expect("a possible shape")))
    };
    let numbers = [0x83, 10, 2];
    let header = [0x19, 0x01, 0x8b, 0x01];
    let receipt = "receipt";
    vec![
        case("a bit flipped in the receipt's signature", receipt, &with(&|r| flip(r, 1))),
        case("a receipt's signature of S + L", receipt, &with(&unreduced)),
        case(
            "a receipt by the rules key",
            receipt,
            &changed(|f| {
                f.receipt = issued(&closed(), LEAF, &rules_key());
            }),
        ),
        case(
            "the receipt of the next leaf",
            receipt,
            &changed(|f| {
                f.receipt = issued(&closed(), LEAF + 1, &log_key());
            }),
        ),
        case("another index than the leaf's", receipt, &reissued(&|proof| proof.index = 3)),
        case("another path", receipt, &reissued(&|proof| proof.path[1] = seal::sha256(b"x"))),
        case(
            "another size that fits the path",
            "place_in_the_log",
            &reissued(&|proof| proof.size = 11),
        ),
        case(
            "an index behind the end",
            receipt,
            &with(&|r| replaced(r, &numbers, &[0x83, 10, 10])),
        ),
        case(
            "a size that needs another path",
            receipt,
            &with(&|r| replaced(r, &numbers, &[0x83, 5, 2])),
        ),
        case(
            "another kind of proof",
            receipt,
            &with(&|r| replaced(r, &[0xa1, 0x20], &[0xa1, 0x21])),
        ),
        case(
            "another kind of tree",
            receipt,
            &with(&|r| replaced(r, &header, &[0x19, 0x01, 0x8b, 0x02])),
        ),
        case("a receipt with a trailing byte", receipt, &with(&|r| [r, &[0]].concat())),
        case("a receipt without its last byte", receipt, &with(&|r| r[..r.len() - 1].to_vec())),
        case("a receipt without its tag", receipt, &with(&|r| r[1..].to_vec())),
        case(
            "a receipt that carries its payload",
            receipt,
            &with(&|r| {
                let at = r.len() - 67;
                assert_eq!(r[at], 0xf6, "the payload is nil");
                [&r[..at], &[0x40], &r[at + 1..]].concat()
            }),
        ),
        case("no receipt", receipt, &with(&|_| Vec::new())),
    ]
}
