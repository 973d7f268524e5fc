//! The second verifier: a program that shares no code with ours, and must agree with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::console::Console;
use crate::demo;
use crate::setup::Need;
use crate::workspace::Workspace;

/// Lets it judge the published vectors, these with one byte changed, the demonstration's bundle, and that bundle tampered with.
pub(crate) fn judge(workspace: &Workspace, console: &mut Console) -> Result<()> {
    let python = environment(workspace, console)?;
    let tests = workspace.root.join("tests");
    let second = |program: &str| {
        let mut command = Command::new(&python);
        command.arg("-B").arg(tests.join("second-verifier").join(program));
        command
    };
    run(console, second("verify.py").arg("rules"))?;
    run(console, second("verify.py").arg("vectors").arg(tests.join("vectors")))?;

    // What the tests before wrote: our verdicts on vectors with one byte changed.
    let changed = workspace.target.join("tmp/mutated-vectors");
    run(console, second("verify.py").arg("vectors").arg(changed))?;

    let cctv = workspace.outside_vectors().join("ed25519/cctv.json");
    if cctv.exists() {
        run(console, second("verify.py").arg("ed25519").arg(cctv))?;
    } else {
        console.note("NOT CHECKED: the second verifier's signature rule (no outside vectors here)");
    }

    let server = demo::kept(workspace).join("server");
    let bundle = bundle(workspace)?;
    let roots = server.join("trust.roots");
    run(console, second("verify.py").arg("bundle").arg(&bundle).arg("--roots").arg(roots))?;
    let ours = workspace.binary(demo::PROGRAM);
    run(console, second("tamper.py").args([&bundle, &server, &ours]))
}

/// The one bundle that the demonstration left.
fn bundle(workspace: &Workspace) -> Result<PathBuf> {
    let dir = demo::kept(workspace);
    let entries = fs::read_dir(&dir).with_context(|| format!("no demo in {}", dir.display()))?;
    let files = entries.map(|entry| entry.map(|entry| entry.path()));
    let bundles = files.filter(|file| file.as_deref().map_or(true, is_bundle));
    match bundles.collect::<Result<Vec<_>, _>>()?.as_slice() {
        [bundle] => Ok(bundle.clone()),
        found => bail!("{} bundles in {}", found.len(), dir.display()),
    }
}

fn is_bundle(file: &Path) -> bool {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
    name.is_some_and(|name| name.starts_with("bundle-") && name.ends_with(".json"))
}

/// A Python with the packages of `requirements.txt`, made once and again when that changes.
fn environment(workspace: &Workspace, console: &mut Console) -> Result<PathBuf> {
    Need::Python.set_up(console)?;
    let list = workspace.root.join("tests/second-verifier/requirements.txt");
    let wanted = fs::read(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let root = workspace.target.join("xtask/second-verifier");
    let (stamp, python) = (root.join("requirements.txt"), root.join("bin/python3"));
    if fs::read(&stamp).is_ok_and(|made| made == wanted) && python.exists() {
        return Ok(python);
    }
    console.note("second verifier: bringing cbor2 and cryptography from PyPI, once");
    console.run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&root))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:"]);
    console.run(pip.arg("--requirement").arg(&list))?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(python)
}

/// Runs one program; its last line, which has the counts, is for the reader.
fn run(console: &mut Console, command: &mut Command) -> Result<()> {
    let output = command.output().context("cannot start the second verifier")?;
    let said = String::from_utf8_lossy(&output.stdout);
    console.say(said.trim_end())?;
    console.say(String::from_utf8_lossy(&output.stderr).trim_end())?;
    let Some(counts) = said.lines().last().filter(|_| output.status.success()) else {
        bail!("{}: the second verifier does not agree", output.status);
    };
    console.note(counts);
    Ok(())
}
