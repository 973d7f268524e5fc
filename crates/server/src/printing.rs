//! Cards to print: those that are in force, with the name and the groups of their child.

use std::collections::HashMap;

use attendance::{CardId, ChildId, GroupId, UnverifiedCard};

use crate::error::ServerError;
use crate::server::Server;

/// A card that devices accept, and whose it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CardInForce {
    /// Its child.
    pub child: ChildId,
    /// The child's name.
    pub name: String,
    /// The groups that the child has a contract with.
    pub groups: Vec<GroupId>,
    /// The card's text, as its QR Code has it.
    pub text: String,
    /// The card.
    pub card: CardId,
}

impl Server {
    /// Gives each child's current card, if it is in the log and not revoked; in the order of names.
    ///
    /// # Errors
    /// [`ServerError`] if storage fails.
    pub async fn cards_in_force(&self) -> Result<Vec<CardInForce>, ServerError> {
        let (_, snapshot) = self.snapshot_in_force().await?;
        let people = self.store.children().await?.into_iter();
        let mut names: HashMap<ChildId, String> =
            people.map(|(child, name, _)| (child, name)).collect();
        let revoked = self.store.revoked_indexes().await?;
        let mut cards = Vec::new();
        for logged in self.store.current_cards().await? {
            let leaf = self.store.leaves(logged.leaf_index..logged.leaf_index + 1).await?.pop();
            // A leaf that was lost with a disk cannot be printed until it is back.
            let Some(leaf) = leaf else { continue };
            let card = UnverifiedCard::parse_bytes(&leaf.bytes);
            let card = card.map_err(|_| ServerError::Stored("card"))?;
            if revoked.contains(&card.claims().status_index) {
                continue;
            }
            let child = logged.child;
            let contracts = snapshot.contracts.iter().filter(|contract| contract.child == child);
            let mut groups: Vec<GroupId> = contracts.map(|contract| contract.group).collect();
            groups.sort_unstable();
            groups.dedup();
            let name = names.remove(&child).unwrap_or_default();
            cards.push(CardInForce {
                child,
                name,
                groups,
                text: card.to_text(),
                card: logged.card,
            });
        }
        cards.sort_by(|a, b| (&a.name, a.child).cmp(&(&b.name, b.child)));
        Ok(cards)
    }
}
