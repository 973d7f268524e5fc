//! `qatysu calendar`

use anyhow::ensure;
use ledger::ShippedCalendar;

use crate::console::{Console, Exit};

/// Print the days off that come with the program, to begin a district's calendar with.
///
/// A month rests on the calendar of its own district and on nothing here. A year that says
/// `provisional` has days that are expected and not decided: look again before it begins.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu calendar
  qatysu calendar --year 2027
  qatysu calendar --json | jq '.[].calendar'")]
pub(crate) struct CalendarArgs {
    /// Only this year
    #[arg(long)]
    year: Option<u16>,
}

pub(crate) fn run(args: &CalendarArgs, console: Console) -> anyhow::Result<Exit> {
    let mut all = ShippedCalendar::all();
    all.retain(|one| args.year.is_none_or(|year| year == one.year));
    ensure!(!all.is_empty(), "no calendar of that year comes with the program: write your own");
    for one in &all {
        let state = if one.provisional { "provisional" } else { "decided" };
        let version = one.calendar.version;
        let (from, to) = (one.covers_from, one.covers_to);
        console.line(format!("{}  version {version}, {state}, {from} to {to}", one.year));
        for day in &one.calendar.official_off {
            console.line(format!("      {day}  off"));
        }
        for day in &one.calendar.transferred_off {
            console.line(format!("      {day}  off in place of a day at a weekend"));
        }
        for day in &one.calendar.working {
            console.line(format!("      {day}  works"));
        }
    }
    console.json(&serde_json::to_value(&all)?);
    Ok(Exit::Fine)
}
