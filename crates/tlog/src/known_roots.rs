//! Which tree of a log a root is of: for whoever has the leaves and is shown a root without its size.

use std::collections::BTreeMap;

use seal::Hash;

use crate::hash::{empty_root, node_hash};

/// Finds, for each of these roots, the size of the smallest tree over the first leaves that has it. A
/// root that is in no place of the answer is of another log, or of a tree that is larger.
///
/// Hashes each leaf's part of the tree once, and for each size as many nodes as it has complete
/// subtrees.
///
/// ```
/// use tlog::{leaf_hash, node_hash, sizes_of_roots};
///
/// let leaves = [leaf_hash(b"a"), leaf_hash(b"b")];
/// let both = node_hash(leaves[0], leaves[1]);
/// let sizes = sizes_of_roots(leaves, &[both, leaf_hash(b"c")]);
/// assert_eq!(sizes.into_iter().collect::<Vec<_>>(), [(both, 2)]);
/// ```
#[must_use]
pub fn sizes_of_roots(
    leaves: impl IntoIterator<Item = Hash>,
    wanted: &[Hash],
) -> BTreeMap<Hash, u64> {
    let mut found = BTreeMap::new();
    if wanted.contains(&empty_root()) {
        found.insert(empty_root(), 0);
    }
    let mut wanted: Vec<Hash> = wanted.to_vec();
    wanted.sort_unstable();
    // The complete subtrees that the tree is made of, the largest first, each with its height.
    let mut peaks: Vec<(u32, Hash)> = Vec::new();
    for (before, leaf) in (0u64..).zip(leaves) {
        let (mut height, mut hash) = (0, leaf);
        while let Some((of, left)) = peaks.pop_if(|(of, _)| *of == height) {
            (height, hash) = (of + 1, node_hash(left, hash));
        }
        peaks.push((height, hash));
        let mut from_right = peaks.iter().rev().map(|(_, hash)| *hash);
        let last = from_right.next().unwrap_or_else(empty_root);
        let root = from_right.fold(last, |right, left| node_hash(left, right));
        if wanted.binary_search(&root).is_ok() {
            found.entry(root).or_insert(before + 1);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemoryTree, leaf_hash};

    #[test]
    fn finds_the_size_of_every_root_and_of_no_other() {
        let leaves: Vec<Hash> = (0u8..70).map(|number| leaf_hash(&[number])).collect();
        let mut tree = MemoryTree::new();
        let mut roots = vec![tree.root()];
        for leaf in &leaves {
            tree.push(*leaf);
            roots.push(tree.root());
        }
        let sizes = sizes_of_roots(leaves.iter().copied(), &roots);
        assert_eq!(sizes.len(), 71);
        for (size, root) in (0..).zip(&roots) {
            assert_eq!(sizes.get(root), Some(&size));
        }
        let fewer = sizes_of_roots(leaves.iter().copied().take(69), &roots[69..]);
        assert_eq!(fewer.into_iter().collect::<Vec<_>>(), [(roots[69], 69)]);
        assert!(sizes_of_roots(leaves, &[leaf_hash(b"another log")]).is_empty());
    }
}
