//! What a verb needs on the machine, and how it comes there.
//!
//! As root on Debian, missing packages are installed. Everywhere else the reader gets one line: what is
//! missing, and the command that brings it.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::console::{Console, output, succeeds};
use crate::workspace::which;

/// Something a verb needs besides Rust.
#[derive(Clone, Copy)]
pub(crate) enum Need {
    /// Libraries that the Tauri window is linked with.
    WebView,
    /// A browser and its driver.
    Browser,
    /// An X server without a screen, and the driver of the web view.
    Display,
    /// What builds OpenSSL, whose ciphers the device's database is encrypted with.
    Ciphers,
    /// An interpreter for the second verifier, and what brings its packages.
    Python,
}

impl Need {
    /// Makes sure that it is there.
    pub(crate) fn set_up(self, console: &mut Console) -> Result<()> {
        if self.is_met() {
            return Ok(());
        }
        install(console, self.name(), self.packages())?;
        if !self.is_met() {
            bail!("{} still missing after installing {}", self.name(), self.packages().join(" "));
        }
        Ok(())
    }

    /// Whether it is there already.
    pub(crate) fn is_met(self) -> bool {
        let any = |names: &[&str]| names.iter().any(|name| which(name).is_some());
        match self {
            Self::WebView => succeeds(Command::new("pkg-config").args([
                "--exists",
                "webkit2gtk-4.1",
                "librsvg-2.0",
            ])),
            Self::Ciphers => {
                any(&["make"])
                    && succeeds(Command::new("perl").args(["-MFindBin", "-MIPC::Cmd", "-e", "1"]))
            }
            Self::Browser => any(&["chromium", "google-chrome"]) && any(&["chromedriver"]),
            Self::Python => {
                succeeds(Command::new("python3").args(["-c", "import ensurepip, venv"]))
            }
            Self::Display => {
                any(&["Xvfb"]) && any(&["xvfb-run"]) && any(&["xauth"]) && any(&["WebKitWebDriver"])
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::WebView => "the web view's libraries",
            Self::Ciphers => "perl and make, which build OpenSSL",
            Self::Browser => "a browser and its driver",
            Self::Display => "a display and the web view's driver",
            Self::Python => "Python with venv",
        }
    }

    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::WebView => &["pkg-config", "libwebkit2gtk-4.1-dev", "librsvg2-dev"],
            Self::Ciphers => &["perl", "make"],
            Self::Browser => &["chromium", "chromium-driver", "fonts-dejavu-core"],
            Self::Display => {
                &["xvfb", "xauth", "webkit2gtk-driver", "fonts-dejavu-core", "dbus-x11"]
            }
            Self::Python => &["python3", "python3-venv"],
        }
    }
}

/// Installs Debian packages where that is allowed, else says which command would.
pub(crate) fn install(console: &mut Console, what: &str, packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    if which("apt-get").is_none() {
        bail!("missing: {what}. On Debian: apt-get install -y {names}");
    }
    if !is_root() {
        bail!("missing: {what}. Run: sudo apt-get install -y {names}");
    }
    console.note(format!("installing {what}: {names}"));
    let first = console.run(apt_get("install").args(packages));
    if first.is_err() {
        // The package lists may be old, or not there at all.
        console.run(&mut apt_get("update"))?;
        console
            .run(apt_get("install").args(packages))
            .with_context(|| format!("missing: {what}. Debian's {names} could not be installed"))?;
    }
    Ok(())
}

fn apt_get(verb: &str) -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").args(["--quiet", "--yes"]).arg(verb);
    if verb == "install" {
        command.arg("--no-install-recommends");
    }
    command
}

fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|user| user.trim() == "0")
}
