//! Living with leaves that a rebuild could not open.

use std::collections::BTreeSet;

use server_store::LostLeaf;

use crate::error::ServerError;
use crate::server::Server;

impl Server {
    /// Says whether leaves are lost that nobody gave up yet: until they are back, or given up, no
    /// month is closed and no tag is given, since both speak about all leaves.
    pub(crate) async fn waits_for_leaves(&self) -> Result<bool, ServerError> {
        let lost = self.store.lost_leaves().await?;
        let waiting = lost.iter().filter(|leaf| !leaf.given_up).count();
        if waiting > 0 {
            tracing::warn!(leaves = waiting, "leaves are lost: no month is closed until then");
        }
        Ok(waiting > 0)
    }

    /// Gives the leaves that are lost below a size.
    pub(crate) async fn lost_before(&self, size: u64) -> Result<BTreeSet<u64>, ServerError> {
        let lost = self.store.lost_leaves().await?.into_iter();
        let below = lost.filter(|LostLeaf { leaf_index, .. }| *leaf_index < size);
        Ok(below.map(|leaf| leaf.leaf_index).collect())
    }
}
