//! Receipts, checkpoints and statements: what holds is kept, what does not raises an alarm.

use seal::{Domain, Sign1};
use tlog::SignedNote;

use super::*;
use crate::{Mark, SeenStatement, StatementError, Verdict};

const TRANCHE: Domain = Domain("synthetic/tranche");

#[test]
fn verified_receipt_acknowledges_and_proves() {
    let district = District::new();
    let mut device = with_events(&district);
    let mut log = TestLog::new();
    let receipts = log.take(&device);
    assert_eq!(device.proof(receipts[1].0).unwrap(), None);
    assert_eq!(device.store_receipts(&log.note(), &receipts).unwrap(), 2);
    assert_eq!(device.store_receipts(&log.note(), &receipts).unwrap(), 0, "the same again");
    assert_eq!(device.outbox(9, 9_999).unwrap(), []);
    let status = device.status().unwrap();
    assert_eq!((status.not_receipted, status.not_sent, status.alarms), (0, 0, 0));
    assert_eq!((status.oldest_waiting_ms, status.log_size), (None, Some(3)));
    assert_eq!(device.mark_of(receipts[1].0).unwrap(), Some(Mark::Receipted));

    let proof = device.proof(receipts[1].0).unwrap().unwrap();
    assert_eq!((proof.leaf_index, proof.tree_size, &*proof.origin), (2, 3, ORIGIN));
    assert_eq!(attendance::event_hash(&proof.event_bytes), proof.event);
    let verifier = tlog::VerifierKey { name: ORIGIN.into(), key: key(LOG).public_key() };
    let checkpoint = SignedNote::parse(&proof.checkpoint).unwrap().verify(&verifier).unwrap();
    let leaf = salted_leaf(&proof.salt, &proof.event_bytes);
    let verified = Receipt::parse(&proof.receipt).unwrap().verify(&verifier.key, &leaf).unwrap();
    verified.under(&checkpoint).unwrap();
    assert_eq!(proof.certificate, certificate(TEACHER, Role::Teacher));
}

#[test]
fn wrong_receipt_raises_an_alarm_and_leaves_the_row() {
    let district = District::new();
    let mut device = with_events(&district);
    let rows = device.outbox(9, 9_999).unwrap();
    device.record_verdicts(&[(rows[0].hash, Verdict::Stored)]).unwrap();
    let mut log = TestLog::new();
    let (first, second) = (log.push(&rows[0].bytes), log.push(&rows[1].bytes));
    // The first event is answered with the second's place; the second with its own.
    let receipts = [
        (rows[0].hash, first.salt, log.receipt(&second)),
        (rows[1].hash, second.salt, log.receipt(&second)),
        (Hash([0; 32]), second.salt, log.receipt(&second)),
    ];
    assert_eq!(device.store_receipts(&log.note(), &receipts).unwrap(), 1);
    assert_eq!(device.mark_of(rows[0].hash).unwrap(), Some(Mark::Sent));
    assert_eq!(device.mark_of(rows[1].hash).unwrap(), Some(Mark::Receipted));
    let alarms = device.alarms().unwrap();
    assert_eq!(codes(&device), [AlarmCode::BadReceipt; 2]);
    assert_eq!(alarms[0].subject, Some(rows[0].hash));
    assert_eq!(alarms[0].evidence, receipts[0].2);
    assert_eq!(device.store_receipts(&log.note(), &receipts).unwrap(), 0);
    assert_eq!(device.alarms().unwrap().len(), 2, "the same alarm is kept once");
    assert_eq!(device.status().unwrap().alarms, 2);
}

#[test]
fn refuses_receipts_by_another_key_and_under_another_checkpoint() {
    let district = District::new();
    let mut device = with_events(&district);
    let rows = device.outbox(9, 9_999).unwrap();
    let mut log = TestLog::new();
    let leaf = log.push(&rows[0].bytes);
    let early = log.receipt(&leaf);
    let proof = prove_inclusion(leaf.index, log.tree.size(), &log.tree).unwrap();
    let forged = Receipt::issue(&key(RULES), &proof, log.tree.root()).unwrap();
    log.push(b"later");
    for receipt in [early, forged, b"nothing".to_vec()] {
        let kept = device.store_receipts(&log.note(), &[(rows[0].hash, leaf.salt, receipt)]);
        assert_eq!(kept.unwrap(), 0);
    }
    assert_eq!(codes(&device), [AlarmCode::BadReceipt; 3]);
    assert_eq!(device.mark_of(rows[0].hash).unwrap(), Some(Mark::Recorded));
    let good = (rows[0].hash, leaf.salt, log.receipt(&leaf));
    assert_eq!(device.store_receipts(&log.note(), &[good]).unwrap(), 1, "the true one still goes");
}

#[test]
fn refuses_a_checkpoint_nobody_trusted_signed() {
    let district = District::new();
    let mut device = with_events(&district);
    let log = TestLog::new();
    let forged = device.store_receipts(&log.note_by(&key(RULES)), &[]);
    assert!(matches!(forged, Err(ReceiptError::Checkpoint(_))));
    assert!(matches!(device.store_receipts("hello", &[]), Err(ReceiptError::Checkpoint(_))));
    assert_eq!(codes(&device), [AlarmCode::BadCheckpoint; 2]);
    assert_eq!(device.status().unwrap().log_size, None);
}

#[test]
fn a_device_without_a_log_key_says_so() {
    let district = District::new();
    let mut bare = district.open(90).unwrap();
    let note = TestLog::new().note();
    assert!(matches!(bare.store_receipts(&note, &[]), Err(ReceiptError::NotEnrolled)));
    bare.install(enrolment(90, Role::Teacher)).unwrap();
    bare.install_trust_list(&trust_list_for(6, LOG, None, "log.example/elsewhere")).unwrap();
    assert!(matches!(bare.store_receipts(&note, &[]), Err(ReceiptError::NoLogKey)));
    assert_eq!(bare.alarms().unwrap(), []);
}

#[test]
fn keeps_the_newest_proven_statement_of_a_month() {
    let district = District::new();
    let mut device = district.coordinator();
    let mut log = TestLog::new();
    for text in ["first", "second"] {
        let bytes = Sign1::seal(&key(LOG), TRANCHE, text.into()).unwrap().to_bytes();
        let leaf = log.push(&bytes);
        let receipt = log.receipt(&leaf);
        log.shown_to(&mut device).unwrap();
        let seen = SeenStatement { month: 202_609, bytes: bytes.clone(), salt: leaf.salt, receipt };
        device.store_statement(&seen, &log.note(), TRANCHE).unwrap();
        device.store_statement(&seen, &log.note(), TRANCHE).unwrap();
        let kept = device.statement(202_609).unwrap().unwrap();
        assert_eq!((kept.bytes, kept.leaf_index), (bytes, leaf.index));
        assert_eq!((kept.tree_size, kept.checkpoint), (log.tree.size(), log.note()));
    }
    assert_eq!(device.statement(202_610).unwrap(), None);
}

#[test]
fn refuses_statements_that_do_not_hold() {
    let district = District::new();
    let mut device = district.coordinator();
    let mut log = TestLog::new();
    let mut attempt = |signer: u8, domain, lie: bool| {
        let bytes = Sign1::seal(&key(signer), domain, b"x".to_vec()).unwrap().to_bytes();
        let leaf = log.push(&bytes);
        let salt = if lie { [0; 16] } else { leaf.salt };
        let receipt = log.receipt(&leaf);
        let seen = SeenStatement { month: 202_609, bytes, salt, receipt };
        log.shown_to(&mut device).unwrap();
        device.store_statement(&seen, &log.note(), TRANCHE)
    };
    let bad = |result| matches!(result, Err(StatementError::BadSignature(_)));
    assert!(bad(attempt(RULES, TRANCHE, false)));
    assert!(bad(attempt(LOG, Domain("other"), false)));
    assert!(matches!(attempt(LOG, TRANCHE, true), Err(StatementError::Receipt(_))));
    assert_eq!(codes(&device), [AlarmCode::BadStatement; 3]);
    assert_eq!(device.statement(202_609).unwrap(), None);
}
