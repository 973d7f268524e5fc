//! `qatysu retention`

use std::path::PathBuf;

use server::{RetentionRules, ServerClock};

use crate::console::{Console, Exit};
use crate::{host, time};

/// Drop what a server need not keep: old tickets, which events came in which batch, and names of
/// children who have left.
///
/// Never dropped: the log with its salts, events that were put aside, checkpoints, closed months,
/// payments, and anything of the running or the last school year.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu retention --data /var/lib/qatysu --dry-run
  qatysu retention --data /var/lib/qatysu --school-years 5")]
pub(crate) struct RetentionArgs {
    /// The server's directory. The server may be running.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Only say what would be dropped.
    #[arg(long)]
    dry_run: bool,
    /// How many school years are kept whole, with the running one.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(2..=100))]
    school_years: u16,
    /// After how many days a ticket that nobody used is dropped.
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..))]
    unused_ticket_days: u16,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

pub(crate) fn run(args: &RetentionArgs, console: Console) -> anyhow::Result<Exit> {
    let clock = args.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    let rules = RetentionRules {
        school_years: args.school_years,
        unused_ticket_days: args.unused_ticket_days,
    };
    let report = server::retention(&args.data, clock, rules, args.dry_run);
    let report = host::runtime()?.block_on(report)?;
    let done = if report.dry_run { "would be dropped" } else { "dropped" };
    console.line(format!("everything of {} and later is kept", report.kept_from));
    console.line(format!("unused tickets {done}: {}", report.unused_tickets));
    console.line(format!("used tickets {done}: {}", report.used_tickets));
    console.line(format!("batches {done}: {}", report.batches));
    console.line(format!("names of children who left {done}: {}", report.names));
    console.line(format!("views of children, five years old, {done}: {}", report.views));
    console.json(&serde_json::to_value(&report)?);
    Ok(Exit::Fine)
}
