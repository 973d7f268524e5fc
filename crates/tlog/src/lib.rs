//! Merkle log arithmetic: leaves, trees, proofs, checkpoints, receipts.
//!
//! Absent on purpose: storage, HTTP, clocks, randomness, and any idea of what a leaf means. Times
//! are handed in.
//!
//! # Invariants
//! - A root is a function of the leaf hashes alone ([RFC 6962 §2.1]).
//! - [`Receipt::verify`] needs no network and no state but the log's public key. It proves that the
//!   leaf is in a tree that the log signed; *where* is certain only under a checkpoint
//!   ([`VerifiedReceipt::under`]).
//! - Everything parsed here is bounded: [`RECEIPT_BYTES_MAX`], [`NOTE_BYTES_MAX`],
//!   [`SIGNATURES_MAX`], [`PATH_MAX`], [`SIZE_MAX`]. What parses is written as the same bytes; only a
//!   [`Policy`] may have comments.
//! - A witness signs nothing that is not stored: an answer cannot be had before ([`witness`]).
//! - A tile counts once it is proven to be under the checkpoint's root ([`TileTree`]).
//! - A proof that fails is no evidence against the log; [`TwoHistories`] says what is.
//!
//! Start at [`append`] and [`MemoryTree`], then [`InclusionProof`], then [`Receipt`] and
//! [`BatchReceipt`]; for those who watch a log, at [`Checkpoint::grew_into`], [`Policy`] and
//! [`witness`]; for publishing, at [`new_tiles`] and [`TlogProof`].
//!
//! # From a leaf to a verified receipt
//! ```
//! use seal::{Signer, SoftwareKey};
//! use tlog::{MemoryTree, Receipt, leaf_hash, prove_inclusion, salted_leaf};
//!
//! let log_key = SoftwareKey::from_seed(&[1; 32]);
//! let mut tree = MemoryTree::new();
//! tree.push(leaf_hash(b"genesis"));
//!
//! // The log appends a salted commitment to somebody's bytes, and issues a receipt for it.
//! let leaf_data = salted_leaf(&[7; 16], b"signed bytes of an event");
//! let index = tree.push(leaf_hash(leaf_data.as_ref()));
//! let proof = prove_inclusion(index, tree.size(), &tree)?;
//! let bytes = Receipt::issue(&log_key, &proof, tree.root())?;
//!
//! // Whoever holds the bytes and the salt verifies it, offline.
//! let verified = Receipt::parse(&bytes)?.verify(&log_key.public_key(), &leaf_data)?;
//! assert_eq!((verified.index, verified.size, verified.root), (1, 2, tree.root()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [RFC 6962 §2.1]: https://www.rfc-editor.org/rfc/rfc6962#section-2.1
#![forbid(unsafe_code)]

pub mod add_checkpoint;
pub mod batch_proof;
pub mod batch_receipt;
pub mod bundle;
pub mod checkpoint;
pub mod cosignature;
pub mod hash;
pub mod history;
pub mod known_roots;
pub mod note;
pub mod policy;
pub mod proof;
pub mod quorum;
pub mod receipt;
pub mod receipt_file;
pub mod tile;
pub mod tile_tree;
pub mod tlog_proof;
pub mod tree;
pub mod verifier_key;
pub mod witness;

pub use add_checkpoint::{AddCheckpoint, WitnessAnswer};
pub use batch_proof::{BatchProof, LeafRange, prove_batch};
pub use batch_receipt::{BatchReceipt, VerifiedBatch};
pub use bundle::{BundleId, bundle_bytes, new_bundles};
pub use checkpoint::{Checkpoint, SignNoteError, sign_note};
pub use cosignature::{COSIGNED_AT_MAX_S, Cosignature, WitnessKey, cosign};
pub use hash::{empty_root, leaf_hash, node_hash, salted_leaf};
pub use history::TwoHistories;
pub use known_roots::sizes_of_roots;
pub use note::{NOTE_BYTES_MAX, NoteRejection, SIGNATURES_MAX, SignatureLine, SignedNote};
pub use policy::{Policy, WitnessedCheckpoint};
pub use proof::{
    ConsistencyProof, InclusionProof, PATH_MAX, ProofRejection, ProveError, prove_consistency,
    prove_inclusion,
};
pub use quorum::{Quorum, Tally, TimedWitness};
pub use receipt::{
    IssueError, RECEIPT_BYTES_MAX, RECEIPT_INCLUSION, RECEIPT_VDP, RECEIPT_VDS,
    RECEIPT_VDS_RFC9162_SHA256, Receipt, ReceiptRejection, VerifiedReceipt,
};
pub use receipt_file::{ReceiptFile, ReceiptFileRejection};
pub use tile::{TileId, new_tiles, tile_bytes, tiles_of};
pub use tile_tree::TileTree;
pub use tlog_proof::TlogProof;
pub use tree::{MemoryTree, MissingNode, NodeId, Nodes, SIZE_MAX, TreeEdge, append, root};
pub use verifier_key::{VerifierKey, VerifierKeyRejection};
