//! Status lists and their changes: which cards were revoked, exactly.

use attendance::{StatusDelta, StatusList};
use seal::Domain;
use serde_json::json;

use super::breaks::{Broken, Fault, Whole, replaced, seal};
use super::material::{
    DAY_S, EVIDENCE, NOW_S, REGION, former_status_key, other_status_key, rules_key, status_key,
};
use super::{Case, Input, OK, VectorFile, hex};

const MALFORMED: &str = "malformed";
const LIST: Domain = Domain("qatysu/status/1");
const DELTA: Domain = Domain("qatysu/status-delta/1");
/// Revoked cards of Monday and of Tuesday.
const MONDAY: [u32; 6] = [3, 7, 42, 500, 501, 699_999];
const TUESDAY: [u32; 6] = [3, 7, 42, 501, 1000, 699_999];

fn of(version: u32, revoked: &[u32]) -> StatusList {
    StatusList::new(version, NOW_S - DAY_S, REGION, revoked.iter().copied())
}

fn signed(payload: Vec<u8>) -> Vec<u8> {
    seal(&status_key(), LIST, payload)
}

fn case(name: &str, expected: &str, list: &[u8], highest_seen: i64) -> Case {
    let inputs = [
        ("list", Input::hex(list)),
        ("now_s", Input::Number(NOW_S)),
        ("highest_seen", Input::Number(highest_seen)),
    ];
    Case::new(name, expected, inputs).trusting(EVIDENCE)
}

/// A list that is accepted, and what it must say.
fn good(name: &str, version: u32, revoked: &[u32]) -> Case {
    let found = json!({
        "version": version,
        "issued_at_s": NOW_S - DAY_S,
        "scope": REGION,
        "revoked": revoked,
    });
    case(name, OK, &signed(of(version, revoked).to_bytes()), 0).giving(found)
}

/// Indexes as if by chance: one in a hundred of 20 000.
fn scattered() -> Vec<u32> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        (state >> 8) % 20_000
    };
    let mut all: Vec<u32> = (0..200).map(|_| next()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn expected(fault: Fault) -> &'static str {
    match fault {
        Fault::Form => MALFORMED,
        Fault::Signature => "bad_signature",
        Fault::Key => "unknown_key",
    }
}

pub(super) fn list() -> VectorFile {
    let monday = of(4, &MONDAY);
    let (key, rules) = (status_key(), rules_key());
    let bytes = monday.sign(&key).expect("a software key signs");
    let all: Vec<u32> = (0..64).collect();
    let mut cases = vec![
        good("of six cards", 4, &MONDAY),
        good("of no card", 1, &[]),
        good("of the first card alone", 1, &[0]),
        good("of the last card there can be", 1, &[u32::MAX]),
        good("of the first and the last card", 1, &[0, u32::MAX]),
        good("of every card from 0 to 63", 1, &all),
        good("of two neighbours", 1, &[699_998, 699_999]),
        good("of some two hundred cards of 20 000", 9, &scattered()),
        Case { name: "the very version seen before".to_owned(), ..good("", 4, &MONDAY) },
        case("older than a version seen before", "rolled_back", &bytes, 5),
        case(
            "signed by a status key of another scope",
            "wrong_scope",
            &monday.sign(&other_status_key()).expect("a software key signs"),
            0,
        ),
        case(
            "signed by a key that has ended",
            "unknown_key",
            &monday.sign(&former_status_key()).expect("a software key signs"),
            0,
        ),
    ];
    for case in &mut cases {
        if case.name == "the very version seen before" {
            case.inputs.insert("highest_seen".to_owned(), Input::Number(4));
        }
    }
    let payload = monday.to_bytes();
    let flip_at = payload.len() - 1;
    let whole = Whole { payload, key: &key, domain: LIST, flip_at, other_role: Some(&rules) };
    assert_eq!(whole.bytes(), bytes, "the domain is the list's");
    let broken = |b: Broken| case(b.name, expected(b.fault), &b.bytes, 0);
    cases.extend(whole.breaks().into_iter().map(broken));
    cases.extend(codings().into_iter().map(|(name, expected, payload)| {
        case(&format!("signed payload: {name}"), expected, &signed(payload), 0)
    }));
    super::file("status-list", &[EVIDENCE], cases)
}

/// A list with another set in place of its own: `count`, parameter, bits.
fn with_set(set: &[u8]) -> Vec<u8> {
    let payload = of(4, &[]).to_bytes();
    let empty = [0x04, 0x83, 0x00, 0x00, 0x40];
    assert!(payload.ends_with(&empty), "the set comes last");
    [&payload[..payload.len() - 4], set].concat()
}

/// Payloads that a status key could sign and that are no lists.
fn codings() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let good = of(4, &MONDAY).to_bytes();
    let version = |to: u8| replaced(&good, &[0xa5, 0x00, 0x01], &[0xa5, 0x00, to]);
    // 1 and 3: gaps of 1 and 1. With parameter 0 these are the bits 10 10.
    let one_three = [0x83, 0x02, 0x00, 0x41, 0b1010_0000];
    assert_eq!(with_set(&one_three), of(4, &[1, 3]).to_bytes(), "the coding is known");
    let set = |set: &[u8]| with_set(set);
    vec![
        ("format 2", "unknown_version", version(2)),
        ("format 0", "unknown_version", version(0)),
        ("another parameter than the best", MALFORMED, set(&[0x83, 0x02, 0x01, 0x41, 0b0101_0000])),
        ("a padding bit that is set", MALFORMED, set(&[0x83, 0x02, 0x00, 0x41, 0b1010_0001])),
        ("a byte of padding too many", MALFORMED, set(&[0x83, 0x02, 0x00, 0x42, 0xa0, 0])),
        ("one number fewer than there are bits for", MALFORMED, set(&[0x83, 1, 0, 0x41, 0xa0])),
        ("one number more than there are bits for", MALFORMED, set(&[0x83, 7, 0, 0x41, 0xa0])),
        ("numbers without any bits", MALFORMED, set(&[0x83, 2, 0, 0x40])),
        ("bits without any number", MALFORMED, set(&[0x83, 0, 0, 0x41, 0])),
        ("a number above 32 bits", MALFORMED, set(&[0x83, 1, 0x18, 33, 0x45, 0x80, 0, 0, 0, 0])),
        ("a parameter of 255", MALFORMED, set(&[0x83, 1, 0x18, 255, 0x41, 0])),
        ("the count in two bytes", MALFORMED, set(&[0x83, 0x18, 2, 0, 0x41, 0xa0])),
        (
            "a count of 2^64 - 1",
            MALFORMED,
            set(&[0x83, 0x1b, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0x41, 0]),
        ),
        ("a set of four parts", MALFORMED, set(&[0x84, 0x02, 0x00, 0x41, 0xa0, 0])),
        ("the scope as bytes", MALFORMED, replaced(&good, &[0x03, 0x65], &[0x03, 0x45])),
    ]
}

fn delta_case(name: &str, expected: &str, base: &StatusList, delta: &[u8]) -> Case {
    let inputs = [
        ("base", Input::hex(&base.to_bytes())),
        ("delta", Input::hex(delta)),
        ("now_s", Input::Number(NOW_S)),
    ];
    Case::new(name, expected, inputs).trusting(EVIDENCE)
}

/// A change that leads from one list to another.
fn leads(name: &str, from: &StatusList, to: &StatusList) -> Case {
    let delta = StatusDelta::between(from, to).expect("the later one");
    let delta = delta.sign(&status_key()).expect("a software key signs");
    delta_case(name, OK, from, &delta).giving(json!({
        "version": to.version(),
        "revoked": to.revoked(),
        "list": hex(&to.to_bytes()),
    }))
}

pub(super) fn delta() -> VectorFile {
    let (monday, tuesday) = (of(4, &MONDAY), of(5, &TUESDAY));
    let (key, rules) = (status_key(), rules_key());
    let delta = StatusDelta::between(&monday, &tuesday).expect("the later one");
    let bytes = delta.sign(&key).expect("a software key signs");
    let elsewhere = StatusList::new(4, NOW_S - DAY_S, "KZ-10", MONDAY);
    let without_500: Vec<u32> = MONDAY.into_iter().filter(|index| *index != 500).collect();
    let mut cases = vec![
        leads("one card revoked, one reinstated", &monday, &tuesday),
        leads("no card, and a fresher list", &monday, &of(5, &MONDAY)),
        leads("over several versions", &monday, &of(40, &TUESDAY)),
        leads("all cards reinstated", &monday, &of(5, &[])),
        leads("from no card", &of(0, &[]), &monday),
        delta_case("applied to its own result", "wrong_base", &tuesday, &bytes),
        delta_case("applied to an older list", "wrong_base", &of(3, &MONDAY), &bytes),
        delta_case("applied to the list of another scope", "wrong_scope", &elsewhere, &bytes),
        delta_case("applied to a list of other cards", "wrong_result", &of(4, &[1, 2, 3]), &bytes),
        delta_case(
            "applied to a list without the card to reinstate",
            OK,
            &of(4, &without_500),
            &bytes,
        )
        .giving(json!({
            "version": 5,
            "revoked": TUESDAY,
            "list": hex(&tuesday.to_bytes()),
        })),
        delta_case(
            "signed by a status key of another scope",
            "wrong_scope",
            &monday,
            &delta.sign(&other_status_key()).expect("a software key signs"),
        ),
        delta_case(
            "signed by a key that has ended",
            "unknown_key",
            &monday,
            &delta.sign(&former_status_key()).expect("a software key signs"),
        ),
        delta_case(
            "a whole list in its place",
            "bad_signature",
            &monday,
            &signed(monday.to_bytes()),
        ),
    ];
    let payload = seal::to_canonical(&delta);
    let result = tuesday.hash().0;
    let flip_at = payload.windows(32).position(|window| window == result).expect("the result");
    let whole = Whole { payload, key: &key, domain: DELTA, flip_at, other_role: Some(&rules) };
    assert_eq!(whole.bytes(), bytes, "the domain is the change's");
    let broken = |b: Broken| delta_case(b.name, expected(b.fault), &monday, &b.bytes);
    cases.extend(whole.breaks().into_iter().map(broken));
    let changed = |from: &[u8], to: &[u8]| seal(&key, DELTA, replaced(&whole.payload, from, to));
    let versions = |from: u8, to: u8| [0x01, from, 0x02, to, 0x03];
    let mut other = result;
    other[0] ^= 1;
    cases.extend(
        [
            ("signed payload: leads back", MALFORMED, changed(&versions(4, 5), &versions(4, 3))),
            ("signed payload: leads nowhere", MALFORMED, changed(&versions(4, 5), &versions(4, 4))),
            ("signed payload: format 2", "unknown_version", changed(&[0xa8, 0, 1], &[0xa8, 0, 2])),
            ("signed payload: another result", "wrong_result", changed(&result, &other)),
            (
                "signed payload: to another version",
                "wrong_result",
                changed(&versions(4, 5), &versions(4, 6)),
            ),
        ]
        .map(|(name, expected, bytes)| delta_case(name, expected, &monday, &bytes)),
    );
    super::file("status-delta", &[EVIDENCE], cases)
}
