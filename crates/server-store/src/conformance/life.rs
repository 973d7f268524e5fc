//! The life of devices: revocations, replacements, releases, certificates.

use attendance::{DeviceId, RevocationReason};
use seal::sha256;

use super::{DEVICE, OTHER, event, leaf, parked};
use crate::device::{Grants, NewRevocation, RevokedWhen, StoredTicket, TicketVerdict, Told};
use crate::log::SequencedBatch;
use crate::store::Store;

fn revocation(device: DeviceId, number: u8, when: RevokedWhen) -> NewRevocation {
    let decision = sha256(&[number; 3]);
    NewRevocation { device, reason: RevocationReason::Stolen, decision, when }
}

fn now(at_ms: i64) -> RevokedWhen {
    RevokedWhen::Now { at_ms, events: 4 }
}

async fn two_devices(store: &Store) {
    store.put_device(DEVICE, vec![1]).await.unwrap();
    store.put_device(OTHER, vec![2]).await.unwrap();
}

pub(crate) async fn revokes_a_device_once_and_in_order(store: &Store) {
    two_devices(store).await;
    let first = SequencedBatch {
        leaves: vec![event(1, 0), event(2, 1)],
        revoked: vec![revocation(OTHER, 1, now(10)), revocation(OTHER, 2, now(20))],
        ..SequencedBatch::default()
    };
    store.append(0, first).await.unwrap();
    let second = SequencedBatch {
        leaves: vec![event(3, 2)],
        revoked: vec![revocation(DEVICE, 3, now(5))],
        ..SequencedBatch::default()
    };
    store.append(2, second).await.unwrap();
    let all = store.revocations().await.unwrap();
    let seen: Vec<_> = all.iter().map(|one| (one.device, one.at_ms, one.events)).collect();
    assert_eq!(seen, [(OTHER, 10, 4), (DEVICE, 5, 4)], "the first one counts");
    let known = store.device(OTHER).await.unwrap().unwrap();
    assert_eq!(known.revoked, Some(all[0]));
}

pub(crate) async fn revokes_nobody_if_the_batch_is_not_written(store: &Store) {
    two_devices(store).await;
    let broken = SequencedBatch {
        leaves: vec![event(1, 0), event(2, 0)],
        revoked: vec![revocation(OTHER, 1, now(10))],
        ..SequencedBatch::default()
    };
    assert!(store.append(0, broken).await.is_err());
    // Nor by an event that is not in the log.
    let nowhere = SequencedBatch {
        leaves: vec![leaf(1)],
        revoked: vec![revocation(OTHER, 9, now(10))],
        ..SequencedBatch::default()
    };
    assert!(store.append(0, nowhere).await.is_err());
    assert_eq!(store.revocations().await.unwrap(), []);
    assert_eq!(store.tree_size().await.unwrap(), 0);
}

pub(crate) async fn replaces_a_device_when_its_ticket_is_used(store: &Store) {
    two_devices(store).await;
    let ticket = |secret: &[u8]| StoredTicket {
        secret_hash: sha256(secret),
        grants: Grants("{}".to_owned()),
        expires_ms: 1_000,
        replaces: Some(OTHER),
    };
    let (one, two) = (sha256(b"one"), sha256(b"two"));
    store.put_ticket(ticket(b"one")).await.unwrap();
    store.put_ticket(ticket(b"two")).await.unwrap();
    let early = store.use_ticket(one, DEVICE, 1).await.unwrap();
    assert_eq!(early, TicketVerdict::Undecided, "nobody has decided it");
    let decision = SequencedBatch {
        leaves: vec![event(1, 0)],
        revoked: vec![revocation(OTHER, 1, RevokedWhen::Ticket(one))],
        ..SequencedBatch::default()
    };
    store.append(0, decision).await.unwrap();
    assert_eq!(store.revocations().await.unwrap(), [], "the ticket is not used");
    assert_eq!(store.use_ticket(two, DEVICE, 1).await.unwrap(), TicketVerdict::Undecided);
    let used = store.use_ticket(one, DEVICE, 7).await.unwrap();
    assert_eq!(used, TicketVerdict::Good(Grants("{}".to_owned())));
    let [revoked] = <[_; 1]>::try_from(store.revocations().await.unwrap()).unwrap();
    assert_eq!((revoked.device, revoked.at_ms, revoked.replaced_by), (OTHER, 7, Some(DEVICE)));
    assert_eq!(store.device(OTHER).await.unwrap().unwrap().replaced_by, Some(DEVICE));
    // Revoked already: another ticket in its place needs no decision.
    assert!(matches!(store.use_ticket(two, DEVICE, 8).await.unwrap(), TicketVerdict::Good(_)));
    assert_eq!(store.revocations().await.unwrap().len(), 1);
}

pub(crate) async fn newest_certificate_of_a_device_counts(store: &Store) {
    two_devices(store).await;
    store.put_certificate(DEVICE, vec![8], 1).await.unwrap();
    store.put_certificate(DEVICE, vec![9], 2).await.unwrap();
    let certificate = async |device| store.device(device).await.unwrap().unwrap().certificate;
    assert_eq!((certificate(DEVICE).await, certificate(OTHER).await), (vec![9], vec![2]));
    assert!(store.put_certificate(DeviceId([1; 8]), vec![1], 3).await.is_err(), "no such device");
    let told = |seq_next| Told { seq_next, version: "1".to_owned() };
    store.put_told(DEVICE, told(3)).await.unwrap();
    store.put_told(DEVICE, told(5)).await.unwrap();
    assert_eq!(store.device(DEVICE).await.unwrap().unwrap().told, Some(told(5)));
}

pub(crate) async fn counts_what_is_aside_until_it_is_in_the_log(store: &Store) {
    two_devices(store).await;
    let aside = SequencedBatch {
        parked: vec![parked(&[1; 3]), parked(&[2; 3])],
        ..SequencedBatch::default()
    };
    store.append(0, aside).await.unwrap();
    let groups = store.parked_groups().await.unwrap();
    assert_eq!(
        groups.iter().map(|group| (group.device, group.count)).collect::<Vec<_>>(),
        [(None, 2)]
    );
    let released = SequencedBatch {
        leaves: vec![event(9, 0), event(1, 1)],
        released: vec![(sha256(&[1; 3]), sha256(&[9; 3]))],
        ..SequencedBatch::default()
    };
    store.append(0, released).await.unwrap();
    assert_eq!(store.parked_groups().await.unwrap()[0].count, 1);
    store.place_all_parked().await.unwrap();
    assert_eq!(store.parked_of(DEVICE).await.unwrap(), [], "these bytes are no event");
}
