//! `cargo xtask ui`: the web view's program, from Rust to `src-ui/dist`.
//!
//! Four stages: Cargo builds the WASM, wasm-bindgen's library writes the JavaScript that starts it,
//! binaryen's `wasm-opt` makes it smaller (release only, where npm can bring it), and the page, the
//! styles and the assets are copied beside it. Nothing is done when nothing changed.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::console::Console;
use crate::tool;
use crate::toolchain::{Toolchain, WASM, cargo};
use crate::workspace::Workspace;

/// How the web view's program is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Quick to build, large.
    Debug,
    /// Slow to build, small: what a telephone gets.
    Release,
}

impl Mode {
    /// The name of the profile in the root `Cargo.toml`.
    pub(crate) fn profile(self) -> &'static str {
        match self {
            Self::Debug => "wasm-debug",
            Self::Release => "wasm-release",
        }
    }
}

const NAME: &str = "qatysu_ui";
const STAMP: &str = "build.stamp";
/// What is copied as it is, if it is there.
const COPIED: [&str; 5] = ["index.html", "start.js", "manifest.webmanifest", "styles", "assets"];

/// Builds the web view's program into `src-ui/dist`.
pub(crate) fn build(workspace: &Workspace, console: &mut Console, mode: Mode) -> Result<()> {
    let wasm = compile(workspace, console, mode)?;
    let dist = workspace.dist();
    let inputs = Inputs::collect(workspace, &wasm)?;
    let stamp = format!("{}\n{}\n", mode.profile(), inputs.fingerprint()?);
    if fs::read_to_string(dist.join(STAMP)).is_ok_and(|old| old == stamp) {
        console.say("ui: src-ui/dist is up to date")?;
        return Ok(());
    }
    let fresh = workspace.target.join("web/dist");
    remove(&fresh)?;
    fs::create_dir_all(&fresh)?;
    bind(workspace, console, &wasm, &fresh)?;
    if mode == Mode::Release {
        tool::wasm_opt(workspace, console, &fresh.join(format!("{NAME}_bg.wasm")))?;
    }
    inputs.copy_to(&fresh)?;
    fs::write(fresh.join(STAMP), stamp)?;
    remove(&dist)?;
    copy(&fresh, &dist)?;
    let size = fs::metadata(dist.join(format!("{NAME}_bg.wasm")))?.len();
    console.note(format!("ui: src-ui/dist is ready, {} kB of WASM", size / 1000));
    Ok(())
}

fn compile(workspace: &Workspace, console: &mut Console, mode: Mode) -> Result<PathBuf> {
    let toolchain = Toolchain::set_up(console, WASM)?;
    let target_dir = workspace.target.join("web");
    console.say("ui: compiling for the web view (minutes the first time)")?;
    let mut command = toolchain.cargo("build", WASM, &target_dir);
    command.args(["--package", "qatysu-ui", "--profile", mode.profile()]);
    console.run(command.current_dir(&workspace.root))?;
    Ok(target_dir.join(WASM).join(mode.profile()).join("qatysu-ui.wasm"))
}

fn bind(workspace: &Workspace, console: &Console, wasm: &Path, out: &Path) -> Result<()> {
    console.say("ui: writing the JavaScript that starts it")?;
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "xtask", "--features", "bindgen"]);
    command.args(["--bin", "bindgen", "--"]).arg(wasm).arg(out).arg(NAME);
    console.run(command.current_dir(&workspace.root))
}

/// The files that `dist` is made of.
struct Inputs {
    wasm: PathBuf,
    /// Path in the repository, path in `dist`.
    files: Vec<(PathBuf, PathBuf)>,
}

impl Inputs {
    fn collect(workspace: &Workspace, wasm: &Path) -> Result<Self> {
        let source = workspace.root.join("src-ui");
        let mut files = Vec::new();
        for name in COPIED {
            let path = source.join(name);
            if path.exists() {
                walk(&path, Path::new(name), &mut files)?;
            }
        }
        files.sort();
        Ok(Self { wasm: wasm.to_owned(), files })
    }

    /// One number for all contents. A different compiler may count differently: then we build again.
    fn fingerprint(&self) -> Result<String> {
        let mut hasher = DefaultHasher::new();
        read(&self.wasm)?.hash(&mut hasher);
        for (from, to) in &self.files {
            (to, read(from)?).hash(&mut hasher);
        }
        Ok(format!("{:016x}", hasher.finish()))
    }

    fn copy_to(&self, dist: &Path) -> Result<()> {
        for (from, to) in &self.files {
            copy(from, &dist.join(to))?;
        }
        Ok(())
    }
}

fn walk(path: &Path, name: &Path, files: &mut Vec<(PathBuf, PathBuf)>) -> Result<()> {
    if !path.is_dir() {
        files.push((path.to_owned(), name.to_owned()));
        return Ok(());
    }
    for entry in path.read_dir()? {
        let entry = entry?;
        walk(&entry.path(), &name.join(entry.file_name()), files)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut files = Vec::new();
    walk(from, to, &mut files)?;
    for (from, to) in files {
        fs::create_dir_all(to.parent().context("a file lies in a directory")?)?;
        fs::copy(&from, &to).with_context(|| format!("cannot copy to {}", to.display()))?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn remove(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| format!("cannot remove {}", dir.display()))?;
    }
    Ok(())
}
