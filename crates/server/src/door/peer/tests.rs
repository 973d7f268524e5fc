//! What one address can make the door do.

use std::net::SocketAddr;

use carriage::FrameStream;

use super::*;

const COOKIE: [u8; 8] = [7; 8];

fn from() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 9))
}

fn stream(length: usize) -> (Vec<u8>, FrameStream) {
    let object = vec![5; length];
    let stream = FrameStream::new(&object, 1_000).unwrap();
    (object, stream)
}

/// Everything that is due within so many milliseconds, in bytes.
fn sent(peer: &mut Peer, from_ms: u64, for_ms: u64) -> u64 {
    let mut bytes = 0;
    for now_ms in from_ms..from_ms + for_ms {
        while let Some(datagram) = peer.due(now_ms) {
            bytes += datagram.len() as u64;
        }
    }
    bytes
}

fn answered(peer: &mut Peer, object: &[u8], answer: usize, now_ms: u64) {
    let (from, parcel) = (from(), seal::sha256(object));
    let judgement = Judgement::Answer(vec![3; answer]);
    peer.judged(Judged { from, parcel, judgement }, now_ms);
}

#[test]
fn sends_no_more_than_three_times_what_came_before_the_address_has_shown_that_it_listens() {
    let mut peer = Peer::new(COOKIE, 0);
    let (object, stream) = stream(3_000);
    let mut came = 0;
    for number in 0..3 {
        let bytes = stream.frame(number).to_bytes();
        came += bytes.len() as u64;
        let whole = peer.came(&bytes, 10);
        assert_eq!(whole.is_some(), number == 2);
    }
    answered(&mut peer, &object, 60_000, 20);
    let without = sent(&mut peer, 20, 5_000);
    assert!(without <= 3 * came && without > came, "{without} bytes for {came}");
    // A cookie that is not the one that was sent shows nothing.
    let feedback = |cookie| Feedback {
        transfer: stream.transfer().id,
        standing: Standing::More,
        received: 0,
        newest: 0,
        at_ms: 0,
        cookie,
    };
    peer.came(&feedback([0; 8]).to_bytes(), 5_030);
    let guessed = sent(&mut peer, 5_030, 4_000);
    assert!(without + guessed <= 3 * (came + 28));
    peer.came(&feedback(COOKIE).to_bytes(), 9_040);
    assert!(sent(&mut peer, 9_040, 5_000) > 3_000, "now the answer goes");
    // And ends when the address says nothing any more.
    assert!(sent(&mut peer, 14_040, 3_000) < 6_000);
    assert_eq!(sent(&mut peer, 17_040, 60_000), 0);
}

#[test]
fn takes_only_so_many_datagrams_a_second() {
    let mut peer = Peer::new(COOKIE, 0);
    let (_, stream) = stream(60_000);
    let taken = |peer: &Peer| peer.collector.progress(stream.transfer().id).unwrap().received;
    for number in 1_000..1_300 {
        peer.came(&stream.frame(number).to_bytes(), 0);
    }
    // More than enough symbols for the whole came at once: it is whole before the limit.
    assert!(matches!(peer.stage, Stage::Judging(_)));
    let mut peer = Peer::new(COOKIE, 0);
    for _ in 0..1_000 {
        peer.came(b"noise", 0);
    }
    peer.came(&stream.frame(0).to_bytes(), 0);
    assert!(peer.collector.progress(stream.transfer().id).is_none(), "the burst is used up");
    peer.came(&stream.frame(0).to_bytes(), 10);
    assert_eq!(taken(&peer), 1);
}

#[test]
fn tells_an_address_that_waits_for_something_unknown_to_begin_anew() {
    let mut peer = Peer::new(COOKIE, 0);
    let (_, stream) = stream(5_000);
    let waiting = Feedback {
        transfer: stream.transfer().id,
        standing: Standing::More,
        received: 0,
        newest: 0,
        at_ms: 0,
        cookie: [1; 8],
    };
    peer.came(&waiting.to_bytes(), 5);
    let told = Feedback::parse(&peer.due(5).unwrap()).unwrap();
    assert_eq!((told.transfer, told.standing), (stream.transfer().id, Standing::More));
    assert_eq!((told.received, told.cookie), (0, COOKIE));
}

#[test]
fn what_is_too_long_or_refused_is_unwanted_and_another_parcel_begins_anew() {
    let mut peer = Peer::new(COOKIE, 0);
    let (_, long) = stream(PARCEL_MAX_BYTES + 1);
    assert_eq!(peer.came(&long.frame(0).to_bytes(), 0), None);
    let told = Feedback::parse(&peer.due(0).unwrap()).unwrap();
    assert_eq!(told.standing, Standing::Unwanted);
    let (object, stream) = stream(1_000);
    assert_eq!(peer.came(&stream.frame(0).to_bytes(), 1), Some(object.clone()));
    let (from, parcel) = (from(), seal::sha256(&object));
    peer.judged(Judged { from, parcel, judgement: Judgement::Unwanted }, 2);
    let told = Feedback::parse(&peer.due(500).unwrap()).unwrap();
    assert_eq!((told.transfer, told.standing), (stream.transfer().id, Standing::Unwanted));
}
