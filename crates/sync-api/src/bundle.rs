//! The audit bundle: everything that a tranche rests on, in one file.

use attendance::LeafKind;
use serde::{Deserialize, Serialize};

use crate::bytes::Base64;
use crate::tags::ChildTagKey;

mod stream;
mod writer;

pub use stream::{BundleHead, BundlePart, BundleReader};
pub use writer::{BundleStart, BundleWriter};

/// The format name of a [`Bundle`].
pub const BUNDLE_FORMAT: &str = "qatysu-bundle/1";

/// One leaf, opened.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct BundleLeaf {
    /// What it holds.
    pub kind: LeafKind,
    /// The salt, 16 bytes.
    pub salt: Base64,
    /// The bytes that were salted and hashed.
    pub bytes: Base64,
}

/// Holds what an outsider needs to recompute a month's tranche: no server, no database.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// [`BUNDLE_FORMAT`].
    pub format: String,
    /// `year * 100 + month`.
    pub month: u32,
    /// The root keys.
    pub roots: Base64,
    /// The signed trust list.
    pub trust_list: Base64,
    /// The checkpoint over all leaves below, as a signed note.
    pub checkpoint: String,
    /// Certificates of the devices whose events are in the log.
    pub certificates: Vec<Base64>,
    /// All leaves, from the first.
    pub leaves: Vec<BundleLeaf>,
    /// What the tag lists among them were made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_keys: Option<BundleTagKeys>,
}

/// The keys that made the log's tag lists, so that the lists can be made again.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BundleTagKeys {
    /// The key for leaves about no child, 32 bytes.
    pub nobody: Base64,
    /// The keys of all children that a leaf is about, by child.
    pub children: Vec<ChildTagKey>,
}
