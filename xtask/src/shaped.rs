//! `cargo xtask shaped`: a day of 300 children over a line of 20 kbit/s that loses six of ten packets
//! each way, between two network namespaces; and, on the same line, what HTTP makes of it.

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::console::Console;
use crate::setup::Need;
use crate::toolchain::cargo;
use crate::workspace::Workspace;

/// The program at both ends of the line.
const EXAMPLE: &str = "shaped_day";
/// How long HTTP is watched, in seconds.
const HTTP_S: &str = "180";

/// Builds both ends, and runs the day so often over datagrams and once over HTTP.
pub(crate) fn run(workspace: &Workspace, runs: u32) -> Result<ExitCode> {
    let mut console = Console::terminal();
    if !cfg!(target_os = "linux") {
        bail!("the line is made of network namespaces and TUN devices: run this on Linux, as root");
    }
    Need::Python.set_up(&mut console)?;
    let mut build = cargo();
    build.args(["build", "--package", "system-tests", "--example", EXAMPLE]);
    console.run(build.current_dir(&workspace.root))?;
    let mut line = Command::new("python3");
    line.arg("-B").arg(workspace.root.join("tests/shaped-link/run.py"));
    line.arg(workspace.target.join("debug/examples").join(EXAMPLE));
    line.args(["--runs", &runs.to_string(), "--http", HTTP_S]);
    console.run(&mut line)?;
    Ok(ExitCode::SUCCESS)
}
