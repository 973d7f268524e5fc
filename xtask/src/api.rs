//! `cargo xtask api`: a running server under made-up requests (schemathesis), as its own OpenAPI document
//! tells them. The test itself is in `tests/suite/api_tester.rs`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::console::Console;
use crate::setup::Need;
use crate::steps::Steps;
use crate::suite::{API, Suite, Which};
use crate::test;
use crate::workspace::Workspace;

/// Builds and asks.
pub(crate) fn run(steps: &mut Steps<'_>) -> Result<()> {
    test::build(steps)?;
    ask(steps)
}

/// Asks what has been built. Without the tester, which comes from PyPI, it says so and goes on.
pub(crate) fn ask(steps: &mut Steps<'_>) -> Result<()> {
    steps.step("API under made-up requests", |workspace, console| {
        let tester = match tester(workspace, console) {
            Ok(tester) => tester,
            Err(error) => {
                console.note(format!("NOT CHECKED: the API under made-up requests ({error:#})"));
                return Ok(());
            }
        };
        let suite = Suite::new(workspace, Which::Under(API)).args(["--workspace"]);
        suite.env("QATYSU_SCHEMATHESIS", tester).run(console)?;
        console.repeat(&["api tester, "])
    })
}

/// The tester with the packages of `requirements.txt`, made once and again when that changes.
fn tester(workspace: &Workspace, console: &mut Console) -> Result<PathBuf> {
    Need::Python.set_up(console)?;
    let list = workspace.root.join("tests/api-tester/requirements.txt");
    let wanted = fs::read(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let root = workspace.target.join("xtask/api-tester");
    let (stamp, tester) = (root.join("requirements.txt"), root.join("bin/schemathesis"));
    if fs::read(&stamp).is_ok_and(|made| made == wanted) && tester.exists() {
        return Ok(tester);
    }
    console.note("api tester: bringing schemathesis from PyPI, once");
    console.run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&root))?;
    let mut pip = Command::new(root.join("bin/python3"));
    pip.args(["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--retries", "1"]);
    console.run(pip.arg("--requirement").arg(&list))?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(tester)
}
