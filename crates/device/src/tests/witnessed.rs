//! Witnesses: enough of them, known and in their time, and everything below the size is witnessed.

use tlog::{SignedNote, cosign};

use super::*;
use crate::Mark;

const NOW_S: i64 = START_MS / 1_000;

/// The log's note with cosignatures at `at_s` by witnesses of these seeds.
pub(super) fn cosigned(log: &TestLog, seeds: &[u8], at_s: i64) -> String {
    let mut note = SignedNote::parse(&log.note()).unwrap();
    for seed in seeds {
        let at_s = u64::try_from(at_s).unwrap();
        let line = cosign(&note, &format!("w{seed}"), &key(*seed), at_s).unwrap();
        note.add(line).unwrap();
    }
    note.to_string()
}

/// A device with two receipted events, of a list that asks for two of three witnesses; its log.
fn receipted(district: &District) -> (Device, TestLog, [Hash; 2]) {
    let mut device = with_events(district);
    device.install_trust_list(&trust_list_with(6, LOG, Some(2))).unwrap();
    let mut log = TestLog::new();
    let receipts = log.take(&device);
    assert_eq!(device.store_receipts(&log.note(), &receipts).unwrap(), 2);
    (device, log, [receipts[0].0, receipts[1].0])
}

fn mark(device: &Device, event: Hash) -> Mark {
    device.mark_of(event).unwrap().unwrap()
}

#[test]
fn earlier_receipts_are_witnessed_by_a_later_checkpoint() {
    let district = District::new();
    let (mut device, mut log, [first, second]) = receipted(&district);
    assert_eq!(mark(&device, second), Mark::Receipted);
    log.push(b"of others");
    log.note_shown_to(&mut device, &cosigned(&log, &WITNESSES[..2], NOW_S)).unwrap();
    assert_eq!([first, second].map(|event| mark(&device, event)), [Mark::Witnessed; 2]);
    let status = device.status().unwrap();
    assert_eq!((status.not_receipted, status.log_witnessed), (0, Some(4)));
    assert_eq!(status.oldest_waiting_ms, None);

    // What comes after it is not.
    device.record_scan(&card(BETA), lesson()).unwrap();
    let more = log.take(&device);
    log.shown_to(&mut device).unwrap();
    assert_eq!(device.store_receipts(&log.note(), &more).unwrap(), 1);
    assert_eq!(mark(&device, more[0].0), Mark::Receipted);
    assert_eq!(device.awaiting_receipt().unwrap(), []);
}

#[test]
fn stranger_gets_the_steps_to_the_checkpoint_that_witnesses_saw() {
    let district = District::new();
    let (mut device, mut log, [event, _]) = receipted(&district);
    let proof = device.proof(event).unwrap().unwrap();
    assert_eq!(device.witnessed_later(&proof).unwrap(), None);
    for n in 0..3 {
        log.push_each(n..=n, "of others");
        log.shown_to(&mut device).unwrap();
    }
    let note = cosigned(&log, &WITNESSES[..2], NOW_S);
    device.follow(&note, None).unwrap();
    let later = device.witnessed_later(&proof).unwrap().unwrap();
    assert_eq!((later.checkpoint, later.steps.len()), (note, 3));
    let own = SignedNote::parse(&proof.checkpoint).unwrap();
    let mut reached = Checkpoint::parse(own.unverified_text()).unwrap();
    for step in later.steps {
        let next = Checkpoint { size: step.size, root: step.root, ..reached.clone() };
        reached.grew_into(&next, step.path).unwrap();
        reached = next;
    }
    assert_eq!((reached.size, reached.root), (log.tree.size(), log.tree.root()));
}

#[test]
fn cosignatures_that_come_later_count_for_the_checkpoint_that_is_kept() {
    let district = District::new();
    let (mut device, log, [_, event]) = receipted(&district);
    let note = cosigned(&log, &WITNESSES, NOW_S);
    assert_eq!(device.follow(&note, None).unwrap(), Followed::Linked);
    assert_eq!(mark(&device, event), Mark::Witnessed);
    assert_eq!(device.proof(event).unwrap().unwrap().checkpoint, note, "strangers get them too");
}

#[test]
fn too_few_unknown_or_untimely_witnesses_make_nothing_witnessed() {
    let district = District::new();
    let (mut device, log, [event, _]) = receipted(&district);
    let after_the_list_ends = NOW_S + 86_400 * 401;
    let notes = [
        cosigned(&log, &WITNESSES[..1], NOW_S),
        cosigned(&log, &[WITNESSES[0], 99], NOW_S),
        cosigned(&log, &WITNESSES, after_the_list_ends),
    ];
    for note in notes {
        assert_eq!(device.follow(&note, None).unwrap(), Followed::Linked);
        assert_eq!(mark(&device, event), Mark::Receipted);
    }
    assert_eq!(codes(&device), []);
}

#[test]
fn without_a_quorum_nothing_is_witnessed() {
    let district = District::new();
    let mut device = with_events(&district);
    let mut log = TestLog::new();
    let receipts = log.take(&device);
    device.store_receipts(&cosigned(&log, &WITNESSES, NOW_S), &receipts).unwrap();
    assert_eq!(mark(&device, receipts[0].0), Mark::Receipted);
}

#[test]
fn bad_cosignature_of_a_known_witness_spoils_the_note() {
    let district = District::new();
    let (mut device, log, [event, _]) = receipted(&district);
    let good = cosigned(&log, &WITNESSES[..2], NOW_S);
    // The third witness's line is of another checkpoint.
    let mut other = log;
    other.push(b"more");
    let line = cosigned(&other, &WITNESSES[2..], NOW_S);
    let spoilt = format!("{good}{}\n", line.lines().last().unwrap());
    let refused = device.follow(&spoilt, None);
    assert!(matches!(refused, Err(ReceiptError::Checkpoint(_))), "{refused:?}");
    assert_eq!(codes(&device), [AlarmCode::BadCheckpoint]);
    assert_eq!(mark(&device, event), Mark::Receipted);
    device.follow(&good, None).unwrap();
    assert_eq!(mark(&device, event), Mark::Witnessed, "the next good one still goes");
}

#[test]
fn cosigned_fork_is_witnessed_for_nobody() {
    let district = District::new();
    let (mut device, _, [event, _]) = receipted(&district);
    let mut fork = TestLog::new();
    fork.push_each(1..6, "fork");
    let refused = fork.note_shown_to(&mut device, &cosigned(&fork, &WITNESSES, NOW_S));
    assert!(matches!(refused, Err(ReceiptError::TwoHistories { .. })), "{refused:?}");
    assert_eq!(mark(&device, event), Mark::Receipted);
    assert_eq!(device.status().unwrap().log_witnessed, None);
}
