//! The district as the log has it: read once, and again when another process has logged a newer one.

use std::sync::Arc;

use attendance::{TrustList, TrustRole};
use ledger::{LoggedSnapshot, Snapshot, Snapshots};
use seal::Sign1;
use server_store::{Store, StoredLeaf};
use sync_api::SNAPSHOT_DOMAIN;

use crate::error::ServerError;
use crate::server::Server;

const BROKEN: ServerError = ServerError::Stored("snapshot");

impl Server {
    /// Gives the log's snapshots, the newest as of now. One question to the database, mostly answered
    /// with nothing: `qatysu district update` may have logged one from another process.
    pub(crate) async fn snapshots(&self) -> Result<Arc<Snapshots>, ServerError> {
        let known = Arc::clone(&*self.snapshots.read().await);
        let newer = self.store.snapshots_from(known.newest().index.saturating_add(1)).await?;
        if newer.is_empty() {
            return Ok(known);
        }
        let mut held = self.snapshots.write().await;
        let mut all = Snapshots::clone(&held);
        for leaf in newer {
            if leaf.leaf_index > all.newest().index {
                all.push(read_snapshot(&leaf, &self.trust)?).map_err(|_| BROKEN)?;
            }
        }
        *held = Arc::new(all);
        Ok(Arc::clone(&held))
    }
}

/// Reads a log's snapshots when a server starts.
pub(crate) async fn read_snapshots(
    store: &Store,
    trust: &TrustList,
) -> Result<Snapshots, ServerError> {
    let mut leaves = store.snapshots_from(0).await?.into_iter();
    let first = leaves.next().ok_or(BROKEN)?;
    let mut all = Snapshots::begin(read_snapshot(&first, trust)?);
    for leaf in leaves {
        all.push(read_snapshot(&leaf, trust)?).map_err(|_| BROKEN)?;
    }
    Ok(all)
}

fn read_snapshot(leaf: &StoredLeaf, trust: &TrustList) -> Result<LoggedSnapshot, ServerError> {
    let sealed = Sign1::parse(&leaf.bytes).map_err(|_| BROKEN)?;
    let mut keys = trust.keys_at_any_time(TrustRole::Rules, sealed.key_id());
    let json = keys.find_map(|key| sealed.verify(&key, SNAPSHOT_DOMAIN).ok()).ok_or(BROKEN)?;
    let json = std::str::from_utf8(json).map_err(|_| BROKEN)?;
    let snapshot = Snapshot::parse(json).map_err(|_| BROKEN)?;
    Ok(LoggedSnapshot { index: leaf.leaf_index, snapshot })
}
