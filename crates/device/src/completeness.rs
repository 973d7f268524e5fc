//! "Nothing about my child is hidden": what a parent's device can say of it.

use attendance::{
    CardId, ChildId, DeviceCertificate, EventKind, LeafKind, Role, UnverifiedCard, UnverifiedEvent,
};
use seal::{Hash, Sign1};

use crate::device::Device;
use crate::enrolment::Enrolled;
use crate::store::own_leaf::{Held, OwnLeaf};
use crate::store::{self, StoreError};

/// Says how far a parent's device knows all that the log holds about a child.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Completeness {
    /// The child.
    pub child: ChildId,
    /// The first leaf that no verified tag list covers: every leaf before it was looked at.
    pub covered: u64,
    /// The size of the log when the last list was verified.
    pub tree_size: Option<u64>,
    /// When that was, by this device's clock.
    pub at_ms: Option<i64>,
    /// What the log holds about the child, each leaf verified on this device.
    pub entries: Vec<OwnEntry>,
    /// Leaves about the child that are not on this device.
    pub missing: Vec<MissingEntry>,
    /// Leaves that are about the child and that the log's tags do not name: it tells two stories.
    pub unnamed: Vec<u64>,
}

/// One verified leaf about a child.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OwnEntry {
    /// Its place in the log.
    pub leaf_index: u64,
    /// SHA-256 of its signed bytes: for an event, its name.
    pub hash: Hash,
    /// What it says.
    pub kind: EntryKind,
    /// When it was made, by the claimed clock of whoever made it. A card says nothing of it.
    pub at_ms: Option<i64>,
    /// The role of the device that made it; a card is no device's.
    pub role: Option<Role>,
    /// That device's name, as the coordinator gave it; empty for a card.
    pub device: String,
    /// True if it is of this device.
    pub own: bool,
}

/// What a leaf about a child says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum EntryKind {
    /// An event.
    Event(EventKind),
    /// The issuance of a card.
    Card(CardId),
}

/// A leaf about a child that is not on this device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MissingEntry {
    /// Its place in the log.
    pub leaf_index: u64,
    /// Why.
    pub why: MissingWhy,
}

/// Why a leaf is not on this device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MissingWhy {
    /// It has not been asked for yet.
    NotAsked,
    /// The server did not show it, and said this.
    Refused(String),
    /// What the server showed does not hold, for this reason. There is an alarm of it.
    Wrong(String),
}

impl Completeness {
    /// Gives the first leaf before which nothing is missing: complete up to there, without it.
    #[must_use]
    pub fn complete_to(&self) -> u64 {
        let missing = self.missing.iter().map(|missing| missing.leaf_index);
        missing.chain(self.unnamed.iter().copied()).min().unwrap_or(self.covered)
    }

    /// True if nothing is hidden before [`Completeness::covered`], and lists were there at all.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.covered > 0 && self.complete_to() == self.covered
    }
}

impl Device {
    /// Says of each own child how far its list is complete, or what is missing. On other than
    /// parents' devices there are no own children.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn completeness(&self) -> Result<Vec<Completeness>, StoreError> {
        let Some(enrolled) = &self.enrolled else { return Ok(Vec::new()) };
        let children = enrolled.certificate().children.iter();
        children.map(|child| self.completeness_of(enrolled, *child)).collect()
    }

    fn completeness_of(
        &self,
        enrolled: &Enrolled,
        child: ChildId,
    ) -> Result<Completeness, StoreError> {
        let (db, origin) = (&self.db, enrolled.origin());
        let coverage = store::tag_list::coverage(db, origin, child)?;
        let (mut entries, mut missing) = (Vec::new(), Vec::new());
        for OwnLeaf { leaf_index, held } in store::own_leaf::of_child(db, origin, child)? {
            match held {
                Some(held) => entries.push(own_entry(enrolled, leaf_index, &held)?),
                None => {
                    let why = store::entry_refusal::newest(db, origin, leaf_index)?;
                    missing.push(MissingEntry { leaf_index, why });
                }
            }
        }
        let unnamed = store::own_leaf::unnamed(db, origin, child, coverage.next)?;
        Ok(Completeness {
            child,
            covered: coverage.next,
            tree_size: coverage.last.map(|(tree_size, _)| tree_size),
            at_ms: coverage.last.map(|(_, at_ms)| at_ms),
            entries,
            missing,
            unnamed: unnamed.into_iter().map(|(leaf_index, _, _)| leaf_index).collect(),
        })
    }
}

/// Reads a leaf that was verified when it was kept.
fn own_entry(enrolled: &Enrolled, leaf_index: u64, held: &Held) -> Result<OwnEntry, StoreError> {
    match held.kind {
        LeafKind::Event => {}
        LeafKind::Card => return own_card(leaf_index, held),
        LeafKind::Genesis | LeafKind::Snapshot | LeafKind::Tranche | LeafKind::Tags => {
            return Err(StoreError::Value("an entry of an unknown kind"));
        }
    }
    let parsed = UnverifiedEvent::parse(&held.bytes);
    let parsed = parsed.map_err(|_| StoreError::Value("an event's bytes"))?;
    let recorder = match &held.certificate {
        Some(bytes) => &kept_certificate(bytes)?,
        None => enrolled.certificate(),
    };
    Ok(OwnEntry {
        leaf_index,
        hash: parsed.hash(),
        kind: EntryKind::Event(parsed.event().kind),
        at_ms: Some(parsed.event().wall_ms),
        role: Some(recorder.role),
        device: recorder.name.clone(),
        own: recorder.device == enrolled.certificate().device,
    })
}

fn own_card(leaf_index: u64, held: &Held) -> Result<OwnEntry, StoreError> {
    let card = UnverifiedCard::parse_bytes(&held.bytes);
    let card = card.map_err(|_| StoreError::Value("a card's bytes"))?;
    Ok(OwnEntry {
        leaf_index,
        hash: card.hash(),
        kind: EntryKind::Card(card.claims().card),
        at_ms: None,
        role: None,
        device: String::new(),
        own: false,
    })
}

fn kept_certificate(bytes: &[u8]) -> Result<DeviceCertificate, StoreError> {
    let broken = StoreError::Value("a certificate's bytes");
    let Ok(envelope) = Sign1::parse(bytes) else { return Err(broken) };
    seal::from_canonical(envelope.unverified_payload()).map_err(|_| broken)
}
