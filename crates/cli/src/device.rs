//! `qatysu device`: what is done with a device's directory, beside its screens.

mod decide;
mod export;
mod list;
mod office;

use crate::console::{Console, Exit};

/// Works on a device's directory.
// The variants' help is on their structs: a comment here would hide the long form.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum DeviceCommand {
    Export(export::ExportArgs),
    List(list::ListArgs),
    Revoke(decide::RevokeArgs),
    Release(decide::ReleaseArgs),
}

/// Runs `qatysu device`.
pub(crate) fn run(command: &DeviceCommand, console: Console) -> anyhow::Result<Exit> {
    match command {
        DeviceCommand::Export(args) => export::run(args, console),
        DeviceCommand::List(args) => list::run(args, console),
        DeviceCommand::Revoke(args) => decide::revoke(args, console),
        DeviceCommand::Release(args) => decide::release(args, console),
    }
}
