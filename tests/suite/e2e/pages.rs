//! Every page of every role, in three languages, at three widths, light and dark: it fits, text at twice
//! the size fits too, and axe-core finds nothing serious. The pictures are kept in `target/e2e/pages`;
//! those that document the product go to the folder that `QATYSU_SCREENS` names.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::browser::{Browser, Page};
use super::camera::{self, Scene};
use super::demonstration::Demonstration;

const LANGUAGES: [&str; 3] = ["kk", "ru", "en"];
pub(super) const WIDTHS: [u32; 3] = [360, 800, 1280];
pub(super) const SCHEMES: [&str; 2] = ["light", "dark"];

/// A page, where it is and what shows that it is there.
struct Look {
    name: &'static str,
    at: String,
    shows: &'static str,
}

fn look(name: &'static str, host: &str, path: &str, shows: &'static str) -> Look {
    Look { name, at: format!("{host}/#/{path}"), shows }
}

/// What is looked at: the demonstration has a lesson that is open, a visit that is seen, months.
async fn looks(demo: &Demonstration) -> Vec<Look> {
    let today = demo.call(&demo.teacher, "today", json!({})).await;
    let lesson = today["lessons"][0]["lesson"].as_str().expect("a lesson today").to_owned();
    drop(demo.call(&demo.teacher, "open_lesson", json!({ "lesson": lesson })).await);
    let (text, source) = (demo.card_text(0), "image");
    let scan = json!({ "lesson": lesson, "text": text, "source": source });
    drop(demo.call(&demo.teacher, "record_scan", scan).await);
    demo.until_receipted(&demo.teacher).await;
    demo.until_seen_by_parent(1).await;
    let visits = demo.call(&demo.parent, "visits", json!({})).await;
    let event = visits[0]["event"].as_str().expect("a visit").to_owned();
    let (teacher, parent, coordinator) = (&demo.teacher, &demo.parent, &demo.coordinator);
    vec![
        look("teacher-today", teacher, "", "lesson-row"),
        look("teacher-scan", teacher, &format!("scan/{lesson}"), "counter"),
        look("teacher-roster", teacher, &format!("roster/{lesson}"), "lesson-end"),
        look("teacher-visits", teacher, "visits", "proof-open"),
        look("teacher-sync", teacher, "sync", "hand-over"),
        look("teacher-alarms", teacher, "alarms", "role-teacher"),
        look("parent-visits", parent, "", "proof-open"),
        look("parent-code", parent, "code", "code"),
        look("parent-delegates", parent, "delegates", "delegate-make"),
        look("parent-places", parent, "places", "place-row"),
        look("parent-month", parent, "month", "sheet-day"),
        look("parent-proof", parent, &format!("proof/{event}"), "proof-mark"),
        look("parent-sync", parent, "sync", "hand-over"),
        look("coordinator-months", coordinator, "", "month-row"),
        look("coordinator-devices", coordinator, "devices", "role-coordinator"),
        look("coordinator-collect", coordinator, "collect", "role-coordinator"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_and_is_accessible() {
    let demo = Demonstration::start().await;
    let film = camera::film(&[Scene::one(demo.card_text(2))], demo.scratch());
    let browser = Browser::start(&film, demo.scratch()).await;
    let mut faults = Vec::new();
    for look in looks(&demo).await {
        let page = browser.open(&look.at).await;
        for language in LANGUAGES {
            page.run(&format!("localStorage.setItem('qatysu.language', '{language}')")).await;
            page.reload().await;
            page.wait_for(look.shows).await;
            page.run(OPEN_PICTURES).await;
            for scheme in SCHEMES {
                for width in WIDTHS {
                    page.looks_like(width, scheme).await;
                    let name = format!("{}-{language}-{width}-{scheme}", look.name);
                    page.shot(&format!("pages/{name}")).await;
                    faults.extend(too_wide(&page).await.map(|by| format!("{name}: {by}")));
                }
                let found = page.serious_violations().await;
                faults.extend(
                    found.iter().map(|one| format!("{}-{language}-{scheme}: {one}", look.name)),
                );
            }
        }
        page.looks_like(360, "light").await;
        page.run("document.documentElement.style.fontSize = '200%'").await;
        page.shot(&format!("pages/{}-large-text", look.name)).await;
        let wide = too_wide(&page).await;
        faults.extend(wide.map(|by| format!("{} at 200 %: {by}", look.name)));
        page.close().await;
    }
    keep_screens(&KEPT);
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    demo.ends_cleanly().await;
}

/// Says by how much a page is wider than its window, if it is, and what stands out.
pub(super) async fn too_wide(page: &Page) -> Option<String> {
    tokio::time::sleep(Duration::from_millis(50)).await; // a layout of the new width
    page.run(STANDS_OUT).await.as_str().map(str::to_owned)
}

/// Pictures and their tables are looked at open, and so are a family's paper card and a first device.
const OPEN_PICTURES: &str = "
    const open = '[data-testid=last-days], [data-testid=code-paper], .picture details';
    const show = () => document.querySelectorAll(open).forEach((one) => { one.open = true; });
    show();
    document.querySelector('[data-testid=device-open]')?.click();
    setTimeout(show, 400);
    setTimeout(show, 800);
";

const STANDS_OUT: &str = "
    const by = document.documentElement.scrollWidth - window.innerWidth;
    if (by <= 0) return null;
    const out = [...document.querySelectorAll('body *')]
        .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1)
        .map((one) => one.tagName.toLowerCase() + '.' + one.classList);
    return by + ' px too wide: ' + out.slice(-3).join(', ');
";

/// Copies the pictures that document the product, if they are asked for.
pub(super) fn keep_screens(kept: &[&str]) {
    let folder = std::env::var_os("QATYSU_SCREENS").map(PathBuf::from);
    let shots = crate::programs::target_dir().join("e2e/pages");
    for name in kept {
        let file = format!("{name}.png");
        // In every run: a page that is walked in another language now has another name.
        assert!(shots.join(&file).exists(), "no picture is called {name}");
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder).expect("a folder for the pictures");
            std::fs::copy(shots.join(&file), folder.join(&file)).expect("pictures can be kept");
        }
    }
}

/// A page of each role in each language, phone and tablet, light and dark.
const KEPT: [&str; 10] = [
    "teacher-today-kk-800-light",
    "teacher-scan-kk-360-dark",
    "teacher-roster-ru-800-light",
    "teacher-sync-en-360-light",
    "parent-visits-ru-360-light",
    "parent-code-kk-360-light",
    "parent-month-kk-360-light",
    "parent-proof-en-360-dark",
    "coordinator-months-ru-1280-light",
    "coordinator-devices-kk-1280-light",
];

impl Page {
    /// Gives the window another width, and the person another wish for light or dark.
    pub(super) async fn looks_like(&self, width: u32, scheme: &str) {
        let size =
            json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": scheme })).await;
    }

    /// Asks axe-core for what is serious or critical. Without npm there is none, and
    /// `cargo xtask e2e` says so.
    pub(super) async fn serious_violations(&self) -> Vec<String> {
        let Some(axe) = std::env::var_os("QATYSU_AXE") else { return Vec::new() };
        let source = std::fs::read_to_string(axe).expect("axe-core is where it was brought");
        let script = format!("{source};\n{AXE_RUN}");
        let found = self.run_async(&script).await;
        let rows = found.as_array().expect("a list of violations").iter();
        rows.map(|row| row.as_str().unwrap_or_default().to_owned()).collect()
    }

    async fn run_async(&self, script: &str) -> Value {
        self.client().execute_async(script, Vec::new()).await.expect("the script answers")
    }
}

const AXE_RUN: &str = "
    const done = arguments[arguments.length - 1];
    const serious = (one) => ['serious', 'critical'].includes(one.impact);
    const told = (one) => one.id + ': ' + one.help + ' — ' + one.nodes.map((n) => n.target).join(', ');
    axe.run(document, { resultTypes: ['violations'] })
      .then((found) => done(found.violations.filter(serious).map(told)),
            (error) => done(['axe-core failed: ' + error]));
";
