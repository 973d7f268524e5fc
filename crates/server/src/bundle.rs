//! What leaves the server about a closed month: statement, registry, audit bundle.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use attendance::{ChildId, DeviceId, LeafKind, TagKey};
use ledger::signing::{SignedMonth, Withheld};
use ledger::{Month, Registry};
use server_store::{StoredLeaf, StoredTranche};
use sync_api::{
    Base64, BundleLeaf, BundleStart, BundleTagKeys, BundleWriter, ChildTagKey, ProblemKind,
    StatementResponse,
};

use crate::error::ServerError;
use crate::server::Server;
use crate::tags::event_of;

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

    /// Gives everything that a closed month's tranche rests on, piece by piece: a bundle as JSON. The log is
    /// gone through twice, `at_once` leaves at a time; what is in memory is its devices and children.
    ///
    /// # Errors
    /// [`ServerError::Refused`] if the month is not closed, or a leaf was lost.
    pub async fn bundle(
        self: Arc<Self>,
        month: Month,
        at_once: u64,
    ) -> Result<BundlePieces, ServerError> {
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
        let (devices, children) = self.devices_and_children(checkpoint.size, at_once).await?;
        let mut certificates = Vec::new();
        for device in devices {
            let stored = self.store.device(device).await?.ok_or(ServerError::Stored("device"))?;
            certificates.push(Base64(stored.certificate));
        }
        let start = BundleStart {
            month: month.number(),
            roots: Base64(self.roots.to_bytes()),
            trust_list: Base64(self.trust_bytes.clone()),
            checkpoint: checkpoint.note,
            certificates,
        };
        let (size, step) = (checkpoint.size, Step::Start(start));
        Ok(BundlePieces { server: self, size, at_once, children, step })
    }

    /// Finds whose events a log has, and which children its leaves are about: each of them is named by an event,
    /// or by a card.
    async fn devices_and_children(
        &self,
        size: u64,
        at_once: u64,
    ) -> Result<(BTreeSet<DeviceId>, BTreeSet<ChildId>), ServerError> {
        let (mut devices, mut children) = (BTreeSet::new(), BTreeSet::new());
        let mut first = 0;
        while first < size {
            let range = piece(first, at_once, size);
            first = range.end;
            for leaf in self.store.leaves(range).await? {
                if leaf.kind == LeafKind::Event {
                    let event = event_of(&leaf)?;
                    devices.insert(event.device);
                    children.extend(event.child);
                } else {
                    children.extend(self.children_of(&leaf).await?);
                }
            }
        }
        Ok((devices, children))
    }

    async fn closed_month(&self, month: Month) -> Result<StoredTranche, ServerError> {
        self.stored_tranche(month).await?.ok_or_else(|| {
            let detail = format!("{month} is not closed yet: the coordinator closes it");
            ServerError::refused(ProblemKind::NotFound, detail)
        })
    }
}

/// A bundle on its way out.
#[derive(Debug)]
pub struct BundlePieces {
    server: Arc<Server>,
    size: u64,
    at_once: u64,
    children: BTreeSet<ChildId>,
    step: Step,
}

/// What the next piece is.
#[derive(Debug)]
enum Step {
    Start(BundleStart),
    /// The leaves from this one on.
    Leaves(BundleWriter, u64),
    Nothing,
}

impl BundlePieces {
    /// Gives the next piece; nothing after the last one, and after an error.
    ///
    /// # Errors
    /// [`ServerError`] if storage fails: the bundle is not whole then.
    pub async fn next(&mut self) -> Option<Result<Vec<u8>, ServerError>> {
        match core::mem::replace(&mut self.step, Step::Nothing) {
            Step::Start(start) => {
                let mut out = Vec::new();
                let writer = BundleWriter::begin(&start, &mut out);
                Some(writer.map_err(unwritten).map(|writer| {
                    self.step = Step::Leaves(writer, 0);
                    out
                }))
            }
            Step::Leaves(writer, first) => Some(self.leaves(writer, first).await),
            Step::Nothing => None,
        }
    }

    async fn leaves(
        &mut self,
        mut writer: BundleWriter,
        first: u64,
    ) -> Result<Vec<u8>, ServerError> {
        let range = piece(first, self.at_once, self.size);
        let (mut out, end) = (Vec::new(), range.end);
        for leaf in self.server.store.leaves(range).await? {
            let StoredLeaf { kind, salt, bytes, .. } = leaf;
            let leaf = BundleLeaf { kind, salt: Base64(salt.to_vec()), bytes: Base64(bytes) };
            writer.leaf(&leaf, &mut out).map_err(unwritten)?;
        }
        if end < self.size {
            self.step = Step::Leaves(writer, end);
        } else {
            writer.finish(&self.tag_keys(), &mut out).map_err(unwritten)?;
        }
        Ok(out)
    }

    fn tag_keys(&mut self) -> BundleTagKeys {
        let key = |key: TagKey| Base64(key.as_bytes().to_vec());
        let of_child = |child| ChildTagKey { child, key: key(self.server.tag_key(child)) };
        BundleTagKeys {
            nobody: key(TagKey::of_nobody(&self.server.keys.tags)),
            children: core::mem::take(&mut self.children).into_iter().map(of_child).collect(),
        }
    }
}

/// The next leaves: at least one.
fn piece(first: u64, at_once: u64, size: u64) -> Range<u64> {
    first..first.saturating_add(at_once.max(1)).min(size)
}

/// Memory takes everything that is JSON.
fn unwritten(_: std::io::Error) -> ServerError {
    ServerError::Stored("bundle")
}
