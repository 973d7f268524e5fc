//! `qatysu district`: what a district consists of, and how that changes.

mod show;
pub(crate) mod update;

use crate::console::{Console, Exit};

/// Show a district, and change it.
///
/// A district is its providers, groups, contracts, calendar and rules, signed and in the log, and the
/// names of its children, which are not. Each change is a new version. Works while the server runs.
// The variants' help is on their structs: a comment here would hide the long form.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum DistrictCommand {
    Show(show::ShowArgs),
    Update(update::UpdateArgs),
}

/// Runs `qatysu district`.
pub(crate) fn run(command: &DistrictCommand, console: Console) -> anyhow::Result<Exit> {
    match command {
        DistrictCommand::Show(args) => show::run(args, console),
        DistrictCommand::Update(args) => update::run(args, console),
    }
}
