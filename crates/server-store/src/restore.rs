//! A database written anew after the disk was lost, and what it still lacks.

use attendance::{CardId, ChildId, DeviceId};
use seal::Hash;
use tlog::NodeId;

use crate::device::NewRevocation;
use crate::ledger_entry::ClosingRows;
use crate::log::{LoggedCard, NewLeaf, ParkedEvent, StoredCheckpoint};

/// A device as copies show it.
#[derive(Clone, Debug)]
pub struct RestoredDevice {
    /// Its id.
    pub device: DeviceId,
    /// Its certificate; empty for a device that the log revokes and whose certificate nobody handed over.
    /// The one that it shows when it comes back is kept then.
    pub certificate: Vec<u8>,
    /// True if the copies show two histories of it.
    pub suspended: bool,
}

/// A closed month as its leaf states it.
#[derive(Clone, Debug)]
pub struct RestoredMonth {
    /// The leaf of its tranche.
    pub leaf_index: u64,
    /// What the tranche states.
    pub rows: ClosingRows,
}

/// Leaves that were opened, with what stands beside them. The caller has verified all of it.
#[derive(Clone, Debug, Default)]
pub struct OpenedLeaves {
    /// Leaves by their place.
    pub leaves: Vec<(u64, NewLeaf)>,
    /// Complete subtrees of the tree. Those that are stored already must be the same.
    pub nodes: Vec<(NodeId, Hash)>,
    /// The devices of the events among the leaves, and others.
    pub devices: Vec<RestoredDevice>,
    /// The cards among the leaves, in the log's order.
    pub cards: Vec<LoggedCard>,
    /// The months that tranches among the leaves close.
    pub months: Vec<RestoredMonth>,
    /// Devices that events among the leaves revoke, in the log's order. Each is among the devices, if
    /// only with an empty certificate.
    pub revoked: Vec<NewRevocation>,
}

/// A whole database to write.
#[derive(Clone, Debug, Default)]
pub struct Restored {
    /// What could be opened.
    pub opened: OpenedLeaves,
    /// Leaves that could not, with their hashes where these are known.
    pub lost: Vec<(u64, Option<Hash>)>,
    /// Signed checkpoints. The tree must have the newest one's root.
    pub checkpoints: Vec<StoredCheckpoint>,
    /// Events that were put aside before.
    pub parked: Vec<ParkedEvent>,
    /// Names and cards.
    pub children: Vec<(ChildId, String, CardId)>,
}

/// A leaf that is still lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LostLeaf {
    /// Its place.
    pub leaf_index: u64,
    /// Its hash, where that is known.
    pub hash: Option<Hash>,
    /// True if a person decided that it will not come back.
    pub given_up: bool,
}

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// There is a log already.
    #[error("the database holds a log of {size} leaves already: nothing was overwritten")]
    NotEmpty {
        /// Its size.
        size: u64,
    },
    /// The leaves do not lead to the newest checkpoint's root.
    #[error("what was to be written does not have the root of the newest checkpoint")]
    OtherRoot,
    /// A leaf is not the one that the tree holds in this place.
    #[error("leaf {0} is not lost, or is another one than the tree holds")]
    OtherLeaf(u64),
    /// A subtree is another one than the stored.
    #[error("the subtree {0} is another one than the stored")]
    OtherNode(NodeId),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] crate::StorageError),
}

impl From<rusqlite::Error> for RestoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Storage(error.into())
    }
}
