//! What is known of the tree: every subtree's hash that something verified leads to.

use std::collections::BTreeMap;

use seal::Hash;
use tlog::{
    Checkpoint, InclusionProof, NodeId, Nodes, ProofRejection, leaf_hash, node_hash, salted_leaf,
};

/// Hashes of complete subtrees, each with the source that it was first learnt from. All were proven
/// to be under a checkpoint that the log signed: two hashes for one subtree are two histories.
#[derive(Debug, Default)]
pub(super) struct KnownNodes {
    nodes: BTreeMap<NodeId, (Hash, usize)>,
}

/// Two proven hashes for one subtree.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Conflict {
    pub(super) node: NodeId,
    pub(super) known_from: usize,
    pub(super) other_from: usize,
}

impl KnownNodes {
    /// Learns a subtree's hash, and whatever follows from it for the subtrees above.
    pub(super) fn learn(
        &mut self,
        mut id: NodeId,
        mut hash: Hash,
        source: usize,
    ) -> Result<(), Conflict> {
        loop {
            match self.nodes.get(&id) {
                Some((known, _)) if *known == hash => return Ok(()),
                Some((_, known_from)) => {
                    let (known_from, other_from) = (*known_from, source);
                    return Err(Conflict { node: id, known_from, other_from });
                }
                None => self.nodes.insert(id, (hash, source)),
            };
            let Some(parent) = self.parent_of(id, hash) else { return Ok(()) };
            (id, hash) = parent;
        }
    }

    /// Learns everything that a verified proof of a leaf says.
    pub(super) fn learn_proof(
        &mut self,
        proof: &InclusionProof,
        leaf: Hash,
        source: usize,
    ) -> Result<Result<(), Conflict>, ProofRejection> {
        for (id, hash) in proof.complete_subtrees()? {
            if let Err(conflict) = self.learn(id, hash, source) {
                return Ok(Err(conflict));
            }
        }
        Ok(self.learn(leaf_id(proof.index), leaf, source))
    }

    /// Decides whether a leaf that nobody handed over, made again, is the one in the tree: it leads
    /// to a hash that is known above it, or to the root of a signed checkpoint.
    pub(super) fn proves<'c>(
        &self,
        index: u64,
        leaf: Hash,
        checkpoints: impl Iterator<Item = &'c Checkpoint>,
    ) -> bool {
        let mut tried = Tried { known: self, more: BTreeMap::new() };
        let (mut id, mut hash) = (leaf_id(index), leaf);
        loop {
            if let Some(known) = self.node(id) {
                return known == hash;
            }
            tried.more.insert(id, hash);
            let Some(parent) = self.parent_of(id, hash) else { break };
            (id, hash) = parent;
        }
        let mut over = checkpoints.filter(|checkpoint| checkpoint.size > index);
        over.find_map(|checkpoint| {
            Some(tlog::root(checkpoint.size, &tried).ok()? == checkpoint.root)
        })
        .unwrap_or(false)
    }

    /// Gives the subtrees that a tree of `size` leaves has.
    pub(super) fn of_tree(&self, size: u64) -> impl Iterator<Item = (NodeId, Hash)> + '_ {
        let complete = move |id: &NodeId| id.index < size >> id.level;
        self.nodes.iter().filter(move |(id, _)| complete(id)).map(|(id, (hash, _))| (*id, *hash))
    }

    fn parent_of(&self, id: NodeId, hash: Hash) -> Option<(NodeId, Hash)> {
        let sibling = self.node(NodeId { level: id.level, index: id.index ^ 1 })?;
        let parent = NodeId { level: id.level + 1, index: id.index / 2 };
        let hash = if id.index.is_multiple_of(2) {
            node_hash(hash, sibling)
        } else {
            node_hash(sibling, hash)
        };
        Some((parent, hash))
    }
}

impl Nodes for KnownNodes {
    fn node(&self, id: NodeId) -> Option<Hash> {
        self.nodes.get(&id).map(|(hash, _)| *hash)
    }
}

/// The known nodes, and those that would follow from a leaf.
struct Tried<'k> {
    known: &'k KnownNodes,
    more: BTreeMap<NodeId, Hash>,
}

impl Nodes for Tried<'_> {
    fn node(&self, id: NodeId) -> Option<Hash> {
        self.known.node(id).or_else(|| self.more.get(&id).copied())
    }
}

/// Names a leaf as a node.
pub(super) fn leaf_id(index: u64) -> NodeId {
    NodeId { level: 0, index }
}

/// Hashes an opened leaf.
pub(super) fn hash_of(salt: &[u8; 16], bytes: &[u8]) -> Hash {
    leaf_hash(salted_leaf(salt, bytes).as_ref())
}

#[cfg(test)]
mod tests {
    use tlog::{MemoryTree, prove_inclusion};

    use super::*;

    fn leaf(n: u64) -> Hash {
        leaf_hash(&n.to_be_bytes())
    }

    fn tree(size: u64) -> MemoryTree {
        (0..size).map(leaf).collect()
    }

    #[test]
    fn the_last_leafs_proof_gives_the_root_of_every_size() {
        for size in 2..40 {
            let tree = tree(size);
            let mut known = KnownNodes::default();
            let proof = prove_inclusion(size - 1, size, &tree).unwrap();
            known.learn_proof(&proof, leaf(size - 1), 0).unwrap().unwrap();
            assert_eq!(tlog::root(size, &known).unwrap(), tree.root(), "{size}");
        }
    }

    #[test]
    fn proofs_of_all_leaves_give_all_nodes() {
        let tree = tree(11);
        let mut known = KnownNodes::default();
        for index in 0..11 {
            let proof = prove_inclusion(index, 11, &tree).unwrap();
            known.learn_proof(&proof, leaf(index), 0).unwrap().unwrap();
        }
        let found: Vec<_> = known.of_tree(11).collect();
        assert_eq!(found.len(), 11 + 5 + 2 + 1);
        assert!(found.iter().all(|(id, hash)| tree.node(*id) == Some(*hash)));
        assert_eq!(known.of_tree(8).count(), 8 + 4 + 2 + 1);
    }

    #[test]
    fn two_histories_are_found_wherever_their_proofs_meet() {
        let shown = tree(8);
        let other: MemoryTree = (0..8).map(|n| leaf(if n == 5 { 99 } else { n })).collect();
        let mut known = KnownNodes::default();
        let proof = prove_inclusion(0, 8, &shown).unwrap();
        known.learn_proof(&proof, leaf(0), 1).unwrap().unwrap();
        let proof = prove_inclusion(1, 8, &other).unwrap();
        let conflict = known.learn_proof(&proof, leaf(1), 2).unwrap().unwrap_err();
        assert_eq!((conflict.known_from, conflict.other_from), (1, 2));
    }

    #[test]
    fn a_leaf_made_again_is_proven_from_above_or_not_believed() {
        let tree = tree(7);
        let root = |tree: &MemoryTree| tree.root();
        let checkpoint = Checkpoint { origin: "log".into(), size: 7, root: root(&tree) };
        let mut known = KnownNodes::default();
        let proof = prove_inclusion(2, 7, &tree).unwrap();
        known.learn_proof(&proof, leaf(2), 0).unwrap().unwrap();
        let proves = |index, hash| known.proves(index, hash, [&checkpoint].into_iter());
        assert!(proves(3, leaf(3)) && !proves(3, leaf(9)), "the sibling is known");
        assert!(!proves(0, leaf(0)), "its sibling is not, so nothing leads upwards");
        assert!(!proves(6, leaf(6)), "the subtree 4..6 is not known");
        known
            .learn(
                NodeId { level: 1, index: 2 },
                tree.node(NodeId { level: 1, index: 2 }).unwrap(),
                0,
            )
            .unwrap();
        let proves = |index, hash| known.proves(index, hash, [&checkpoint].into_iter());
        assert!(proves(6, leaf(6)) && !proves(6, leaf(9)), "the root decides");
    }
}
