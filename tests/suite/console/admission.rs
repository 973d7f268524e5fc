//! Who is let in to teach: checks that are recorded in the console, listings, and who the staff is.

use attendance::Role;
use serde_json::json;
use server::Grant;
use system_tests::{chess_teacher, grant};

use super::*;

/// A BIN whose check digit is right.
const BIN: &str = "990990000029";
const WRITTEN: &str = "data-testid=\"amend-written\"";

/// The fields of a check that nothing is wrong with.
fn check<'a>(check: &'a str, result: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("what", "check"),
        ("bin", BIN),
        ("check", check),
        ("result", result),
        ("day", "2026-09-01"),
        ("document", "D-1"),
        ("source", "the register"),
        ("address", "1 Invented street"),
    ]
}

fn with<'a>(
    fields: &[(&'a str, &'a str)],
    name: &'a str,
    value: &'a str,
) -> Vec<(&'a str, &'a str)> {
    let others = fields.iter().copied().filter(|(of, _)| *of != name);
    others.chain([(name, value)]).collect()
}

fn listing<'a>(listed: &'a str, version: &'a str) -> [(&'a str, &'a str); 6] {
    [
        ("what", "listing"),
        ("bin", BIN),
        ("listed", listed),
        ("document", "order 7"),
        ("day", "2026-09-01"),
        ("version", version),
    ]
}

/// What cannot be so is refused by the name of its field.
async fn refuse_by_field(office: &Office, head: &mut Person) {
    let write = "/console/admission/write";
    for (field, fields) in [
        ("bin", with(&check("TAX", "0"), "bin", "990990000028")),
        ("check", check("LUCK", "yes")),
        ("result", check("TAX", "yes")),
        ("result", check("FIRE", "12")),
        ("result", check("CAPACITY", "-3")),
        ("valid_to", with(&check("FIRE", "yes"), "valid_to", "2026-08-31")),
        ("address", with(&check("NOTIFICATION", "yes"), "address", "")),
        ("sha256", with(&check("FIRE", "yes"), "sha256", "beef")),
        ("source", with(&check("FIRE", "yes"), "source", "")),
        ("day", with(&check("FIRE", "yes"), "day", "yesterday")),
        ("document", with(&check("FIRE", "yes"), "document", "")),
        ("listed", with(&listing("yes", "2"), "listed", "perhaps")),
        ("version", check("FIRE", "yes")),
    ] {
        let page = head.post(office, write, &fields).await.body;
        assert!(page.contains(&format!("data-field=\"{field}\"")), "{field}: {page}");
    }
}

#[tokio::test]
async fn an_organisation_is_checked_listed_and_withdrawn_by_the_head() {
    let office = Office::open().await;
    let mut head = office.signed_in(1, Duty::IssuerHead).await;
    let (ask, write) = ("/console/admission/sure", "/console/admission/write");
    let before = office.town.count("leaf");
    let page = head.get(&office, "/console/admission?lang=en").await.body;
    assert!(page.contains("data-testid=\"check-record\"") && page.contains("name=\"binds_from\""));

    let early = head.post(&office, ask, &listing("yes", "2")).await.body;
    assert!(early.contains("nothing was checked yet"), "{early}");
    let unbound = head.post(&office, ask, &check("TAX", "0")).await.body;
    assert!(unbound.contains("say from which day"), "{unbound}");

    refuse_by_field(&office, &mut head).await;
    assert_eq!(office.town.count("leaf"), before, "nothing of it was written");

    // All checks, the last one after a listing that came too early.
    let all = ledger::admission::Check::ALL;
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    for (number, one) in all.into_iter().enumerate() {
        let version = (number + 2).to_string();
        let result = match one.as_str() {
            "TAX" | "PENSION" | "SOCIAL" => "0",
            "CAPACITY" => "30",
            _ => "да",
        };
        let mut fields = check(one.as_str(), result);
        fields.extend([("version", version.as_str()), ("sha256", sha256)]);
        if number == 0 {
            fields.push(("binds_from", "2026-10-01"));
        }
        if one.as_str() == "CAPACITY" {
            let early = head.post(&office, ask, &listing("yes", "14")).await.body;
            assert!(early.contains("CAPACITY is missing"), "{early}");
        }
        let asked = head.post(&office, ask, &fields).await.body;
        assert!(asked.contains("data-testid=\"amend-sure\"") && asked.contains(sha256), "{asked}");
        assert!(asked.contains("passed"), "{asked}");
        let written = head.post(&office, write, &fields).await.body;
        assert!(written.contains(WRITTEN), "{one}: {written}");
        let again = head.post(&office, write, &fields).await.body;
        assert!(again.contains("is on record already"), "{again}");
    }
    let page = head.get(&office, "/console/admission?lang=en").await.body;
    assert!(page.contains("all passed, not listed") && !page.contains("name=\"binds_from\""));
    let listed = head.post(&office, write, &listing("yes", "15")).await.body;
    assert!(listed.contains(WRITTEN), "{listed}");
    let (_, snapshot) = office.town.server().snapshot_in_force().await.expect("a district");
    let admission = snapshot.admission.expect("a funnel");
    let on = "2026-09-02".parse().expect("a day");
    let standing = admission.standing(BIN.parse().expect("a BIN"), on);
    assert!(standing.state.takes_contracts(), "{standing:?}");
    let import = &admission.imports[0];
    assert_eq!((&*import.register, &*import.by), ("console", "issuer_head"), "a post, no name");
    assert_eq!(admission.checks[0].sha256.as_deref(), Some(sha256));
    assert_eq!(admission.binds_from.to_string(), "2026-10-01");

    // A check that fails makes it lapse; a withdrawal ends it.
    let debt = with(&with(&check("TAX", "1500,50"), "day", "2026-09-02"), "version", "16");
    assert!(head.post(&office, ask, &debt).await.body.contains("1\u{a0}500.50 (failed)"));
    assert!(head.post(&office, write, &debt).await.body.contains(WRITTEN));
    let page = head.get(&office, "/console/admission?lang=en").await.body;
    assert!(page.contains("listed, and lapsed: tax, failed"), "{page}");
    assert!(head.post(&office, write, &listing("no", "17")).await.body.contains(WRITTEN));
    let page = head.get(&office, "/console/admission?lang=en").await.body;
    assert!(page.contains("withdrawn"), "{page}");
    assert_eq!(office.town.count("leaf"), before + 16);
    let acts = |what: &str| office.town.count(&format!("console_act WHERE what = '{what}'"));
    assert_eq!(
        (acts("check_recorded"), acts("provider_listed"), acts("listing_withdrawn")),
        (14, 1, 1)
    );

    // A coordinator sees it and is offered no form.
    let mut coordinator = office.signed_in(2, Duty::Coordinator).await;
    let page = coordinator.get(&office, "/console/admission").await.body;
    assert!(page.contains(BIN) && !page.contains("check-record"), "{page}");
}

#[tokio::test]
async fn the_staff_of_a_provider_is_listed_and_no_family() {
    let office = Office::open().await;
    let address = office.town.address();
    let judo = Grant {
        provider: Some(district::JUDO_CLUB),
        groups: vec![district::JUDO],
        ..grant(Role::Teacher, "Tablet of the judo hall")
    };
    let tablet = office.town.enrol(&chess_teacher(), &address).await;
    drop(office.town.enrol(&judo, &address).await);
    drop(office.town.parent(&[1]).await);
    let coordinator = office.town.coordinator().await;
    let mut head = office.signed_in(1, Duty::IssuerHead).await;
    let mut admin = office.signed_in(2, Duty::ProviderAdmin).await;
    let rows = |page: &str| page.matches("data-testid=\"staff-standing\"").count();
    let page = head.get(&office, "/console/staff?lang=en").await.body;
    assert!(page.contains("Tablet of the judo hall") && page.contains("teacher"), "{page}");
    assert_eq!(rows(&page), 3, "two tablets and the coordinator's: {page}");
    let page = admin.get(&office, "/console/staff?lang=en").await.body;
    assert!(page.contains(&chess_teacher().name) && !page.contains("judo"), "{page}");
    assert_eq!((rows(&page), page.matches("data-standing=\"in-use\"").count()), (1, 1));
    let device = tablet.shell.device().with(|device| device.id()).await;
    let why = json!({ "device": device, "reason": "lost" });
    let _board: ipc::BoardView = coordinator.call("revoke_device", why).await;
    coordinator.sync().await.done();
    let page = admin.get(&office, "/console/staff?lang=en").await.body;
    assert!(page.contains("data-standing=\"revoked\""), "{page}");
}
