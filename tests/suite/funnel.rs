//! A provider from its first answer of a register to its first contract, by the program and by the API.

use attendance::Role;
use serde_json::{Value, json};
use server::Grant;
use system_tests::{Town, district, grant};

use crate::qatysu::{Ended, run};

const CLOCK: &str = "2026-09-02T12:00:00+05:00";
/// The BIN that the chess house gets: its check digit is right.
const BIN: &str = "990990000029";
const CHECKS: [(&str, &str); 13] = [
    ("SIGNATURE", "yes"),
    ("NOTIFICATION", "yes"),
    ("TAX", "0"),
    ("PENSION", "0"),
    ("SOCIAL", "0"),
    ("SANITARY", "yes"),
    ("FIRE", "yes"),
    ("QUALIFICATION", "yes"),
    ("MEDICAL", "yes"),
    ("NO_CRIMINAL_RECORD", "yes"),
    ("PROGRAMME", "yes"),
    ("SCHEDULE", "yes"),
    ("CAPACITY", "30"),
];

/// A district's office: the server's directory, and a directory for files.
struct Office<'a> {
    town: &'a Town,
    dir: tempfile::TempDir,
}

impl Office<'_> {
    fn qatysu(&self, arguments: &[&str]) -> Ended {
        let data = self.town.server_dir().display().to_string();
        run(&[arguments, &["--data", &data, "--clock", CLOCK, "--json"]].concat())
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).expect("the file is written");
        path.display().to_string()
    }

    fn answers(&self, rows: &[(&str, &str)]) -> String {
        let mut table = String::from("bin,check,result,day,document,source,valid_to,address\n");
        for (check, result) in rows {
            let (until, address) = match *check {
                "FIRE" => ("2026-12-01", ""),
                "NOTIFICATION" => ("", "1 Invented street"),
                _ => ("", ""),
            };
            table.push_str(&format!(
                "{BIN},{check},{result},2026-09-01,D-1,register,{until},{address}\n"
            ));
        }
        self.file("answers.csv", &table)
    }

    fn import(&self, rows: &[(&str, &str)], more: &[&str]) -> Ended {
        let file = self.answers(rows);
        let fixed = ["admission", "import", &file, "--by", "specialist, room 4", "--lang", "en"];
        self.qatysu(&[&fixed[..], more].concat())
    }

    fn list(&self, more: &[&str]) -> Ended {
        let fixed = ["admission", "list", "--bin", BIN, "--document", "order 7", "--by", "head"];
        self.qatysu(&[&fixed[..], more].concat())
    }

    fn state(&self, on: &str) -> Value {
        let said = self.qatysu(&["admission", "status", "--provider", BIN, "--on", on]).with(0);
        parsed(&said)["organisations"][0].clone()
    }

    /// A voucher for a child who has none yet, in a group.
    fn voucher(&self, group: attendance::GroupId, from: &str) -> Ended {
        let child = "09".repeat(12);
        let table = format!(
            "voucher_number,child,group,sum,from,to\nNEW-1,{child},{group},80000,{from},2026-12-31\n"
        );
        let file = self.file("vouchers.csv", &table);
        self.qatysu(&["import", "vouchers", &file, "--dry-run", "--lang", "en"])
    }
}

fn parsed(said: &str) -> Value {
    serde_json::from_str(said).expect("one JSON value")
}

#[tokio::test(flavor = "multi_thread")]
async fn provider_is_checked_listed_and_then_gets_contracts() {
    let mut district = system_tests::the_district();
    district.snapshot.providers[0].bin = BIN.to_owned();
    let newcomer = server::Person {
        child: attendance::ChildId([9; 12]),
        name: "Жан Бесінші".to_owned(),
        card: district::card(9),
    };
    district.people.push(newcomer);
    let town = Town::found_for(&district).await;
    let office = Office { town: &town, dir: tempfile::tempdir().unwrap() };

    // Without a section, contracts need no listing.
    drop(office.voucher(district::JUDO, "2026-10-01").with(0));
    assert!(office.list(&[]).with(1).contains("nothing was checked yet"));

    // All rows or none, and a dry run writes nothing.
    let wrong = parsed(&office.import(&[("FIRE", "yes"), ("TAX", "none")], &[]).with(1));
    assert_eq!(
        (&wrong["refused"][0]["row"], &wrong["refused"][0]["code"]),
        (&json!(3), &json!("check-result"))
    );
    drop(office.import(&CHECKS, &["--binds-from", "2026-10-01", "--dry-run"]).with(0));
    assert_eq!(town.count("leaf WHERE kind = 1"), 1);
    let first = parsed(&office.import(&CHECKS[..12], &["--binds-from", "2026-10-01"]).with(0));
    assert_eq!((&first["changed"], &first["verdict"]), (&json!(12), &json!("taken")));
    assert_eq!(
        parsed(&office.import(&CHECKS[..12], &[]).with(0))["changed"],
        0,
        "the same file again"
    );

    let other_day = office.import(&CHECKS, &["--binds-from", "2027-01-01"]).with(1);
    assert!(other_day.contains("the day from which it binds would change"), "{other_day}");

    // The audit record says who brought which file and what changed; it is part of a logged leaf.
    let data = town.server_dir().display().to_string();
    let shown = parsed(&run(&["district", "show", "--data", &data, "--json"]).with(0));
    let import = &shown["snapshot"]["admission"]["imports"][0];
    assert_eq!((&import["by"], &import["answers"]), (&json!("specialist, room 4"), &json!(12)));
    let file = std::fs::read(office.answers(&CHECKS[..12])).unwrap();
    assert_eq!(import["sha256"], seal::sha256(&file).to_string());

    // One check is missing: nobody can list it, and there are no new contracts from October on.
    let state = office.state("2026-09-02");
    assert_eq!((&state["state"], &state["check"]), (&json!("CHECKING"), &json!("CAPACITY")));
    assert!(office.list(&[]).with(1).contains("CAPACITY is missing"));
    let refused = parsed(&office.voucher(district::CHESS, "2026-10-01").with(1));
    assert_eq!(refused["refused"][0]["code"], "not-listed-check");
    drop(office.voucher(district::CHESS, "2026-09-30").with(0));

    // The rest, and a person lists it.
    drop(office.import(&CHECKS[12..], &[]).with(0));
    assert_eq!(office.state("2026-09-02")["state"], "READY");
    assert_eq!(
        parsed(&office.voucher(district::CHESS, "2026-10-01").with(1))["refused"][0]["code"],
        "not-listed-ready"
    );
    drop(office.list(&[]).with(0));
    assert_eq!(office.state("2026-09-02")["state"], "LISTED");
    drop(office.voucher(district::CHESS, "2026-10-01").with(0));
    let judo = parsed(&office.voucher(district::JUDO, "2026-10-01").with(1));
    assert_eq!(judo["refused"][0]["code"], "not-listed-unknown", "nobody checked the judo club");

    // When the fire certificate runs out, there are no new contracts until it is renewed.
    let state = office.state("2026-12-02");
    assert_eq!((&state["state"], &state["check"]), (&json!("LAPSED"), &json!("FIRE")));
    assert_eq!(state["because"], "EXPIRED");
    drop(office.voucher(district::CHESS, "2026-12-02").with(1));

    // The API: a coordinator of the district sees all, one of a provider its own.
    town.set_clock(ledger::local_ms("2026-09-02".parse().unwrap(), 720).unwrap());
    let wire = town.wire();
    let asked = async |grant: &Grant| {
        let phone = town.enrol(grant, &town.address()).await;
        let token = wire.hello(&phone.hello().await).await.token;
        let found: Value = wire.get("admission", Some(&token)).await.fine();
        found["organisations"].as_array().unwrap().len()
    };
    assert_eq!(asked(&grant(Role::Coordinator, "Coordinator")).await, 2);
    let of_provider =
        Grant { provider: Some(district::CHESS_HOUSE), ..grant(Role::Coordinator, "Chess office") };
    assert_eq!(asked(&of_provider).await, 1);

    // A withdrawal stops it at once, and an entry that is edited is refused by its name.
    drop(office.list(&["--withdraw"]).with(0));
    assert_eq!(office.state("2026-09-02")["state"], "WITHDRAWN");
    let file = office.dir.path().join("district.json").display().to_string();
    drop(run(&["district", "show", "--data", &data, "-o", &file]).with(0));
    let mut edited = parsed(&std::fs::read_to_string(&file).unwrap());
    edited["snapshot"]["version"] = json!(99);
    edited["snapshot"]["admission"]["checks"][6]["found"] = json!("no");
    let file = office.file("edited.json", &edited.to_string());
    let refused = office.qatysu(&["district", "update", "--district", &file]).with(1);
    assert!(refused.contains("check 1/7 would change"), "{refused}");
}
