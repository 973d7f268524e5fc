//! Revoked cards, and when events came.

use std::collections::BTreeMap;
use std::ops::Range;

use attendance::CardId;
use seal::Hash;

use crate::error::StorageError;
use crate::log::LoggedCard;
use crate::sqlite;
use crate::store::Store;

/// A decision about a card of the log; the newest one of each card counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CardDecision {
    /// The card.
    pub card: CardId,
    /// True if it counts no more, false if it counts again.
    pub revoked: bool,
    /// A stable code. No personal data.
    pub reason: String,
    /// When, milliseconds since 1970-01-01T00:00Z.
    pub at_ms: i64,
}

/// A signed list of revoked cards.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredStatusList {
    /// Its version.
    pub version: u32,
    /// As of when it is, seconds since 1970-01-01T00:00Z.
    pub issued_at_s: i64,
    /// Its signed bytes.
    pub bytes: Vec<u8>,
}

impl Store {
    /// Lists the logged cards whose place in the status list is not kept yet, by leaf.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn cards_without_index(&self) -> Result<Vec<LoggedCard>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::cards_without_index(c)).await
    }

    /// Keeps the places of logged cards in the status list; the first one of each stays.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn put_card_indexes(&self, places: Vec<(CardId, u32)>) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::insert_card_indexes(c, &places)).await
    }

    /// Lists the logged cards that a newer one of the same child replaced, and about which nothing was
    /// decided, by leaf.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn replaced_undecided(&self) -> Result<Vec<CardId>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::replaced_undecided(c)).await
    }

    /// Keeps decisions about logged cards, all or nothing.
    ///
    /// # Errors
    /// [`StorageError`] if one of the cards is not logged, or the database fails.
    pub async fn decide_cards(&self, decisions: Vec<CardDecision>) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::insert_card_decisions(c, &decisions)).await
    }

    /// Gives the newest decision about a card.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn card_decision(&self, card: CardId) -> Result<Option<CardDecision>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::card_decision(c, card)).await
    }

    /// Lists every decision about a card, with SHA-256 of the card's bytes, in the order they were made.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn card_decisions(&self) -> Result<Vec<(Hash, CardDecision)>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::card_decisions(c)).await
    }

    /// Lists the other cards with a card's place in the status list that are not revoked.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn same_index_in_force(&self, card: CardId) -> Result<Vec<CardId>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::same_index_in_force(c, card)).await
    }

    /// Lists the places all of whose cards are revoked, in ascending order.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn revoked_indexes(&self) -> Result<Vec<u32>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::revoked_indexes(c)).await
    }

    /// Gives the highest place of a logged card in the status list.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn last_card_index(&self) -> Result<Option<u32>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::last_card_index(c)).await
    }

    /// Keeps a signed status list. False if there is one of its version, which stays.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn put_status_list(&self, list: StoredStatusList) -> Result<bool, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::insert_status_list(c, &list)).await
    }

    /// Gives the status list of a version, or the newest one.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn status_list(
        &self,
        version: Option<u32>,
    ) -> Result<Option<StoredStatusList>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::status_list(c, version)).await
    }

    /// Gives the newest status list's version and its time in seconds since 1970-01-01T00:00Z.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn status_version(&self) -> Result<Option<(u32, i64)>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::status_version(c)).await
    }

    /// Gives when the events among some leaves came, by leaf, milliseconds since 1970-01-01T00:00Z.
    /// Nothing is known of events that a rebuild brought back.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn arrivals(&self, range: Range<u64>) -> Result<BTreeMap<u64, i64>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::arrivals(c, range)).await
    }
}
