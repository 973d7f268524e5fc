//! The console in Chromium with a virtual authenticator: the printed link, a passkey, the pages, a forged
//! form, a recovery code; and what is in the server's database afterwards.

use std::process::Stdio;

use ipc::MonthState;
use serde_json::{Value, json};
use system_tests::{Town, district};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::browser::{Browser, Page};
use super::camera::{Scene, film};
use super::pages::{SCHEMES, WIDTHS, keep_screens, too_wide};
use crate::programs;

/// A running `qatysu serve` whose console nobody was in yet. It ends with this value.
pub(super) struct Served {
    pub(super) town: Town,
    pub(super) console: String,
    pub(super) link: String,
    _child: Child,
}

impl Served {
    /// A town with a closed month, and its server as a program.
    pub(super) async fn start() -> Self {
        programs::require_e2e();
        let mut town = Town::found().await;
        let teacher = town.teacher().await;
        let parent = town.parent(&[1]).await;
        for lesson in district::lessons(district::CHESS) {
            town.set_clock(lesson.start_ms);
            teacher.open(lesson.id).await;
            for child in 1..=3 {
                teacher.scan(lesson.id, &town.card(child)).await.kept();
            }
        }
        teacher.sync().await.done();
        parent.sync().await.done();
        for visit in parent.visits().await {
            let answer = json!({ "visit": visit.event, "answer": ipc::Answer::Was });
            drop(parent.call::<Value>("answer_visit", answer).await);
        }
        parent.sync().await.done();
        let coordinator = town.coordinator().await;
        let month = json!({ "month": district::MONTH });
        drop(coordinator.call::<Value>("close_month", month).await);
        town.until(&coordinator, MonthState::Closed).await;
        drop((teacher, parent, coordinator));
        town.stop_server().await;
        let mut child = Command::new(programs::find("qatysu"))
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--clock", "2026-09-30T13:00:00Z"])
            .arg("--data")
            .arg(town.server_dir())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let told = lines.next_line().await.expect("text").expect("it says where it is");
        let told: Value = serde_json::from_str(&told).expect("one JSON object");
        let text = |name: &str| told[name].as_str().expect("an address").to_owned();
        Self { town, console: text("console"), link: text("console_link"), _child: child }
    }

    pub(super) fn at(&self, page: &str) -> String {
        format!("{}{page}", self.console)
    }
}

impl Page {
    /// Gives the browser something that keeps passkeys and says yes to whoever asks.
    pub(super) async fn keeps_passkeys(&self) {
        let id = self.client().session_id().await.expect("a session").expect("a session");
        let authenticator = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserConsenting": true, "isUserVerified": true,
        });
        let asked = system_tests::http_client()
            .post(format!("http://{}/session/{id}/webauthn/authenticator", self.host()))
            .json(&authenticator)
            .send()
            .await;
        assert!(asked.expect("chromedriver answers").status().is_success());
    }

    pub(super) async fn texts(&self, css: &str) -> Vec<String> {
        let script =
            format!("return [...document.querySelectorAll('{css}')].map((one) => one.textContent)");
        let found = self.run(&script).await;
        let all = found.as_array().expect("a list").iter();
        all.map(|one| one.as_str().expect("a text").to_owned()).collect()
    }
}

/// The button that asks for a passkey, of the page to sign in.
const SHOW: &str = "[data-how=show] [data-testid=passkey]";

#[tokio::test(flavor = "multi_thread")]
async fn administrator_comes_in_by_the_link_and_by_a_passkey() {
    let served = Served::start().await;
    let scratch = tempfile::tempdir().expect("temporary files");
    let film = film(&[Scene::one("nothing")], scratch.path());
    let browser = Browser::start(&film, scratch.path()).await;
    let page = browser.blank().await;
    page.keeps_passkeys().await;

    // The printed link, a passkey, ten codes.
    page.goto(&format!("{}?lang=en", served.link)).await;
    page.shot("console-link").await;
    page.click("passkey").await;
    page.wait_for_css("#codes:not([hidden]) li").await;
    let codes = page.texts("#codes li").await;
    assert_eq!(codes.len(), 10, "{codes:?}");
    page.click("codes-done").await;
    page.wait_for("month").await;
    assert_eq!(served.town.count("console_account WHERE duty = 'issuer_head'"), 1);
    assert_eq!(served.town.count("console_passkey"), 1);
    page.goto(&served.link).await;
    page.wait_for("link-over").await;

    // Out, and in again with the passkey.
    page.goto(&served.at("/account")).await;
    page.click("sign-out").await;
    page.wait_for_css(SHOW).await;
    assert_eq!(served.town.count("console_session"), 0);
    page.goto(&served.at("/months")).await;
    page.click_css(SHOW).await;
    page.wait_for("month").await;

    lay_a_draft(&served);
    walk(&page, &served).await;
    forge(&page, &served).await;

    // A code instead of the passkey, once and not twice.
    for (times, lets_in) in [(1, true), (2, false)] {
        page.client().delete_all_cookies().await.expect("the cookies go");
        page.goto(&served.at("/recover?lang=en")).await;
        page.fill("#code", &codes[0].to_uppercase()).await;
        page.click_css("main form button").await;
        if lets_in {
            page.wait_for("codes-left").await;
            assert_eq!(page.texts("[data-testid=codes-left]").await, ["9"]);
        } else {
            page.wait_for("code-refused").await;
        }
        assert_eq!(served.town.count("console_recovery WHERE used_ms IS NOT NULL"), 1, "{times}");
    }

    // What the database has of all that.
    let did = |what: &str| served.town.count(&format!("console_act WHERE what = '{what}'"));
    assert_eq!((did("link_made"), did("link_used"), did("signed_in")), (2, 1, 2));
    let seen = "view_log WHERE account IS NOT NULL AND role = 'issuer_head' AND what =";
    for what in ["sheets", "voucher", "signals", "registry", "statement"] {
        assert!(served.town.count(&format!("{seen} '{what}'")) > 0, "{what}");
    }
    assert!(served.town.count("console_passkey WHERE used_ms IS NOT NULL") == 1);
}

/// The pages: what they are called, where they are, what shows that each is there.
const WALK: [(&str, &str, &str); 20] = [
    ("months", "/months", "[data-testid=month]"),
    ("sheets", "/months/2026-09", "[data-testid=sheet-state]"),
    ("registries", "/registries", "[data-testid=registries]"),
    ("signals", "/signals/2026-09", "[data-testid=signal]"),
    ("voucher", "/vouchers?number=TEST-2026-0001", "[data-testid=voucher]"),
    ("groups", "/groups", "tbody tr"),
    ("providers", "/providers", "[data-testid=provider-state]"),
    ("admission", "/admission", "tbody tr"),
    ("budget", "/budget", "[data-testid=no-budget]"),
    ("parameters", "/parameters", "[data-testid=try]"),
    ("people", "/accounts", "[data-testid=invite]"),
    ("account", "/account", "[data-testid=codes-left]"),
    ("transparency", "/transparency", "[data-testid=log-size]"),
    ("key", "/key", "[data-testid=make-key]"),
    ("payments", "/payments", "[data-testid=judge]"),
    ("undecided", "/undecided", "main h1"),
    ("holds", "/holds", "main h1"),
    ("calendar", "/calendar", "[data-testid=day-set]"),
    ("staff", "/staff", "main h1"),
    ("drafts", "/drafts", "[data-testid=draft-look]"),
];

/// What a specialist would have laid before the head.
fn lay_a_draft(served: &Served) {
    let fields = r#"{"what":"rules","name":"excused_cap_percent","value":"10","begins":"2026-11-01",
        "rules":"2026.2","document":"draft decision 18","day":"2026-09-30"}"#;
    let sql =
        "INSERT INTO draft SELECT zeroblob(16), made_ms, account, 'rules', ?1 FROM console_account";
    assert_eq!(served.town.database().execute(sql, [fields]).expect("a draft"), 1);
}

/// Every page fits, light and dark, at every width, with text at twice the size; axe-core finds nothing
/// serious; what is downloaded is what the log has.
async fn walk(page: &Page, served: &Served) {
    let mut faults = Vec::new();
    for (number, (page_name, place, shows)) in WALK.into_iter().enumerate() {
        let langs = ["kk", "ru", "en"];
        let join = if place.contains('?') { '&' } else { '?' };
        let at = |lang: &str| served.at(&format!("{place}{join}lang={lang}"));
        let lang = langs[number % 3];
        let name = format!("console-{page_name}-{lang}");
        for scheme in SCHEMES {
            for width in WIDTHS {
                page.looks_like(width, scheme).await;
                page.goto(&at(lang)).await;
                page.wait_for_css(shows).await;
                page.shot(&format!("pages/{name}-{width}-{scheme}")).await;
                faults.extend(too_wide(page).await.map(|by| format!("{name} {width}: {by}")));
            }
            let found = page.serious_violations().await;
            faults.extend(found.iter().map(|one| format!("{name}-{scheme}: {one}")));
        }
        // Words of another language may be longer, where there is least room for them.
        page.looks_like(360, "light").await;
        for other in langs.into_iter().filter(|other| *other != lang) {
            page.goto(&at(other)).await;
            page.wait_for_css(shows).await;
            let name = format!("console-{page_name}-{other}");
            page.shot(&format!("pages/{name}-360-light")).await;
            faults.extend(too_wide(page).await.map(|by| format!("{name} 360: {by}")));
            page.run("document.documentElement.style.fontSize = '200%'").await;
            faults.extend(too_wide(page).await.map(|by| format!("{name} at 200 %: {by}")));
        }
        page.goto(&at(lang)).await;
        page.run("document.documentElement.style.fontSize = '200%'").await;
        let wide = too_wide(page).await;
        faults.extend(wide.map(|by| format!("{name} at 200 %: {by}")));
    }
    // On a telephone the pages are behind one word.
    page.looks_like(360, "light").await;
    page.goto(&served.at("/calendar?lang=kk")).await;
    page.click_css("details.menu summary").await;
    page.shot("pages/console-menu-kk-360-light").await;
    faults.extend(too_wide(page).await.map(|by| format!("the menu: {by}")));
    page.click_css("details.menu a[href='/console/admission']").await;
    page.wait_for_css("details.menu a[href='/console/admission'][aria-current=page]").await;
    page.looks_like(800, "light").await;
    keep_screens(&KEPT);
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));

    try_rules(page, served).await;
    record_check(page, served).await;
    // What the page gives of the registry is what the log has.
    let script = "const done = arguments[arguments.length - 1];
        fetch('/console/registry/2026-09.csv').then((answer) => answer.text()).then(done);";
    let csv = page.client().execute_async(script, Vec::new()).await.expect("a registry");
    assert!(csv.as_str().is_some_and(|csv| csv.contains("2026-09")), "{csv}");
    // By keyboard: the first stop leads past the menu.
    page.goto(&served.at("/groups")).await;
    page.hand_scan("\u{e004}").await;
    page.wait_for_css("main#page:focus").await;
}

/// A parameter is tried and put in force.
async fn try_rules(page: &Page, served: &Served) {
    // A trial shows both sides.
    page.goto(&served.at("/parameters?lang=en")).await;
    page.run("document.querySelector('#month').value = '2026-09'").await;
    page.run("document.querySelector('#name').value = 'payout_policy'").await;
    page.fill("#value", "ENROLMENT").await;
    page.click("try").await;
    page.wait_for("compared").await;
    page.shot("pages/console-what-if").await;
    // What was tried becomes a rule from a day on, after a question, and is a leaf of the log.
    let leaves = served.town.count("leaf");
    page.run("document.querySelector('#begins').value = '2026-11-01'").await;
    page.fill("#rules", "2026.2").await;
    page.fill("#rules-document", "decision 18").await;
    page.click("rules-set").await;
    page.wait_for("amend-sure").await;
    page.shot("pages/console-rules-sure").await;
    assert_eq!(served.town.count("leaf"), leaves, "a question writes nothing");
    page.click("amend-sure").await;
    page.wait_for("amend-written").await;
    assert_eq!(served.town.count("leaf"), leaves + 1);
    page.goto(&served.at("/parameters?lang=en")).await;
    let shown = page.run("return document.querySelector('main').innerText").await;
    assert!(shown.as_str().is_some_and(|all| all.contains("2026.2 (2026-11-01)")), "{shown}");
}

/// A check is recorded with its document.
async fn record_check(page: &Page, served: &Served) {
    let leaves = served.town.count("leaf");
    // Of a document's file its hash is kept. The file stays where it is.
    let act = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(act.path(), b"Act 7. Nobody in it exists.").expect("a document");
    page.goto(&served.at("/admission?lang=en")).await;
    page.click_css("form:has([data-testid=check-record]) summary").await;
    page.fill("#check-evidence-file", &act.path().display().to_string()).await;
    let hash = seal::sha256(b"Act 7. Nobody in it exists.").to_string();
    let script = "const done = arguments[0], field = document.querySelector('#check-evidence');
        (function wait() { field.value ? done(field.value) : setTimeout(wait, 20); })();";
    let shown = page.client().execute_async(script, Vec::new()).await.expect("a hash");
    assert_eq!(shown.as_str(), Some(hash.as_str()));
    page.shot("pages/console-evidence").await;
    page.fill("#check-bin", "990990000029").await;
    page.run("document.querySelector('#check').value = 'FIRE'").await;
    page.fill("#result", "yes").await;
    page.fill("#check-document", "act 7").await;
    page.fill("#check-source", "the register").await;
    page.click("check-record").await;
    page.wait_for("amend-sure").await;
    page.shot("pages/console-check-sure").await;
    page.click("amend-sure").await;
    page.wait_for("amend-written").await;
    assert_eq!(served.town.count("leaf"), leaves + 1);
    let logged = format!("leaf WHERE kind = 1 AND instr(bytes, CAST('{hash}' AS BLOB)) > 0");
    assert_eq!(served.town.count(&logged), 1, "the district in the log has the hash");
}

/// A page that is not of the console sends its forms in the name of whoever is signed in.
async fn forge(page: &Page, served: &Served) {
    let links = "console_link WHERE made_by IS NOT NULL";
    page.goto(&served.at("/accounts?lang=en")).await;
    page.wait_for("invite").await;
    page.run("document.querySelector('form [name=form_word]').value = 'guessed'").await;
    page.fill("#name", "Mallory").await;
    page.click("invite").await;
    page.wait_until("refused", "data-status", "403").await;
    assert_eq!(served.town.count(links), 0);
    // The right word, from a page of another origin: the browser itself says where it comes from.
    page.goto(&served.at("/accounts")).await;
    let word = page.run("return document.querySelector('form [name=form_word]').value").await;
    page.goto("data:text/html,<body>Win a bicycle</body>").await;
    let script = format!(
        "const form = document.createElement('form');
         form.method = 'post'; form.action = '{}/accounts/invite';
         for (const [name, value] of [['form_word', {word}], ['name', 'Mallory'], ['duty', 'issuer_head']]) {{
             const field = document.createElement('input');
             field.name = name; field.value = value; form.append(field);
         }}
         document.body.append(form); form.submit();",
        served.console
    );
    page.run(&script).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(served.town.count(links), 0, "a form of another page made a link");
    // The page's own form does it.
    page.goto(&served.at("/accounts?lang=en")).await;
    page.fill("#name", "Second head").await;
    page.click("invite").await;
    page.wait_for("link").await;
    assert_eq!(served.town.count(links), 1);
}

/// What documents the console.
const KEPT: [&str; 3] =
    ["console-months-kk-1280-light", "console-sheets-ru-800-dark", "console-signals-kk-360-light"];
