//! `cargo xtask simulate`: the long seeded simulation.

use std::process::ExitCode;

use anyhow::Result;

use crate::console::Console;
use crate::toolchain::cargo;
use crate::workspace::Workspace;

/// The options of the simulation; each takes a number.
const OPTIONS: [&str; 3] = ["--seeds", "--from", "--seed"];

/// Whether these are options of the simulation.
pub(crate) fn understands(arguments: &[&str]) -> bool {
    arguments.chunks(2).all(|pair| {
        matches!(pair, [option, number] if OPTIONS.contains(option) && number.parse::<u64>().is_ok())
    })
}

/// Runs it with the checks that tests are built with, overflows among them, and optimised: ten thousand
/// histories take their time.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    let mut command = cargo();
    command.args(["run", "--profile", "simulation", "--package", "system-tests"]);
    command.args(["--example", "simulate", "--"]);
    Console::terminal().run(command.args(arguments).current_dir(&workspace.root))?;
    Ok(ExitCode::SUCCESS)
}
