//! Tools that come from a package registry: crates.io, PyPI, npm.
//!
//! They are installed once per machine and version, in a cache that all clones share. Versions are
//! pinned here and nowhere else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::console::Console;
use crate::toolchain::cargo;
use crate::workspace::{Workspace, which};

/// A package from npm.
#[derive(Clone, Copy)]
pub(crate) struct NpmPackage {
    name: &'static str,
    version: &'static str,
}

/// Makes WASM smaller.
const BINARYEN: NpmPackage = NpmPackage { name: "binaryen", version: "132.0.0" };
/// The reader of QR Codes that ours is measured against (zxing-cpp as WASM).
pub(crate) const ZXING: NpmPackage = NpmPackage { name: "zxing-wasm", version: "3.1.6" };
/// What judges whether the pages are accessible.
pub(crate) const AXE: NpmPackage = NpmPackage { name: "axe-core", version: "4.14.1" };
const TYPOS: &str = "1.52.0";

/// A tool from crates.io.
pub(crate) struct CargoTool {
    name: &'static str,
    version: &'static str,
}

/// Licences, sources, advisories, and which crate may depend on which.
pub(crate) const DENY: CargoTool = CargoTool { name: "cargo-deny", version: "0.20.2" };
/// Dependencies that nobody uses.
pub(crate) const MACHETE: CargoTool = CargoTool { name: "cargo-machete", version: "0.9.2" };

impl CargoTool {
    /// The program, compiled on first use.
    pub(crate) fn set_up(&self, workspace: &Workspace, console: &mut Console) -> Result<PathBuf> {
        let root = workspace.tools.join(format!("{}-{}", self.name, self.version));
        let program = root.join("bin").join(self.name);
        if !program.exists() {
            console.note(format!("compiling {} {}, once per machine", self.name, self.version));
            let mut command = cargo();
            // Unoptimised: it runs for seconds, and would take minutes more to compile.
            command.args(["install", "--quiet", "--locked", "--debug", self.name]);
            command.args(["--version", self.version]).arg("--root").arg(&root);
            command.arg("--target-dir").arg(workspace.target.join("tools"));
            console.run(&mut command)?;
        }
        Ok(program)
    }
}

/// The spelling checker: PyPI's wheel where there is pip, else from crates.io.
pub(crate) fn typos(workspace: &Workspace, console: &mut Console) -> Result<PathBuf> {
    let root = workspace.tools.join(format!("typos-{TYPOS}"));
    let program = root.join("bin/typos");
    if program.exists() {
        return Ok(program);
    }
    let pip = Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
        .arg(&root)
        .arg(format!("typos=={TYPOS}"))
        .output();
    if pip.is_ok_and(|done| done.status.success()) && program.exists() {
        return Ok(program);
    }
    console.note("no pip: compiling typos, once per machine");
    CargoTool { name: "typos-cli", version: TYPOS }.set_up(workspace, console)?;
    Ok(workspace.tools.join(format!("typos-cli-{TYPOS}/bin/typos")))
}

/// Makes a WASM file smaller or faster, in place. Without npm it stays as it is; says whether it did not.
pub(crate) fn wasm_opt(
    workspace: &Workspace,
    console: &mut Console,
    wasm: &Path,
    aim: &[&str],
) -> Result<bool> {
    let Some(program) = npm(workspace, console, BINARYEN)?.map(|root| root.join(".bin/wasm-opt"))
    else {
        console.note("ui: npm cannot bring binaryen, so the WASM stays larger than it need be");
        return Ok(false);
    };
    console.say("ui: making it smaller")?;
    let smaller = wasm.with_extension("smaller");
    let mut command = Command::new(program);
    command.args(aim).args(["--enable-bulk-memory", "--enable-nontrapping-float-to-int"]);
    command.args(["--enable-sign-ext", "--enable-mutable-globals", "--enable-reference-types"]);
    command.args(["--enable-multivalue", "--enable-bulk-memory-opt", "--strip-producers"]);
    console.run(command.arg(wasm).arg("-o").arg(&smaller))?;
    fs::rename(smaller, wasm)?;
    Ok(true)
}

/// Where the modules of a package from npm are: brought once per machine and version.
pub(crate) fn npm(
    workspace: &Workspace,
    console: &Console,
    package: NpmPackage,
) -> Result<Option<PathBuf>> {
    let NpmPackage { name, version } = package;
    let root = workspace.tools.join(format!("{name}-{version}"));
    let modules = root.join("node_modules");
    if modules.join(name).exists() {
        return Ok(Some(modules));
    }
    if which("npm").is_none() {
        return Ok(None);
    }
    console.say(&format!("bringing {name} from npm, once per machine"))?;
    let mut command = Command::new("npm");
    command.args([
        "install",
        "--silent",
        "--no-fund",
        "--no-audit",
        "--ignore-scripts",
        "--prefix",
    ]);
    command.arg(&root).arg(format!("{name}@{version}"));
    let installed = console.run(&mut command).is_ok() && modules.join(name).exists();
    Ok(installed.then_some(modules))
}
