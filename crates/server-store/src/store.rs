//! The verbs of storage, over whichever backend there is.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use attendance::{CardId, ChildId, DeviceId, ProviderId, Revocation};
use seal::Hash;
use tlog::{BatchProof, ConsistencyProof, InclusionProof, NodeId};

use crate::device::{
    ChainTip, LoggedEvent, ParkedGroup, StoredDevice, StoredTicket, TicketVerdict, Told,
};
use crate::error::{AppendError, OpenError, StorageError};
use crate::gate::Gate;
use crate::ledger_entry::{EntryRow, StoredTranche};
use crate::log::{Appended, LoggedCard, ParkedEvent, SequencedBatch, StoredCheckpoint, StoredLeaf};
use crate::restore::{LostLeaf, OpenedLeaves, RestoreError, Restored};
use crate::sqlite::{self, Sqlite};

/// The server's storage. Cheap to clone: a handle.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Store {
    /// A SQLite file.
    Sqlite(Sqlite),
}

/// The log.
impl Store {
    /// Opens or makes a SQLite database, and brings its schema up to date.
    ///
    /// # Errors
    /// [`OpenError`], with words a person can act on. A refused file is not changed.
    pub fn open_sqlite(path: &Path) -> Result<Self, OpenError> {
        Sqlite::open(path).map(Self::Sqlite)
    }

    /// Opens or makes a SQLite database whose jobs run on the caller's thread, each after the caller
    /// has let go once and `gate` was asked: for simulations, which decide what happens in between.
    ///
    /// # Errors
    /// [`OpenError`], as [`Store::open_sqlite`].
    pub fn open_sqlite_inline(path: &Path, gate: Arc<dyn Gate>) -> Result<Self, OpenError> {
        Sqlite::open_inline(path, gate).map(Self::Sqlite)
    }

    /// Appends `batch` if the tree still has `at` leaves; all or nothing.
    ///
    /// # Errors
    /// [`AppendError::Moved`] if somebody else appended; nothing was written then.
    pub async fn append(&self, at: u64, batch: SequencedBatch) -> Result<Appended, AppendError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::append(c, at, &batch)).await
    }

    /// Counts the leaves.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn tree_size(&self) -> Result<u64, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::tree_size(c)).await
    }

    /// Computes the root of the first `size` leaves.
    ///
    /// # Errors
    /// [`StorageError`] if the tree is smaller, or the database fails.
    pub async fn root_at(&self, size: u64) -> Result<Hash, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::root_at(c, size)).await
    }

    /// Reads leaves, in order.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn leaves(&self, range: Range<u64>) -> Result<Vec<StoredLeaf>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::leaves(c, range)).await
    }

    /// Reads the newest tag list's leaf, if there is one.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn last_tags(&self) -> Result<Option<StoredLeaf>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::last_tags(c)).await
    }

    /// Reads at most `limit` leaves that hold tag lists, from leaf `from` on, in order. A list covers
    /// leaves before its own, so the one that covers `from` is among them or after.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn tags_from(&self, from: u64, limit: u32) -> Result<Vec<StoredLeaf>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::tags_from(c, from, limit)).await
    }

    /// Reads the leaves that hold snapshots, from leaf `from` on, in order.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn snapshots_from(&self, from: u64) -> Result<Vec<StoredLeaf>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::snapshots_from(c, from)).await
    }

    /// Finds a card in the log by its id.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn card(&self, card: CardId) -> Result<Option<LoggedCard>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::card(c, card)).await
    }

    /// Gives the newest leaf that holds a card, if there is one.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn last_card(&self) -> Result<Option<u64>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::last_card(c)).await
    }

    /// Gives the children's current cards, as far as they are in the log.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn current_cards(&self) -> Result<Vec<LoggedCard>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::current_cards(c)).await
    }

    /// Proves that leaves are in the tree of `size` leaves.
    ///
    /// # Errors
    /// [`StorageError`] if one is not, or the database fails.
    pub async fn inclusion_proofs(
        &self,
        leaves: Vec<u64>,
        size: u64,
    ) -> Result<Vec<InclusionProof>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::inclusion_proofs(c, &leaves, size)).await
    }

    /// Proves that leaves are in the tree of `size` leaves, all in one, in the log's order.
    ///
    /// # Errors
    /// [`StorageError`] if one is not, there is none or too many, or the database fails.
    pub async fn batch_proof(
        &self,
        leaves: Vec<u64>,
        size: u64,
    ) -> Result<BatchProof, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::batch_proof(c, &leaves, size)).await
    }

    /// Proves that the first `to` leaves begin with the first `from` ones.
    ///
    /// # Errors
    /// [`StorageError`] if the tree is smaller or has shrunk, or the database fails.
    pub async fn consistency_proof(
        &self,
        from: u64,
        to: u64,
    ) -> Result<ConsistencyProof, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::consistency_proof(c, from, to)).await
    }

    /// Finds where events stand in the log.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn leaf_indices(&self, events: Vec<Hash>) -> Result<Vec<Option<u64>>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::leaf_indices(c, &events)).await
    }

    /// Gives the hashes of a batch's events, if the batch was taken.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn batch(&self, hash: Hash) -> Result<Option<Vec<Hash>>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::batch(c, &hash)).await
    }

    /// Keeps a signed checkpoint; the first one of a size stays.
    ///
    /// # Errors
    /// [`StorageError::SecondRoot`] if the kept one of this size has another root; [`StorageError`]
    /// if the database fails.
    pub async fn put_checkpoint(&self, checkpoint: StoredCheckpoint) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::insert_checkpoint(c, &checkpoint)).await
    }

    /// Gives the newest checkpoint.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn checkpoint(&self) -> Result<Option<StoredCheckpoint>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::checkpoint(c)).await
    }
}

/// After the disk was lost.
impl Store {
    /// Writes a whole database into an empty one, all or nothing.
    ///
    /// # Errors
    /// [`RestoreError`] if there is a log, or the root would not be the newest checkpoint's.
    pub async fn restore(&self, restored: Restored) -> Result<(), RestoreError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::restore(c, &restored)).await
    }

    /// Fills places of lost leaves, all or nothing.
    ///
    /// # Errors
    /// [`RestoreError`] if one of them is not lost, or is not the leaf that the tree holds.
    pub async fn return_leaves(&self, opened: OpenedLeaves) -> Result<(), RestoreError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::return_leaves(c, &opened)).await
    }

    /// Lists the leaves that are still lost, in order.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn lost_leaves(&self) -> Result<Vec<LostLeaf>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::lost_leaves(c)).await
    }

    /// Writes down a person's decision that what is still lost will not come back. Gives how many
    /// leaves it is about.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn give_up(&self, reason: String, at_ms: i64) -> Result<u64, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::give_up(c, &reason, at_ms)).await
    }

    /// Gives all complete subtrees of the tree that are stored.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn nodes(&self) -> Result<Vec<(NodeId, Hash)>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::nodes(c)).await
    }
}

/// Devices, tickets, names.
impl Store {
    /// Gives a device, if enrolled.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn device(&self, device: DeviceId) -> Result<Option<StoredDevice>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::device(c, device)).await
    }

    /// Gives all devices, by id.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn devices(&self) -> Result<Vec<StoredDevice>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::devices(c)).await
    }

    /// Keeps a newly enrolled device; a second time changes nothing.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn put_device(
        &self,
        device: DeviceId,
        certificate: Vec<u8>,
    ) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::insert_device(c, device, &certificate)).await
    }

    /// Notes that a device was heard of.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn touch_device(&self, device: DeviceId, now_ms: i64) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::touch_device(c, device, now_ms)).await
    }

    /// Gives the newest event of a device in the log.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn chain_tip(&self, device: DeviceId) -> Result<Option<ChainTip>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::chain_tip(c, device)).await
    }

    /// Gives the events of a device in the log at these positions, in their order.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn chain(
        &self,
        device: DeviceId,
        positions: Range<u64>,
    ) -> Result<Vec<LoggedEvent>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::chain(c, device, positions)).await
    }

    /// Names the devices that recorded events in the log, in the order asked; none for an event that is
    /// not there.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn recorders(
        &self,
        events: Vec<Hash>,
    ) -> Result<Vec<Option<DeviceId>>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::recorders(c, &events)).await
    }

    /// Gives the events that were put aside, in the order they came.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn parked_events(&self) -> Result<Vec<ParkedEvent>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::parked_events(c)).await
    }

    /// Gives a device's own events in the log from a position of its chain on, in chain order, at most
    /// `limit`. What a lost leaf held is left out.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn events_of(
        &self,
        device: DeviceId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<Vec<u8>>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::events_of(c, device, from, limit)).await
    }

    /// Keeps a new ticket.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn put_ticket(&self, ticket: StoredTicket) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::insert_ticket(c, &ticket)).await
    }

    /// Uses a ticket for a device, once.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn use_ticket(
        &self,
        secret_hash: Hash,
        device: DeviceId,
        now_ms: i64,
    ) -> Result<TicketVerdict, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::use_ticket(c, &secret_hash, device, now_ms)).await
    }

    /// Keeps names and cards of children.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn put_children(
        &self,
        children: Vec<(ChildId, String, CardId)>,
    ) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::put_children(c, &children)).await
    }

    /// Gives names and cards of all children.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn children(&self) -> Result<Vec<(ChildId, String, CardId)>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::children(c)).await
    }
}

/// The life of a device.
impl Store {
    /// Lists the devices that are revoked, in the order in which they were.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn revocations(&self) -> Result<Vec<Revocation>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::revocations(c)).await
    }

    /// Keeps a certificate that takes the place of a device's one before.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails, or there is no such device.
    pub async fn put_certificate(
        &self,
        device: DeviceId,
        certificate: Vec<u8>,
        made_ms: i64,
    ) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::insert_certificate(c, device, &certificate, made_ms)).await
    }

    /// Keeps what a device says of itself, in the place of what it said before.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn put_told(&self, device: DeviceId, told: Told) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::put_told(c, device, &told)).await
    }

    /// Brings the index of what was put aside up to date: an older program kept none.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn place_all_parked(&self) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(sqlite::place_all_parked).await
    }

    /// Counts what is put aside and not in the log, by device and reason.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn parked_groups(&self) -> Result<Vec<ParkedGroup>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::parked_groups(c)).await
    }

    /// Gives hash and bytes of all events that name this device and were ever put aside.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn parked_of(&self, device: DeviceId) -> Result<Vec<(Hash, Vec<u8>)>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::parked_of(c, device)).await
    }
}

/// The ledger. A month is closed by [`Store::append`], together with its leaf.
impl Store {
    /// Gives the closed months, oldest first.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn tranches(&self) -> Result<Vec<StoredTranche>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::tranches(c)).await
    }

    /// Gives a closed month's entries, by provider and voucher.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn entries(&self, month: u32) -> Result<Vec<EntryRow>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::entries(c, month)).await
    }

    /// Redeems a provider's earned parts of a month, each once. Gives how many were redeemed now.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn redeem(
        &self,
        month: u32,
        provider: ProviderId,
        document: String,
        notice_leaf: u64,
    ) -> Result<u64, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::redeem(c, month, provider, &document, notice_leaf)).await
    }

    /// Counts the parts of a month that were redeemed.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn count_redeemed(&self, month: u32) -> Result<u64, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::count_redeemed(c, month)).await
    }
}
