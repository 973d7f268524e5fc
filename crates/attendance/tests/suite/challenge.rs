use std::collections::HashSet;

use attendance::{
    Answer, AnswerClaims, CardId, Challenge, ChallengeRejection, DeviceCertificate, DeviceId,
    Holder, ProofRejection, STEP_MS, StepRejection, StepWindow, UnverifiedAnswer,
    UnverifiedChallenge, VerifiedAnswer, VerifiedCertificate, VerifiedChallenge,
};
use seal::{Domain, Sign1, Signer};

use crate::fixture::{
    NOW_S, answer, card_with_holder, certificate, challenge, claims, claims_with_holder, device,
    device_ca, device_id, flips, key, phone, signed_certificate, trust_list,
};

const NOW_MS: i64 = NOW_S * 1000;
const WINDOW: StepWindow = StepWindow { steps: 1, skew_s: 0 };

fn certified(bytes: &[u8]) -> VerifiedCertificate {
    VerifiedCertificate::parse_and_verify(bytes, &trust_list(), NOW_S).expect("fixed input")
}

fn verify(bytes: &[u8], now_ms: i64) -> Result<VerifiedChallenge, ChallengeRejection> {
    let tablet = certified(&signed_certificate());
    UnverifiedChallenge::parse_bytes(bytes)?.verify(&tablet, now_ms, WINDOW)
}

fn holder() -> Holder {
    Holder { card: claims().card, key: phone().public_key() }
}

fn verify_answer(bytes: &[u8], now_ms: i64) -> Result<VerifiedAnswer, ProofRejection> {
    UnverifiedAnswer::parse_bytes(bytes)?.verify(&holder(), &challenge(), now_ms, WINDOW)
}

fn answer_bytes(answer: &Answer) -> Vec<u8> {
    UnverifiedAnswer::parse(&answer.short_text()).expect("fixed input").to_bytes()
}

fn answer_with_card() -> UnverifiedAnswer {
    let text = answer().text_with(&card_with_holder()).expect("fixed input");
    UnverifiedAnswer::parse(&text).expect("fixed input")
}

#[test]
fn accepts_a_challenge_of_the_certified_device() {
    let shown = challenge();
    let read = UnverifiedChallenge::parse(&shown.text()).unwrap();
    assert_eq!(read.claims(), shown.claims());
    assert_eq!(read.hash(), shown.hash());
    assert_eq!(shown.hash(), seal::sha256(&shown.to_bytes()));
    assert_eq!(verify(&shown.to_bytes(), NOW_MS), Ok(shown));
}

#[test]
fn refuses_every_flipped_bit_and_every_truncation_of_a_challenge() {
    let bytes = challenge().to_bytes();
    for (at, broken) in flips(&bytes) {
        assert!(verify(&broken, NOW_MS).is_err(), "byte {at}");
    }
    for kept in 0..bytes.len() {
        let cut = verify(&bytes[..kept], NOW_MS);
        assert!(matches!(cut, Err(ChallengeRejection::Malformed(_))), "{kept} bytes");
    }
    assert!(verify(&[&bytes[..], &[0]].concat(), NOW_MS).is_err());
}

#[test]
fn refuses_a_challenge_of_another_device() {
    let other_id = DeviceId::derive_from(&key(22).public_key());
    let other = Challenge { device: other_id, ..challenge().claims() };
    let shown = other.sign(&key(22)).unwrap();
    let wrong = ChallengeRejection::WrongDevice { named: other_id, expected: device_id() };
    assert_eq!(verify(&shown.to_bytes(), NOW_MS), Err(wrong));
    let theirs = key(22).public_key().to_bytes();
    let theirs = DeviceCertificate { device: other_id, key: theirs, ..certificate() };
    let theirs = certified(&theirs.issue(&device_ca()).unwrap());
    let read = UnverifiedChallenge::parse(&shown.text()).unwrap();
    assert!(read.verify(&theirs, NOW_MS, WINDOW).is_ok());
    assert!(other.sign(&device()).is_err(), "a tablet signs for itself only");
}

#[test]
fn refuses_a_challenge_that_the_device_signed_for_something_else() {
    let payload = seal::to_canonical(&challenge().claims());
    let right = challenge().to_bytes();
    for domain in ["qatysu/event/1", "qatysu/answer/1", "qatysu/rotating/1"] {
        let other = Sign1::seal(&device(), Domain(domain), payload.clone()).unwrap().to_bytes();
        let moved = [&right[..right.len() - 64], &other[other.len() - 64..]].concat();
        let bad = ChallengeRejection::BadSignature { device: device_id() };
        assert_eq!(verify(&moved, NOW_MS), Err(bad), "{domain}");
    }
}

#[test]
fn refuses_a_challenge_outside_its_time() {
    let bytes = challenge().to_bytes();
    assert!(verify(&bytes, NOW_MS + STEP_MS).is_ok());
    let old = ChallengeRejection::Step(StepRejection::TooOld { by_steps: 2 });
    assert_eq!(verify(&bytes, NOW_MS + 2 * STEP_MS), Err(old));
    let future = ChallengeRejection::Step(StepRejection::FromFuture { by_steps: 2 });
    assert_eq!(verify(&bytes, NOW_MS - 2 * STEP_MS), Err(future));
}

#[test]
fn accepts_an_answer_in_both_forms() {
    let short = verify_answer(&answer_bytes(&answer()), NOW_MS).unwrap();
    let claims = AnswerClaims { card: claims().card, challenge: challenge().hash() };
    assert_eq!(short.claims(), &claims);
    let (card, long) =
        answer_with_card().verify_with_card(&trust_list(), &challenge(), NOW_MS, WINDOW).unwrap();
    assert_eq!(card.claims(), &claims_with_holder());
    assert_eq!((long, long.replay_key()), (short, short.replay_key()));
    let other_phone = Holder { key: key(32).public_key(), ..holder() };
    let anew = UnverifiedAnswer::parse(&Answer::sign(&key(32), claims).unwrap().short_text());
    let anew = anew.unwrap().verify(&other_phone, &challenge(), NOW_MS, WINDOW).unwrap();
    assert_eq!(anew.replay_key(), short.replay_key(), "another signature is no other answer");
    let payload = seal::to_canonical(short.claims());
    let whole = Sign1::seal(&phone(), Domain("qatysu/answer/1"), payload).unwrap();
    assert!(whole.to_bytes().ends_with(short.signature()));
}

#[test]
fn refuses_every_flipped_bit_and_every_truncation_of_an_answer() {
    let bytes = answer_bytes(&answer());
    for (at, broken) in flips(&bytes) {
        assert!(verify_answer(&broken, NOW_MS).is_err(), "byte {at}");
    }
    let long = answer_with_card().to_bytes();
    for (at, broken) in flips(&long) {
        let refused = UnverifiedAnswer::parse_bytes(&broken).and_then(|answer| {
            answer.verify_with_card(&trust_list(), &challenge(), NOW_MS, WINDOW)
        });
        assert!(refused.is_err(), "byte {at}");
    }
    for bytes in [bytes, long] {
        for kept in 0..bytes.len() {
            let cut = verify_answer(&bytes[..kept], NOW_MS);
            assert!(matches!(cut, Err(ProofRejection::Malformed(_))), "{kept} bytes");
        }
    }
}

#[test]
fn refuses_an_answer_to_another_challenge() {
    let other = Challenge { nonce: [0; 8], ..challenge().claims() }.sign(&device()).unwrap();
    let answer = UnverifiedAnswer::parse(&answer().short_text()).unwrap();
    assert!(answer.names(&challenge()) && !answer.names(&other));
    let wrong = ProofRejection::WrongChallenge { expected: other.hash() };
    assert_eq!(answer.verify(&holder(), &other, NOW_MS, WINDOW), Err(wrong));
}

#[test]
fn binds_an_answer_to_the_whole_hash_of_the_challenge() {
    let mut near = challenge().hash();
    near.0[31] ^= 1;
    let claims = AnswerClaims { card: claims().card, challenge: near };
    let forged = answer_bytes(&Answer::sign(&phone(), claims).unwrap());
    let bad = ProofRejection::BadSignature { card: claims.card };
    assert_eq!(verify_answer(&forged, NOW_MS), Err(bad));
}

#[test]
fn refuses_an_answer_by_another_holder_or_for_another_card() {
    let right = AnswerClaims { card: claims().card, challenge: challenge().hash() };
    let stranger = answer_bytes(&Answer::sign(&key(99), right).unwrap());
    let bad = ProofRejection::BadSignature { card: right.card };
    assert_eq!(verify_answer(&stranger, NOW_MS), Err(bad));
    let named = CardId([7; 8]);
    let other = Answer::sign(&phone(), AnswerClaims { card: named, ..right }).unwrap();
    let wrong = ProofRejection::WrongHolder { named, expected: right.card };
    assert_eq!(verify_answer(&answer_bytes(&other), NOW_MS), Err(wrong.clone()));
    assert_eq!(other.text_with(&card_with_holder()), Err(wrong));
    let short = UnverifiedAnswer::parse(&answer().short_text()).unwrap();
    let unknown = ProofRejection::UnknownCard { card: right.card };
    let refused = short.verify_with_card(&trust_list(), &challenge(), NOW_MS, WINDOW);
    assert_eq!(refused, Err(unknown));
}

#[test]
fn refuses_an_answer_to_a_challenge_no_longer_shown() {
    let bytes = answer_bytes(&answer());
    let old = ProofRejection::Step(StepRejection::TooOld { by_steps: 2 });
    assert_eq!(verify_answer(&bytes, NOW_MS + 2 * STEP_MS), Err(old));
}

#[test]
fn says_what_happened_and_what_to_do() {
    let device = device_id();
    let all = [
        ChallengeRejection::Malformed("not Base45".to_owned()),
        ChallengeRejection::WrongDevice { named: device, expected: device },
        ChallengeRejection::BadSignature { device },
        ChallengeRejection::Step(StepRejection::TooOld { by_steps: 2 }),
    ];
    let mut codes = HashSet::new();
    for rejection in all {
        assert!(codes.insert(rejection.code()), "{} twice", rejection.code());
        let text = rejection.to_string();
        assert!(text.contains(": ") || text.contains(", "), "{text}");
        assert!(text.starts_with(char::is_lowercase) && !text.ends_with('.'), "{text}");
    }
}
