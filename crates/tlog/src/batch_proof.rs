//! One proof for many leaves: what the leaves themselves give is not sent, and no hash twice.
//!
//! The hashes are those of the subtrees that hold none of the leaves and whose sibling holds one, from
//! the left to the right. For one leaf they are the hashes of its inclusion proof in another order
//! ([RFC 9162 §2.1.3]). No standard has this form; [`BatchReceipt::split`](crate::BatchReceipt::split)
//! gives the standard one back.
//!
//! [RFC 9162 §2.1.3]: https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3

use std::collections::BTreeMap;

use seal::Hash;

use crate::hash::node_hash;
use crate::proof::{InclusionProof, ProofRejection, ProveError, left_leaves, path_length};
use crate::tree::{Nodes, SIZE_MAX, range_root};

/// The most leaves that a batch is read with.
pub const BATCH_LEAVES_MAX: u64 = 4096;

/// Names leaves that follow one another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LeafRange {
    /// Index of the first.
    pub start: u64,
    /// How many: at least one.
    pub count: u64,
}

/// Proves that all leaves of some ranges are in a tree.
///
/// ```
/// use tlog::{LeafRange, MemoryTree, leaf_hash, prove_batch};
///
/// let leaves: Vec<_> = (0..1000_u32).map(|n| leaf_hash(&n.to_be_bytes())).collect();
/// let tree: MemoryTree = leaves.iter().copied().collect();
/// let proof = prove_batch(&[LeafRange { start: 300, count: 600 }], 1000, &tree)?;
/// assert_eq!(proof.path.len(), 9);
/// assert_eq!(proof.verify(&leaves[300..900], tree.root()), Ok(()));
/// # Ok::<(), tlog::ProveError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BatchProof {
    /// Number of leaves of the tree.
    pub size: u64,
    /// The leaves: in order, apart from one another, at most [`BATCH_LEAVES_MAX`] in all.
    pub ranges: Vec<LeafRange>,
    /// Hashes of the subtrees without any of the leaves, from the left.
    pub path: Vec<Hash>,
}

/// Leaves `start..end` that are a subtree of the tree.
type Span = (u64, u64);

impl LeafRange {
    fn end(self) -> u64 {
        self.start + self.count
    }

    /// Puts indices into as few ranges as there can be, whatever their order.
    #[must_use]
    pub fn of(indices: &[u64]) -> Vec<Self> {
        let mut indices = indices.to_vec();
        indices.sort_unstable();
        indices.dedup();
        let mut ranges: Vec<Self> = Vec::new();
        for start in indices {
            match ranges.last_mut() {
                Some(last) if last.start.checked_add(last.count) == Some(start) => last.count += 1,
                _ => ranges.push(Self { start, count: 1 }),
            }
        }
        ranges
    }
}

impl BatchProof {
    /// Refuses ranges that no batch has, and a path of the wrong length.
    ///
    /// # Errors
    /// [`ProofRejection`] for a shape that no proof has.
    pub(crate) fn shape(&self) -> Result<(), ProofRejection> {
        let spans = spans(&self.ranges, self.size)?;
        path_length(spans.len(), &self.path)
    }

    /// Gives the indices of the leaves, in order.
    pub fn indices(&self) -> impl Iterator<Item = u64> {
        self.ranges.iter().flat_map(|range| range.start..range.start.saturating_add(range.count))
    }

    /// Computes the root that this proof leads to from all the leaves' **hashes**, in order.
    ///
    /// # Errors
    /// [`ProofRejection`] for a shape that no proof has, and for more or fewer leaves.
    pub fn root_of(&self, leaves: &[Hash]) -> Result<Hash, ProofRejection> {
        Ok(self.fold(leaves)?.1)
    }

    /// Decides whether the leaves with these **hashes** are in the tree with this root.
    ///
    /// # Errors
    /// [`ProofRejection`] says why it is not proven.
    pub fn verify(&self, leaves: &[Hash], root: Hash) -> Result<(), ProofRejection> {
        if self.root_of(leaves)? == root { Ok(()) } else { Err(ProofRejection::RootMismatch) }
    }

    /// Makes an inclusion proof for each leaf, from the leaves' hashes and this proof.
    ///
    /// # Errors
    /// As [`root_of`](Self::root_of).
    pub(crate) fn split(
        &self,
        leaves: &[Hash],
    ) -> Result<(Hash, Vec<InclusionProof>), ProofRejection> {
        let (hashes, root) = self.fold(leaves)?;
        let proof = |index: u64| {
            let (mut start, mut end, mut path) = (0, self.size, Vec::new());
            while end - start > 1 {
                let middle = start + left_leaves(end - start);
                let (near, far) = if index < middle {
                    ((start, middle), (middle, end))
                } else {
                    ((middle, end), (start, middle))
                };
                path.push(*hashes.get(&far).expect("the fold saw both halves above a leaf"));
                (start, end) = near;
            }
            path.reverse();
            InclusionProof { index, size: self.size, path }
        };
        Ok((root, self.indices().map(proof).collect()))
    }

    /// Computes all hashes on the way to the root, and the root.
    fn fold(&self, leaves: &[Hash]) -> Result<(BTreeMap<Span, Hash>, Hash), ProofRejection> {
        let spans = spans(&self.ranges, self.size)?;
        path_length(spans.len(), &self.path)?;
        let expected = self.ranges.iter().map(|range| range.count).sum();
        if leaves.len() as u64 != expected {
            return Err(ProofRejection::LeafCount { expected, found: leaves.len() });
        }
        let given = spans.into_iter().zip(self.path.iter().copied());
        let own = self.indices().map(|index| (index, index + 1)).zip(leaves.iter().copied());
        let mut hashes: BTreeMap<Span, Hash> = given.chain(own).collect();
        let root = complete((0, self.size), &mut hashes);
        Ok((hashes, root))
    }
}

/// Makes the proof that all leaves of these ranges are in the tree of the first `size` leaves.
///
/// # Errors
/// [`ProveError`] if no batch has these ranges or a node is missing.
pub fn prove_batch<N: Nodes + ?Sized>(
    ranges: &[LeafRange],
    size: u64,
    nodes: &N,
) -> Result<BatchProof, ProveError> {
    let spans = spans(ranges, size)?;
    let path = spans.into_iter().map(|(start, end)| range_root(start, end, nodes));
    let path = path.collect::<Result<_, _>>()?;
    Ok(BatchProof { size, ranges: ranges.to_vec(), path })
}

/// Lists the subtrees without any of the leaves, from the left; refuses ranges that no batch has.
fn spans(ranges: &[LeafRange], size: u64) -> Result<Vec<Span>, ProofRejection> {
    if size > SIZE_MAX {
        return Err(ProofRejection::SizeTooLarge(size));
    }
    let (mut count, mut free) = (0, 0);
    for range in ranges {
        // Ranges that touch are one range, and would be written so.
        let apart = free == 0 || range.start >= free;
        let inside = range.start < size && (1..=size - range.start).contains(&range.count);
        if !apart || !inside || range.count > BATCH_LEAVES_MAX {
            return Err(ProofRejection::Ranges);
        }
        free = range.end() + 1;
        count += range.count;
    }
    if !(1..=BATCH_LEAVES_MAX).contains(&count) {
        return Err(ProofRejection::Ranges);
    }
    let mut found = Vec::new();
    walk((0, size), ranges, &mut found);
    Ok(found)
}

/// Goes down to the subtrees that have none of the leaves; `ranges` are those that reach into it.
fn walk((start, end): Span, ranges: &[LeafRange], found: &mut Vec<Span>) {
    match ranges {
        [] => found.push((start, end)),
        [range] if range.start <= start && end <= range.end() => {}
        _ => {
            let middle = start + left_leaves(end - start);
            let left = ranges.partition_point(|range| range.start < middle);
            walk((start, middle), &ranges[..left], found);
            let right = ranges.partition_point(|range| range.end() <= middle);
            walk((middle, end), &ranges[right..], found);
        }
    }
}

/// Computes the hash of a subtree from those below it, and notes each. All that it meets is there.
fn complete((start, end): Span, hashes: &mut BTreeMap<Span, Hash>) -> Hash {
    if let Some(known) = hashes.get(&(start, end)) {
        return *known;
    }
    let middle = start + left_leaves(end - start);
    let left = complete((start, middle), hashes);
    let hash = node_hash(left, complete((middle, end), hashes));
    hashes.insert((start, end), hash);
    hash
}

#[cfg(test)]
mod tests;
