//! A real `qatysu serve`, on a town's data.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use system_tests::Wire;

use crate::qatysu::qatysu;

/// The clock of the towns' servers, as the command line takes it.
pub(super) const CLOCK: &str = "2026-09-02T00:00:00Z";

/// A running server.
pub(super) struct Serving {
    child: Child,
    log: Option<JoinHandle<String>>,
    pub(super) address: String,
    pub(super) admin: String,
}

impl Serving {
    /// Starts it with more arguments, and waits until it listens.
    pub(super) fn start(data: &Path, more: &[&str]) -> Self {
        let data = data.to_str().expect("UTF-8");
        let mut arguments = vec!["serve", "--data", data, "--json", "--clock", CLOCK];
        if !more.contains(&"--listen") {
            arguments.extend_from_slice(&["--listen", "127.0.0.1:0"]);
        }
        arguments.extend_from_slice(more);
        let mut command = qatysu(&arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).env_remove("QATYSU_LOG");
        let mut child = command.spawn().expect("the program starts");
        let mut stderr = child.stderr.take().expect("it is piped");
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).expect("UTF-8");
            text
        });
        let mut told = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut told).expect("it speaks");
        if told.is_empty() {
            panic!("it did not start: {}", log.join().expect("its log"));
        }
        let told: Value = serde_json::from_str(&told).expect("one JSON value");
        let text = |name: &str| told[name].as_str().expect("an address").to_owned();
        let (address, admin) = (text("address"), text("admin"));
        Self { child, log: Some(log), address, admin }
    }

    /// Speaks raw HTTP to it.
    pub(super) fn wire(&self) -> Wire {
        Wire::to(&self.address)
    }

    /// Asks for what the operator asks for. Gives the status and the text.
    pub(super) async fn ask(&self, path: &str) -> (u16, String) {
        let url = format!("{}{path}", self.admin);
        let answer = system_tests::http_client().get(url).send().await.expect("it answers");
        (answer.status().as_u16(), answer.text().await.expect("a text"))
    }

    /// Asks it to stop.
    pub(super) fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Tells it that its files have changed.
    pub(super) fn hang_up(&self) {
        self.signal("-HUP");
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = std::process::Command::new("kill").args([name, &pid]).status();
        assert!(sent.expect("kill is there").success());
    }

    /// Waits for its end. Gives the exit code and what it logged.
    pub(super) async fn ended(mut self) -> (Option<i32>, String) {
        for _ in 0..600 {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                let log = self.log.take().expect("once").join().expect("its log");
                return (status.code(), log);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it does not end");
    }

    /// Stops it in order. Gives what it logged.
    pub(super) async fn stop(self) -> String {
        self.terminate();
        let (code, log) = self.ended().await;
        assert_eq!(code, Some(0), "{log}");
        log
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if self.log.is_some() {
            // A test that fails leaves nothing running.
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}
