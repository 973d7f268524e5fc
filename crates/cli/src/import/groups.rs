//! `qatysu import groups` and `qatysu import schedules`

use server::tables::TableKind;

use super::{Common, import_kind};
use crate::console::{Console, Exit};

/// Take groups, new ones and changed ones.
///
/// Columns: provider_bin, group (its name), weekdays (`mon wed fri`, `пн ср пт`, `дс ср жм`), start
/// (16:00), minutes; and capacity: how many children it has place for, where that is known. Offers are held
/// against it. An empty cell leaves it as it is, 0 takes it away. A group of that name at that provider is
/// changed, any other is new.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  qatysu import groups groups.csv --data /var/lib/qatysu --dry-run
  qatysu import groups groups.xlsx --data /var/lib/qatysu --lang ru")]
pub(crate) struct GroupsArgs {
    #[command(flatten)]
    common: Common,
}

/// Take timetables of groups that are there.
///
/// Columns: group (its name or its id), weekdays, start, minutes; and provider_bin where several
/// providers have a group of that name. A timetable has no date: change it after a month is closed and
/// before the first lesson of the next one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  qatysu import schedules schedules.csv --data /var/lib/qatysu --dry-run
  qatysu import schedules schedules.xlsx --data /var/lib/qatysu --lang ru")]
pub(crate) struct SchedulesArgs {
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &GroupsArgs, console: Console) -> anyhow::Result<Exit> {
    import_kind(&args.common, TableKind::Groups, console)
}

pub(super) fn run_schedules(args: &SchedulesArgs, console: Console) -> anyhow::Result<Exit> {
    import_kind(&args.common, TableKind::Schedules, console)
}
