//! `cargo xtask bench-close` and `bench-audit`: a month of a whole country, and what it costs.

use std::fs;
use std::process::{Child, Command, ExitCode};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::console::{Console, print};
use crate::toolchain::cargo;
use crate::workspace::Workspace;

/// How many vouchers unless told: some minutes of work.
const VOUCHERS: u64 = 100_000;
/// What an audit may have in memory, megabytes.
const AUDIT_MAX_MB: u64 = 1_000;

/// Reads `--vouchers N`.
pub(crate) fn vouchers(arguments: &[&str]) -> Option<u64> {
    match arguments {
        [] => Some(VOUCHERS),
        ["--vouchers", number] => number.parse().ok().filter(|number| *number >= 15_000),
        _ => None,
    }
}

/// Closes a month, and asks SQLite for the sums of the same visits.
pub(crate) fn close(workspace: &Workspace, vouchers: u64) -> Result<ExitCode> {
    let mut command = cargo();
    command.args(["bench", "--package", "server-store", "--bench", "close", "--", "--vouchers"]);
    Console::terminal().run(command.arg(vouchers.to_string()).current_dir(&workspace.root))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a bundle, audits it as anybody would, and looks at how much memory that takes.
pub(crate) fn audit(workspace: &Workspace, vouchers: u64) -> Result<ExitCode> {
    let console = Console::terminal();
    let mut build = cargo();
    // Without optimisation a country takes hours. Nothing here is a device, whose data is encrypted.
    build.args(["build", "--release", "--package", "cli", "--no-default-features"]);
    build.args(["--bin", "qatysu", "--example", "make_country"]);
    console.run(build.current_dir(&workspace.root))?;
    let bundle = workspace.target.join("country.json");
    let maker = Command::new(workspace.target.join("release/examples/make_country"))
        .arg(vouchers.to_string())
        .arg(&bundle)
        .spawn()
        .context("cannot run make_country")?;
    let (_, maker_mb) = watch(maker)?;
    let size_mb = fs::metadata(&bundle)?.len() / 1_000_000;
    print(&format!(
        "bench audit: {vouchers} vouchers, a bundle of {size_mb} MB, made in {maker_mb} MB"
    ));
    let auditor = Command::new(workspace.target.join("release/qatysu"))
        .args(["audit", "--json"])
        .arg(&bundle)
        .spawn()
        .context("cannot run qatysu")?;
    let (took, peak_mb) = watch(auditor)?;
    fs::remove_file(bundle)?;
    let verdict = if peak_mb < AUDIT_MAX_MB { "held" } else { "NOT HELD" };
    print(&format!(
        "bench audit: {:.0} s, peak memory {peak_mb} MB, target {AUDIT_MAX_MB}: {verdict}",
        took.as_secs_f64()
    ));
    Ok(ExitCode::SUCCESS)
}

/// Waits for a program; gives how long it ran and the most memory it was seen with, in megabytes.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn watch(mut child: Child) -> Result<(Duration, u64)> {
    let begun = Instant::now();
    let status = format!("/proc/{}/status", child.id());
    let mut peak_mb = 0;
    loop {
        // The system's own high-water mark: between two looks nothing is missed but the very end.
        let line = fs::read_to_string(&status).unwrap_or_default();
        let mark = line.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kb = mark.and_then(|mark| mark.split_whitespace().next()?.parse::<u64>().ok());
        peak_mb = peak_mb.max((kb.unwrap_or_default() * 1024).div_ceil(1_000_000));
        if let Some(ended) = child.try_wait()? {
            if !ended.success() {
                bail!("it ended with {ended}");
            }
            return Ok((begun.elapsed(), peak_mb));
        }
        sleep(Duration::from_millis(100));
    }
}
