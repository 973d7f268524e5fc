//! Leaves, batches, checkpoints.

use attendance::{CardId, ChildId, DeviceId, LeafKind};
use seal::Hash;

use crate::device::NewRevocation;

/// Where an event stands in its device's chain.
#[derive(Clone, Copy, Debug)]
pub struct NewEvent {
    /// The device.
    pub device: DeviceId,
    /// Its sequence number.
    pub seq: u64,
    /// SHA-256 of its bytes.
    pub hash: Hash,
}

/// A leaf to append.
#[derive(Clone, Debug)]
pub struct NewLeaf {
    /// What it holds.
    pub kind: LeafKind,
    /// Its salt.
    pub salt: [u8; 16],
    /// The bytes that are salted and hashed.
    pub bytes: Vec<u8>,
    /// For an event: its place in the chain.
    pub event: Option<NewEvent>,
}

/// A card to append as a leaf.
#[derive(Clone, Copy, Debug)]
pub struct NewCard {
    /// Which of the batch's leaves it is.
    pub leaf: usize,
    /// Its id.
    pub card: CardId,
    /// SHA-256 of its bytes.
    pub hash: Hash,
    /// Whose it is. It becomes the child's current card.
    pub child: ChildId,
}

/// A card in the log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LoggedCard {
    /// Its id.
    pub card: CardId,
    /// SHA-256 of its bytes.
    pub hash: Hash,
    /// Whose it is.
    pub child: ChildId,
    /// Its leaf.
    pub leaf_index: u64,
}

/// An event to put aside.
#[derive(Clone, Debug)]
pub struct ParkedEvent {
    /// SHA-256 of its bytes.
    pub hash: Hash,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// A stable code.
    pub reason: String,
    /// When it came, milliseconds since 1970-01-01T00:00Z.
    pub arrived_ms: i64,
}

/// What one request or one closing writes, all or nothing.
#[derive(Clone, Debug, Default)]
pub struct SequencedBatch {
    /// Leaves, in order.
    pub leaves: Vec<NewLeaf>,
    /// The batch they came in: its hash and the hashes of its events.
    pub batch: Option<(Hash, Vec<Hash>)>,
    /// Events put aside.
    pub parked: Vec<ParkedEvent>,
    /// Devices of which two histories were seen.
    pub suspended: Vec<DeviceId>,
    /// Devices that events among the leaves revoke. The first revocation of a device counts.
    pub revoked: Vec<NewRevocation>,
    /// Events among the leaves that were put aside before, each with the decision that lets it in.
    pub released: Vec<(Hash, Hash)>,
    /// The month that these leaves close, with its ledger entries; the tranche is the last leaf.
    pub closing: Option<crate::ClosingRows>,
    /// Names and cards of children. A card in the log wins over the one given here.
    pub people: Vec<(ChildId, String, CardId)>,
    /// The cards among the leaves, in order.
    pub cards: Vec<NewCard>,
    /// When the events among the leaves came, milliseconds since 1970-01-01T00:00Z, if that is known.
    pub arrived_ms: Option<i64>,
}

/// The tree after an append.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Appended {
    /// Its size.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

/// A leaf as it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredLeaf {
    /// Its place.
    pub leaf_index: u64,
    /// What it holds.
    pub kind: LeafKind,
    /// Its salt.
    pub salt: [u8; 16],
    /// The bytes that were salted and hashed.
    pub bytes: Vec<u8>,
}

/// A signed tree head.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredCheckpoint {
    /// The tree's size.
    pub size: u64,
    /// The tree's root.
    pub root: Hash,
    /// The signed note.
    pub note: String,
}
