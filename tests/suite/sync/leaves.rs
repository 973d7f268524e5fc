//! Issuances and changes of the district are leaves: logged beside a running server, which takes them
//! at once.

use std::path::PathBuf;

use attendance::{
    CardClaims, LeafKind, SignedTrustList, TrustRole, TrustRoots, UnverifiedCard, issue_card,
};
use ipc::{CompletenessView, EntryKind, MonthState, RefusalCode};
use ledger::{Contract, Params, Tiyn};
use seal::SoftwareKey;
use serde_json::{Value, json};
use server::{District, Person};
use sync_api::{EntryResponse, ProblemKind};
use system_tests::{Phone, Town, district, issue, key};
use tempfile::TempDir;

use super::first_lesson;
use crate::qatysu::{Ended, run};

/// The program, run beside the town's server.
struct Office<'a> {
    town: &'a Town,
    data: String,
    dir: TempDir,
}

impl<'a> Office<'a> {
    fn of(town: &'a Town) -> Self {
        let data = town.server_dir().to_str().expect("a text").to_owned();
        Self { town, data, dir: tempfile::tempdir().expect("temporary files") }
    }

    fn put(&self, name: &str, text: &str) -> String {
        let path: PathBuf = self.dir.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.to_str().expect("a text").to_owned()
    }

    fn log(&self, texts: &[&str]) -> Ended {
        let cards = self.put("cards.txt", &texts.join("\n"));
        let clock = "2026-09-02T08:00:00+05:00";
        run(&["card", "log", "--data", &self.data, "--clock", clock, "--json", &cards])
    }

    /// Hands in the district as it is, changed, as the next version.
    async fn update(&self, change: impl FnOnce(&mut District), more: &[&str]) -> Ended {
        let mut next = self.town.server().district().await.expect("the district");
        next.snapshot.version += 1;
        change(&mut next);
        let file = self.put("district.json", &serde_json::to_string(&next).expect("JSON"));
        let update = ["district", "update", "--data", &self.data, "--district", &file, "--json"];
        run(&[&update[..], more].concat())
    }
}

fn said(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|why| panic!("{why}: {text}"))
}

async fn token(town: &Town, phone: &Phone) -> String {
    town.wire().hello(&phone.hello().await).await.token
}

/// Version of a device's roster, the children on it, and those of the cards that are in the log.
async fn roster(phone: &Phone) -> (u32, usize, usize) {
    let found = phone.shell.device().with(|device| {
        let roster = device.roster().expect("a roster");
        let logged = roster.children.iter().filter(|child| child.card_hash.is_some());
        (roster.version, roster.children.len(), logged.count())
    });
    found.await
}

/// Another card for a child.
fn reissued(child: u8, id: u8, key: &SoftwareKey) -> String {
    let claims = CardClaims { card: district::card(id), ..system_tests::claims(child) };
    issue_card(key, &claims).expect("a software key signs").text
}

/// Child 5 joins the chess group.
fn with_child_5(next: &mut District) {
    let neighbour = next.snapshot.contracts[0].clone();
    next.snapshot.contracts.push(Contract {
        voucher: district::voucher(5),
        number: "TEST-2026-0005".to_owned(),
        child: district::child(5),
        ..neighbour
    });
    let (child, card) = (district::child(5), district::card(5));
    next.people.push(Person { child, name: "Айя Бесінші".to_owned(), card });
}

#[tokio::test]
async fn logged_cards_are_leaves_that_the_family_can_fetch() {
    let town = Town::found().await;
    let office = Office::of(&town);
    let (family, other) = (town.parent(&[1]).await, town.parent(&[3]).await);
    let before = roster(&family).await;
    assert_eq!(before.2, 0);
    let logged = said(&office.log(&[&town.card(1), &town.card(2)]).with(0));
    assert_eq!(logged["new"], 2);
    let leaf = logged["cards"][0]["leaf"].as_u64().unwrap();
    assert_eq!(town.count("leaf WHERE kind = 4"), 2);
    // Again, and nothing is written.
    let again = said(&office.log(&[&town.card(2), &town.card(1), &town.card(1)]).with(0));
    assert_eq!((&again["new"], &again["cards"][1]["leaf"]), (&json!(0), &json!(leaf)));
    assert_eq!(town.count("leaf WHERE kind = 4"), 2);

    let entry = format!("entry/{leaf}");
    let own = town.wire().get(&entry, Some(&token(&town, &family).await)).await;
    let own: EntryResponse = own.fine();
    assert_eq!((own.kind, own.leaf.leaf_index), (LeafKind::Card, leaf));
    let card = UnverifiedCard::parse_bytes(&own.leaf.bytes.0).unwrap();
    assert_eq!(card.claims().child, district::child(1));
    let foreign = town.wire().get(&entry, Some(&token(&town, &other).await)).await.problem();
    assert_eq!(foreign.kind, ProblemKind::NotFound);
    // The tags lead the family to it.
    town.server().tag_leaves().await.unwrap();
    family.sync().await.done();
    let after = roster(&family).await;
    assert_eq!((after.1, after.2), (1, 1), "the roster has the card's hash");
    assert!(after.0 > before.0);
    let known: Vec<CompletenessView> = family.call("completeness", json!({})).await;
    let [known] = &known[..] else { panic!("{known:?}") };
    assert_eq!((known.faults.len(), known.entries.len()), (0, 1), "{known:?}");
    assert_eq!((known.entries[0].kind, known.entries[0].leaf_index), (EntryKind::Card, leaf));
    assert_eq!(known.entries[0].hash, card.hash().to_string());
    assert_eq!(family.status().await.alarms, 0);
}

#[tokio::test]
async fn cards_that_nobody_may_log_are_refused_and_none_is_written() {
    let town = Town::found().await;
    let office = Office::of(&town);
    office.log(&[&town.card(1)]).with(0);
    let leaves = town.count("leaf");
    let stranger = key(77);
    let refused = |texts: &[&str], why: &str| {
        let refusal = said(&office.log(texts).with(1));
        let told = refusal["why"].as_str().unwrap();
        assert!(told.contains(why), "{why}: {told}");
        assert_eq!(town.count("leaf"), leaves, "{told}");
    };
    refused(&[&town.card(2), &issue(3, &stranger).text], "card number 2: no card issuer");
    refused(&[&reissued(2, 1, town.card_key())], "another card has the id");
    refused(&[&reissued(2, 9, town.card_key()), &reissued(3, 9, town.card_key())], "another card");
    let ended = CardClaims { expires_at_s: 1_700_000_000, ..system_tests::claims(2) };
    refused(&[&issue_card(town.card_key(), &ended).unwrap().text], "the card ended");
    refused(&[&issue(5, town.card_key()).text], "district update");
    let swapped = CardClaims { voucher: district::voucher(2), ..system_tests::claims(3) };
    refused(&[&issue_card(town.card_key(), &swapped).unwrap().text], "no contract with voucher");
    refused(&["https://example.kz"], "not an attendance card");
}

#[tokio::test]
async fn card_by_an_issuer_for_another_district_is_refused() {
    let mut town = Town::found().await;
    town.stop_server().await;
    let dir = town.server_dir();
    let root = |n| server::read_key(&dir.join(format!("issuer/root-{n}.key"))).unwrap();
    let roots = TrustRoots::parse(&std::fs::read(dir.join("trust.roots")).unwrap()).unwrap();
    let list = SignedTrustList::parse(&std::fs::read(dir.join("trust.list")).unwrap()).unwrap();
    let mut list = list.verify(&roots, 0).unwrap();
    list.version += 1;
    let issuer = list.entries.iter_mut().find(|entry| entry.role == TrustRole::CardIssuer);
    issuer.expect("a card issuer").scope = "log.elsewhere/2026".to_owned();
    std::fs::write(dir.join("trust.list"), list.sign(&[&root(1), &root(2)]).unwrap()).unwrap();
    town.start_server().await;
    let refusal = said(&Office::of(&town).log(&[&town.card(1)]).with(1));
    assert!(refusal["why"].as_str().unwrap().contains("log.elsewhere/2026"), "{refusal}");
    assert_eq!(town.count("leaf WHERE kind = 4"), 0);
}

#[tokio::test]
async fn reissued_card_becomes_the_current_one() {
    let town = Town::found().await;
    let office = Office::of(&town);
    office.log(&[&town.card(1)]).with(0);
    let teacher = town.teacher().await;
    // Issued and logged in one step.
    let key = town.server_dir().join("issuer/card.key");
    let (child, voucher) = (district::child(1).to_string(), district::voucher(1).to_string());
    let card = district::card(9).to_string();
    let issued = run(&[
        "card",
        "issue",
        "--key",
        key.to_str().unwrap(),
        "--child",
        &child,
        "--voucher",
        &voucher,
        "--expires",
        "2027-01-01",
        "--card",
        &card,
        "--data",
        &office.data,
        "--json",
        "--clock",
        "2026-09-02T08:00:00+05:00",
    ]);
    let issued = said(&issued.with(0));
    assert_eq!(issued["leaf"].as_i64(), Some(town.count("leaf") - 1));
    teacher.sync().await.done();
    let lesson = first_lesson();
    town.set_clock(lesson.start_ms);
    teacher.open(lesson.id).await;
    let old = attendance::ShortCode::derive_from(district::card(1)).to_string();
    teacher.scan(lesson.id, &old).await.refused(RefusalCode::CodeUnknown);
    teacher.scan(lesson.id, issued["code"].as_str().unwrap()).await.kept();
    // Logging the old one again does not bring it back, nor does a file that still has it.
    office.log(&[&town.card(1)]).with(0);
    let update =
        said(&office.update(|next| next.people[0].card = district::card(1), &[]).await.with(0));
    assert_eq!(update["people"][0]["change"], "card_of_the_log");
    assert_eq!(town.server().district().await.unwrap().people[0].card, district::card(9));
}

#[tokio::test]
async fn running_server_takes_a_newer_district_and_devices_get_its_roster() {
    let town = Town::found().await;
    let office = Office::of(&town);
    let (teacher, family) = (town.teacher().await, town.parent(&[4]).await);
    let (before, elsewhere) = (roster(&teacher).await, roster(&family).await);
    let leaves = town.count("leaf");

    let dry = said(&office.update(with_child_5, &["--dry-run"]).await.with(0));
    assert!(dry["leaf"].is_null());
    assert_eq!(town.count("leaf"), leaves, "a dry run writes nothing");
    teacher.sync().await.done();
    assert_eq!(roster(&teacher).await, before);

    let done = said(&office.update(with_child_5, &[]).await.with(0));
    assert_eq!((&done["version"], &done["leaf"]), (&json!(2), &json!(leaves)));
    assert_eq!((&done["changes"], &done["people"]), (&dry["changes"], &dry["people"]));
    assert_eq!(town.count("leaf WHERE kind = 1"), 2);
    teacher.sync().await.done();
    let after = roster(&teacher).await;
    assert_eq!((after.0, after.1), (u32::try_from(leaves).unwrap(), before.1 + 1));
    family.sync().await.done();
    assert_eq!(roster(&family).await.1, elsewhere.1, "others see nobody new");
    // The new child is scanned like any other, and its visit counts.
    office.log(&[&issue(5, town.card_key()).text]).with(0);
    let lesson = first_lesson();
    town.set_clock(lesson.start_ms);
    teacher.open(lesson.id).await;
    teacher.scan(lesson.id, &issue(5, town.card_key()).text).await.kept();
    teacher.sync().await.receipted(2);

    // The same version again, or a file of another log, is refused.
    let refusal = office.update(|next| next.snapshot.version = 2, &[]).await.with(1);
    assert!(refusal.contains("write a higher one"), "{refusal}");
    let foreign = office.update(|next| next.origin = "log.other/2026".to_owned(), &[]).await;
    assert!(foreign.with(1).contains("choose the right file"));
    // What was shown as a file is taken as one.
    let file = office.dir.path().join("shown.json");
    let file = file.to_str().unwrap();
    let shown = run(&["district", "show", "--data", &office.data, "-o", file, "--json"]);
    assert_eq!(said(&shown.with(0))["version"], 2);
    let mut shown: District = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(shown.people.len(), 5);
    shown.snapshot.version = 3;
    std::fs::write(file, serde_json::to_string(&shown).unwrap()).unwrap();
    let same = run(&["district", "update", "--data", &office.data, "--district", file]);
    assert!(same.with(0).contains("nothing but the version changes"));
}

#[tokio::test]
async fn month_rests_on_the_newest_district_before_its_close_and_an_auditor_agrees() {
    let mut town = Town::found().await;
    let coordinator = town.coordinator().await;
    let bundle = {
        let office = Office::of(&town);
        let dearer = |next: &mut District| next.snapshot.contracts[0].total_tiyn = Tiyn(12_000_000);
        let leaf = said(&office.update(dearer, &[]).await.with(0))["leaf"].as_u64().unwrap();
        office.log(&[&town.card(1), &town.card(2)]).with(0);
        town.set_clock(district::MAY_CLOSE_MS);
        let month = json!({ "month": district::MONTH });
        drop(coordinator.call::<Value>("close_month", month).await);
        coordinator.sync().await.receipted(1);
        town.server().close_due_months().await.unwrap();
        let closed = town.until(&coordinator, MonthState::Paid).await;
        assert_eq!(closed.plan_tiyn, 3 * district::PART.0 + 3_000_000);
        // Afterwards, September stays as it is.
        let refusal =
            async |change: fn(&mut District)| said(&office.update(change, &[]).await.with(1));
        let cheaper = |next: &mut District| next.snapshot.contracts[0].total_tiyn = Tiyn(1);
        let told = refusal(cheaper).await;
        assert!(told["why"].as_str().unwrap().contains("which is closed"), "{told}");
        let rules = |next: &mut District| {
            let from = "2026-09-15".parse().unwrap();
            next.snapshot.params.push(Params::defaults(from, "2026.2"));
        };
        let told = refusal(rules).await;
        assert!(told["why"].as_str().unwrap().contains("begin after 2026-09-30"), "{told}");
        let october = |next: &mut District| {
            let from = "2026-10-01".parse().unwrap();
            next.snapshot.params.push(Params::defaults(from, "2026.2"));
        };
        office.update(october, &[]).await.with(0);
        let after = town.until(&coordinator, MonthState::Paid).await;
        assert_eq!((after.tranche, after.plan_tiyn), (closed.tranche, closed.plan_tiyn));
        let registry = coordinator.shell.fetch_file("registry/2026-09.json").await.unwrap();
        assert_eq!(said(&registry)["totals"]["planned_tiyn"], closed.plan_tiyn);
        (coordinator.shell.fetch_file("bundle/2026-09").await.unwrap(), leaf)
    };
    town.stop_server().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bundle.json");
    std::fs::write(&path, &bundle.0).unwrap();
    let audited = said(&run(&["audit", path.to_str().unwrap(), "--json"]).with(0));
    assert_eq!((&audited["snapshot_version"], &audited["snapshots"]), (&json!(2), &json!(3)));
    assert_eq!(audited["snapshot_leaf"], bundle.1);
    assert_eq!(audited["cards"]["logged"], 2);
}
