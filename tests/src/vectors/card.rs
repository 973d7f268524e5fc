//! Cards, without and with the holder's key.

use attendance::{CARD_PREFIX, CardClaims, issue_card};
use seal::Signer as _;

use super::breaks::{Fault, Whole};
use super::material::{CARD_DOMAIN, DAY_S, MAIN, NOW_S, device_ca, former_issuer, issuer};
use super::{Case, Input, OK, VectorFile, breaks, file};
use crate::{card, district, key};

const MALFORMED: &str = "malformed";

fn claims() -> CardClaims {
    CardClaims { status_index: 4242, ..card::claims(1) }
}

pub(super) fn holder_claims() -> CardClaims {
    CardClaims { holder: Some(key(31).public_key().to_bytes()), ..claims() }
}

fn text(bytes: &[u8]) -> String {
    format!("{CARD_PREFIX}{}", base45::encode(bytes))
}

fn case(name: &str, expected: &str, text: String, now_s: i64) -> Case {
    let inputs = [("text", Input::Text(text)), ("now_s", Input::Number(now_s))];
    Case::new(name, expected, inputs).trusting(MAIN)
}

fn of_bytes(name: &str, expected: &str, bytes: &[u8]) -> Case {
    case(name, expected, text(bytes), NOW_S)
}

/// What both kinds of card have in common.
fn common(claims: &CardClaims) -> Vec<Case> {
    let (issuer, device_ca) = (issuer(), device_ca());
    let payload = seal::to_canonical(claims);
    let child = district::child(1).0;
    let flip_at = payload.windows(12).position(|window| window == child).expect("the child");
    let domain = CARD_DOMAIN;
    let whole = Whole { payload, key: &issuer, domain, flip_at, other_role: Some(&device_ca) };
    let good = issue_card(&issuer, claims).expect("a software key signs");
    assert_eq!(good.bytes, whole.bytes(), "the domain is the card's");
    let end = i64::from(claims.expires_at_s);
    let former = issue_card(&former_issuer(), claims).expect("a software key signs");
    let mut cases = vec![
        case("a card", OK, good.text.clone(), NOW_S),
        case("read by a hand scanner, with a line feed", OK, format!("{}\r\n", good.text), NOW_S),
        case("in its last second", OK, good.text.clone(), end - 1),
        case("when it has ended", "expired", good.text.clone(), end),
        case("long after it has ended", "expired", good.text.clone(), end + 30 * DAY_S),
        case("before its issuer's key begins", "unknown_key", good.text, NOW_S - 401 * DAY_S),
        case("signed by a key that has ended", "unknown_key", former.text.clone(), NOW_S),
        case("signed by that key before it ended", OK, former.text, NOW_S - 3 * DAY_S),
    ];
    cases.extend(whole.breaks().into_iter().map(|broken| {
        let expected = match broken.fault {
            Fault::Form => MALFORMED,
            Fault::Signature => "bad_signature",
            Fault::Key => "unknown_key",
        };
        of_bytes(broken.name, expected, &broken.bytes)
    }));
    cases
}

pub(super) fn plain() -> VectorFile {
    let good = issue_card(&issuer(), &claims()).expect("a software key signs").text;
    let body = good.strip_prefix(CARD_PREFIX).expect("a card has its prefix");
    let mut cases = common(&claims());
    for (name, text, expected) in [
        ("some other text", "https://example.org/".to_owned(), "foreign"),
        ("no prefix", body.to_owned(), "foreign"),
        ("the prefix in small letters", format!("ob1:{body}"), "foreign"),
        ("an enrolment ticket's prefix", format!("OE1:{body}"), "foreign"),
        ("a card of another version", format!("OB2:{body}"), "unknown_version"),
        ("Base45 in small letters", format!("{CARD_PREFIX}{}", body.to_lowercase()), MALFORMED),
        ("a character too many", format!("{good}0"), MALFORMED),
        ("Base45 of a number above 65535", format!("{CARD_PREFIX}:::{body}"), MALFORMED),
        (
            "a last byte above 255 in Base45",
            format!("{CARD_PREFIX}{}", high_last_byte()),
            MALFORMED,
        ),
        ("more than 2000 characters", format!("{CARD_PREFIX}{}", "0".repeat(1998)), MALFORMED),
    ] {
        cases.push(case(name, expected, text, NOW_S));
    }
    file("card", &[MAIN], cases)
}

/// A card's Base45 with 256 added to its last byte, which a careless decoder drops again.
fn high_last_byte() -> String {
    let claims = CardClaims { status_index: 42, ..claims() };
    let bytes = issue_card(&issuer(), &claims).expect("a software key signs").bytes;
    breaks::with_high_last_byte(&bytes)
}

pub(super) fn with_holder() -> VectorFile {
    let mut cases = common(&holder_claims());
    let payload = seal::to_canonical(&holder_claims());
    let holder = key(31).public_key().to_bytes();
    let mut order_8 = [0; 32];
    order_8.copy_from_slice(&SMALL_ORDER);
    let not_a_point = [&[2][..], &[0; 31]].concat();
    let identity = [&[1][..], &[0; 31]].concat();
    let changed = |from: &[u8], to: &[u8]| breaks::replaced(&payload, from, to);
    let key_of = |head: &[u8], tail: &[u8]| [head, &holder[..], tail].concat();
    for (name, payload) in [
        ("the holder's key of small order", changed(&holder, &order_8)),
        ("the holder's key is the neutral point", changed(&holder, &identity)),
        ("the holder's key is no point of the curve", changed(&holder, &not_a_point)),
        (
            "the holder's key of 31 bytes",
            changed(&[&[0x58, 32], &holder[..]].concat(), &[&[0x58, 31], &holder[..31]].concat()),
        ),
        (
            "the holder's key on another curve",
            changed(&[0x01, 0x01, 0x20, 0x06], &[0x01, 0x01, 0x20, 0x07]),
        ),
        (
            "the holder's key of another type",
            changed(&[0x01, 0x01, 0x20, 0x06], &[0x01, 0x02, 0x20, 0x06]),
        ),
        (
            "another way to confirm than a key",
            changed(&[0x08, 0xa1, 0x01, 0xa3], &[0x08, 0xa1, 0x02, 0xa3]),
        ),
        (
            "a holder's key with its own id",
            changed(
                &[&[0xa3, 0x01, 0x01, 0x20, 0x06, 0x21, 0x58, 32], &holder[..]].concat(),
                &key_of(&[0xa4, 0x01, 0x01, 0x02, 0x41, 0, 0x20, 0x06, 0x21, 0x58, 32], &[]),
            ),
        ),
    ] {
        let bytes = breaks::seal(&issuer(), CARD_DOMAIN, payload);
        cases.push(of_bytes(&format!("signed payload: {name}"), MALFORMED, &bytes));
    }
    file("card-holder", &[MAIN], cases)
}

/// A point of order 8.
pub(super) const SMALL_ORDER: [u8; 32] = [
    0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
    0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
];
