//! Rotating codes of a family's phone, and what a scanner's text turns out to be.

use attendance::{
    CardClaims, Challenge, DeviceCertificate, Role, RotatingClaims, RotatingCode, STEP_MS, Step,
    issue_card,
};
use seal::{Domain, Signer, SoftwareKey};
use serde_json::json;

use super::breaks::{seal, unreduced};
use super::card::holder_claims;
use super::certificate::of_device;
use super::challenge::{answered, asked};
use super::material::{MAIN, NOW_S, device_ca, former_device_ca, former_issuer, issuer, stranger};
use super::{Case, Input, OK, VectorFile, hex};
use crate::{Pen, card, district, key};

pub(super) const MALFORMED: &str = "malformed";
pub(super) const NOW_MS: i64 = NOW_S * 1000;
const DOMAIN: Domain = Domain("qatysu/rotating/1");
const PREFIX: &str = "OB9:";

/// The key of the family's phone.
pub(super) fn phone() -> SoftwareKey {
    key(31)
}

/// The signed card that names the phone's key.
pub(super) fn card_bytes() -> Vec<u8> {
    issue_card(&issuer(), &holder_claims()).expect("a software key signs").bytes
}

pub(super) fn step() -> Step {
    Step::at(NOW_MS).expect("a step")
}

fn claims() -> RotatingClaims {
    RotatingClaims { card: district::card(1), step: step(), nonce: [0xa1, 0xb2, 0xc3, 0xd4] }
}

/// A byte string in CBOR.
pub(super) fn string(bytes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(bytes.len()).expect("short");
    let head = if length < 24 { vec![0x40 + length] } else { vec![0x58, length] };
    [&head[..], bytes].concat()
}

/// A card's id and the certificate of a phone.
fn by_phone(card: &[u8], certificate: &[u8]) -> Vec<u8> {
    [&[0x82], &string(card)[..], &string(certificate)].concat()
}

/// A signature whose envelope is not sent.
pub(super) fn signature(signer: &dyn Signer, domain: Domain, payload: Vec<u8>) -> Vec<u8> {
    let envelope = seal(signer, domain, payload);
    envelope[envelope.len() - 64..].to_vec()
}

/// The wire form: a card or its id, the step and the nonce as they are signed, the signature.
fn wire(carried: &[u8], signed: &RotatingClaims, signature: &[u8]) -> Vec<u8> {
    wire_of(&string(carried), signed, signature)
}

fn wire_of(carried: &[u8], signed: &RotatingClaims, signature: &[u8]) -> Vec<u8> {
    let rest = seal::to_canonical(signed).split_off(10);
    [&[0x84], carried, &rest, &string(signature)].concat()
}

fn signed(claims: &RotatingClaims, signer: &dyn Signer) -> Vec<u8> {
    signature(signer, DOMAIN, seal::to_canonical(claims))
}

/// Who is asked to have signed, and when the code is seen.
#[derive(Clone, Copy)]
struct At {
    /// What is known of the holder.
    by: By,
    now_ms: i64,
    steps: i64,
    skew_s: i64,
}

/// By what the holder is known.
#[derive(Clone, Copy)]
enum By {
    /// The card and the key.
    Key,
    /// The card that the code brings along.
    Card,
    /// The child whose card it is, and the certificate that the code brings along.
    Child(u8),
}

const ROSTER: At = At { by: By::Key, now_ms: NOW_MS, steps: 1, skew_s: 0 };
const CARD: At = At { by: By::Card, ..ROSTER };
const CHILD: At = At { by: By::Child(1), ..ROSTER };

fn case(name: &str, expected: &str, (input, shown): (&str, Input), at: At) -> Case {
    let mut inputs = vec![
        (input, shown),
        ("now_ms", Input::Number(at.now_ms)),
        ("steps", Input::Number(at.steps)),
        ("skew_s", Input::Number(at.skew_s)),
    ];
    match at.by {
        By::Key => {
            inputs.push(("card", Input::hex(&district::card(1).0)));
            inputs.push(("key", Input::hex(&phone().public_key().to_bytes())));
        }
        By::Card => {}
        By::Child(number) => inputs.push(("child", Input::hex(&district::child(number).0))),
    }
    Case::new(name, expected, inputs).trusting(MAIN)
}

fn of_text(name: &str, expected: &str, text: &str, at: At) -> Case {
    let case = case(name, expected, ("text", Input::Text(text.to_owned())), at);
    if expected == OK { case.giving(found(&claims())) } else { case }
}

fn of_bytes(name: &str, expected: &str, bytes: &[u8], at: At) -> Case {
    let case = case(name, expected, ("bytes", Input::hex(bytes)), at);
    if expected == OK { case.giving(found(&claims())) } else { case }
}

fn found(claims: &RotatingClaims) -> serde_json::Value {
    let replay = seal::sha256_of(&[DOMAIN.0.as_bytes(), &seal::to_canonical(claims)]);
    json!({
        "card": hex(&claims.card.0),
        "step": claims.step.0,
        "nonce": hex(&claims.nonce),
        "replay_key": replay.to_string(),
    })
}

pub(super) fn rotating() -> VectorFile {
    let code = RotatingCode::sign(&phone(), claims()).expect("a software key signs");
    let good = wire(&claims().card.0, &claims(), &signed(&claims(), &phone()));
    assert_eq!(code.short_text(), text(&good), "the encoding is known");
    let mut cases = of_time(&text(&good));
    cases.extend(of_signature());
    cases.extend(of_form(&good));
    cases.extend(of_card());
    cases.extend(of_phone());
    super::file("rotating", &[MAIN], cases)
}

fn text(bytes: &[u8]) -> String {
    format!("{PREFIX}{}", base45::encode(bytes))
}

fn of_time(good: &str) -> Vec<Case> {
    let at = |steps_on: i64, ms: i64| At { now_ms: NOW_MS + steps_on * STEP_MS + ms, ..ROSTER };
    let wide = |at: At| At { steps: 1, skew_s: 120, ..at };
    let case = |name, expected, at| of_text(name, expected, good, at);
    vec![
        case("a code of this very step", OK, ROSTER),
        case("one step later, in its last millisecond", OK, at(1, STEP_MS - 1)),
        case("two steps later", "too_old", at(2, 0)),
        case("one step earlier, in its first millisecond", OK, at(-1, 0)),
        case("one step earlier and a millisecond", "from_future", at(-1, -1)),
        case("of another step where none is allowed", "too_old", At { steps: 0, ..at(1, 0) }),
        case("nine steps later where a clock may be 120 s wrong", OK, wide(at(9, 0))),
        case("ten steps later where a clock may be 120 s wrong", "too_old", wide(at(10, 0))),
        case("nine steps earlier where a clock may be 120 s wrong", OK, wide(at(-9, 0))),
        case("ten steps earlier where a clock may be 120 s wrong", "from_future", wide(at(-10, 0))),
        case("a year later", "too_old", at(2_102_400, 0)),
        case("seen before 1970", "from_future", At { now_ms: -1, ..ROSTER }),
        case("read by a hand scanner, with a line feed", OK, ROSTER),
    ]
    .into_iter()
    .map(|case| if case.name.contains("line feed") { with_line_feed(case) } else { case })
    .collect()
}

fn with_line_feed(mut case: Case) -> Case {
    if let Some(Input::Text(text)) = case.inputs.get_mut("text") {
        text.push_str("\r\n");
    }
    case
}

fn of_signature() -> Vec<Case> {
    let card = claims().card.0;
    let good = signed(&claims(), &phone());
    let bytes = |signature: &[u8]| wire(&card, &claims(), signature);
    let later = RotatingClaims { step: Step(step().0 + 1), ..claims() };
    let other_nonce = RotatingClaims { nonce: [0; 4], ..claims() };
    let other_card = RotatingClaims { card: district::card(2), ..claims() };
    let case = |name, expected, bytes: &[u8]| of_bytes(name, expected, bytes, ROSTER);
    let elsewhere = signature(&phone(), Domain("qatysu/answer/1"), seal::to_canonical(&claims()));
    let mut flipped = good.clone();
    flipped[5] ^= 1;
    vec![
        case("signed by another phone", "bad_signature", &bytes(&signed(&claims(), &stranger()))),
        case("signed for another kind of text", "bad_signature", &bytes(&elsewhere)),
        case("the signature of S + L instead of S", "bad_signature", &bytes(&unreduced(&good))),
        case("a bit flipped in the signature", "bad_signature", &bytes(&flipped)),
        case("a later step than was signed", "bad_signature", &wire(&card, &later, &good)),
        case("another nonce than was signed", "bad_signature", &wire(&card, &other_nonce, &good)),
        case(
            "of another card than the roster's",
            "wrong_holder",
            &wire(&other_card.card.0, &other_card, &signed(&other_card, &phone())),
        ),
        case(
            "another card than was signed",
            "wrong_holder",
            &wire(&other_card.card.0, &claims(), &good),
        ),
    ]
}

fn of_form(good: &[u8]) -> Vec<Case> {
    let signature = &good[good.len() - 64..];
    let case = |name, bytes: Vec<u8>| of_bytes(name, MALFORMED, &bytes, ROSTER);
    let head = |head: &[u8]| [head, &good[1..]].concat();
    let with = |from: &[u8], to: &[u8]| super::breaks::replaced(good, from, to);
    let step_bytes = [&[0x1a], &step().0.to_be_bytes()[..]].concat();
    let long_step = [&[0x1b, 0, 0, 0, 0], &step().0.to_be_bytes()[..]].concat();
    let nonce = string(&claims().nonce);
    let card = string(&claims().card.0);
    let body = base45::encode(good);
    let of_text = |name, text: String| of_text(name, MALFORMED, &text, ROSTER);
    vec![
        of_bytes("the bytes themselves", OK, good, ROSTER),
        case("the last byte missing", good[..good.len() - 1].to_vec()),
        case("a trailing byte", [good, &[0]].concat()),
        case("no bytes at all", Vec::new()),
        case("the array's length in two bytes", head(&[0x98, 4])),
        case("an array of indefinite length", [&[0x9f], &good[1..], &[0xff]].concat()),
        case("an array of five", [&[0x85], &good[1..], &[0]].concat()),
        case("the step in eight bytes", with(&step_bytes, &long_step)),
        case("a step above 32 bits", with(&step_bytes, &[0x1b, 0, 0, 0, 1, 0, 0, 0, 0])),
        case("the step as a float", with(&step_bytes, &[0xfa, 0x4c, 0, 0, 0])),
        case("a nonce of three bytes", with(&nonce, &nonce_of(3))),
        case("a nonce of five bytes", with(&nonce, &nonce_of(5))),
        case("the card's id as text", with(&card, &[&[0x68], &card[1..]].concat())),
        case("a card's id of nine bytes", with(&card, &string(&[7; 9]))),
        case("a signature of 63 bytes", with(&string(signature), &string(&signature[1..]))),
        case("longer than 512 bytes", [good, &[0; 512]].concat()),
        of_text("Base45 in small letters", format!("{PREFIX}{}", body.to_lowercase())),
        of_text("a character too many", format!("{PREFIX}{body}0")),
        of_text("Base45 of a number above 65535", format!("{PREFIX}:::{body}")),
        of_text("the prefix of a challenge", format!("OB8:{body}")),
        of_text("no prefix", body),
        of_text("longer than 2000 characters", format!("{PREFIX}{}", "0".repeat(1998))),
    ]
}

fn nonce_of(length: usize) -> Vec<u8> {
    string(&[0xa1, 0xb2, 0xc3, 0xd4, 0xe5][..length])
}

/// Codes that bring their card along.
fn of_card() -> Vec<Case> {
    let signature = signed(&claims(), &phone());
    let of = |card: &[u8]| wire(card, &claims(), &signature);
    let issued = |issuer: &SoftwareKey, claims: &CardClaims| {
        issue_card(issuer, claims).expect("a software key signs").bytes
    };
    let good = card_bytes();
    let code = RotatingCode::sign(&phone(), claims()).expect("a software key signs");
    let shown = attendance::UnverifiedCard::parse_bytes(&good).expect("a card");
    assert_eq!(code.text_with(&shown).expect("its card"), text(&of(&good)));
    let ended = CardClaims { expires_at_s: u32::try_from(NOW_S).expect("now"), ..holder_claims() };
    let others = CardClaims { holder: Some(stranger().public_key().to_bytes()), ..holder_claims() };
    let paper = CardClaims { holder: None, ..card::claims(1) };
    let mut flipped = good.clone();
    *flipped.last_mut().expect("a card has bytes") ^= 1;
    let case = |name, expected, bytes: &[u8]| of_bytes(name, expected, bytes, CARD);
    vec![
        of_text("with its card", OK, &text(&of(&good)), CARD),
        case("with its card, as bytes", OK, &of(&good)),
        of_bytes("with its card, where the roster knows the key", OK, &of(&good), ROSTER),
        of_bytes(
            "with its card, two steps later",
            "too_old",
            &of(&good),
            At { now_ms: NOW_MS + 2 * STEP_MS, ..CARD },
        ),
        case("the short form where nobody knows the card", "unknown_card", &of(&claims().card.0)),
        case("with a card for paper only", "no_holder_key", &of(&issued(&issuer(), &paper))),
        case("with a card that ends now", "expired", &of(&issued(&issuer(), &ended))),
        case("with the card of another phone", "bad_signature", &of(&issued(&issuer(), &others))),
        case("with a card whose signature is damaged", "bad_signature", &of(&flipped)),
        case(
            "with a card by a key of another role",
            "unknown_key",
            &of(&issued(&device_ca(), &holder_claims())),
        ),
        case(
            "with a card by a key that has ended",
            "unknown_key",
            &of(&issued(&former_issuer(), &holder_claims())),
        ),
        case("with a card and a trailing byte in it", MALFORMED, &of(&[&good[..], &[0]].concat())),
        case("with a card that is cut off", MALFORMED, &of(&good[..good.len() - 1])),
        case("with a card of no bytes", MALFORMED, &of(&[])),
    ]
}

/// Codes that bring the certificate of a family's phone along.
fn of_phone() -> Vec<Case> {
    let pen = Pen::new(22);
    let parent = of_device(&pen, Role::Parent);
    let signature = signed(&claims(), pen.key());
    let card = claims().card.0;
    let of = |certificate: &[u8]| wire_of(&by_phone(&card, certificate), &claims(), &signature);
    let issued = |certificate: &DeviceCertificate, ca: &SoftwareKey| {
        certificate.issue(ca).expect("a software key signs")
    };
    let good = issued(&parent, &device_ca());
    let code = RotatingCode::sign(pen.key(), claims()).expect("a software key signs");
    assert_eq!(code.text_with_certificate(&good), text(&of(&good)));
    let mut flipped = good.clone();
    *flipped.last_mut().expect("a certificate has bytes") ^= 1;
    let ended = DeviceCertificate { not_after_s: NOW_S - 1, ..parent.clone() };
    let early = DeviceCertificate { not_before_s: NOW_S + 1, ..parent.clone() };
    let teacher = DeviceCertificate { role: Role::Teacher, ..parent.clone() };
    let delegate = DeviceCertificate { role: Role::Delegate, ..parent.clone() };
    let others = issued(&of_device(&Pen::new(23), Role::Parent), &device_ca());
    let case = |name, expected, bytes: &[u8]| of_bytes(name, expected, bytes, CHILD);
    let with = |certificate: &DeviceCertificate| of(&issued(certificate, &device_ca()));
    vec![
        of_text("with the phone's certificate", OK, &text(&of(&good)), CHILD),
        case("with the phone's certificate, as bytes", OK, &of(&good)),
        of_bytes(
            "with the phone's certificate, two steps later",
            "too_old",
            &of(&good),
            At { now_ms: NOW_MS + 2 * STEP_MS, ..CHILD },
        ),
        of_bytes(
            "with the certificate of another family's phone",
            "not_its_family",
            &of(&good),
            At { by: By::Child(2), ..CHILD },
        ),
        case("with the certificate of a delegate's phone", OK, &with(&delegate)),
        case("with the certificate of a teacher's device", "not_its_family", &with(&teacher)),
        case("with a certificate that ended", "expired", &with(&ended)),
        case("with a certificate that begins later", "not_yet_valid", &with(&early)),
        case("with the certificate of another phone", "bad_signature", &of(&others)),
        case("with a certificate whose signature is damaged", "bad_signature", &of(&flipped)),
        case(
            "with a certificate by a key that has ended",
            "unknown_key",
            &of(&issued(&parent, &former_device_ca())),
        ),
        case("with a certificate that is cut off", MALFORMED, &of(&good[..good.len() - 1])),
        case("with a certificate of no bytes", MALFORMED, &of(&[])),
        case(
            "the short form where the child is known",
            "unknown_card",
            &wire(&card, &claims(), &signature),
        ),
        of_bytes(
            "with the phone's certificate where only cards are read",
            "unknown_card",
            &of(&good),
            CARD,
        ),
        case(
            "with the phone's certificate and a third part",
            MALFORMED,
            &wire_of(
                &[&[0x83], &string(&card)[..], &string(&good), &string(&[])].concat(),
                &claims(),
                &signature,
            ),
        ),
        case(
            "with the phone's certificate after a card's id of nine bytes",
            MALFORMED,
            &wire_of(&by_phone(&[7; 9], &good), &claims(), &signature),
        ),
    ]
}

/// The one way in: each kind of text, told by its prefix.
pub(super) fn shown() -> VectorFile {
    let case = |name: &str, expected: &str, text: &str| {
        Case::new(name, expected, [("text", Input::Text(text.to_owned()))])
    };
    let is = |name: &str, kind: &str, text: &str| case(name, OK, text).giving(json!(kind));
    let paper = issue_card(&issuer(), &card::claims(1)).expect("a software key signs").text;
    let code = RotatingCode::sign(&phone(), claims()).expect("a software key signs").short_text();
    let challenge = asked().text();
    let answer = answered().short_text();
    let moved = |to: &str, text: &str| format!("{to}{}", text.split_at(4).1);
    let Challenge { .. } = asked().claims();
    let cases = vec![
        is("a card", "card", &paper),
        is("a rotating code", "rotating", &code),
        is("a challenge", "challenge", &challenge),
        is("an answer", "answer", &answer),
        is("a rotating code after a space", "rotating", &format!(" {code}")),
        case("some other text", "foreign", "https://example.org/"),
        case("nothing", "foreign", ""),
        case("an enrolment ticket", "foreign", &moved("OE1:", &paper)),
        case("a kind that nobody knows yet", "unknown_version", &moved("OB6:", &code)),
        case("a card of another version", "unknown_version", &moved("OB2:", &paper)),
        case("a card under the prefix of a code", MALFORMED, &moved("OB9:", &paper)),
        case("a code under the prefix of a card", MALFORMED, &moved("OB1:", &code)),
        case("a code under the prefix of a challenge", MALFORMED, &moved("OB8:", &code)),
        case("a challenge under the prefix of an answer", MALFORMED, &moved("OB7:", &challenge)),
        case("an answer under the prefix of a code", MALFORMED, &moved("OB9:", &answer)),
        case("the prefix alone", MALFORMED, "OB9:"),
    ];
    super::file("shown", &[], cases)
}
