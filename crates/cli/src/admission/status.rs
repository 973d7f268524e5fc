//! `qatysu admission status`

use std::path::PathBuf;

use anyhow::Context as _;
use ledger::Day;
use ledger::admission::{CheckStanding, CheckState};
use ledger::report::{AdmissionReport, AdmissionRow};
use serde_json::json;
use server::{Server, ServerClock};

use crate::console::{Colour, Console, Exit, paint};
use crate::{host, time};

/// Show where every provider stands: which check passed, failed, is missing or ran out, by which document.
///
/// Exit codes: 0 shown, 1 there is no such provider.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  qatysu admission status --data /var/lib/qatysu
  qatysu admission status --data /var/lib/qatysu --provider 990990000019 --on 2027-01-01
  qatysu admission status --data /var/lib/qatysu --json | jq '.organisations[] | select(.state != \"LISTED\")'")]
pub(crate) struct StatusArgs {
    /// The server's directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// This one only: its BIN, or its identifier in the district.
    #[arg(long, value_name = "BIN|ID")]
    provider: Option<String>,
    /// As of this day; today, if it is not told.
    #[arg(long, value_name = "DAY")]
    on: Option<Day>,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

pub(super) fn run(args: &StatusArgs, console: Console) -> anyhow::Result<Exit> {
    let clock = args.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    let today = ledger::local_day(clock.now_ms()).context("the clock is out of range")?;
    let mut report = host::runtime()?.block_on(async {
        let server = Server::open(&args.data, clock).await?;
        anyhow::Ok(server.admission_report(args.on.unwrap_or(today)).await?)
    })?;
    if let Some(wanted) = &args.provider {
        let named = |one: &AdmissionRow| {
            one.bin == *wanted || one.provider.is_some_and(|id| id.to_string() == *wanted)
        };
        report.organisations.retain(named);
        if report.organisations.is_empty() {
            console.line(format!("{wanted}: there is no such provider, and no answer about it"));
            console.json(&json!({ "refused": "no such provider" }));
            return Ok(Exit::Refused);
        }
    }
    tell(&report, console);
    console.json(&serde_json::to_value(&report)?);
    Ok(Exit::Fine)
}

fn tell(report: &AdmissionReport, console: Console) {
    let binds = match report.binds_from {
        Some(day) => format!("new contracts need a listed provider from {day} on"),
        None => "no section about admissions: contracts need no listing".to_owned(),
    };
    console.line(format!("day       {}; {binds}", report.day));
    for one in &report.organisations {
        let name = one.name.as_deref().unwrap_or("not in the district");
        let state = match &one.admission {
            Some(admission) => admission.state.in_words(),
            None if report.binds_from.is_some() => "its BIN is none: correct it first".to_owned(),
            None => "nothing was checked".to_owned(),
        };
        let may = if one.takes_contracts {
            paint("takes new contracts", Colour::Green)
        } else {
            paint("no new contracts", Colour::Red)
        };
        console.line(format!("provider  {} {name}: {state}; {may}", one.bin));
        let Some(admission) = &one.admission else { continue };
        for check in &admission.checks {
            tell_check(check, console);
        }
        if let Some(listing) = &admission.listing {
            let done = if listing.listed { "listed" } else { "withdrawn" };
            let (day, by, document) = (listing.day, &listing.by, &listing.document);
            console.line(format!("  {done:<20} {day} by {by}, {document}"));
        }
    }
}

fn tell_check(one: &CheckStanding, console: Console) {
    let state = match one.state {
        CheckState::Missing => "missing",
        CheckState::Passed => "passed",
        CheckState::Failed => "failed",
        CheckState::Expired => "ran out",
        CheckState::Waived => "not asked for",
    };
    let evidence = one.record.as_ref().map(|record| {
        let (day, document, source) = (record.day, &record.document, &record.source);
        let until = record.valid_to.map(|to| format!(", good to {to}")).unwrap_or_default();
        let hash = record.sha256.as_ref().map(|it| format!(", sha256 {it}")).unwrap_or_default();
        format!(" {day}, {document}, {source}{until}{hash}")
    });
    let check = one.check.to_string();
    console.line(format!("  {check:<20} {state:<14}{}", evidence.unwrap_or_default()));
}
