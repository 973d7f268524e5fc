//! The intervals of a chain, whatever its clocks say and whatever its anchors are.
#![no_main]

use attendance::{
    BootId, ChainHead, ClockParams, DeviceId, Event, EventDraft, EventKind, Opaque, TimeAnchor,
    Timeline, TrustEntry, TrustList, TrustRole,
};
use libfuzzer_sys::fuzz_target;
use seal::{Signer, SoftwareKey};

/// Reads a step of the clocks: which boot, the two clocks, and what happens.
fn step(bytes: &[u8]) -> (BootId, i64, u64, u8) {
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
    // Large and small numbers alike.
    let wide = |number: u32| u64::from(number) << (number % 33);
    (BootId([bytes[0] % 3; 8]), wide(number(2)).cast_signed(), wide(number(6)), bytes[1])
}

fuzz_target!(|data: &[u8]| {
    let (log, device) = (SoftwareKey::from_seed(&[1; 32]), SoftwareKey::from_seed(&[2; 32]));
    let id = DeviceId::derive_from(&device.public_key());
    let mut head = ChainHead::genesis(&device.public_key());
    let mut events: Vec<Event> = Vec::new();
    let Some((&ppm, steps)) = data.split_first() else { return };
    for bytes in steps.chunks_exact(10).take(12) {
        let (boot, wall_ms, mono_ms, what) = step(bytes);
        let mut draft = EventDraft::new(EventKind::In, wall_ms, mono_ms, boot);
        if what % 2 == 1 {
            let back = u64::from(what >> 6);
            let anchor = TimeAnchor {
                version: 1,
                device: id,
                time_ms: wall_ms / 2,
                mono_ms: mono_ms.saturating_sub(u64::from(what)),
                boot,
                seq_next: head.seq_next.saturating_sub(back),
                head: events.iter().rev().nth(back as usize).map_or(head.prev, |event| event.prev),
                hello: head.prev,
            };
            draft.kind = EventKind::TimeAnchor;
            draft.anchor = anchor.sign(&log).ok().and_then(|bytes| Opaque::from_slice(&bytes));
        }
        let event = head.prepare(draft, id).seal(&device).expect("a software key seals");
        head = event.next_head();
        events.push(event.event().clone());
    }
    let entry = TrustEntry {
        key: log.public_key().to_bytes(),
        role: TrustRole::Log,
        scope: "log".to_owned(),
        not_before_s: 0,
        not_after_s: i64::MAX,
    };
    let trust =
        TrustList { version: 1, not_after_s: 0, entries: vec![entry], witness_quorum: None };
    let params = ClockParams { fast_ppm: u32::from(ppm) * 100 };
    let found = Timeline::derive_from(&events, &trust, params, Some(1 << 40));
    assert_eq!(found.events.len(), events.len());
    for (time, event) in found.events.iter().zip(&events) {
        assert_eq!((time.seq, time.claimed_ms), (event.seq, event.wall_ms));
        if let (Some(lower), Some(upper)) = (time.lower.at_ms(), time.upper.at_ms()) {
            assert!(lower <= upper, "an interval has no end before its beginning");
        }
    }
});
