//! The cards of a log: each issued by whom the trust list says, none twice; and the events that rest
//! on a card which the log does not have before them.
//!
//! What is found about events is a note and no failure. A device takes a card that is not logged, since
//! no child is refused for what an office has not done; a log from before cards were logged has none;
//! and a card may be logged after its visits have come in. The sums do not rest on it. What is made of
//! a card that nobody logged, or of one that is another child's, is for the auditor to ask.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use attendance::{CardId, ChildId, Event, TrustList, UnverifiedCard, VerifiedCard};
use serde_json::{Value, json};

use super::AuditFinding;
use crate::console::Console;

/// The verified cards of a log so far, and what is to be asked about events.
#[derive(Debug, Default)]
pub(super) struct Cards {
    of_id: BTreeMap<CardId, u64>,
    of_hash: BTreeMap<Short, ChildId>,
    notes: CardNotes,
    /// Events whose card is not in the log yet: the leaf, the card, the child that they name.
    open: Vec<(u64, Short, Option<ChildId>)>,
}

/// The beginning of a card's hash: no two cards of a country agree in it by accident, and what two that
/// were made to agree could change is a note.
type Short = [u8; 12];

/// What is to be asked about cards; leaf indices, in order.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct CardNotes {
    /// Cards in the log.
    pub(crate) cards: u64,
    /// Events with a card that is nowhere in the log.
    pub(crate) never_logged: Vec<u64>,
    /// Events with a card that is in the log only after them.
    pub(crate) logged_later: Vec<u64>,
    /// Events about a child, with the card of another.
    pub(crate) of_another: Vec<u64>,
}

/// Verifies a card of a log.
pub(super) fn verify(
    index: u64,
    bytes: &[u8],
    trust: &TrustList,
    origin: &str,
) -> Result<VerifiedCard, AuditFinding> {
    UnverifiedCard::parse_bytes(bytes)
        .and_then(|card| card.verify_for_audit(trust, origin))
        .map_err(|why| AuditFinding::Card { index, why })
}

impl Cards {
    /// Takes the next card of the log, and gives its child.
    pub(super) fn take(
        &mut self,
        index: u64,
        card: &VerifiedCard,
    ) -> Result<ChildId, AuditFinding> {
        match self.of_id.entry(card.claims().card) {
            Entry::Vacant(place) => place.insert(index),
            Entry::Occupied(first) => {
                let (card, first) = (*first.key(), *first.get());
                return Err(AuditFinding::SecondCard { index, card, first });
            }
        };
        self.of_hash.insert(card.hash().first_twelve(), card.claims().child);
        Ok(card.claims().child)
    }

    /// Looks at the card of the next event.
    pub(super) fn look_at(&mut self, index: u64, event: &Event) {
        let Some(card) = event.card.map(|card| card.first_twelve()) else { return };
        match self.of_hash.get(&card) {
            None => self.open.push((index, card, event.child)),
            Some(child) if event.child.is_some_and(|named| named != *child) => {
                self.notes.of_another.push(index);
            }
            Some(_) => {}
        }
    }

    /// Gives what there is to ask, when every leaf was looked at.
    pub(super) fn notes(self) -> CardNotes {
        let mut notes = CardNotes { cards: self.of_id.len() as u64, ..self.notes };
        for (index, card, named) in self.open {
            let Some(child) = self.of_hash.get(&card) else {
                notes.never_logged.push(index);
                continue;
            };
            notes.logged_later.push(index);
            if named.is_some_and(|named| named != *child) {
                notes.of_another.push(index);
            }
        }
        notes.of_another.sort_unstable();
        notes
    }
}

impl CardNotes {
    /// Prints what there is to say.
    pub(super) fn tell(&self, console: Console) {
        let cards = self.cards;
        if cards == 0 {
            console.line("cards     none in the log: nothing says which of them were issued");
        } else {
            console.line(format!("cards     {cards}, each by an issuer of the trust list"));
        }
        for (leaves, what) in [
            (&self.never_logged, "with a card that is not in the log"),
            (&self.logged_later, "with a card that was logged only afterwards"),
            (&self.of_another, "with the card of another child"),
        ] {
            // A log without cards has said so: every event would be listed.
            if !leaves.is_empty() && cards > 0 {
                let count = leaves.len();
                console.line(format!("note      {count} events {what}: leaves {}", some(leaves)));
            }
        }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "logged": self.cards,
            "events_never_logged": self.never_logged,
            "events_logged_later": self.logged_later,
            "events_of_another_child": self.of_another,
        })
    }
}

/// The first few; all of them are in the JSON.
fn some(leaves: &[u64]) -> String {
    let first: Vec<String> = leaves.iter().take(SHOWN_MAX).map(u64::to_string).collect();
    let more = if leaves.len() > SHOWN_MAX { " …" } else { "" };
    format!("{}{more}", first.join(" "))
}

const SHOWN_MAX: usize = 12;
