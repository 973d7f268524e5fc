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

const BINARYEN: &str = "132.0.0";
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

/// Makes a WASM file smaller, in place. Without npm it stays as it is.
pub(crate) fn wasm_opt(workspace: &Workspace, console: &mut Console, wasm: &Path) -> Result<()> {
    let Some(program) = binaryen(workspace, console)? else {
        console.note("ui: npm cannot bring binaryen, so the WASM stays larger than it need be");
        return Ok(());
    };
    console.say("ui: making it smaller")?;
    let smaller = wasm.with_extension("smaller");
    let mut command = Command::new(program);
    command.args(["-Oz", "--enable-bulk-memory", "--enable-nontrapping-float-to-int"]);
    command.args(["--enable-sign-ext", "--enable-mutable-globals", "--enable-reference-types"]);
    command.args(["--enable-multivalue", "--enable-bulk-memory-opt", "--strip-producers"]);
    console.run(command.arg(wasm).arg("-o").arg(&smaller))?;
    fs::rename(smaller, wasm)?;
    Ok(())
}

fn binaryen(workspace: &Workspace, console: &Console) -> Result<Option<PathBuf>> {
    let root = workspace.tools.join(format!("binaryen-{BINARYEN}"));
    let program = root.join("node_modules/.bin/wasm-opt");
    if program.exists() {
        return Ok(Some(program));
    }
    if which("npm").is_none() {
        return Ok(None);
    }
    console.say("ui: bringing binaryen from npm, once per machine")?;
    let mut command = Command::new("npm");
    command.args([
        "install",
        "--silent",
        "--no-fund",
        "--no-audit",
        "--ignore-scripts",
        "--prefix",
    ]);
    command.arg(&root).arg(format!("binaryen@{BINARYEN}"));
    let installed = console.run(&mut command).is_ok() && program.exists();
    Ok(installed.then_some(program))
}
