//! The exact bytes of everything this crate signs.
//!
//! A change of a constant here is a change of the format: it orphans every printed card, every
//! enrolled device, every installed trust list and every chain. Make a new version instead.

#[path = "suite/fixture.rs"]
#[expect(dead_code, reason = "the golden things are a part of the fixture")]
mod fixture;

use attendance::{
    AbsenceReason, CardId, EventDraft, EventKind, Opaque, PackContext, ShortCode, TimeAnchor,
    UnverifiedAnswer, UnverifiedRotating, issue_card, pack,
};
use seal::{Hash, Signer};

use fixture::{
    NOW_S, answer, card_with_holder, challenge, claims, claims_with_holder, device_id, issuer, key,
    notice, rotating, signed_certificate, signed_event, signed_list, status, status_delta,
    status_list, trust_roots, visit,
};

#[test]
fn card_is_unchanged() {
    let card = issue_card(&issuer(), &claims()).unwrap();
    assert_eq!(hex(&card.bytes), CARD);
    assert_eq!(card.text, CARD_TEXT);
    assert_eq!(card.code.to_string(), CARD_CODE);
}

#[test]
fn card_with_holder_is_unchanged() {
    let card = issue_card(&issuer(), &claims_with_holder()).unwrap();
    assert_eq!(hex(&card.bytes), CARD_WITH_HOLDER);
}

#[test]
fn short_codes_are_unchanged() {
    let code = |id| ShortCode::derive_from(CardId(id)).to_string();
    assert_eq!(code([0; 8]), "0000-0000-00");
    assert_eq!(code([1, 2, 3, 4, 5, 6, 7, 8]), CODE_12345);
}

#[test]
fn rotating_code_is_unchanged() {
    assert_eq!(rotating().short_text(), ROTATING_TEXT);
    let text = rotating().text_with(&card_with_holder()).unwrap();
    let whole = UnverifiedRotating::parse(&text).unwrap().to_bytes();
    assert_eq!(hex(&whole), format!("8458ab{CARD_WITH_HOLDER}{ROTATING_REST}"));
    let known = UnverifiedRotating::parse(ROTATING_TEXT).unwrap().to_bytes();
    assert_eq!(hex(&known), format!("8448{CARD_ID}{ROTATING_REST}"));
}

#[test]
fn challenge_and_answer_are_unchanged() {
    assert_eq!(hex(&challenge().to_bytes()), CHALLENGE);
    assert_eq!(answer().short_text(), ANSWER_TEXT);
    let text = answer().text_with(&card_with_holder()).unwrap();
    let whole = UnverifiedAnswer::parse(&text).unwrap().to_bytes();
    assert_eq!(hex(&whole), format!("8358ab{CARD_WITH_HOLDER}{ANSWER_REST}"));
    let known = UnverifiedAnswer::parse(ANSWER_TEXT).unwrap().to_bytes();
    assert_eq!(hex(&known), format!("8348{CARD_ID}{ANSWER_REST}"));
}

#[test]
fn certificate_is_unchanged() {
    assert_eq!(hex(&signed_certificate()), CERTIFICATE);
}

#[test]
fn trust_list_and_roots_are_unchanged() {
    assert_eq!(hex(&signed_list()), TRUST_LIST);
    assert_eq!(hex(&trust_roots().to_bytes()), ROOTS);
    assert_eq!(trust_roots().fingerprint().to_string(), ROOTS_FINGERPRINT);
}

#[test]
fn status_list_and_change_are_unchanged() {
    assert_eq!(hex(&status_list().sign(&status()).unwrap()), STATUS_LIST);
    assert_eq!(hex(&status_delta().sign(&status()).unwrap()), STATUS_DELTA);
}

#[test]
fn events_are_unchanged() {
    assert_eq!(hex(&signed_event(visit())), VISIT);
    assert_eq!(hex(&signed_event(notice())), NOTICE);
}

/// The fields that came later, in one event that no kind would have all of.
fn newer() -> EventDraft {
    EventDraft {
        kind: EventKind::TimeAnchor,
        place: "txwwj".parse().ok(),
        proof: Opaque::from_slice(b"proof"),
        absence: Some(AbsenceReason::Quarantine),
        absence_document: Some(Hash([0x66; 32])),
        headcount: Some(300),
        anchor: Opaque::from_slice(&anchor()),
        ..EventDraft::new(EventKind::TimeAnchor, NOW_S * 1000, 123_500, visit().boot)
    }
}

fn anchor() -> Vec<u8> {
    let anchor = TimeAnchor {
        version: 1,
        device: device_id(),
        time_ms: NOW_S * 1000,
        mono_ms: 123_456,
        boot: visit().boot,
        seq_next: 17,
        head: Hash([0x48; 32]),
        hello: Hash([0x68; 32]),
    };
    anchor.sign(&key(13)).expect("software keys sign")
}

#[test]
fn newer_fields_and_anchors_are_unchanged() {
    assert_eq!(hex(&anchor()), ANCHOR);
    assert_eq!(hex(&signed_event(newer())), NEWER);
}

#[test]
fn packed_batches_are_unchanged() {
    let events = [signed_event(visit()), signed_event(notice()), b"odd".to_vec()];
    let packed = pack(&events, &PackContext::empty()).expect("within the limits");
    assert_eq!(hex(&packed), PACKED);
}

#[test]
fn genesis_is_unchanged() {
    let genesis = attendance::genesis_hash(&fixture::device().public_key());
    assert_eq!(genesis.to_string(), GENESIS);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const CARD: &str = concat!(
    "d28449a201320444fdf72a08a0582fa5041a6b36a6300748c1c2c3c4c5c6c7c8204ca1a1a1a1a1a1",
    "a1a1a1a1a1a12148b1b1b1b1b1b1b1b1221affffffff584099eb642e28983789f6fe52a454aeecca",
    "ddaad96e873baa67240a31da87f681c627fce857b272a6fa0d271a47c692ba600712e4fead2c394f",
    "0c311003b1033809",
);
const CARD_TEXT: &str = concat!(
    "OB1:RRQ+D9 60CO0Z4W5E58CK216FN0-ODJ0LJ-0CMOVXO50POBPX34MJKMJKMJKMJKMJKMJKF94*KM*",
    "KM*KM*KM0E4FGWFGW27BSKJ-TC.55.075AV6KAXVA3.T11S.LRE4HIOL1P4RD6L8HCIGL25YGT7PM-4L",
    "$T1ME3T4PCPNA+0W.S7+L1B7GO14120HMZ37",
);
const CARD_CODE: &str = "R71C-7H65-DA";
const CARD_WITH_HOLDER: &str = concat!(
    "d28449a201320444fdf72a08a0585aa6041a6b36a6300748c1c2c3c4c5c6c7c808a101a301012006",
    "21582043046bfe4092b3e94994eada15dcc20d8aaa07b658fd3954eb8e0efb8bdca5de204ca1a1a1",
    "a1a1a1a1a1a1a1a1a12148b1b1b1b1b1b1b1b1221affffffff584064394e3121f839a1c0a4e6cf56",
    "b2adfc18055029c5f7a03839f4ea9ca9cae9d65672cb629d5abe94d5fdaada73c1e674250b6490e1",
    "dffe6b4be27268aeb2e509",
);
const CARD_ID: &str = "c1c2c3c4c5c6c7c8";
const ROTATING_TEXT: &str = concat!(
    "OB9:OWGCMOVXO50POBP3D3VP3U8E6IIPTI27B0UKN67F%I-YAA89UUJ2084MH95NN6W+KB*ORY3E.M4J",
    "M3G 1+DLCJT946HBE%30BXNL0L8O9SUD76P3DOD6B6UQFIJR527-2",
);
const ROTATING_REST: &str = concat!(
    "1a071c3f7044919293945840a37a3884951f553d48a39baf3f4a8a5bb6d9fe455aafd9f26f6723ac",
    "1bac0e4da88ee8c8303370be00adbbc7a6324b716c37c6d6c024581ed2f6998410ce170e",
);
const CHALLENGE: &str = concat!(
    "8548d7e1e084be213b0148f1f1f1f1f1f1f1f11a071c3f7048818181818181818158405a95d50b3d",
    "b3fab6cd7cabac75861b261f6f980600bbd77de9f4357f80cfde5979b107efe198b5c3e7c8ba9fa9",
    "862e2f7e1dbcaa93f56060d523fe232e653b0d",
);
const ANSWER_TEXT: &str = concat!(
    "OB7:%QGCMOVXO50POBP189H*SVA3HM2SQQV68DDQ DC59VI4F$9C2V8.P79XBEQDIILSESR%FK1HM*KR",
    "I7R*BTBGLNN/FOPNA$TFBC62$5RE8E.3JWBU:C6JQWODSK7CNJ30",
);
const ANSWER_REST: &str = concat!(
    "489ae468199c13c1d2584075d0006159f6d1776d60a644bd3bee5cd96b75a959e00e7d7086baa525",
    "3aa45df9809cba0fc0a6533e7be5319d2e1041d91f2b5cb666c6d1076b2d3aff9a6203",
);
const CODE_12345: &str = "0410-6105-8F";
const CERTIFICATE: &str = concat!(
    "d28449a201320444ed23d853a05872aa00010148d7e1e084be213b01025820d54207da194977dcf4",
    "6adbfec2bc2e75b52d5a8a42184fedfdc00024f0e3e8da03000448d1d1d1d1d1d1d1d1058248e1e1",
    "e1e1e1e1e1e148e2e2e2e2e2e2e2e20680071a6aa66610081a6c3339900972d29ad0b0d0b1d18bd0",
    "bbd0b4d0b0d18320315840bde58382da3066a0c56446d7618bcd7130a190d4da1018bb8560ac6a6a",
    "1346eb4d27b17f6b9ca7b5878afe463bab8fc685288f64b07e0435c718162988d13d0b",
);
const TRUST_LIST: &str = concat!(
    "d8628440a058b6a30007011a6acf44900283a500582066be7e332c7a453332bd9d0a7f7db055f5c5",
    "ef1a06ada66d98b39fb6810c473a010002654b5a2d3735031a6a23e190041a6cb70f90a50058200b",
    "513ad9b4924015ca0902ed079044d3ac5dbec2306f06948c10da8eb6e39f2d010102654b5a2d3735",
    "031a6a23e190041a6cb70f90a500582091a28a0b74381593a4d9469579208926afc8ad82c8839b76",
    "44359b9eba9a4b3a010202654b5a2d3735031a6a23e190041a6cb70f90828349a20132044434750f",
    "98a058402f509252e24d937b18639acad0bc0f2d2a443801ee6aaa2cc0ee34f207ad2b8d8e8a0e8c",
    "fe10a30801a712e5157f2bee70f4f06252ce2e32d64dd572f58af50a8349a201320444b62e867fa0",
    "58406038c8f5e8e1c0816b0caa855a0af35d79bf7fea116e519ff65884675032317ffbc32e886372",
    "2a36937450ee33bd7038f606a4ae8069af2bbe77e0d8c2c9e001",
);
const ROOTS: &str = concat!(
    "a20002018358208139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b39458",
    "208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c5820ed4928c628",
    "d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1",
);
const ROOTS_FINGERPRINT: &str = "38e806ad3294f0ab26dfb1c2279bf07f94039c5e5805d0e708fe28cf085e43b2";
const VISIT: &str = concat!(
    "d28449a201320444d7e1e084a0589fae00010148d7e1e084be213b0102000358209c4ff42e83cc1f",
    "54c43feed2d3c40c74e98ee7decc951176c38503670bd177fc0402051b000001a09f250a80061a00",
    "01e24007480909090909090909084ca1a1a1a1a1a1a1a1a1a1a1a10948b1b1b1b1b1b1b1b10a48f1",
    "f1f1f1f1f1f1f10b48d1d1d1d1d1d1d1d10c000d58208367cd66fdd136bba8ba23f8805bb050dd62",
    "89401c8ec3b0be44a3c233eef90d5840214e112229b9b47f91b0cff6388afd97bf645060f8c8dcaa",
    "90d59ad34a3fba648224dbce87ee0080d8a1dd9ae34df03f9ea5147ec9efb7b0aa5976356f708e01",
);
const NOTICE: &str = concat!(
    "d28449a201320444d7e1e084a05886ad00010148d7e1e084be213b0102000358209c4ff42e83cc1f",
    "54c43feed2d3c40c74e98ee7decc951176c38503670bd177fc040c0520061bffffffffffffffff07",
    "4809090909090909090e010f58207777777777777777777777777777777777777777777777777777",
    "777777777777101a00031771111a0018a6171269d09fd09f2d31303234584082dc3cac3ece294913",
    "3ffd9d4cdbe417f85945d42da0329e31e03dad2b43eaed5bcede86fa66da43958b165b8ccd041fc2",
    "81281e3f1ee228b3791e31a6506405",
);
const STATUS_LIST: &str = concat!(
    "d28449a20132044452168a9ca05821a500010105021a6aa6661003654b5a2d3735048304114a0000",
    "c000000017e572a858404737f3ab7789ce90c7eb4ed574301294457befd06c857eec9450ca15ac66",
    "bacd3131b54bc192ac5f4e83eb83c7186f9dafeb502340e62c56ba8c9087f90e2e0a",
);
const STATUS_DELTA: &str = concat!(
    "d28449a20132044452168a9ca05843a8000101050206031a6aa7b79004654b5a2d37350558202054",
    "e6da92e9edbf985586804c7253c064b2df010bc32c66c6403a10c44dea000683010541cd07830101",
    "41c05840e00ef6e868843ee407460172d389cf1d55e57a7be6b0065585ec6af8d3915f551ecab92a",
    "d96d9c9f3f753972fb61cb2681cd4235b9bb170c0afb9f33a305840b",
);
const GENESIS: &str = "9c4ff42e83cc1f54c43feed2d3c40c74e98ee7decc951176c38503670bd177fc";
const ANCHOR: &str = concat!(
    "d28449a201320444defe6330a0586fa800010148d7e1e084be213b01021b000001a09f250a80031a",
    "0001e240044809090909090909090511065820484848484848484848484848484848484848484848",
    "48484848484848484848480758206868686868686868686868686868686868686868686868686868",
    "686868686868584046127fac06e5cace1f5020fe79ed1c93a21d24430b807ff34f12cab1caeabb54",
    "244e35081a269c11a80a29899ce1e93db7acba5e16e99dce356cfbb5b9849d0c",
);
const NEWER: &str = concat!(
    "d28449a201320444d7e1e084a0590149ae00010148d7e1e084be213b0102000358209c4ff42e83cc",
    "1f54c43feed2d3c40c74e98ee7decc951176c38503670bd177fc040d051b000001a09f250a80061a",
    "0001e26c074809090909090909091365747877776a144570726f6f66150216582066666666666666",
    "666666666666666666666666666666666666666666666666661719012c181858c0d28449a2013204",
    "44defe6330a0586fa800010148d7e1e084be213b01021b000001a09f250a80031a0001e240044809",
    "09090909090909051106582048484848484848484848484848484848484848484848484848484848",
    "48484848075820686868686868686868686868686868686868686868686868686868686868686858",
    "4046127fac06e5cace1f5020fe79ed1c93a21d24430b807ff34f12cab1caeabb54244e35081a269c",
    "11a80a29899ce1e93db7acba5e16e99dce356cfbb5b9849d0c58405517795b581b540178a6cedc61",
    "6c4b4569d869fd4bec234966f102c26569ac7e620692d5d094aa945fa6721d97482ec68861e56a21",
    "8073b7a7649a1dbfc87c05",
);
const PACKED: &str = concat!(
    "0100d7e1e084be213b01009c4ff42e83cc1f54c43feed2d3c40c74e98ee7decc951176c38503670b",
    "d177fc80aaa8f29368c0c40703018202183f0148090909090909090900000148f1f1f1f1f1f1f1f1",
    "0148d1d1d1d1d1d1d1d1014ca1a1a1a1a1a1a1a1a1a1a1a10148b1b1b1b1b1b1b1b10158208367cd",
    "66fdd136bba8ba23f8805bb050dd6289401c8ec3b0be44a3c233eef90d00214e112229b9b47f91b0",
    "cff6388afd97bf645060f8c8dcaa90d59ad34a3fba648224dbce87ee0080d8a1dd9ae34df03f9ea5",
    "147ec9efb7b0aa5976356f708e0101820c1ac00007c0009c4ff42e83cc1f54c43feed2d3c40c74e9",
    "8ee7decc951176c38503670bd177fc0081aaa8f2936880a199f29368011a000317711a0018a61769",
    "d09fd09f2d3130323400582077777777777777777777777777777777777777777777777777777777",
    "7777777782dc3cac3ece2949133ffd9d4cdbe417f85945d42da0329e31e03dad2b43eaed5bcede86",
    "fa66da43958b165b8ccd041fc281281e3f1ee228b3791e31a650640500036f6464",
);
