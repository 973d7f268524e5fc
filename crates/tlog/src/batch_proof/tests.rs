use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::hash::leaf_hash;
use crate::proof::prove_inclusion;
use crate::tree::MemoryTree;

fn leaf(n: u64) -> Hash {
    leaf_hash(&n.to_be_bytes())
}

fn tree(size: u64) -> MemoryTree {
    (0..size).map(leaf).collect()
}

fn range(start: u64, count: u64) -> LeafRange {
    LeafRange { start, count }
}

fn leaves(proof: &BatchProof) -> Vec<Hash> {
    proof.indices().map(leaf).collect()
}

#[test]
fn for_one_leaf_it_has_the_hashes_of_an_inclusion_proof() {
    let tree = tree(23);
    for index in 0..23 {
        let batch = prove_batch(&[range(index, 1)], 23, &tree).unwrap();
        let one = prove_inclusion(index, 23, &tree).unwrap();
        let set = |path: &[Hash]| path.iter().copied().collect::<BTreeSet<_>>();
        assert_eq!(set(&batch.path), set(&one.path));
        assert_eq!(batch.split(&[leaf(index)]), Ok((tree.root(), vec![one])));
    }
}

#[test]
fn the_whole_tree_needs_no_hash() {
    let tree = tree(23);
    let proof = prove_batch(&[range(0, 23)], 23, &tree).unwrap();
    assert!(proof.path.is_empty());
    assert_eq!(proof.verify(&leaves(&proof), tree.root()), Ok(()));
}

#[test]
fn refuses_other_leaves_and_more_or_fewer() {
    let tree = tree(23);
    let proof = prove_batch(&[range(3, 4), range(9, 2)], 23, &tree).unwrap();
    let good = leaves(&proof);
    assert_eq!(proof.verify(&good, tree.root()), Ok(()));
    let mut swapped = good.clone();
    swapped.swap(0, 5);
    assert_eq!(proof.verify(&swapped, tree.root()), Err(ProofRejection::RootMismatch));
    let count = |found| Err(ProofRejection::LeafCount { expected: 6, found });
    assert_eq!(proof.verify(&good[..5], tree.root()), count(5));
    assert_eq!(proof.verify(&[&good[..], &good[..1]].concat(), tree.root()), count(7));
    let short = BatchProof { path: proof.path[1..].to_vec(), ..proof.clone() };
    let long = BatchProof { path: [&proof.path[..], &good[..1]].concat(), ..proof };
    for other in [short, long] {
        let refused = other.verify(&good, tree.root());
        assert!(matches!(refused, Err(ProofRejection::PathLength { .. })));
    }
}

#[test]
fn refuses_ranges_that_no_batch_has() {
    let tree = tree(23);
    let refused = |ranges: &[LeafRange], size| match prove_batch(ranges, size, &tree) {
        Err(ProveError::NotProvable(why)) => why,
        other => panic!("{other:?}"),
    };
    for ranges in [
        &[][..],
        &[range(3, 0)],
        &[range(23, 1)],
        &[range(3, 21)],
        &[range(3, u64::MAX)],
        &[range(u64::MAX, 1)],
        &[range(5, 1), range(3, 1)],
        &[range(3, 1), range(3, 1)],
        &[range(3, 3), range(5, 1)],
        &[range(3, 2), range(5, 1)],
        &[range(0, 1), range(1, 1)],
    ] {
        assert_eq!(refused(ranges, 23), ProofRejection::Ranges, "{ranges:?}");
    }
    assert_eq!(refused(&[range(0, 1)], 0), ProofRejection::Ranges);
    let many = [range(0, BATCH_LEAVES_MAX + 1)];
    assert_eq!(refused(&many, 1 << 20), ProofRejection::Ranges);
    let scattered: Vec<_> = (0..=BATCH_LEAVES_MAX).map(|n| range(2 * n, 1)).collect();
    assert_eq!(refused(&scattered, 1 << 20), ProofRejection::Ranges);
    let huge = SIZE_MAX + 1;
    assert_eq!(refused(&[range(0, 1)], huge), ProofRejection::SizeTooLarge(huge));
    assert!(matches!(prove_batch(&[range(0, 1)], SIZE_MAX, &tree), Err(ProveError::Missing(_))));
}

#[test]
fn puts_indices_into_the_fewest_ranges() {
    let found = LeafRange::of(&[7, 3, 4, 4, 9, 5]);
    assert_eq!(found, [range(3, 3), range(7, 1), range(9, 1)]);
    assert_eq!(LeafRange::of(&[]), []);
    assert_eq!(LeafRange::of(&[u64::MAX, 0]), [range(0, 1), range(u64::MAX, 1)]);
}

proptest! {
    #[test]
    fn any_leaves_are_proven_and_split_into_the_proofs_of_each(
        size in 1_u64..200, picked in prop::collection::vec(any::<u64>(), 1..20),
    ) {
        let tree = tree(size);
        let indices: Vec<u64> = picked.iter().map(|at| at % size).collect();
        let proof = prove_batch(&LeafRange::of(&indices), size, &tree).unwrap();
        let in_order: BTreeSet<u64> = indices.into_iter().collect();
        prop_assert_eq!(proof.indices().collect::<BTreeSet<_>>(), in_order);
        prop_assert_eq!(proof.verify(&leaves(&proof), tree.root()), Ok(()));
        let each: Vec<_> =
            proof.indices().map(|index| prove_inclusion(index, size, &tree).unwrap()).collect();
        // No hash is sent twice, and none that the leaves give.
        let single: BTreeSet<Hash> = each.iter().flat_map(|proof| proof.path.clone()).collect();
        let sent: BTreeSet<Hash> = proof.path.iter().copied().collect();
        prop_assert_eq!(sent.len(), proof.path.len());
        prop_assert!(sent.is_subset(&single));
        prop_assert_eq!(proof.split(&leaves(&proof)), Ok((tree.root(), each)));
    }

    #[test]
    fn one_changed_hash_leads_elsewhere(
        size in 2_u64..200, start in 0_u64..200, count in 1_u64..50, at: prop::sample::Index,
    ) {
        let tree = tree(size);
        let start = start % size;
        let proof = prove_batch(&[range(start, count.min(size - start))], size, &tree).unwrap();
        let mut given = [&proof.path[..], &leaves(&proof)[..]].concat();
        let at = at.index(given.len());
        given[at].0[7] ^= 1;
        let (path, leaves) = given.split_at(proof.path.len());
        let changed = BatchProof { path: path.to_vec(), ..proof };
        prop_assert_eq!(changed.verify(leaves, tree.root()), Err(ProofRejection::RootMismatch));
    }
}
