//! `qatysu card`: issue a card, log it, revoke it, show one, print many.

mod decide;
mod issue;
mod log;
mod print;
mod show;
pub(crate) mod trust;

use chrono::{DateTime, FixedOffset};

use crate::console::{Console, Exit};

/// Issues, verifies and prints attendance cards.
///
/// A card is signed bytes in a QR Code. It names a child by pseudonym and is verified without a
/// network. Whoever holds the card key can make cards: keep it away from servers.
// The variants' help is on their structs: a comment here would hide the long form.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum CardCommand {
    Issue(issue::IssueArgs),
    Log(log::LogArgs),
    Revoke(decide::RevokeArgs),
    Reinstate(decide::ReinstateArgs),
    Show(Box<show::ShowArgs>),
    Sheet(print::SheetArgs),
}

/// Runs `qatysu card`.
pub(crate) fn run(command: &CardCommand, console: Console) -> anyhow::Result<Exit> {
    match command {
        CardCommand::Issue(args) => issue::run(args, console),
        CardCommand::Log(args) => log::run(args, console),
        CardCommand::Revoke(args) => decide::revoke(args, console),
        CardCommand::Reinstate(args) => decide::reinstate(args, console),
        CardCommand::Show(args) => show::run(args, console),
        CardCommand::Sheet(args) => print::run(args, console),
    }
}

/// Shows an instant in the one zone of the product, UTC+5.
pub(crate) fn local_time(at_s: i64) -> String {
    let zone = FixedOffset::east_opt(5 * 3600).expect("five hours are less than a day");
    let at = DateTime::from_timestamp(at_s, 0).map(|at| at.with_timezone(&zone).to_rfc3339());
    at.unwrap_or_else(|| format!("{at_s} s since 1970"))
}

#[cfg(test)]
mod tests;
