//! Completeness: tag lists, and the entries that came by no other way.

use attendance::TagKey;
use device::{SeenEntry, SeenTagList};
use sync_api::{EntryResponse, TagsResponse};

use crate::client::Contact;
use crate::down::salt;
use crate::error::SyncError;
use crate::shared::SharedDevice;

impl Contact {
    /// Fetches the tag lists that are new, page by page. Where it breaks off, the next sync goes on.
    pub(crate) async fn fetch_tags(&self, device: &SharedDevice) -> Result<(), SyncError> {
        loop {
            let from = device.with(|device| device.tags_cursor()).await;
            let from = from.map_err(SyncError::device)?;
            let page: TagsResponse = match self.send(self.request(&format!("tags/{from}"))).await {
                // A server of the first release has no lists: nothing is proven, nothing is wrong.
                Err(SyncError::Refused(problem)) if problem.status == 404 => return Ok(()),
                page => page?,
            };
            let mut keys = Vec::with_capacity(page.keys.len());
            for key in page.keys {
                let read = TagKey::from_slice(&key.key.0);
                let read = read.ok_or_else(|| SyncError::Foreign("a tag key has 32 bytes".into()));
                keys.push((key.child, read?));
            }
            let mut lists = Vec::with_capacity(page.lists.len());
            for list in page.lists {
                lists.push(SeenTagList {
                    salt: salt(&list.salt.0)?,
                    bytes: list.bytes.0,
                    receipt: list.receipt.0,
                    leaf_index: list.leaf_index,
                });
            }
            let note = page.checkpoint;
            self.follow(device, &note).await?;
            let stored = device.with(move |device| device.store_tags(&keys, &lists, &note)).await;
            let new = stored.map_err(|error| SyncError::Proof(error.to_string()))?;
            if !page.more || new == 0 {
                return Ok(());
            }
        }
    }

    /// Asks for every leaf about an own child that is not on the device. One that is not shown is no
    /// fault of the sync: the device keeps what the server said, and shows which leaf is missing.
    pub(crate) async fn fetch_entries(&self, device: &SharedDevice) -> Result<(), SyncError> {
        let wanted = device.with(|device| device.entries_wanted()).await;
        for leaf in wanted.map_err(SyncError::device)? {
            let entry = match self.fetch_entry(leaf).await {
                Err(offline @ SyncError::Offline(_)) => return Err(offline),
                Err(said) => {
                    let said = said.to_string();
                    let kept = device.with(move |device| device.entry_not_shown(leaf, &said)).await;
                    kept.map_err(SyncError::device)?;
                    continue;
                }
                Ok(entry) => entry,
            };
            let (entry, note) = entry;
            self.follow(device, &note).await?;
            let stored = device.with(move |device| device.store_entry(leaf, &entry, &note)).await;
            stored.map_err(|error| SyncError::Proof(error.to_string()))?;
        }
        Ok(())
    }

    /// Gives a leaf and the checkpoint that its receipt is for.
    async fn fetch_entry(&self, leaf: u64) -> Result<(SeenEntry, String), SyncError> {
        let answer: EntryResponse = self.send(self.request(&format!("entry/{leaf}"))).await?;
        let entry = SeenEntry {
            kind: answer.kind,
            certificate: answer.certificate.map(|certificate| certificate.0),
            salt: salt(&answer.leaf.salt.0)?,
            bytes: answer.leaf.bytes.0,
            receipt: answer.leaf.receipt.0,
            leaf_index: answer.leaf.leaf_index,
        };
        Ok((entry, answer.checkpoint))
    }
}
