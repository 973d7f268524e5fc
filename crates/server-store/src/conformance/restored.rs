//! A log that was lost, and what came back of it.

use attendance::{CardId, ChildId};
use seal::sha256;
use tlog::{MemoryTree, NodeId, Nodes as _};

use super::{DEVICE, event, hash_of, leaf, leaves};
use crate::log::{LoggedCard, NewLeaf, StoredCheckpoint};
use crate::restore::{OpenedLeaves, RestoreError, Restored, RestoredDevice};
use crate::store::Store;

/// A log of six leaves that was lost: leaves 1 and 4 cannot be opened.
fn with_holes() -> (Restored, MemoryTree) {
    let all = [leaf(0), leaf(1), event(2, 0), leaf(3), event(4, 2), leaf(5)];
    let tree: MemoryTree = all.iter().map(hash_of).collect();
    let node = |level, index| {
        let id = NodeId { level, index };
        (id, tree.node(id).expect("a node of the tree"))
    };
    let mut nodes: Vec<_> = (0..6).map(|index| node(0, index)).collect();
    nodes.extend([node(1, 0), node(1, 1), node(1, 2), node(2, 0)]);
    let lost = [1, 4].map(|index| (index, Some(node(0, index).1)));
    let leaves = (0..).zip(all).filter(|(index, _)| !matches!(index, 1 | 4)).collect();
    let device = RestoredDevice { device: DEVICE, certificate: vec![1], suspended: false };
    let (card, child) = (CardId([3; 8]), ChildId([1; 12]));
    let card = LoggedCard { card, hash: sha256(b"card"), child, leaf_index: 3 };
    let opened = OpenedLeaves {
        leaves,
        nodes,
        devices: vec![device],
        cards: vec![card],
        ..OpenedLeaves::default()
    };
    let note = "note".to_owned();
    let checkpoint = StoredCheckpoint { size: 6, root: tree.root(), note };
    let restored = Restored {
        opened,
        lost: lost.into(),
        checkpoints: vec![checkpoint],
        children: vec![(child, "Aru".to_owned(), CardId([2; 8]))],
        ..Restored::default()
    };
    (restored, tree)
}

pub(crate) async fn restores_a_log_with_holes_and_goes_on(store: &Store) {
    let (restored, mut tree) = with_holes();
    store.restore(restored).await.unwrap();
    assert_eq!(store.tree_size().await.unwrap(), 6);
    assert_eq!(store.root_at(6).await.unwrap(), tree.root());
    let kept: Vec<u64> = store.leaves(0..9).await.unwrap().iter().map(|l| l.leaf_index).collect();
    assert_eq!(kept, [0, 2, 3, 5]);
    let card = CardId([3; 8]);
    assert_eq!(store.card(card).await.unwrap().unwrap().leaf_index, 3);
    assert_eq!(store.children().await.unwrap()[0].2, card, "the newest card of the log counts");
    let lost = store.lost_leaves().await.unwrap();
    assert_eq!(lost.iter().map(|lost| lost.leaf_index).collect::<Vec<_>>(), [1, 4]);
    assert!(lost.iter().all(|lost| lost.hash.is_some() && !lost.given_up));
    // What is there is proven as ever, and the tree grows as if nothing had happened.
    let appended = store.append(6, leaves(6..7)).await.unwrap();
    tree.push(hash_of(&leaf(6)));
    assert_eq!(appended.root, tree.root());
    let proofs = store.inclusion_proofs(vec![2, 6], 7).await.unwrap();
    proofs[0].verify(hash_of(&event(2, 0)), tree.root()).unwrap();
    proofs[1].verify(hash_of(&leaf(6)), tree.root()).unwrap();
    assert_eq!(store.chain_tip(DEVICE).await.unwrap().unwrap().seq, 0);
    // A person gives up what is still lost: once.
    assert_eq!(store.give_up("the tablet burnt".to_owned(), 7).await.unwrap(), 2);
    assert_eq!(store.give_up("again".to_owned(), 8).await.unwrap(), 0);
    assert!(store.lost_leaves().await.unwrap().iter().all(|lost| lost.given_up));
}

pub(crate) async fn restores_nothing_over_a_log_or_under_another_root(store: &Store) {
    let (restored, tree) = with_holes();
    let mut other = restored.clone();
    other.checkpoints[0].root = sha256(b"another");
    assert!(matches!(store.restore(other).await, Err(RestoreError::OtherRoot)));
    let mut short = restored.clone();
    short.opened.nodes.retain(|(id, _)| *id != NodeId { level: 1, index: 2 });
    assert!(store.restore(short).await.is_err());
    let mut changed = restored.clone();
    changed.opened.leaves[0].1.bytes.push(0);
    assert!(matches!(store.restore(changed).await, Err(RestoreError::OtherLeaf(0))));
    assert_eq!(store.tree_size().await.unwrap(), 0, "nothing was written");
    store.restore(restored.clone()).await.unwrap();
    let again = store.restore(restored).await;
    assert!(matches!(again, Err(RestoreError::NotEmpty { size: 6 })), "{again:?}");
    assert_eq!(store.root_at(6).await.unwrap(), tree.root());
}

pub(crate) async fn takes_back_the_leaf_that_was_lost_and_no_other(store: &Store) {
    let (restored, tree) = with_holes();
    store.restore(restored).await.unwrap();
    let back =
        |index, leaf| OpenedLeaves { leaves: vec![(index, leaf)], ..OpenedLeaves::default() };
    for (index, wrong) in [(4, leaf(4)), (1, leaf(4)), (2, event(2, 0)), (7, leaf(7))] {
        let wrong = if index == 4 { NewLeaf { salt: [9; 16], ..wrong } } else { wrong };
        let refused = store.return_leaves(back(index, wrong)).await;
        assert!(matches!(refused, Err(RestoreError::OtherLeaf(_))), "{index}: {refused:?}");
    }
    assert_eq!(store.lost_leaves().await.unwrap().len(), 2, "nothing was written");
    store.return_leaves(back(4, event(4, 2))).await.unwrap();
    let lost = store.lost_leaves().await.unwrap();
    assert_eq!(lost.iter().map(|lost| lost.leaf_index).collect::<Vec<_>>(), [1]);
    assert_eq!(store.chain_tip(DEVICE).await.unwrap().unwrap().seq, 2);
    assert_eq!(store.root_at(6).await.unwrap(), tree.root());
    let other = OpenedLeaves {
        nodes: vec![(NodeId { level: 1, index: 0 }, sha256(b"another"))],
        ..back(1, leaf(1))
    };
    assert!(matches!(store.return_leaves(other).await, Err(RestoreError::OtherNode(_))));
}
