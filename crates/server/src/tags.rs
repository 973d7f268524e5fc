//! Tag lists: what lets parents find every leaf about their child, in a log whose leaves are closed.

use std::sync::Arc;
use std::time::Duration;

use attendance::{
    ChildId, Event, LeafKind, TAG_LIST_MAX_LEAVES, TagKey, TagList, UnverifiedCard,
    UnverifiedEvent, subjects,
};
use seal::Hash;
use server_store::{AppendError, NewLeaf, SequencedBatch, StoredLeaf};
use sync_api::{Base64, ChildTagKey, EntryResponse, ProblemKind, ProvenLeaf, TagsResponse};

use crate::error::ServerError;
use crate::receipts::LeafReceipt;
use crate::server::Server;

/// How often leaves that have no tag yet are looked for. A list costs a leaf, so not at every commit.
pub(crate) const TAG_EVERY: Duration = Duration::from_secs(60);
/// How many lists one answer holds: at most half a megabyte.
const PAGE_LISTS: u32 = 16;

impl Server {
    /// Runs [`Server::tag_leaves`] from time to time, until the task is dropped. A failure is logged
    /// and tried again the next time.
    pub async fn run_tags(self: Arc<Self>) {
        loop {
            tokio::time::sleep(TAG_EVERY).await;
            if let Err(error) = self.tag_leaves().await {
                tracing::error!(%error, "leaves could not be tagged");
            }
        }
    }

    /// Gives every leaf its tag that has none yet. Nothing is written where nothing but tag lists
    /// came since the last one.
    ///
    /// # Errors
    /// [`ServerError`]; lists that were written before the fault stay.
    pub async fn tag_leaves(&self) -> Result<(), ServerError> {
        while self.tag_next_leaves().await? {}
        Ok(())
    }

    /// Writes the next list, and says whether to look for another one. The one writer's turn ends
    /// with the list, so that events wait for one list at most.
    async fn tag_next_leaves(&self) -> Result<bool, ServerError> {
        let _one_writer = self.writer.lock().await;
        if self.waits_for_leaves().await? {
            return Ok(false);
        }
        let from = self.tagged_to().await?;
        let size = self.store.tree_size().await?;
        let end = size.min(from.saturating_add(TAG_LIST_MAX_LEAVES as u64));
        let leaves = self.store.leaves(from..end).await?;
        if leaves.iter().all(|leaf| leaf.kind == LeafKind::Tags) {
            return Ok(false);
        }
        // A leaf that was lost and given up is about nobody who is known.
        let mut keys = vec![Vec::new(); usize::try_from(end - from).unwrap_or_default()];
        for leaf in &leaves {
            let children = self.children_of(leaf).await?;
            let place = usize::try_from(leaf.leaf_index - from).unwrap_or(usize::MAX);
            if let Some(place) = keys.get_mut(place) {
                *place = children.into_iter().map(|child| self.tag_key(child)).collect();
            }
        }
        let list = TagList::new(from, &TagKey::of_nobody(&self.keys.tags), &keys);
        let bytes = list.sign(&self.keys.log)?;
        let salt = self.keys.own_salt(size);
        let leaf = NewLeaf { kind: LeafKind::Tags, salt, bytes, event: None };
        let batch = SequencedBatch { leaves: vec![leaf], ..SequencedBatch::default() };
        match self.store.append(size, batch).await {
            Err(AppendError::Moved { .. }) => {}
            done => {
                done?;
                self.sign_checkpoint().await?;
            }
        }
        Ok(true)
    }

    /// Gives the first leaf without a tag.
    async fn tagged_to(&self) -> Result<u64, ServerError> {
        let Some(leaf) = self.store.last_tags().await? else { return Ok(0) };
        Ok(read(&leaf)?.next())
    }

    /// Gives the key of a child's tags.
    pub(crate) fn tag_key(&self, child: ChildId) -> TagKey {
        TagKey::derive(&self.keys.tags, child)
    }

    /// Says which children a leaf is about.
    pub(crate) async fn children_of(&self, leaf: &StoredLeaf) -> Result<Vec<ChildId>, ServerError> {
        match leaf.kind {
            LeafKind::Event => {
                let event = event_of(leaf)?;
                let about = match event.about {
                    Some(about) => self.child_of(about, leaf.leaf_index).await?,
                    None => None,
                };
                Ok(subjects(event.child, about))
            }
            LeafKind::Card => {
                let card = UnverifiedCard::parse_bytes(&leaf.bytes);
                Ok(vec![card.map_err(|_| ServerError::Stored("card"))?.claims().child])
            }
            LeafKind::Genesis | LeafKind::Snapshot | LeafKind::Tranche | LeafKind::Tags => {
                Ok(Vec::new())
            }
        }
    }

    /// Gives the child of an event that was in the log before a leaf: what comes later would give
    /// the leaf another tag than it had.
    async fn child_of(&self, event: Hash, before: u64) -> Result<Option<ChildId>, ServerError> {
        let index = self.store.leaf_indices(vec![event]).await?.pop().flatten();
        let Some(index) = index.filter(|index| *index < before) else { return Ok(None) };
        match self.store.leaves(index..index + 1).await?.pop() {
            Some(leaf) => Ok(event_of(&leaf)?.child),
            None => Err(ServerError::Stored("leaf")),
        }
    }

    /// Gives the lists that cover leaf `from` and those after, with the keys of `children`.
    ///
    /// # Errors
    /// [`ServerError`] if the database fails.
    pub(crate) async fn tags_from(
        &self,
        from: u64,
        children: &[ChildId],
    ) -> Result<TagsResponse, ServerError> {
        let checkpoint = self.checkpoint().await?;
        let mut found = Vec::new();
        let stored = self.store.tags_from(from, PAGE_LISTS).await?;
        let more = stored.len() == PAGE_LISTS as usize;
        for leaf in stored.iter().filter(|leaf| leaf.leaf_index < checkpoint.size) {
            if read(leaf)?.next() > from {
                found.push(leaf.leaf_index);
            }
        }
        let receipts = self.leaf_receipts(found, &checkpoint).await?;
        let key = |child: &ChildId| ChildTagKey {
            child: *child,
            key: Base64(self.tag_key(*child).as_bytes().to_vec()),
        };
        Ok(TagsResponse {
            checkpoint: checkpoint.note,
            keys: children.iter().map(key).collect(),
            lists: receipts.into_iter().map(proven_leaf).collect(),
            more,
        })
    }

    /// Says which of `children` a leaf is about; nobody, if there is no such leaf.
    pub(crate) async fn own_at(
        &self,
        leaf_index: u64,
        children: &[ChildId],
    ) -> Result<Vec<ChildId>, ServerError> {
        let leaf = self.store.leaves(leaf_index..leaf_index.saturating_add(1)).await?.pop();
        let Some(leaf) = leaf else { return Ok(Vec::new()) };
        let about = self.children_of(&leaf).await?.into_iter();
        Ok(about.filter(|child| children.contains(child)).collect())
    }

    /// Gives a leaf about one of `children`.
    ///
    /// # Errors
    /// [`ServerError::Refused`] if there is no such leaf.
    pub(crate) async fn entry(
        &self,
        leaf_index: u64,
        children: &[ChildId],
    ) -> Result<EntryResponse, ServerError> {
        let checkpoint = self.checkpoint().await?;
        let leaf = self.store.leaves(leaf_index..leaf_index.saturating_add(1)).await?.pop();
        let own =
            leaf_index < checkpoint.size && !self.own_at(leaf_index, children).await?.is_empty();
        let Some(leaf) = leaf.filter(|_| own) else {
            let detail = "there is no such entry about a child of this device";
            return Err(ServerError::refused(ProblemKind::NotFound, detail));
        };
        let certificate = match leaf.kind {
            LeafKind::Event => self.certificate(event_of(&leaf)?.device).await?,
            LeafKind::Genesis
            | LeafKind::Snapshot
            | LeafKind::Tranche
            | LeafKind::Card
            | LeafKind::Tags => None,
        };
        let proof = self.leaf_receipts(vec![leaf_index], &checkpoint).await?.pop();
        Ok(EntryResponse {
            checkpoint: checkpoint.note,
            kind: leaf.kind,
            certificate: certificate.map(|certificate| Base64(certificate.bytes().to_vec())),
            leaf: proven_leaf(proof.ok_or(ServerError::Stored("leaf"))?),
        })
    }
}

fn read(leaf: &StoredLeaf) -> Result<TagList, ServerError> {
    TagList::parse_kept(&leaf.bytes).map_err(|_| ServerError::Stored("tag list"))
}

pub(crate) fn event_of(leaf: &StoredLeaf) -> Result<Event, ServerError> {
    let event = UnverifiedEvent::parse(&leaf.bytes).map_err(|_| ServerError::Stored("event"))?;
    Ok(event.event().clone())
}

fn proven_leaf(proof: LeafReceipt) -> ProvenLeaf {
    ProvenLeaf {
        leaf_index: proof.leaf_index,
        bytes: Base64(proof.bytes),
        salt: Base64(proof.salt.to_vec()),
        receipt: Base64(proof.receipt),
    }
}
