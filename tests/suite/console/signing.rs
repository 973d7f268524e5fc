//! Signing in the console over HTTP: keys here stand for those of browsers. What a browser's own script
//! refuses is in `e2e::signing`.

use attendance::{
    ChildId, DeviceCertificate, DeviceId, EVENT_DOMAIN, EventKind, Role, UnverifiedEvent,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use seal::{Sign1, Signer as _, SoftwareKey};
use serde_json::{Value, json};
use sync_api::{Batch, ENROL_DOMAIN, EnrolClaims, VerdictKind};

use super::*;

const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// A person with a browser whose key the test has.
pub(super) struct Signatory {
    pub(super) person: Person,
    key: SoftwareKey,
}

/// A field of a page's form.
pub(super) fn hidden(page: &str, before: &str, name: &str) -> String {
    let (_, rest) = page.split_once(before).unwrap_or_else(|| panic!("no {before}: {page}"));
    let (_, rest) = rest.split_once(&format!("name=\"{name}\" value=\"")).expect("a field");
    rest.split('"').next().expect("a value").to_owned()
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|why| panic!("{why}: {}", answer.body))
}

impl Signatory {
    /// Makes a key in the browser of somebody who is signed in.
    pub(super) async fn enrol(office: &Office, mut person: Person, seed: u8) -> Self {
        let key = SoftwareKey::from_seed(&[seed; 32]);
        let made = make_key(office, &mut person, &key).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.body);
        assert_eq!(json_of(&made)["device"], device(&key).to_string());
        Self { person, key }
    }

    pub(super) async fn bytes(&mut self, office: &Office, fields: &Value) -> Answer {
        let device = device(&self.key);
        let asked =
            json!({ "fields": fields, "device": device, "mono_ms": 7, "boot": "0102030405060708" });
        self.person.tell(office, "/console/sign/bytes", &asked).await
    }

    /// Signs bytes that the server made.
    pub(super) fn seal(&self, answer: &Answer) -> Vec<u8> {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let payload = json_of(answer)["payload"].as_str().expect("bytes").to_owned();
        let payload = STANDARD.decode(payload).expect("base64");
        Sign1::seal(&self.key, EVENT_DOMAIN, payload).expect("a key").to_bytes()
    }

    pub(super) async fn put(&mut self, office: &Office, event: &[u8]) -> Answer {
        let event = json!({ "event": STANDARD.encode(event) });
        self.person.tell(office, "/console/sign/put", &event).await
    }

    /// Does what the script does, and gives the page of what came of it.
    pub(super) async fn sign(&mut self, office: &Office, fields: &Value) -> Answer {
        let bytes = self.bytes(office, fields).await;
        let event = self.seal(&bytes);
        let put = self.put(office, &event).await;
        assert_eq!(put.status, StatusCode::OK, "{}", put.body);
        let to = json_of(&put)["to"].as_str().expect("a page").to_owned();
        self.person.get(office, &to).await
    }

    /// Says why something is not to be signed.
    pub(super) async fn refused(&mut self, office: &Office, fields: &Value) -> String {
        let answer = self.bytes(office, fields).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
        json_of(&answer)["why"].as_str().expect("a reason").to_owned()
    }
}

fn device(key: &SoftwareKey) -> DeviceId {
    DeviceId::derive_from(&key.public_key())
}

async fn make_key(office: &Office, person: &mut Person, key: &SoftwareKey) -> Answer {
    let asked = person.tell(office, "/console/key/ask", &json!({})).await;
    if asked.status != StatusCode::OK {
        return asked;
    }
    let secret = json_of(&asked)["secret"].as_str().expect("a secret").to_owned();
    let secret = STANDARD.decode(secret).expect("base64").try_into().expect("16 bytes");
    claim(office, person, key, secret).await
}

async fn claim(
    office: &Office,
    person: &mut Person,
    key: &SoftwareKey,
    secret: [u8; 16],
) -> Answer {
    let claims =
        EnrolClaims { secret, key: key.public_key().to_bytes(), mono_ms: None, boot: None };
    let claims = Sign1::seal(key, ENROL_DOMAIN, seal::to_canonical(&claims)).expect("a key");
    let claims = json!({ "claims": STANDARD.encode(claims.to_bytes()) });
    person.tell(office, "/console/key/keep", &claims).await
}

/// Signs somebody in again, whose session ended.
async fn again(office: &Office, number: u8, letter: char) -> Person {
    let code: String = "0123456789abcde".chars().chain([letter]).collect();
    let hash = seal::sha256_of(&[b"qatysu/console/code", code.as_bytes()]);
    office
        .town
        .database()
        .execute(
            "INSERT INTO console_recovery (code_hash, account) VALUES (?1, ?2)",
            rusqlite::params![hash.0, [number; 16]],
        )
        .expect("a code");
    let mut person = Person::default();
    person.get(office, "/console/recover").await;
    person.post(office, "/console/recover/use", &[("code", &code)]).await;
    assert_eq!(person.get(office, "/console/account").await.status, StatusCode::OK);
    person
}

fn certificate(office: &Office, key: &SoftwareKey) -> DeviceCertificate {
    let bytes: Vec<u8> = office
        .town
        .database()
        .query_row("SELECT certificate FROM device WHERE device = ?1", [device(key).0], |row| {
            row.get(0)
        })
        .expect("a device");
    let sealed = Sign1::parse(&bytes).expect("an envelope");
    seal::from_canonical(sealed.unverified_payload()).expect("a certificate")
}

/// A form of a page about the month's sheet of the chess house.
async fn sheet_fields(office: &Office, person: &mut Person, what: &str) -> Value {
    let page = person.get(office, "/console/months/2026-09?lang=en").await.body;
    let of = format!("data-testid=\"to-sign\" data-provider=\"{}\"", district::CHESS_HOUSE);
    let (_, own) = page.split_once(&of).unwrap_or_else(|| panic!("nothing to sign: {page}"));
    let form = format!("value=\"{what}\"");
    let sha256 = hidden(own, &form, "sha256");
    json!({
        "what": what, "provider": district::CHESS_HOUSE, "month": "2026-09", "sha256": sha256,
    })
}

fn state(page: &str) -> &str {
    let (_, rest) = page.split_once("data-testid=\"sheet-state\" data-state=\"").expect("a state");
    rest.split('"').next().expect("a state")
}

#[tokio::test]
async fn an_administrator_signs_the_sheet_and_nobody_in_that_name() {
    let mut office = Office::open().await;
    office.later(40 * DAY_MS);
    let admin = office.signed_in(1, Duty::ProviderAdmin).await;
    let mut admin = Signatory::enrol(&office, admin, 31).await;
    let fields = sheet_fields(&office, &mut admin.person, "sheet-sign").await;

    // The page that asks shows what the bytes must have, and signs nothing.
    let before = office.town.count("leaf");
    let pairs: Vec<(&str, &str)> = fields
        .as_object()
        .unwrap()
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str().unwrap()))
        .collect();
    let sure = admin.person.post(&office, "/console/months/sign", &pairs).await;
    let device = device(&admin.key).to_string();
    assert!(sure.body.contains(&format!("data-device=\"{device}\"")), "{}", sure.body);
    let sha256 = fields["sha256"].as_str().unwrap();
    assert!(
        sure.body
            .contains(&format!("data-key=\"36\" data-label=\"SHA-256\" data-value=\"{sha256}\""))
    );
    assert!(sure.body.contains("href=\"/console/months?lang=ru\""), "an answer has no address");

    let bytes = admin.bytes(&office, &fields).await;
    let event = admin.seal(&bytes);
    let said = UnverifiedEvent::parse(&event).expect("an event").event().clone();
    assert_eq!((said.kind, said.seq), (EventKind::SheetSign, 0));
    assert_eq!(said.evidence.map(|hash| hash.to_string()).as_deref(), Some(sha256));
    assert_eq!(office.town.count("leaf"), before, "to ask is to sign nothing");

    // Forged: by another key, and with a byte changed.
    let thief = SoftwareKey::from_seed(&[99; 32]);
    let payload = Sign1::parse(&event).unwrap().unverified_payload().to_vec();
    let forged = Sign1::seal(&thief, EVENT_DOMAIN, payload).unwrap().to_bytes();
    let mut bent = event.clone();
    *bent.last_mut().unwrap() ^= 1;
    for wrong in [&forged, &bent, &vec![0; 90]] {
        assert_eq!(admin.put(&office, wrong).await.status, StatusCode::FORBIDDEN);
    }
    // In somebody else's name: a head's session, the administrator's event.
    let head = office.signed_in(2, Duty::IssuerHead).await;
    let mut head = Signatory::enrol(&office, head, 32).await;
    assert_eq!(head.put(&office, &event).await.status, StatusCode::FORBIDDEN);
    assert_eq!(office.town.count("leaf"), before);
    assert_eq!(office.town.count("parked"), 0, "nothing of it reached the log's door");

    let put = admin.put(&office, &event).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.body);
    let page = admin.person.get(&office, json_of(&put)["to"].as_str().unwrap()).await;
    assert!(page.body.contains("data-outcome=\"counts\""), "{}", page.body);
    let sheets = admin.person.get(&office, "/console/months/2026-09").await;
    assert_eq!(state(&sheets.body), "PROVIDER_SIGNED");
    // Sent again, the same answer and no second leaf.
    let twice = admin.put(&office, &event).await;
    assert_eq!((twice.status, json_of(&twice)), (StatusCode::OK, json_of(&put)));
    assert_eq!(office.town.count("leaf"), before + 1);
    let did = "console_act WHERE what = 'signed' AND account = x'01010101010101010101010101010101'";
    assert_eq!(office.town.count(did), 1);

    // Its receipt is for its signatory, and proves itself without the server.
    let receipt = format!("{}/receipt.json", json_of(&put)["to"].as_str().unwrap());
    let file = json_of(&admin.person.get(&office, &receipt).await);
    assert_eq!(file["event"], STANDARD.encode(&event));
    let path = office.town.server_dir().join("signature.receipt.json");
    std::fs::write(&path, file.to_string()).unwrap();
    let trust = office.town.server_dir().display().to_string();
    let verify = ["receipt", "verify", path.to_str().unwrap(), "--trust", &trust];
    let told = crate::qatysu::run(&verify).with(0);
    assert!(told.contains(&device), "{told}");
    assert_eq!(head.person.get(&office, &receipt).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_table_and_the_log_are_asked_before_anybody_signs() {
    let mut office = Office::open().await;
    office.later(40 * DAY_MS);
    let admin = office.signed_in(1, Duty::ProviderAdmin).await;
    let mut admin = Signatory::enrol(&office, admin, 31).await;
    let before = office.town.count("leaf");
    let judo = district::JUDO_CLUB;
    let fields = sheet_fields(&office, &mut admin.person, "sheet-sign").await;
    let with = |name: &str, value: Value| {
        let mut other = fields.clone();
        other[name] = value;
        other
    };
    // Not by this duty, and of no other provider: the same by bytes as by pages.
    let suspend = json!({ "what": "suspend", "provider": district::CHESS_HOUSE,
        "ground": "tax-debt", "document": "T-1" });
    let back = json!({ "what": "sheet-return", "provider": district::CHESS_HOUSE,
        "month": "2026-09", "document": "letter 1" });
    for wrong in [&suspend, &back, &with("provider", json!(judo))] {
        let answer = admin.bytes(&office, wrong).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{wrong}: {}", answer.body);
    }
    // Signed all the same, by whoever made the bytes: not taken.
    let bytes = admin.bytes(&office, &fields).await;
    let honest = Sign1::parse(&admin.seal(&bytes)).unwrap().unverified_payload().to_vec();
    let mut event = attendance::Event::parse(&honest).unwrap();
    event.provider = Some(judo);
    let other = Sign1::seal(&admin.key, EVENT_DOMAIN, event.to_bytes()).unwrap().to_bytes();
    assert_eq!(admin.put(&office, &other).await.status, StatusCode::FORBIDDEN);
    event.provider = Some(district::CHESS_HOUSE);
    event.wall_ms += DAY_MS;
    let ahead = Sign1::seal(&admin.key, EVENT_DOMAIN, event.to_bytes()).unwrap().to_bytes();
    assert_eq!(admin.put(&office, &ahead).await.status, StatusCode::CONFLICT);
    // What the log would not count is not signed at all.
    let other_bytes = admin.refused(&office, &with("sha256", json!("0".repeat(64)))).await;
    assert!(other_bytes.contains("and the log gives"), "{other_bytes}");
    let act = json!({ "what": "act-sign", "provider": district::CHESS_HOUSE, "month": "2026-09",
        "sha256": "0".repeat(64), "document": "A-1" });
    assert!(admin.refused(&office, &act).await.contains("not approved"));
    let no_month = admin.bytes(&office, &with("month", json!("2026-13"))).await;
    assert_eq!(no_month.status, StatusCode::BAD_REQUEST);
    assert_eq!(office.town.count("leaf"), before);
}

#[tokio::test]
async fn two_windows_of_one_person_make_one_history() {
    let mut office = Office::open().await;
    office.later(40 * DAY_MS);
    let head = office.signed_in(1, Duty::IssuerHead).await;
    let mut head = Signatory::enrol(&office, head, 31).await;
    let suspend = |ground: &str| {
        json!({ "what": "suspend", "provider": district::CHESS_HOUSE, "ground": ground,
            "document": "T-1", "debt": "1500,50" })
    };
    // Both windows got bytes for the same place of the chain.
    let first = head.bytes(&office, &suspend("tax-debt")).await;
    let second = head.bytes(&office, &suspend("pension-overdue")).await;
    let (first, second) = (head.seal(&first), head.seal(&second));
    assert_eq!(head.put(&office, &first).await.status, StatusCode::OK);
    let stale = head.put(&office, &second).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.body);
    assert_eq!(json_of(&stale)["again"], true);
    assert_eq!(office.town.count("device WHERE suspended = 1"), 0, "no fork was made of it");
    let page = head.sign(&office, &suspend("pension-overdue")).await;
    assert!(page.body.contains("data-outcome=\"counts\""), "{}", page.body);
    let told = head.refused(&office, &suspend("tax-debt")).await;
    assert!(told.contains("open already"), "{told}");
    let report = office.town.server().providers_report().await.expect("a report");
    let chess = report.iter().find(|one| one.provider == district::CHESS_HOUSE).unwrap();
    assert_eq!((chess.state, chess.grounds.len()), ("SUSPENDED", 2));
    let cure = json!({ "what": "cure", "provider": district::CHESS_HOUSE, "ground": "tax-debt",
        "document": "receipt 4" });
    head.sign(&office, &cure).await;
    let report = office.town.server().providers_report().await.expect("a report");
    let chess = report.iter().find(|one| one.provider == district::CHESS_HOUSE).unwrap();
    assert!(chess.grounds.iter().any(|one| one.cured.is_some()));
}

#[tokio::test]
async fn an_end_takes_two_persons_not_two_keys() {
    let mut office = Office::open().await;
    office.later(40 * DAY_MS);
    let first = office.signed_in(1, Duty::IssuerHead).await;
    let mut first = Signatory::enrol(&office, first, 31).await;
    let second = office.signed_in(2, Duty::IssuerHead).await;
    let mut second = Signatory::enrol(&office, second, 32).await;
    let end = json!({ "what": "end", "provider": district::CHESS_HOUSE, "cause": "not-cured",
        "document": "letter 12" });
    let page = first.sign(&office, &end).await;
    assert!(page.body.contains("data-outcome=\"proposed\""), "{}", page.body);
    let providers = second.person.get(&office, "/console/providers?lang=en").await.body;
    let about = hidden(&providers, "value=\"end-confirm\"", "about");
    let answer =
        |what: &str| json!({ "what": what, "provider": district::CHESS_HOUSE, "about": about });
    // The same person, by the same key and by a new one.
    first.person.get(&office, "/console/key?lang=en").await;
    assert!(first.refused(&office, &answer("end-withdraw")).await.contains("second person"));
    let old = device(&first.key).to_string();
    first.person.post(&office, "/console/key/end", &[("device", &old)]).await;
    let mut first = Signatory::enrol(&office, first.person, 33).await;
    let told = first.refused(&office, &answer("end-withdraw")).await;
    assert!(told.contains("second person"), "{told}");
    // Another person: not before the provider may object no more.
    let told = second.refused(&office, &answer("end-confirm")).await;
    assert!(told.contains("may object until"), "{told}");
    office.later(10 * DAY_MS);
    let mut second = Signatory { person: again(&office, 2, 'z').await, key: second.key };
    second.person.get(&office, "/console/key").await;
    let page = second.sign(&office, &answer("end-confirm")).await;
    assert!(page.body.contains("data-outcome=\"counts\""), "{}", page.body);
    let report = office.town.server().providers_report().await.expect("a report");
    let chess = report.iter().find(|one| one.provider == district::CHESS_HOUSE).unwrap();
    assert_eq!(chess.state, "TERMINATED");
}

#[tokio::test]
async fn a_voucher_goes_its_steps_by_the_heads_key() {
    let office = Office::open().await;
    let head = office.signed_in(1, Duty::IssuerHead).await;
    let mut head = Signatory::enrol(&office, head, 31).await;
    let list = head.person.get(&office, "/console/vouchers?lang=en").await.body;
    let voucher = hidden(&list, "value=\"voucher-register\"", "voucher");
    let say = |what: &str, document: &str| json!({ "what": what, "voucher": voucher, "child": ChildId([0x55; 12]), "document": document });
    let mut offer = say("voucher-offer", "queue 1");
    offer["group"] = json!(district::CHESS);
    let told = head.refused(&office, &offer).await;
    assert!(told.contains("no voucher of this identifier"), "{told}");
    let before = office.town.count("leaf");
    head.sign(&office, &say("voucher-register", "TEST-55")).await;
    let told = head.refused(&office, &say("voucher-extend", "order 2")).await;
    assert!(!told.is_empty(), "{told}");
    head.sign(&office, &say("voucher-activate", "order 1")).await;
    head.sign(&office, &offer).await;
    let page = head.person.get(&office, "/console/vouchers?number=TEST-55&lang=en").await.body;
    assert!(page.contains("a place was offered"), "{page}");
    assert!(page.contains("value=\"voucher-annul\""), "{page}");
    head.sign(&office, &say("voucher-annul", "case 1")).await;
    assert_eq!(office.town.count("leaf"), before + 4);
    let told = head.refused(&office, &say("voucher-activate", "order 3")).await;
    assert!(!told.is_empty());
    // A child with a contract has one in force: said before anything is signed.
    let mut second = say("voucher-register", "TEST-56");
    second["voucher"] = json!("5656565656565656");
    second["child"] = json!(district::child(1));
    head.sign(&office, &second).await;
    second["what"] = json!("voucher-activate");
    let told = head.refused(&office, &second).await;
    assert!(told.contains("the child has 1 in force"), "{told}");
    // A booked one takes two persons.
    let mut annul = second.clone();
    annul["what"] = json!("voucher-annul");
    annul["voucher"] = json!(district::snapshot().contracts[0].voucher);
    annul["child"] = json!(district::snapshot().contracts[0].child);
    let page = head.sign(&office, &annul).await;
    assert!(page.body.contains("data-outcome=\"proposed\""), "{}", page.body);
}

#[tokio::test]
async fn a_key_is_for_its_duty_one_at_a_time_and_ends_with_its_account() {
    let office = Office::open().await;
    let mut head = office.signed_in(1, Duty::IssuerHead).await;
    // A duty that signs nothing gets none.
    for (number, duty) in [
        (2, Duty::IssuerSpecialist),
        (3, Duty::Commission),
        (4, Duty::Treasury),
        (5, Duty::Coordinator),
    ] {
        let mut person = office.signed_in(number, duty).await;
        let page = person.get(&office, "/console/key").await;
        assert!(page.body.contains("data-testid=\"key-none\""), "{duty:?}: {}", page.body);
        let key = SoftwareKey::from_seed(&[40 + number; 32]);
        let made = make_key(&office, &mut person, &key).await;
        assert_eq!(made.status, StatusCode::FORBIDDEN, "{duty:?}");
    }
    // What was not asked is not answered: no secret, another one, one that was used.
    let key = SoftwareKey::from_seed(&[31; 32]);
    head.get(&office, "/console/key").await;
    let unasked = claim(&office, &mut head, &key, [0; 16]).await;
    assert_eq!(unasked.status, StatusCode::UNAUTHORIZED);
    head.get(&office, "/console/key").await;
    head.tell(&office, "/console/key/ask", &json!({})).await;
    let other = claim(&office, &mut head, &key, [0; 16]).await;
    assert_eq!(other.status, StatusCode::UNAUTHORIZED);
    assert_eq!(office.town.count("console_key"), 0);
    head.get(&office, "/console/key").await;
    let mut head = Signatory::enrol(&office, head, 31).await;

    let own = certificate(&office, &head.key);
    assert_eq!((own.role, own.provider), (Role::Issuer, None));
    let admin = office.signed_in(6, Duty::ProviderAdmin).await;
    let mut admin = Signatory::enrol(&office, admin, 36).await;
    let of_admin = certificate(&office, &admin.key);
    let expected = (Role::ProviderAdmin, Some(district::CHESS_HOUSE));
    assert_eq!((of_admin.role, of_admin.provider), expected);

    // One at a time; the page has its fingerprint.
    let page = head.person.get(&office, "/console/key").await;
    let fingerprint = seal::sha256(&head.key.public_key().to_bytes()).to_string();
    assert!(page.body.contains(&fingerprint), "{}", page.body);
    let more = SoftwareKey::from_seed(&[77; 32]);
    let second = make_key(&office, &mut head.person, &more).await;
    assert_eq!(second.status, StatusCode::FORBIDDEN);
    // Nobody gives up somebody else's.
    head.person.get(&office, "/console/key").await;
    let of_admin = device(&admin.key).to_string();
    head.person.post(&office, "/console/key/end", &[("device", &of_admin)]).await;
    assert_eq!(office.town.count("console_key WHERE ended_ms IS NOT NULL"), 0);

    // With its account it ends: what it signs elsewhere is put aside.
    let fields = json!({ "what": "act-sign", "provider": district::CHESS_HOUSE, "month": "2026-09",
        "sha256": "0".repeat(64), "document": "A-1" });
    drop(admin.bytes(&office, &fields).await);
    let sure = format!("/console/accounts/{}/revoked", "06".repeat(16));
    head.person.post(&office, &sure, &[]).await;
    assert_eq!(office.town.count("console_key WHERE ended_ms IS NOT NULL"), 1);
    let chain = attendance::ChainHead::genesis(&admin.key.public_key());
    let draft = attendance::EventDraft::new(
        EventKind::SheetSign,
        office.now_ms,
        1,
        attendance::BootId([1; 8]),
    );
    let event = chain.prepare(draft, device(&admin.key)).seal(&admin.key).expect("a key");
    let body = Batch { events: vec![event.bytes().to_vec()] }.to_bytes();
    let taken = office.town.server().ingest(Batch::hash(&body), &body).await.expect("an answer");
    assert_eq!(taken.verdicts[0].verdict, VerdictKind::Parked);
    assert_eq!(taken.verdicts[0].reason.as_deref(), Some("suspended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_issuers_key_decides_is_in_the_tranche_and_an_auditor_agrees() {
    let mut office = Office::open().await;
    let head = office.signed_in(1, Duty::IssuerHead).await;
    let mut head = Signatory::enrol(&office, head, 31).await;
    let suspend = json!({ "what": "suspend", "provider": district::CHESS_HOUSE,
        "ground": "social-overdue", "document": "S-4" });
    head.sign(&office, &suspend).await;
    let coordinator = crate::papers::closing_month(&mut office.town).await;
    // All of it is held, so that nothing is due.
    office.town.until(&coordinator, ipc::MonthState::Paid).await;
    let report = office.town.server().providers_report().await.expect("a report");
    let chess = report.iter().find(|one| one.provider == district::CHESS_HOUSE).unwrap();
    assert!(chess.suspended_tiyn.0 > 0, "what it earned is held: {chess:?}");
    let bundle = coordinator.shell.fetch_file("bundle/2026-09").await.expect("a bundle");
    let dir = crate::programs::target_dir().join("tmp");
    std::fs::create_dir_all(&dir).expect("a folder");
    let file = dir.join("signed-in-the-console.bundle.json");
    std::fs::write(&file, bundle).expect("it holds");
    let told = crate::qatysu::run(&["audit", file.to_str().expect("a path"), "--json"]).with(0);
    assert!(told.contains("identical"), "{told}");

    // Nobody signed the sheet of the closed month: the board and the sheets name the same turn.
    office.now_ms = district::MAY_CLOSE_MS;
    let board = office.town.server().board().await.expect("a board");
    let month = board.months.iter().find(|month| month.month == 202_609).expect("September");
    let line = month.providers.iter().find(|line| line.provider == district::CHESS_HOUSE);
    let turn = line.and_then(|line| line.sheet.as_ref()).expect("somebody's turn");
    assert_eq!((turn.holder.as_str(), turn.step.as_str()), ("provider", "sheet"));
    let text = coordinator.shell.fetch_file("months/2026-09/sheets").await.expect("the sheets");
    let sheets: Value = serde_json::from_str(&text).expect("JSON");
    let sheets = sheets["sheets"].as_array().expect("sheets");
    let chess = district::CHESS_HOUSE.to_string();
    let own = sheets.iter().find(|one| one["provider"] == chess.as_str()).expect("its sheet");
    assert_eq!(own["holder"]["holder"], turn.holder.as_str());
    assert_eq!(own["holder"]["until"], turn.until.as_str());
}
