//! Running tests: with nextest where it is installed, else with Cargo's own runner.

use std::ffi::OsStr;
use std::process::Command;

use anyhow::Result;

use crate::console::{Console, succeeds};
use crate::toolchain::cargo;
use crate::workspace::Workspace;

/// Which tests of the selected packages.
pub(crate) enum Which {
    /// All that need neither a browser nor a window, nor minutes.
    Plain,
    /// The same, without those of some packages.
    PlainBut(&'static [&'static str]),
    /// Those whose names begin like this.
    Under(&'static str),
}

impl Which {
    fn needs_display(&self) -> bool {
        matches!(self, Self::Under(prefix) if *prefix == WINDOW)
    }
}

/// The package of the tests that look at the product as a whole.
const SYSTEM: &str = "system-tests";
/// The prefix of its tests that drive a browser.
pub(crate) const BROWSER: &str = "e2e::";
/// The prefix of its tests that drive the app's window.
pub(crate) const WINDOW: &str = "window::";

/// The prefix of what measures time.
const BENCH: &str = "bench::";

/// The prefix of the long rounds of `kill -9`.
pub(crate) const KILLS: &str = "kills::";

/// The prefix of the test that makes requests up.
pub(crate) const API: &str = "api_tester::";

/// A command that runs tests; the caller adds the packages and the environment.
pub(crate) struct Suite {
    nextest: bool,
    command: Command,
    which: Which,
}

impl Suite {
    /// Chooses the runner.
    pub(crate) fn new(workspace: &Workspace, which: Which) -> Self {
        let nextest = succeeds(cargo().args(["nextest", "--version"]));
        let mut command = if which.needs_display() { on_a_display(&cargo()) } else { cargo() };
        command.current_dir(&workspace.root);
        if nextest {
            command.args(["nextest", "run"]);
        } else {
            command.arg("test").arg("--no-fail-fast");
        }
        Self { nextest, command, which }
    }

    /// Selects packages and targets, in words that both runners understand.
    pub(crate) fn args<'a>(mut self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets a variable for the tests.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs them.
    pub(crate) fn run(mut self, console: &mut Console) -> Result<()> {
        if self.nextest {
            self.filter();
        } else {
            console.note("cargo-nextest is not installed: using cargo test");
            self.filter_by_name();
        }
        console.run(&mut self.command)
    }

    /// The default filter in .config/nextest.toml already leaves browser, window and long rounds out.
    fn filter(&mut self) {
        match &self.which {
            Which::Plain => {}
            Which::PlainBut(packages) => {
                let packages: Vec<String> =
                    packages.iter().map(|name| format!("package(={name})")).collect();
                self.command.args(["--filterset", &format!("not ({})", packages.join(" | "))]);
            }
            Which::Under(prefix) => {
                self.command.args(["--ignore-default-filter", "--filterset"]);
                self.command.arg(format!("package(={SYSTEM}) & test(/^{prefix}/)"));
            }
        }
    }

    /// Cargo's own runner knows names only, so that some tests may run twice.
    fn filter_by_name(&mut self) {
        match &self.which {
            Which::Plain | Which::PlainBut(_) => {
                self.command.args(["--tests", "--", "--show-output"]);
                self.command.args(["--skip", BROWSER, "--skip", WINDOW, "--skip", KILLS]);
                self.command.args(["--skip", API]);
                self.command.args(["--skip", BENCH]);
            }
            Which::Under(prefix) => {
                self.command.args(["--package", SYSTEM, "--", "--test-threads", "1", prefix]);
            }
        }
    }
}

/// The same program on an X server of its own, drawing without a graphics card.
fn on_a_display(program: &Command) -> Command {
    let mut command = Command::new("xvfb-run");
    command.args(["--auto-servernum", "--server-args", "-screen 0 1280x1024x24"]);
    command.arg(program.get_program());
    command.env("GDK_BACKEND", "x11").env("NO_AT_BRIDGE", "1").env("LIBGL_ALWAYS_SOFTWARE", "1");
    command
}
