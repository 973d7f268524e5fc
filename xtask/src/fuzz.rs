//! `cargo xtask fuzz [SECONDS]`: every parser under libFuzzer, which follows the code's coverage.
//!
//! The targets are in `fuzz/targets`, a workspace of their own, since all of it is built with counters.
//! A run begins where others ended: with `fuzz/corpus`, which `cargo xtask fuzz` writes and the test
//! command only reads, and with the published vectors.

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::console::Console;
use crate::steps::Steps;
use crate::toolchain::{cargo, host};
use crate::workspace::Workspace;

/// How long each target runs in `cargo xtask test`.
pub(crate) const SHORT_S: u32 = 3;
/// How long each runs by itself, unless told otherwise.
pub(crate) const LONG_S: u32 = 60;

/// The counters that libFuzzer reads; stable flags, so that no other toolchain is needed.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Ccodegen-units=1 \
    -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";

/// What is longer is not kept in `fuzz/corpus`.
const KEPT_MAX_BYTES: usize = 512;

/// Where a target begins: a published vector's form and the input that it parses.
const SEEDS: [(&str, &str, &str); 31] = [
    ("anchor", "anchor", "anchor"),
    ("batch_receipt", "batch-receipt", "receipt"),
    ("batch_receipt", "two-histories", "evidence"),
    ("card", "card", "text"),
    ("card", "card-holder", "text"),
    ("certificate", "certificate", "certificate"),
    ("checkpoint_note", "checkpoint", "note"),
    ("checkpoint_note", "witnessed", "note"),
    ("event", "correction", "event"),
    ("event", "correction", "correction"),
    ("event", "event", "event"),
    ("event", "event-form", "event"),
    ("packed", "packed", "packed"),
    ("policy", "policy", "policy"),
    ("roster", "roster", "roster"),
    ("shown", "answer", "bytes"),
    ("shown", "answer", "text"),
    ("shown", "challenge", "bytes"),
    ("shown", "challenge", "text"),
    ("shown", "rotating", "bytes"),
    ("shown", "rotating", "text"),
    ("status", "status-delta", "base"),
    ("status", "status-delta", "delta"),
    ("status", "status-list", "list"),
    ("tag_list", "tag-list", "list"),
    ("ticket", "ticket", "text"),
    ("tlog_proof", "tlog-proof", "proof"),
    ("tranche", "tranche", "tranche"),
    ("trust_list", "trust-list", "list"),
    ("trust_list", "trust-roots", "roots"),
    ("witness", "add-checkpoint", "request"),
];
/// The same of golden files.
const GOLDEN_SEEDS: [(&str, &str); 6] = [
    ("batch", "batch.hex"),
    ("export", "device-export.hex"),
    ("parcel", "parcel-answer.hex"),
    ("parcel", "parcel-key.hex"),
    ("parcel", "parcel.hex"),
    ("receipt", "receipt.hex"),
];

/// Builds and runs all targets for so many seconds each.
pub(crate) fn run(steps: &mut Steps<'_>, seconds: u32) -> Result<()> {
    steps.step("fuzz, build", build)?;
    steps.step("fuzz", |workspace, console| drive(workspace, console, seconds))
}

/// The same, and keeps in `fuzz/corpus` what reached code that nothing else reached.
pub(crate) fn search(steps: &mut Steps<'_>, seconds: u32) -> Result<()> {
    run(steps, seconds)?;
    steps.step("corpus", keep)
}

fn build(workspace: &Workspace, console: &mut Console) -> Result<()> {
    let mut command = cargo();
    command.args(["build", "--locked", "--bins", "--manifest-path", "fuzz/Cargo.toml"]);
    // A target is named so that build scripts are compiled without counters.
    command.arg("--target").arg(host()?).arg("--target-dir").arg(home(workspace));
    command.env("RUSTFLAGS", COVERAGE);
    console.run(command.current_dir(&workspace.root))
}

fn drive(workspace: &Workspace, console: &mut Console, seconds: u32) -> Result<()> {
    let targets = targets(workspace)?;
    if targets.is_empty() {
        bail!("there is no target in fuzz/targets");
    }
    // Each target has one thread: as many at once as there are processors.
    let at_once = std::thread::available_parallelism().map_or(1, NonZero::get);
    let waiting = Mutex::new(targets.iter());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        let mut done = Vec::new();
        while let Some(target) = next() {
            done.push((target, drive_one(workspace, target, seconds)?));
        }
        anyhow::Ok(done)
    };
    let done: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..at_once).map(|_| scope.spawn(work)).collect();
        let ended = workers.into_iter().map(|worker| worker.join().expect("a worker ends"));
        ended.collect::<Result<Vec<_>>>()
    })?;
    let mut runs = 0;
    for (target, of_it) in done.into_iter().flatten() {
        console.say(&format!("{target}: {of_it} runs"))?;
        runs += of_it;
    }
    console.note(format!("fuzz: {} targets, {runs} runs, none broke", targets.len()));
    Ok(())
}

/// Runs a target, and gives how often.
fn drive_one(workspace: &Workspace, target: &str, seconds: u32) -> Result<u64> {
    let corpus = grown(workspace, target);
    make(&corpus)?;
    seed(workspace, target, &corpus)?;
    let known = workspace.root.join("fuzz/regressions").join(target);
    make(&known)?;
    let mut command = Command::new(programs(workspace)?.join(target));
    command.args([&corpus, &known]);
    command.arg(format!("-max_total_time={seconds}")).args(["-print_final_stats=1"]);
    command.arg(format!("-artifact_prefix={}/", known.display()));
    let said = output_of(&mut command).with_context(|| {
        let known = known.display();
        format!("{target} found an input that breaks it; it is kept in {known}")
    })?;
    executions(&said).with_context(|| format!("{target} did not run"))
}

fn home(workspace: &Workspace) -> PathBuf {
    workspace.target.join("fuzz")
}

fn programs(workspace: &Workspace) -> Result<PathBuf> {
    Ok(home(workspace).join(host()?).join("debug"))
}

/// What a target has found here so far, a file an input.
fn grown(workspace: &Workspace, target: &str) -> PathBuf {
    home(workspace).join("corpus").join(target)
}

/// The same, committed: a line of hexadecimal an input.
fn kept(workspace: &Workspace, target: &str) -> PathBuf {
    workspace.root.join("fuzz/corpus").join(target).with_extension("hex")
}

fn make(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))
}

/// Writes the smallest set of inputs that reaches all that is reached.
fn keep(workspace: &Workspace, console: &mut Console) -> Result<()> {
    let mut inputs = 0;
    for target in targets(workspace)? {
        let least = home(workspace).join("least").join(&target);
        if least.exists() {
            fs::remove_dir_all(&least)?;
        }
        make(&least)?;
        let mut command = Command::new(programs(workspace)?.join(&target));
        command.arg("-merge=1").args([&least, &grown(workspace, &target)]);
        output_of(&mut command).with_context(|| format!("{target} cannot merge its corpus"))?;
        let mut lines = BTreeSet::new();
        for entry in fs::read_dir(&least)? {
            let bytes = fs::read(entry?.path())?;
            // What is long is seldom the only way to a line of code, and always a long line here.
            if bytes.len() <= KEPT_MAX_BYTES {
                lines.insert(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
            }
        }
        inputs += lines.len();
        let file = kept(workspace, &target);
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    console.note(format!("corpus: {inputs} inputs kept in fuzz/corpus"));
    Ok(())
}

/// The names of the targets.
fn targets(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let dir = workspace.root.join("fuzz/targets");
    let entries = fs::read_dir(&dir).with_context(|| format!("cannot read {}", dir.display()))?;
    let mut names = BTreeSet::new();
    for entry in entries {
        let path = entry?.path();
        if let Some(name) = path.file_stem().and_then(|name| name.to_str()) {
            names.insert(name.to_owned());
        }
    }
    Ok(names)
}

/// Lays what is published beside what earlier runs have found.
fn seed(workspace: &Workspace, target: &str, corpus: &Path) -> Result<()> {
    let tests = workspace.root.join("tests");
    let file = kept(workspace, target);
    if file.exists() {
        let text = fs::read_to_string(&file)?;
        for (number, line) in text.lines().enumerate() {
            let bytes = from_hex(line).with_context(|| {
                format!("line {} of {} is not hexadecimal", number + 1, file.display())
            })?;
            fs::write(corpus.join(format!("kept-{number}")), bytes)?;
        }
    }
    for (_, form, input) in SEEDS.iter().filter(|(name, ..)| *name == target) {
        let file = tests.join("vectors").join(form).with_extension("json");
        let text = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let vectors: Value = serde_json::from_slice(&text)?;
        let cases = vectors["cases"].as_array().context("vectors are cases")?;
        // A code is given as its text or as its bytes: a case has one of them.
        let values = cases.iter().filter_map(|case| case["inputs"][input].as_str());
        if values.clone().next().is_none() {
            bail!("no case of {form} has the input {input}");
        }
        for (number, value) in values.enumerate() {
            let bytes = from_hex(value).unwrap_or_else(|| value.as_bytes().to_vec());
            fs::write(corpus.join(format!("{form}-{input}-{number}")), bytes)?;
        }
    }
    for (_, file) in GOLDEN_SEEDS.iter().filter(|(name, _)| *name == target) {
        let text = fs::read_to_string(tests.join("golden").join(file))?;
        let bytes: String = text.split_whitespace().collect();
        fs::write(corpus.join(file), from_hex(&bytes).context("a golden file is hexadecimal")?)?;
    }
    Ok(())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    if text.len().is_multiple_of(2) { pairs.map(byte).collect() } else { None }
}

/// libFuzzer speaks on standard error, and ends with an error when a target broke.
fn output_of(command: &mut Command) -> Result<String> {
    let ended = command.output().context("cannot start the target")?;
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    if !ended.status.success() {
        let last: Vec<&str> = said.lines().rev().take(40).collect();
        bail!("{}", last.into_iter().rev().collect::<Vec<_>>().join("\n"));
    }
    Ok(said)
}

fn executions(said: &str) -> Option<u64> {
    let line =
        said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{executions, from_hex};

    #[test]
    fn reads_how_often_a_target_ran() {
        let said = "#9\tDONE cov: 3\nstat::number_of_executed_units: 552442\nstat::peak: 2\n";
        assert_eq!(executions(said), Some(552_442));
        assert_eq!(executions("Segmentation fault"), None);
    }

    #[test]
    fn takes_text_for_text_and_hexadecimal_for_bytes() {
        assert_eq!(from_hex("00fF"), Some(vec![0, 255]));
        assert_eq!(from_hex("OB1:AB"), None);
        assert_eq!(from_hex("0"), None);
    }
}
