//! `cargo xtask bench`: the benchmarks, optimised, on a quiet machine.

use std::process::ExitCode;

use anyhow::Result;

use crate::console::Console;
use crate::toolchain::cargo;
use crate::workspace::Workspace;

/// Runs every benchmark target; each prints its ratio against its reference.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    let mut command = cargo();
    command.args(["bench", "--workspace", "--exclude", "qatysu-app", "--benches"]);
    Console::terminal().run(command.current_dir(&workspace.root))?;
    Ok(ExitCode::SUCCESS)
}
