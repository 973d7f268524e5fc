//! Signed events, each by itself.

use attendance::{
    AbsenceReason, BootId, Cancellation, ChainedEvent, DeviceId, EVENT_DOMAIN, EventDraft,
    EventKind, Finding, ManualReason, Method, Opaque, RevocationReason, Verdict,
};
use seal::{Signer as _, SoftwareKey};

use super::breaks::{Fault, Whole, replaced, seal};
use super::{Case, Input, OK, VectorFile};
use crate::{Pen, district, key};

const WRONG_DEVICE: &str = "wrong_device";
const MALFORMED: &str = "malformed";

/// What a teacher's device says of a child.
pub(super) fn visit() -> EventDraft {
    let lesson = district::lessons(district::CHESS)[0];
    EventDraft {
        child: Some(district::child(1)),
        voucher: Some(district::voucher(1)),
        lesson: Some(lesson.id),
        provider: Some(lesson.provider),
        method: Some(Method::Scan),
        card: Some(seal::sha256(b"a card")),
        ..draft(EventKind::In, lesson.start_ms)
    }
}

pub(super) fn draft(kind: EventKind, wall_ms: i64) -> EventDraft {
    EventDraft::new(kind, wall_ms, 5_000, BootId([9; 8]))
}

fn full() -> EventDraft {
    EventDraft {
        method: Some(Method::Manual),
        reason: Some(ManualReason::CardForgotten),
        about: Some(seal::sha256(b"another event")),
        month: Some(202_609),
        amount_tiyn: Some(-1),
        document: Some("Құжат № 7".to_owned()),
        place: Some("txwwj".parse().expect("a geohash")),
        proof: Opaque::from_slice(&[7; 86]),
        absence: Some(AbsenceReason::Sick),
        absence_document: Some(seal::sha256(b"a sick note")),
        headcount: Some(17),
        anchor: Opaque::from_slice(&[9; 192]),
        subject: Some(DeviceId([5; 8])),
        revocation: Some(RevocationReason::Misused),
        ticket: Some(seal::sha256(b"a ticket")),
        verdict: Some(Verdict::WasNot),
        finding: Some(Finding::NoEvidence),
        cancellation: Some(Cancellation::Weather),
        moved_to_ms: Some(-1),
        group: Some(district::JUDO),
        from_day: Some(20_261_016),
        ground: Some(attendance::Ground::PensionOverdue),
        cause: Some(attendance::TerminationCause::SafetyBreach),
        evidence: Some(seal::sha256(b"a document")),
        decision: Some(attendance::Decision::Return),
        ..visit()
    }
}

fn written(draft: EventDraft) -> ChainedEvent {
    Pen::new(21).write(draft)
}

fn case(name: &str, expected: &str, event: &[u8], key: &SoftwareKey) -> Case {
    let inputs = [("event", Input::hex(event)), ("key", Input::hex(&key.public_key().to_bytes()))];
    Case::new(name, expected, inputs)
}

pub(super) fn file() -> VectorFile {
    let owner = key(21);
    let good = written(visit());
    let payload = good.event().to_bytes();
    let domain = EVENT_DOMAIN;
    let card = seal::sha256(b"a card").0;
    let flip_at = payload.windows(32).position(|window| window == card).expect("the card's hash");
    let whole = Whole { payload, key: &owner, domain, flip_at, other_role: None };
    let mut cases = vec![
        case("a visit", OK, good.bytes(), &owner),
        case("every field at once", OK, written(full()).bytes(), &owner),
        case("a time before 1970", OK, written(draft(EventKind::LessonOpen, -1)).bytes(), &owner),
        case(
            "a month's close",
            OK,
            written(EventDraft { month: Some(202_609), ..draft(EventKind::MonthClose, 0) }).bytes(),
            &owner,
        ),
        case("looked at with another device's key", WRONG_DEVICE, good.bytes(), &key(24)),
    ];
    cases.extend(whole.breaks().into_iter().map(|broken| {
        let expected = match broken.fault {
            Fault::Form => MALFORMED,
            Fault::Signature => "bad_signature",
            Fault::Key => WRONG_DEVICE,
        };
        case(broken.name, expected, &broken.bytes, &owner)
    }));
    cases.extend(changed_payloads(&whole.payload).into_iter().map(|(name, expected, payload)| {
        let name = format!("signed payload: {name}");
        case(&name, expected, &seal(&owner, EVENT_DOMAIN, payload), &owner)
    }));
    super::file("event", &[], cases)
}

/// Payloads that a device could sign and that are no events.
fn changed_payloads(payload: &[u8]) -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let device = Pen::new(21).device().0;
    let of = |from: &[u8], to: &[u8]| replaced(payload, from, to);
    let named = |version: u8, seq: &[u8]| {
        [&[0x00, version, 0x01, 0x48], &device[..], &[0x02], seq, &[0x03]].concat()
    };
    let good = named(1, &[0x00]);
    let [head, ..] = payload else { panic!("a payload is a map") };
    vec![
        ("version 2", "unknown_version", of(&good, &named(2, &[0x00]))),
        ("version 0", "unknown_version", of(&good, &named(0, &[0x00]))),
        ("version 2 of a form unknown here", "unknown_version", vec![0xa1, 0x00, 0x02]),
        ("named after another device", WRONG_DEVICE, of(&device, &Pen::new(24).device().0)),
        ("a kind that nobody knows", MALFORMED, of(&[0x04, 0x02, 0x05], &[0x04, 0x18, 99, 0x05])),
        ("a number in two bytes", MALFORMED, of(&good, &named(1, &[0x18, 0x00]))),
        ("a negative position", MALFORMED, of(&good, &named(1, &[0x20]))),
        ("a position as a float", MALFORMED, of(&good, &named(1, &[0xf9, 0x00, 0x00]))),
        (
            "the last position there is",
            MALFORMED,
            of(&good, &named(1, &[0x1b, 255, 255, 255, 255, 255, 255, 255, 255])),
        ),
        ("a field twice", MALFORMED, [&[head + 1], &payload[1..], &[0x0c, 0x00]].concat()),
        ("an optional field that is null", MALFORMED, of(&[0x0c, 0x00, 0x0d], &[0x0c, 0xf6, 0x0d])),
        (
            "a field of a later version",
            MALFORMED,
            [&[head + 1], &payload[1..], &[0x18, 25, 0]].concat(),
        ),
        ("a proof of no bytes", MALFORMED, [&[head + 1], &payload[1..], &[0x14, 0x40]].concat()),
        (
            "a place that is none",
            MALFORMED,
            [&[head + 1], &payload[1..], &[0x13, 0x65], b"txwwa"].concat(),
        ),
        (
            "fields out of order",
            MALFORMED,
            of(&good, &[&[0x01, 0x48], &device[..], &[0x00, 0x01, 0x02, 0x00, 0x03]].concat()),
        ),
    ]
}
