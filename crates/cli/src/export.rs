//! `qatysu export`: files about a closed month for people and other systems (R12).
//!
//! All of them are computed from an audited bundle, so what is printed is what was signed.

pub(crate) mod printed;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use attendance::ProviderId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::export::{
    Cell, ExportedMonth, PackedLog, PaperKind, PaperMark, ShownMark, Table, act, entitlements,
    event_pack, event_pack_changes, registry, sheet,
};
use ledger::signing::{PaperSignature, SignedMonth};
use ledger::{MonthFold, Provider, Registry, Snapshot, Tiyn};
use paper::{Worksheet, write_spreadsheet};
use serde_json::json;

use self::printed::Printed;
use crate::audit::{self, Recomputed};
use crate::console::{Console, Exit};
use crate::words::{Lang, Words};

/// Write files about a closed month: sheet, act, registry, entitlements, event pack.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ExportCommand {
    /// The month's sheet of a provider: children and days.
    #[command(after_help = "Examples:
  qatysu export sheet 2026-09.bundle.json --provider 990990000023 -o sheet.pdf --lang kk
  qatysu export sheet 2026-09.bundle.json --provider 990990000023 -o sheet.xlsx
  qatysu export sheet 2026-09.bundle.json --provider 990990000023 -o sheet.csv --roots trust.roots")]
    Sheet(ProviderExport),
    /// The act of a provider: what is to be paid, and the sum.
    #[command(after_help = "Examples:
  qatysu export act 2026-09.bundle.json --provider 990990000023 -o act.pdf --lang ru
  qatysu export act 2026-09.bundle.json --provider 990990000023 -o act.pdf --server https://qatysu.example
  qatysu export act 2026-09.bundle.json --provider 990990000023 -o act.xlsx")]
    Act(ProviderExport),
    /// What the Treasury is to pay, with totals and hashes.
    #[command(after_help = "Examples:
  qatysu export registry 2026-09.bundle.json -o registry.xlsx
  qatysu export registry 2026-09.bundle.json -o registry.json")]
    Registry(MonthExport),
    /// What each voucher earned, for a register of benefits (columns of OpenSPP).
    #[command(after_help = "Examples:
  qatysu export entitlements 2026-09.bundle.json -o entitlements.csv")]
    Entitlements(MonthExport),
    /// Visits and accruals for the state gateway: Base64 of gzip of JSON.
    #[command(after_help = "Examples:
  qatysu export event-pack 2026-09.bundle.json -o pack.b64
  qatysu export event-pack 2026-09.bundle.json --plain -o pack.json
  qatysu export event-pack 2026-09.later.bundle.json --since 1830 -o changes.b64")]
    EventPack(PackExport),
}

/// A file about a month.
#[derive(clap::Args, Debug)]
pub(crate) struct MonthExport {
    /// Bundle of a closed month, JSON
    #[arg(value_name = "BUNDLE.json")]
    bundle: PathBuf,
    /// Where to write it
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The file's form [default: its ending]
    #[arg(long, value_enum)]
    format: Option<FileForm>,
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
    /// The language of a PDF
    #[arg(long, value_enum, default_value = "kk")]
    lang: Lang,
    /// Address of the server, so that a camera opens its page about the paper
    #[arg(long, value_name = "URL", value_parser = server_address)]
    server: Option<String>,
}

fn server_address(text: &str) -> Result<String, String> {
    let address = text.trim_end_matches('/');
    let named = ["https://", "http://"].iter().find_map(|scheme| address.strip_prefix(scheme));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]/".contains(&byte);
    match named {
        Some(host) if !host.is_empty() && host.bytes().all(plain) => Ok(address.to_owned()),
        Some(_) | None => Err("expected an address such as https://qatysu.example".to_owned()),
    }
}

/// The form of a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum FileForm {
    /// Text, separated by commas.
    Csv,
    /// A spreadsheet.
    Xlsx,
    /// Pages to print, with a symbol for `qatysu verify-paper`. Sheet and act only.
    Pdf,
    /// For programs. Registry only.
    Json,
}

impl FileForm {
    /// Takes the form that was asked for, or the one that a file's ending says.
    fn of(args: &MonthExport) -> Option<Self> {
        let ending = args.output.extension().and_then(|ending| ending.to_str());
        args.format.or_else(|| match ending? {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            "pdf" => Some(Self::Pdf),
            "json" => Some(Self::Json),
            _ => None,
        })
    }
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
    /// Only what changed since the log had so many leaves: updates, and what is to be removed
    #[arg(long, value_name = "LEAVES")]
    since: Option<u64>,
}

pub(crate) fn run(command: &ExportCommand, console: Console) -> anyhow::Result<Exit> {
    let args = match command {
        ExportCommand::Sheet(args) | ExportCommand::Act(args) => &args.month,
        ExportCommand::Entitlements(args) | ExportCommand::Registry(args) => args,
        ExportCommand::EventPack(args) => &args.month,
    };
    let audited = match audit::open(&args.bundle, args.roots.as_deref(), console)? {
        Ok(audited) => audited,
        Err(finding) => return Ok(audit::tell_finding(&finding, console)),
    };
    let fold = fold_of(&audited)?;
    let month =
        ExportedMonth { snapshot: &audited.snapshot, fold: &fold, tranche: &audited.tranche };
    let (kind, args) = match command {
        ExportCommand::Sheet(args) => (PaperKind::Sheet, args),
        ExportCommand::Act(args) => (PaperKind::Act, args),
        ExportCommand::Entitlements(args) => {
            return write_table(args, &entitlements(month), console);
        }
        ExportCommand::Registry(args) => {
            return write_registry(args, &audited.registry, console);
        }
        ExportCommand::EventPack(args) => return write_pack(args, (month, &audited), console),
    };
    let Some(provider) = provider(month.snapshot, &args.provider, console) else {
        return Ok(Exit::Refused);
    };
    if FileForm::of(&args.month) != Some(FileForm::Pdf) {
        return write_table(&args.month, &table_of(kind, month, provider.id)?, console);
    }
    let leaf = audited.report.tranche_leaf;
    let signatures = signatures(&audited, provider.id, kind)?;
    let placed = Placed { provider, leaf, signatures: &signatures, server: args.server.as_deref() };
    let pdf = to_pdf(kind, month, placed, args.lang)?;
    put(&args.month.output, &pdf)?;
    let output = args.month.output.display();
    console.line(format!("{} {}: {} bytes, {output}", kind.as_str(), provider.bin, pdf.len()));
    console.json(&json!({
        "kind": kind.as_str(),
        "provider": provider.bin,
        "bytes": pdf.len(),
        "output": args.month.output,
    }));
    Ok(Exit::Fine)
}

/// Folds the log of an audited month again, as its tranche rests on it.
pub(crate) fn fold_of(audited: &Recomputed) -> anyhow::Result<MonthFold> {
    let Recomputed { snapshot, events, basis, tranche, .. } = audited;
    Ok(MonthFold::of_prefix(snapshot, events, tranche.month, basis.tree_size)?)
}

fn table_of(
    kind: PaperKind,
    month: ExportedMonth<'_>,
    provider: ProviderId,
) -> anyhow::Result<Table> {
    Ok(match kind {
        PaperKind::Sheet => sheet(month, provider),
        PaperKind::Act => act(month, provider)?,
    })
}

/// Whose paper it is, and what stands on it beside the month.
#[derive(Clone, Copy)]
pub(crate) struct Placed<'a> {
    pub(crate) provider: &'a Provider,
    /// The tranche's.
    pub(crate) leaf: u64,
    /// Who signed it so far, in the log's order.
    pub(crate) signatures: &'a [PaperSignature],
    /// Where a camera goes.
    pub(crate) server: Option<&'a str>,
}

/// Lists the signatures under a provider's paper that count, in the log's order.
pub(crate) fn signatures(
    audited: &Recomputed,
    provider: ProviderId,
    kind: PaperKind,
) -> anyhow::Result<Vec<PaperSignature>> {
    let Recomputed { snapshot, events, tranche, .. } = audited;
    // Who signed does not rest on a day.
    let signed = SignedMonth::of_tranche(snapshot, events, tranche, tranche.month.last_day())?;
    let sheet = signed.as_ref().and_then(|signed| signed.sheet(provider));
    let of = sheet.map(|sheet| match kind {
        PaperKind::Sheet => [&sheet.signed, &sheet.approved],
        PaperKind::Act => [&sheet.act_signed, &sheet.act_approved],
    });
    let mut found: Vec<PaperSignature> = of.into_iter().flatten().flatten().cloned().collect();
    found.sort_by_key(|signature| signature.leaf);
    Ok(found)
}

/// Prints a sheet or an act. The same month and signatures give the same bytes.
pub(crate) fn to_pdf(
    kind: PaperKind,
    month: ExportedMonth<'_>,
    Placed { provider, leaf, signatures, server }: Placed<'_>,
    lang: Lang,
) -> anyhow::Result<Vec<u8>> {
    let table = table_of(kind, month, provider.id)?;
    let mark = PaperMark::of(kind, month.tranche, leaf, provider.id);
    let mark = mark.context("the sum of the provider's lines does not fit")?;
    let (snapshot, rule_version) = (month.snapshot, &month.tranche.rule_version);
    let shown = ShownMark { server: server.map(str::to_owned), mark };
    let printed =
        Printed { snapshot, provider, table: &table, shown: &shown, rule_version, signatures };
    Ok(printed::document(printed, &Words::of(lang)).to_pdf()?)
}

/// Finds a provider by its BIN, or says which there are.
fn provider<'a>(snapshot: &'a Snapshot, bin: &str, console: Console) -> Option<&'a Provider> {
    let found = snapshot.providers.iter().find(|provider| provider.bin == bin);
    if found.is_none() {
        let known = snapshot.providers.iter().map(|one| format!("{} {}", one.bin, one.name));
        let known = known.collect::<Vec<_>>().join(", ");
        refuse(&format!("no provider of the month has the BIN {bin}; there are: {known}"), console);
    }
    found
}

fn refuse(why: &str, console: Console) -> Exit {
    eprintln!("refused: {why}");
    console.json(&json!({ "refused": why }));
    Exit::Refused
}

fn write_table(args: &MonthExport, table: &Table, console: Console) -> anyhow::Result<Exit> {
    let output = &args.output;
    let bytes = match FileForm::of(args) {
        Some(FileForm::Csv) => table.to_csv().into_bytes(),
        Some(FileForm::Xlsx) => write_spreadsheet(&worksheet(table))?,
        Some(FileForm::Pdf | FileForm::Json) | None => {
            let shown = output.display();
            let text = format!("{shown}: choose a file that ends with .csv or .xlsx, or --format");
            return Ok(refuse(&text, console));
        }
    };
    put(output, &bytes)?;
    let rows = table.rows.len();
    console.line(format!("{}: {rows} rows, {}", table.title, output.display()));
    console.json(&json!({ "title": table.title, "rows": rows, "output": output }));
    Ok(Exit::Fine)
}

fn write_registry(args: &MonthExport, made: &Registry, console: Console) -> anyhow::Result<Exit> {
    let text = match FileForm::of(args) {
        Some(FileForm::Csv) => made.to_csv(),
        Some(FileForm::Json) => made.to_json(),
        Some(FileForm::Xlsx | FileForm::Pdf) | None => {
            tell_withheld(made, console);
            return write_table(args, &registry(made), console);
        }
    };
    put(&args.output, text.as_bytes())?;
    let (rows, output) = (made.lines.len(), args.output.display());
    console.line(format!("Registry {}: {rows} lines, {output}", made.month));
    tell_withheld(made, console);
    let withheld = &made.withheld;
    console.json(&json!({ "rows": rows, "withheld": withheld, "output": args.output }));
    Ok(Exit::Fine)
}

/// Says which lines the file does not have: tables have no place for them.
fn tell_withheld(made: &Registry, console: Console) {
    let mut lines: BTreeMap<(&str, &str), (usize, Tiyn)> = BTreeMap::new();
    for line in &made.withheld {
        let (count, sum) = lines.entry((&line.provider_bin, line.reason)).or_default();
        (*count, *sum) = (*count + 1, sum.checked_add(line.accrued_tiyn).unwrap_or(*sum));
    }
    for ((provider, reason), (count, sum)) in lines {
        console
            .line(format!("withheld  provider {provider}: {count} lines, {sum} tenge: {reason}"));
    }
}

/// Gives a table of the ledger the form of a spreadsheet.
pub(crate) fn worksheet(table: &Table) -> Worksheet {
    let cell = |cell: &Cell| match cell {
        Cell::Text(text) => paper::Cell::Text(text.clone()),
        Cell::Number(number) => paper::Cell::Number(*number),
        Cell::Tenge(sum) => paper::Cell::Hundredths(sum.0),
        Cell::Empty => paper::Cell::Empty,
    };
    let rows = table.rows.iter().map(|row| row.iter().map(cell).collect());
    Worksheet { title: table.title.clone(), header: table.header.clone(), rows: rows.collect() }
}

fn write_pack(
    args: &PackExport,
    (month, audited): (ExportedMonth<'_>, &Recomputed),
    console: Console,
) -> anyhow::Result<Exit> {
    let sender = args.sender.as_deref().unwrap_or(&month.snapshot.issuer.bin);
    let size = audited.report.leaves;
    let pack = match args.since {
        None => event_pack(month, sender),
        Some(since) => {
            let log = PackedLog { history: &audited.snapshots, events: &audited.events, size };
            event_pack_changes(month, log, since, sender)?
        }
    };
    let bytes = if args.plain { pack.into_bytes() } else { STANDARD.encode(gzip(&pack)?).into() };
    let output = &args.month.output;
    put(output, &bytes)?;
    // Without --since the pack is of the close; with it, of the whole log.
    let next = if args.since.is_some() { size } else { month.tranche.tree_size };
    console.line(format!("event pack: {} bytes, {}", bytes.len(), output.display()));
    console.line(format!("what changes from here on: --since {next}"));
    console.json(&json!({ "bytes": bytes.len(), "output": output, "next_since": next }));
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

#[cfg(test)]
mod tests;
