//! Every text that a scanner may meet: what is said about it, and the way out.

use attendance::{
    Answer, AnswerClaims, CERTIFICATE_VERSION, CardClaims, CardId, Challenge, ChildId,
    DeviceCertificate, DeviceId, LessonId, ProviderId, Role, RotatingClaims, RotatingCode,
    StatusList, Step, TrustEntry, TrustRejection, TrustRole, UnverifiedCard, VerifiedChallenge,
    VoucherId, issue_card,
};
use seal::{Signer, SoftwareKey};
use sync_api::Ticket;

use super::*;
use crate::audit::tests::world::{key, trust_list};

/// 2026-09-14T16:05:00+05:00.
const NOW_MS: i64 = 1_789_383_900_000;
const NOW_S: i64 = NOW_MS / 1000;
/// 2027-01-01T00:00:00+05:00.
const ENDS_S: u32 = 1_798_743_600;
const CARD: CardId = CardId([9; 8]);
const SCOPE: &str = "log.example/2026";

/// A made-up person of a made-up issuer, signed with the first key of RFC 8032 §7.1.
const HEALTH: &str = "\
    HC1:NCF290E20FFWJWG.FK0I6E7BERK8JC4HBJF3H28C10Y50.FK8ZKO/EZKEZ967L6C56..DW%DZJC/.D2 A JC0/D9Z9\
    6VCLPCG/DIJCE7AGVC*JCNF6:963W56L6B46KECKHGXJC$+D27BSV1 :7OEI7N22FLQ*4WP57ET4/P3/Q37O%NI7 HR4F5\
    QTN%ONNCISHJY4R%EBSAOSCHBDR4J/UFC.L-Y03$5UI3$7DNMR9XK86GQJ7";
const CLAIM_169: &str = "\
    6BFOXN*TS0BIP$FB G+KA5U4235+HLL$V4R1BKATIO1C3-FON*OQW2YB5$+5D/GXOTDFHTGL1GKIYL824PQFU6D+19YHI1\
    KK HGSHG*CGCBWVQO*T2G-8DQH9T3423XJ46$RM8J5WNC+TQOCXCTEPSR8OK/24G9X*2:UF8+ECJRRZFS*R18MV*979OV%\
    92EOWWDS/R34VU*LNMO5YTPXS%M6W%O6TTW%9BN4EQHL40VWSH0";
/// The same person under an empty signature.
const UNSIGNED: &str = "\
    6BFOXN*TS0BIP$FB G+KA5U4235+HLL$V4R1BKATIO1C3-FON*OQW2YB5$+5D/GXOTDFHTGL1GKIYL824PQFU6D+19YHI1\
    KK HGSHG*CGCBWVQO*T2G-8DQH9T3423:T3YUNHE3";
/// The same, encrypted to the key `09…09`.
const ENCRYPTED: &str = "\
    6BFKXNY-TJCI4EF6SLNJ4TAHNKIH2TDA2SH00E3RAME6RUXNFQOI6VDPV+/0TP4DWPY8T*ZUH*M2QIE/OXLS1K270M77NH\
    PB6VTIO5SYO.ONK/34337+NE3OC4D2*CDRJFIIPJF:RBT/R3:KRAH4XNA:VXHEUJ6 T326QG-NG4KQLA.CF%WTP6OR1C 2\
    V/4JBY4G5UVRN3JAI:DUM3L4WF*G0SQ:MPUBFF%7U.LITB6-SRDAH2C.NE/4W8 R70KL.EVLRMWRM4MGO47A56N9G A%%8\
    U4CS$8$CF9NCMDN UB";
const ISSUER_KEY: &str = "ed25519 d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

fn phone() -> SoftwareKey {
    key(31)
}

fn tablet() -> SoftwareKey {
    key(32)
}

fn claims(holder: bool) -> CardClaims {
    CardClaims {
        expires_at_s: ENDS_S,
        card: CARD,
        child: ChildId([1; 12]),
        voucher: VoucherId([1; 8]),
        status_index: 7,
        holder: holder.then(|| phone().public_key().to_bytes()),
    }
}

fn card(signer: u8, holder: bool) -> String {
    issue_card(&key(signer), &claims(holder)).unwrap().text
}

fn card_of(signer: u8) -> UnverifiedCard {
    let issued = issue_card(&key(signer), &claims(true)).unwrap();
    UnverifiedCard::parse_bytes(&issued.bytes).unwrap()
}

fn rotating(by: &SoftwareKey, at_ms: i64) -> RotatingCode {
    let claims = RotatingClaims { card: CARD, step: Step::at(at_ms).unwrap(), nonce: [1; 4] };
    RotatingCode::sign(by, claims).unwrap()
}

fn challenge() -> VerifiedChallenge {
    let device = DeviceId::derive_from(&tablet().public_key());
    let (lesson, step) = (LessonId([5; 8]), Step::at(NOW_MS).unwrap());
    Challenge { device, lesson, step, nonce: [6; 8] }.sign(&tablet()).unwrap()
}

fn answer(by: &SoftwareKey) -> Answer {
    Answer::sign(by, AnswerClaims { card: CARD, challenge: challenge().hash() }).unwrap()
}

fn certificate(of: &SoftwareKey) -> Vec<u8> {
    let key_of_device = of.public_key();
    let certificate = DeviceCertificate {
        version: CERTIFICATE_VERSION,
        device: DeviceId::derive_from(&key_of_device),
        key: key_of_device.to_bytes(),
        role: Role::Teacher,
        provider: Some(ProviderId([3; 8])),
        groups: Vec::new(),
        children: Vec::new(),
        not_before_s: NOW_S - 1000,
        not_after_s: NOW_S + 1000,
        name: "Door".to_owned(),
    };
    certificate.issue(&key(5)).unwrap()
}

fn ticket() -> String {
    let server = "https://qatysu.example".to_owned();
    Ticket { server, secret: [0xab; 16], roots: seal::sha256(b"roots"), pin: None }.to_text()
}

fn nothing() -> Means {
    Means {
        trust: None,
        status: None,
        holder: None,
        certificate: None,
        challenge: None,
        identity_keys: None,
        full: false,
        at_ms: NOW_MS,
    }
}

/// The district's trust list, with a key for status lists in it.
fn trusting() -> Means {
    let mut trust = trust_list();
    trust.entries.push(TrustEntry {
        key: key(8).public_key().to_bytes(),
        role: TrustRole::Status,
        scope: SCOPE.to_owned(),
        not_before_s: 0,
        not_after_s: NOW_S + 1000,
    });
    Means { trust: Some(Ok(trust)), ..nothing() }
}

fn at(at_ms: i64) -> Means {
    Means { at_ms, ..trusting() }
}

fn with_status(signer: u8, scope: &str, revoked: &[u32]) -> Means {
    let list = StatusList::new(4, NOW_S - 90_000, scope, revoked.iter().copied());
    Means { status: Some(list.sign(&key(signer)).unwrap()), ..trusting() }
}

fn with_holder(phone: &SoftwareKey) -> Means {
    Means { holder: Some(phone.public_key()), ..nothing() }
}

fn with_certificate(of: &SoftwareKey) -> Means {
    Means { certificate: Some(certificate(of)), ..trusting() }
}

fn asked() -> Means {
    Means { challenge: Some(challenge().text()), ..with_certificate(&tablet()) }
}

fn with_keys(lines: &str) -> Means {
    let keys = ::identity::IdentityKeys::parse(lines).unwrap();
    Means { identity_keys: Some(keys), ..nothing() }
}

/// A text, what it is held against, and what is to be said: kind, verdict or refusal, words.
struct Case(String, Means, &'static str, &'static str, &'static str);

fn cards() -> Vec<Case> {
    let bad_list = TrustRejection::NotEnoughSignatures { valid: 1, needed: 2 };
    let refused_list = Means { trust: Some(Err(bad_list)), ..nothing() };
    let good = card(7, false);
    let half: String = good.chars().take(90).collect();
    let forged = {
        let mut bytes = attendance::QrText::parse(&good).unwrap().bytes().to_vec();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        format!("OB1:{}", base45::encode(bytes))
    };
    vec![
        Case(good.clone(), trusting(), "card", "accepted", "give --status"),
        Case(card(7, true), trusting(), "card_with_holder", "accepted", "signed it, and it held"),
        Case(good.clone(), nothing(), "card", "not_verified", "give --trust and --roots"),
        Case(good.clone(), refused_list, "card", "trust_list", "keep the old list"),
        Case(half, trusting(), "card", "malformed", "scan it again, or type the code"),
        Case("OB1:!".to_owned(), trusting(), "card", "malformed", "not Base45"),
        Case("OB2:BB8".to_owned(), trusting(), "newer", "unknown_version", "update the app"),
        Case(card(77, false), trusting(), "card", "unknown_key", "connect once to fetch"),
        Case(forged, trusting(), "card", "bad_signature", "tell the coordinator"),
        Case(
            good.clone(),
            at(i64::from(ENDS_S) * 1000),
            "card",
            "expired",
            "ended at 2027-01-01T00:00:00+05:00 and was shown at 2027-01-01T00:00:00+05:00",
        ),
        Case(
            good.clone(),
            with_status(8, SCOPE, &[3, 7]),
            "card",
            "revoked",
            "ask the coordinator",
        ),
        Case(good.clone(), with_status(8, SCOPE, &[3, 8]), "card", "accepted", "25 hours old"),
        Case(good.clone(), with_status(7, SCOPE, &[7]), "card", "status_list", "no status key"),
        Case(good, with_status(8, "KZ-11", &[7]), "card", "status_list", "where it does not count"),
    ]
}

fn phones() -> Vec<Case> {
    let (mine, stranger) = (phone(), key(33));
    let short = |by: &SoftwareKey, at_ms| rotating(by, at_ms).short_text();
    let whole =
        |by: &SoftwareKey, signer| rotating(by, NOW_MS).text_with(&card_of(signer)).unwrap();
    let paper = {
        let issued = issue_card(&key(7), &claims(false)).unwrap();
        let paper = UnverifiedCard::parse_bytes(&issued.bytes).unwrap();
        rotating(&mine, NOW_MS).text_with(&paper).unwrap()
    };
    let held = || with_holder(&phone());
    let (day, revoked) = (86_400_000, || with_status(8, SCOPE, &[7]));
    let (brief, full) = (answer(&mine).short_text(), answer(&mine).text_with(&card_of(7)).unwrap());
    let asked_with_holder = Means { holder: held().holder, ..asked() };
    let other_tablet = Means { challenge: Some("OB8:BB8".to_owned()), ..asked() };
    vec![
        Case(short(&mine, NOW_MS), held(), "rotating", "accepted", "the phone with this key"),
        Case(short(&mine, NOW_MS), nothing(), "rotating", "not_verified", "give --holder"),
        Case(short(&stranger, NOW_MS), held(), "rotating", "bad_signature", "did not sign this"),
        Case(short(&mine, NOW_MS - day), held(), "rotating", "too_old", "a picture of a code"),
        Case(short(&mine, NOW_MS + day), held(), "rotating", "from_future", "set the clocks"),
        Case(whole(&mine, 7), trusting(), "rotating_with_card", "accepted", "the card's phone"),
        Case(whole(&mine, 7), nothing(), "rotating_with_card", "not_verified", "give --trust"),
        Case(whole(&mine, 77), trusting(), "rotating_with_card", "unknown_key", "connect once"),
        Case(whole(&mine, 7), revoked(), "rotating_with_card", "revoked", "for the new card"),
        Case(paper, trusting(), "rotating_with_card", "no_holder_key", "for paper only"),
        Case("OB9:BB8".to_owned(), trusting(), "rotating", "malformed", "scan it again"),
        Case(brief.clone(), asked(), "answer", "not_verified", "give --holder"),
        Case(brief.clone(), asked_with_holder, "answer", "accepted", "with this key answered"),
        Case(brief.clone(), trusting(), "answer", "not_verified", "give --challenge"),
        Case(brief, other_tablet, "answer", "challenge", "the tablet's code was read incompl"),
        Case(full, asked(), "answer_with_card", "accepted", "the card's phone answered"),
        Case("OB7:!".to_owned(), trusting(), "answer", "malformed", "not Base45"),
    ]
}

fn others() -> Vec<Case> {
    let (question, device) = (challenge().text(), tablet());
    let later = Means { at_ms: NOW_MS + 600_000, ..with_certificate(&device) };
    let mine = format!("{ISSUER_KEY} KZ");
    let mut forged = HEALTH.to_owned();
    forged.truncate(HEALTH.len() - 2);
    let locked = || with_keys(&mine);
    let opened = with_keys(&format!("{mine}\na256gcm {}", "09".repeat(32)));
    let code = attendance::ShortCode::derive_from(CARD).to_string();
    let late = Means { at_ms: 1_900_000_000_000, ..with_keys(&mine) };
    let elsewhere = with_keys(&format!("{ISSUER_KEY} AT"));
    let wrong =
        with_keys("es256 036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296 KZ");
    let proof = "c2sp.org/tlog-proof@v1\nindex 2".to_owned();
    let file = r#"{"format":"qatysu-receipt/1"}"#.to_owned();
    let another = with_certificate(&key(34));
    vec![
        Case(question.clone(), with_certificate(&device), "challenge", "accepted", "asks it"),
        Case(question.clone(), trusting(), "challenge", "not_verified", "give --certificate"),
        Case(question.clone(), another, "challenge", "wrong_device", "at your own door"),
        Case(question, later, "challenge", "too_old", "a picture of a code"),
        Case("OB8:!".to_owned(), trusting(), "challenge", "malformed", "scan it again"),
        Case(ticket(), nothing(), "enrolment_ticket", "not_a_card", "scan it on the new device"),
        Case("OE1:AAA".to_owned(), nothing(), "enrolment_ticket", "malformed", "ask the coord"),
        Case(code, nothing(), "short_code", "not_verified", "type it at the door"),
        Case("0000-0000-01".to_owned(), nothing(), "short_code", "code_mistyped", "a slip"),
        Case(HEALTH.to_owned(), with_keys(&mine), "identity", "accepted", "a key of KZ signed it"),
        Case(CLAIM_169.to_owned(), with_keys(&mine), "identity", "accepted", "mark by hand"),
        Case(CLAIM_169.to_owned(), nothing(), "identity", "not_verified", "give --identity-keys"),
        Case(UNSIGNED.to_owned(), locked(), "identity", "not_signed", "ask for one that is signed"),
        Case(ENCRYPTED.to_owned(), locked(), "identity", "locked", "give its content key"),
        Case(ENCRYPTED.to_owned(), opened, "identity", "accepted", "a key of KZ signed it"),
        Case(HEALTH.to_owned(), late, "identity", "expired", "ended at 2030-03-17T22:46:40+05:00"),
        Case(HEALTH.to_owned(), elsewhere, "identity", "unknown_issuer", "add it to the identity"),
        Case(HEALTH.to_owned(), wrong, "identity", "bad_signature", "do not take it over"),
        Case(forged, nothing(), "identity", "malformed", "enter the person by hand"),
        Case(proof, nothing(), "receipt", "not_a_card", "qatysu receipt verify"),
        Case(file, nothing(), "receipt", "not_a_card", "qatysu receipt verify"),
        Case("https://example.kz/menu".to_owned(), nothing(), "link", "foreign", "look for the QR"),
        Case("WIFI:T:WPA;S:x;;".to_owned(), nothing(), "other", "foreign", "look for the QR"),
        Case(String::new(), nothing(), "other", "foreign", "look for the QR"),
        Case("\u{0}\u{ffff}Ж".repeat(4000), nothing(), "other", "foreign", "look for the QR"),
    ]
}

#[test]
fn says_of_every_text_what_it_is_whether_it_holds_and_what_to_do() {
    for Case(text, means, kind, expected, words) in
        cards().into_iter().chain(phones()).chain(others())
    {
        let finding = examine(&text, &means);
        let (lines, json) = (finding.text().join("\n"), finding.to_json());
        eprintln!("{text:.40}\n{lines}\n");
        assert_eq!(json["kind"], kind, "{lines}");
        let verdict = json.get("refusal").unwrap_or(&json["verdict"]);
        assert_eq!(verdict, expected, "{lines}");
        assert!(lines.contains(words), "{words:?} in {lines}");
        assert_eq!(json.get("refusal").is_some(), json["verdict"] == "refused", "{json}");
        assert!(!lines.contains(&"ab".repeat(8)), "the ticket's secret is told: {lines}");
        assert!(!lines.chars().any(|c| c.is_control() && c != '\n'), "{lines:?}");
    }
}

#[test]
fn tells_who_a_stranger_is_only_when_asked() {
    let keys = format!("{ISSUER_KEY} KZ");
    let masked = examine(CLAIM_169, &with_keys(&keys));
    let full = examine(CLAIM_169, &Means { full: true, ..with_keys(&keys) });
    for personal in ["Made Up", "ID-1", "20170305"] {
        let hidden = format!("{} {}", masked.text().join("\n"), masked.to_json());
        assert!(!hidden.contains(personal), "{hidden}");
        assert!(full.text().join("\n").contains(personal));
    }
    assert_eq!(masked.to_json()["full_name"], "M•••");
    assert_eq!(full.to_json()["not_read"][1], "photograph");
}

#[test]
fn tells_the_same_things_to_machines_for_ever() {
    let json = examine(&card(7, false), &with_status(8, SCOPE, &[3])).to_json();
    let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "at",
        "card",
        "child",
        "code",
        "expires",
        "holder",
        "key",
        "kind",
        "notes",
        "sha256",
        "stale",
        "status_index",
        "status_list",
        "verdict",
        "voucher",
        "why",
    ];
    assert_eq!(keys, expected);
    assert_eq!(json["status_list"]["age_s"], 90_000);
    assert_eq!(json["status_list"]["covers"], true);
}

#[test]
fn a_verdict_that_is_not_accepted_ends_the_command_with_one() {
    let console = Console { json: false };
    assert_eq!(examine(&card(7, false), &trusting()).print(console), Exit::Fine);
    assert_eq!(examine(&card(7, false), &nothing()).print(console), Exit::Refused);
    assert_eq!(examine(&card(77, false), &trusting()).print(console), Exit::Refused);
}
