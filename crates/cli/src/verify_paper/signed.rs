//! What a paper is held against: a tranche that the log's key signed, at its place in the log.

use std::path::Path;

use anyhow::Context as _;
use ledger::{Tranche, TrancheRejection};
use seal::Sign1;
use serde_json::Value;
use sync_api::{BUNDLE_FORMAT, Bundle, StatementResponse, TRANCHE_DOMAIN};
use tlog::{Receipt, ReceiptRejection, salted_leaf};

use crate::audit::{self, AuditFinding, Recomputed};
use crate::card::trust::TrustFiles;
use crate::console::Console;
use crate::receipt::checkpoint::{self, CheckpointFinding, log_keys};

/// A signed tranche.
pub(super) struct Signed {
    pub(super) tranche: Tranche,
    pub(super) leaf: u64,
    /// The month recomputed, if the file is a bundle.
    pub(super) audited: Option<Recomputed>,
    /// True if the root keys did not come from the file itself.
    pub(super) pinned: bool,
}

/// Why the file that a paper is held against does not hold.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignedFinding {
    /// It is neither of the two.
    #[error("{0} is no bundle and no statement: fetch one with `qatysu bundle`")]
    OtherFile(String),
    /// A statement does not bring its trust list.
    #[error("a statement is checked with a trust list: give --trust")]
    NoTrust,
    /// The bundle does not hold.
    #[error("the bundle does not hold: {0}")]
    Bundle(Box<AuditFinding>),
    /// The trust list does not hold.
    #[error(transparent)]
    Trust(#[from] attendance::TrustRejection),
    /// The checkpoint does not hold.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointFinding),
    /// The log did not sign the tranche.
    #[error("the log's key did not sign the statement")]
    Signature,
    /// What was signed is no tranche.
    #[error(transparent)]
    Tranche(#[from] TrancheRejection),
    /// The tranche is not where the statement says.
    #[error("the tranche is not in the log: {0}")]
    Receipt(#[from] ReceiptRejection),
    /// The statement names another leaf than its receipt.
    #[error("the statement names leaf {said}, and its receipt {proven}")]
    Leaf {
        /// What it says.
        said: u64,
        /// What is proven.
        proven: u64,
    },
}

/// Reads and verifies a bundle or a statement.
pub(super) fn read(
    path: &Path,
    trust: Option<&Path>,
    roots: Option<&Path>,
    console: Console,
) -> anyhow::Result<Result<Signed, SignedFinding>> {
    let shown = path.display().to_string();
    let text = std::fs::read(path).with_context(|| format!("cannot read {shown}"))?;
    let value: Value = serde_json::from_slice(&text).unwrap_or_default();
    if value["format"] == BUNDLE_FORMAT && serde_json::from_slice::<Bundle>(&text).is_ok() {
        let audited = audit::open(path, roots, console)?;
        return Ok(match audited {
            Ok(audited) => Ok(Signed {
                tranche: audited.tranche.clone(),
                leaf: audited.report.tranche_leaf,
                pinned: roots.is_some(),
                audited: Some(audited),
            }),
            Err(finding) => Err(SignedFinding::Bundle(Box::new(finding))),
        });
    }
    let Ok(statement) = serde_json::from_value::<StatementResponse>(value) else {
        return Ok(Err(SignedFinding::OtherFile(shown)));
    };
    let Some(trust) = trust else { return Ok(Err(SignedFinding::NoTrust)) };
    let trust = TrustFiles::read(trust, roots)?;
    Ok(verify(&statement, &trust))
}

fn verify(statement: &StatementResponse, trust: &TrustFiles) -> Result<Signed, SignedFinding> {
    let trust = trust.verify()?;
    let signed = checkpoint::open(&statement.checkpoint, &trust)?;
    let bytes = &statement.statement.0;
    let envelope = Sign1::parse(bytes).map_err(|_| SignedFinding::Signature)?;
    let mut keys = log_keys(&trust, &signed.checkpoint.origin);
    let payload = keys.find_map(|key| envelope.verify(&key, TRANCHE_DOMAIN).ok());
    let tranche = Tranche::parse(payload.ok_or(SignedFinding::Signature)?)?;
    let receipt = Receipt::parse(&statement.receipt.0)?;
    let salt = <[u8; 16]>::try_from(statement.salt.0.as_slice());
    let salt = salt.map_err(|_| SignedFinding::OtherFile("the statement".to_owned()))?;
    let place = receipt.verify(&signed.key, &salted_leaf(&salt, bytes))?;
    place.under(&signed.checkpoint)?;
    let (said, proven) = (statement.leaf_index, place.index);
    if said != proven {
        return Err(SignedFinding::Leaf { said, proven });
    }
    Ok(Signed { tranche, leaf: proven, audited: None, pinned: true })
}
