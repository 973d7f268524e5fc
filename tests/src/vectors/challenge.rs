//! A tablet's challenges, and the answers of a family's phone.

use attendance::{
    Answer, AnswerClaims, CardClaims, Challenge, Role, STEP_MS, Step, UnverifiedCard,
    VerifiedChallenge, issue_card,
};
use seal::{Domain, Hash, Signer, SoftwareKey};
use serde_json::{Value, json};

use super::breaks::{replaced, unreduced};
use super::card::holder_claims;
use super::certificate::of_device;
use super::material::{MAIN, device_ca, former_issuer, issuer, stranger};
use super::rotating::{MALFORMED, NOW_MS, card_bytes, phone, signature, step, string};
use super::{Case, Input, OK, VectorFile, hex};
use crate::{Pen, card, district, key};

const CHALLENGE: Domain = Domain("qatysu/challenge/1");
const ANSWER: Domain = Domain("qatysu/answer/1");

/// The tablet's key and certificate.
fn tablet() -> SoftwareKey {
    key(21)
}

fn certificate(seed: u8) -> Vec<u8> {
    let certificate = of_device(&Pen::new(seed), Role::Teacher);
    certificate.issue(&device_ca()).expect("a software key signs")
}

fn claims() -> Challenge {
    Challenge {
        device: Pen::new(21).device(),
        lesson: district::lessons(district::CHESS)[0].id,
        step: step(),
        nonce: [1, 2, 3, 4, 5, 6, 7, 8],
    }
}

pub(super) fn asked() -> VerifiedChallenge {
    claims().sign(&tablet()).expect("a software key signs")
}

pub(super) fn answered() -> Answer {
    Answer::sign(&phone(), answer_claims()).expect("a software key signs")
}

fn answer_claims() -> AnswerClaims {
    AnswerClaims { card: district::card(1), challenge: asked().hash() }
}

/// The claims' fields, and the signature, in one array.
fn wire(claims: &Challenge, signature: &[u8]) -> Vec<u8> {
    [&[0x85], &seal::to_canonical(claims)[1..], &string(signature)].concat()
}

fn signed(claims: &Challenge, signer: &dyn Signer) -> Vec<u8> {
    signature(signer, CHALLENGE, seal::to_canonical(claims))
}

fn shown(prefix: &str, bytes: &[u8]) -> String {
    format!("{prefix}{}", base45::encode(bytes))
}

fn found_challenge() -> Value {
    let Challenge { device, lesson, step, nonce } = claims();
    json!({
        "device": hex(&device.0),
        "lesson": hex(&lesson.0),
        "step": step.0,
        "nonce": hex(&nonce),
        "hash": asked().hash().to_string(),
    })
}

fn case_at(name: &str, expected: &str, shown: (&str, Input), steps_on: i64, skew_s: i64) -> Case {
    let inputs = [
        shown,
        ("certificate", Input::hex(&certificate(21))),
        ("now_ms", Input::Number(NOW_MS + steps_on * STEP_MS)),
        ("steps", Input::Number(1)),
        ("skew_s", Input::Number(skew_s)),
    ];
    let case = Case::new(name, expected, inputs).trusting(MAIN);
    if expected == OK { case.giving(found_challenge()) } else { case }
}

pub(super) fn challenge() -> VectorFile {
    let good = wire(&claims(), &signed(&claims(), &tablet()));
    assert_eq!(asked().to_bytes(), good, "the encoding is known");
    let text = shown("OB8:", &good);
    let at = |name, expected, steps_on, skew_s| {
        case_at(name, expected, ("text", Input::Text(text.clone())), steps_on, skew_s)
    };
    let mut cases = vec![
        at("a challenge", OK, 0, 0),
        at("one step later", OK, 1, 0),
        at("two steps later", "too_old", 2, 0),
        at("one step earlier", OK, -1, 0),
        at("two steps earlier", "from_future", -2, 0),
        at("nine steps later where a clock may be 120 s wrong", OK, 9, 120),
        at("ten steps later where a clock may be 120 s wrong", "too_old", 10, 120),
    ];
    cases.extend(challenge_signatures(&good));
    cases.extend(challenge_forms(&good));
    super::file("challenge", &[MAIN], cases)
}

fn challenge_signatures(good: &[u8]) -> Vec<Case> {
    let case =
        |name, expected, bytes: &[u8]| case_at(name, expected, ("bytes", Input::hex(bytes)), 0, 0);
    let signature_of = |signer: &dyn Signer| signed(&claims(), signer);
    let elsewhere = signature(&tablet(), ANSWER, seal::to_canonical(&claims()));
    let of_other = Challenge { device: Pen::new(24).device(), ..claims() };
    let own = signature_of(&tablet());
    let changed = |change: &dyn Fn(&mut Challenge)| {
        let mut other = claims();
        change(&mut other);
        wire(&other, &own)
    };
    let mut flipped = good.to_vec();
    *flipped.last_mut().expect("there are bytes") ^= 1;
    vec![
        case("the bytes themselves", OK, good),
        case("of another tablet", "wrong_device", &wire(&of_other, &signed(&of_other, &key(24)))),
        case(
            "signed by another device",
            "bad_signature",
            &wire(&claims(), &signature_of(&key(24))),
        ),
        case("signed by a stranger", "bad_signature", &wire(&claims(), &signature_of(&stranger()))),
        case("signed for another kind of text", "bad_signature", &wire(&claims(), &elsewhere)),
        case(
            "the signature of S + L instead of S",
            "bad_signature",
            &wire(&claims(), &unreduced(&own)),
        ),
        case("a bit flipped in the signature", "bad_signature", &flipped),
        case("another lesson than was signed", "bad_signature", &changed(&|c| c.lesson.0[0] ^= 1)),
        case("a later step than was signed", "bad_signature", &changed(&|c| c.step.0 += 1)),
        case("another nonce than was signed", "bad_signature", &changed(&|c| c.nonce[7] ^= 1)),
    ]
}

fn challenge_forms(good: &[u8]) -> Vec<Case> {
    let case = |name, bytes: &[u8]| case_at(name, MALFORMED, ("bytes", Input::hex(bytes)), 0, 0);
    let of_text = |name, text: String| case_at(name, MALFORMED, ("text", Input::Text(text)), 0, 0);
    let step_bytes = [&[0x1a], &step().0.to_be_bytes()[..]].concat();
    let long_step = [&[0x1b, 0, 0, 0, 0], &step().0.to_be_bytes()[..]].concat();
    let nonce = string(&claims().nonce);
    let body = base45::encode(good);
    vec![
        case("the last byte missing", &good[..good.len() - 1]),
        case("a trailing byte", &[good, &[0]].concat()),
        case("no bytes at all", &[]),
        case("the array's length in two bytes", &[&[0x98, 5], &good[1..]].concat()),
        case("an array of indefinite length", &[&[0x9f], &good[1..], &[0xff]].concat()),
        case("the step in eight bytes", &replaced(good, &step_bytes, &long_step)),
        case("a nonce of seven bytes", &replaced(good, &nonce, &string(&[1, 2, 3, 4, 5, 6, 7]))),
        case("the nonce as text", &replaced(good, &nonce, &[&[0x68], &nonce[1..]].concat())),
        of_text("the prefix of a rotating code", format!("OB9:{body}")),
        of_text("a character too many", format!("OB8:{body}0")),
        of_text("Base45 in small letters", format!("OB8:{}", body.to_lowercase())),
        of_text("no prefix", body),
    ]
}

/// Who answers whom, and when it is seen.
#[derive(Clone, Copy)]
struct At {
    known: bool,
    steps_on: i64,
    steps: i64,
}

const ROSTER: At = At { known: true, steps_on: 0, steps: 2 };
const CARD: At = At { known: false, ..ROSTER };

fn answer_case(name: &str, expected: &str, shown: (&str, Input), at: At) -> Case {
    let mut inputs = vec![
        shown,
        ("challenge", Input::hex(&asked().to_bytes())),
        ("certificate", Input::hex(&certificate(21))),
        ("now_ms", Input::Number(NOW_MS + at.steps_on * STEP_MS)),
        ("steps", Input::Number(at.steps)),
        ("skew_s", Input::Number(0)),
    ];
    if at.known {
        inputs.push(("card", Input::hex(&district::card(1).0)));
        inputs.push(("key", Input::hex(&phone().public_key().to_bytes())));
    }
    let case = Case::new(name, expected, inputs).trusting(MAIN);
    if expected != OK {
        return case;
    }
    let payload = seal::to_canonical(&answer_claims());
    let replay = seal::sha256_of(&[ANSWER.0.as_bytes(), &payload]);
    case.giving(json!({
        "card": hex(&answer_claims().card.0),
        "challenge": answer_claims().challenge.to_string(),
        "replay_key": replay.to_string(),
    }))
}

fn answer_wire(carried: &[u8], challenge: Hash, signature: &[u8]) -> Vec<u8> {
    [&[0x83], &string(carried)[..], &string(&challenge.0[..8]), &string(signature)].concat()
}

fn signed_answer(claims: &AnswerClaims, signer: &dyn Signer) -> Vec<u8> {
    signature(signer, ANSWER, seal::to_canonical(claims))
}

fn of_bytes(name: &str, expected: &str, bytes: &[u8], at: At) -> Case {
    answer_case(name, expected, ("bytes", Input::hex(bytes)), at)
}

pub(super) fn answer() -> VectorFile {
    let (id, hash) = (answer_claims().card.0, answer_claims().challenge);
    let good = answer_wire(&id, hash, &signed_answer(&answer_claims(), &phone()));
    let text = shown("OB7:", &good);
    assert_eq!(answered().short_text(), text, "the encoding is known");
    let at = |name, expected, steps_on, steps| {
        let at = At { steps_on, steps, ..ROSTER };
        answer_case(name, expected, ("text", Input::Text(text.clone())), at)
    };
    let mut cases = vec![
        at("an answer", OK, 0, 2),
        at("two steps after the challenge", OK, 2, 2),
        at("three steps after the challenge", "too_old", 3, 2),
        at("before the challenge was shown", "from_future", -3, 2),
        at("in the next step where none is allowed", "too_old", 1, 0),
    ];
    cases.extend(answer_signatures());
    cases.extend(answer_forms(&good));
    cases.extend(answers_with_card());
    super::file("answer", &[MAIN], cases)
}

fn answer_signatures() -> Vec<Case> {
    let (id, hash) = (answer_claims().card.0, answer_claims().challenge);
    let own = signed_answer(&answer_claims(), &phone());
    let of = |signature: &[u8]| answer_wire(&id, hash, signature);
    let earlier = Challenge { step: Step(step().0 - 1), ..claims() };
    let earlier = earlier.sign(&tablet()).expect("a software key signs").hash();
    let to_earlier = AnswerClaims { challenge: earlier, ..answer_claims() };
    let to_earlier = signed_answer(&to_earlier, &phone());
    let other = AnswerClaims { card: district::card(2), ..answer_claims() };
    let elsewhere =
        signature(&phone(), Domain("qatysu/rotating/1"), seal::to_canonical(&answer_claims()));
    let mut short = hash;
    short.0[8] ^= 1;
    let to_namesake = AnswerClaims { challenge: short, ..answer_claims() };
    let case = |name, expected, bytes: &[u8]| of_bytes(name, expected, bytes, ROSTER);
    vec![
        case(
            "to an earlier challenge of the same tablet",
            "wrong_challenge",
            &answer_wire(&id, earlier, &to_earlier),
        ),
        case("to an earlier challenge, under this one's name", "bad_signature", &of(&to_earlier)),
        case(
            "to a challenge whose hash begins alike",
            "bad_signature",
            &answer_wire(&id, short, &signed_answer(&to_namesake, &phone())),
        ),
        case(
            "of another card than the roster's",
            "wrong_holder",
            &answer_wire(&other.card.0, hash, &signed_answer(&other, &phone())),
        ),
        case(
            "signed by another phone",
            "bad_signature",
            &of(&signed_answer(&answer_claims(), &stranger())),
        ),
        case("signed for another kind of text", "bad_signature", &of(&elsewhere)),
        case("the signature of S + L instead of S", "bad_signature", &of(&unreduced(&own))),
    ]
}

fn answer_forms(good: &[u8]) -> Vec<Case> {
    let case = |name, bytes: &[u8]| of_bytes(name, MALFORMED, bytes, ROSTER);
    let of_text =
        |name, text: String| answer_case(name, MALFORMED, ("text", Input::Text(text)), ROSTER);
    let name = string(&answer_claims().challenge.0[..8]);
    let long = string(&answer_claims().challenge.0[..9]);
    let body = base45::encode(good);
    vec![
        of_bytes("the bytes themselves", OK, good, ROSTER),
        case("the last byte missing", &good[..good.len() - 1]),
        case("a trailing byte", &[good, &[0]].concat()),
        case("no bytes at all", &[]),
        case("the array's length in two bytes", &[&[0x98, 3], &good[1..]].concat()),
        case("an array of indefinite length", &[&[0x9f], &good[1..], &[0xff]].concat()),
        case("nine bytes of the challenge's hash", &replaced(good, &name, &long)),
        case(
            "the hash's length in two bytes",
            &replaced(good, &name, &[&[0x58], &[8], &name[1..]].concat()),
        ),
        of_text("the prefix of a challenge", format!("OB8:{body}")),
        of_text("a character too many", format!("OB7:{body}0")),
        of_text("no prefix", body),
    ]
}

fn answers_with_card() -> Vec<Case> {
    let hash = answer_claims().challenge;
    let own = signed_answer(&answer_claims(), &phone());
    let of = |card: &[u8]| answer_wire(card, hash, &own);
    let issued = |issuer: &SoftwareKey, claims: &CardClaims| {
        issue_card(issuer, claims).expect("a software key signs").bytes
    };
    let good = card_bytes();
    let whole = UnverifiedCard::parse_bytes(&good).expect("a card");
    let text = answered().text_with(&whole).expect("its card");
    assert_eq!(text, shown("OB7:", &of(&good)));
    let paper = CardClaims { holder: None, ..card::claims(1) };
    let others = CardClaims { holder: Some(stranger().public_key().to_bytes()), ..holder_claims() };
    let case = |name, expected, bytes: &[u8]| of_bytes(name, expected, bytes, CARD);
    vec![
        answer_case("with its card", OK, ("text", Input::Text(text)), CARD),
        of_bytes("with its card, where the roster knows the key", OK, &of(&good), ROSTER),
        case(
            "the short form where nobody knows the card",
            "unknown_card",
            &of(&answer_claims().card.0),
        ),
        case("with a card for paper only", "no_holder_key", &of(&issued(&issuer(), &paper))),
        case("with the card of another phone", "bad_signature", &of(&issued(&issuer(), &others))),
        case(
            "with a card by a key that has ended",
            "unknown_key",
            &of(&issued(&former_issuer(), &holder_claims())),
        ),
        case("with a card that is cut off", MALFORMED, &of(&good[..good.len() - 1])),
    ]
}
