//! Steps: named pieces of work, each a line with its seconds, the first failure ends the run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::console::{Console, print, print_part, seconds};
use crate::workspace::Workspace;

/// How many lines of a failed step's output are shown.
const SHOWN: usize = 300;

/// A run of steps and what has come of it so far.
pub(crate) struct Steps<'a> {
    /// Where things are.
    pub(crate) workspace: &'a Workspace,
    logs: PathBuf,
    count: u32,
    tests: Tests,
}

/// Tests that ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tests {
    passed: u64,
    failed: u64,
}

impl<'a> Steps<'a> {
    /// Runs all steps, and ends with a line like `312 passed, 0 failed` if any are tests.
    pub(crate) fn report(
        workspace: &'a Workspace,
        all: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<ExitCode> {
        let logs = workspace.target.join("xtask");
        fs::create_dir_all(&logs).with_context(|| format!("cannot create {}", logs.display()))?;
        let mut steps = Self { workspace, logs, count: 0, tests: Tests::default() };
        let begun = now();
        let outcome = all(&mut steps);
        if let Err(error) = &outcome {
            print(&format!("\n{error:#}"));
            // A step that fails without a failing test is a failure all the same.
            steps.tests.failed = steps.tests.failed.max(1);
        }
        print(&format!("\n{} steps in {}", steps.count, seconds(begun.elapsed())));
        if steps.tests != Tests::default() {
            print(&format!("{} passed, {} failed", steps.tests.passed, steps.tests.failed));
        }
        Ok(if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Runs one step. Its output goes to a file, and is shown only if it fails.
    pub(crate) fn step(
        &mut self,
        name: &str,
        work: impl FnOnce(&Workspace, &mut Console) -> Result<()>,
    ) -> Result<()> {
        self.count += 1;
        let file = format!("{:02}-{}.log", self.count, name.replace([' ', ','], "-"));
        let log = self.logs.join(file);
        let mut console = Console::log(log.clone())?;
        print_part(&format!("{name:<24} "));
        let begun = now();
        let outcome = work(self.workspace, &mut console);
        let tests = read_tests(&log)?;
        self.tests.passed += tests.passed;
        self.tests.failed += tests.failed;
        print(&line(outcome.is_ok(), begun.elapsed(), tests));
        for note in console.take_notes() {
            print(&format!("  note: {note}"));
        }
        if let Err(error) = outcome {
            print(&format!("\n{}", tail(&log)?));
            bail!("{name} failed: {error:#}\nall of its output: {}", log.display());
        }
        Ok(())
    }
}

fn line(done: bool, took: Duration, tests: Tests) -> String {
    let word = if done { "ok" } else { "FAILED" };
    let took = seconds(took);
    if tests == Tests::default() {
        format!("{word:<6} {took:>7}")
    } else {
        format!("{word:<6} {took:>7}   {} passed, {} failed", tests.passed, tests.failed)
    }
}

fn tail(log: &Path) -> Result<String> {
    let text = String::from_utf8_lossy(&fs::read(log)?).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let skipped = lines.len().saturating_sub(SHOWN);
    Ok(lines.into_iter().skip(skipped).collect::<Vec<_>>().join("\n"))
}

/// Adds up what nextest and Cargo's own runner say at their end.
fn read_tests(log: &Path) -> Result<Tests> {
    let text = fs::read(log)?;
    let mut tests = Tests::default();
    for line in String::from_utf8_lossy(&text).lines().map(str::trim_start) {
        if line.starts_with("Summary [") || line.starts_with("test result:") {
            tests.passed += number_before(line, "passed");
            tests.failed += number_before(line, "failed") + number_before(line, "timed out");
        }
    }
    Ok(tests)
}

fn number_before(line: &str, what: &str) -> u64 {
    let Some((before, _)) = line.split_once(what) else { return 0 };
    before.split_whitespace().next_back().and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[expect(clippy::disallowed_methods, reason = "to show how long a step took")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::{Tests, number_before, read_tests};

    #[test]
    fn adds_up_both_runners() {
        let dir = std::env::temp_dir().join(format!("qatysu-steps-{}", std::process::id()));
        std::fs::write(
            &dir,
            "     Summary [   0.035s] 7 tests run: 5 passed (1 slow), 1 failed, 1 timed out, 2 skipped\n\
             test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n\
             a line about 100 passed\n",
        )
        .expect("written");
        let tests = read_tests(&dir).expect("read");
        std::fs::remove_file(&dir).expect("removed");
        assert_eq!(tests, Tests { passed: 9, failed: 2 });
    }

    #[test]
    fn a_missing_number_is_none() {
        assert_eq!(number_before("Summary [1s] 3 tests run: 3 passed", "failed"), 0);
    }
}
