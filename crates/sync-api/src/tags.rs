//! Completeness: which leaves of the log are about own children, and those leaves.

use attendance::{ChildId, LeafKind};
use serde::{Deserialize, Serialize};

use crate::bytes::Base64;

/// A leaf with its proof.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ProvenLeaf {
    /// Its place in the log.
    pub leaf_index: u64,
    /// The bytes that were salted and hashed.
    pub bytes: Base64,
    /// The salt, 16 bytes.
    pub salt: Base64,
    /// The RFC 9942 receipt.
    pub receipt: Base64,
}

/// The key that finds a child's tags.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ChildTagKey {
    /// The child.
    pub child: ChildId,
    /// An [`attendance::TagKey`], 32 bytes. Secret: it goes to the child's parents and to auditors.
    pub key: Base64,
}

/// `GET /v1/tags/{from}`: the tag lists that cover leaf `from` and those after it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TagsResponse {
    /// The checkpoint that the receipts are for, as a signed note.
    pub checkpoint: String,
    /// The keys of the own children.
    pub keys: Vec<ChildTagKey>,
    /// The lists, in the log's order.
    pub lists: Vec<ProvenLeaf>,
    /// True if more is there now.
    pub more: bool,
}

/// `GET /v1/entry/{leaf}`: one leaf about an own child.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct EntryResponse {
    /// The checkpoint that the receipt is for, as a signed note.
    pub checkpoint: String,
    /// What it holds.
    pub kind: LeafKind,
    /// For an event: the certificate of the device that recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Base64>,
    /// The leaf.
    pub leaf: ProvenLeaf,
}
