//! `cargo xtask test`: everything that must pass, the cheapest first.

use std::process::Command;

use anyhow::{Result, bail};

use crate::setup::Need;
use crate::steps::Steps;
use crate::suite::{KILLS, Suite, Which};
use crate::tool::{self, DENY, MACHETE};
use crate::toolchain::{ANDROID, Toolchain, WASM, cargo};
use crate::ui::{self, Mode};
use crate::{android, api, check, demo, e2e, fuzz, second};

/// One selection for every build on this machine: with another one Cargo would unify features
/// differently, and compile the same crates again.
pub(crate) const BUILD: [&str; 3] = ["--workspace", "--bins", "--tests"];

/// All of it.
pub(crate) fn run(steps: &mut Steps<'_>) -> Result<()> {
    set_up(steps)?;
    check::text(steps)?;
    check::rules(steps)?;
    check::lints(steps)?;
    steps.step("ui", |workspace, console| ui::build(workspace, console, Mode::Release))?;
    build(steps)?;
    tests(steps)?;
    demonstration(steps)?;
    steps.step("second verifier", second::judge)?;
    api::ask(steps)?;
    fuzz::run(steps, fuzz::SHORT_S)?;
    e2e::drive(steps)?;
    android::run(steps)?;
    check::documentation(steps)?;
    check::dependencies(steps)
}

/// Brings what is missing on the machine.
pub(crate) fn set_up(steps: &mut Steps<'_>) -> Result<()> {
    steps.step("setup", |workspace, console| {
        for need in [Need::Ciphers, Need::WebView, Need::Browser, Need::Display, Need::Python] {
            need.set_up(console)?;
        }
        Toolchain::set_up(console, WASM)?;
        Toolchain::set_up(console, ANDROID)?;
        tool::typos(workspace, console)?;
        DENY.set_up(workspace, console)?;
        MACHETE.set_up(workspace, console)?;
        console.run(cargo().args(["fetch", "--locked"]).current_dir(&workspace.root))
    })
}

/// Every program and every test of the workspace.
pub(crate) fn build(steps: &mut Steps<'_>) -> Result<()> {
    steps.step("build", |workspace, console| {
        console.run(cargo().arg("build").args(BUILD).current_dir(&workspace.root))
    })
}

fn tests(steps: &mut Steps<'_>) -> Result<()> {
    steps.step("tests", |workspace, console| {
        // The rules have been tested above: do not count them twice.
        let which = Which::PlainBut(&check::RULES);
        Suite::new(workspace, which).args(["--workspace"]).run(console)?;
        console.repeat(&[check::OUTSIDE_VECTORS, "vectors: ", "vectors, one byte changed: "])
    })?;
    steps.step("tests in the docs", |workspace, console| {
        console.run(cargo().args(["test", "--workspace", "--doc"]).current_dir(&workspace.root))
    })
}

/// The long rounds of `kill -9`: the test command runs short ones.
pub(crate) fn kills(steps: &mut Steps<'_>) -> Result<()> {
    build(steps)?;
    steps.step("kills", |workspace, console| {
        Suite::new(workspace, Which::Under(KILLS)).args(["--workspace"]).run(console)
    })
}

fn demonstration(steps: &mut Steps<'_>) -> Result<()> {
    steps.step("demo, headless", |workspace, console| {
        let program = workspace.binary(demo::PROGRAM);
        if !program.exists() {
            bail!("{} was not built", program.display());
        }
        let mut command = Command::new(program);
        command.args(["demo", "--headless", "--json", "--data"]).arg(demo::kept(workspace));
        console.run(command.current_dir(&workspace.root))
    })
}
