use std::cell::RefCell;

use attendance::{
    ChainBreak, ChainError, ChainHead, ChainedEvent, DeviceId, EVENT_DOMAIN, Event, EventDraft,
    EventRejection, UnverifiedEvent, event_hash, follows, genesis_hash,
};
use seal::{PublicKey, Sign1, SignError, Signature, Signer};

use crate::fixture::{device, device_id, flips, key, notice, signed_event, visit};

fn sealed(head: &ChainHead, draft: EventDraft) -> ChainedEvent {
    head.prepare(draft, device_id()).seal(&device()).expect("the key is the device's")
}

fn genesis() -> ChainHead {
    ChainHead::genesis(&device().public_key())
}

/// Signs an event as if nobody had looked at it.
fn forged(event: &Event) -> Vec<u8> {
    Sign1::seal(&device(), EVENT_DOMAIN, event.to_bytes()).expect("software keys sign").to_bytes()
}

fn verify(bytes: &[u8]) -> Result<ChainedEvent, EventRejection> {
    ChainedEvent::parse_and_verify(bytes, &device().public_key())
}

#[test]
fn chains_events_from_genesis() {
    let mut head = genesis();
    assert_eq!((head.seq_next, head.prev), (0, genesis_hash(&device().public_key())));
    for seq in 0..5 {
        let event = sealed(&head, if seq % 2 == 0 { visit() } else { notice() });
        assert_eq!(event.event().seq, seq);
        assert_eq!(event.event().prev, head.prev);
        assert_eq!(follows(&head, &event), Ok(()));
        assert_eq!(event.hash(), event_hash(event.bytes()));
        assert_eq!(verify(event.bytes()).as_ref(), Ok(&event));
        let parsed = UnverifiedEvent::parse(event.bytes()).unwrap();
        assert_eq!((parsed.event(), parsed.hash()), (event.event(), event.hash()));
        assert_eq!(parsed.bytes(), event.bytes());
        head = event.next_head();
        assert_eq!(head, ChainHead { seq_next: seq + 1, prev: event.hash() });
    }
}

#[test]
fn names_each_break_of_a_chain() {
    let first = sealed(&genesis(), visit());
    let second = sealed(&first.next_head(), notice());
    let gap = ChainBreak::Gap { expected: 0, found: 1 };
    assert_eq!(follows(&genesis(), &second), Err(gap));
    assert_eq!(follows(&second.next_head(), &second), Err(ChainBreak::Fork));
    let other_first = sealed(&genesis(), notice());
    assert_eq!(follows(&other_first.next_head(), &second), Err(ChainBreak::PrevMismatch));
    let moved = ChainHead::genesis(&key(22).public_key());
    assert_eq!(follows(&moved, &first), Err(ChainBreak::PrevMismatch));
}

#[test]
fn refuses_every_flipped_bit_and_every_truncation() {
    for draft in [visit(), notice()] {
        let bytes = signed_event(draft);
        for (at, broken) in flips(&bytes) {
            assert!(verify(&broken).is_err(), "byte {at}");
        }
        for kept in 0..bytes.len() {
            let cut = verify(&bytes[..kept]);
            assert!(matches!(cut, Err(EventRejection::Malformed(_))), "{kept} bytes");
        }
        assert!(verify(&[&bytes[..], &[0]].concat()).is_err());
    }
}

#[test]
fn refuses_an_event_of_another_device() {
    let device_of = |seed| DeviceId::derive_from(&key(seed).public_key());
    let bytes = signed_event(visit());
    let refused = ChainedEvent::parse_and_verify(&bytes, &key(22).public_key());
    assert_eq!(refused, Err(EventRejection::WrongDevice { device: device_id() }));
    let stolen = Event { device: device_of(22), ..verify(&bytes).unwrap().event().clone() };
    let wrong = Err(EventRejection::WrongDevice { device: device_of(22) });
    assert_eq!(verify(&forged(&stolen)), wrong);
    let sealed = genesis().prepare(visit(), device_of(22)).seal(&device());
    assert!(matches!(sealed, Err(ChainError::WrongKey { device, key })
        if device == device_of(22) && key == device_id()));
}

#[test]
fn refuses_another_version_and_a_position_nothing_could_follow() {
    let event = verify(&signed_event(visit())).unwrap().event().clone();
    let newer = Event { version: 2, ..event.clone() };
    assert_eq!(verify(&forged(&newer)), Err(EventRejection::UnknownVersion { version: 2 }));
    let last = Event { seq: u64::MAX, ..event };
    assert!(matches!(verify(&forged(&last)), Err(EventRejection::Malformed(_))));
}

#[test]
fn refuses_an_event_over_the_limit() {
    let long = EventDraft { document: Some("9".repeat(5000)), ..notice() };
    let sealed = genesis().prepare(long.clone(), device_id()).seal(&device());
    assert!(matches!(sealed, Err(ChainError::TooLong { .. })));
    let event = genesis().prepare(long, device_id()).event().clone();
    assert!(matches!(verify(&forged(&event)), Err(EventRejection::Malformed(_))));
}

#[test]
fn hands_out_the_very_bytes_that_the_envelope_signs() {
    let prepared = genesis().prepare(visit(), device_id());
    let witness = Witness { seen: RefCell::default() };
    Sign1::seal(&witness, EVENT_DOMAIN, prepared.event().to_bytes()).unwrap();
    assert_eq!(prepared.to_sign(), *witness.seen.borrow());
    let signature = device().sign(&prepared.to_sign()).unwrap();
    let attached = prepared.clone().attach(&device().public_key(), signature).unwrap();
    assert_eq!(attached, prepared.seal(&device()).unwrap());
}

#[test]
fn refuses_a_keystore_that_signs_wrongly() {
    let prepared = genesis().prepare(visit(), device_id());
    let other = device().sign(b"something else").unwrap();
    let attached = prepared.clone().attach(&device().public_key(), other);
    assert!(matches!(attached, Err(ChainError::BadSignature)));
    assert!(matches!(prepared.seal(&Gone), Err(ChainError::Sign(SignError(_)))));
}

/// Remembers what it is asked to sign.
struct Witness {
    seen: RefCell<Vec<u8>>,
}

impl Signer for Witness {
    fn public_key(&self) -> PublicKey {
        device().public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        *self.seen.borrow_mut() = message.to_vec();
        device().sign(message)
    }
}

/// A keystore that has lost its key.
struct Gone;

impl Signer for Gone {
    fn public_key(&self) -> PublicKey {
        device().public_key()
    }

    fn sign(&self, _: &[u8]) -> Result<Signature, SignError> {
        Err(SignError("the keystore is locked".to_owned()))
    }
}
