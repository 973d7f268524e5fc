//! `qatysu receipt export`: the same proof as text that tools of others read (C2SP tlog-proof).

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use seal::sha256;
use serde_json::json;
use tlog::{TlogProof, salted_leaf};

use super::{ReceiptFinding, parse, read_text, refuse, salt_of};
use crate::console::{Console, Exit};

/// Write a receipt file's proof as a C2SP tlog-proof, and the event beside it.
///
/// The proof has the leaf's salt as its extra data; the leaf itself is SHA-256(salt ‖ event). The
/// event's bytes go to a second file of the same name, ending in `.event`, since a proof does not
/// hold what it proves. Nothing is verified here: `qatysu receipt verify` reads both forms.
///
/// Exit codes: 0 written, 1 the file is no receipt file (the check's name is printed), 3 a file could
/// not be read or written.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    qatysu receipt export visit.receipt.json -o visit.tlog-proof\n  \
    qatysu receipt verify visit.tlog-proof --trust data/")]
pub(crate) struct ExportArgs {
    /// Receipt file, JSON
    #[arg(value_name = "FILE")]
    pub(super) receipt: PathBuf,
    /// Where the proof goes
    #[arg(short, long, value_name = "FILE")]
    pub(super) out: PathBuf,
}

/// Runs `qatysu receipt export`.
pub(super) fn run(args: &ExportArgs, console: Console) -> anyhow::Result<Exit> {
    let text = read_text(&args.receipt)?;
    let exported = match export(&text) {
        Ok(exported) => exported,
        Err(finding) => return Ok(refuse(&finding, console)),
    };
    let beside = event_beside(&args.out);
    write(&args.out, exported.proof.to_string().as_bytes())?;
    write(&beside, &exported.event)?;
    console.line(format!("wrote {}", args.out.display()));
    console.line(format!("wrote {}", beside.display()));
    console.line(format!("leaf  {}, SHA-256 of salt and event", exported.leaf));
    console.json(&json!({
        "proof": args.out.display().to_string(),
        "event": beside.display().to_string(),
        "event_sha256": sha256(&exported.event).to_string(),
        "leaf": exported.leaf.to_string(),
        "leaf_index": exported.proof.index,
    }));
    Ok(Exit::Fine)
}

/// A proof and what it proves.
#[derive(Debug)]
pub(super) struct Exported {
    pub(super) proof: TlogProof,
    pub(super) event: Vec<u8>,
    pub(super) leaf: seal::Hash,
}

/// Makes the proof of a receipt file.
pub(super) fn export(json: &str) -> Result<Exported, ReceiptFinding> {
    let file = parse(json)?;
    let salt = salt_of(&file)?;
    let leaf = salted_leaf(&salt, &file.event.0);
    let (event, receipt) = (file.event.0, file.receipt.0);
    let kept =
        tlog::ReceiptFile { salt, record: event.clone(), receipt, checkpoint: file.checkpoint };
    let proof = kept.to_tlog_proof().map_err(|why| ReceiptFinding::File(why.to_string()))?;
    Ok(Exported { proof, event, leaf })
}

/// Names the file of the event that belongs to a proof.
pub(super) fn event_beside(proof: &Path) -> PathBuf {
    proof.with_extension("event")
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
