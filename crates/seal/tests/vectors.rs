//! Outside judges of the signature rule: C2SP CCTV, Wycheproof and ed25519-speccheck. The data is read
//! from the folder that `QATYSU_VECTORS` names; nothing of it is copied here.

use std::fs;
use std::path::Path;

use seal::{PublicKey, Signature};
use serde_json::Value;

#[test]
fn accepts_exactly_43_of_914_edge_cases() {
    let cases = vectors("cctv.json");
    let cases = cases.as_array().expect("an array");
    let accepted = cases
        .iter()
        .filter(|case| {
            let message = text(case, "msg").as_bytes();
            accepts(&hex(text(case, "key")), message, &hex(text(case, "sig")))
        })
        .count();
    eprintln!("outside vectors: ed25519/cctv.json: {} ran, {accepted} accepted", cases.len());
    assert_eq!((cases.len(), accepted), (914, 43));
}

#[test]
fn judges_151_signatures_as_wycheproof_does() {
    let cases = vectors("wycheproof.json");
    let (mut valid, mut invalid) = (0, 0);
    for group in cases["testGroups"].as_array().expect("groups") {
        let key = hex(text(&group["publicKey"], "pk"));
        for case in group["tests"].as_array().expect("tests") {
            let expected = text(case, "result") == "valid";
            let found = accepts(&key, &hex(text(case, "msg")), &hex(text(case, "sig")));
            assert_eq!(found, expected, "wycheproof {}: {}", case["tcId"], case["comment"]);
            *(if expected { &mut valid } else { &mut invalid }) += 1;
        }
    }
    let ran = valid + invalid;
    eprintln!("outside vectors: ed25519/wycheproof.json: {ran} ran, {valid} accepted");
    assert_eq!((valid, invalid), (88, 63));
}

#[test]
fn accepts_only_case_3_of_speccheck() {
    let cases = vectors("speccheck.json");
    let cases = cases.as_array().expect("an array");
    let verdicts = cases.iter().map(|case| {
        let [key, message, signature] =
            ["pub_key", "message", "signature"].map(|field| hex(text(case, field)));
        accepts(&key, &message, &signature)
    });
    let accepted: Vec<_> =
        verdicts.enumerate().filter_map(|(number, accepted)| accepted.then_some(number)).collect();
    eprintln!(
        "outside vectors: ed25519/speccheck.json: {} ran, {} accepted",
        cases.len(),
        accepted.len()
    );
    assert_eq!(cases.len(), 12);
    assert_eq!(accepted, [3]);
}

/// A refused key, and a signature that has not 64 bytes, count as not accepted.
fn accepts(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (PublicKey::parse(key), signature.try_into()) else {
        return false;
    };
    let signature = Signature(signature);
    let accepted = key.verify(message, &signature).is_ok();
    // In pieces of any size it comes to the same.
    for size in [1, 7, 64, message.len() + 1] {
        let pieces = key.verify_pieces(message.chunks(size), &signature).is_ok();
        assert_eq!(pieces, accepted, "in pieces of {size} bytes");
    }
    accepted
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_else(|| panic!("no field {field}"))
}

fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2) && text.is_ascii(), "hexadecimal");
    let pairs = text.as_bytes().chunks_exact(2);
    let pairs = pairs.map(|pair| std::str::from_utf8(pair).expect("ASCII"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal")).collect()
}

#[expect(clippy::disallowed_methods, reason = "tests find the outside vectors by this variable")]
fn vectors(file: &str) -> Value {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors");
    let folder = std::env::var("QATYSU_VECTORS").unwrap_or_else(|_| beside.to_owned());
    let path = Path::new(&folder).join("ed25519").join(file);
    let json = fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!(
            "no outside test vectors at {} ({error}): set QATYSU_VECTORS to the folder that holds \
             ed25519/, merkle/ and tlog/",
            path.display()
        )
    });
    serde_json::from_str(&json).expect("a JSON file")
}
