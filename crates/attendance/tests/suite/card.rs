use std::collections::HashSet;

use attendance::{
    CardClaims, CardRejection, QrText, ShortCode, TrustList, TrustRole, UnverifiedCard,
    VerifiedCard, issue_card,
};
use minicbor::Encoder;
use seal::{Domain, KeyId, Sign1, Signer, SoftwareKey};

use crate::fixture::{
    CARD_ENDS_S, DAY_S, NOW_S, claims, claims_with_holder, device, device_ca, entry, flips, issuer,
    key, trust_list,
};

fn text_of(bytes: &[u8]) -> String {
    format!("OB1:{}", base45::encode(bytes))
}

fn verify_at(text: &str, trust: &TrustList, now_s: i64) -> Result<VerifiedCard, CardRejection> {
    UnverifiedCard::parse(&QrText::parse(text)?)?.verify(trust, now_s)
}

fn verify(text: &str) -> Result<VerifiedCard, CardRejection> {
    verify_at(text, &trust_list(), NOW_S)
}

fn key_id(key: &SoftwareKey) -> KeyId {
    key.public_key().key_id()
}

#[test]
fn accepts_an_issued_card_and_gives_its_claims() {
    for claims in [claims(), claims_with_holder()] {
        let card = issue_card(&issuer(), &claims).unwrap();
        let verified = verify(&card.text).unwrap();
        assert_eq!(verified.claims(), &claims);
        assert_eq!(verified.hash(), seal::sha256(&card.bytes));
        assert_eq!(verified.hash(), card.hash);
        assert_eq!(verified.key_id(), key_id(&issuer()));
        assert_eq!(card.code, ShortCode::derive_from(claims.card));
        assert!(card.code.matches(claims.card));
    }
}

#[test]
fn a_logged_card_is_verified_whenever_its_issuer_held_and_in_its_scope_only() {
    let issued = issue_card(&issuer(), &claims()).unwrap();
    let audit = |trust: &TrustList, scope| {
        UnverifiedCard::parse_bytes(&issued.bytes).unwrap().verify_for_audit(trust, scope)
    };
    let mut trust = trust_list();
    trust.entries[0].not_after_s = trust.entries[0].not_before_s;
    assert!(matches!(
        verify_at(&issued.text, &trust, NOW_S),
        Err(CardRejection::UnknownKey { .. })
    ));
    assert_eq!(audit(&trust, "KZ-75").unwrap().claims(), &claims());
    assert!(matches!(audit(&trust, "KZ-71"), Err(CardRejection::UnknownKey { .. })));
    trust.entries[0].role = TrustRole::DeviceCa;
    assert!(matches!(audit(&trust, "KZ-75"), Err(CardRejection::UnknownKey { .. })));
    let other = issue_card(&key(77), &claims()).unwrap();
    let other = UnverifiedCard::parse_bytes(&other.bytes).unwrap();
    assert!(other.verify_for_audit(&trust_list(), "KZ-75").is_err());
}

#[test]
fn keeps_a_card_small_enough_for_its_qr() {
    for (claims, most_bytes, most_chars) in [(claims(), 130, 200), (claims_with_holder(), 173, 264)]
    {
        let card = issue_card(&issuer(), &claims).unwrap();
        let (bytes, chars) = (card.bytes.len(), card.text.len());
        eprintln!(
            "card with holder {}: {bytes} bytes, {chars} characters",
            claims.holder.is_some()
        );
        assert!(bytes <= most_bytes && chars <= most_chars, "{bytes} bytes, {chars} characters");
        assert!(card.text.bytes().all(|byte| base45::alphabet::TABLE.contains(&byte)));
    }
}

#[test]
fn refuses_every_flipped_bit() {
    for claims in [claims(), claims_with_holder()] {
        let card = issue_card(&issuer(), &claims).unwrap();
        for (at, broken) in flips(&card.bytes) {
            assert!(verify(&text_of(&broken)).is_err(), "byte {at}");
        }
    }
}

#[test]
fn refuses_every_changed_character() {
    let text = issue_card(&issuer(), &claims()).unwrap().text;
    for at in 0..text.len() {
        for other in base45::alphabet::TABLE.iter().filter(|other| **other != text.as_bytes()[at]) {
            let mut broken = text.clone().into_bytes();
            broken[at] = *other;
            let broken = String::from_utf8(broken).unwrap();
            assert!(verify(&broken).is_err(), "{broken}");
        }
    }
}

#[test]
fn refuses_every_truncation_as_malformed() {
    let card = issue_card(&issuer(), &claims()).unwrap();
    for kept in 0..card.bytes.len() {
        let refused = verify(&text_of(&card.bytes[..kept]));
        assert!(matches!(refused, Err(CardRejection::Malformed(_))), "{kept}: {refused:?}");
    }
    for kept in 4..card.text.len() {
        let cut: String = card.text.chars().take(kept).collect();
        assert!(matches!(verify(&cut), Err(CardRejection::Malformed(_))), "{cut}");
    }
    let longer = [&card.bytes[..], &[0]].concat();
    assert!(matches!(verify(&text_of(&longer)), Err(CardRejection::Malformed(_))));
}

#[test]
fn refuses_a_card_from_the_second_it_expires() {
    let text = issue_card(&issuer(), &claims()).unwrap().text;
    let ends = i64::from(CARD_ENDS_S);
    assert!(verify_at(&text, &trust_list(), ends - 1).is_ok());
    for shown in [ends, ends + 5] {
        let expired = CardRejection::Expired { expired_at_s: ends, shown_at_s: shown };
        assert_eq!(verify_at(&text, &trust_list(), shown), Err(expired));
    }
}

#[test]
fn refuses_a_key_without_the_role_of_an_issuer() {
    let mut trust = trust_list();
    trust.entries.push(entry(&device(), TrustRole::Rules));
    for other in [device_ca(), key(13), device(), key(99)] {
        let text = issue_card(&other, &claims()).unwrap().text;
        let unknown = CardRejection::UnknownKey { key_id: key_id(&other) };
        assert_eq!(verify_at(&text, &trust, NOW_S), Err(unknown));
    }
}

#[test]
fn refuses_an_issuer_outside_its_time() {
    let text = issue_card(&issuer(), &claims()).unwrap().text;
    let mut trust = trust_list();
    let unknown = Err(CardRejection::UnknownKey { key_id: key_id(&issuer()) });
    trust.entries[0].not_after_s = NOW_S;
    assert!(verify_at(&text, &trust, NOW_S).is_ok());
    assert_eq!(verify_at(&text, &trust, NOW_S + 1), unknown);
    trust.entries[0].not_before_s = NOW_S;
    assert!(verify_at(&text, &trust, NOW_S).is_ok());
    assert_eq!(verify_at(&text, &trust, NOW_S - 1), unknown);
}

#[test]
fn accepts_a_card_under_a_stale_list() {
    let text = issue_card(&issuer(), &claims()).unwrap().text;
    let later = NOW_S + 31 * DAY_S;
    assert!(trust_list().is_stale(later) && !trust_list().is_stale(NOW_S + 30 * DAY_S));
    assert!(verify_at(&text, &trust_list(), later).is_ok());
}

#[test]
fn tells_an_altered_card_from_an_unknown_issuer() {
    let envelope = Sign1::seal(&issuer(), CARD, seal::to_canonical(&claims())).unwrap();
    let richer = seal::to_canonical(&CardClaims { expires_at_s: u32::MAX, ..claims() });
    let at = envelope.to_bytes().len() - 66 - richer.len();
    let mut altered = envelope.to_bytes();
    altered[at..at + richer.len()].copy_from_slice(&richer);
    let bad = Err(CardRejection::BadSignature { key_id: key_id(&issuer()) });
    assert_eq!(verify(&text_of(&altered)), bad);
    assert!(verify(&text_of(&envelope.to_bytes())).is_ok());
}

#[test]
fn refuses_a_signature_made_for_something_else() {
    for domain in ["qatysu/event/1", "qatysu/certificate/1", "qatysu/trust/1", "qatysu/card/2", ""]
    {
        let payload = seal::to_canonical(&claims());
        let envelope = Sign1::seal(&issuer(), Domain(domain), payload).unwrap();
        let bad = Err(CardRejection::BadSignature { key_id: key_id(&issuer()) });
        assert_eq!(verify(&text_of(&envelope.to_bytes())), bad, "{domain}");
    }
}

#[test]
fn tries_every_key_with_the_id_the_card_names() {
    let [first, second] = keys_with_one_id();
    assert_eq!(key_id(&first), key_id(&second));
    assert_ne!(first.public_key(), second.public_key());
    let mut trust = trust_list();
    trust.entries.push(entry(&first, TrustRole::CardIssuer));
    let text = issue_card(&second, &claims()).unwrap().text;
    let bad = CardRejection::BadSignature { key_id: key_id(&second) };
    assert_eq!(verify_at(&text, &trust, NOW_S), Err(bad));
    trust.entries.push(entry(&second, TrustRole::CardIssuer));
    assert!(verify_at(&text, &trust, NOW_S).is_ok());
}

#[test]
fn refuses_claims_in_any_other_encoding_though_the_issuer_signed_them() {
    let right = seal::to_canonical(&claims());
    let with = |from: &[u8], to: &[u8]| {
        let at = right.windows(from.len()).position(|window| window == from).unwrap();
        [&right[..at], to, &right[at + from.len()..]].concat()
    };
    let expiry = CARD_ENDS_S.to_be_bytes();
    let long = [&[0x1b, 0, 0, 0, 0][..], &expiry].concat();
    let mut weak = Encoder::new(Vec::new());
    weak.encode(CardClaims { holder: Some([0; 32]), ..claims() }).unwrap();
    let wrong = [
        with(&[0xa5, 0x04], &[0xbf, 0x04]),
        with(&[0xa5, 0x04], &[0xb8, 5, 0x04]),
        with(&[0xa5, 0x04], &[0xa5, 0x18, 0x04]),
        with(&[0xa5, 0x04], &[0xa4, 0x04]),
        with(&[0xa5, 0x04], &[0xa6, 0x04]),
        with(&[0xa5, 0x04], &[0xa5, 0x05]),
        with(&[&[0x1a][..], &expiry].concat(), &long),
        with(&[0x22], &[0x21]),
        [&right[..], &[0]].concat(),
        weak.into_writer(),
        Vec::new(),
    ];
    for payload in wrong {
        let envelope = Sign1::seal(&issuer(), CARD, payload).unwrap();
        let refused = verify(&text_of(&envelope.to_bytes()));
        assert!(matches!(refused, Err(CardRejection::Malformed(_))), "{refused:?}");
    }
}

#[test]
fn issues_no_card_for_a_weak_holder_key() {
    assert!(issue_card(&issuer(), &CardClaims { holder: Some([0; 32]), ..claims() }).is_err());
}

#[test]
fn says_what_happened_and_what_to_do() {
    let key_id = key_id(&issuer());
    let all = [
        CardRejection::Foreign,
        CardRejection::Malformed("not Base45".to_owned()),
        CardRejection::UnknownVersion,
        CardRejection::UnknownKey { key_id },
        CardRejection::BadSignature { key_id },
        CardRejection::Expired { expired_at_s: 1, shown_at_s: 2 },
        CardRejection::Revoked { card: claims().card, list_version: 3 },
    ];
    let mut codes = HashSet::new();
    for rejection in all {
        assert!(codes.insert(rejection.code()), "{} twice", rejection.code());
        let text = rejection.to_string();
        assert!(text.contains(": ") || text.contains(", "), "{text}");
        assert!(text.starts_with(char::is_lowercase) && !text.ends_with('.'), "{text}");
    }
}

const CARD: Domain = Domain("qatysu/card/1");

/// Two keys whose SHA-256 begin with the same four bytes, found by trying.
fn keys_with_one_id() -> [SoftwareKey; 2] {
    COLLIDING_SEEDS.map(|number: u32| {
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&number.to_be_bytes());
        SoftwareKey::from_seed(&seed)
    })
}

const COLLIDING_SEEDS: [u32; 2] = [96_995, 163_802];
