//! Logging cards: an issuance is a leaf, so that no card can be invented afterwards unseen.

use std::collections::HashMap;

use attendance::{CardId, CardRejection, ChildId, LeafKind, UnverifiedCard, VoucherId};
use seal::Hash;
use server_store::{AppendError, NewCard, NewLeaf, SequencedBatch};

use crate::error::ServerError;
use crate::server::Server;

/// A card that is in the log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CardLogged {
    /// Its id.
    pub card: CardId,
    /// Whose it is.
    pub child: ChildId,
    /// SHA-256 of its bytes: how events name it.
    pub hash: Hash,
    /// Its leaf.
    pub leaf_index: u64,
    /// False if it was in the log before.
    pub new: bool,
    /// The card that was the child's current one until now.
    pub replaces: Option<CardId>,
}

/// Why no card was logged. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogCardsError {
    /// One of them is refused.
    #[error("card number {}: {why}", position + 1)]
    Refused {
        /// Which, from 0.
        position: usize,
        /// Why.
        why: CardNotLogged,
    },
    /// The log could not be written.
    #[error(transparent)]
    Server(#[from] ServerError),
}

/// Why a card is not logged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardNotLogged {
    /// No issuer of the trust list signed it, or it has ended.
    #[error(transparent)]
    Card(#[from] CardRejection),
    /// Its issuer is one for another district.
    #[error(
        "its issuer is trusted for {scope:?} and not for this log: issue it with this district's key"
    )]
    OtherScope {
        /// What the trust list trusts the issuer for.
        scope: String,
    },
    /// Another card has this id.
    #[error("another card has the id {card}, at leaf {leaf_index}: issue it with a new id")]
    IdTaken {
        /// The id.
        card: CardId,
        /// The other card's leaf.
        leaf_index: u64,
    },
    /// The child has no such voucher.
    #[error(
        "child {child} has no contract with voucher {voucher}: add it first, with `qatysu district update`"
    )]
    NoContract {
        /// The child.
        child: ChildId,
        /// The voucher.
        voucher: VoucherId,
    },
}

impl Server {
    /// Logs cards, each as a leaf: all of them, in their order, or none. The newest of a child becomes
    /// its current card. A card that is in the log already keeps its leaf, and changes nothing.
    ///
    /// # Errors
    /// [`LogCardsError::Refused`] names the first card that is not logged, and why.
    pub async fn log_cards(&self, cards: &[Vec<u8>]) -> Result<Vec<CardLogged>, LogCardsError> {
        let verified = self.verify_cards(cards).await?;
        let _one_writer = self.writer.lock().await;
        loop {
            let at = self.store.tree_size().await.map_err(ServerError::from)?;
            let (batch, logged) = self.sequence_cards(&verified, at).await?;
            if batch.leaves.is_empty() {
                return Ok(logged);
            }
            match self.store.append(at, batch).await {
                Err(AppendError::Moved { .. }) => {}
                done => {
                    done.map_err(ServerError::from)?;
                    self.sign_checkpoint().await?;
                    // The cards that these replace.
                    self.revise_status_list().await?;
                    return Ok(logged);
                }
            }
        }
    }

    async fn verify_cards(&self, cards: &[Vec<u8>]) -> Result<Vec<UnverifiedCard>, LogCardsError> {
        let snapshots = self.snapshots().await?;
        let contracts = &snapshots.newest().snapshot.contracts;
        let vouchers: HashMap<VoucherId, ChildId> =
            contracts.iter().map(|contract| (contract.voucher, contract.child)).collect();
        let verify = |bytes: &Vec<u8>| {
            let card = UnverifiedCard::parse_bytes(bytes)?;
            let verified = card.clone().verify(&self.trust, self.clock.now_s())?;
            if verified.scope() != self.origin {
                return Err(CardNotLogged::OtherScope { scope: verified.scope().to_owned() });
            }
            let (child, voucher) = (card.claims().child, card.claims().voucher);
            if vouchers.get(&voucher) != Some(&child) {
                return Err(CardNotLogged::NoContract { child, voucher });
            }
            Ok(card)
        };
        let numbered = cards.iter().enumerate();
        let verified = numbered.map(|(position, bytes)| {
            verify(bytes).map_err(|why| LogCardsError::Refused { position, why })
        });
        verified.collect()
    }

    /// Gives each card its leaf in a tree of `at` leaves: the one it has, or the next.
    async fn sequence_cards(
        &self,
        cards: &[UnverifiedCard],
        at: u64,
    ) -> Result<(SequencedBatch, Vec<CardLogged>), LogCardsError> {
        let people = self.store.children().await.map_err(ServerError::from)?;
        let mut current: HashMap<ChildId, CardId> =
            people.into_iter().map(|(child, _, card)| (child, card)).collect();
        let mut batch = SequencedBatch::default();
        let mut here: HashMap<CardId, (Hash, u64)> = HashMap::new();
        let mut logged = Vec::with_capacity(cards.len());
        for (position, card) in cards.iter().enumerate() {
            let (claims, hash) = (card.claims(), card.hash());
            let known = match here.get(&claims.card) {
                Some(known) => Some(*known),
                None => {
                    let stored = self.store.card(claims.card).await.map_err(ServerError::from)?;
                    stored.map(|stored| (stored.hash, stored.leaf_index))
                }
            };
            let (leaf_index, replaces) = match known {
                Some((known, leaf_index)) if known == hash => (leaf_index, None),
                Some((_, leaf_index)) => {
                    let why = CardNotLogged::IdTaken { card: claims.card, leaf_index };
                    return Err(LogCardsError::Refused { position, why });
                }
                None => {
                    let leaf = batch.leaves.len();
                    let salt = self.keys.own_salt(at + leaf as u64);
                    let (kind, bytes) = (LeafKind::Card, card.to_bytes());
                    batch.leaves.push(NewLeaf { kind, salt, bytes, event: None });
                    let (card, child) = (claims.card, claims.child);
                    batch.cards.push(NewCard { leaf, card, hash, child });
                    let before = current.insert(child, card);
                    (at + leaf as u64, before.filter(|before| *before != card))
                }
            };
            here.insert(claims.card, (hash, leaf_index));
            let (card, child, new) = (claims.card, claims.child, known.is_none());
            logged.push(CardLogged { card, child, hash, leaf_index, new, replaces });
        }
        Ok((batch, logged))
    }
}
