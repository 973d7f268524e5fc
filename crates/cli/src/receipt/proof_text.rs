//! A C2SP tlog-proof: that the log holds these bytes, whoever signed them.

use std::path::Path;

use anyhow::Context as _;
use attendance::{TrustList, UnverifiedEvent};
use serde_json::json;
use tlog::{Checkpoint, TlogProof, VerifierKey};

use super::checkpoint;
use super::export::event_beside;
use super::witnesses::{Asked, Witnesses};
use super::{ReceiptFinding, VerifyArgs, kind_in_words};
use crate::console::{Colour, Console, paint};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1\n";

/// What a verified proof proves.
#[derive(Debug)]
pub(super) struct ProvenText {
    event: UnverifiedEvent,
    pub(super) index: u64,
    pub(super) checkpoint: Checkpoint,
    pub(super) witnesses: Option<Witnesses>,
}

/// Tells a proof from a receipt file.
pub(super) fn is_proof(text: &str) -> bool {
    text.starts_with(FIRST_LINE)
}

/// Reads the event that a proof is about.
pub(super) fn read_event(args: &VerifyArgs) -> anyhow::Result<Vec<u8>> {
    let beside = event_beside(&args.receipt);
    let path: &Path = args.event.as_deref().unwrap_or(&beside);
    std::fs::read(path).with_context(|| {
        let shown = path.display();
        format!("a proof does not hold the event itself: cannot read {shown}, give --event FILE")
    })
}

/// Makes every check.
pub(super) fn verify(
    text: &str,
    event: &[u8],
    trust: &TrustList,
    asked: &Asked,
) -> Result<ProvenText, ReceiptFinding> {
    let refused = |why: String| ReceiptFinding::Proof(why);
    let proof = TlogProof::parse(text).map_err(|why| refused(why.to_string()))?;
    let parsed = UnverifiedEvent::parse(event)?;
    let note = proof.note.to_string();
    let signed = checkpoint::open(&note, trust)?;
    let leaf = proof.salted_leaf_hash(event).map_err(|why| refused(why.to_string()))?;
    let log = VerifierKey { name: signed.checkpoint.origin, key: signed.key };
    let checkpoint = proof.verify_log(leaf, &log).map_err(|why| refused(why.to_string()))?;
    let witnesses = asked.judge(&note, trust)?;
    Ok(ProvenText { event: parsed, index: proof.index, checkpoint, witnesses })
}

/// Says it.
pub(super) fn tell(proven: &ProvenText, console: Console) {
    let said = kind_in_words(proven.event.event().kind);
    let Checkpoint { origin, size, root } = &proven.checkpoint;
    console.line(format!("event     {said}"));
    console.line(format!("sha256    {}", proven.event.hash()));
    console.line(format!("log       {origin}"));
    console.line(format!("leaf      {} of {size}", proven.index));
    if let Some(witnesses) = &proven.witnesses {
        console.line(format!("witnesses {}", witnesses.in_words()));
    }
    console.line(format!(
        "{}: the log had these bytes in this place when it held {size} leaves",
        paint("proven", Colour::Green),
    ));
    console.line("not proven: which device signed them; the receipt file says that");
    console.json(&json!({
        "verdict": "proven",
        "kind": said,
        "event": proven.event.hash().to_string(),
        "origin": origin,
        "leaf_index": proven.index,
        "tree_size": size,
        "root": root.to_string(),
        "witnesses": proven.witnesses.as_ref().map(Witnesses::to_json),
    }));
}
