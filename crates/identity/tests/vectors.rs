//! Outside judge of imported identities: the Claim 169 test vectors. The data is read from the folder
//! that `QATYSU_VECTORS` names; nothing of it is copied here.

use std::fs;
use std::path::{Path, PathBuf};

use identity::{Claims, Field, IdentityKeys, IdentityRejection, UnverifiedIdentity};
use serde_json::Value;

/// 2026-01-01T00:00Z: within the validity of all but the edge cases.
const NOW_S: i64 = 1_767_225_600;

#[test]
fn judges_18_claim_169_vectors_as_their_authors_do() {
    let (valid, edge) = (cases("valid"), cases("edge"));
    for (name, case) in valid.iter().chain(&edge) {
        let keys = keys_of(case);
        let read = UnverifiedIdentity::parse(text(case, "qr_data"), &keys);
        let read = read.unwrap_or_else(|rejection| panic!("{name}: {rejection}"));
        says_what_the_authors_say(name, read.claims(), case);
        let verdict = read.verify(&keys, NOW_S).map(|_| ()).map_err(|refused| refused.code());
        // Most of these vectors carry an empty signature: their verdict is that nobody signed them.
        let expected = match (&case["signing_key"], &case["encryption_key"]) {
            (Value::Null, _) => Err("not_signed"),
            (_, Value::Null | Value::Object(_)) => Ok(()),
            (_, other) => panic!("{name}: {other}"),
        };
        assert_eq!(verdict, expected, "{name}");
    }
    let invalid = cases("invalid");
    for (name, case) in &invalid {
        let refused = UnverifiedIdentity::parse(text(case, "qr_data"), &IdentityKeys::default());
        let refused = refused.map(|_| ()).expect_err(name);
        let expected = match text(case, "expected_error") {
            "Base45Decode" => malformed("not Base45"),
            "Decompress" => malformed("not packed with zlib"),
            "CoseParse" => malformed("neither COSE_Sign1 nor COSE_Encrypt0"),
            "Claim169NotFound" => IdentityRejection::NoIdentity,
            other => panic!("{name}: {other}"),
        };
        assert_eq!(refused, expected, "{name}");
    }
    let (valid, invalid, edge) = (valid.len(), invalid.len(), edge.len());
    let all = valid + invalid + edge;
    eprintln!(
        "outside vectors: claim169: {all} ran, {valid} valid, {invalid} invalid, {edge} edge"
    );
    assert_eq!((valid, invalid, edge), (11, 4, 3));
}

#[test]
fn encrypted_vectors_stay_closed_without_their_key() {
    let cases = cases("valid");
    let encrypted = cases.iter().filter(|(_, case)| case["encryption_key"].is_object());
    let refused = encrypted.map(|(_, case)| {
        let keys = IdentityKeys::parse(&format!("a256gcm {}", "00".repeat(32))).unwrap();
        UnverifiedIdentity::parse(text(case, "qr_data"), &keys).map(|_| ()).unwrap_err()
    });
    let refused: Vec<_> = refused.collect();
    assert_eq!(refused, [IdentityRejection::Locked, IdentityRejection::Locked]);
}

/// Every field of the authors is either kept as it is, or named among what was dropped.
fn says_what_the_authors_say(name: &str, claims: &Claims, case: &Value) {
    let expected = case["expected_claim169"].as_object().expect("an object");
    let mut kept = 0;
    for (field, value) in expected {
        let ours = match field.as_str() {
            "id" => Field::Id,
            "fullName" => Field::FullName,
            "firstName" => Field::FirstName,
            "middleName" => Field::MiddleName,
            "lastName" => Field::LastName,
            "dateOfBirth" => Field::BirthDate,
            "secondaryFullName" => Field::SecondName,
            other => {
                let label = dropped_as(other);
                assert!(claims.dropped().any(|one| one == label), "{name}: {other} is lost");
                continue;
            }
        };
        let found = claims.field(ours).map(identity::Personal::reveal);
        assert_eq!(found, value.as_str(), "{name}: {field}");
        kept += 1;
    }
    assert_eq!(claims.fields().count(), kept, "{name} keeps more than the authors know");
    let token = &case["expected_cwt_meta"];
    assert_eq!(claims.issuer.as_deref(), token["issuer"].as_str(), "{name}");
    assert_eq!(claims.expires_at_s, token["expiresAt"].as_i64(), "{name}");
    assert_eq!(claims.not_before_s, token["notBefore"].as_i64(), "{name}");
    assert_eq!(claims.issued_at_s, token["issuedAt"].as_i64(), "{name}");
}

fn dropped_as(field: &str) -> &'static str {
    match field {
        "version" => "version",
        "language" | "secondaryLanguage" => "language",
        "gender" => "gender",
        "address" => "address",
        "email" => "e-mail",
        "phone" => "telephone",
        "nationality" => "nationality",
        "maritalStatus" => "marital status",
        "guardian" => "guardian",
        "photo" | "photoFormat" => "photograph",
        "locationCode" => "location",
        "legalStatus" => "legal status",
        "countryOfIssuance" => "country of issuance",
        "unknownFields" => "unknown field",
        // Fingers, irises, the face: whatever they are called.
        _ => "biometrics",
    }
}

/// The keys that the vector brings along, for the issuer that it names.
fn keys_of(case: &Value) -> IdentityKeys {
    let mut lines = String::new();
    if case["signing_key"].is_object() {
        let algorithm = match text(&case["signing_key"], "algorithm") {
            "EdDSA" => "ed25519",
            "ES256" => "es256",
            other => panic!("algorithm {other}"),
        };
        let key = text(&case["signing_key"], "public_key_hex");
        let issuer = text(&case["expected_cwt_meta"], "issuer");
        lines += &format!("{algorithm} {key} {issuer}\n");
    }
    if case["encryption_key"].is_object() {
        lines += &format!("a256gcm {}\n", text(&case["encryption_key"], "symmetric_key_hex"));
    }
    IdentityKeys::parse(&lines).expect("the vector's keys")
}

fn malformed(what: &str) -> IdentityRejection {
    IdentityRejection::Malformed(what.to_owned())
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_else(|| panic!("no field {field}"))
}

fn cases(kind: &str) -> Vec<(String, Value)> {
    let folder = vectors().join(kind);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let paths = entries.map(|entry| entry.expect("a directory entry").path());
    let cases = paths.map(|path| {
        let json = fs::read_to_string(&path).expect("a file");
        (path.display().to_string(), serde_json::from_str(&json).expect("a JSON file"))
    });
    cases.collect()
}

#[expect(clippy::disallowed_methods, reason = "tests find the outside vectors by this variable")]
fn vectors() -> PathBuf {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors");
    let folder = std::env::var("QATYSU_VECTORS").unwrap_or_else(|_| beside.to_owned());
    let path = Path::new(&folder).join("claim169");
    assert!(
        path.is_dir(),
        "no outside test vectors at {}: set QATYSU_VECTORS to the folder that holds claim169/",
        path.display()
    );
    path
}
