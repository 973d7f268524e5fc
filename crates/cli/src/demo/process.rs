//! Processes of this program: the server and the kiosks, as they run in the field.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A running process, which ends with this value.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// Where it answers.
    pub(super) address: String,
    /// The link for the first person of a server's console; empty in the others.
    pub(super) console_link: String,
}

impl Process {
    /// Starts `qatysu ARGS…` and waits until it says where it listens.
    pub(super) async fn start(args: &[&str]) -> anyhow::Result<Self> {
        let exe = std::env::current_exe().context("this program's own file")?;
        Self::start_command(Command::new(exe).args(args), None).await
    }

    /// Starts a witness. What it is shown here is forged on purpose: it does not warn of it.
    pub(super) async fn start_witness(args: &[&str]) -> anyhow::Result<Self> {
        let exe = std::env::current_exe().context("this program's own file")?;
        Self::start_command(Command::new(exe).args(args).env("QATYSU_LOG", "error"), None).await
    }

    /// Starts it, and reads what it says up to a line that ends in its console's first link, if one is
    /// named by how it begins.
    async fn start_command(
        command: &mut Command,
        first_link: Option<&str>,
    ) -> anyhow::Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("starting a second process of this program")?;
        let out = child.stdout.take().context("the process has an output")?;
        let mut lines = BufReader::new(out).lines();
        let command = command.as_std().get_args().next().unwrap_or_default().to_owned();
        let command = command.display();
        let first = tokio::time::timeout(START_TIMEOUT, lines.next_line())
            .await
            .with_context(|| format!("{command} did not start in {START_TIMEOUT:?}"))??;
        let Some(first) = first else {
            let status = child.wait().await?;
            anyhow::bail!("{command} ended at once ({status}); its message stands above");
        };
        let address = first
            .strip_prefix("listening on ")
            .with_context(|| format!("{command} said {first:?} instead of its address"))?
            .to_owned();
        let mut console_link = String::new();
        while let Some(begins) = first_link.filter(|_| console_link.is_empty()) {
            let line = tokio::time::timeout(START_TIMEOUT, lines.next_line()).await;
            let line = line.with_context(|| format!("{command} said no link to its console"))??;
            let line = line.with_context(|| format!("{command} said no link to its console"))?;
            if line.starts_with(begins) {
                console_link = line.rsplit(' ').next().unwrap_or_default().to_owned();
            }
        }
        // Keep reading, so that the process never waits for us.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { child, address, console_link })
    }

    /// Starts the sync server of a directory.
    pub(super) async fn serve(
        data: &Path,
        [listen, admin]: [&str; 2],
        clock: &str,
    ) -> anyhow::Result<Self> {
        let data = data.to_str().context("the directory's name is not text")?;
        let places = ["--data", data, "--listen", listen, "--admin-listen", admin];
        let exe = std::env::current_exe().context("this program's own file")?;
        let args = [&["serve"][..], &places, &["--clock", clock]].concat();
        Self::start_command(Command::new(exe).args(args), Some("nobody can sign in yet")).await
    }

    /// Runs `qatysu ARGS… --json` to its end, and gives what it says.
    pub(super) async fn run(args: &[&str]) -> anyhow::Result<serde_json::Value> {
        let exe = std::env::current_exe().context("this program's own file")?;
        let ended =
            Command::new(exe).args(args).arg("--json").stdin(Stdio::null()).output().await?;
        let said = String::from_utf8_lossy(&ended.stdout);
        let command = args.first().copied().unwrap_or_default();
        anyhow::ensure!(ended.status.success(), "{command}: {}, {said}", ended.status);
        serde_json::from_str(&said).with_context(|| format!("{command} said {said:?}"))
    }

    /// Where it listens, without `http://`.
    pub(super) fn listen(&self) -> String {
        self.address.trim_start_matches("http://").to_owned()
    }

    /// Ends the process, hard: nothing it has answered may get lost by that.
    pub(super) async fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("ending a process")
    }

    /// Resolves when the process ends by itself.
    pub(super) async fn ended(&mut self) -> String {
        match self.child.wait().await {
            Ok(status) => format!("{} ended: {status}", self.address),
            Err(error) => format!("{}: {error}", self.address),
        }
    }
}
