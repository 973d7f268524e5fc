//! The verbs: what the words after `cargo xtask` mean.

use std::process::ExitCode;

use anyhow::Result;

use crate::console::Console;
use crate::steps::Steps;
use crate::ui::Mode;
use crate::workspace::Workspace;
use crate::{
    android, api, bench, check, country, demo, e2e, fuzz, guides, help, shaped, simulate, test, ui,
};

pub(crate) const HELP: &str = "\
Everything that is done with this repository. What is missing is set up first.

Usage: cargo xtask VERB

  setup           install all that the other verbs need, and nothing else
  demo [ARG…]     build, run the main job, print where to look; ARG… go to `qatysu demo`
  test            everything that must pass, the cheapest first
  check           the cheap half of test: format, spelling, lints, documentation, dependencies
  rules           the pure crates alone: seconds
  ui [--release]  the web view's program, into src-ui/dist
  e2e             the built pages in a browser, and the window without a screen
  api             a running server under requests made up from its OpenAPI document
  guides          print the one-page guides of docs/guides as PDF
  android         compile the shell for a telephone, without building a package
  fuzz [SECONDS]  every parser against made-up input, so long each (60 unless told); what
                  it learns is kept in fuzz/corpus, what breaks one in fuzz/regressions
  kills           two hundred times kill -9 of server and device host, while they work
  simulate [--seeds N] [--from N] [--seed N]
                  histories full of faults, each decided by its seed: ten thousand unless told;
                  --seed prints what happens in one
  shaped [RUNS]   a day of 300 children over 20 kbit/s that loses six of ten packets, so often
                  (1 unless told), and what HTTP makes of it; needs root and Linux
  bench           each benchmark, as a ratio against its reference in the same run
  bench-scan      from a camera's frame to *kept* in a browser, from a card's text to the commit
  bench-paint     until a slow telephone shows the day
  bench-close [--vouchers N]
                  closing a month of a country, as a ratio to one SQL aggregate over its visits
                  (100000 unless told), and what a voucher costs in one ten times as large
  bench-audit [--vouchers N]
                  an audit of such a month: how long, and how much memory
  bench-read-rate how many cards are read of those that zxing-cpp reads

Examples:

  cargo xtask demo
  cargo xtask demo --headless --json
  cargo xtask test
";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Help,
    Setup,
    /// With what is passed on to `qatysu demo`.
    Demo(Vec<String>),
    Test,
    Check,
    Rules,
    Ui {
        release: bool,
    },
    E2e,
    Android,
    Api,
    Guides,
    Kills,
    /// With how many seconds each parser gets.
    Fuzz(u32),
    /// With what is passed on to the simulation.
    Simulate(Vec<String>),
    /// With how many runs.
    Shaped(u32),
    Bench,
    BenchScan,
    BenchPaint,
    /// With how many vouchers.
    BenchClose(u64),
    /// With how many vouchers.
    BenchAudit(u64),
    BenchReadRate,
}

impl Verb {
    /// Reads the command line; what is wrong with it is the error.
    pub(crate) fn parse(arguments: &[String]) -> Result<Self, String> {
        let Some((verb, rest)) = arguments.split_first() else { return Ok(Self::Help) };
        let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
        match (verb.as_str(), rest.as_slice()) {
            ("help" | "--help" | "-h", _) => Ok(Self::Help),
            ("demo", arguments) => {
                Ok(Self::Demo(arguments.iter().map(ToString::to_string).collect()))
            }
            (_, ["--help" | "-h"]) => Ok(Self::Help),
            ("simulate", arguments) if simulate::understands(arguments) => {
                Ok(Self::Simulate(arguments.iter().map(ToString::to_string).collect()))
            }
            ("setup", []) => Ok(Self::Setup),
            ("test", []) => Ok(Self::Test),
            ("check", []) => Ok(Self::Check),
            ("rules", []) => Ok(Self::Rules),
            ("ui", []) => Ok(Self::Ui { release: false }),
            ("ui", ["--release"]) => Ok(Self::Ui { release: true }),
            ("e2e", []) => Ok(Self::E2e),
            ("android", []) => Ok(Self::Android),
            ("api", []) => Ok(Self::Api),
            ("guides", []) => Ok(Self::Guides),
            ("fuzz", []) => Ok(Self::Fuzz(fuzz::LONG_S)),
            ("fuzz", [seconds]) if seconds.parse::<u32>().is_ok_and(|seconds| seconds > 0) => {
                Ok(Self::Fuzz(seconds.parse().unwrap_or(fuzz::LONG_S)))
            }
            ("kills", []) => Ok(Self::Kills),
            ("shaped", []) => Ok(Self::Shaped(1)),
            ("shaped", [runs]) if runs.parse::<u32>().is_ok_and(|runs| runs > 0) => {
                Ok(Self::Shaped(runs.parse().unwrap_or(1)))
            }
            ("bench", []) => Ok(Self::Bench),
            ("bench-scan", []) => Ok(Self::BenchScan),
            ("bench-paint", []) => Ok(Self::BenchPaint),
            ("bench-close", arguments) if country::vouchers(arguments).is_some() => {
                Ok(Self::BenchClose(country::vouchers(arguments).unwrap_or_default()))
            }
            ("bench-audit", arguments) if country::vouchers(arguments).is_some() => {
                Ok(Self::BenchAudit(country::vouchers(arguments).unwrap_or_default()))
            }
            ("bench-read-rate", []) => Ok(Self::BenchReadRate),
            _ => Err(format!("error: cannot do `{}`\n\n{HELP}", arguments.join(" "))),
        }
    }

    /// Does it.
    pub(crate) fn run(&self, workspace: &Workspace) -> Result<ExitCode> {
        match self {
            Self::Help => Ok(help()),
            Self::Demo(arguments) => demo::run(workspace, arguments),
            Self::Ui { release } => {
                let mode = if *release { Mode::Release } else { Mode::Debug };
                ui::build(workspace, &mut Console::terminal(), mode)?;
                Ok(ExitCode::SUCCESS)
            }
            Self::Setup => Steps::report(workspace, test::set_up),
            Self::Test => Steps::report(workspace, test::run),
            Self::Check => Steps::report(workspace, check::run),
            Self::Rules => Steps::report(workspace, check::rules),
            Self::E2e => Steps::report(workspace, e2e::run),
            Self::Android => Steps::report(workspace, android::run),
            Self::Api => Steps::report(workspace, api::run),
            Self::Guides => guides::print(workspace),
            Self::Fuzz(seconds) => Steps::report(workspace, |steps| fuzz::search(steps, *seconds)),
            Self::Kills => Steps::report(workspace, test::kills),
            Self::Simulate(arguments) => simulate::run(workspace, arguments),
            Self::Shaped(runs) => shaped::run(workspace, *runs),
            Self::Bench => bench::run(workspace),
            Self::BenchScan => Steps::report(workspace, bench::scan),
            Self::BenchPaint => Steps::report(workspace, bench::paint),
            Self::BenchClose(vouchers) => country::close(workspace, *vouchers),
            Self::BenchAudit(vouchers) => country::audit(workspace, *vouchers),
            Self::BenchReadRate => bench::read_rate(workspace),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Verb;

    fn parse(line: &str) -> Result<Verb, String> {
        Verb::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn no_verb_asks_for_help() {
        assert_eq!(parse(""), Ok(Verb::Help));
    }

    #[test]
    fn passes_the_demos_arguments_on() {
        let arguments = vec!["--headless".to_owned(), "--help".to_owned()];
        assert_eq!(parse("demo --headless --help"), Ok(Verb::Demo(arguments)));
    }

    #[test]
    fn refuses_what_it_does_not_know_and_shows_the_verbs() {
        for line in
            ["publish", "test --fast", "ui --release --release", "fuzz 0", "shaped 0", "fuzz long"]
        {
            let usage = parse(line).expect_err("refused");
            assert!(usage.contains(line) && usage.contains("cargo xtask demo"), "{usage}");
        }
    }

    #[test]
    fn gives_each_parser_a_minute_unless_told_otherwise() {
        assert_eq!(parse("fuzz"), Ok(Verb::Fuzz(60)));
        assert_eq!(parse("fuzz 5"), Ok(Verb::Fuzz(5)));
    }

    #[test]
    fn simulates_what_it_is_told_to() {
        let simulate = |words: &[&str]| {
            Ok(Verb::Simulate(words.iter().map(ToString::to_string).collect::<Vec<_>>()))
        };
        assert_eq!(parse("simulate"), simulate(&[]));
        assert_eq!(parse("simulate --seed 7"), simulate(&["--seed", "7"]));
        for line in ["bench-close 7", "bench-audit --vouchers many", "bench-close --vouchers 10"] {
            assert!(parse(line).is_err(), "{line}");
        }
        assert_eq!(parse("bench-close --vouchers 20000"), Ok(Verb::BenchClose(20_000)));
        for line in ["simulate 7", "simulate --seed", "simulate --seed x", "simulate --fast 1"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn builds_the_large_page_unless_told_otherwise() {
        assert_eq!(parse("ui"), Ok(Verb::Ui { release: false }));
        assert_eq!(parse("ui --release"), Ok(Verb::Ui { release: true }));
    }
}
