//! Inclusion, batch and consistency proofs: of any numbers, and of a tree that exists.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seal::Hash;
use tlog::{
    BatchProof, ConsistencyProof, InclusionProof, LeafRange, MemoryTree, leaf_hash, prove_batch,
    prove_consistency, prove_inclusion,
};

fuzz_target!(|data: &[u8]| {
    let Some((numbers, rest)) = data.split_first_chunk::<32>() else { return };
    let number = |at: usize| u64::from_be_bytes(numbers[at..at + 8].try_into().expect("8 bytes"));
    let [a, b, c, d] = [number(0), number(8), number(16), number(24)];
    let path: Vec<Hash> = rest.chunks_exact(32).filter_map(Hash::from_slice).collect();
    let (leaf, root) = (seal::sha256(numbers), seal::sha256(rest));
    let _root = InclusionProof { index: a, size: b, path: path.clone() }.root_of(leaf);
    let proven = ConsistencyProof { from: a, to: b, path: path.clone() }.verify(leaf, root);
    assert!(proven.is_err(), "two roots that nobody has chosen");
    let ranges = vec![LeafRange { start: a, count: b }, LeafRange { start: c, count: d }];
    let _root = BatchProof { size: c, ranges, path }.root_of(&[leaf]);
    of_a_tree(a, b, c, d);
});

/// What is proven of a tree holds, and of no other root.
fn of_a_tree(a: u64, b: u64, c: u64, d: u64) {
    let size = a % 70;
    let tree: MemoryTree = (0..size).map(|number| leaf_hash(&number.to_be_bytes())).collect();
    let other = Hash([7; 32]);
    if let Ok(proof) = prove_inclusion(b % 70, size, &tree) {
        let leaf = leaf_hash(&proof.index.to_be_bytes());
        assert_eq!(proof.verify(leaf, tree.root()), Ok(()));
        assert!(proof.verify(other, tree.root()).is_err());
    }
    if let Ok(proof) = prove_consistency(b % 70, size, &tree) {
        let before: MemoryTree =
            (0..proof.from).map(|number| leaf_hash(&number.to_be_bytes())).collect();
        assert_eq!(proof.verify(before.root(), tree.root()), Ok(()));
        assert!(proof.verify(other, tree.root()).is_err());
    }
    let ranges = [LeafRange { start: b % 70, count: c % 9 }, LeafRange { start: d % 70, count: 1 }];
    if let Ok(proof) = prove_batch(&ranges, size, &tree) {
        let leaves: Vec<Hash> =
            proof.indices().map(|index| leaf_hash(&index.to_be_bytes())).collect();
        assert_eq!(proof.verify(&leaves, tree.root()), Ok(()));
    }
}
