//! `qatysu backup` and `qatysu restore`

use std::path::PathBuf;

use anyhow::Context as _;
use server::{BackupError, Newest, ServerClock};

use crate::console::{Console, Exit};

/// Copy a server's data while it runs, and prove the copy whole.
///
/// Reads every leaf of the copy back, and compares the tree's root with the newest signed checkpoint.
/// The server's keys are not in the copy: keep keys/ in a safe of its own, once.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu backup --data /var/lib/qatysu --to /mnt/backup/2026-09-14

Exit codes: 0 copied and whole, 3 not copied, or the copy is not whole.")]
pub(crate) struct BackupArgs {
    /// The server's directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where the copy goes: a new directory.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// Make a server's directory of a backup, if nothing newer was signed.
///
/// A server that goes on from an old copy signs a second history, and devices and witnesses accuse it.
/// So the newest checkpoint that anybody saw must be shown: of the published log, a witness or a
/// device. If the backup is older than that, use `qatysu rebuild` (docs/REBUILD.md).
///
/// Exit codes: 0 restored, 1 refused: something newer was signed, 3 damaged or not written.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu restore --from /mnt/backup/2026-09-14 --data /var/lib/qatysu --keys /mnt/safe/keys \\
      --newest /mnt/mirror/checkpoint")]
pub(crate) struct RestoreArgs {
    /// The backup.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// The server's new directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The safe copy of the server's keys.
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    /// A file with the newest checkpoint that anybody saw.
    #[arg(long, value_name = "FILE", required_unless_present = "nothing_newer")]
    newest: Option<PathBuf>,
    /// Answer for it that the server signed nothing after the backup: it was stopped before.
    #[arg(long, conflicts_with = "newest")]
    nothing_newer: bool,
}

pub(crate) fn back_up(args: &BackupArgs, console: Console) -> anyhow::Result<Exit> {
    let now_ms = ServerClock::system().now_ms();
    let made = server::backup(&args.data, &args.to, now_ms, &mut progress(console));
    console.progress_done();
    let made = made?;
    console.line(format!("{} is a whole copy of {}", args.to.display(), args.data.display()));
    console.line(format!("leaves {}, devices {}", made.leaves, made.devices));
    if made.lost > 0 {
        console.line(format!("leaves that were lost before and are still: {}", made.lost));
    }
    console.line("the keys are not in it: keep a copy of keys/ in a safe of its own");
    console.json(&serde_json::to_value(&made)?);
    Ok(Exit::Fine)
}

pub(crate) fn restore(args: &RestoreArgs, console: Console) -> anyhow::Result<Exit> {
    let newest = match &args.newest {
        Some(path) => {
            Newest::Note(std::fs::read_to_string(path).with_context(|| path.display().to_string())?)
        }
        None => Newest::NothingNewer,
    };
    let restored =
        server::restore(&args.from, &args.data, &args.keys, &newest, &mut progress(console));
    console.progress_done();
    let restored = match restored {
        Err(error @ BackupError::Behind { .. }) => {
            console.line(error.to_string());
            console.json(&serde_json::json!({ "refused": error.to_string() }));
            return Ok(Exit::Refused);
        }
        restored => restored?,
    };
    console.line(format!("{} holds the server of {}", args.data.display(), restored.origin));
    console.line(format!("leaves {}, devices {}", restored.leaves, restored.devices));
    console.line("devices send again what came after the copy: nothing of theirs was lost");
    console.json(&serde_json::to_value(&restored)?);
    Ok(Exit::Fine)
}

fn progress(console: Console) -> impl FnMut(&'static str, u64, u64) {
    move |what, done, all| console.progress(&format!("{what} {done} of {all}"))
}
