//! `cargo xtask e2e`: the product as its users see it.
//!
//! The tests themselves are in `tests/`: those under `e2e::` drive Chromium against the web shell,
//! those under `window::` drive the app's own window, on an X server without a screen.

use anyhow::Result;

use crate::setup::Need;
use crate::steps::Steps;
use crate::suite::{BROWSER, Suite, WINDOW, Which};
use crate::test;
use crate::tool::{self, AXE};
use crate::ui::{self, Mode};
use crate::workspace::Workspace;

/// Sets up, builds and drives.
pub(crate) fn run(steps: &mut Steps<'_>) -> Result<()> {
    steps.step("setup", |_, console| {
        [Need::WebView, Need::Browser, Need::Display]
            .into_iter()
            .try_for_each(|need| need.set_up(console))
    })?;
    steps.step("ui", |workspace, console| ui::build(workspace, console, Mode::Release))?;
    test::build(steps)?;
    drive(steps)
}

/// Drives what has been built.
pub(crate) fn drive(steps: &mut Steps<'_>) -> Result<()> {
    steps.step("browser", |workspace, console| {
        let mut browser = suite(workspace, BROWSER);
        match tool::npm(workspace, console, AXE)? {
            Some(modules) => {
                browser = browser.env("QATYSU_AXE", modules.join("axe-core/axe.min.js"));
            }
            None => {
                console.note("NOT LOOKED AT: npm cannot bring axe-core, which judges the pages");
            }
        }
        browser.run(console)
    })?;
    steps.step("window", |workspace, console| suite(workspace, WINDOW).run(console))
}

/// The system tests whose names begin like this, with what they are told.
pub(crate) fn suite(workspace: &Workspace, prefix: &'static str) -> Suite {
    // Without the first they refuse to run: they need what this verb has prepared. The second is where
    // the programs `qatysu` and `qatysu-app` are, the third what the browser loads.
    Suite::new(workspace, Which::Under(prefix))
        .args(["--workspace"])
        .env("QATYSU_E2E", "1")
        .env("QATYSU_BIN_DIR", workspace.target.join("debug"))
        .env("QATYSU_UI_DIST", workspace.dist())
}
