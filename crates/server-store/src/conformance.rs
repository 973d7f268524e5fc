//! What every backend must do alike. One list; a backend joins it by naming how it is opened.

mod console;
mod life;
mod restored;
mod view;
mod witnessed;

use attendance::{CardId, ChildId, DeviceId, LeafKind, ProviderId, VoucherId};
use seal::{Hash, sha256};
use tlog::{MemoryTree, leaf_hash, salted_leaf};

use crate::device::{Grants, StoredTicket, TicketVerdict};
use crate::error::{AppendError, StorageError};
use crate::ledger_entry::{ClosingRows, CorrectionRow, EntryRow};
use crate::log::{
    LoggedCard, NewCard, NewEvent, NewLeaf, ParkedEvent, SequencedBatch, StoredCheckpoint,
};
use crate::store::Store;

/// Makes a test of each rule for a backend. `$open` gives something that holds a store as `.store`.
macro_rules! conformance {
    ($open:path) => {
        conformance!(
            $open;
            appends_onto_the_size_that_was_seen,
            writes_all_of_a_batch_or_nothing,
            gives_the_root_and_the_proofs_of_every_size,
            finds_the_lists_of_tags_among_the_leaves,
            knows_where_each_event_stands,
            keeps_what_was_put_aside_once,
            never_keeps_two_roots_of_one_size,
            keeps_a_device_as_it_was_enrolled,
            uses_a_ticket_once,
            replaces_names_and_no_child,
            keeps_each_card_once_with_its_leaf,
            card_of_the_log_wins_over_a_written_one,
            finds_the_snapshots_of_the_log,
            closes_a_month_once_with_its_leaf,
            keeps_no_entry_that_does_not_balance,
            keeps_the_places_of_a_voucher_if_they_make_up_its_part,
            corrects_no_more_than_there_is,
            redeems_what_was_earned_once,
            gives_the_tiles_that_the_tree_has,
            proves_that_the_tree_grew,
            keeps_the_first_cosignature_of_each_witness,
            finds_the_newest_checkpoint_with_a_quorum,
            never_goes_back_to_an_older_trust_list,
            restores_a_log_with_holes_and_goes_on,
            restores_nothing_over_a_log_or_under_another_root,
            takes_back_the_leaf_that_was_lost_and_no_other,
            revokes_a_device_once_and_in_order,
            revokes_nobody_if_the_batch_is_not_written,
            replaces_a_device_when_its_ticket_is_used,
            newest_certificate_of_a_device_counts,
            counts_what_is_aside_until_it_is_in_the_log,
            keeps_who_saw_which_child,
            drops_views_after_five_years_and_not_before,
            makes_an_account_of_a_link_once,
            ends_what_a_revoked_account_has,
            keeps_notes_about_a_month_in_order,
            a_draft_waits_until_somebody_ends_it,
            an_account_has_one_key_at_a_time,
            uses_a_recovery_code_once,
        );
    };
    ($open:path; $($rule:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            async fn $rule() {
                let place = $open();
                $crate::conformance::$rule(&place.store).await;
            }
        )+
    };
}
pub(crate) use conformance;
pub(crate) use console::*;
pub(crate) use life::*;
pub(crate) use restored::*;
pub(crate) use view::*;
pub(crate) use witnessed::*;

const DEVICE: DeviceId = DeviceId([0xde; 8]);
const OTHER: DeviceId = DeviceId([0x07; 8]);
const CHILD: ChildId = ChildId([0xc1; 12]);
const PROVIDER: ProviderId = ProviderId([0xa1; 8]);

fn leaf(number: u8) -> NewLeaf {
    NewLeaf { kind: LeafKind::Event, salt: [number; 16], bytes: vec![number; 3], event: None }
}

fn leaves(numbers: impl IntoIterator<Item = u8>) -> SequencedBatch {
    let leaves = numbers.into_iter().map(leaf).collect();
    SequencedBatch { leaves, ..SequencedBatch::default() }
}

fn event(number: u8, seq: u64) -> NewLeaf {
    let place = NewEvent { device: DEVICE, seq, hash: sha256(&[number; 3]) };
    NewLeaf { event: Some(place), ..leaf(number) }
}

fn hash_of(leaf: &NewLeaf) -> Hash {
    leaf_hash(salted_leaf(&leaf.salt, &leaf.bytes).as_ref())
}

fn entry(voucher: u8, accrued_tiyn: i64) -> EntryRow {
    EntryRow {
        voucher: VoucherId([voucher; 8]),
        provider: PROVIDER,
        segment: 0,
        part_tiyn: 1_000,
        plan_tiyn: 1_000,
        accrued_tiyn,
        held_tiyn: 0,
        released_tiyn: 1_000 - accrued_tiyn,
    }
}

fn closing(month: u32, entries: Vec<EntryRow>) -> SequencedBatch {
    let (hash, corrections) = (sha256(b"tranche"), Vec::new());
    let closing = Some(ClosingRows { month, hash, entries, corrections });
    SequencedBatch { closing, ..leaves([9]) }
}

pub(crate) async fn appends_onto_the_size_that_was_seen(store: &Store) {
    assert_eq!(store.tree_size().await.unwrap(), 0);
    let first = store.append(0, leaves(0..3)).await.unwrap();
    assert_eq!(first.size, 3);
    for seen in [0, 2, 4] {
        let moved = store.append(seen, leaves(3..4)).await;
        assert!(matches!(moved, Err(AppendError::Moved { size: 3 })), "{moved:?}");
    }
    assert_eq!(store.tree_size().await.unwrap(), 3);
    assert_eq!(store.append(3, leaves(3..4)).await.unwrap().size, 4);
}

pub(crate) async fn writes_all_of_a_batch_or_nothing(store: &Store) {
    store.put_device(DEVICE, vec![1]).await.unwrap();
    store.append(0, leaves(0..2)).await.unwrap();
    let root = store.root_at(2).await.unwrap();
    // The second event takes the first one's place in the chain: the database refuses it.
    let broken = SequencedBatch {
        leaves: vec![event(2, 0), event(3, 0)],
        batch: Some((sha256(b"batch"), vec![])),
        parked: vec![parked(b"aside")],
        suspended: vec![DEVICE],
        people: vec![(CHILD, "Алғашқы".to_owned(), CardId([1; 8]))],
        ..SequencedBatch::default()
    };
    assert!(store.append(2, broken).await.is_err());
    assert_eq!(store.tree_size().await.unwrap(), 2);
    assert_eq!(store.root_at(2).await.unwrap(), root);
    assert_eq!(store.batch(sha256(b"batch")).await.unwrap(), None);
    assert_eq!(store.chain_tip(DEVICE).await.unwrap(), None);
    assert!(store.children().await.unwrap().is_empty());
    assert!(!store.device(DEVICE).await.unwrap().unwrap().suspended);
    assert_eq!(store.append(2, leaves(2..3)).await.unwrap().size, 3, "it goes on as before");
}

pub(crate) async fn gives_the_root_and_the_proofs_of_every_size(store: &Store) {
    let mut tree = MemoryTree::new();
    for number in 0..40 {
        let appended = store.append(u64::from(number), leaves([number])).await.unwrap();
        tree.push(hash_of(&leaf(number)));
        assert_eq!(appended.root, tree.root(), "{number}");
    }
    for size in 1..=40 {
        let root = store.root_at(size).await.unwrap();
        let proofs = store.inclusion_proofs((0..size).collect(), size).await.unwrap();
        for (number, proof) in (0..).zip(&proofs) {
            proof.verify(hash_of(&leaf(number)), root).unwrap();
        }
    }
    assert!(store.root_at(41).await.is_err());
    assert!(store.inclusion_proofs(vec![40], 40).await.is_err());
    let now = store.root_at(40).await.unwrap();
    for from in 1..=40 {
        let proof = store.consistency_proof(from, 40).await.unwrap();
        proof.verify(store.root_at(from).await.unwrap(), now).unwrap();
    }
    assert!(store.consistency_proof(3, 2).await.is_err());
    assert!(store.consistency_proof(3, 41).await.is_err());
    let batch = store.batch_proof(vec![7, 3, 4], 40).await.unwrap();
    let hashes = [3, 4, 7].map(|number| hash_of(&leaf(number)));
    batch.verify(&hashes, now).unwrap();
    assert!(store.batch_proof(vec![], 40).await.is_err());
    let kept = store.leaves(5..8).await.unwrap();
    assert_eq!(kept.iter().map(|leaf| leaf.leaf_index).collect::<Vec<_>>(), [5, 6, 7]);
    assert_eq!((kept[0].salt, kept[0].bytes.as_slice()), ([5; 16], &[5; 3][..]));
    assert!(store.leaves(40..50).await.unwrap().is_empty());
}

pub(crate) async fn finds_the_lists_of_tags_among_the_leaves(store: &Store) {
    assert_eq!(store.last_tags().await.unwrap().map(|leaf| leaf.leaf_index), None);
    for number in 0..9 {
        let kind = if number % 3 == 2 { LeafKind::Tags } else { LeafKind::Event };
        let one = NewLeaf { kind, ..leaf(number) };
        let batch = SequencedBatch { leaves: vec![one], ..SequencedBatch::default() };
        store.append(u64::from(number), batch).await.unwrap();
    }
    let last = store.last_tags().await.unwrap().unwrap();
    assert_eq!((last.leaf_index, last.kind, last.bytes), (8, LeafKind::Tags, vec![8; 3]));
    for (from, limit, expected) in
        [(0, 9, &[2, 5, 8][..]), (0, 2, &[2, 5]), (3, 9, &[5, 8]), (5, 1, &[5]), (9, 9, &[])]
    {
        let found = store.tags_from(from, limit).await.unwrap();
        let found: Vec<u64> = found.iter().map(|leaf| leaf.leaf_index).collect();
        assert_eq!(found, expected, "from {from}, at most {limit}");
    }
}

pub(crate) async fn knows_where_each_event_stands(store: &Store) {
    store.put_device(DEVICE, vec![1]).await.unwrap();
    let (first, second) = (event(1, 0), event(2, 1));
    let hashes = [&first, &second].map(|leaf| leaf.event.unwrap().hash);
    let name = sha256(b"batch");
    let batch = SequencedBatch {
        leaves: vec![leaf(0), first, second],
        batch: Some((name, hashes.to_vec())),
        ..SequencedBatch::default()
    };
    store.append(0, batch).await.unwrap();
    let asked = vec![hashes[1], sha256(b"unheard of"), hashes[0]];
    assert_eq!(store.leaf_indices(asked).await.unwrap(), [Some(2), None, Some(1)]);
    let tip = store.chain_tip(DEVICE).await.unwrap().unwrap();
    assert_eq!((tip.seq, tip.hash), (1, hashes[1]));
    assert_eq!(store.batch(name).await.unwrap().unwrap(), hashes);
    assert_eq!(store.device(DEVICE).await.unwrap().unwrap().events, 2);
    // The same batch again, with nothing new in it, changes nothing.
    let again = SequencedBatch { batch: Some((name, vec![])), ..SequencedBatch::default() };
    assert_eq!(store.append(3, again).await.unwrap().size, 3);
    assert_eq!(store.batch(name).await.unwrap().unwrap(), hashes);
}

fn parked(bytes: &[u8]) -> ParkedEvent {
    ParkedEvent {
        hash: sha256(bytes),
        bytes: bytes.to_vec(),
        reason: "fork".to_owned(),
        arrived_ms: 5,
    }
}

pub(crate) async fn keeps_what_was_put_aside_once(store: &Store) {
    store.put_device(DEVICE, vec![1]).await.unwrap();
    for _ in 0..2 {
        let aside = SequencedBatch {
            parked: vec![parked(b"two histories")],
            suspended: vec![DEVICE],
            ..SequencedBatch::default()
        };
        assert_eq!(store.append(0, aside).await.unwrap().size, 0);
    }
    assert!(store.device(DEVICE).await.unwrap().unwrap().suspended);
}

pub(crate) async fn never_keeps_two_roots_of_one_size(store: &Store) {
    assert_eq!(store.checkpoint().await.unwrap(), None);
    let checkpoint = |size, root: &[u8], note: &str| StoredCheckpoint {
        size,
        root: sha256(root),
        note: note.to_owned(),
    };
    let (second, third) = (checkpoint(2, b"two", "first"), checkpoint(3, b"three", "third"));
    store.put_checkpoint(third.clone()).await.unwrap();
    store.put_checkpoint(second.clone()).await.unwrap();
    assert_eq!(store.checkpoint().await.unwrap().unwrap(), third, "the newest is the largest");
    // Signed once more, the first note stays; over another root, it is refused.
    store.put_checkpoint(checkpoint(3, b"three", "again")).await.unwrap();
    let other = store.put_checkpoint(checkpoint(3, b"another", "other")).await;
    assert!(matches!(other, Err(StorageError::SecondRoot { size: 3 })), "{other:?}");
    assert_eq!(store.checkpoint().await.unwrap().unwrap(), third);
}

pub(crate) async fn keeps_a_device_as_it_was_enrolled(store: &Store) {
    assert_eq!(store.device(DEVICE).await.unwrap(), None);
    store.put_device(DEVICE, vec![1]).await.unwrap();
    store.put_device(OTHER, vec![2]).await.unwrap();
    store.put_device(DEVICE, vec![3]).await.unwrap();
    store.touch_device(DEVICE, 77).await.unwrap();
    store.touch_device(DeviceId([1; 8]), 78).await.unwrap();
    let kept = store.devices().await.unwrap();
    assert_eq!(kept.iter().map(|device| device.device).collect::<Vec<_>>(), [OTHER, DEVICE]);
    assert_eq!((kept[1].certificate.as_slice(), kept[1].last_contact_ms), (&[1][..], Some(77)));
    assert_eq!((kept[0].last_contact_ms, kept[0].suspended, kept[0].events), (None, false, 0));
}

pub(crate) async fn uses_a_ticket_once(store: &Store) {
    let secret_hash = sha256(b"secret");
    let grants = Grants("{}".to_owned());
    let ticket =
        StoredTicket { secret_hash, grants: grants.clone(), expires_ms: 1_000, replaces: None };
    store.put_ticket(ticket).await.unwrap();
    let unknown = store.use_ticket(sha256(b"guess"), DEVICE, 1).await.unwrap();
    assert_eq!(unknown, TicketVerdict::Unknown);
    let late = store.use_ticket(secret_hash, DEVICE, 1_001).await.unwrap();
    assert_eq!(late, TicketVerdict::Expired);
    let good = TicketVerdict::Good(grants);
    assert_eq!(store.use_ticket(secret_hash, DEVICE, 1_000).await.unwrap(), good);
    assert_eq!(store.use_ticket(secret_hash, OTHER, 1_000).await.unwrap(), TicketVerdict::Used);
    // Its answer was lost: the same device may ask again, even later.
    assert_eq!(store.use_ticket(secret_hash, DEVICE, 9_000).await.unwrap(), good);
}

pub(crate) async fn replaces_names_and_no_child(store: &Store) {
    let child = |number, name: &str| (ChildId([number; 12]), name.to_owned(), CardId([number; 8]));
    store.put_children(vec![child(2, "Екінші"), child(1, "Бірінші")]).await.unwrap();
    store.put_children(vec![child(2, "Екінші-Жаңа")]).await.unwrap();
    let kept = store.children().await.unwrap();
    assert_eq!(kept, [child(1, "Бірінші"), child(2, "Екінші-Жаңа")]);
}

/// A batch of one leaf: the card with this id, of [`CHILD`].
fn card_batch(id: u8) -> SequencedBatch {
    let card = NewLeaf { kind: LeafKind::Card, ..leaf(id) };
    let cards = vec![new_card(0, id)];
    SequencedBatch { leaves: vec![card], cards, ..SequencedBatch::default() }
}

fn new_card(leaf: usize, id: u8) -> NewCard {
    NewCard { leaf, card: CardId([id; 8]), hash: sha256(&[id; 3]), child: CHILD }
}

fn logged_card(id: u8, leaf_index: u64) -> LoggedCard {
    LoggedCard { card: CardId([id; 8]), hash: sha256(&[id; 3]), child: CHILD, leaf_index }
}

async fn current_card(store: &Store) -> CardId {
    store.children().await.unwrap()[0].2
}

pub(crate) async fn keeps_each_card_once_with_its_leaf(store: &Store) {
    store.put_children(vec![(CHILD, "Алғашқы".to_owned(), CardId([1; 8]))]).await.unwrap();
    assert_eq!(store.last_card().await.unwrap(), None);
    assert_eq!(store.card(CardId([1; 8])).await.unwrap(), None);
    assert!(store.current_cards().await.unwrap().is_empty(), "written down, not logged");
    store.append(0, leaves(0..2)).await.unwrap();
    let two = SequencedBatch {
        leaves: vec![leaf(9), NewLeaf { kind: LeafKind::Card, ..leaf(1) }],
        cards: vec![new_card(1, 1)],
        ..SequencedBatch::default()
    };
    store.append(2, two).await.unwrap();
    assert_eq!(store.card(CardId([1; 8])).await.unwrap(), Some(logged_card(1, 3)));
    assert_eq!(store.current_cards().await.unwrap(), [logged_card(1, 3)]);
    // Reissued: the newer card is the child's current one.
    store.append(4, card_batch(2)).await.unwrap();
    assert_eq!(current_card(store).await, CardId([2; 8]));
    assert_eq!(store.current_cards().await.unwrap(), [logged_card(2, 4)]);
    assert_eq!(store.last_card().await.unwrap(), Some(4));
    // An id that is taken writes nothing: no leaf either.
    let mut again = card_batch(1);
    again.cards[0].hash = sha256(b"another card");
    assert!(store.append(5, again).await.is_err());
    assert_eq!(store.tree_size().await.unwrap(), 5);
    assert_eq!(current_card(store).await, CardId([2; 8]));
    // A card of a child without a row here is kept all the same.
    let mut nameless = card_batch(3);
    nameless.cards[0].child = ChildId([7; 12]);
    store.append(5, nameless).await.unwrap();
    assert_eq!(store.children().await.unwrap().len(), 1);
    assert_eq!(store.card(CardId([3; 8])).await.unwrap().unwrap().child, ChildId([7; 12]));
}

pub(crate) async fn card_of_the_log_wins_over_a_written_one(store: &Store) {
    let person = |name: &str, card| (CHILD, name.to_owned(), CardId([card; 8]));
    store.append(0, card_batch(1)).await.unwrap();
    store.append(1, card_batch(2)).await.unwrap();
    let people =
        vec![person("Алғашқы", 1), (ChildId([2; 12]), "Екінші".to_owned(), CardId([5; 8]))];
    let batch = SequencedBatch { people, ..leaves(0..1) };
    store.append(2, batch).await.unwrap();
    let kept = store.children().await.unwrap();
    assert_eq!(kept[0], (ChildId([2; 12]), "Екінші".to_owned(), CardId([5; 8])));
    assert_eq!(kept[1], person("Алғашқы", 2), "the newest one in the log");
    store.put_children(vec![person("Алғашқы-Жаңа", 1)]).await.unwrap();
    assert_eq!(store.children().await.unwrap()[1], person("Алғашқы-Жаңа", 2));
}

pub(crate) async fn finds_the_snapshots_of_the_log(store: &Store) {
    let snapshot = |number| NewLeaf { kind: LeafKind::Snapshot, ..leaf(number) };
    let leaves = vec![leaf(0), snapshot(1), leaf(2), snapshot(3)];
    store.append(0, SequencedBatch { leaves, ..SequencedBatch::default() }).await.unwrap();
    let found = async |from| {
        let found = store.snapshots_from(from).await.unwrap();
        found.iter().map(|leaf| leaf.leaf_index).collect::<Vec<_>>()
    };
    assert_eq!(found(0).await, [1, 3]);
    assert_eq!(found(1).await, [1, 3]);
    assert_eq!(found(2).await, [3]);
    assert!(found(4).await.is_empty());
}

pub(crate) async fn closes_a_month_once_with_its_leaf(store: &Store) {
    store.append(0, leaves(0..2)).await.unwrap();
    let entries = vec![entry(1, 600), entry(2, 0)];
    let closed = store.append(2, closing(202_609, entries.clone())).await.unwrap();
    let tranches = store.tranches().await.unwrap();
    assert_eq!(tranches.len(), 1);
    assert_eq!((tranches[0].month, tranches[0].leaf_index), (202_609, closed.size - 1));
    assert_eq!(store.entries(202_609).await.unwrap(), entries);
    assert!(store.entries(202_610).await.unwrap().is_empty());
    assert!(store.append(3, closing(202_609, vec![entry(3, 1)])).await.is_err());
    assert_eq!(store.tree_size().await.unwrap(), 3, "no leaf without its month");
    assert_eq!(store.entries(202_609).await.unwrap(), entries);
}

pub(crate) async fn keeps_no_entry_that_does_not_balance(store: &Store) {
    let sound = entry(1, 600);
    for unsound in [
        EntryRow { accrued_tiyn: 601, ..sound },
        EntryRow { held_tiyn: -1, released_tiyn: 401, ..sound },
        EntryRow { plan_tiyn: 999, ..sound },
        // It balances, and is not the voucher's part.
        EntryRow { plan_tiyn: 999, released_tiyn: 399, ..sound },
        EntryRow { part_tiyn: 1_001, ..sound },
    ] {
        let refused = store.append(0, closing(202_609, vec![entry(2, 5), unsound])).await;
        assert!(refused.is_err(), "{unsound:?}");
        assert_eq!(store.tree_size().await.unwrap(), 0);
        assert!(store.tranches().await.unwrap().is_empty());
    }
}

pub(crate) async fn keeps_the_places_of_a_voucher_if_they_make_up_its_part(store: &Store) {
    let first = EntryRow {
        segment: 20_261_001,
        plan_tiyn: 400,
        accrued_tiyn: 300,
        released_tiyn: 100,
        ..entry(1, 300)
    };
    let second = EntryRow {
        provider: ProviderId([0xb2; 8]),
        segment: 20_261_016,
        plan_tiyn: 600,
        accrued_tiyn: 600,
        released_tiyn: 0,
        ..first
    };
    let short = EntryRow { plan_tiyn: 599, accrued_tiyn: 599, ..second };
    for wrong in [vec![first], vec![first, short], vec![first, second, entry(1, 600)]] {
        assert!(store.append(0, closing(202_610, wrong)).await.is_err());
        assert_eq!(store.tree_size().await.unwrap(), 0, "no leaf without its month");
    }
    store.append(0, closing(202_610, vec![first, second])).await.unwrap();
    assert_eq!(store.entries(202_610).await.unwrap(), vec![first, second]);
    let redeem = |provider| store.redeem(202_610, provider, "D-1".to_owned(), 0);
    assert_eq!(redeem(first.provider).await.unwrap(), 1);
    assert_eq!(redeem(second.provider).await.unwrap(), 1, "each provider by itself");
}

pub(crate) async fn corrects_no_more_than_there_is(store: &Store) {
    let held = EntryRow { held_tiyn: 100, released_tiyn: 300, ..entry(1, 600) };
    store.append(0, closing(202_609, vec![held])).await.unwrap();
    let paid = CorrectionRow {
        of_month: 202_609,
        voucher: held.voucher,
        provider: held.provider,
        segment: 0,
        accrued_tiyn: 100,
        held_tiyn: -100,
        released_tiyn: 0,
        leaf: 0,
    };
    let next = |month, corrections| {
        let mut batch = closing(month, vec![entry(1, 600)]);
        if let Some(closing) = &mut batch.closing {
            closing.corrections = corrections;
        }
        batch
    };
    let more = CorrectionRow { accrued_tiyn: 101, held_tiyn: -101, ..paid };
    let unbalanced = CorrectionRow { held_tiyn: -99, ..paid };
    for wrong in [more, unbalanced] {
        assert!(store.append(1, next(202_610, vec![wrong])).await.is_err(), "{wrong:?}");
    }
    store.append(1, next(202_610, vec![paid])).await.unwrap();
    assert!(store.append(2, next(202_611, vec![paid])).await.is_err(), "paid twice");
    let again = CorrectionRow { leaf: 1, ..paid };
    assert!(store.append(2, next(202_611, vec![again])).await.is_err(), "paid twice");
}

pub(crate) async fn redeems_what_was_earned_once(store: &Store) {
    let rows = vec![entry(1, 600), entry(2, 0), entry(3, 1)];
    store.append(0, closing(202_609, rows)).await.unwrap();
    let redeem = |provider| store.redeem(202_609, provider, "D-1".to_owned(), 0);
    assert_eq!(redeem(ProviderId([0xb2; 8])).await.unwrap(), 0, "another provider earned nothing");
    assert_eq!(redeem(PROVIDER).await.unwrap(), 2, "nothing earned, nothing redeemed");
    assert_eq!(redeem(PROVIDER).await.unwrap(), 0);
    assert_eq!(store.count_redeemed(202_609).await.unwrap(), 2);
    assert_eq!(store.count_redeemed(202_610).await.unwrap(), 0);
}
