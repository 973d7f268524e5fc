//! One history: what a device accepted before is linked with what it is shown, or an alarm says why
//! not.

use tlog::{SignedNote, TwoHistories, VerifierKey};

use super::*;
use crate::{EnrolError, Mark};

fn verifier() -> VerifierKey {
    VerifierKey { name: ORIGIN.into(), key: key(LOG).public_key() }
}

/// Two logs that begin alike and go on differently: `(common, one, other)` of these sizes.
fn forked(common: u64, one: u64, other: u64) -> (TestLog, TestLog, TestLog) {
    let mut begun = TestLog::new();
    begun.push_each(1..common, "common");
    let grown = |name: &str, size: u64| {
        let mut log = begun.clone();
        log.push_each(common..size, name);
        log
    };
    (begun.clone(), grown("one", one), grown("other", other))
}

fn evidence(device: &Device) -> TwoHistories {
    let alarms = device.alarms().unwrap();
    let found = alarms.iter().find(|alarm| alarm.code == AlarmCode::TwoHistories).unwrap();
    TwoHistories::from_bytes(&found.evidence).unwrap()
}

#[test]
fn first_checkpoint_is_taken_and_each_later_one_is_proven() {
    let district = District::new();
    let mut device = with_events(&district);
    let mut log = TestLog::new();
    for n in 0..20_u8 {
        log.push(&[n]);
        log.shown_to(&mut device).unwrap();
        assert_eq!(device.follow(&log.note(), None).unwrap(), Followed::Linked, "once is enough");
    }
    assert_eq!(device.status().unwrap().log_size, Some(21));
    assert_eq!(codes(&device), []);
}

#[test]
fn receipt_counts_only_under_a_linked_checkpoint() {
    let district = District::new();
    let mut device = with_events(&district);
    let mut log = TestLog::new();
    log.push(b"before");
    log.shown_to(&mut device).unwrap();
    let receipts = log.take(&device);
    let refused = device.store_receipts(&log.note(), &receipts);
    assert!(matches!(refused, Err(ReceiptError::Unlinked { from: 2, to: 4 })), "{refused:?}");
    assert_eq!(device.mark_of(receipts[0].0).unwrap(), Some(Mark::Recorded));
    assert_eq!(codes(&device), [], "nobody has done anything wrong");
    log.shown_to(&mut device).unwrap();
    assert_eq!(device.store_receipts(&log.note(), &receipts).unwrap(), 2);
}

#[test]
fn lost_or_foreign_answer_is_asked_for_again() {
    let district = District::new();
    let mut device = with_events(&district);
    let mut log = TestLog::new();
    log.push(b"a");
    log.shown_to(&mut device).unwrap();
    log.push(b"b");
    let wants = Followed::Wants { from: 2, to: 3 };
    for _ in 0..2 {
        assert_eq!(device.follow(&log.note(), None).unwrap(), wants);
    }
    let of_other_sizes = log.growth(1, 3);
    assert_eq!(device.follow(&log.note(), Some(&of_other_sizes)).unwrap(), wants);
    // The log has grown in the meantime: the question is about the newest then.
    log.push(b"c");
    let late = log.growth(2, 3);
    let now = Followed::Wants { from: 2, to: 4 };
    assert_eq!(device.follow(&log.note(), Some(&late)).unwrap(), now);
    log.shown_to(&mut device).unwrap();
    assert_eq!(codes(&device), []);
}

#[test]
fn older_checkpoint_is_linked_from_below() {
    let district = District::new();
    let mut device = with_events(&district);
    let (begun, log, _) = forked(5, 11, 5);
    log.shown_to(&mut device).unwrap();
    let wants = Followed::Wants { from: 5, to: 11 };
    assert_eq!(device.follow(&begun.note(), None).unwrap(), wants);
    log.note_shown_to(&mut device, &begun.note()).unwrap();
    assert_eq!(codes(&device), [], "a cached answer is no fraud");
    assert_eq!(device.status().unwrap().log_size, Some(11));
}

#[test]
fn restored_backup_is_older_and_no_fraud() {
    let district = District::new();
    let mut device = with_events(&district);
    let (begun, log, _) = forked(5, 11, 5);
    begun.shown_to(&mut device).unwrap();
    log.shown_to(&mut device).unwrap();
    assert!(!device.notice_older(&log.note()).unwrap());

    // The very checkpoint that was seen before: known, but older.
    begun.shown_to(&mut device).unwrap();
    assert_eq!(codes(&device), []);
    assert!(device.notice_older(&begun.note()).unwrap());
    assert_eq!(codes(&device), [AlarmCode::LogOlder]);

    // It goes on from there, and has no proof up to what it showed before.
    let mut restored = log.first(7);
    let refused = restored.shown_to(&mut device);
    assert!(matches!(refused, Err(ReceiptError::Older { size: 7, newest: 11 })), "{refused:?}");
    restored.push(b"another leaf than before");
    assert!(matches!(restored.shown_to(&mut device), Err(ReceiptError::Older { .. })));
    assert_eq!(codes(&device), [AlarmCode::LogOlder], "the same is said once");
    log.shown_to(&mut device).unwrap();

    // Past the size that was seen, the roots differ: now it is evidence.
    restored.push_each(8..12, "restored");
    let refused = restored.shown_to(&mut device);
    assert!(matches!(refused, Err(ReceiptError::TwoHistories { from: 11, to: 12 })), "{refused:?}");
    evidence(&device).verify(&verifier()).unwrap();
}

#[test]
fn fork_below_the_newest_is_found_from_an_even_older_checkpoint() {
    let district = District::new();
    let mut device = with_events(&district);
    let (_, one, other) = forked(3, 11, 8);
    one.first(5).shown_to(&mut device).unwrap();
    one.shown_to(&mut device).unwrap();
    let refused = other.shown_to(&mut device);
    assert!(matches!(refused, Err(ReceiptError::TwoHistories { from: 5, to: 8 })), "{refused:?}");
    evidence(&device).verify(&verifier()).unwrap();
}

#[test]
fn every_fork_is_evidence_that_anybody_can_check() {
    // Sizes that are powers of two have proofs without the earlier root.
    for (common, kept, shown) in [(3, 6, 9), (3, 8, 9), (4, 8, 16), (1, 2, 3), (5, 9, 9), (2, 7, 8)]
    {
        let district = District::new();
        let mut device = with_events(&district);
        let (_, one, other) = forked(common, kept, shown);
        one.shown_to(&mut device).unwrap();
        let refused = other.shown_to(&mut device);
        let expected = (kept, shown);
        assert!(
            matches!(refused, Err(ReceiptError::TwoHistories { from, to }) if (from, to) == expected),
            "{expected:?}: {refused:?}"
        );
        let found = evidence(&device).verify(&verifier()).unwrap();
        assert_eq!(found.earlier.root, one.tree.root());
        assert_eq!(found.later.root, other.tree.root());
    }
}

#[test]
fn proof_that_fails_is_said_and_is_no_evidence() {
    let district = District::new();
    let mut device = with_events(&district);
    let mut log = TestLog::new();
    log.push_each(1..5, "one");
    log.shown_to(&mut device).unwrap();
    log.push(b"more");
    let good = log.growth(5, 6);
    let spoilt = |change: &dyn Fn(&mut GrowthProof)| {
        let mut given = good.clone();
        change(given.proof.as_mut().unwrap());
        given
    };
    let bad = [
        spoilt(&|proof| proof.path[0].0[0] ^= 1),
        spoilt(&|proof| proof.path.truncate(1)),
        spoilt(&|proof| proof.path.push(Hash([0; 32]))),
        Growth { proof: None, ..good.clone() },
    ];
    for given in bad {
        let refused = device.follow(&log.note(), Some(&given));
        assert!(matches!(refused, Err(ReceiptError::NotConsistent { from: 5, to: 6 })));
    }
    assert_eq!(codes(&device), [AlarmCode::NotConsistent], "the same is said once");
    let kept = &device.alarms().unwrap()[0];
    let unproven = TwoHistories::from_bytes(&kept.evidence).unwrap();
    assert!(unproven.verify(&verifier()).is_err(), "nobody is accused by it");
    device.follow(&log.note(), Some(&good)).unwrap();
    assert_eq!(device.status().unwrap().log_size, Some(6), "a true proof is still taken");
}

#[test]
fn two_roots_for_one_size_are_evidence() {
    let district = District::new();
    let mut device = with_events(&district);
    let rows = device.outbox(9, 9_999).unwrap();
    let (mut log, mut fork) = (TestLog::new(), TestLog::new());
    log.push(b"one history");
    let other = fork.push(&rows[0].bytes);
    device.store_receipts(&log.note(), &[]).unwrap();
    let receipt = (rows[0].hash, other.salt, fork.receipt(&other));
    let refused = device.store_receipts(&fork.note(), std::slice::from_ref(&receipt));
    assert!(matches!(refused, Err(ReceiptError::TwoHistories { from: 2, to: 2 })));
    assert_eq!(device.mark_of(rows[0].hash).unwrap(), Some(Mark::Recorded));
    drop(device);
    let device = district.open(TEACHER).unwrap();
    assert_eq!(codes(&device), [AlarmCode::TwoHistories]);
    let both = TwoHistories::of_one_size(
        &SignedNote::parse(&log.note()).unwrap(),
        &SignedNote::parse(&fork.note()).unwrap(),
    );
    assert_eq!(evidence(&device), both);
    both.verify(&verifier()).unwrap();
}

#[test]
fn key_of_two_histories_is_believed_no_more_and_a_new_key_goes_on() {
    let district = District::new();
    let mut device = with_events(&district);
    let (_, mut one, other) = forked(3, 6, 9);
    let receipts = one.take(&device);
    one.shown_to(&mut device).unwrap();
    assert_eq!(device.store_receipts(&one.note(), &receipts).unwrap(), 2);
    other.shown_to(&mut device).unwrap_err();

    // It keeps recording and keeps what it has, and believes neither history from here on.
    device.record_scan(&card(BETA), lesson()).unwrap();
    assert_eq!(device.status().unwrap().events, 3);
    assert_eq!(device.mark_of(receipts[0].0).unwrap(), Some(Mark::Receipted));
    for log in [&one, &other] {
        assert!(matches!(log.shown_to(&mut device), Err(ReceiptError::Disbelieved)));
    }
    let more = one.take(&device);
    assert!(matches!(device.store_receipts(&one.note(), &more), Err(ReceiptError::Disbelieved)));
    assert_eq!(codes(&device), [AlarmCode::TwoHistories], "one alarm is enough");
    assert!(device.status().unwrap().log_disbelieved);

    // The roots give the log another key; what it signs must still follow from what was accepted.
    const NEW_LOG: u8 = 60;
    device.install_trust_list(&trust_list_with(6, NEW_LOG, None)).unwrap();
    let by_new_key = |log: &TestLog| log.note_by(&key(NEW_LOG));
    assert!(!device.status().unwrap().log_disbelieved);
    one.note_shown_to(&mut device, &by_new_key(&one)).unwrap();
    let wrong = other.note_shown_to(&mut device, &by_new_key(&other));
    assert!(matches!(wrong, Err(ReceiptError::TwoHistories { .. })), "{wrong:?}");
}

#[test]
fn log_of_another_name_begins_anew() {
    let district = District::new();
    let mut device = with_events(&district);
    let (_, one, other) = forked(3, 6, 9);
    one.shown_to(&mut device).unwrap();
    let mut next_year = enrolment(20, Role::Teacher);
    next_year.origin = "log.example/synthetic/2027".into();
    let refused = device.install(next_year.clone());
    assert!(matches!(refused, Err(EnrolError::UnknownLog)), "no key of that log is on the list");
    assert_eq!(device.enrolment().unwrap().origin(), ORIGIN, "what was there stays");

    next_year.trust_list = trust_list_for(6, LOG, None, &next_year.origin);
    device.install(next_year).unwrap();
    assert_eq!(device.status().unwrap().log_size, None);
    let refused = other.shown_to(&mut device);
    assert!(matches!(refused, Err(ReceiptError::Checkpoint(_))), "{refused:?}");
}

#[test]
fn history_begins_with_the_newest_checkpoint_of_the_first_release() {
    let district = District::new();
    let (_, one, _) = forked(3, 6, 6);
    let old = rusqlite::Connection::open(district.path(TEACHER)).unwrap();
    old.execute_batch(include_str!("../../../../migrations/device/0001_init.sql")).unwrap();
    old.pragma_update(None, "application_id", crate::store::file::APPLICATION_ID).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    for size in [3_u32, 5] {
        let log = one.first(u64::from(size));
        let row = rusqlite::params![ORIGIN, size, log.tree.root().0, log.note()];
        old.execute("INSERT INTO checkpoint VALUES (?1, ?2, ?3, ?4)", row).unwrap();
    }
    drop(old);
    let mut device = district.teacher();
    let wants = Followed::Wants { from: 5, to: 6 };
    assert_eq!(device.follow(&one.note(), None).unwrap(), wants);
    assert_eq!(device.unlinked().unwrap(), [one.first(3).note()]);
}

#[test]
fn checkpoints_of_an_earlier_release_are_linked_afterwards() {
    let district = District::new();
    let mut device = with_events(&district);
    let (_, one, other) = forked(3, 9, 5);
    one.shown_to(&mut device).unwrap();
    let unlinked = |log: &TestLog, size: u64| {
        let log = log.first(size);
        let (root, note) = (log.tree.root(), log.note());
        let sql = "INSERT INTO checkpoint (origin, size, root, note) VALUES (?1, ?2, ?3, ?4)";
        let row = rusqlite::params![ORIGIN, i64::try_from(size).unwrap(), root.0, note];
        device.db.execute(sql, row).unwrap();
        note
    };
    let notes = [unlinked(&one, 7), unlinked(&one, 4), unlinked(&other, 5)];
    assert_eq!(device.unlinked().unwrap(), [&*notes[0], &notes[2], &notes[1]].map(String::from));
    one.note_shown_to(&mut device, &notes[0]).unwrap();
    one.note_shown_to(&mut device, &notes[1]).unwrap();
    assert_eq!(device.unlinked().unwrap(), [notes[2].clone()]);
    let refused = one.note_shown_to(&mut device, &notes[2]);
    assert!(matches!(refused, Err(ReceiptError::TwoHistories { from: 5, to: 9 })), "{refused:?}");
}
