//! Inclusion and consistency proofs ([RFC 9162 §2.1.3], [RFC 9162 §2.1.4]; the same paths as
//! [RFC 6962 §2.1.1] and [RFC 6962 §2.1.2]).
//!
//! [RFC 9162 §2.1.3]: https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3
//! [RFC 9162 §2.1.4]: https://www.rfc-editor.org/rfc/rfc9162#section-2.1.4
//! [RFC 6962 §2.1.1]: https://www.rfc-editor.org/rfc/rfc6962#section-2.1.1
//! [RFC 6962 §2.1.2]: https://www.rfc-editor.org/rfc/rfc6962#section-2.1.2

use seal::Hash;

use crate::hash::{empty_root, node_hash};
use crate::tree::{MissingNode, NodeId, Nodes, SIZE_MAX, range_root};

/// The most hashes that a proof is read with.
pub const PATH_MAX: usize = 64;

/// Why a proof was not accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofRejection {
    /// The tree is said to have more leaves than [`SIZE_MAX`].
    #[error("a tree of {0} leaves is larger than any log")]
    SizeTooLarge(u64),
    /// The leaf would lie behind the end of the tree.
    #[error("leaf {index} is outside of a tree of {size} leaves")]
    OutOfRange {
        /// The leaf's claimed index.
        index: u64,
        /// The tree's claimed size.
        size: u64,
    },
    /// The tree would have shrunk.
    #[error("a tree of {from} leaves cannot have grown to {to}")]
    Shrunk {
        /// Size of the earlier tree.
        from: u64,
        /// Size of the later tree.
        to: u64,
    },
    /// The path has more or fewer hashes than these sizes need.
    #[error("the path has {found} hashes, not {expected}")]
    PathLength {
        /// How many hashes this place in the tree needs.
        expected: usize,
        /// How many the proof has.
        found: usize,
    },
    /// The batch's ranges are empty, too many, out of order or out of the tree.
    #[error("no batch has these leaves")]
    Ranges,
    /// There are more or fewer leaves than the batch says.
    #[error("the batch has {expected} leaves, not {found}")]
    LeafCount {
        /// How many it says.
        expected: u64,
        /// How many there are.
        found: usize,
    },
    /// The path leads to another root.
    #[error("the path leads to another root")]
    RootMismatch,
}

/// Why a proof could not be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProveError {
    /// There is no such proof: the leaf or the sizes are out of range.
    #[error("no such proof exists")]
    NotProvable(#[from] ProofRejection),
    /// The store lacks a node.
    #[error(transparent)]
    Missing(#[from] MissingNode),
}

/// Proves that one leaf is in a tree. Parsing and verifying are separate: nothing here is believed
/// before [`verify`](Self::verify).
///
/// ```
/// use tlog::{MemoryTree, ProofRejection, leaf_hash, prove_inclusion};
///
/// let tree: MemoryTree = [&b"a"[..], b"b", b"c"].into_iter().map(leaf_hash).collect();
/// let proof = prove_inclusion(2, 3, &tree)?;
/// assert_eq!(proof.verify(leaf_hash(b"c"), tree.root()), Ok(()));
/// assert_eq!(proof.verify(leaf_hash(b"x"), tree.root()), Err(ProofRejection::RootMismatch));
/// # Ok::<(), tlog::ProveError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InclusionProof {
    /// Index of the leaf.
    pub index: u64,
    /// Number of leaves of the tree.
    pub size: u64,
    /// Sibling hashes, from the leaf upwards.
    pub path: Vec<Hash>,
}

impl InclusionProof {
    /// Refuses an index behind the end of the tree, and a path of the wrong length.
    ///
    /// # Errors
    /// [`ProofRejection`] for a shape that no tree has.
    pub(crate) fn shape(&self) -> Result<(), ProofRejection> {
        in_range(self.index, self.size)?;
        path_length(inclusion_path_length(self.index, self.size), &self.path)
    }

    /// Computes the root that this proof leads to from a leaf **hash** ([RFC 9162 §2.1.3.2]).
    ///
    /// # Errors
    /// [`ProofRejection`] for a shape that no tree has.
    ///
    /// [RFC 9162 §2.1.3.2]: https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3.2
    pub fn root_of(&self, leaf: Hash) -> Result<Hash, ProofRejection> {
        self.shape()?;
        let (mut node, mut last) = (self.index, self.size - 1);
        let mut root = leaf;
        for sibling in &self.path {
            if node % 2 == 1 || node == last {
                root = node_hash(*sibling, root);
                let skipped = if node == 0 { 0 } else { node.trailing_zeros() };
                (node, last) = (node >> skipped, last >> skipped);
            } else {
                root = node_hash(root, *sibling);
            }
            (node, last) = (node >> 1, last >> 1);
        }
        Ok(root)
    }

    /// Names the complete subtrees among the path's hashes. If the proof holds, these are their
    /// hashes for ever, whatever the log grows to.
    ///
    /// # Errors
    /// [`ProofRejection`] for a shape that no tree has.
    pub fn complete_subtrees(&self) -> Result<Vec<(NodeId, Hash)>, ProofRejection> {
        self.shape()?;
        let (mut start, mut end) = (0, self.size);
        let mut named = Vec::new();
        // From the root downwards, so the path's hashes come from behind.
        for hash in self.path.iter().rev() {
            let middle = start + left_leaves(end - start);
            let sibling = if self.index < middle {
                let right = (middle, end);
                end = middle;
                right
            } else {
                let left = (start, middle);
                start = middle;
                left
            };
            let leaves = sibling.1 - sibling.0;
            if leaves.is_power_of_two() {
                let level = u8::try_from(leaves.ilog2()).expect("at most 63");
                named.push((NodeId { level, index: sibling.0 >> level }, *hash));
            }
        }
        Ok(named)
    }

    /// Decides whether the leaf with this **hash** is in the tree with this root.
    ///
    /// # Errors
    /// [`ProofRejection`] says why it is not proven.
    pub fn verify(&self, leaf: Hash, root: Hash) -> Result<(), ProofRejection> {
        if self.root_of(leaf)? == root { Ok(()) } else { Err(ProofRejection::RootMismatch) }
    }
}

/// Proves that a tree grew from another by appending only.
///
/// ```
/// use tlog::{MemoryTree, leaf_hash, prove_consistency};
///
/// let mut tree: MemoryTree = [&b"a"[..], b"b", b"c"].into_iter().map(leaf_hash).collect();
/// let before = tree.root();
/// tree.push(leaf_hash(b"d"));
/// let proof = prove_consistency(3, 4, &tree)?;
/// assert_eq!(proof.verify(before, tree.root()), Ok(()));
/// # Ok::<(), tlog::ProveError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConsistencyProof {
    /// Size of the earlier tree.
    pub from: u64,
    /// Size of the later tree.
    pub to: u64,
    /// The hashes, in the order of [RFC 9162 §2.1.4.1]. Empty if `from` is 0 or `to`.
    ///
    /// [RFC 9162 §2.1.4.1]: https://www.rfc-editor.org/rfc/rfc9162#section-2.1.4.1
    pub path: Vec<Hash>,
}

impl ConsistencyProof {
    /// Decides whether the tree with root `to` starts with the leaves of the tree with root `from`
    /// ([RFC 9162 §2.1.4.2]). Every tree starts with the empty one.
    ///
    /// # Errors
    /// [`ProofRejection`] says why it is not proven.
    ///
    /// [RFC 9162 §2.1.4.2]: https://www.rfc-editor.org/rfc/rfc9162#section-2.1.4.2
    pub fn verify(&self, from: Hash, to: Hash) -> Result<(), ProofRejection> {
        self.shape()?;
        let proven = if self.from == 0 {
            from == empty_root() && (self.to > 0 || to == from)
        } else if self.from == self.to {
            from == to
        } else {
            self.roots(from) == (from, to)
        };
        if proven { Ok(()) } else { Err(ProofRejection::RootMismatch) }
    }

    /// Refuses sizes in the wrong order, and a path of the wrong length.
    ///
    /// # Errors
    /// [`ProofRejection`] for a shape that no proof has.
    pub(crate) fn shape(&self) -> Result<(), ProofRejection> {
        not_shrunk(self.from, self.to)?;
        path_length(consistency_path_length(self.from, self.to), &self.path)
    }

    /// Computes both roots, for `0 < from < to` and a path of the right length.
    pub(crate) fn roots(&self, from: Hash) -> (Hash, Hash) {
        let shift = (self.from - 1).trailing_ones();
        let (mut node, mut last) = ((self.from - 1) >> shift, (self.to - 1) >> shift);
        let mut path = self.path.iter().copied();
        // The earlier tree is one complete subtree: its root is the start, and is not sent.
        let start = if node == 0 { from } else { path.next().unwrap_or_default() };
        let (mut earlier, mut later) = (start, start);
        for hash in path {
            if node % 2 == 1 || node == last {
                (earlier, later) = (node_hash(hash, earlier), node_hash(hash, later));
                let skipped = if node == 0 { 0 } else { node.trailing_zeros() };
                (node, last) = (node >> skipped, last >> skipped);
            } else {
                later = node_hash(later, hash);
            }
            (node, last) = (node >> 1, last >> 1);
        }
        (earlier, later)
    }
}

/// Makes the proof that leaf `index` is in the tree of the first `size` leaves.
///
/// # Errors
/// [`ProveError`] if there is no such leaf or a node is missing.
pub fn prove_inclusion<N: Nodes + ?Sized>(
    index: u64,
    size: u64,
    nodes: &N,
) -> Result<InclusionProof, ProveError> {
    in_range(index, size)?;
    let (mut start, mut end) = (0, size);
    let mut path = Vec::new();
    while end - start > 1 {
        let middle = start + left_leaves(end - start);
        if index < middle {
            path.push(range_root(middle, end, nodes)?);
            end = middle;
        } else {
            path.push(range_root(start, middle, nodes)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(InclusionProof { index, size, path })
}

/// Makes the proof that the first `to` leaves begin with the first `from` leaves.
///
/// # Errors
/// [`ProveError`] if `from > to` or a node is missing.
pub fn prove_consistency<N: Nodes + ?Sized>(
    from: u64,
    to: u64,
    nodes: &N,
) -> Result<ConsistencyProof, ProveError> {
    not_shrunk(from, to)?;
    let (mut start, mut end) = (0, to);
    let mut path = Vec::new();
    // `from == 0` needs no proof; else descend to the subtree that ends where `from` ends.
    while from > 0 && end != from {
        let middle = start + left_leaves(end - start);
        if from <= middle {
            path.push(range_root(middle, end, nodes)?);
            end = middle;
        } else {
            path.push(range_root(start, middle, nodes)?);
            start = middle;
        }
    }
    if start > 0 {
        path.push(range_root(start, end, nodes)?);
    }
    path.reverse();
    Ok(ConsistencyProof { from, to, path })
}

fn in_range(index: u64, size: u64) -> Result<(), ProofRejection> {
    if size > SIZE_MAX {
        return Err(ProofRejection::SizeTooLarge(size));
    }
    if index < size { Ok(()) } else { Err(ProofRejection::OutOfRange { index, size }) }
}

fn not_shrunk(from: u64, to: u64) -> Result<(), ProofRejection> {
    if to > SIZE_MAX {
        return Err(ProofRejection::SizeTooLarge(to));
    }
    if from <= to { Ok(()) } else { Err(ProofRejection::Shrunk { from, to }) }
}

pub(crate) fn path_length(expected: usize, path: &[Hash]) -> Result<(), ProofRejection> {
    let found = path.len();
    if found == expected { Ok(()) } else { Err(ProofRejection::PathLength { expected, found }) }
}

/// Counts the leaves left of the split of a tree of `size > 1` leaves: the largest power of two that
/// is smaller than `size`.
pub(crate) fn left_leaves(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// Counts the siblings on the way from a leaf to the root: one for each level at which the leaf's
/// subtree differs from the last one, then one for each complete subtree to the left.
fn inclusion_path_length(index: u64, size: u64) -> usize {
    let inner = u64::BITS - (index ^ (size - 1)).leading_zeros();
    let left = index.checked_shr(inner).unwrap_or(0).count_ones();
    usize::try_from(inner + left).expect("at most 64")
}

/// Counts the hashes of a consistency proof, for `from <= to`.
fn consistency_path_length(from: u64, to: u64) -> usize {
    if from == 0 || from == to {
        return 0;
    }
    // The path of the largest complete subtree that ends the earlier tree, and its own hash, unless
    // it is the whole earlier tree.
    let level = from.trailing_zeros();
    let node = (from - 1) >> level;
    let own = usize::from(node > 0);
    inclusion_path_length(node, ((to - 1) >> level) + 1) + own
}

#[cfg(test)]
mod tests;
