//! The packed form: it loses nothing, has one spelling, and a day of three hundred children is small.

use attendance::{
    Event, EventKind, LessonId, PACKED_MAX_EVENTS, PackContext, PackRejection, PackedHeader,
    UNPACKED_MAX_BYTES, UnpackRejection, UnverifiedEvent, event_hash, pack, unpack,
};
use proptest::collection::vec;
use proptest::prelude::*;
use seal::{Hash, Sign1, Signer};

use crate::day::{Day, roster};
use crate::fixture::{device, everything, flips, key};
use crate::hostile::{edited, edits};

fn round_trip<B: AsRef<[u8]>>(events: &[B], context: &PackContext<'_>) -> Vec<u8> {
    let packed = pack(events, context).expect("within the limits");
    let back = unpack(&packed, context).expect("what was packed unpacks");
    assert_eq!(back.len(), events.len());
    for (back, event) in back.iter().zip(events) {
        assert_eq!(back, event.as_ref());
    }
    packed
}

#[test]
fn a_day_of_three_hundred_children_fits_into_54_kilobytes() {
    let roster = roster();
    let day = Day::ordinary(&roster).batches();
    let (mut events, mut bytes, mut unpacked) = (0, 0, 0);
    for batch in &day {
        events += batch.len();
        unpacked += batch.iter().map(Vec::len).sum::<usize>();
        bytes += round_trip(batch, &PackContext::of(&roster)).len();
    }
    let bare: usize = day.iter().map(|batch| round_trip(batch, &PackContext::empty()).len()).sum();
    let each = |bytes: usize| bytes as f64 / events as f64;
    eprintln!("{events} events in {} batches, signed: {unpacked} bytes", day.len());
    eprintln!("packed: {bytes} bytes, {:.1} an event; {:.1} before", each(bytes), each(unpacked));
    eprintln!("packed against nothing: {bare} bytes, {:.1} an event", each(bare));
    assert_eq!(events, 600);
    assert!(bytes <= 54_000, "{bytes} bytes");
    assert!(bytes <= 90 * events, "{:.1} bytes an event", each(bytes));
}

#[test]
fn a_day_with_the_family_s_proofs_is_within_155_bytes_an_event() {
    let roster = roster();
    let day = Day::with_proofs(&roster).batches();
    let context = PackContext::of(&roster);
    let header = pack::<&[u8]>(&[], &context).unwrap().len();
    let (mut all, mut bytes, mut costs) = (0, 0, Vec::new());
    for batch in &day {
        bytes += round_trip(batch, &context).len();
        all += batch.len();
        // Each of the last ten of a batch, by what it adds, and its share of the header.
        let from = batch.len() - 10;
        let sizes: Vec<usize> =
            (from..=batch.len()).map(|n| pack(&batch[..n], &context).unwrap().len()).collect();
        let cost = sizes.windows(2).map(|pair| pair[1] - pair[0]).zip(&batch[from..]);
        let own = cost.filter(|(_, event)| has_proof(event));
        costs.extend(own.map(|(cost, _)| cost + header.div_ceil(batch.len())));
    }
    let mean = costs.iter().sum::<usize>() as f64 / costs.len() as f64;
    let longest = costs.iter().max().copied().unwrap_or_default();
    eprintln!("{all} events, most with a proof of 86 bytes: {bytes} bytes");
    eprintln!(
        "with a proof: {mean:.1} bytes an event and its share of the header, {longest} at most"
    );
    assert!(costs.len() >= 60, "{}", costs.len());
    assert!(mean <= 155.0);
}

fn has_proof(bytes: &[u8]) -> bool {
    UnverifiedEvent::parse(bytes).is_ok_and(|event| event.event().proof.is_some())
}

#[test]
fn every_field_of_every_kind_comes_back() {
    let kinds = [EventKind::LessonOpen, EventKind::DeviceRevoke, EventKind::LessonMove];
    let extremes = [(i64::MIN, u64::MAX, 0), (i64::MAX, 0, u64::MAX), (0, 1 << 63, 1 << 63)];
    let mut events = Vec::new();
    for (kind, (wall_ms, mono_ms, seq)) in kinds.into_iter().zip(extremes) {
        let event = Event { wall_ms, mono_ms, seq, ..everything(kind) };
        events.push(sealed(&event));
        events.push(sealed(&Event { about: Some(event_hash(&events[0])), ..event.clone() }));
        events.push(sealed(&Event { proof: None, child: None, ..event }));
    }
    let packed = round_trip(&events, &PackContext::of(&roster()));
    let unpacked: usize = events.iter().map(Vec::len).sum();
    assert!(packed.len() < unpacked * 2 / 3, "none of them went verbatim: {}", packed.len());
}

fn sealed(event: &Event) -> Vec<u8> {
    let envelope = Sign1::seal(&device(), attendance::EVENT_DOMAIN, event.to_bytes());
    envelope.expect("software keys sign").to_bytes()
}

#[test]
fn what_is_not_the_device_s_own_event_travels_verbatim() {
    let own = sealed(&everything(EventKind::In));
    let newer = sealed(&Event { version: 2, ..everything(EventKind::In) });
    let foreign = Sign1::seal(&key(22), attendance::EVENT_DOMAIN, b"something".to_vec());
    let foreign = foreign.expect("software keys sign").to_bytes();
    let wrong_key =
        Sign1::seal(&key(22), attendance::EVENT_DOMAIN, everything(EventKind::In).to_bytes());
    let wrong_key = wrong_key.expect("software keys sign").to_bytes();
    for odd in [newer, foreign, wrong_key, Vec::new(), vec![0xff; 3], own[1..].to_vec()] {
        for events in [vec![odd.clone()], vec![own.clone(), odd.clone(), own.clone(), odd]] {
            round_trip(&events, &PackContext::of(&roster()));
            round_trip(&events, &PackContext::empty());
        }
    }
    round_trip::<Vec<u8>>(&[], &PackContext::empty());
}

#[test]
fn refuses_another_roster_and_says_which_it_needs() {
    let (first, mut second) = (roster(), roster());
    second.children[5].card_hash = None;
    let events = Day::ordinary(&first).batches().swap_remove(0);
    let packed = pack(&events, &PackContext::of(&first)).unwrap();
    let packed_with = PackContext::of(&first).name();
    let header = PackedHeader::parse(&packed).unwrap();
    assert_eq!((header.roster(), header.count()), (packed_with, events.len()));
    assert_eq!(
        Some(header.device()),
        UnverifiedEvent::parse(&events[0]).ok().map(|e| e.event().device)
    );
    for other in [PackContext::of(&second), PackContext::empty()] {
        assert_eq!(unpack(&packed, &other), Err(UnpackRejection::OtherRoster { packed_with }));
    }
}

#[test]
fn refuses_more_than_the_limits() {
    let context = PackContext::empty();
    let many = vec![b"x"; PACKED_MAX_EVENTS + 1];
    let count = many.len();
    assert_eq!(pack(&many, &context), Err(PackRejection::TooMany { count }));
    round_trip(&many[1..], &context);
    let long = [vec![0; UNPACKED_MAX_BYTES], vec![0]];
    let bytes = UNPACKED_MAX_BYTES + 1;
    assert_eq!(pack(&long, &context), Err(PackRejection::TooLong { bytes }));
    round_trip(&long[..1], &context);
    // One record more than is accepted, and two halves that are too long together.
    let mut packed = pack(&many[1..], &context).unwrap();
    let at = packed.windows(2).position(|pair| pair == [0x80, 0x08]).expect("the count");
    packed[at] = 0x81;
    packed.extend([0, 1, b'x']);
    assert_eq!(unpack(&packed, &context), Err(UnpackRejection::TooLarge));
    let half = vec![0; UNPACKED_MAX_BYTES / 2 + 1];
    let mut packed = pack(&[&half], &context).unwrap();
    let record = packed.split_off(packed.len() - half.len() - 4);
    *packed.last_mut().expect("the count") = 2;
    packed.extend([&record[..], &record].concat());
    assert_eq!(unpack(&packed, &context), Err(UnpackRejection::TooLarge));
}

#[test]
fn refuses_every_truncation_and_trailing_bytes() {
    let roster = roster();
    let context = PackContext::of(&roster);
    let events = Day::ordinary(&roster).batches().swap_remove(0);
    let packed = pack(&events[..8], &context).unwrap();
    for kept in 0..packed.len() {
        assert!(unpack(&packed[..kept], &context).is_err(), "{kept} bytes");
    }
    let longer = [&packed[..], &[0]].concat();
    assert_eq!(unpack(&longer, &context), Err(UnpackRejection::Damaged("trailing bytes")));
    let mut newer = packed;
    newer[0] = 2;
    assert_eq!(unpack(&newer, &context), Err(UnpackRejection::UnknownVersion { version: 2 }));
}

/// A flipped bit is refused, or comes out as bytes that no device signed.
#[test]
fn every_flipped_bit_is_refused_here_or_by_a_signature() {
    let mut roster = roster();
    let events = Day::ordinary(&roster).batches().swap_remove(0);
    roster.children.truncate(3);
    roster.lessons.truncate(3);
    let context = PackContext::of(&roster);
    let packed = pack(&events[5..7], &context).unwrap();
    for (at, broken) in flips(&packed).step_by(3) {
        if let Ok(out) = unpack(&broken, &context) {
            let key = Day::device().public_key();
            let verified = out.iter().all(|bytes| {
                UnverifiedEvent::parse(bytes).and_then(|event| event.verify(&key)).is_ok()
            });
            assert!(!verified, "byte {at}");
        }
    }
}

#[test]
fn an_event_that_is_packed_in_a_longer_way_is_refused() {
    let event = sealed(&everything(EventKind::In));
    let context = PackContext::empty();
    let header = pack::<&[u8]>(&[], &context).unwrap();
    let mut verbatim = header;
    *verbatim.last_mut().expect("the count") = 1;
    verbatim.push(0);
    let [low, high] = [event.len() & 0x7f | 0x80, event.len() >> 7].map(u8::try_from);
    verbatim.extend([low.unwrap(), high.unwrap()]);
    verbatim.extend(&event);
    assert_eq!(unpack(&verbatim, &context), Err(UnpackRejection::NotCanonical));
}

/// Something of a batch: an event of a chain, changed or not, or anything at all.
#[derive(Clone, Debug)]
enum Thing {
    Own(prop::sample::Index),
    Edited(prop::sample::Index, Vec<crate::hostile::Edit>),
    Resealed(prop::sample::Index, i64, u64, u64, [u8; 4]),
    Bytes(Vec<u8>),
}

fn things() -> impl Strategy<Value = Vec<Thing>> {
    let at = any::<prop::sample::Index>;
    let thing = prop_oneof![
        4 => at().prop_map(Thing::Own),
        2 => (at(), edits()).prop_map(|(at, edits)| Thing::Edited(at, edits)),
        3 => (at(), any::<i64>(), any::<u64>(), any::<u64>(), any::<[u8; 4]>())
            .prop_map(|(at, wall, mono, seq, odd)| Thing::Resealed(at, wall, mono, seq, odd)),
        2 => vec(any::<u8>(), 0..200).prop_map(Thing::Bytes),
    ];
    vec(thing, 0..12)
}

fn bytes_of(things: &[Thing], events: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let bytes = things.iter().map(|thing| match thing {
        Thing::Own(at) => at.get::<Vec<u8>>(events).clone(),
        Thing::Edited(at, edits) => edited(at.get::<Vec<u8>>(events), edits),
        Thing::Resealed(at, wall_ms, mono_ms, seq, [lesson, about, boot, far]) => {
            let event = UnverifiedEvent::parse(at.get::<Vec<u8>>(events))
                .expect("an event of the day")
                .event()
                .clone();
            sealed_by_day(&Event {
                wall_ms: if *far % 2 == 0 { *wall_ms } else { event.wall_ms },
                mono_ms: if *far % 3 == 0 { *mono_ms } else { event.mono_ms },
                seq: if *far % 5 == 0 { *seq } else { event.seq },
                lesson: Some(LessonId([*lesson % 4; 8])),
                about: (*about % 2 == 0).then(|| event_hash(at.get::<Vec<u8>>(events))),
                boot: attendance::BootId([*boot % 3; 8]),
                absence_document: (*far % 7 == 0).then_some(Hash([*far; 32])),
                ..event
            })
        }
        Thing::Bytes(bytes) => bytes.clone(),
    });
    bytes.collect()
}

fn sealed_by_day(event: &Event) -> Vec<u8> {
    let envelope = Sign1::seal(&Day::device(), attendance::EVENT_DOMAIN, event.to_bytes());
    envelope.expect("software keys sign").to_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_packed_comes_back(things in things(), proofs in any::<bool>()) {
        let roster = roster();
        let day = if proofs { Day::with_proofs(&roster) } else { Day::ordinary(&roster) };
        let bytes = bytes_of(&things, &day.batches()[0]);
        round_trip(&bytes, &PackContext::of(&roster));
        round_trip(&bytes, &PackContext::empty());
    }

    /// Whatever unpacks has one packed form: `unpack` itself compares, and this does it again.
    #[test]
    fn edited_batches_never_panic_and_have_one_form(edits in edits(), from in 0..40usize) {
        let roster = roster();
        let context = PackContext::of(&roster);
        let events = &Day::with_proofs(&roster).batches()[0][from..from + 8];
        let packed = edited(&pack(events, &context).unwrap(), &edits);
        if let Ok(out) = unpack(&packed, &context) {
            prop_assert_eq!(pack(&out, &context), Ok(packed));
        }
    }

    #[test]
    fn random_bytes_never_panic(
        bytes in vec(any::<u8>(), 0..300),
        behind_a_header in any::<bool>(),
        count in 0..40u8,
    ) {
        let context = PackContext::empty();
        let mut packed = pack::<&[u8]>(&[], &context).unwrap();
        *packed.last_mut().expect("the count") = count;
        let packed = if behind_a_header { [packed, bytes].concat() } else { bytes };
        let _ = PackedHeader::parse(&packed).is_ok();
        if let Ok(out) = unpack(&packed, &context) {
            prop_assert_eq!(pack(&out, &context), Ok(packed));
        }
    }

    /// Chains of the longest names and tables: a small batch never grows beyond the limit.
    #[test]
    fn a_batch_of_small_numbers_never_panics(bytes in vec(0..6u8, 0..400)) {
        let context = PackContext::empty();
        let mut packed = pack::<&[u8]>(&[], &context).unwrap();
        *packed.last_mut().expect("the count") = 3;
        packed.extend(bytes);
        if let Ok(out) = unpack(&packed, &context) {
            prop_assert_eq!(pack(&out, &context), Ok(packed));
        }
    }
}
