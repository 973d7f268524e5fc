//! `qatysu export`: files about a closed month for people and other systems (R12).
//!
//! All of them are computed from an audited bundle, so what is printed is what was signed.
//!
//! Not there yet: sheet and act as PDF, which need fonts with Kazakh letters.

mod spreadsheet;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use attendance::ProviderId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::export::{ExportedMonth, Table, act, entitlements, event_pack, sheet};
use ledger::{MonthFold, Snapshot};
use serde_json::json;

use crate::audit::{self, Recomputed};
use crate::console::{Console, Exit};

/// Write files about a closed month: sheet, act, entitlements, event pack.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ExportCommand {
    /// The month's sheet of a provider: children and days.
    #[command(after_help = "Examples:
  qatysu export sheet 2026-09.bundle.json --provider 990990000023 -o sheet.xlsx
  qatysu export sheet 2026-09.bundle.json --provider 990990000023 -o sheet.csv --roots trust.roots")]
    Sheet(ProviderExport),
    /// The act of a provider: what is to be paid, and the sum.
    #[command(after_help = "Examples:
  qatysu export act 2026-09.bundle.json --provider 990990000023 -o act.xlsx")]
    Act(ProviderExport),
    /// What each voucher earned, for a register of benefits (columns of OpenSPP).
    #[command(after_help = "Examples:
  qatysu export entitlements 2026-09.bundle.json -o entitlements.csv")]
    Entitlements(MonthExport),
    /// Visits and accruals for the state gateway: Base64 of gzip of JSON.
    #[command(after_help = "Examples:
  qatysu export event-pack 2026-09.bundle.json -o pack.b64
  qatysu export event-pack 2026-09.bundle.json --plain -o pack.json")]
    EventPack(PackExport),
}

/// A file about a month.
#[derive(clap::Args, Debug)]
pub(crate) struct MonthExport {
    /// Bundle of a closed month, JSON
    #[arg(value_name = "BUNDLE.json")]
    bundle: PathBuf,
    /// Where to write it; the ending says the form: .csv or .xlsx
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Root keys that the bundle must rest on
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
}

/// A file about a provider's month.
#[derive(clap::Args, Debug)]
pub(crate) struct ProviderExport {
    #[command(flatten)]
    month: MonthExport,
    /// Whose: the provider's BIN
    #[arg(long, value_name = "BIN")]
    provider: String,
}

/// An event pack.
#[derive(clap::Args, Debug)]
pub(crate) struct PackExport {
    #[command(flatten)]
    month: MonthExport,
    /// BIN of whoever sends it; the issuer's if not given
    #[arg(long, value_name = "BIN")]
    sender: Option<String>,
    /// Write the JSON itself
    #[arg(long)]
    plain: bool,
}

pub(crate) fn run(command: &ExportCommand, console: Console) -> anyhow::Result<Exit> {
    let args = match command {
        ExportCommand::Sheet(args) | ExportCommand::Act(args) => &args.month,
        ExportCommand::Entitlements(args) => args,
        ExportCommand::EventPack(args) => &args.month,
    };
    let audited = match audit::open(&args.bundle, args.roots.as_deref(), console)? {
        Ok(audited) => audited,
        Err(finding) => return Ok(audit::tell_finding(&finding, console)),
    };
    let Recomputed { snapshot, events, basis, tranche, .. } = &audited;
    let fold = MonthFold::of_prefix(snapshot, events, tranche.month, basis.tree_size)?;
    let month = ExportedMonth { snapshot, fold: &fold, tranche };
    let table = match command {
        ExportCommand::Sheet(args) => match provider(snapshot, &args.provider, console) {
            Some(provider) => sheet(month, provider),
            None => return Ok(Exit::Refused),
        },
        ExportCommand::Act(args) => match provider(snapshot, &args.provider, console) {
            Some(provider) => act(month, provider)?,
            None => return Ok(Exit::Refused),
        },
        ExportCommand::Entitlements(_) => entitlements(month),
        ExportCommand::EventPack(args) => return write_pack(args, month, console),
    };
    write_table(&args.output, &table, console)
}

/// Finds a provider by its BIN, or says which there are.
fn provider(snapshot: &Snapshot, bin: &str, console: Console) -> Option<ProviderId> {
    let found = snapshot.providers.iter().find(|provider| provider.bin == bin);
    if found.is_none() {
        let known = snapshot.providers.iter().map(|one| format!("{} {}", one.bin, one.name));
        let known = known.collect::<Vec<_>>().join(", ");
        let text = format!("no provider of the month has the BIN {bin}; there are: {known}");
        eprintln!("refused: {text}");
        console.json(&json!({ "refused": text }));
    }
    found.map(|provider| provider.id)
}

fn write_table(output: &Path, table: &Table, console: Console) -> anyhow::Result<Exit> {
    let ending = output.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let bytes = match ending {
        "csv" => table.to_csv().into_bytes(),
        "xlsx" => spreadsheet::write(table)?,
        other => {
            let text =
                format!("cannot write a file that ends with {other:?}: choose .csv or .xlsx");
            eprintln!("refused: {text}");
            console.json(&json!({ "refused": text }));
            return Ok(Exit::Refused);
        }
    };
    put(output, &bytes)?;
    let rows = table.rows.len();
    console.line(format!("{}: {rows} rows, {}", table.title, output.display()));
    console.json(&json!({ "title": table.title, "rows": rows, "output": output }));
    Ok(Exit::Fine)
}

fn write_pack(
    args: &PackExport,
    month: ExportedMonth<'_>,
    console: Console,
) -> anyhow::Result<Exit> {
    let sender = args.sender.as_deref().unwrap_or(&month.snapshot.issuer.bin);
    let pack = event_pack(month, sender);
    let bytes = if args.plain { pack.into_bytes() } else { STANDARD.encode(gzip(&pack)?).into() };
    let output = &args.month.output;
    put(output, &bytes)?;
    console.line(format!("event pack: {} bytes, {}", bytes.len(), output.display()));
    console.json(&json!({ "bytes": bytes.len(), "output": output }));
    Ok(Exit::Fine)
}

/// Compresses without a name or a time in it: the same pack gives the same bytes.
fn gzip(text: &str) -> anyhow::Result<Vec<u8>> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(text.as_bytes())?;
    Ok(packed.finish()?)
}

fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
