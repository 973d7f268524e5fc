//! Identities made here, with keys that are known: what is believed, what is refused, what is kept.

use std::convert::Infallible;

use identity::{Field, IdentityKeys, IdentityRejection, Scheme, UnverifiedIdentity};
use minicbor::Encoder;
use minicbor::data::Tag;
use minicbor::encode::Error as EncodeError;
use miniz_oxide::deflate::compress_to_vec_zlib;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use proptest::prelude::*;
use seal::{Sign1, Signer as _, SoftwareKey};

/// 2026-09-14T09:00:00Z.
const NOW_S: i64 = 1_789_376_400;
const ES256: i64 = -7;

fn p256() -> SigningKey {
    SigningKey::from_slice(&[7; 32]).expect("below the order of the curve")
}

fn ed25519() -> SoftwareKey {
    SoftwareKey::from_seed(&[8; 32])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn public_p256() -> String {
    hex(p256().verifying_key().to_sec1_point(false).as_ref())
}

fn public_ed25519() -> String {
    hex(&ed25519().public_key().to_bytes())
}

/// Both test keys, for the issuer `KZ`.
fn keys() -> IdentityKeys {
    let lines = format!("es256 {} KZ\ned25519 {} KZ", public_p256(), public_ed25519());
    IdentityKeys::parse(&lines).expect("two keys")
}

fn cbor(
    write: impl FnOnce(&mut Encoder<Vec<u8>>) -> Result<(), EncodeError<Infallible>>,
) -> Vec<u8> {
    let mut e = Encoder::new(Vec::new());
    write(&mut e).expect("writing into a vector does not fail");
    e.into_writer()
}

/// The claims of a health certificate, as its issuers write them: with an indefinite length.
fn health_claims() -> Vec<u8> {
    cbor(|e| {
        e.map(4)?.u8(1)?.str("KZ")?.u8(4)?.i64(NOW_S + 1000)?.u8(6)?.i64(NOW_S - 1000)?;
        e.i16(-260)?.map(1)?.u8(1)?.begin_map()?;
        e.str("ver")?.str("1.3.0")?.str("dob")?.str("2017-03-05")?;
        e.str("nam")?.map(3)?.str("fn")?.str("Сынақ")?.str("gn")?.str("Бала")?;
        e.str("fnt")?.str("SYNAQ")?;
        e.str("v")?.array(1)?.map(1)?.str("mp")?.str("dose")?.end()?.ok()
    })
}

/// The claims of Claim 169 with a photograph, and whatever is asked for at the end.
fn claim_169(
    more: impl FnOnce(&mut Encoder<Vec<u8>>) -> Result<(), EncodeError<Infallible>>,
) -> Vec<u8> {
    cbor(|e| {
        e.map(3)?.u8(1)?.str("KZ")?.u8(5)?.i64(NOW_S - 10)?;
        e.u8(169)?.begin_map()?.u8(1)?.str("ID-7")?.u8(4)?.str("Сынақ Бала")?;
        e.u8(16)?.bytes(b"a face")?;
        more(e)?;
        e.end()?.ok()
    })
}

fn envelope(algorithm: i64, payload: &[u8], sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let protected = cbor(|e| e.map(2)?.u8(1)?.i64(algorithm)?.u8(4)?.bytes(&[9; 8])?.ok());
    let signature = sign(&Sign1::sig_structure(&protected, &[], payload));
    cbor(|e| {
        e.tag(Tag::new(18))?.array(4)?.bytes(&protected)?.map(0)?;
        e.bytes(payload)?.bytes(&signature)?.ok()
    })
}

fn with_p256(payload: &[u8]) -> Vec<u8> {
    envelope(ES256, payload, |message| {
        let signature: Signature = p256().sign(message);
        signature.to_bytes().to_vec()
    })
}

fn with_ed25519(algorithm: i64, payload: &[u8]) -> Vec<u8> {
    envelope(algorithm, payload, |message| {
        ed25519().sign(message).expect("a software key").0.to_vec()
    })
}

fn text(prefix: &str, bytes: &[u8]) -> String {
    format!("{prefix}{}", base45::encode(compress_to_vec_zlib(bytes, 9)))
}

fn parse(bytes: &[u8]) -> Result<UnverifiedIdentity, IdentityRejection> {
    UnverifiedIdentity::parse_unpacked(bytes, &keys())
}

fn code(bytes: &[u8], now_s: i64) -> &'static str {
    match parse(bytes).and_then(|identity| identity.verify(&keys(), now_s)) {
        Ok(_) => "verified",
        Err(refused) => refused.code(),
    }
}

#[test]
fn reads_a_health_certificate_that_was_signed_with_es256() {
    let text = text("HC1:", &with_p256(&health_claims()));
    let read = UnverifiedIdentity::parse(&format!(" {text}\r\n"), &IdentityKeys::default());
    let verified = read.unwrap().verify(&keys(), NOW_S).unwrap();
    let claims = verified.claims();
    let fields: Vec<_> = claims.fields().map(|(field, value)| (field, value.reveal())).collect();
    let expected =
        [(Field::FirstName, "Бала"), (Field::LastName, "Сынақ"), (Field::BirthDate, "2017-03-05")];
    assert_eq!((claims.scheme, &fields[..]), (Scheme::HealthCertificate, &expected[..]));
    let dropped: Vec<_> = claims.dropped().collect();
    assert_eq!(dropped, ["health record", "passport spelling", "version"]);
}

#[test]
fn takes_both_numbers_of_ed25519_and_no_other_algorithm() {
    let payload = claim_169(|_| Ok(()));
    assert_eq!(code(&with_ed25519(-8, &payload), NOW_S), "verified");
    assert_eq!(code(&with_ed25519(-19, &payload), NOW_S), "verified");
    assert_eq!(code(&with_ed25519(-35, &payload), NOW_S), "unknown_algorithm");
    // The algorithm is the signed one, and no key serves for another.
    assert_eq!(code(&with_ed25519(ES256, &payload), NOW_S), "bad_signature");
    assert_eq!(code(&envelope(-8, &payload, |_| vec![0; 64]), NOW_S), "bad_signature");
    assert_eq!(code(&envelope(-8, &payload, |_| vec![0; 3]), NOW_S), "bad_signature");
    assert_eq!(code(&envelope(ES256, &payload, |_| vec![0; 64]), NOW_S), "bad_signature");
    assert_eq!(code(&envelope(-8, &payload, |_| Vec::new()), NOW_S), "not_signed");
}

#[test]
fn believes_an_issuer_only_under_its_own_key_and_in_its_own_time() {
    let bytes = with_p256(&health_claims());
    assert_eq!(code(&bytes, NOW_S + 999), "verified");
    assert_eq!(code(&bytes, NOW_S + 1000), "expired");
    let bytes = with_p256(&claim_169(|_| Ok(())));
    assert_eq!(code(&bytes, NOW_S - 10), "verified");
    assert_eq!(code(&bytes, NOW_S - 11), "not_yet_valid");
    // The right key, but trusted for a neighbour; then beside a wrong key for the issuer itself.
    let p256 = public_p256();
    let refused = |lines: &str| {
        let keys = IdentityKeys::parse(lines).unwrap();
        parse(&bytes).unwrap().verify(&keys, NOW_S).unwrap_err()
    };
    let issuer = "KZ".to_owned();
    assert_eq!(refused(""), IdentityRejection::UnknownIssuer { issuer: issuer.clone() });
    let neighbour = format!("es256 {p256} KG");
    assert_eq!(refused(&neighbour), IdentityRejection::UnknownIssuer { issuer: issuer.clone() });
    let beside = format!("{neighbour}\ned25519 {} KZ", public_ed25519());
    assert_eq!(refused(&beside), IdentityRejection::BadSignature { issuer });
    let of_nobody = cbor(|e| e.map(1)?.u8(169)?.map(1)?.u8(4)?.str("Сынақ")?.ok());
    assert_eq!(code(&with_p256(&of_nobody), NOW_S), "no_issuer");
}

#[test]
fn shows_nothing_personal_unless_it_is_asked() {
    let read = parse(&with_p256(&claim_169(|_| Ok(())))).unwrap();
    let debug = format!("{read:?} {:?}", read.claims());
    let verified = read.verify(&keys(), NOW_S).unwrap();
    let debug = format!("{debug} {verified:?}");
    for personal in ["Сынақ", "Бала", "ID-7", "a face", "97, 32, 102"] {
        assert!(!debug.contains(personal), "{personal} in {debug}");
    }
    let id = verified.claims().field(Field::Id).unwrap();
    assert_eq!((id.to_string().as_str(), id.reveal()), ("I•••", "ID-7"));
    assert_eq!(verified.claims().dropped().collect::<Vec<_>>(), ["photograph"]);
}

#[test]
fn refuses_claims_of_another_form() {
    let refused = |payload: Vec<u8>| parse(&with_p256(&payload)).unwrap_err().to_string();
    let name_twice = claim_169(|e| e.u8(4)?.str("x")?.ok());
    assert!(refused(name_twice).contains("a key comes twice"));
    let escape = claim_169(|e| e.u8(5)?.str("\u{1b}[2J")?.ok());
    assert!(refused(escape).contains("control characters"));
    let number = claim_169(|e| e.u8(5)?.u8(1)?.ok());
    assert!(refused(number).contains("a field is no text"));
    let deep = claim_169(|e| {
        e.u8(99)?;
        for _ in 0..7 {
            e.array(1)?;
        }
        e.u8(0)?.ok()
    });
    assert!(refused(deep).contains("nested too deeply"));
    assert!(refused([claim_169(|_| Ok(())), vec![0]].concat()).contains("trailing bytes"));
    assert!(refused(b"\x80".to_vec()).contains("no map"));
    assert_eq!(parse(&with_p256(b"\xa0")).unwrap_err(), IdentityRejection::NoIdentity);
    assert_eq!(parse(&with_p256(b"\xa1\x18\xa9\xa0")).unwrap_err(), IdentityRejection::NoIdentity);
}

#[test]
fn refuses_envelopes_of_another_form() {
    let good = with_p256(&claim_169(|_| Ok(())));
    let refused = |bytes: &[u8]| parse(bytes).unwrap_err().to_string();
    assert!(refused(&[&good[..], &[0]].concat()).contains("trailing bytes"));
    assert!(parse(&good[1..]).is_ok(), "the tag may be missing");
    assert!(parse(&[&[0xd8, 61][..], &good].concat()).is_ok(), "a tagged web token");
    assert!(refused(&[&[0xd1][..], &good[1..]].concat()).contains("neither"), "another tag");
    // The array without its length: allowed in claims, not around them.
    let indefinite = [&[0xd2, 0x9f][..], &good[2..], &[0xff]].concat();
    assert!(refused(&indefinite).contains("indefinite length"));
    assert!(refused(&claim_169(|_| Ok(()))).contains("without an envelope"));
    let header = |protected: &[u8]| {
        refused(&cbor(|e| {
            e.array(4)?.bytes(protected)?.map(1)?.u8(1)?.i8(-7)?;
            e.bytes(&claim_169(|_| Ok(())))?.bytes(&[0; 64])?.ok()
        }))
    };
    assert!(header(b"").contains("names no algorithm"), "the unsigned header does not count");
    assert!(header(b"\xa2\x01\x26\x02\x81\x07").contains("unknown here"));
    assert!(header(b"\xa2\x01\x26\x01\x26").contains("a key comes twice"));
    assert!(header(b"\x80").contains("no map"));
}

#[test]
fn stops_at_the_limits_of_text_and_size() {
    let nobody = IdentityKeys::default();
    let parse = |text: &str| UnverifiedIdentity::parse(text, &nobody).unwrap_err();
    let bomb = text("HC1:", &vec![0; 400_000]);
    assert!(bomb.len() < 2000, "{}", bomb.len());
    assert_eq!(parse(&bomb), IdentityRejection::TooLarge);
    assert!(parse(&"0".repeat(2001)).to_string().contains("longer than 2000"));
    assert!(!parse(&"0".repeat(2000)).to_string().contains("longer than 2000"));
    assert!(parse("HC1:::").to_string().contains("not Base45"));
    assert!(parse("hc1:6BF").to_string().contains("not Base45"));
    let refused = UnverifiedIdentity::parse_unpacked(&[0x80; 8193], &nobody).unwrap_err();
    assert_eq!(refused, IdentityRejection::TooLarge);
}

#[test]
fn refuses_every_changed_byte_of_what_is_signed() {
    for good in [with_p256(&health_claims()), with_ed25519(-8, &claim_169(|_| Ok(())))] {
        assert_eq!(code(&good, NOW_S), "verified");
        // The tag, the array's head and the empty header are not signed, and have one form each.
        for at in 0..good.len() {
            let mut broken = good.clone();
            broken[at] ^= 1 << (at % 8);
            assert_ne!(code(&broken, NOW_S), "verified", "byte {at}");
        }
    }
}

proptest! {
    #[test]
    fn never_panics_and_never_believes_made_up_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_ne!(code(&bytes, NOW_S), "verified");
        drop(UnverifiedIdentity::parse(&text("HC1:", &bytes), &keys()));
        prop_assert_ne!(code(&with_p256(&bytes), NOW_S), "expired");
    }

    #[test]
    fn survives_claims_that_are_nearly_right(at in 0usize..200, byte: u8, cut in 0usize..200) {
        let mut payload = health_claims();
        let at = at % payload.len();
        payload[at] = byte;
        payload.truncate(payload.len().max(cut) - cut.min(payload.len() - 1));
        // Signed after it was damaged: the signature does not save the reader.
        if let Ok(read) = parse(&with_p256(&payload)) {
            prop_assert!(read.claims().fields().count() > 0);
        }
    }
}
