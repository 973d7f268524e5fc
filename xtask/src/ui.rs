//! `cargo xtask ui`: the web view's program, from Rust to `src-ui/dist`.
//!
//! Two modules: the pages, small, and the decoder of QR Codes, fast, which is loaded when a scanner opens.
//! Four stages: Cargo builds the WASM, wasm-bindgen's library writes the JavaScript that starts it,
//! binaryen's `wasm-opt` makes it smaller (release only, where npm can bring it), and the page, the
//! styles and the assets are copied beside it. Nothing is done when nothing changed. What a
//! telephone has to load is weighed and told.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::console::{Console, output};
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
    /// The name of the pages' profile in the root `Cargo.toml`.
    pub(crate) fn profile(self) -> &'static str {
        match self {
            Self::Debug => "wasm-debug",
            Self::Release => "wasm-release",
        }
    }
}

/// A WASM module of the web view.
struct Module {
    package: &'static str,
    /// What Cargo writes.
    file: &'static str,
    /// What the page loads.
    name: &'static str,
    /// The profile of the small build.
    release: &'static str,
    /// What `wasm-opt` is told to aim at.
    aim: &'static [&'static str],
    /// True if size is all that counts, for the standard library too.
    is_small: bool,
}

const PAGES: Module = Module {
    package: "qatysu-ui",
    file: "qatysu-ui.wasm",
    name: "qatysu_ui",
    release: "wasm-release",
    // What is made for speed packs better than what is made small: fewer shapes of code.
    aim: &["--generate-global-effects", "-O2", "--code-folding"],
    is_small: true,
};
/// Fast, even where that makes it larger: each frame of a camera goes through it.
const DECODER: Module = Module {
    package: "qatysu-decoder",
    file: "qatysu_decoder.wasm",
    name: "qatysu_decoder",
    release: "wasm-decoder",
    aim: &["-O3"],
    is_small: false,
};

/// What the pages' WASM may weigh under Brotli. Above this a release build fails: what is won stays won. Lower
/// it with every cut. The goal was 321 000, what the usual reader of QR Codes weighs alone.
const PAGES_MAX_BYTES: u64 = 290_000;

/// Where in the code a panic was is told to nobody on a telephone; and one kind of component for the whole
/// page is smaller than one for each place.
const SMALL: &str =
    "-Zlocation-detail=none -Zfmt-debug=none -Ztrap-unreachable=no --cfg=erase_components ";

const STAMP: &str = "build.stamp";
/// What is copied as it is, if it is there.
const COPIED: [&str; 8] = [
    "index.html",
    "locales",
    "start.js",
    "decoder.js",
    "decoder-worker.js",
    "manifest.webmanifest",
    "styles",
    "assets",
];

/// Builds the web view's program into `src-ui/dist`.
pub(crate) fn build(workspace: &Workspace, console: &mut Console, mode: Mode) -> Result<()> {
    let toolchain = Toolchain::set_up(console, WASM)?;
    console.say("ui: compiling for the web view (minutes the first time)")?;
    let (pages, is_small) = PAGES.compile(workspace, console, &toolchain, mode)?;
    let (decoder, _) = DECODER.compile(workspace, console, &toolchain, mode)?;
    let dist = workspace.dist();
    let inputs = Inputs::collect(workspace, [pages, decoder])?;
    let stamp = format!("{}\n{}\n", mode.profile(), inputs.fingerprint()?);
    if fs::read_to_string(dist.join(STAMP)).is_ok_and(|old| old == stamp) {
        console.say("ui: src-ui/dist is up to date")?;
        return Ok(());
    }
    let fresh = workspace.target.join("web/dist");
    remove(&fresh)?;
    fs::create_dir_all(&fresh)?;
    let mut small = is_small;
    for (module, wasm) in [PAGES, DECODER].iter().zip(&inputs.modules) {
        bind(workspace, console, module, wasm, &fresh)?;
        if mode == Mode::Release {
            small &= tool::wasm_opt(workspace, console, &module.in_dist(&fresh), module.aim)?;
        }
    }
    inputs.copy_to(&fresh)?;
    weigh(workspace, console, &fresh, small)?;
    fs::write(fresh.join(STAMP), stamp)?;
    remove(&dist)?;
    copy(&fresh, &dist)?;
    console.note("ui: src-ui/dist is ready".to_owned());
    Ok(())
}

impl Module {
    /// Gives where the module is, and whether it is as small as it can be compiled.
    fn compile(
        &self,
        workspace: &Workspace,
        console: &Console,
        toolchain: &Toolchain,
        mode: Mode,
    ) -> Result<(PathBuf, bool)> {
        let profile = if mode == Mode::Release { self.release } else { mode.profile() };
        let target_dir = workspace.target.join("web");
        let mut is_small = false;
        let mut command = toolchain.cargo("build", WASM, &target_dir);
        command.args(["--package", self.package, "--profile", profile]);
        if mode == Mode::Release {
            let mut flags = SMALL.to_owned();
            if self.is_small {
                let shrunk = toolchain.shrink_std(console, &mut command);
                is_small = shrunk.is_some();
                flags.push_str(&shrunk.unwrap_or_default());
            }
            // What begins with -Z is nothing for a stable compiler, unless it is told so.
            command.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", flags);
        }
        console.run(command.current_dir(&workspace.root))?;
        Ok((target_dir.join(WASM).join(profile).join(self.file), is_small))
    }

    fn in_dist(&self, dist: &Path) -> PathBuf {
        dist.join(format!("{}_bg.wasm", self.name))
    }
}

fn bind(
    workspace: &Workspace,
    console: &Console,
    module: &Module,
    wasm: &Path,
    out: &Path,
) -> Result<()> {
    console.say("ui: writing the JavaScript that starts it")?;
    let mut command = build_tool("bindgen");
    command.arg(wasm).arg(out).arg(module.name);
    console.run(command.current_dir(&workspace.root))
}

/// Says what a telephone has to load.
fn weigh(workspace: &Workspace, console: &mut Console, dist: &Path, small: bool) -> Result<()> {
    for module in [PAGES, DECODER] {
        let file = module.in_dist(dist);
        let whole = fs::metadata(&file)?.len();
        let told = output(build_tool("weigh").arg(&file).current_dir(&workspace.root))?;
        let packed: u64 = told.trim().parse().context("weigh prints a number of bytes")?;
        let (whole, kilobytes) = (whole / 1000, packed.div_ceil(1000));
        console.note(format!("ui: {} {whole} kB, {kilobytes} kB under Brotli", module.name));
        if small && module.name == PAGES.name && packed > PAGES_MAX_BYTES {
            let over = packed - PAGES_MAX_BYTES;
            bail!("the pages weigh {over} bytes more under Brotli than they may");
        }
    }
    Ok(())
}

/// A program of this package that only the web view's build needs.
fn build_tool(name: &str) -> Command {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "xtask", "--features", "bindgen"]);
    command.args(["--bin", name, "--"]);
    command
}

/// The files that `dist` is made of.
struct Inputs {
    modules: [PathBuf; 2],
    /// Path in the repository, path in `dist`.
    files: Vec<(PathBuf, PathBuf)>,
}

impl Inputs {
    fn collect(workspace: &Workspace, modules: [PathBuf; 2]) -> Result<Self> {
        let source = workspace.root.join("src-ui");
        let mut files = Vec::new();
        for name in COPIED {
            let path = source.join(name);
            if path.exists() {
                walk(&path, Path::new(name), &mut files)?;
            }
        }
        files.sort();
        Ok(Self { modules, files })
    }

    /// One number for all contents. A different compiler may count differently: then we build again.
    fn fingerprint(&self) -> Result<String> {
        let mut hasher = DefaultHasher::new();
        for module in &self.modules {
            read(module)?.hash(&mut hasher);
        }
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
