//! `qatysu receipt two-histories`: whether a device's evidence convicts a log.

use std::path::PathBuf;

use anyhow::Context as _;
use attendance::{TrustList, TrustRole};
use seal::PublicKey;
use serde_json::json;
use sync_api::{EVIDENCE_FORMAT, EvidenceFile};
use tlog::history::{Contradiction, EvidenceRejection};
use tlog::{NoteRejection, TwoHistories, VerifierKey};

use super::{ReceiptFinding, refuse};
use crate::card::trust::TrustFiles;
use crate::console::{Colour, Console, Exit, paint};

/// Verify evidence that a log showed two histories.
///
/// Takes the file that a device's alarms page saves, or the bare evidence (CBOR). Needs no network
/// and no server, and nobody's word: both statements carry the log's signature, and no other tree
/// than the log's leads from one to the other.
///
/// Exit codes: 0 proven, the log signed two histories; 1 this proves nothing (the check's name is
/// printed); 3 a file could not be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    qatysu receipt two-histories qatysu-evidence-1790000000000.json --trust data/\n  \
    qatysu receipt two-histories evidence.cbor --trust trust.list --roots trust.roots --json")]
pub(crate) struct TwoHistoriesArgs {
    /// Evidence file, JSON, or the bare evidence, CBOR
    #[arg(value_name = "FILE")]
    evidence: PathBuf,
    /// Signed trust list, or a directory with `trust.list` and `trust.roots`
    #[arg(long, value_name = "FILE|DIR")]
    trust: PathBuf,
    /// Root keys that the trust list must be signed with [default: `trust.roots` beside it]
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
}

/// Runs `qatysu receipt two-histories`.
pub(super) fn run(args: &TwoHistoriesArgs, console: Console) -> anyhow::Result<Exit> {
    let trust = TrustFiles::read(&args.trust, args.roots.as_deref())?;
    let bytes = std::fs::read(&args.evidence);
    let bytes =
        bytes.with_context(|| format!("cannot read the evidence {}", args.evidence.display()))?;
    let proven = trust.verify().map_err(ReceiptFinding::from);
    match proven.and_then(|trust| verify(&bytes, &trust)) {
        Ok(found) => {
            tell(&found, console);
            Ok(Exit::Fine)
        }
        Err(finding) => Ok(refuse(&finding, console)),
    }
}

/// Decides about evidence, by every key that the list has for any log.
pub(super) fn verify(bytes: &[u8], trust: &TrustList) -> Result<Contradiction, ReceiptFinding> {
    let evidence = TwoHistories::from_bytes(&evidence_of(bytes)?);
    let evidence = evidence.map_err(|why| ReceiptFinding::File(why.to_string()))?;
    let mut refused = ReceiptFinding::Evidence("the trust list has no key of a log".to_owned());
    for entry in trust.entries.iter().filter(|entry| entry.role == TrustRole::Log) {
        let Ok(key) = PublicKey::parse(&entry.key) else { continue };
        match evidence.verify(&VerifierKey { name: entry.scope.clone(), key }) {
            Ok(found) => return Ok(found),
            // By a key of another log or year: another entry may be the one.
            Err(EvidenceRejection::Note(NoteRejection::NotSigned(name))) => {
                refused = ReceiptFinding::Evidence(format!("{name} did not sign both checkpoints"));
            }
            Err(why) => return Err(ReceiptFinding::Evidence(why.to_string())),
        }
    }
    Err(refused)
}

/// Takes the evidence out of its file.
fn evidence_of(bytes: &[u8]) -> Result<Vec<u8>, ReceiptFinding> {
    if bytes.first() != Some(&b'{') {
        return Ok(bytes.to_vec());
    }
    let file: EvidenceFile =
        serde_json::from_slice(bytes).map_err(|why| ReceiptFinding::File(why.to_string()))?;
    if file.format == EVIDENCE_FORMAT {
        Ok(file.evidence.0)
    } else {
        Err(ReceiptFinding::File(format!("its format is {:?}", file.format)))
    }
}

fn tell(found: &Contradiction, console: Console) {
    let (earlier, later) = (&found.earlier, &found.later);
    console.line(format!("log       {}", earlier.origin));
    console.line(format!("signed    {} leaves have the root {}", earlier.size, earlier.root));
    console.line(format!("signed    {} leaves have the root {}", later.size, later.root));
    console
        .line(format!("so        {} leaves have the root {}", earlier.size, found.root_by_later));
    console.line(format!(
        "{}: the log signed two histories; who holds its key answers for it",
        paint("proven", Colour::Green)
    ));
    console.line("not proven: which of the two is the true one; witnesses and devices can tell");
    console.json(&json!({
        "verdict": "proven",
        "origin": earlier.origin,
        "earlier": { "size": earlier.size, "root": earlier.root.to_string() },
        "later": { "size": later.size, "root": later.root.to_string() },
        "root_by_later": found.root_by_later.to_string(),
    }));
}
