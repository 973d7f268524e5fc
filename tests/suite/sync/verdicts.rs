//! A verdict for each event: a bad one is put aside and blocks nothing.

use sync_api::{BatchResponse, VerdictKind};
use system_tests::{Pen, Town};

use super::{batch, enrolled_pen, kinds, reason, visits};

/// Flips one bit of the signature.
fn flipped(event: &[u8]) -> Vec<u8> {
    let mut broken = event.to_vec();
    *broken.last_mut().expect("an event has bytes") ^= 1;
    broken
}

#[tokio::test]
async fn flipped_byte_is_put_aside_and_the_good_ones_go_through() {
    let town = Town::found().await;
    let mut pen = enrolled_pen(&town, 40).await;
    let mut other = enrolled_pen(&town, 41).await;
    let good = visits(&mut pen, 1..=3);
    let others = visits(&mut other, 1..=1);
    let events = [
        good[0].clone(),
        flipped(&good[1]),
        good[1].clone(),
        flipped(&others[0]),
        good[2].clone(),
        others[0].clone(),
    ];
    let answer: BatchResponse = town.carrier().await.put_batch(batch(&events)).await.fine();

    let (stored, parked) = (VerdictKind::Stored, VerdictKind::Parked);
    assert_eq!(kinds(&answer), [stored, parked, stored, parked, stored, stored]);
    for at in [1, 3] {
        assert_eq!(reason(&answer.verdicts[at]), "bad_signature");
        assert_eq!(answer.verdicts[at].leaf_index, None);
    }
    assert_eq!(town.count("event"), 4);
    assert_eq!(town.count("parked WHERE reason = 'bad_signature'"), 2);
    assert_eq!(town.count("device WHERE suspended = 1"), 0, "a bad byte is nobody's fault");
}

#[tokio::test]
async fn no_flipped_byte_of_an_event_is_ever_stored() {
    let town = Town::found().await;
    let mut pen = enrolled_pen(&town, 40).await;
    let [event] = <[_; 1]>::try_from(visits(&mut pen, 1..=1)).unwrap();
    let broken: Vec<Vec<u8>> = (0..event.len())
        .map(|at| {
            let mut broken = event.clone();
            broken[at] ^= 0x10;
            broken
        })
        .collect();
    for events in broken.chunks(100) {
        let answer: BatchResponse = town.carrier().await.put_batch(batch(events)).await.fine();
        for (at, verdict) in answer.verdicts.iter().enumerate() {
            let stored = [VerdictKind::Stored, VerdictKind::Duplicate].contains(&verdict.verdict);
            assert!(!stored, "byte {at} of a chunk was changed and the event was taken");
        }
    }
    assert_eq!(town.count("event"), 0);
    let answer: BatchResponse = town.carrier().await.put_batch(batch(&[event])).await.fine();
    assert_eq!(kinds(&answer), [VerdictKind::Stored], "the true one is still welcome");
}

#[tokio::test]
async fn gap_is_deferred_until_it_is_filled() {
    let town = Town::found().await;
    let mut pen = enrolled_pen(&town, 40).await;
    let events = visits(&mut pen, 1..=3);
    let early: BatchResponse = town.carrier().await.put_batch(batch(&events[2..])).await.fine();
    assert_eq!(kinds(&early), [VerdictKind::Deferred]);
    assert_eq!(reason(&early.verdicts[0]), "gap");
    assert_eq!(early.verdicts[0].expected_seq, Some(0));
    let first: BatchResponse = town.carrier().await.put_batch(batch(&events[..1])).await.fine();
    assert_eq!(kinds(&first), [VerdictKind::Stored]);
    let still: BatchResponse = town.carrier().await.put_batch(batch(&events[2..])).await.fine();
    assert_eq!(still.verdicts[0].expected_seq, Some(1));
    assert_eq!(town.count("event"), 1);
    assert_eq!(town.count("parked"), 0, "what may still come is not put aside");

    let all: BatchResponse = town.carrier().await.put_batch(batch(&events)).await.fine();
    let (duplicate, stored) = (VerdictKind::Duplicate, VerdictKind::Stored);
    assert_eq!(kinds(&all), [duplicate, stored, stored]);
    assert_eq!(all.verdicts[0].leaf_index, first.verdicts[0].leaf_index);
}

#[tokio::test]
async fn event_twice_in_one_batch_is_one_leaf() {
    let town = Town::found().await;
    let mut pen = enrolled_pen(&town, 40).await;
    let [event] = <[_; 1]>::try_from(visits(&mut pen, 1..=1)).unwrap();
    let answer: BatchResponse =
        town.carrier().await.put_batch(batch(&[event.clone(), event])).await.fine();
    assert_eq!(kinds(&answer), [VerdictKind::Stored, VerdictKind::Duplicate]);
    assert_eq!(answer.verdicts[0].leaf_index, answer.verdicts[1].leaf_index);
    assert_eq!(town.count("event"), 1);
}

#[tokio::test]
async fn event_of_an_unknown_device_waits_and_noise_is_put_aside() {
    let town = Town::found().await;
    let mut stranger = Pen::new(99);
    let mut events = visits(&mut stranger, 1..=1);
    events.push(b"not an event".to_vec());
    let answer: BatchResponse = town.carrier().await.put_batch(batch(&events)).await.fine();
    assert_eq!(kinds(&answer), [VerdictKind::Deferred, VerdictKind::Parked]);
    assert_eq!(reason(&answer.verdicts[0]), "unknown_device");
    assert_eq!(reason(&answer.verdicts[1]), "malformed");
    assert_eq!(town.count("event"), 0);
}

#[tokio::test]
async fn any_device_may_carry_the_events_of_another() {
    let town = Town::found().await;
    let (mut one, mut two) = (enrolled_pen(&town, 40).await, enrolled_pen(&town, 41).await);
    let events = [visits(&mut one, 1..=2), visits(&mut two, 3..=3)].concat();
    let answer: BatchResponse = town.carrier().await.put_batch(batch(&events)).await.fine();
    assert_eq!(kinds(&answer), [VerdictKind::Stored; 3]);
}
