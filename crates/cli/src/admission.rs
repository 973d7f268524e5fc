//! `qatysu admission`: the funnel that a provider comes through before it gets contracts.

mod file;
mod import;
mod list;
mod status;

use crate::console::{Console, Exit};

/// Take in what registers answer about providers, show where each stands, and list it.
///
/// Registration, notification, debts, premises, staff, programme: each check passes or fails by its data,
/// with its document, day and source. A person lists whoever passes all; from the district's day on, only
/// who is listed gets new contracts. Every record is signed with the district and in the log, and none is
/// ever edited.
// The variants' help is on their structs: a comment here would hide the long form.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum AdmissionCommand {
    Import(import::ImportArgs),
    Status(status::StatusArgs),
    List(list::ListArgs),
}

/// Runs `qatysu admission`.
pub(crate) fn run(command: &AdmissionCommand, console: Console) -> anyhow::Result<Exit> {
    match command {
        AdmissionCommand::Import(args) => import::run(args, console),
        AdmissionCommand::Status(args) => status::run(args, console),
        AdmissionCommand::List(args) => list::run(args, console),
    }
}

#[cfg(test)]
mod tests;
