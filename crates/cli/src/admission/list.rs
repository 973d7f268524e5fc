//! `qatysu admission list`

use std::path::PathBuf;

use ledger::{Bin, Day};

use crate::console::{Console, Exit};
use crate::district::update;
use crate::time;

/// List a provider that passes all checks, or withdraw a listing. A person decides; the log keeps it.
///
/// Exit codes: 0 in force (or, with --dry-run, would be), 1 refused.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  qatysu admission list --data /var/lib/qatysu --bin 990990000019 --document \"order 7\" \\
      --by \"head of the department\"
  qatysu admission list --data /var/lib/qatysu --bin 990990000019 --document \"order 9\" \\
      --by \"head of the department\" --withdraw --dry-run")]
pub(crate) struct ListArgs {
    /// The server's directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The organisation.
    #[arg(long)]
    bin: Bin,
    /// The number of the decision.
    #[arg(long)]
    document: String,
    /// Who decides: a post, not a person.
    #[arg(long, value_name = "POST")]
    by: String,
    /// From when on; today, if it is not told.
    #[arg(long, value_name = "DAY")]
    day: Option<Day>,
    /// Withdraw the listing instead.
    #[arg(long)]
    withdraw: bool,
    /// Say what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

pub(super) fn run(args: &ListArgs, console: Console) -> anyhow::Result<Exit> {
    update::amend(&args.data, args.clock, args.dry_run, console, |district, today| {
        let Some(admission) = &mut district.snapshot.admission else {
            return Err("nothing was checked yet: qatysu admission import --help".to_owned());
        };
        let (day, document) = (args.day.unwrap_or(today), args.document.clone());
        admission.decide(args.bin, day, !args.withdraw, document, args.by.clone());
        Ok(())
    })
}
