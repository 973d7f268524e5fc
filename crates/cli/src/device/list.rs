//! `qatysu device list`

use serde_json::json;

use super::office::{self, Office};
use crate::console::{Console, Exit};
use crate::host;

/// List the district's devices: who they are, how they stand, and what of them is put aside.
///
/// The server is asked first; if it does not answer, the list is as it last was. It is the server's word.
///
/// Exit codes: 0 listed, 3 this is no coordinator's device.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu device list --data ~/qatysu-coordinator
  qatysu device list --data ~/qatysu-coordinator --json | jq '.devices[] | select(.parked != [])'")]
pub(crate) struct ListArgs {
    #[command(flatten)]
    office: Office,
}

pub(crate) fn run(args: &ListArgs, console: Console) -> anyhow::Result<Exit> {
    host::log_to_stderr();
    let board = host::runtime()?.block_on(async {
        let shell = args.office.open()?;
        if let Err(why) = shell.sync_now().await {
            host::warn(&format!("{why}; this is as it last was"));
        }
        office::board(&shell).await
    })?;
    for device in &board.devices {
        let standing = office::standing(device);
        console.line(format!("{}  {standing}  {:?}  {}", device.device, device.role, device.name));
        for parked in &device.parked {
            console.line(format!(
                "    put aside ({:?}): {} events, {} can be let in, the last is {}",
                parked.reason, parked.count, parked.releasable, parked.last
            ));
        }
    }
    if board.devices.is_empty() {
        console.line("no devices are known here yet");
    }
    console.json(&json!({ "as_of_ms": board.as_of_ms, "devices": board.devices }));
    Ok(Exit::Fine)
}
