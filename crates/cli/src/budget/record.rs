//! `qatysu budget set` and `correct`: a record more in the signed district; none is ever changed.

use std::path::PathBuf;

use attendance::GroupId;
use ledger::{Budget, BudgetCorrection, Day, Month, Tiyn};
use server::District;

use crate::console::{Console, Exit};
use crate::district::update;
use crate::time;

/// What is written about a budget.
#[derive(Debug, clap::Subcommand)]
pub(super) enum RecordCommand {
    /// Set the volume of the order for a fiscal year, or for a programme of it.
    ///
    /// It becomes part of a newer version of the district, as with `qatysu district update`.
    #[command(after_help = "Examples:
  qatysu budget set --data /var/lib/qatysu --from 2026-09 --to 2026-12 --norm 120000 \\
      --volume 48000000 --document \"decision 12\" --dry-run
  qatysu budget set --data /var/lib/qatysu --from 2027-01 --to 2027-12 --norm 240000 \\
      --volume 9600000 --document \"decision 13\" --id \"2027 sport\" --group 0d0d0d0d0d0d0d0d")]
    Set(SetArgs),
    /// Correct a volume: by how much, why, and by which document.
    #[command(after_help = "Examples:
  qatysu budget correct --data /var/lib/qatysu --id 2026 --by 2400000 \\
      --reason \"twenty children more than was forecast\" --document \"decision 15\"
  qatysu budget correct --data /var/lib/qatysu --id 2026 --by -1200000 --day 2026-11-02 \\
      --reason \"ten children left\" --document \"decision 16\" --dry-run")]
    Correct(CorrectArgs),
}

/// Where it is written.
#[derive(Debug, clap::Args)]
struct Entry {
    /// The server's directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Say what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// The day of the decision; today, if it is not told.
    #[arg(long, value_name = "DAY")]
    day: Option<Day>,
    /// The number of the document.
    #[arg(long)]
    document: String,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

#[derive(Debug, clap::Args)]
pub(super) struct SetArgs {
    #[command(flatten)]
    entry: Entry,
    /// The first month.
    #[arg(long, value_name = "MONTH")]
    from: Month,
    /// The last month, of the same year.
    #[arg(long, value_name = "MONTH")]
    to: Month,
    /// Н: what a child costs from the first month to the last, in tenge.
    #[arg(long, value_name = "TENGE", value_parser = tenge)]
    norm: Tiyn,
    /// ГОЗ: the volume, in tenge.
    #[arg(long, value_name = "TENGE", value_parser = tenge)]
    volume: Tiyn,
    /// How the record is called; the year, if it is not told.
    #[arg(long)]
    id: Option<String>,
    /// A group of the programme that it is for; repeatable. None: for everybody else.
    #[arg(long = "group", value_name = "ID")]
    groups: Vec<GroupId>,
}

#[derive(Debug, clap::Args)]
pub(super) struct CorrectArgs {
    #[command(flatten)]
    entry: Entry,
    /// Which record.
    #[arg(long)]
    id: String,
    /// By how much the volume grows, in tenge; with a minus, it shrinks.
    #[arg(long, value_name = "TENGE", value_parser = signed_tenge, allow_hyphen_values = true)]
    by: Tiyn,
    /// Why.
    #[arg(long)]
    reason: String,
}

pub(super) fn run(command: &RecordCommand, console: Console) -> anyhow::Result<Exit> {
    match command {
        RecordCommand::Set(args) => write(&args.entry, console, |district, day| {
            let year = args.from.year().to_string();
            district.snapshot.budget.push(Budget {
                id: args.id.clone().unwrap_or(year),
                groups: args.groups.clone(),
                from: args.from,
                to: args.to,
                norm_tiyn: args.norm,
                volume_tiyn: args.volume,
                day,
                document: args.entry.document.clone(),
                corrections: Vec::new(),
            });
            Ok(())
        }),
        RecordCommand::Correct(args) => write(&args.entry, console, |district, day| {
            let known = district.snapshot.budget.iter_mut().find(|one| one.id == args.id);
            let known = known.ok_or_else(|| format!("there is no budget {}", args.id))?;
            known.corrections.push(BudgetCorrection {
                day,
                reason: args.reason.clone(),
                document: args.entry.document.clone(),
                amount_tiyn: args.by,
            });
            Ok(())
        }),
    }
}

/// Puts a newer version of the district in force, with one record more.
fn write(
    entry: &Entry,
    console: Console,
    change: impl FnOnce(&mut District, Day) -> Result<(), String>,
) -> anyhow::Result<Exit> {
    update::amend(&entry.data, entry.clock, entry.dry_run, console, |district, today| {
        change(district, entry.day.unwrap_or(today))
    })
}

fn tenge(text: &str) -> Result<Tiyn, String> {
    Tiyn::parse_tenge(text).ok_or_else(|| "a sum in tenge, like 120000 or 18461.53".to_owned())
}

fn signed_tenge(text: &str) -> Result<Tiyn, String> {
    match text.strip_prefix('-') {
        Some(rest) => tenge(rest).map(|sum| Tiyn(-sum.0)),
        None => tenge(text),
    }
}
