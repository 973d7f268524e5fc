//! `qatysu demo`: the whole way on invented data, from a card's picture to a paid tranche.
//!
//! Everything is real: a server process with its database, devices with theirs, HTTP between them,
//! pictures that are written and read again. Only the people and the money are invented, and the
//! clock is set to September 2026.

mod cards;
mod district;
mod live;
mod month;
mod october;
mod people;
mod process;
mod report;
mod steps;
mod witnesses;
mod world;

use std::path::PathBuf;

use anyhow::Context as _;

use crate::console::{Console, Exit};

/// Show the whole way on invented data.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu demo                        opens nothing by itself: it prints the addresses
  qatysu demo --headless             one line a step, exit 0 if every step held
  qatysu demo --headless --json      one JSON object with the figures of every step")]
pub(crate) struct DemoArgs {
    /// Run every step without a screen, then end.
    #[arg(long)]
    headless: bool,
    /// Where to keep the demonstration's files; must be empty or a former demonstration.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The first of five neighbouring ports: server, teacher, parent, coordinator, health and metrics.
    #[arg(long, value_name = "PORT", default_value_t = 7400, value_parser = clap::value_parser!(u16).range(1..=65_531))]
    port: u16,
    /// The UI's files, made by `cargo xtask ui`.
    #[arg(long, value_name = "DIR")]
    ui: Option<PathBuf>,
}

/// Marks a directory as a demonstration's, which the next one may replace.
const MARKER: &str = "qatysu-demo";

pub(crate) fn run(args: &DemoArgs, console: Console) -> anyhow::Result<Exit> {
    crate::host::log_to_stderr();
    let runtime = crate::host::runtime()?;
    let dir = fresh_directory(args.data.clone())?;
    if args.headless {
        runtime.block_on(steps::run(&dir, console))
    } else {
        let ui = args.ui.clone().unwrap_or_else(crate::kiosk::ui_dir);
        runtime.block_on(live::run(&dir, &ui, args.port, console))
    }
}

/// Gives an empty directory: the one asked for, or one of this process in the system's temporary
/// files.
fn fresh_directory(asked: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    let dir = asked
        .unwrap_or_else(|| std::env::temp_dir().join(format!("{MARKER}-{}", std::process::id())));
    let shown = dir.display().to_string();
    let occupied = dir.read_dir().is_ok_and(|mut files| files.next().is_some());
    if occupied {
        anyhow::ensure!(
            dir.join(MARKER).is_file(),
            "{shown} is not empty and no former demonstration: choose another --data"
        );
        std::fs::remove_dir_all(&dir).with_context(|| shown.clone())?;
    }
    std::fs::create_dir_all(&dir).with_context(|| shown.clone())?;
    std::fs::write(dir.join(MARKER), "This directory may be replaced by the next demonstration.\n")
        .with_context(|| shown)?;
    Ok(dir)
}
