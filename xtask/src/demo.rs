//! `cargo xtask demo`: builds the pages and the program, and runs its main job.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};

use crate::console::Console;
use crate::setup::Need;
use crate::toolchain::cargo;
use crate::ui::{self, Mode};
use crate::workspace::Workspace;

/// The command line program.
pub(crate) const PROGRAM: &str = "qatysu";

/// Where the demonstration of `test` leaves its files, for the second verifier.
pub(crate) fn kept(workspace: &Workspace) -> PathBuf {
    workspace.target.join("xtask/demo")
}

/// Runs the demonstration; its exit code is ours.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    let mut console = Console::stderr();
    Need::Ciphers.set_up(&mut console)?;
    ui::build(workspace, &mut console, Mode::Release)?;
    console.say("demo: compiling (minutes the first time)")?;
    console.run(cargo().args(["build", "--package", "cli"]).current_dir(&workspace.root))?;
    let mut program = Command::new(workspace.binary(PROGRAM));
    program.arg("demo").args(arguments).current_dir(&workspace.root);
    let status = program.status().with_context(|| format!("cannot start {PROGRAM}"))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
