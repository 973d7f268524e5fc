//! `cargo xtask guides`: the one-page guides of `docs/guides`, as PDF beside their texts.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::console::Console;
use crate::demo::PROGRAM;
use crate::toolchain::cargo;
use crate::workspace::Workspace;

/// Builds the program, and lets it print.
pub(crate) fn print(workspace: &Workspace) -> Result<ExitCode> {
    let console = Console::terminal();
    console.run(cargo().args(["build", "--package", "cli"]).current_dir(&workspace.root))?;
    let mut program = Command::new(workspace.binary(PROGRAM));
    program.args(["guide", "--output"]).arg(workspace.root.join("docs/guides"));
    console.run(&mut program)?;
    Ok(ExitCode::SUCCESS)
}
