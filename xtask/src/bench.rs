//! `cargo xtask bench` and its kin: the benchmarks, optimised, on a quiet machine.

use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};

use crate::console::Console;
use crate::e2e;
use crate::setup::Need;
use crate::steps::Steps;
use crate::test::{self, BUILD};
use crate::tool::{self, ZXING};
use crate::toolchain::cargo;
use crate::ui::{self, Mode};
use crate::workspace::Workspace;

/// From the frame to *kept*, at the median, in milliseconds.
const KEPT_MAX_MS: f64 = 150.0;
/// From the text of a card to the commit, ninety-nine of a hundred, in milliseconds.
const COMMIT_MAX_MS: f64 = 50.0;
/// Until a slow telephone shows the day, in milliseconds.
const PAINT_MAX_MS: f64 = 1_500.0;

/// Runs every benchmark target; each prints its ratio against its reference.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    let mut command = cargo();
    command.args(["bench", "--workspace", "--exclude", "qatysu-app", "--benches"]);
    Console::terminal().run(command.current_dir(&workspace.root))?;
    Ok(ExitCode::SUCCESS)
}

/// Shows the same frames to our reader and to zxing-cpp.
pub(crate) fn read_rate(workspace: &Workspace) -> Result<ExitCode> {
    let console = Console::terminal();
    let modules = tool::npm(workspace, &console, ZXING)?
        .context("npm cannot bring zxing-wasm, and there is nothing else to compare with")?;
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "qr", "--features", "camera-model"]);
    command.args(["--example", "read_rate", "--"]).arg(modules);
    console.run(command.current_dir(&workspace.root))?;
    Ok(ExitCode::SUCCESS)
}

/// From frame to *kept* in a browser, and from text to commit on a device.
pub(crate) fn scan(steps: &mut Steps<'_>) -> Result<()> {
    prepare(steps)?;
    steps.step("scan to commit", |workspace, console| {
        // The one selection that everything else is built with.
        let mut command = cargo();
        command.args(["build"]).args(BUILD).args(["--example", "bench_commit"]);
        console.run(command.current_dir(&workspace.root))?;
        let program = workspace.binary("examples/bench_commit");
        console.run(Command::new(program).current_dir(&workspace.root))?;
        judge(console, "scan-commit", "p99", COMMIT_MAX_MS)
    })?;
    steps.step("frame to kept", |workspace, console| {
        e2e::suite(workspace, "bench::scan").run(console)?;
        judge(console, "scan-answered", "median", KEPT_MAX_MS)
    })
}

/// From the address to the list of the day on a slow telephone.
pub(crate) fn paint(steps: &mut Steps<'_>) -> Result<()> {
    prepare(steps)?;
    steps.step("first useful paint", |workspace, console| {
        e2e::suite(workspace, "bench::paint").run(console)?;
        judge(console, "first-useful-paint", "median", PAINT_MAX_MS)
    })
}

fn prepare(steps: &mut Steps<'_>) -> Result<()> {
    steps.step("setup", |_, console| {
        [Need::WebView, Need::Browser].into_iter().try_for_each(|need| need.set_up(console))
    })?;
    steps.step("ui", |workspace, console| ui::build(workspace, console, Mode::Release))?;
    test::build(steps)
}

/// Repeats the figures, and holds one of them against its limit.
fn judge(console: &mut Console, name: &str, part: &str, most_ms: f64) -> Result<()> {
    console.repeat(&[FIGURE])?;
    let figure = figure(console.notes(), name, part).context("a figure was printed")?;
    if figure > most_ms {
        bail!("{name}: {part} {figure} ms, and {most_ms} ms are allowed");
    }
    Ok(())
}

/// Finds one number among lines like `bench NAME: PART 12 ms, PART 34 ms`.
fn figure(lines: &[String], name: &str, part: &str) -> Option<f64> {
    let mut about = lines.iter().filter_map(|line| line.strip_prefix(FIGURE)?.strip_prefix(name));
    let (_, after) = about.next_back()?.split_once(part)?;
    after.split_whitespace().next()?.parse().ok()
}

const FIGURE: &str = "bench ";

#[cfg(test)]
mod tests {
    use super::figure;

    #[test]
    fn reads_the_part_of_the_named_figure() {
        let lines = ["note", "bench a-b: median 7.5 ms, p99 12 ms (x)", "bench c: median 3 ms"];
        let lines = lines.map(str::to_owned);
        assert_eq!(figure(&lines, "a-b", "p99"), Some(12.0));
        assert_eq!(figure(&lines, "c", "median"), Some(3.0));
        assert_eq!(figure(&lines, "d", "median"), None);
    }
}
