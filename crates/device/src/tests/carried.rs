//! What somebody carries: a verified word, never more than that.

use attendance::{ACKNOWLEDGEMENT_VERSION, Acknowledgement, AcknowledgementRejection};

use super::*;
use crate::{CarriedError, Mark, Verdict};

const PARCEL: Hash = Hash([7; 32]);
const STRANGER_CA: u8 = 99;

fn with_two_events(district: &District) -> (Device, Vec<Hash>) {
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    device.record_scan(&card(ALPHA), lesson()).unwrap();
    let rows = device.outbox(100, usize::MAX).unwrap();
    (device, rows.into_iter().map(|row| row.hash).collect())
}

fn word(seed: u8, parcel: Hash) -> Vec<u8> {
    let carrier = DeviceId::derive_from(&key(seed).public_key());
    let said = Acknowledgement { version: ACKNOWLEDGEMENT_VERSION, parcel, carrier, at_ms: 5 };
    said.issue(&key(seed)).unwrap()
}

fn by_coordinator(device: &mut Device, events: &[Hash]) -> Result<usize, CarriedError> {
    let certificate = certificate(COORDINATOR, Role::Coordinator);
    device.store_carried(PARCEL, events, &word(COORDINATOR, PARCEL), &certificate)
}

fn marks(device: &Device, events: &[Hash]) -> Vec<Mark> {
    events.iter().map(|event| device.mark_of(*event).unwrap().unwrap()).collect()
}

#[test]
fn carried_event_is_not_sent_and_stays_in_the_outbox() {
    let district = District::new();
    let (mut device, events) = with_two_events(&district);
    assert_eq!(by_coordinator(&mut device, &events[..1]).unwrap(), 1);
    assert_eq!(by_coordinator(&mut device, &events[..1]).unwrap(), 0, "said twice is said once");
    assert_eq!(marks(&device, &events), [Mark::Carried, Mark::Recorded]);
    let status = device.status().unwrap();
    assert_eq!((status.not_sent, status.carried, status.not_receipted), (2, 1, 2));
    let rows = device.outbox(100, usize::MAX).unwrap();
    assert_eq!(rows.iter().map(|row| row.hash).collect::<Vec<_>>(), events);
    assert_eq!(device.awaiting_receipt().unwrap(), []);
    let carriers = device.carriers().unwrap();
    let by = DeviceId::derive_from(&key(COORDINATOR).public_key());
    assert_eq!((carriers.len(), carriers[0].device, carriers[0].events), (1, by, 1));
    assert!(!carriers[0].name.is_empty());
}

#[test]
fn servers_verdict_goes_before_a_carriers_word() {
    let district = District::new();
    let (mut device, events) = with_two_events(&district);
    device.record_verdicts(&[(events[0], Verdict::Deferred("busy".into()))]).unwrap();
    by_coordinator(&mut device, &events).unwrap();
    assert_eq!(marks(&device, &events), [Mark::Carried, Mark::Carried]);
    let verdicts = [(events[0], Verdict::Stored), (events[1], Verdict::Parked("why".into()))];
    device.record_verdicts(&verdicts).unwrap();
    assert_eq!(marks(&device, &events), [Mark::Sent, Mark::Recorded]);
    assert_eq!((device.outbox(9, 9_999).unwrap(), device.status().unwrap().carried), (vec![], 0));
    assert_eq!(device.carriers().unwrap(), []);
}

#[test]
fn word_that_does_not_hold_counts_as_nothing() {
    let district = District::new();
    let (mut device, events) = with_two_events(&district);
    let coordinator = certificate(COORDINATOR, Role::Coordinator);
    let good = word(COORDINATOR, PARCEL);

    let mut damaged = good.clone();
    *damaged.last_mut().unwrap() ^= 1;
    let refused = device.store_carried(PARCEL, &events, &damaged, &coordinator);
    assert!(matches!(refused, Err(CarriedError::Word(_))), "{refused:?}");

    let other = device.store_carried(Hash([8; 32]), &events, &good, &coordinator);
    assert!(matches!(other, Err(CarriedError::OtherParcel)), "{other:?}");

    let of_another = word(STRANGER_CA, PARCEL);
    let signed = device.store_carried(PARCEL, &events, &of_another, &coordinator);
    let bad = matches!(signed, Err(CarriedError::Word(AcknowledgementRejection::BadSignature)));
    assert!(bad, "{signed:?}");

    let parent = certificate(PARENT, Role::Parent);
    let family = device.store_carried(PARCEL, &events, &word(PARENT, PARCEL), &parent);
    let wrong = matches!(family, Err(CarriedError::Word(AcknowledgementRejection::WrongRole)));
    assert!(wrong, "{family:?}");

    let own = certificate(TEACHER, Role::Teacher);
    let itself = device.store_carried(PARCEL, &events, &word(TEACHER, PARCEL), &own);
    assert!(matches!(itself, Err(CarriedError::Itself)), "{itself:?}");

    assert_eq!(marks(&device, &events), [Mark::Recorded, Mark::Recorded]);
    assert_eq!(device.carriers().unwrap(), []);
}

#[test]
fn carrier_of_another_district_is_a_stranger() {
    let district = District::new();
    let (mut device, events) = with_two_events(&district);
    let mut named: DeviceCertificate = seal::from_canonical(
        seal::Sign1::parse(&certificate(COORDINATOR, Role::Coordinator))
            .unwrap()
            .unverified_payload(),
    )
    .unwrap();
    named.name = "Somebody's laptop".into();
    let theirs = named.issue(&key(STRANGER_CA)).unwrap();
    let refused = device.store_carried(PARCEL, &events, &word(COORDINATOR, PARCEL), &theirs);
    assert!(matches!(refused, Err(CarriedError::Stranger(_))), "{refused:?}");
    assert_eq!(marks(&device, &events), [Mark::Recorded, Mark::Recorded]);
}
