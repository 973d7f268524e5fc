//! Runs the histories of many seeds, on all cores, or one of them in words. `cargo xtask simulate` is the
//! way in.
//!
//! `cargo run -p system-tests --example simulate -- [--seeds N] [--from N] [--seed N]`

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};
use system_tests::simulation::{Seen, Simulation, history};

/// How many seeds, unless told otherwise.
const SEEDS: u64 = 10_000;
/// Where they begin, unless told otherwise: after those of `cargo xtask test`.
const FROM: u64 = 1_000;
/// After so many failures the run ends.
const FAILURES_MAX: usize = 5;

fn main() -> Result<ExitCode> {
    let (mut seeds, mut from) = (SEEDS, FROM);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let number = words.next().with_context(|| format!("{word} needs a number"))?;
        let number = number.parse().with_context(|| format!("{word} needs a number"))?;
        match word.as_str() {
            "--seeds" => seeds = number,
            "--from" => from = number,
            "--seed" => return one(number),
            _ => bail!("cannot do `{word}`: --seeds N, --from N or --seed N"),
        }
    }
    many(from, seeds)
}

/// Runs one seed and prints what happens.
fn one(seed: u64) -> Result<ExitCode> {
    let simulation = Simulation::prepare();
    let told = simulation.run_steps(seed, &history(seed), true);
    let mut out = std::io::stdout();
    writeln!(out, "{}\ntrace {}", told.words.join("\n"), told.trace)?;
    let Some(report) = simulation.report(seed) else { return Ok(ExitCode::SUCCESS) };
    writeln!(out, "\n{report}")?;
    Ok(ExitCode::FAILURE)
}

/// Runs many seeds; fails if one of them does.
fn many(from: u64, seeds: u64) -> Result<ExitCode> {
    let (next, done, steps) = (AtomicU64::new(from), AtomicU64::new(0), AtomicU64::new(0));
    let (failures, seen) = (Mutex::new(Vec::new()), Mutex::new(Seen::default()));
    let begun = now();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let simulation = Simulation::prepare();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let failed = failures.lock().unwrap_or_else(PoisonError::into_inner).len();
                    if seed >= from + seeds || failed >= FAILURES_MAX {
                        return;
                    }
                    let outcome = simulation.run(seed);
                    steps.fetch_add(outcome.steps as u64, Ordering::Relaxed);
                    *seen.lock().unwrap_or_else(PoisonError::into_inner) += outcome.seen;
                    if let Some((_, why)) = outcome.failure {
                        let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
                        failures.push(seed);
                        drop(failures);
                        let report = simulation.report(seed);
                        tell(&report.unwrap_or_else(|| format!("seed {seed} fails: {why}")));
                    }
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    if done.is_multiple_of(500) {
                        tell(&format!("{done} of {seeds} histories"));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (steps, took) = (steps.into_inner(), begun.elapsed().as_secs_f64());
    tell(&format!("came of them: {:?}", seen.into_inner().unwrap_or_else(PoisonError::into_inner)));
    tell(&format!(
        "{seeds} histories from seed {from}, {steps} steps in {took:.0} s ({:.0} a second): {} failed {failures:?}",
        f64::from(u32::try_from(steps).unwrap_or(u32::MAX)) / took,
        failures.len(),
    ));
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Progress is worth nothing if it is not seen at once; that nobody reads it is no failure.
fn tell(words: &str) {
    drop(writeln!(std::io::stdout(), "{words}"));
}

#[expect(clippy::disallowed_methods, reason = "to show how fast it is")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}
