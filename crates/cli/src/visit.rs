//! `qatysu visit`: the visits that wait for the district's word, and the word.

use std::path::PathBuf;

use attendance::{Finding, Verdict};
use device::VisitDecision;
use ledger::{UndecidedVisit, UndecidedWhy};
use seal::Hash;
use serde_json::json;
use server::{Server, ServerClock};

use crate::console::{Console, Exit};
use crate::provider::{Coordinator, parse_hash, record};
use crate::{host, time};

/// List the visits that are disputed or stand beside another one, and decide about them.
///
/// A decision is an event that a coordinator's device of the district signs. It counts while the month is
/// open; after the close it is the case of an adjustment (`qatysu voucher adjust`).
#[derive(Debug, clap::Subcommand)]
pub(crate) enum VisitCommand {
    /// List a month's visits that wait.
    #[command(after_help = "Examples:
  qatysu visit undecided --data /var/lib/qatysu --month 2026-10
  qatysu visit undecided --data /var/lib/qatysu --month 2026-10 --json | jq '.visits[].event'")]
    Undecided(UndecidedArgs),
    /// Decide about a visit.
    #[command(after_help = "Examples:
  qatysu visit decide HASH --data ~/qatysu-coordinator --was-not --finding inspection \\
      --document \"act 9\"")]
    Decide(DecideArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct UndecidedArgs {
    /// The server's directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The month.
    #[arg(long)]
    month: ledger::Month,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DecideArgs {
    /// The event that recorded the visit.
    #[arg(value_name = "HASH", value_parser = parse_hash)]
    visit: Hash,
    #[command(flatten)]
    by: Coordinator,
    /// The child was there.
    #[arg(long, required_unless_present = "was_not", conflicts_with = "was_not")]
    was: bool,
    /// The child was not there.
    #[arg(long)]
    was_not: bool,
    /// What the decision rests on.
    #[arg(long, value_enum)]
    finding: FindingName,
    /// The number of the paper that shows it.
    #[arg(long)]
    document: String,
}

/// What a decision rests on, as it is typed.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FindingName {
    /// Papers or witnesses show it.
    Evidence,
    /// Whoever recorded or answered made a slip.
    Slip,
    /// The commission looked for itself.
    Inspection,
    /// Nobody could show that it was so.
    NoEvidence,
    /// Another one, which the document names.
    Other,
}

impl From<FindingName> for Finding {
    fn from(name: FindingName) -> Self {
        match name {
            FindingName::Evidence => Self::Evidence,
            FindingName::Slip => Self::Slip,
            FindingName::Inspection => Self::Inspection,
            FindingName::NoEvidence => Self::NoEvidence,
            FindingName::Other => Self::Other,
        }
    }
}

/// Runs `qatysu visit`.
pub(crate) fn run(command: VisitCommand, console: Console) -> anyhow::Result<Exit> {
    match command {
        VisitCommand::Undecided(args) => undecided(&args, console),
        VisitCommand::Decide(DecideArgs { visit, by, was, finding, document, .. }) => {
            let verdict = if was { Verdict::Was } else { Verdict::WasNot };
            let decision = VisitDecision { visit, verdict, finding: finding.into(), document };
            record(&by, move |device| device.decide_visit(&decision), console)
        }
    }
}

fn undecided(args: &UndecidedArgs, console: Console) -> anyhow::Result<Exit> {
    let clock = args.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    let visits = host::runtime()?.block_on(async {
        let server = Server::open(&args.data, clock).await?;
        anyhow::Ok(server.undecided(args.month).await?)
    })?;
    if visits.is_empty() {
        console.line(format!("no visit of {} waits for a decision", args.month));
    }
    for visit in &visits {
        let why = match visit.why {
            UndecidedWhy::Disputed => "the family says that the child was not there",
            UndecidedWhy::Conflict => "another provider has the child at the same time",
        };
        let until = visit.decide_until.map(|day| format!(", decide by {day}")).unwrap_or_default();
        let when = time::moment(visit.start_ms);
        console.line(format!("{} {when}, voucher {}: {why}{until}", visit.event, visit.voucher));
    }
    let json = |visit: &UndecidedVisit| {
        json!({
            "event": visit.event.to_string(),
            "leaf": visit.leaf,
            "voucher": visit.voucher.to_string(),
            "provider": visit.provider.to_string(),
            "group": visit.group.to_string(),
            "start_ms": visit.start_ms,
            "why": visit.why,
            "decide_until": visit.decide_until,
        })
    };
    let visits: Vec<_> = visits.iter().map(json).collect();
    console.json(&json!({ "month": args.month.to_string(), "visits": visits }));
    Ok(Exit::Fine)
}
