//! `qatysu budget`: the volume of the order against what was taught, committed, earned and paid.

mod record;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use ledger::report::{BudgetMonth, BudgetReport, BudgetYear, budget_report};
use ledger::{Contingent, Tiyn};
use server::{Server, ServerClock};

use crate::console::{Colour, Console, Exit, paint};
use crate::{audit, host, time};

/// Show a year's budget: СК against plan, and where the money is. Set a volume, and correct it.
///
/// СК is the average number of children, counted by what the enrolment covers; the sum of the vouchers'
/// caps is what counts, and ГОЗ = СК × Н a forecast. Limit = committed + free: what a closed month, a
/// refusal or the end of the year gives back is free again, once. More committed than there is, is told
/// with the number of vouchers that do not fit.
///
/// A volume and its corrections are signed with the district and in the log. None is ever edited.
///
/// Exit codes: 0 fine, 1 refused, 2 wrong usage, 3 a file could not be read.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  qatysu budget --data /var/lib/qatysu --year 2026
  qatysu budget --bundle 2026-09.bundle.json --year 2026 --json | jq .budgets[].months
  qatysu budget set --data /var/lib/qatysu --from 2026-09 --to 2026-12 --norm 120000 \\
      --volume 48000000 --document \"decision 12\"
  qatysu budget correct --data /var/lib/qatysu --id 2026 --by -1200000 \\
      --reason \"ten children fewer than was forecast\" --document \"decision 15\"")]
pub(crate) struct BudgetArgs {
    #[command(subcommand)]
    command: Option<record::RecordCommand>,
    #[command(flatten)]
    show: ShowArgs,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// The server's directory.
    #[arg(long, value_name = "DIR", required_unless_present = "bundle", conflicts_with = "bundle")]
    data: Option<PathBuf>,
    /// An audit bundle instead: it is audited first, and told as of its end.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// Root keys that the bundle must rest on.
    #[arg(long, value_name = "FILE", requires = "bundle")]
    roots: Option<PathBuf>,
    /// The fiscal year; this one, if it is not told.
    #[arg(long)]
    year: Option<u16>,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

/// Runs `qatysu budget`.
pub(crate) fn run(args: &BudgetArgs, console: Console) -> anyhow::Result<Exit> {
    match &args.command {
        Some(command) => record::run(command, console),
        None => show(&args.show, console),
    }
}

fn show(args: &ShowArgs, console: Console) -> anyhow::Result<Exit> {
    let clock = args.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    let today = ledger::local_day(clock.now_ms()).context("the clock is out of range")?;
    let this_year = u16::try_from(chrono::Datelike::year(&today)).unwrap_or_default();
    let year = args.year.unwrap_or(this_year);
    let found = match (&args.data, &args.bundle) {
        (Some(data), _) => host::runtime()?.block_on(async {
            let server = Server::open(data, clock).await?;
            anyhow::Ok(server.budget_report(year).await?)
        })?,
        (None, Some(bundle)) => {
            match of_bundle(bundle, args.roots.as_deref(), (year, today), console)? {
                Ok(found) => found,
                Err(finding) => return Ok(audit::tell_finding(&finding, console)),
            }
        }
        (None, None) => anyhow::bail!("name a server's directory with --data, or a bundle"),
    };
    tell(&found, console);
    console.json(&serde_json::to_value(&found)?);
    Ok(Exit::Fine)
}

fn of_bundle(
    bundle: &Path,
    roots: Option<&Path>,
    (year, today): (u16, ledger::Day),
    console: Console,
) -> anyhow::Result<Result<BudgetYear, audit::AuditFinding>> {
    let audited = match audit::open(bundle, roots, console)? {
        Ok(audited) => audited,
        Err(finding) => return Ok(Err(finding)),
    };
    Ok(Ok(budget_report(&audited.snapshots, &audited.events, year, today)?))
}

fn tell(found: &BudgetYear, console: Console) {
    let BudgetYear { year, day, budgets, unbudgeted } = found;
    console.line(format!("year      {year}, as of {day}; sums in tenge"));
    for budget in budgets {
        tell_budget(budget, console);
    }
    if budgets.is_empty() {
        console.line("budget    no volume is set: qatysu budget set --help");
    }
    if unbudgeted.vouchers > 0 {
        let (vouchers, sum) = (unbudgeted.vouchers, unbudgeted.contracted_tiyn);
        let said = paint("no record", Colour::Red);
        console.line(format!("{said} is for {vouchers} vouchers with {sum}"));
    }
}

fn tell_budget(one: &BudgetReport, console: Console) {
    let (from, to, (day, document)) = (one.from, one.to, &one.set_on);
    console.line(format!("budget    {}, {from} to {to}", one.id));
    console.line(format!(
        "volume    {} by {document} of {day}, norm {}",
        one.volume_tiyn, one.norm_tiyn
    ));
    for correction in &one.corrections {
        let (by, sign) =
            (correction.amount_tiyn, if correction.amount_tiyn > Tiyn::ZERO { "+" } else { "" });
        let (day, document, reason) = (correction.day, &correction.document, &correction.reason);
        console.line(format!("corrected {sign}{by} by {document} of {day}: {reason}"));
    }
    let shown = |contingent: Option<Contingent>| {
        contingent.map_or_else(|| "–".to_owned(), |found| found.to_string())
    };
    console.line(format!(
        "СК        plan {}, taught {}, to the end of the year {}",
        shown(one.planned),
        shown(one.taught),
        one.forecast
    ));
    console.line(format!(
        "ГОЗ       {} by caps, which count; {} by the formula",
        one.caps_tiyn, one.formula_tiyn
    ));
    let money = &one.money;
    let due = money.accrued_tiyn.checked_sub(money.paid_tiyn).unwrap_or_default();
    for (name, sum, of) in [
        ("limit", one.limit_tiyn, ""),
        ("committed", one.committed_tiyn, "by contracts, less what came back"),
        ("free", one.free_tiyn, ""),
        ("contracts", one.contracted_tiyn, ""),
        ("  paid", money.paid_tiyn, ""),
        ("  due", due, "earned and not paid"),
        ("  held", money.held_tiyn, ""),
        ("  to come", money.open_tiyn, "parts of open months"),
        ("  no month", one.in_no_month_tiyn, "beyond the parts of all months"),
        ("  back", money.released_tiyn, "at the closes of months"),
    ] {
        let of = if of.is_empty() { String::new() } else { format!("  {of}") };
        console.line(format!("{name:<10}{:>18}{of}", sum.to_string()));
    }
    if one.closed_accounts_tiyn != Tiyn::ZERO {
        let sum = one.closed_accounts_tiyn;
        console.line(format!("accounts  closed with the year: {sum} of held and unused back"));
    }
    if one.expected_back_tiyn != Tiyn::ZERO {
        let sum = one.expected_back_tiyn;
        console.line(format!("expected  {sum} back from open months, which no enrolment covers"));
    }
    console.line(format!(
        "{:<8} {:>6} {:>12} {:>12} {:>15} {:>15} {:>15} {:>15} {:>15} {:>15}",
        "month", "state", "СК", "plan", "parts", "caps", "earned", "paid", "held", "back"
    ));
    for month in &one.months {
        tell_month(month, console);
    }
    if let Some(over) = one.over {
        let said = paint("beyond the limit", Colour::Red);
        let (excess, vouchers) = (over.excess_tiyn, over.vouchers);
        console
            .line(format!("{said}: {excess} more are committed, {vouchers} vouchers do not fit"));
    }
}

fn tell_month(one: &BudgetMonth, console: Console) {
    let state = if one.close_leaf.is_some() { "closed" } else { "open" };
    let planned = one.planned.map_or_else(|| "–".to_owned(), |found| found.to_string());
    let money = &one.money;
    let sums = [
        one.parts_tiyn,
        one.caps_tiyn,
        money.accrued_tiyn,
        money.paid_tiyn,
        money.held_tiyn,
        money.released_tiyn,
    ];
    let sums = sums.map(|sum| format!(" {:>15}", sum.to_string())).concat();
    let (month, contingent) = (one.month.to_string(), one.contingent.to_string());
    console.line(format!("{month:<8} {state:>6} {contingent:>12} {planned:>12}{sums}"));
}
