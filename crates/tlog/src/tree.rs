//! The tree: roots and appends over stored hashes of complete subtrees ([RFC 9162 §2.1]).
//!
//! [RFC 9162 §2.1]: https://www.rfc-editor.org/rfc/rfc9162#section-2.1

use core::fmt;
use std::collections::BTreeMap;

use seal::Hash;

use crate::hash::{empty_root, node_hash};

/// The largest tree that anything here parses or proves: no sum of sizes can overflow.
pub const SIZE_MAX: u64 = 1 << 62;

/// Names a complete subtree: the one over the leaves `index << level .. (index + 1) << level`. At
/// level 0 it is a leaf. Once complete, its hash never changes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NodeId {
    /// Height above the leaves.
    pub level: u8,
    /// Position among the subtrees of this level, from the left.
    pub index: u64,
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.level, self.index)
    }
}

/// The store does not hold a node that the tree of this size must have.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the tree's node {0} is not stored")]
pub struct MissingNode(pub NodeId);

/// Gives the hashes of complete subtrees: a table, a tile cache, or memory.
pub trait Nodes {
    /// Gives the hash of a complete subtree, if it is stored.
    fn node(&self, id: NodeId) -> Option<Hash>;
}

impl Nodes for BTreeMap<NodeId, Hash> {
    fn node(&self, id: NodeId) -> Option<Hash> {
        self.get(&id).copied()
    }
}

/// Appends one leaf hash to a tree of `size` leaves: gives the nodes that this leaf completes, lowest
/// first, the leaf itself included. The caller stores them; each is new.
///
/// # Errors
/// [`MissingNode`] if `nodes` lacks the left sibling of a completed subtree.
pub fn append<N: Nodes + ?Sized>(
    size: u64,
    leaf: Hash,
    nodes: &N,
) -> Result<Vec<(NodeId, Hash)>, MissingNode> {
    let (mut id, mut hash) = (NodeId { level: 0, index: size }, leaf);
    let mut completed = vec![(id, hash)];
    while id.index % 2 == 1 {
        let left = stored(nodes, NodeId { level: id.level, index: id.index - 1 })?;
        id = NodeId { level: id.level + 1, index: id.index / 2 };
        hash = node_hash(left, hash);
        completed.push((id, hash));
    }
    Ok(completed)
}

/// Computes the root of the first `size` leaves.
///
/// # Errors
/// [`MissingNode`] if `nodes` lacks one of the complete subtrees the tree is made of.
pub fn root<N: Nodes + ?Sized>(size: u64, nodes: &N) -> Result<Hash, MissingNode> {
    if size == 0 { Ok(empty_root()) } else { range_root(0, size, nodes) }
}

/// Computes the root over the leaves `start..end`, not empty, where `start` is a multiple of a power
/// of two that is at least `end - start`: every subtree that proofs are made of is of this form.
pub(crate) fn range_root<N: Nodes + ?Sized>(
    start: u64,
    end: u64,
    nodes: &N,
) -> Result<Hash, MissingNode> {
    let mut rest = end - start;
    let mut at = end;
    let mut root = None;
    while rest > 0 {
        let level = rest.trailing_zeros();
        at -= 1 << level;
        rest &= rest - 1;
        let level_u8 = u8::try_from(level).expect("a u64 has at most 63 trailing zeros");
        let left = stored(nodes, NodeId { level: level_u8, index: at >> level })?;
        root = Some(root.map_or(left, |right| node_hash(left, right)));
    }
    Ok(root.expect("the range is not empty"))
}

fn stored<N: Nodes + ?Sized>(nodes: &N, id: NodeId) -> Result<Hash, MissingNode> {
    nodes.node(id).ok_or(MissingNode(id))
}

/// Holds a whole tree in memory: for tests, and for verifiers that recompute a root.
///
/// ```
/// use tlog::{MemoryTree, empty_root, leaf_hash, node_hash};
///
/// let mut tree = MemoryTree::new();
/// assert_eq!(tree.root(), empty_root());
/// assert_eq!(tree.push(leaf_hash(b"a")), 0);
/// assert_eq!(tree.push(leaf_hash(b"b")), 1);
/// assert_eq!(tree.root(), node_hash(leaf_hash(b"a"), leaf_hash(b"b")));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct MemoryTree {
    levels: Vec<Vec<Hash>>,
}

impl MemoryTree {
    /// Makes the empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a leaf hash and gives its index.
    pub fn push(&mut self, leaf: Hash) -> u64 {
        let index = self.size();
        let completed = append(index, leaf, self).expect("a tree in memory holds all its nodes");
        for (level, (_, hash)) in completed.into_iter().enumerate() {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            self.levels[level].push(hash);
        }
        index
    }

    /// Counts the leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Computes the root of the whole tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        root(self.size(), self).expect("a tree in memory holds all its nodes")
    }
}

/// Holds the right edge of a tree, one node of each level: its root, and the next append.
///
/// ```
/// use tlog::{MemoryTree, TreeEdge, leaf_hash};
///
/// let (mut edge, mut tree) = (TreeEdge::default(), MemoryTree::new());
/// for n in 0..100_u8 {
///     edge.push(leaf_hash(&[n]));
///     tree.push(leaf_hash(&[n]));
///     assert_eq!(edge.root(), tree.root());
/// }
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TreeEdge {
    size: u64,
    /// The newest complete subtree of each level, with its index.
    newest: Vec<(u64, Hash)>,
}

impl TreeEdge {
    /// Appends a leaf hash and gives its index.
    pub fn push(&mut self, leaf: Hash) -> u64 {
        let index = self.size;
        let completed = append(index, leaf, self).expect("the edge holds every left sibling");
        for (level, (id, hash)) in completed.into_iter().enumerate() {
            match self.newest.get_mut(level) {
                Some(newest) => *newest = (id.index, hash),
                None => self.newest.push((id.index, hash)),
            }
        }
        self.size += 1;
        index
    }

    /// Counts the leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Computes the root of the whole tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        root(self.size, self).expect("the edge holds every complete subtree of the tree")
    }
}

impl Nodes for TreeEdge {
    fn node(&self, id: NodeId) -> Option<Hash> {
        let (index, hash) = self.newest.get(usize::from(id.level))?;
        (*index == id.index).then_some(*hash)
    }
}

impl Nodes for MemoryTree {
    fn node(&self, id: NodeId) -> Option<Hash> {
        let level = self.levels.get(usize::from(id.level))?;
        level.get(usize::try_from(id.index).ok()?).copied()
    }
}

impl Extend<Hash> for MemoryTree {
    fn extend<I: IntoIterator<Item = Hash>>(&mut self, leaves: I) {
        for leaf in leaves {
            self.push(leaf);
        }
    }
}

impl FromIterator<Hash> for MemoryTree {
    fn from_iter<I: IntoIterator<Item = Hash>>(leaves: I) -> Self {
        let mut tree = Self::new();
        tree.extend(leaves);
        tree
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::leaf_hash;

    #[test]
    fn append_names_the_completed_subtrees() {
        let tree: MemoryTree = (0..3_u8).map(|n| leaf_hash(&[n])).collect();
        let completed = append(3, leaf_hash(&[3]), &tree).unwrap();
        let ids: Vec<_> = completed.iter().map(|(id, _)| (id.level, id.index)).collect();
        assert_eq!(ids, [(0, 3), (1, 1), (2, 0)]);
        assert_eq!(append(2, leaf_hash(&[2]), &tree).unwrap().len(), 1);
    }

    #[test]
    fn says_which_node_is_missing() {
        let none = BTreeMap::new();
        let missing = |level, index| MissingNode(NodeId { level, index });
        assert_eq!(root(0, &none), Ok(empty_root()));
        assert_eq!(root(6, &none), Err(missing(1, 2)));
        assert_eq!(append(5, leaf_hash(b""), &none), Err(missing(0, 4)));
        assert_eq!(append(u64::MAX, leaf_hash(b""), &none), Err(missing(0, u64::MAX - 1)));
    }

    #[test]
    fn no_size_overflows_even_if_every_node_is_there() {
        struct All;
        impl Nodes for All {
            fn node(&self, _: NodeId) -> Option<Hash> {
                Some(Hash::default())
            }
        }
        assert_eq!(append(u64::MAX, Hash::default(), &All).unwrap().len(), 65);
        assert!(root(u64::MAX, &All).is_ok());
        assert!(root(1 << 63, &All).is_ok());
    }
}
