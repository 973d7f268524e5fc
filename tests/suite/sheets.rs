//! A month's sheet from the provider's signature to the signed act, with the program, and the page that says
//! to anybody whether a paper is what the log signed.

use std::path::Path;

use attendance::Role;
use serde_json::{Value, json};
use server::Grant;
use system_tests::{Phone, Town, district, grant, http_client};

use crate::papers::closed_month;
use crate::qatysu::run;

const CLOCK: &str = "2026-10-12T09:00:00+05:00";

/// Switches a phone off, and says where its files are.
async fn off(town: &Town, phone: Phone) -> String {
    let dir = phone.dir.clone();
    drop(phone);
    town.device_settled(&dir).await;
    dir.display().to_string()
}

fn sheet(verb: &str, data: &str, more: &[&str]) -> crate::qatysu::Ended {
    let base = ["sheet", verb, "--data", data, "--month", "2026-09", "--clock", CLOCK, "--json"];
    run(&[&base[..], more].concat())
}

fn told(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|why| panic!("{why}: {text}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_is_signed_approved_and_acted_with_the_program() {
    let mut town = Town::found().await;
    let district_office = closed_month(&mut town).await;
    let of_chess = Grant {
        provider: Some(district::CHESS_HOUSE),
        ..grant(Role::ProviderAdmin, "Chess administration")
    };
    let office = town.enrol(&of_chess, &town.address()).await;
    let (office, issuer) = (off(&town, office).await, off(&town, district_office).await);
    let provider = district::CHESS_HOUSE.to_string();
    let of = ["--provider", provider.as_str()];

    let shown = told(&sheet("show", &office, &[]).with(0));
    let lines = shown["sheets"].as_array().unwrap();
    assert_eq!(
        (lines.len(), &lines[0]["provider"]),
        (1, &json!(provider)),
        "its own alone: {shown}"
    );
    assert_eq!(lines[0]["state"], "PARENTS");
    let hash = lines[0]["sheet"]["sha256"].as_str().unwrap().to_owned();
    let all = told(&sheet("show", &issuer, &[]).with(0));
    assert!(all["sheets"].as_array().unwrap().len() > 1, "the district sees all: {all}");

    // In turn, on the right device, over what was looked at.
    assert!(sheet("approve", &office, &[]).with(1).contains("the issuer approves"));
    assert!(sheet("sign", &issuer, &of).with(1).contains("administrator signs"));
    let other = "0".repeat(64);
    assert!(sheet("sign", &office, &["--hash", &other]).with(1).contains("look at it again"));
    drop(sheet("sign", &office, &["--hash", &hash]).with(0));
    drop(sheet("return", &issuer, &[&of[..], &["--document", "letter 1"]].concat()).with(0));
    let returned = told(&sheet("show", &office, &[]).with(0));
    assert_eq!(returned["sheets"][0]["state"], "REVISION", "{returned}");
    drop(sheet("sign", &office, &["--hash", &hash]).with(0));
    drop(sheet("approve", &issuer, &of).with(0));
    drop(sheet("act", &office, &["--number", "A-17"]).with(0));
    drop(sheet("act", &issuer, &[&of[..], &["--number", "A-17"]].concat()).with(0));
    let acted = told(&sheet("show", &issuer, &of).with(0));
    let one = &acted["sheets"][0];
    assert_eq!((&one["state"], &one["act_number"]), (&json!("ACTED"), &json!("A-17")), "{acted}");
    let signatures = one["act"]["signatures"].as_array().unwrap();
    assert_eq!(signatures.len(), 2);
    assert_eq!(signatures[0]["key_id"].as_str().unwrap().len(), 8);
    assert_eq!(one["refused"], Value::Null, "nothing counts for nothing: {one}");

    let server = town.server_dir().display().to_string();
    let number = town.server().board().await.unwrap();
    assert!(number.months.iter().any(|month| month.month == 202_609));
    printed(&town, &issuer, &server).await;
    town.stop_server().await;
}

/// The printed act shows who signed; the program and the server's page say that it holds.
async fn printed(town: &Town, issuer: &str, server: &str) {
    let dir = tempfile::tempdir().expect("a folder");
    let file = |name: &str| dir.path().join(name).display().to_string();
    let phone = town.switch_on(Path::new(issuer));
    for (name, path) in [("bundle.json", "bundle/2026-09"), ("statement.json", "statement/2026-09")]
    {
        std::fs::write(file(name), phone.shell.fetch_file(path).await.expect("it holds"))
            .expect("it holds");
    }
    drop(phone);
    let snapshot = district::snapshot();
    let provider = snapshot.provider(district::CHESS_HOUSE).expect("it is there");
    let (bundle, act) = (file("bundle.json"), file("act.pdf"));
    let export =
        ["export", "act", &bundle, "--provider", &provider.bin, "-o", &act, "--lang", "en"];
    drop(run(&[&export[..], &["--server", &town.address()]].concat()).with(0));
    let verify = ["receipt", "verify", &act, "--trust", server, "--json", "--against"];
    for against in ["bundle.json", "statement.json"] {
        let text = run(&[&verify[..], &[&file(against)]].concat()).with(0);
        let told = told(&text);
        assert_eq!(told["verdict"], "holds");
        assert_eq!(told["whole_file"], against == "bundle.json");
    }
    let pages = paper::rasterise(&std::fs::read(&act).expect("it holds"), 150).expect("it holds");
    let symbols: Vec<String> = pages.iter().flat_map(|page| qr::decode(&page.as_luma())).collect();
    let [address] = &symbols[..] else { panic!("{symbols:?}") };
    assert!(address.starts_with(&format!("{}/verify?mark=QP1;act;2026-09;", town.address())));

    let page = |address: String, language: &'static str| async move {
        let request = http_client().get(address).header("accept-language", language);
        let answer = request.send().await.expect("the server answers");
        assert_eq!(answer.status().as_u16(), 200);
        let policy =
            answer.headers()["content-security-policy"].to_str().expect("ASCII").to_owned();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        answer.text().await.expect("a page")
    };
    let holds = page(address.clone(), "en").await;
    assert!(holds.contains("It holds") && holds.contains(&provider.name), "{holds}");
    assert!(!holds.contains("<script"), "no script");
    for child in 1..=4 {
        assert!(!holds.contains(&district::child(child).to_string()), "no child");
    }
    let changed = page(address.replacen("2026-09;", "2026-10;", 1), "ru-RU,ru;q=0.9").await;
    assert!(changed.contains("не закрыт"), "{changed}");
    let more =
        address.rsplit_once(';').map(|(rest, _)| format!("{rest};another/log")).expect("it holds");
    assert!(page(more, "kk").await.contains("басқа журналдан"));
}

#[tokio::test]
async fn no_mark_makes_the_page_fail() {
    let town = Town::found().await;
    let zeros = "0".repeat(64);
    let hostile = [
        String::new(),
        "?".to_owned(),
        "?mark=".to_owned(),
        "?mark=%ff%fe".to_owned(),
        "?mark=a&mark=b".to_owned(),
        "?lang=%00&mark=<script>".to_owned(),
        format!("?mark={}", "Q".repeat(3_000)),
        format!(
            "?mark=QP1;act;2026-09;{};{};{};{};{zeros};x",
            "f".repeat(16),
            u64::MAX,
            i64::MIN,
            u32::MAX
        ),
        format!("?mark=QP1;sheet;9999-12;{};0;0;0;{zeros};{}", "0".repeat(16), district::ORIGIN),
        "?mark=https://a/verify?mark=QP1".to_owned(),
    ];
    for question in hostile {
        let address = format!("{}/verify{question}", town.address());
        let answer = http_client().get(address).send().await.expect("the server answers");
        let (status, page) = (answer.status().as_u16(), answer.text().await.unwrap());
        assert_eq!(status, 200, "{question}: {page}");
        assert!(page.contains("<form") && !page.contains("<script"), "{question}: {page}");
    }
}
