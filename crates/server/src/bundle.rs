//! What leaves the server about a closed month: statement, registry, audit bundle.

use attendance::UnverifiedEvent;
use attendance::{DeviceId, LeafKind, TagKey};
use ledger::signing::{SignedMonth, Withheld};
use ledger::{Month, Registry};
use server_store::StoredTranche;
use std::collections::BTreeSet;
use sync_api::{
    BUNDLE_FORMAT, Base64, Bundle, BundleLeaf, BundleTagKeys, ChildTagKey, ProblemKind,
    StatementResponse,
};

use crate::error::ServerError;
use crate::server::Server;

impl Server {
    /// Gives a closed month's tranche with its proof.
    ///
    /// # Errors
    /// [`ServerError::Refused`] if the month is not closed.
    pub async fn statement(&self, month: Month) -> Result<StatementResponse, ServerError> {
        let stored = self.closed_month(month).await?;
        let checkpoint = self.checkpoint().await?;
        let proof = self.leaf_receipts(vec![stored.leaf_index], &checkpoint).await?.pop();
        let proof = proof.ok_or(ServerError::Stored("tranche"))?;
        Ok(StatementResponse {
            statement: Base64(proof.bytes),
            leaf_index: proof.leaf_index,
            salt: Base64(proof.salt.to_vec()),
            receipt: Base64(proof.receipt),
            checkpoint: checkpoint.note,
        })
    }

    /// Gives a closed month's Treasury registry.
    ///
    /// # Errors
    /// [`ServerError::Refused`] if the month is not closed.
    pub async fn registry(&self, month: Month) -> Result<Registry, ServerError> {
        let stored = self.closed_month(month).await?;
        let tranche = self.tranche(stored.leaf_index).await?;
        let snapshots = self.snapshots().await?;
        let rests_on = snapshots.all().find(|one| one.snapshot.hash() == tranche.snapshot_hash);
        let rests_on = rests_on.ok_or(ServerError::Stored("tranche"))?;
        let rules = rests_on.snapshot.rules(month);
        let withheld = if rules.is_some_and(|rules| rules.signed_acts_required) {
            let events = self.every_event().await?;
            let signed =
                SignedMonth::of_tranche(&rests_on.snapshot, &events, &tranche, self.today()?);
            let signed = signed.map_err(|error| ServerError::Ledger(error.to_string()))?;
            signed.map(|signed| signed.withheld()).unwrap_or_default()
        } else {
            Withheld::new()
        };
        Registry::of_signed(&tranche, &rests_on.snapshot, stored.leaf_index, &withheld)
            .map_err(|error| ServerError::Ledger(error.to_string()))
    }

    /// Gives everything that a closed month's tranche rests on.
    ///
    /// # Errors
    /// [`ServerError::Refused`] if the month is not closed.
    pub async fn bundle(&self, month: Month) -> Result<Bundle, ServerError> {
        self.closed_month(month).await?;
        self.tag_leaves().await?;
        let checkpoint = self.checkpoint().await?;
        if let Some(first) = self.lost_before(checkpoint.size).await?.first() {
            let detail = format!(
                "the log's leaf {first} was lost with the server's disk: without it nobody can \
                 compute the month again; whoever has its receipt brings it back"
            );
            return Err(ServerError::refused(ProblemKind::NotFound, detail));
        }
        let leaves = self.store.leaves(0..checkpoint.size).await?;
        let devices: BTreeSet<DeviceId> = leaves
            .iter()
            .filter(|leaf| leaf.kind == LeafKind::Event)
            .filter_map(|leaf| Some(UnverifiedEvent::parse(&leaf.bytes).ok()?.event().device))
            .collect();
        let mut certificates = Vec::new();
        for device in devices {
            let stored = self.store.device(device).await?.ok_or(ServerError::Stored("device"))?;
            certificates.push(Base64(stored.certificate));
        }
        let children = self.children_among(&leaves).await?;
        let tag_key =
            |child| ChildTagKey { child, key: Base64(self.tag_key(child).as_bytes().to_vec()) };
        let tag_keys = BundleTagKeys {
            nobody: Base64(TagKey::of_nobody(&self.keys.tags).as_bytes().to_vec()),
            children: children.into_iter().map(tag_key).collect(),
        };
        let leaves = leaves.into_iter().map(|leaf| BundleLeaf {
            kind: leaf.kind,
            salt: Base64(leaf.salt.to_vec()),
            bytes: Base64(leaf.bytes),
        });
        Ok(Bundle {
            format: BUNDLE_FORMAT.to_owned(),
            month: month.number(),
            roots: Base64(self.roots.to_bytes()),
            trust_list: Base64(self.trust_bytes.clone()),
            checkpoint: checkpoint.note,
            certificates,
            leaves: leaves.collect(),
            tag_keys: Some(tag_keys),
        })
    }

    async fn closed_month(&self, month: Month) -> Result<StoredTranche, ServerError> {
        self.stored_tranche(month).await?.ok_or_else(|| {
            let detail = format!("{month} is not closed yet: the coordinator closes it");
            ServerError::refused(ProblemKind::NotFound, detail)
        })
    }
}
