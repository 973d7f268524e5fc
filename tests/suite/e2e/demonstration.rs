//! `qatysu demo` as a running program, and what its databases say.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use shell_core::ShellClock;
use system_tests::Phone;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::programs;

const START: Duration = Duration::from_secs(240);
const PATIENCE: Duration = Duration::from_secs(60);

/// The running demonstration.
pub(super) struct Demonstration {
    pub(super) teacher: String,
    pub(super) parent: String,
    pub(super) coordinator: String,
    /// For the first person of the console.
    pub(super) console_link: String,
    scratch: TempDir,
    cards: Vec<Value>,
    child: Child,
    http: reqwest::Client,
}

/// What the server's ledger holds for September.
pub(super) struct ServerLedger {
    pub(super) accrued_tiyn: i64,
    pub(super) earned_parts: i64,
    pub(super) redeemed: i64,
}

impl Demonstration {
    pub(super) async fn start() -> Self {
        programs::require_e2e();
        let scratch = tempfile::tempdir().expect("temporary files");
        let port = programs::free_ports(5);
        let mut child = Command::new(programs::find("qatysu"))
            .args(["demo", "--json", "--port", &port.to_string()])
            .arg("--data")
            .arg(scratch.path().join("demo"))
            .arg("--ui")
            .arg(programs::ui_dist())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the demonstration starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let told = tokio::time::timeout(START, lines.next_line()).await;
        let told = told.expect("in time").expect("text").expect("it says where it is");
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let told: Value = serde_json::from_str(&told).expect("one JSON object");
        let address = |name: &str| told[name].as_str().expect("an address").to_owned();
        Self {
            teacher: address("teacher"),
            parent: address("parent"),
            coordinator: address("coordinator"),
            console_link: address("console_link"),
            cards: told["cards"].as_array().expect("the cards").clone(),
            scratch,
            child,
            http: system_tests::http_client(),
        }
    }

    pub(super) fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    fn card(&self, number: usize, part: &str) -> String {
        self.cards[number][part].as_str().expect("a card's part").to_owned()
    }

    pub(super) fn card_text(&self, number: usize) -> String {
        self.card(number, "text")
    }

    pub(super) fn card_code(&self, number: usize) -> String {
        self.card(number, "code")
    }

    pub(super) fn card_png(&self, number: usize) -> String {
        self.card(number, "png")
    }

    /// Runs a command of a device, as its page does.
    pub(super) async fn call(&self, host: &str, command: &str, args: Value) -> Value {
        let answer = self.http.post(format!("{host}/api/{command}")).json(&args).send().await;
        let answer = answer.expect("the host answers");
        assert!(answer.status().is_success(), "{command}: {}", answer.status());
        answer.json().await.expect("a view")
    }

    pub(super) async fn present_names(&self) -> Vec<String> {
        let today = self.call(&self.teacher, "today", json!({})).await;
        let lessons = today["lessons"].as_array().expect("lessons").clone();
        let open = lessons.iter().find(|lesson| lesson["state"] == "open").expect("an open lesson");
        let roster = self.call(&self.teacher, "roster", json!({ "lesson": open["lesson"] })).await;
        let rows = roster["rows"].as_array().expect("rows").clone();
        let present = rows.into_iter().filter(|row| !row["event"].is_null());
        present.map(|row| row["name"].to_string()).collect()
    }

    /// Waits until every event of the device has its verified receipt.
    pub(super) async fn until_receipted(&self, host: &str) {
        self.until("receipts", async || {
            self.call(host, "status", json!({})).await["not_receipted"] == 0
        })
        .await;
    }

    /// Waits until the parent's phone shows today's visits of the lesson that is open.
    pub(super) async fn until_seen_by_parent(&self, today: usize) {
        self.until("the visit on the parent's phone", async || {
            let status = self.call(&self.parent, "status", json!({})).await;
            let now_ms = status["clock"]["now_ms"].as_i64().expect("a time");
            let visits = self.call(&self.parent, "visits", json!({})).await;
            let visits = visits.as_array().expect("visits").clone();
            let fresh = |visit: &&Value| {
                visit["at_ms"].as_i64().is_some_and(|at_ms| now_ms - at_ms < 3_600_000)
            };
            visits.iter().filter(fresh).count() >= today
        })
        .await;
    }

    pub(super) async fn month(&self) -> Value {
        let board = self.call(&self.coordinator, "board", json!({})).await;
        let months = board["months"].as_array().expect("months").clone();
        months.into_iter().find(|month| month["month"] == "2026-09").expect("September")
    }

    pub(super) async fn until_month(&self, state: &'static str) {
        self.until(state, async || self.month().await["state"] == state).await;
    }

    pub(super) async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let wait = async {
            while !holds().await {
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
        };
        let done = tokio::time::timeout(PATIENCE, wait).await;
        assert!(done.is_ok(), "waited in vain for {what}");
    }

    fn database(&self, path: &[&str]) -> Connection {
        let path =
            path.iter().fold(self.scratch().join("demo"), |dir: PathBuf, part| dir.join(part));
        Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .expect("the database opens")
    }

    pub(super) async fn events_in_database(&self, device: &str) -> u64 {
        let dir = self.scratch().join("demo/devices").join(device);
        // Its file is encrypted: it is opened beside the running host, with its keys.
        Phone::switch_on(&dir, ShellClock::system()).status().await.events
    }

    pub(super) fn server_ledger(&self) -> ServerLedger {
        let db = self.database(&["server", "server.db"]);
        let sum = |sql: &str| db.query_row(sql, [], |row| row.get(0)).expect("a number");
        ServerLedger {
            accrued_tiyn: sum("SELECT sum(accrued_tiyn) FROM ledger_entry WHERE month = 202609"),
            earned_parts: sum(
                "SELECT count(*) FROM ledger_entry WHERE month = 202609 AND accrued_tiyn > 0",
            ),
            redeemed: sum("SELECT count(*) FROM redemption WHERE month = 202609"),
        }
    }

    /// Counts rows of the server's database.
    pub(super) fn count(&self, from_where: &str) -> i64 {
        let db = self.database(&["server", "server.db"]);
        let sql = format!("SELECT count(*) FROM {from_where}");
        db.query_row(&sql, [], |row| row.get(0)).expect("a number")
    }

    /// Ends the demonstration as Ctrl-C does, and sees that nothing of it broke before.
    pub(super) async fn ends_cleanly(mut self) {
        assert!(self.child.try_wait().expect("a state").is_none(), "it ended by itself");
        let id = self.child.id().expect("it runs").to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status().await.expect("kill runs");
        assert!(sent.success());
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        assert!(ended.expect("in time").expect("a state").success(), "it did not end well");
    }
}
