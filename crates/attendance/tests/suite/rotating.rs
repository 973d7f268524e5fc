use std::collections::HashSet;

use attendance::{
    CardClaims, CardId, CardRejection, Holder, ProofRejection, RotatingClaims, RotatingCode,
    STEP_MS, Step, StepRejection, StepWindow, TrustList, UnverifiedCard, UnverifiedRotating,
    VerifiedRotating, issue_card,
};
use seal::{Domain, Sign1, Signer};

use crate::fixture::{
    CARD_ENDS_S, NOW_S, card_with_holder, claims, claims_with_holder, flips, issuer, key, now_step,
    phone, rotating, rotating_claims, trust_list,
};

const NOW_MS: i64 = NOW_S * 1000;
const WINDOW: StepWindow = StepWindow { steps: 1, skew_s: 0 };

fn holder() -> Holder {
    Holder { card: claims().card, key: phone().public_key() }
}

fn verify_bytes(bytes: &[u8]) -> Result<VerifiedRotating, ProofRejection> {
    UnverifiedRotating::parse_bytes(bytes)?.verify(&holder(), NOW_MS, WINDOW)
}

fn verify(text: &str, now_ms: i64) -> Result<VerifiedRotating, ProofRejection> {
    UnverifiedRotating::parse(text)?.verify(&holder(), now_ms, WINDOW)
}

fn verify_whole(text: &str, trust: &TrustList) -> Result<VerifiedRotating, ProofRejection> {
    let code = UnverifiedRotating::parse(text)?;
    code.verify_with_card(trust, NOW_MS, WINDOW).map(|(_, code)| code)
}

fn long_text() -> String {
    rotating().text_with(&card_with_holder()).expect("fixed input")
}

fn bytes_of(text: &str) -> Vec<u8> {
    UnverifiedRotating::parse(text).expect("fixed input").to_bytes()
}

#[test]
fn accepts_a_code_of_the_phone_in_both_forms() {
    let short = verify(&rotating().short_text(), NOW_MS).unwrap();
    assert_eq!(short.claims(), &rotating_claims());
    let unverified = UnverifiedRotating::parse(&long_text()).unwrap();
    let (card, long) = unverified.verify_with_card(&trust_list(), NOW_MS, WINDOW).unwrap();
    assert_eq!(card.claims(), &claims_with_holder());
    assert_eq!(card.holder(), Ok(holder()));
    assert_eq!(card.scope(), "KZ-75");
    assert_eq!(long, short);
    assert_eq!(verify(&long_text(), NOW_MS), Ok(short), "the card brought along is not needed");
}

#[test]
fn is_a_whole_cose_sign1_for_whoever_knows_the_key() {
    let verified = verify(&rotating().short_text(), NOW_MS).unwrap();
    let payload = seal::to_canonical(verified.claims());
    let whole = Sign1::seal(&phone(), Domain("qatysu/rotating/1"), payload).unwrap();
    assert!(whole.to_bytes().ends_with(verified.signature()));
}

#[test]
fn refuses_every_flipped_bit_of_both_forms() {
    for (at, broken) in flips(&bytes_of(&rotating().short_text())) {
        assert!(verify_bytes(&broken).is_err(), "byte {at}");
    }
    for (at, broken) in flips(&bytes_of(&long_text())) {
        let refused = UnverifiedRotating::parse_bytes(&broken)
            .and_then(|code| code.verify_with_card(&trust_list(), NOW_MS, WINDOW));
        assert!(refused.is_err(), "byte {at}");
    }
}

#[test]
fn refuses_every_truncation_as_malformed() {
    for text in [rotating().short_text(), long_text()] {
        let bytes = bytes_of(&text);
        for kept in 0..bytes.len() {
            let cut = verify_bytes(&bytes[..kept]);
            assert!(matches!(cut, Err(ProofRejection::Malformed(_))), "{kept}: {cut:?}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert!(matches!(verify_bytes(&longer), Err(ProofRejection::Malformed(_))));
        for kept in 0..text.len() {
            let cut: String = text.chars().take(kept).collect();
            assert!(matches!(verify(&cut, NOW_MS), Err(ProofRejection::Malformed(_))), "{cut}");
        }
    }
    let too_long = ProofRejection::Malformed("too long".to_owned());
    assert_eq!(verify_bytes(&[0x44; 513]), Err(too_long));
}

#[test]
fn accepts_one_step_around_now_and_names_the_distance_beyond() {
    let text = rotating().short_text();
    for steps in -1..=1 {
        assert!(verify(&text, NOW_MS + steps * STEP_MS).is_ok(), "{steps} steps");
    }
    let old = ProofRejection::Step(StepRejection::TooOld { by_steps: 2 });
    assert_eq!(verify(&text, NOW_MS + 2 * STEP_MS), Err(old));
    let future = ProofRejection::Step(StepRejection::FromFuture { by_steps: 3 });
    assert_eq!(verify(&text, NOW_MS - 3 * STEP_MS), Err(future));
    let code = UnverifiedRotating::parse(&text).unwrap();
    let skewed = StepWindow { steps: 1, skew_s: 120 };
    assert!(code.clone().verify(&holder(), NOW_MS + 9 * STEP_MS, skewed).is_ok());
    assert!(code.verify(&holder(), NOW_MS + 11 * STEP_MS, skewed).is_err());
}

#[test]
fn looks_at_the_signature_before_the_time() {
    let forged = RotatingCode::sign(&key(99), rotating_claims()).unwrap().short_text();
    let bad = ProofRejection::BadSignature { card: claims().card };
    assert_eq!(verify(&forged, NOW_MS + 1000 * STEP_MS), Err(bad));
}

#[test]
fn refuses_a_code_for_another_card_and_a_code_of_another_phone() {
    let other = CardId([7; 8]);
    let theirs = RotatingClaims { card: other, ..rotating_claims() };
    let text = RotatingCode::sign(&phone(), theirs).unwrap().short_text();
    let wrong = ProofRejection::WrongHolder { named: other, expected: claims().card };
    assert_eq!(verify(&text, NOW_MS), Err(wrong.clone()));
    let code = RotatingCode::sign(&phone(), theirs).unwrap();
    assert_eq!(code.text_with(&card_with_holder()), Err(wrong));
    let stranger = RotatingCode::sign(&key(99), rotating_claims()).unwrap();
    let bad = Err(ProofRejection::BadSignature { card: claims().card });
    assert_eq!(verify(&stranger.short_text(), NOW_MS), bad);
    let whole = stranger.text_with(&card_with_holder()).unwrap();
    assert_eq!(verify_whole(&whole, &trust_list()), bad);
}

#[test]
fn refuses_a_code_beside_a_paper_card() {
    let paper = issue_card(&issuer(), &claims()).unwrap();
    let paper = UnverifiedCard::parse_bytes(&paper.bytes).unwrap();
    let text = rotating().text_with(&paper).unwrap();
    let no_key = ProofRejection::NoHolderKey { card: claims().card };
    assert_eq!(verify_whole(&text, &trust_list()), Err(no_key));
}

#[test]
fn refuses_the_short_form_where_the_card_is_not_known() {
    let unknown = ProofRejection::UnknownCard { card: claims().card };
    assert_eq!(verify_whole(&rotating().short_text(), &trust_list()), Err(unknown));
}

#[test]
fn refuses_a_code_with_a_card_that_is_itself_refused() {
    let forged = issue_card(&key(99), &claims_with_holder()).unwrap();
    let forged = UnverifiedCard::parse_bytes(&forged.bytes).unwrap();
    let text = rotating().text_with(&forged).unwrap();
    let key_id = key(99).public_key().key_id();
    let refused = ProofRejection::Card(CardRejection::UnknownKey { key_id });
    assert_eq!(verify_whole(&text, &trust_list()), Err(refused));

    let late_s = i64::from(CARD_ENDS_S);
    let step = Step::at(late_s * 1000).unwrap();
    let code = RotatingCode::sign(&phone(), RotatingClaims { step, ..rotating_claims() }).unwrap();
    let code = UnverifiedRotating::parse(&code.text_with(&card_with_holder()).unwrap()).unwrap();
    let refused = code.verify_with_card(&trust_list(), late_s * 1000 + 999, WINDOW);
    assert!(matches!(refused, Err(ProofRejection::Card(CardRejection::Expired { .. }))));
}

#[test]
fn refuses_a_signature_made_for_something_else() {
    let payload = seal::to_canonical(&rotating_claims());
    let right = bytes_of(&rotating().short_text());
    for domain in ["qatysu/answer/1", "qatysu/challenge/1", "qatysu/card/1", "qatysu/event/1"] {
        let other = Sign1::seal(&phone(), Domain(domain), payload.clone()).unwrap().to_bytes();
        let moved = [&right[..right.len() - 64], &other[other.len() - 64..]].concat();
        let bad = ProofRejection::BadSignature { card: claims().card };
        assert_eq!(verify_bytes(&moved), Err(bad), "{domain}");
    }
}

#[test]
fn names_one_code_once_and_others_differently() {
    let code = |claims| {
        let text = RotatingCode::sign(&phone(), claims).unwrap().short_text();
        verify(&text, NOW_MS).unwrap().replay_key()
    };
    let right = code(rotating_claims());
    assert_eq!(verify_whole(&long_text(), &trust_list()).unwrap().replay_key(), right);
    assert_eq!(code(rotating_claims()), right);
    let other_phone = Holder { key: key(32).public_key(), ..holder() };
    let signed_anew = RotatingCode::sign(&key(32), rotating_claims()).unwrap().short_text();
    let signed_anew = UnverifiedRotating::parse(&signed_anew).unwrap();
    let signed_anew = signed_anew.verify(&other_phone, NOW_MS, WINDOW).unwrap();
    assert_eq!(signed_anew.replay_key(), right, "another signature is no other code");
    let next = Step(now_step().0 + 1);
    assert_ne!(code(RotatingClaims { step: next, ..rotating_claims() }), right);
    assert_ne!(code(RotatingClaims { nonce: [0; 4], ..rotating_claims() }), right);
}

#[test]
fn gives_no_holder_to_a_paper_card() {
    let verified = |claims: &CardClaims| {
        let card = issue_card(&issuer(), claims).unwrap();
        UnverifiedCard::parse_bytes(&card.bytes).unwrap().verify(&trust_list(), NOW_S).unwrap()
    };
    assert_eq!(verified(&claims_with_holder()).holder(), Ok(holder()));
    let no_key = ProofRejection::NoHolderKey { card: claims().card };
    assert_eq!(verified(&claims()).holder(), Err(no_key));
}

#[test]
fn says_what_happened_and_what_to_do() {
    let card = claims().card;
    let all = [
        ProofRejection::Malformed("not Base45".to_owned()),
        ProofRejection::UnknownCard { card },
        ProofRejection::Card(CardRejection::Foreign),
        ProofRejection::NoHolderKey { card },
        ProofRejection::WrongHolder { named: card, expected: card },
        ProofRejection::BadSignature { card },
        ProofRejection::WrongChallenge { expected: seal::sha256(b"challenge") },
        ProofRejection::Step(StepRejection::TooOld { by_steps: 2 }),
        ProofRejection::Step(StepRejection::FromFuture { by_steps: 2 }),
    ];
    let mut codes = HashSet::new();
    for rejection in all {
        assert!(codes.insert(rejection.code()), "{} twice", rejection.code());
        let text = rejection.to_string();
        assert!(text.contains(": ") || text.contains(", "), "{text}");
        assert!(text.starts_with(char::is_lowercase) && !text.ends_with('.'), "{text}");
    }
}
