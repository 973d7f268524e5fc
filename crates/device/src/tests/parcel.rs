//! Parcels: what goes in, what a carrier sees, what an answer may say.

use attendance::{PackContext, unpack};
use carriage::{
    Parcel, ParcelAnswer, ParcelContents, ParcelGrowth, ParcelReceipts, ParcelSecret, ParcelVerdict,
};
use tlog::{BatchReceipt, LeafRange, prove_batch};

use super::*;
use crate::{MadeParcel, ParcelError, Verdict};

fn secret() -> ParcelSecret {
    ParcelSecret::from_seed(&[40; 32])
}

fn with_key(district: &District) -> Device {
    let mut device = with_events(district);
    let stated = secret().public().state(&key(LOG)).unwrap();
    device.keep_parcel_key(&stated, Some(7_400)).unwrap();
    device
}

fn opened(made: &MadeParcel, seed: u8) -> ParcelContents {
    let parcel = Parcel::parse(&made.bytes).unwrap();
    let contents = parcel.open(&secret()).unwrap();
    ParcelContents::parse_and_verify(&contents, &key(seed).public_key()).unwrap()
}

/// Takes the events of a parcel into the log and answers, as a server does.
fn answer(log: &mut TestLog, made: &MadeParcel) -> ParcelAnswer {
    let contents = opened(made, TEACHER);
    let roster = roster(1);
    let events = unpack(&contents.batch, &PackContext::of(&roster)).unwrap();
    let growth = contents.known_size;
    let leaves: Vec<_> = events.iter().map(|event| log.push(event)).collect();
    let size = log.tree.size();
    let range = LeafRange { start: leaves[0].index, count: leaves.len() as u64 };
    let proof = prove_batch(&[range], size, &log.tree);
    let receipt = BatchReceipt::issue(&key(LOG), &proof.unwrap(), log.tree.root()).unwrap();
    let places = (0..).zip(&events).map(|(place, _)| place).collect();
    let salts = leaves.iter().map(|leaf| leaf.salt).collect();
    ParcelAnswer {
        parcel: made.name,
        verdicts: vec![ParcelVerdict::Stored; events.len()],
        checkpoint: log.note(),
        receipts: Some(ParcelReceipts { receipt, places, salts }),
        growth: growth.map(|from| {
            let proof = log.growth(from, size).proof.unwrap();
            ParcelGrowth { from, root: proof.root, path: proof.path }
        }),
    }
}

#[test]
fn events_come_to_receipted_by_parcel_alone() {
    let district = District::new();
    let mut device = with_key(&district);
    let mut log = TestLog::new();
    let made = device.make_parcel(60_000, [1; 32]).unwrap().unwrap();
    assert_eq!((made.events, made.left), (2, 0));
    let header = Parcel::parse(&made.bytes).unwrap().header();
    assert_eq!((header.device, header.events), (device.id(), 2));
    let signed = answer(&mut log, &made).sign(&key(LOG)).unwrap();
    let taken = device.take_answer(&signed).unwrap();
    assert_eq!((taken.taken, taken.parked, taken.receipted), (2, 0, 2));
    assert_eq!(device.status().unwrap().not_receipted, 0);
    assert_eq!(device.make_parcel(60_000, [2; 32]).unwrap(), None, "nothing waits any more");
    // A second time it brings nothing new, and does no harm.
    assert_eq!(device.take_answer(&signed).unwrap().receipted, 0);

    // The next one rests on the checkpoint of the first.
    device.record_scan(&card(BETA), lesson()).unwrap();
    let made = device.make_parcel(60_000, [3; 32]).unwrap().unwrap();
    assert_eq!(opened(&made, TEACHER).known_size, Some(log.tree.size()));
    let answer = answer(&mut log, &made);
    assert!(answer.growth.is_some());
    let taken = device.take_answer(&answer.sign(&key(LOG)).unwrap()).unwrap();
    assert_eq!((taken.taken, taken.receipted), (1, 1));
    assert_eq!(codes(&device), []);
}

#[test]
fn a_carrier_learns_nothing_of_a_child() {
    let district = District::new();
    let mut device = with_key(&district);
    let made = device.make_parcel(60_000, [1; 32]).unwrap().unwrap();
    let id = device.id();
    let at = made.bytes.windows(id.0.len()).position(|window| window == id.as_bytes());
    let at = at.expect("the sender is in the clear, so looking finds things");
    // The sender's id is in each event too: what is looked through is all the rest.
    let rest = made.bytes.split_at(at + id.0.len()).1;
    let seen = |what: &[u8]| rest.windows(what.len()).any(|window| window == what);
    for (id, what) in
        [(&ALPHA.0[..], "child"), (&lesson().0[..], "lesson"), (&PROVIDER.0, "provider")]
    {
        assert!(!seen(id), "the {what} is in the clear");
    }
    for row in device.outbox(100, usize::MAX).unwrap() {
        assert!(!seen(&row.hash.0), "the name of an event is in the clear");
        for part in row.bytes.windows(8) {
            assert!(!seen(part), "a part of an event is in the clear");
        }
    }
    let signed = answer(&mut TestLog::new(), &made).sign(&key(LOG)).unwrap();
    let in_answer = |what: &[u8]| signed.windows(what.len()).any(|window| window == what);
    for row in device.outbox(100, usize::MAX).unwrap() {
        assert!(!in_answer(&row.hash.0), "the name of an event is in the answer");
    }
    assert!(!in_answer(&ALPHA.0) && !in_answer(&lesson().0));
}

#[test]
fn an_answer_that_the_log_did_not_sign_says_nothing() {
    let district = District::new();
    let mut device = with_key(&district);
    let made = device.make_parcel(60_000, [1; 32]).unwrap().unwrap();
    let answer = answer(&mut TestLog::new(), &made);
    let forged = answer.sign(&key(LOG + 1)).unwrap();
    assert!(matches!(device.take_answer(&forged), Err(ParcelError::Answer(_))));
    assert_eq!(device.outbox(100, usize::MAX).unwrap().len(), 2, "nothing counts as sent");
    // Signed, for another's parcel.
    let other = ParcelAnswer { parcel: seal::sha256(b"another"), ..answer };
    let other = device.take_answer(&other.sign(&key(LOG)).unwrap());
    assert!(matches!(other, Err(ParcelError::OtherParcel)));
}

#[test]
fn a_key_counts_only_if_the_log_stated_it() {
    let district = District::new();
    let mut device = with_events(&district);
    let made = device.make_parcel(60_000, [1; 32]);
    assert!(matches!(made, Err(ParcelError::NoKey)));
    let forged = secret().public().state(&key(CA)).unwrap();
    assert!(matches!(device.keep_parcel_key(&forged, None), Err(ParcelError::Key(_))));
    assert_eq!(device.parcel_key().unwrap(), None);
    let stated = secret().public().state(&key(LOG)).unwrap();
    device.keep_parcel_key(&stated, Some(7_400)).unwrap();
    assert_eq!(device.parcel_key().unwrap(), Some(secret().public()));
    assert_eq!(device.datagram_port().unwrap(), Some(7_400));
    // A log whose key is taken off the list states nothing any more.
    device.install_trust_list(&trust_list_with(6, LOG + 100, None)).unwrap();
    assert_eq!(device.parcel_key().unwrap(), None);
}

#[test]
fn a_parcel_keeps_to_its_limit_and_says_what_is_left() {
    let district = District::new();
    let mut device = with_key(&district);
    for second in 1..60 {
        district.set_clock(START_MS + second * 1_000);
        device.record_scan(&card_by(&key(ISSUER), child(second)).text, lesson()).unwrap();
    }
    let made = device.make_parcel(4_000, [1; 32]).unwrap().unwrap();
    assert!(made.bytes.len() <= 4_000, "{} bytes", made.bytes.len());
    assert!(made.events > 10 && made.events + made.left == 61, "{made:?}");
    let first: Vec<_> = device.outbox(made.events, usize::MAX).unwrap();
    let events = unpack(&opened(&made, TEACHER).batch, &PackContext::of(&roster(1))).unwrap();
    assert!(events.iter().eq(first.iter().map(|row| &row.bytes)), "in chain order from the start");
}

#[test]
fn who_cannot_unpack_gets_the_next_one_without_a_roster() {
    let district = District::new();
    let mut device = with_key(&district);
    let made = device.make_parcel(60_000, [1; 32]).unwrap().unwrap();
    assert!(unpack(&opened(&made, TEACHER).batch, &PackContext::empty()).is_err());
    let refused = ParcelAnswer {
        verdicts: vec![ParcelVerdict::Deferred("other_roster".into()); 2],
        receipts: None,
        ..answer(&mut TestLog::new(), &made)
    };
    let taken = device.take_answer(&refused.sign(&key(LOG)).unwrap()).unwrap();
    assert_eq!((taken.taken, taken.receipted), (0, 0));
    let made = device.make_parcel(60_000, [2; 32]).unwrap().unwrap();
    let events = unpack(&opened(&made, TEACHER).batch, &PackContext::empty()).unwrap();
    assert_eq!(events.len(), 2);
}

#[test]
fn what_was_put_aside_is_not_carried_again() {
    let district = District::new();
    let mut device = with_key(&district);
    let first = device.outbox(1, usize::MAX).unwrap()[0].hash;
    device.record_verdicts(&[(first, Verdict::Parked("fork".into()))]).unwrap();
    let made = device.make_parcel(60_000, [1; 32]).unwrap().unwrap();
    assert_eq!(made.events, 1);
}

fn child(number: i64) -> ChildId {
    let mut id = [77; 12];
    id[4..].copy_from_slice(&number.to_be_bytes());
    ChildId(id)
}
