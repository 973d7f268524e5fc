//! Paper and tables around a real month: what is printed is checked, what is paid is read from a file, and
//! cards come with their names.

use std::path::Path;

use paper::{Cell, Worksheet, rasterise, read_table, write_spreadsheet};
use serde_json::{Value, json};
use system_tests::{Phone, Town, district, issue};

use crate::qatysu::run;

/// A month in which one visit was earned, and the coordinator's device.
pub(crate) async fn closed_month(town: &mut Town) -> Phone {
    let coordinator = closing_month(town).await;
    town.until(&coordinator, ipc::MonthState::Closed).await;
    coordinator
}

/// The same, before the server has closed it.
pub(crate) async fn closing_month(town: &mut Town) -> Phone {
    let (teacher, coordinator) = (town.teacher().await, town.coordinator().await);
    let lesson = district::lessons(district::CHESS)[0];
    town.set_clock(lesson.start_ms);
    teacher.open(lesson.id).await;
    let visit = teacher.scan(lesson.id, &town.card(1)).await.kept();
    teacher.sync().await.receipted(2);
    let family = town.parent(&[1]).await;
    drop(family.call::<Value>("answer_visit", json!({ "visit": visit, "answer": "was" })).await);
    family.sync().await.receipted(1);
    town.set_clock(district::MAY_CLOSE_MS);
    drop(coordinator.call::<Value>("close_month", json!({ "month": district::MONTH })).await);
    coordinator
}

fn at(dir: &Path, name: &str) -> String {
    dir.join(name).display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printed_act_is_checked_against_the_statement_and_paid_from_a_table() {
    let mut town = Town::found().await;
    let coordinator = closed_month(&mut town).await;
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| at(dir.path(), name);
    for (name, path) in [("bundle.json", "bundle/2026-09"), ("statement.json", "statement/2026-09")]
    {
        let text = coordinator.shell.fetch_file(path).await.unwrap();
        std::fs::write(file(name), text).unwrap();
    }
    let board = coordinator.board().await;
    let month = board.months.iter().find(|month| month.month == district::MONTH).unwrap();
    let earned = month.providers.iter().find(|line| line.accrued_tiyn > 0).unwrap();
    let bin = earned.bin.clone().expect("the board names providers by their numbers");

    let (bundle, statement, act) = (file("bundle.json"), file("statement.json"), file("act.pdf"));
    run(&["export", "act", &bundle, "--provider", &bin, "-o", &act, "--lang", "ru"]).with(0);
    let trust = town.server_dir().display().to_string();
    let against = ["verify-paper", &act, "--against", &statement, "--trust", &trust, "--json"];
    let told: Value = serde_json::from_str(&run(&against).with(0)).unwrap();
    assert_eq!(told["sum_tiyn"], earned.accrued_tiyn);
    let told = run(&["verify-paper", &act, "--against", &bundle, "--json"]).with(0);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["whole_file"], true);
    let wrong = ["verify-paper", &act, "--against", &bundle, "--sum", "1.00"];
    assert!(run(&wrong).with(1).contains("1.00 tenge are printed"));

    // The Treasury's table: one good row between two bad ones.
    let sum = Cell::Hundredths(earned.accrued_tiyn);
    let row = |bin: &str, sum: Cell| {
        let text = |text: &str| Cell::Text(text.to_owned());
        vec![text(bin), sum, text("PP-17"), text("2026-09")]
    };
    let table = Worksheet {
        title: "paid".into(),
        header: ["БИН", "Сумма", "Документ", "Месяц"].map(str::to_owned).into(),
        rows: vec![
            row(&bin, Cell::Hundredths(earned.accrued_tiyn + 1)),
            row(&bin, sum),
            row("990990000099", Cell::Number(1)),
        ],
    };
    std::fs::write(file("paid.xlsx"), write_spreadsheet(&table).unwrap()).unwrap();
    let data = coordinator.dir.display().to_string();
    drop(coordinator);
    let clock = "2026-10-20T09:00:00+05:00";
    let paid = file("paid.xlsx");
    let import =
        ["payments", "import", &paid, "--data", &data, "--lang", "ru", "--clock", clock, "--json"];
    let dry: Value =
        serde_json::from_str(&run(&[&import[..], &["--dry-run"]].concat()).with(1)).unwrap();
    assert_eq!(
        (&dry["accepted"], &dry["refused"], &dry["dry_run"]),
        (&json!(1), &json!(2), &json!(true))
    );
    let told: Value = serde_json::from_str(&run(&import).with(1)).unwrap();
    assert_eq!((&told["accepted"], &told["sent"]), (&json!(1), &json!(true)), "{told}");
    let codes: Vec<_> = told["rows"].as_array().unwrap().iter().map(|row| &row["code"]).collect();
    assert_eq!(codes, ["payment-wrong-sum", "payment-entered", "payment-unknown-provider"]);
    assert!(told["rows"][0]["message"].as_str().unwrap().contains("по реестру положено"), "{told}");

    // It is a notice of the coordinator's device in the log, and redeems the month; again changes nothing.
    town.server().close_due_months().await.unwrap();
    let leaves = town.server().board().await.unwrap();
    let month = leaves.months.iter().find(|month| month.month == 202_609).unwrap();
    let line = month.providers.iter().find(|line| line.bin.as_deref() == Some(&bin)).unwrap();
    assert_eq!(line.document.as_deref(), Some("PP-17"));
    let again: Value = serde_json::from_str(&run(&import).with(1)).unwrap();
    assert_eq!(
        (&again["accepted"], &again["known"], &again["refused"]),
        (&json!(0), &json!(1), &json!(2))
    );
    town.stop_server().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_of_a_group_are_printed_with_names_and_read_from_the_page() {
    let town = Town::found().await;
    let dir = tempfile::tempdir().unwrap();
    let (data, pdf) = (town.server_dir().display().to_string(), at(dir.path(), "cards.pdf"));
    let cards: Vec<Vec<u8>> = [1, 2, 3].map(|child| issue(child, town.card_key()).bytes).into();
    town.server().log_cards(&cards).await.unwrap();
    let all = town.server().cards_in_force().await.unwrap();
    assert!(!all.is_empty() && all.iter().all(|card| !card.name.is_empty()));
    let group = all[0].groups[0];
    let of_group: Vec<_> = all.iter().filter(|card| card.groups.contains(&group)).collect();
    let sheet = ["card", "sheet", "--data", &data, "--group", &group.to_string(), "-o", &pdf];
    run(&sheet).with(0);
    let pages = rasterise(&std::fs::read(&pdf).unwrap(), 200).unwrap();
    let read: Vec<String> = pages.iter().flat_map(|page| qr::decode(&page.as_luma())).collect();
    let texts: Vec<String> = of_group.iter().map(|card| card.text.clone()).collect();
    assert_eq!(read, texts);
    let unknown = ["card", "sheet", "--data", &data, "--group", "no such", "-o", &pdf];
    assert!(run(&unknown).with(1).contains("there are:"));
}

#[test]
fn the_openapi_document_and_the_guides_come_from_the_program() {
    let document: Value = serde_json::from_str(&run(&["openapi"]).with(0)).unwrap();
    assert_eq!(
        (&document["openapi"], document["paths"].as_object().unwrap().len() > 25),
        (&json!("3.1.0"), true)
    );
    let dir = tempfile::tempdir().unwrap();
    let output = at(dir.path(), "guides");
    run(&["guide", "--for", "parent", "--lang", "kk", "-o", &output]).with(0);
    let pdf = std::fs::read(dir.path().join("guides/parent.kk.pdf")).unwrap();
    assert_eq!(rasterise(&pdf, 50).unwrap().len(), 1);
    let unit =
        run(&["kiosk", "--data", "/srv/kiosk", "--role", "teacher", "--print-service"]).with(0);
    assert!(unit.contains("ExecStart=") && unit.contains("/srv/kiosk"), "{unit}");
    assert!(read_table(b"a\n1\n").is_ok());
}
