//! `qatysu bundle`

use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::json;
use shell_core::{Shell, ShellClock, ShellConfig};

use crate::console::{Console, Exit};
use crate::host;

/// Fetch a closed month's audit bundle, registry or signed statement.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu bundle --data ~/qatysu-coordinator --month 2026-09 -o bundle.json
  qatysu bundle --data ~/qatysu-coordinator --month 2026-09 --what registry-csv -o registry.csv")]
pub(crate) struct BundleArgs {
    /// The coordinator's device directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The month, like 2026-09.
    #[arg(long)]
    month: ledger::Month,
    /// Which file.
    #[arg(long, value_enum, default_value = "bundle")]
    what: FileKind,
    /// Where to write it.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// A file of a closed month.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum FileKind {
    /// Everything that the tranche rests on.
    Bundle,
    /// The signed tranche with its place in the log, for `qatysu verify-paper`.
    Statement,
    /// The Treasury registry as CSV.
    RegistryCsv,
    /// The Treasury registry as JSON.
    RegistryJson,
}

impl FileKind {
    pub(crate) fn path(self, month: ledger::Month) -> String {
        match self {
            Self::Bundle => format!("bundle/{month}"),
            Self::Statement => format!("statement/{month}"),
            Self::RegistryCsv => format!("registry/{month}.csv"),
            Self::RegistryJson => format!("registry/{month}.json"),
        }
    }
}

pub(crate) fn run(args: &BundleArgs, console: Console) -> anyhow::Result<Exit> {
    let clock = ShellClock::system();
    let config = ShellConfig { data_dir: args.data.clone(), clock };
    let text = host::runtime()?.block_on(async {
        let shell = Shell::open(config)?;
        anyhow::Ok(shell.fetch_file(&args.what.path(args.month)).await?)
    })?;
    let output = args.output.display();
    std::fs::write(&args.output, &text).with_context(|| format!("{output}"))?;
    console.line(format!("{output}: {} bytes", text.len()));
    console.json(&json!({ "file": args.output, "bytes": text.len() }));
    Ok(Exit::Fine)
}
