//! What a hub says: its hello, its word for a parcel, where it is.

use attendance::{ACKNOWLEDGEMENT_VERSION, Acknowledgement};
use seal::Sign1;
use sync_api::{
    Base64, HUB_HELLO_DOMAIN, HubAddress, HubCarriedResponse, HubHelloClaims, HubHelloResponse,
    HubNewsQuery, HubNewsResponse, HubParcelResponse, HubParcelState,
};
use system_tests::{Pen, district};

use super::signed::{certificate, checkpoint, revocation_list, trust_list};
use super::{golden, golden_json, hex};

const HUBS: &str = "keeps tablets from the hubs of another version";

fn pen() -> Pen {
    Pen::new(21)
}

fn word() -> Vec<u8> {
    let said = Acknowledgement {
        version: ACKNOWLEDGEMENT_VERSION,
        parcel: seal::sha256(b"a parcel"),
        carrier: pen().device(),
        at_ms: district::FIRST_MORNING_MS,
    };
    said.issue(pen().key()).expect("software keys sign")
}

fn hello() -> Vec<u8> {
    let claims = HubHelloClaims {
        device: pen().device(),
        server: "https://qatysu.example:8443".to_owned(),
        origin: district::ORIGIN.to_owned(),
        trust_version: 1,
        revocations_version: Some(2),
        at_ms: district::FIRST_MORNING_MS,
        challenge: [0x44; 16],
    };
    let payload = seal::to_canonical(&claims);
    let sealed = Sign1::seal(pen().key(), HUB_HELLO_DOMAIN, payload);
    sealed.expect("software keys sign").to_bytes()
}

#[test]
fn carriers_word_is_unchanged() {
    golden("acknowledgement.hex", &hex(&word()), "orphans the words that devices keep");
    let response = HubCarriedResponse { acknowledgement: Base64(word()) };
    golden_json("hub-carried-response.json", &response, HUBS);
}

#[test]
fn hello_of_a_hub_is_unchanged() {
    let response = HubHelloResponse { hello: Base64(hello()), certificate: Base64(certificate()) };
    golden_json("hub-hello-response.json", &response, HUBS);
}

#[test]
fn standing_of_a_parcel_is_unchanged() {
    let since_ms = district::FIRST_MORNING_MS;
    let waits = HubParcelResponse { state: HubParcelState::Waiting, since_ms, detail: None };
    let detail = Some("why".to_owned());
    let refused = HubParcelResponse { state: HubParcelState::Refused, since_ms, detail };
    golden_json("hub-parcel-response.json", &[waits, refused].to_vec(), HUBS);
}

#[test]
fn code_of_a_hub_is_unchanged() {
    let address = HubAddress {
        addresses: vec!["http://192.168.1.5:7402".to_owned()],
        device: pen().device(),
        fingerprint: seal::sha256(b"key"),
    };
    golden("hub-address.txt", &address.to_text(), HUBS);
}

#[test]
fn news_of_a_hub_are_unchanged() {
    let query = HubNewsQuery { trust: 1, revocations: 2, status: 3, size: 4 };
    assert_eq!(query.path(), "hub/news?trust=1&revocations=2&status=3&size=4", "{HUBS}");
    let nothing = HubNewsResponse::default();
    let all = HubNewsResponse {
        trust_list: Some(Base64(trust_list())),
        revocations: Some(Base64(revocation_list())),
        status_list: Some(Base64(b"a signed list".to_vec())),
        status_deltas: vec![Base64(b"a signed change".to_vec())],
        checkpoint: Some(checkpoint()),
    };
    golden_json("hub-news-response.json", &[nothing, all].to_vec(), HUBS);
}
