//! The proof of an event, for a person and as a file for a third party.

use ipc::{ErrorView, ProofView};
use sync_api::{Base64, GrowthStep, HexHash, RECEIPT_FORMAT, ReceiptFile, WitnessedLater};

use crate::error::{self, parse_hash};
use crate::shell::Shell;
use crate::status::mark_view;

impl Shell {
    pub(crate) async fn proof(&self, event: &str) -> Result<ProofView, ErrorView> {
        let event = parse_hash(event)?;
        let (mark, proof, later, asks_witnesses) = self
            .device
            .with(move |device| {
                let proof = device.proof(event).map_err(error::of_store)?;
                let mark = device.mark_of(event).map_err(error::of_store)?;
                let later = proof.as_ref().map(|proof| device.witnessed_later(proof));
                let later = later.transpose().map_err(error::of_store)?.flatten();
                let quorum = device.enrolment().and_then(|all| all.trust_list().witness_quorum);
                Ok((mark, proof, later, quorum.is_some()))
            })
            .await?;
        let mark = mark.ok_or_else(|| error::not_found("there is no such event here"))?;
        let Some(proof) = proof else {
            return Ok(ProofView {
                event: event.to_string(),
                mark: mark_view(mark),
                asks_witnesses,
                leaf_index: None,
                tree_size: None,
                origin: None,
                file: None,
            });
        };
        let file = ReceiptFile {
            format: RECEIPT_FORMAT.to_owned(),
            event: Base64(proof.event_bytes),
            certificate: Base64(proof.certificate),
            salt: Base64(proof.salt.to_vec()),
            receipt: Base64(proof.receipt),
            checkpoint: proof.checkpoint,
            witnessed: later.map(|later| WitnessedLater {
                steps: later.steps.into_iter().map(step).collect(),
                checkpoint: later.checkpoint,
            }),
        };
        let file = serde_json::to_string_pretty(&file)
            .map_err(|why| error::view(ipc::ErrorCode::Broken, why.to_string()))?;
        Ok(ProofView {
            event: event.to_string(),
            mark: mark_view(mark),
            asks_witnesses,
            leaf_index: Some(proof.leaf_index),
            tree_size: Some(proof.tree_size),
            origin: Some(proof.origin),
            file: Some(file),
        })
    }
}

fn step(step: device::GrowthStep) -> GrowthStep {
    let path = step.path.into_iter().map(HexHash).collect();
    GrowthStep { size: step.size, root: HexHash(step.root), path }
}
