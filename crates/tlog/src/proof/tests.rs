use proptest::prelude::*;

use super::*;
use crate::hash::leaf_hash;
use crate::tree::{MemoryTree, NodeId, root};

/// The recursive definition, word for word: MTH of RFC 6962 section 2.1.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(naive_root(left), naive_root(right))
        }
    }
}

/// PATH of RFC 6962 section 2.1.1.
fn naive_path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let k = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(k);
    let (mut path, sibling) = if index < k {
        (naive_path(index, left), naive_root(right))
    } else {
        (naive_path(index - k, right), naive_root(left))
    };
    path.push(sibling);
    path
}

/// SUBPROOF of RFC 6962 section 2.1.2.
fn naive_subproof(from: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if from == leaves.len() {
        return if whole { Vec::new() } else { vec![naive_root(leaves)] };
    }
    let k = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(k);
    let (mut path, sibling) = if from <= k {
        (naive_subproof(from, left, whole), naive_root(right))
    } else {
        (naive_subproof(from - k, right, false), naive_root(left))
    };
    path.push(sibling);
    path
}

/// Different leaves, so that no two subtrees are alike.
fn leaves(count: usize) -> Vec<Hash> {
    (0..count as u64).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

fn tree(count: usize) -> MemoryTree {
    leaves(count).into_iter().collect()
}

#[test]
fn proves_every_leaf_of_every_tree_up_to_64_as_the_definition_does() {
    let (all, tree) = (leaves(64), tree(64));
    for size in 1..=64_usize {
        for index in 0..size {
            let proof = prove_inclusion(index as u64, size as u64, &tree).unwrap();
            assert_eq!(proof.path, naive_path(index, &all[..size]), "{index} of {size}");
            assert_eq!(proof.verify(all[index], naive_root(&all[..size])), Ok(()));
        }
    }
}

#[test]
fn proves_consistency_of_all_pairs_up_to_64_as_the_definition_does() {
    let (all, tree) = (leaves(64), tree(64));
    let roots: Vec<_> = (0..=64).map(|size| naive_root(&all[..size])).collect();
    for to in 0..=64_usize {
        for from in 0..=to {
            let proof = prove_consistency(from as u64, to as u64, &tree).unwrap();
            if from > 0 {
                assert_eq!(proof.path, naive_subproof(from, &all[..to], true), "{from} to {to}");
            }
            assert_eq!(proof.verify(roots[from], roots[to]), Ok(()), "{from} to {to}");
            let other = leaf_hash(b"other");
            assert_eq!(proof.verify(other, roots[to]), Err(ProofRejection::RootMismatch));
            if to > 0 && from > 0 {
                assert_eq!(proof.verify(roots[from], other), Err(ProofRejection::RootMismatch));
            }
        }
    }
}

#[test]
fn every_tree_starts_with_the_empty_one() {
    let from_nothing = |to| ConsistencyProof { from: 0, to, path: Vec::new() };
    let some = leaf_hash(b"some");
    assert_eq!(from_nothing(9).verify(empty_root(), some), Ok(()));
    assert_eq!(from_nothing(9).verify(some, some), Err(ProofRejection::RootMismatch));
    assert_eq!(from_nothing(0).verify(empty_root(), empty_root()), Ok(()));
    assert_eq!(from_nothing(0).verify(empty_root(), some), Err(ProofRejection::RootMismatch));
}

#[test]
fn refuses_numbers_that_no_tree_has() {
    let inclusion = |index, size| InclusionProof { index, size, path: Vec::new() };
    let leaf = leaf_hash(b"leaf");
    let out = |index, size| Err(ProofRejection::OutOfRange { index, size });
    assert_eq!(inclusion(0, 0).root_of(leaf), out(0, 0));
    assert_eq!(inclusion(4, 4).root_of(leaf), out(4, 4));
    assert_eq!(inclusion(u64::MAX, 4).root_of(leaf), out(u64::MAX, 4));
    let size = SIZE_MAX + 1;
    assert_eq!(inclusion(0, size).root_of(leaf), Err(ProofRejection::SizeTooLarge(size)));
    let expected = Err(ProofRejection::PathLength { expected: 62, found: 0 });
    assert_eq!(inclusion(SIZE_MAX - 1, SIZE_MAX).root_of(leaf), expected);

    let consistency = |from, to| ConsistencyProof { from, to, path: Vec::new() };
    let shrunk = Err(ProofRejection::Shrunk { from: 5, to: 4 });
    assert_eq!(consistency(5, 4).verify(leaf, leaf), shrunk);
    let too_large = Err(ProofRejection::SizeTooLarge(u64::MAX));
    assert_eq!(consistency(1, u64::MAX).verify(leaf, leaf), too_large);
    assert_eq!(consistency(u64::MAX, u64::MAX).verify(leaf, leaf), too_large);
}

#[test]
fn does_not_prove_what_is_not_there() {
    let tree = tree(4);
    assert!(matches!(prove_inclusion(4, 4, &tree), Err(ProveError::NotProvable(_))));
    assert!(matches!(prove_inclusion(0, 0, &tree), Err(ProveError::NotProvable(_))));
    assert!(matches!(prove_consistency(4, 3, &tree), Err(ProveError::NotProvable(_))));
    let missing = Err(ProveError::Missing(MissingNode(NodeId { level: 2, index: 1 })));
    assert_eq!(prove_inclusion(1, 8, &tree), missing);
}

#[test]
fn the_longest_paths_fit_the_limit() {
    struct Any;
    impl Nodes for Any {
        fn node(&self, _: NodeId) -> Option<Hash> {
            Some(Hash::default())
        }
    }
    let longest = prove_inclusion(0, SIZE_MAX, &Any).unwrap();
    assert!(longest.path.len() <= PATH_MAX);
    assert!(longest.root_of(leaf_hash(b"")).is_ok());
    let longest = prove_consistency(SIZE_MAX / 2 - 1, SIZE_MAX, &Any).unwrap();
    assert!(longest.path.len() <= PATH_MAX);
    assert!(longest.verify(Hash::default(), Hash::default()).is_err());
}

proptest! {
    #[test]
    fn the_memory_tree_is_the_naive_tree(
        data in prop::collection::vec(any::<Vec<u8>>(), 0..150),
    ) {
        let leaves: Vec<_> = data.iter().map(|data| leaf_hash(data)).collect();
        let tree: MemoryTree = leaves.iter().copied().collect();
        prop_assert_eq!(tree.size(), leaves.len() as u64);
        prop_assert_eq!(tree.root(), naive_root(&leaves));
        for size in 0..=leaves.len() {
            prop_assert_eq!(root(size as u64, &tree), Ok(naive_root(&leaves[..size])));
        }
    }

    #[test]
    fn a_tree_of_n_and_m_is_m_appended_to_n(n in 0..300_usize, m in 0..300_usize) {
        let all = leaves(n + m);
        let mut grown: MemoryTree = all[..n].iter().copied().collect();
        let before = grown.root();
        grown.extend(all[n..].iter().copied());
        prop_assert_eq!(&grown, &tree(n + m));
        let proof = prove_consistency(n as u64, (n + m) as u64, &grown).unwrap();
        prop_assert_eq!(proof.verify(before, grown.root()), Ok(()));
    }

    #[test]
    fn refuses_every_change_of_an_inclusion_proof(
        (size, index) in (1..400_usize).prop_flat_map(|size| (Just(size), 0..size)),
        byte in 0..32_usize,
        bit in 0..8_u8,
    ) {
        let (leaf, tree) = (leaves(size)[index], tree(size));
        let proof = prove_inclusion(index as u64, size as u64, &tree).unwrap();
        prop_assert_eq!(proof.verify(leaf, tree.root()), Ok(()));

        let flip = |hash: Hash| {
            let mut flipped = hash;
            flipped.0[byte] ^= 1 << bit;
            flipped
        };
        prop_assert!(proof.verify(flip(leaf), tree.root()).is_err());
        prop_assert!(proof.verify(leaf, flip(tree.root())).is_err());
        for at in 0..proof.path.len() {
            let mut changed = proof.clone();
            changed.path[at] = flip(changed.path[at]);
            prop_assert!(changed.verify(leaf, tree.root()).is_err());
            changed = proof.clone();
            changed.path.remove(at);
            prop_assert!(changed.verify(leaf, tree.root()).is_err());
        }
        let longer = [&proof.path[..], &[leaf]].concat();
        let longer = InclusionProof { path: longer, ..proof };
        prop_assert!(longer.verify(leaf, tree.root()).is_err());
        for other in (0..size as u64 + 2).filter(|other| *other != proof.index) {
            let moved = InclusionProof { index: other, ..proof.clone() };
            prop_assert!(moved.verify(leaf, tree.root()).is_err(), "moved to {}", other);
        }
    }

    #[test]
    fn refuses_every_change_of_a_consistency_proof(
        (from, to) in (2..300_usize).prop_flat_map(|to| (1..to, Just(to))),
        byte in 0..32_usize,
        bit in 0..8_u8,
    ) {
        let tree = tree(to);
        let before = root(from as u64, &tree).unwrap();
        let proof = prove_consistency(from as u64, to as u64, &tree).unwrap();
        prop_assert_eq!(proof.verify(before, tree.root()), Ok(()));
        for at in 0..proof.path.len() {
            let mut changed = proof.clone();
            changed.path[at].0[byte] ^= 1 << bit;
            prop_assert!(changed.verify(before, tree.root()).is_err());
            changed = proof.clone();
            changed.path.remove(at);
            prop_assert!(changed.verify(before, tree.root()).is_err());
        }
    }

    #[test]
    fn no_proof_from_outside_panics(
        a in any::<u64>(),
        b in any::<u64>(),
        shift in 0..64_u32,
        path in prop::collection::vec(any::<[u8; 32]>().prop_map(Hash), 0..66),
    ) {
        let (a, b) = (a >> shift, b >> shift);
        let (low, high) = (a.min(b), a.max(b));
        for (x, y) in [(a, b), (low, high)] {
            let inclusion = InclusionProof { index: x, size: y, path: path.clone() };
            prop_assert!(inclusion.verify(Hash::default(), Hash([1; 32])).is_err());
            let consistency = ConsistencyProof { from: x, to: y, path: path.clone() };
            prop_assert!(x == y || consistency.verify(Hash::default(), Hash([1; 32])).is_err());
        }
    }

    /// The formula of the path length holds: a path that long is taken, at any size.
    #[test]
    fn takes_exactly_the_paths_that_the_prover_makes(
        size in 1..=SIZE_MAX,
        index in any::<u64>(),
        from in any::<u64>(),
    ) {
        struct Any;
        impl Nodes for Any {
            fn node(&self, id: NodeId) -> Option<Hash> {
                Some(leaf_hash(&[id.level]))
            }
        }
        let (index, from) = (index % size, 1 + from % size);
        let proof = prove_inclusion(index, size, &Any).unwrap();
        prop_assert_eq!(proof.shape(), Ok(()));
        let proof = prove_consistency(from, size, &Any).unwrap();
        prop_assert_eq!(proof.path.len(), consistency_path_length(from, size));
    }
}
