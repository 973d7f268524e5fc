//! `qatysu device`: what is done with a device's directory, beside its screens.

mod export;

use crate::console::{Console, Exit};

/// Works on a device's directory.
// The variants' help is on their structs: a comment here would hide the long form.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum DeviceCommand {
    Export(export::ExportArgs),
}

/// Runs `qatysu device`.
pub(crate) fn run(command: &DeviceCommand, console: Console) -> anyhow::Result<Exit> {
    let DeviceCommand::Export(args) = command;
    export::run(args, console)
}
