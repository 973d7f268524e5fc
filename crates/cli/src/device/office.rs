//! A coordinator's device, opened from the command line.

use std::path::{Path, PathBuf};

use ipc::{BoardView, DeviceView};
use serde_json::json;
use shell_core::{Shell, ShellClock, ShellConfig};

use crate::{time, vault};

/// Whose device it is that decides.
#[derive(clap::Args, Debug)]
pub(super) struct Office {
    /// The coordinator's device directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The file with the passphrase, if the device has one; `-` reads one line of input.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

impl Office {
    /// Opens the device: it must be there already.
    pub(super) fn open(&self) -> anyhow::Result<Shell> {
        refuse_no_device(&self.data)?;
        let clock = self.clock.map_or_else(ShellClock::system, ShellClock::starting_at);
        let config = ShellConfig { data_dir: self.data.clone(), clock };
        Ok(Shell::open_with(config, &*vault::of(self.passphrase_file.as_deref())?)?)
    }
}

/// Refuses a directory without a device: opening it would make a new one.
pub(super) fn refuse_no_device(data: &Path) -> anyhow::Result<()> {
    for name in ["device.key", "device.db"] {
        if !data.join(name).is_file() {
            anyhow::bail!("{} holds no device: {name} is not there", data.display());
        }
    }
    Ok(())
}

/// The board, as the server last said it.
pub(super) async fn board(shell: &Shell) -> anyhow::Result<BoardView> {
    Ok(serde_json::from_value(shell.call("board", json!({})).await?)?)
}

/// How a device stands, in a word or two.
pub(super) fn standing(device: &DeviceView) -> &'static str {
    if device.revoked.is_some() {
        "revoked"
    } else if device.revoking {
        "revoked here, not sent"
    } else if device.suspended {
        "suspended"
    } else {
        "in force"
    }
}
