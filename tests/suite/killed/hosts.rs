//! The two programs, as processes that can be killed.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::qatysu::qatysu;

/// What both take for the time.
const CLOCK: &str = "2026-09-02T03:00:00Z";

/// A seeded source of chance (SplitMix64).
#[derive(Debug)]
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)) % end
    }
}

/// A process that said its address. It dies with this value.
struct Process(Child);

impl Process {
    fn start(arguments: &[&str]) -> (Self, String) {
        let mut child = qatysu(arguments).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut first = String::new();
        let said = child.stdout.take().expect("it speaks");
        BufReader::new(said).read_line(&mut first).expect("it says its address");
        let address = first.trim().strip_prefix("listening on ");
        let address = address.unwrap_or_else(|| panic!("{arguments:?}: {first}")).to_owned();
        (Self(child), address)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL: nothing of the process runs after it.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// `qatysu serve`.
pub(super) struct Serve(Option<Process>);

impl Serve {
    pub(super) fn start(data: &Path, address: &str) -> Self {
        let data = data.to_str().expect("the path is text");
        let listen = address.strip_prefix("http://").expect("an address");
        let command = ["serve", "--data", data, "--listen", listen, "--clock", CLOCK];
        Self(Some(Process::start(&command).0))
    }

    /// Ends it by `kill -9`.
    pub(super) fn kill(&mut self) {
        self.0 = None;
    }
}

/// `qatysu kiosk`, a teacher's.
pub(super) struct Kiosk {
    process: Option<Process>,
    pub(super) address: String,
    _ui: TempDir,
}

impl Kiosk {
    pub(super) fn start(data: &Path) -> Self {
        let ui = tempfile::tempdir().expect("a folder");
        std::fs::write(ui.path().join("index.html"), "").expect("a page");
        let path = |path: &Path| path.to_str().expect("the path is text").to_owned();
        let (data, dir) = (path(data), path(ui.path()));
        let kiosk = ["kiosk", "--data", &data, "--role", "teacher", "--ui", &dir];
        let options = ["--listen", "127.0.0.1:0", "--clock", CLOCK];
        let (process, address) = Process::start(&[&kiosk[..], &options].concat());
        Self { process: Some(process), address, _ui: ui }
    }

    /// Ends it by `kill -9`.
    pub(super) fn kill(&mut self) {
        self.process = None;
    }

    pub(super) async fn call(&self, command: &str, args: Value) -> Result<Value, String> {
        call(&self.address, command, args).await
    }
}

/// Runs a command of a host, as its page does.
pub(super) async fn call(host: &str, command: &str, args: Value) -> Result<Value, String> {
    let request = reqwest::Client::new().post(format!("{host}/api/{command}")).json(&args);
    let answer = request.send().await.map_err(|error| error.to_string())?;
    let status = answer.status();
    let body = answer.text().await.map_err(|error| error.to_string())?;
    if !status.is_success() {
        // It answered, and this test asks for nothing that is refused.
        panic!("{command}: {status}: {body}");
    }
    serde_json::from_str(&body).map_err(|error| error.to_string())
}
