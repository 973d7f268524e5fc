//! The compiler for targets other than this machine: WASM and Android.
//!
//! `rustup` brings the standard library of a target where it can download. Where it cannot, Debian's
//! `rustc-web` builds that library from the source package beside it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::console::{Console, output, succeeds};
use crate::setup::install;
use crate::workspace::which;

/// The target of the web view.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";
/// The target of the telephone.
pub(crate) const ANDROID: &str = "aarch64-linux-android";

const DEBIAN_PACKAGES: [&str; 5] =
    ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", "lld"];
const DEBIAN_STD: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";

/// A Cargo that can build for another target.
pub(crate) enum Toolchain {
    /// The one that runs this program; rustup has the target's standard library.
    Rustup,
    /// Debian's, which compiles the standard library too.
    Debian,
}

impl Toolchain {
    /// Finds a toolchain for `target`, installing one where that is allowed.
    pub(crate) fn set_up(console: &mut Console, target: &str) -> Result<Self> {
        // For trying Debian's way on a machine where rustup would do.
        let only_debian = env::var_os("QATYSU_TOOLCHAIN").is_some_and(|name| name == "debian");
        if !only_debian {
            if rustup_has(target) {
                return Ok(Self::Rustup);
            }
            if !Path::new(DEBIAN_STD).exists() && rustup_adds(console, &["target", "add", target])?
            {
                return Ok(Self::Rustup);
            }
        }
        if !Path::new(DEBIAN_STD).exists() {
            let what =
                format!("a standard library for {target} (`rustup target add` brings it too)");
            install(console, &what, &DEBIAN_PACKAGES)?;
        }
        if !Path::new(DEBIAN_STD).exists() {
            bail!(
                "rust-web-src is installed, but {DEBIAN_STD} is missing: run `rustup target add {target}`"
            );
        }
        Ok(Self::Debian)
    }

    /// `cargo VERB --target TARGET`, with its output below `target_dir`.
    pub(crate) fn cargo(&self, verb: &str, target: &str, target_dir: &Path) -> Command {
        let mut command = match self {
            Self::Rustup => {
                let mut command = cargo();
                command.arg(verb);
                command
            }
            Self::Debian => debian(verb),
        };
        command.args(["--target", target]).arg("--target-dir").arg(target_dir);
        command
    }

    /// Lets a build make the standard library anew, small: without what a panic says, and its own code for
    /// size. Gives the flags that the compiler needs for it; nothing where the library's source is not there
    /// and cannot be brought.
    pub(crate) fn shrink_std(&self, console: &Console, command: &mut Command) -> Option<String> {
        if matches!(self, Self::Rustup) {
            if !has_std_source() && !rustup_adds(console, &["component", "add", "rust-src"]).ok()? {
                return None;
            }
            // Debian's way asks for it already.
            command.args(["-Z", "build-std=std,panic_abort"]);
        }
        // Before it was a way to panic it was a feature of the library.
        let (feature, flags) = if self.knows(IMMEDIATE_ABORT) {
            ("optimize_for_size", IMMEDIATE_ABORT.join(" "))
        } else {
            ("optimize_for_size,panic_immediate_abort", String::new())
        };
        command.arg("-Z").arg(format!("build-std-features={feature}"));
        Some(flags)
    }

    /// Whether the compiler takes these flags.
    fn knows(&self, flags: [&str; 2]) -> bool {
        let mut rustc =
            Command::new(if matches!(self, Self::Rustup) { "rustc" } else { "/usr/bin/rustc" });
        succeeds(rustc.args(flags).args(["--print", "cfg"]).env("RUSTC_BOOTSTRAP", "1"))
    }

    /// Whether `cargo clippy` works with this toolchain.
    pub(crate) fn has_clippy(&self) -> bool {
        match self {
            Self::Rustup => succeeds(cargo().args(["clippy", "--version"])),
            Self::Debian => Path::new("/usr/bin/clippy-driver").exists(),
        }
    }
}

/// A panic ends the program at once and says nothing: what it would say is a good part of the pages.
const IMMEDIATE_ABORT: [&str; 2] = ["-Zunstable-options", "-Cpanic=immediate-abort"];

/// The Cargo that runs this program.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The name of this machine's own target.
pub(crate) fn host() -> Result<String> {
    Ok(output(Command::new("rustc").args(["--print", "host-tuple"]))?.trim().to_owned())
}

fn debian(verb: &str) -> Command {
    // `cargo clippy` would look for rustup's clippy first: call Debian's subcommand directly.
    let program = if verb == "clippy" { "/usr/bin/cargo-clippy" } else { "/usr/bin/cargo" };
    let mut command = Command::new(program);
    command.arg(verb).args(["-Z", "build-std=std,panic_abort"]);
    command.env("RUSTC_BOOTSTRAP", "1").env("RUSTC", "/usr/bin/rustc");
    command
        .env("CARGO", "/usr/bin/cargo")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker());
    for name in ["LD_LIBRARY_PATH", "RUSTUP_TOOLCHAIN", "RUSTDOC", "RUSTC_WRAPPER"] {
        command.env_remove(name);
    }
    command
}

/// The running toolchain's own `rust-lld`, else the newest of Debian's.
fn linker() -> PathBuf {
    let own = output(Command::new("rustc").args(["--print", "sysroot"])).ok().and_then(|sysroot| {
        let libraries = Path::new(sysroot.trim()).join("lib/rustlib");
        let hosts = libraries.read_dir().ok()?.filter_map(Result::ok);
        hosts.map(|host| host.path().join("bin/rust-lld")).find(|lld| lld.is_file())
    });
    own.or_else(|| (14..40).rev().find_map(|version| which(&format!("wasm-ld-{version}"))))
        .unwrap_or_else(|| PathBuf::from("wasm-ld"))
}

fn rustup_has(target: &str) -> bool {
    let installed = output(Command::new("rustup").args(["target", "list", "--installed"]));
    installed.is_ok_and(|targets| targets.lines().any(|line| line == target))
}

/// Whether rustup's own compiler has the source of its standard library.
fn has_std_source() -> bool {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]));
    let library = "lib/rustlib/src/rust/library/std/Cargo.toml";
    sysroot.is_ok_and(|sysroot| Path::new(sysroot.trim()).join(library).exists())
}

fn rustup_adds(console: &Console, what: &[&str]) -> Result<bool> {
    if which("rustup").is_none() {
        return Ok(false);
    }
    console.say(&format!("rustup {}", what.join(" ")))?;
    // Where there is no way out it may keep trying for a long time.
    let mut command = match which("timeout") {
        Some(timeout) => {
            let mut command = Command::new(timeout);
            command.args(["180", "rustup"]);
            command
        }
        None => Command::new("rustup"),
    };
    Ok(succeeds(command.args(what)))
}
