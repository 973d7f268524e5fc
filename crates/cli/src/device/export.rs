//! `qatysu device export`

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::json;
use shell_core::{Shell, ShellClock, ShellConfig};

use super::office;
use crate::console::{Console, Exit};
use crate::{host, vault};

/// Hand over everything this device knows of its log, to rebuild a server that lost its disk.
///
/// The device may go on working meanwhile. If its data file is damaged, what can be read is saved into
/// a new one first, and the damaged one is kept. The export says which child came when: give it to the
/// server's operator only.
///
/// Exit codes: 0 written, 3 there is no device, or the file cannot be written.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu device export --data ~/qatysu-teacher -o teacher.export
  qatysu rebuild --data /var/lib/qatysu --keys /mnt/safe/keys teacher.export")]
pub(crate) struct ExportArgs {
    /// The device's directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The file with the passphrase, if the device has one; `-` reads one line of input.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Where to write it; nothing is overwritten.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

pub(crate) fn run(args: &ExportArgs, console: Console) -> anyhow::Result<Exit> {
    office::refuse_no_device(&args.data)?;
    let config = ShellConfig { data_dir: args.data.clone(), clock: ShellClock::system() };
    let vault = vault::of(args.passphrase_file.as_deref())?;
    let export =
        host::runtime()?.block_on(async { Shell::open_with(config, &*vault)?.export().await })?;
    write_private(&args.output, &export.bytes)
        .with_context(|| format!("cannot write {}", args.output.display()))?;
    let (leaves, checkpoints) = (export.leaves, export.checkpoints);
    console.line(format!(
        "{}: {leaves} leaves, {checkpoints} checkpoints, {} events without a receipt",
        args.output.display(),
        export.unreceipted
    ));
    console.json(&json!({
        "file": args.output,
        "bytes": export.bytes.len(),
        "leaves": leaves,
        "checkpoints": checkpoints,
        "unreceipted": export.unreceipted,
    }));
    Ok(Exit::Fine)
}

/// Writes a new file that only its owner reads.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
