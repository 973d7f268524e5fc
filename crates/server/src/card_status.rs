//! Revoking cards: decisions about logged cards, and the signed list that devices keep.
//!
//! A revocation is no leaf of the log: no sum rests on it, and a device that never heard of it refuses
//! nobody. Decisions and every list that was signed stay in the database for ever. That a card was
//! replaced follows from the cards in the log, and so its revocation does.

use attendance::{CardId, StatusDelta, StatusList, TrustRole, UnverifiedCard};
use seal::{Sign1, Signer as _, SoftwareKey};
use server_store::{CardDecision, StoredStatusList};

use crate::error::ServerError;
use crate::server::Server;

/// Why a card was revoked or reinstated. Never a free text: it must name nobody.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CardReason {
    /// The family lost it.
    Lost,
    /// Somebody took it.
    Stolen,
    /// It cannot be read any more.
    Damaged,
    /// A newer card took its place.
    Replaced,
    /// It should not have been issued, or not have been revoked.
    Mistake,
    /// It was found again.
    Found,
}

/// What became of a decision.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Decided {
    /// False if it was so before.
    pub new: bool,
    /// The list that says so.
    pub version: u32,
    /// How many places of cards that list names.
    pub revoked: usize,
}

/// Why nothing was decided about a card. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecideCardError {
    /// There is no key for status lists here, or devices do not trust it.
    #[error(
        "this server has no trusted key for lists of revoked cards: name one with `qatysu trust status-key`, \
         start the server again, and try again"
    )]
    NoKey,
    /// The card is not in the log.
    #[error(
        "card {0} is not in the log, and its place in the status list is not known here: log it first, \
         with `qatysu card log`"
    )]
    NotLogged(CardId),
    /// Another card has the same place in the list: it would be refused too.
    #[error(
        "card {card} has the same place in the status list as card {other}, which would be refused too: \
         issue that child a new card with a place of its own first, and log it"
    )]
    SharedPlace {
        /// The card.
        card: CardId,
        /// A card that is in force.
        other: CardId,
    },
    /// The database or a key failed.
    #[error(transparent)]
    Server(#[from] ServerError),
}

impl CardReason {
    /// Names the reason for machines; the name never changes.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Stolen => "stolen",
            Self::Damaged => "damaged",
            Self::Replaced => "replaced",
            Self::Mistake => "mistake",
            Self::Found => "found",
        }
    }
}

impl Server {
    /// Revokes a card: from their next sync on, devices refuse it and offer a mark by hand.
    ///
    /// # Errors
    /// [`DecideCardError`] says why not.
    pub async fn revoke_card(
        &self,
        card: CardId,
        reason: CardReason,
    ) -> Result<Decided, DecideCardError> {
        self.decide_card(card, true, reason).await
    }

    /// Lets a revoked card count again, also one that was replaced.
    ///
    /// # Errors
    /// [`DecideCardError`] says why not.
    pub async fn reinstate_card(
        &self,
        card: CardId,
        reason: CardReason,
    ) -> Result<Decided, DecideCardError> {
        self.decide_card(card, false, reason).await
    }

    async fn decide_card(
        &self,
        card: CardId,
        revoked: bool,
        reason: CardReason,
    ) -> Result<Decided, DecideCardError> {
        self.status_key().ok_or(DecideCardError::NoKey)?;
        let stored = self.store.card(card).await.map_err(ServerError::from)?;
        stored.ok_or(DecideCardError::NotLogged(card))?;
        self.keep_card_indexes().await?;
        let shared = self.store.same_index_in_force(card).await.map_err(ServerError::from)?;
        if let (true, Some(other)) = (revoked, shared.first()) {
            return Err(DecideCardError::SharedPlace { card, other: *other });
        }
        let before = self.store.card_decision(card).await.map_err(ServerError::from)?;
        let new = before.is_some_and(|decision| decision.revoked) != revoked;
        if new {
            let (reason, at_ms) = (reason.code().to_owned(), self.clock.now_ms());
            let decision = CardDecision { card, revoked, reason, at_ms };
            self.store.decide_cards(vec![decision]).await.map_err(ServerError::from)?;
        }
        self.revise_status_list().await?;
        let newest = self.store.status_list(None).await.map_err(ServerError::from)?;
        let list = read(&newest.ok_or(ServerError::Stored("status list"))?)?;
        Ok(Decided { new, version: list.version(), revoked: list.revoked().len() })
    }

    /// Gives the key of status lists, if devices trust it now.
    fn status_key(&self) -> Option<&SoftwareKey> {
        let trusted = |key: &&SoftwareKey| {
            let (key, now_s) = (key.public_key(), self.clock.now_s());
            self.trust.grants(TrustRole::Status, &key, &self.origin, now_s)
        };
        self.keys.status.as_ref().filter(trusted)
    }

    /// Gives the newest status list's version, and lets none get old; nothing without a key.
    pub(crate) async fn status_version(&self) -> Result<Option<u32>, ServerError> {
        if self.status_key().is_none() {
            return Ok(None);
        }
        let fresh = |issued_at_s: i64| self.clock.now_s().saturating_sub(issued_at_s) < FRESH_S;
        match self.store.status_version().await? {
            Some((version, issued_at_s)) if fresh(issued_at_s) => Ok(Some(version)),
            _ => {
                self.revise_status_list().await?;
                Ok(self.store.status_version().await?.map(|(version, _)| version))
            }
        }
    }

    /// Revokes what was replaced, and signs a new list if the newest one does not say what was decided
    /// or is a day old. Without a key it does nothing.
    pub(crate) async fn revise_status_list(&self) -> Result<(), ServerError> {
        let Some(key) = self.status_key() else { return Ok(()) };
        let _one_at_a_time = self.status_run.lock().await;
        self.keep_card_indexes().await?;
        self.revoke_replaced().await?;
        loop {
            let revoked = self.store.revoked_indexes().await?;
            let now_s = self.clock.now_s();
            let newest = self.store.status_list(None).await?.map(|list| read(&list)).transpose()?;
            if let Some(newest) = &newest
                && newest.revoked() == revoked
                && newest.age_s(now_s) < FRESH_S
            {
                return Ok(());
            }
            // The time is in the version, so that a server that lost its disk goes on above what devices
            // have seen, and not back.
            let above = newest.map_or(1, |newest| newest.version().saturating_add(1));
            let version = above.max(u32::try_from(now_s).unwrap_or(0));
            let list = StatusList::new(version, now_s, &self.origin, revoked);
            let stored = StoredStatusList { version, issued_at_s: now_s, bytes: list.sign(key)? };
            // Another process may have been first: look again.
            if self.store.put_status_list(stored).await? {
                return Ok(());
            }
        }
    }

    /// Reads the places of logged cards from their leaves, once for each card.
    async fn keep_card_indexes(&self) -> Result<(), ServerError> {
        let mut places = Vec::new();
        for card in self.store.cards_without_index().await? {
            let leaf = self.store.leaves(card.leaf_index..card.leaf_index + 1).await?.pop();
            // A leaf that was lost with a disk has no place until it is back.
            let Some(leaf) = leaf else { continue };
            let parsed = UnverifiedCard::parse_bytes(&leaf.bytes);
            let parsed = parsed.map_err(|_| ServerError::Stored("card"))?;
            places.push((card.card, parsed.claims().status_index));
        }
        if !places.is_empty() {
            self.store.put_card_indexes(places).await?;
        }
        Ok(())
    }

    async fn revoke_replaced(&self) -> Result<(), ServerError> {
        let replaced = self.store.replaced_undecided().await?;
        if replaced.is_empty() {
            return Ok(());
        }
        let at_ms = self.clock.now_ms();
        let reason = CardReason::Replaced.code();
        let decision =
            |card| CardDecision { card, revoked: true, reason: reason.to_owned(), at_ms };
        tracing::info!(cards = replaced.len(), "replaced cards were revoked");
        Ok(self.store.decide_cards(replaced.into_iter().map(decision).collect()).await?)
    }

    /// Gives the newest list for a device that has version `from`: the change if that is shorter, else
    /// the whole list. Nothing if there is no newer one.
    pub(crate) async fn status_since(
        &self,
        from: u32,
    ) -> Result<Option<StatusAnswer>, ServerError> {
        let Some(key) = self.status_key() else { return Ok(None) };
        let newest = self.store.status_list(None).await?.filter(|list| list.version > from);
        let Some(newest) = newest else { return Ok(None) };
        let base = self.store.status_list(Some(from)).await?;
        if let Some(base) = base {
            let delta = StatusDelta::between(&read(&base)?, &read(&newest)?);
            let delta = delta.map_err(|_| ServerError::Stored("status list"))?.sign(key)?;
            if delta.len() < newest.bytes.len() {
                return Ok(Some(StatusAnswer {
                    version: newest.version,
                    whole: false,
                    bytes: delta,
                }));
            }
        }
        Ok(Some(StatusAnswer { version: newest.version, whole: true, bytes: newest.bytes }))
    }

    /// Gives the first place in the status list that no logged card has.
    ///
    /// # Errors
    /// [`ServerError`] if storage fails.
    pub async fn next_status_index(&self) -> Result<u32, ServerError> {
        self.keep_card_indexes().await?;
        Ok(self.store.last_card_index().await?.map_or(1, |last| last.saturating_add(1)))
    }
}

/// A list of revoked cards, whole or as a change.
#[derive(Debug)]
pub(crate) struct StatusAnswer {
    /// The version that it leads to.
    pub(crate) version: u32,
    /// True if it is the whole list.
    pub(crate) whole: bool,
    /// Its signed bytes.
    pub(crate) bytes: Vec<u8>,
}

/// Reads a list that this server signed.
fn read(stored: &StoredStatusList) -> Result<StatusList, ServerError> {
    let damaged = || ServerError::Stored("status list");
    let envelope = Sign1::parse(&stored.bytes).map_err(|_| damaged())?;
    StatusList::parse_kept(envelope.unverified_payload()).map_err(|_| damaged())
}

/// From this age on a list is signed anew, in seconds: devices take one of three days for old.
const FRESH_S: i64 = 86_400;
