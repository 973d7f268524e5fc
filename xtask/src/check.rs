//! `cargo xtask check`: what can be said about the code without running it.

use anyhow::Result;

use crate::console::{Console, succeeds};
use crate::setup::Need;
use crate::steps::Steps;
use crate::suite::{Suite, Which};
use crate::tool::{self, DENY, MACHETE};
use crate::toolchain::{Toolchain, WASM, cargo};
use crate::ui::Mode;
use crate::workspace::Workspace;

/// The crates that decide: no clock, no randomness, no files, no network.
pub(crate) const RULES: [&str; 8] =
    ["seal", "qr", "attendance", "tlog", "identity", "ledger", "ipc", "sync-api"];

/// How a test begins the line that says how many of other people's vectors ran.
pub(crate) const OUTSIDE_VECTORS: &str = "outside vectors: ";

/// All of it, the cheapest first.
pub(crate) fn run(steps: &mut Steps<'_>) -> Result<()> {
    text(steps)?;
    lints(steps)?;
    documentation(steps)?;
    dependencies(steps)
}

/// The tests of the rule crates.
pub(crate) fn rules(steps: &mut Steps<'_>) -> Result<()> {
    steps.step("rules", |workspace, console| {
        let packages = RULES.iter().flat_map(|name| ["--package", name]);
        Suite::new(workspace, Which::Plain).args(packages).run(console)?;
        console.repeat(&[OUTSIDE_VECTORS])
    })
}

/// Format, spelling, and the rules of this house.
pub(crate) fn text(steps: &mut Steps<'_>) -> Result<()> {
    steps.step("format", |workspace, console| {
        console.run(cargo().args(["fmt", "--all", "--check"]).current_dir(&workspace.root))
    })?;
    steps.step("spelling", |workspace, console| {
        let program = tool::typos(workspace, console)?;
        console.run(std::process::Command::new(program).current_dir(&workspace.root))
    })?;
    steps.step("tidy", |workspace, console| {
        if !workspace.root.join("tests/suite/tidy.rs").exists() {
            console.note("NOT CHECKED: the house rules (there is no tests/suite/tidy.rs)");
            return Ok(());
        }
        // Compiled with this package: the one in `tests/` would first compile everything else.
        let tidy = ["--package", "xtask", "--test", "tidy"];
        Suite::new(workspace, Which::Plain).args(tidy).run(console)
    })
}

/// Clippy for this machine, and for the web view.
pub(crate) fn lints(steps: &mut Steps<'_>) -> Result<()> {
    steps.step("lints", |workspace, console| {
        let mut command = cargo();
        command.args(["clippy", "--workspace", "--all-targets"]);
        without_the_window(console, &mut command);
        command.args(["--", "--deny", "warnings"]);
        console.run(command.current_dir(&workspace.root))
    })?;
    steps.step("lints for WASM", lint_wasm)
}

fn lint_wasm(workspace: &Workspace, console: &mut Console) -> Result<()> {
    let toolchain = Toolchain::set_up(console, WASM)?;
    let clippy = toolchain.has_clippy();
    if !clippy {
        console.note("no clippy for WASM on this machine: the compiler alone looked");
    }
    let verb = if clippy { "clippy" } else { "check" };
    let mut command = toolchain.cargo(verb, WASM, &workspace.target.join("web"));
    command.args(RULES.iter().flat_map(|name| ["--package", name]));
    // The profile of the real build: what runs at compile time is then shared with it.
    command.args(["--package", "qatysu-ui", "--package", "qatysu-decoder"]);
    command.args(["--profile", Mode::Release.profile()]);
    if clippy {
        command.args(["--", "--deny", "warnings"]);
    }
    console.run(command.current_dir(&workspace.root))
}

/// Every item explained, no link broken.
pub(crate) fn documentation(steps: &mut Steps<'_>) -> Result<()> {
    steps.step("documentation", |workspace, console| {
        let mut command = cargo();
        command.args(["doc", "--workspace", "--no-deps", "--document-private-items", "--quiet"]);
        without_the_window(console, &mut command);
        command.env("RUSTDOCFLAGS", "--deny warnings");
        console.run(command.current_dir(&workspace.root))
    })
}

/// Licences, sources, who may depend on whom, known holes, and what nobody uses.
pub(crate) fn dependencies(steps: &mut Steps<'_>) -> Result<()> {
    steps.step("dependencies", |workspace, console| {
        let program = DENY.set_up(workspace, console)?;
        let deny = |words: &[&str]| {
            let mut command = std::process::Command::new(&program);
            command.args(words).current_dir(&workspace.root);
            command
        };
        console.run(&mut deny(&["--workspace", "check", "bans", "licenses", "sources"]))?;
        if !succeeds(&mut deny(&["fetch", "db"])) {
            console.note("NOT CHECKED: known holes (the advisory database cannot be fetched here)");
            return Ok(());
        }
        console.run(&mut deny(&["check", "--disable-fetch", "advisories"]))
    })?;
    steps.step("unused dependencies", |workspace, console| {
        let program = MACHETE.set_up(workspace, console)?;
        console.run(std::process::Command::new(program).current_dir(&workspace.root))
    })
}

/// Leaves the shell out where its libraries are missing; `cargo xtask setup` brings them.
fn without_the_window(console: &mut Console, command: &mut std::process::Command) {
    if !Need::WebView.is_met() {
        command.args(["--exclude", "qatysu-app"]);
        console.note("NOT CHECKED: the shell (no webkit2gtk here; see `cargo xtask setup`)");
    }
}
