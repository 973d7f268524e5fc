//! What events mean after withdrawals and corrections: nothing is edited, so it is computed.

use std::collections::BTreeMap;

use attendance::{ChildId, Event, EventKind, UnverifiedEvent, Withdrawal};
use rusqlite::Connection;
use seal::Hash;

use crate::mark::Mark;
use crate::store::event::EventRow;
use crate::store::{self, StoreError};

/// Shows that a mark was withdrawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Withdrawn {
    /// The withdrawal's event.
    pub event: Hash,
    /// When, by the claimed clock of the device.
    pub at_ms: i64,
    /// Why; nothing for what was undone at once.
    pub why: Option<Withdrawal>,
    /// How far the withdrawal has come.
    pub mark: Mark,
}

/// An event, and what its device said about it later.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) hash: Hash,
    /// As it is now: with its corrections.
    pub(crate) event: Event,
    pub(crate) mark: Mark,
    /// The newest correction that holds, with how far it has come.
    pub(crate) corrected: Option<(Hash, Mark)>,
    pub(crate) withdrawn: Option<Withdrawn>,
}

impl Told {
    /// Reads an own event and what was said about it later.
    pub(crate) fn read(db: &Connection, row: &EventRow) -> Result<Self, StoreError> {
        let mut told = Self::first(row, read(row)?);
        for later in store::event::later_about(db, row.hash)? {
            told.hear(&later, &read(&later)?);
        }
        Ok(told)
    }

    /// True if it stands.
    pub(crate) fn stands(&self) -> bool {
        self.withdrawn.is_none()
    }

    /// True if it is of this kind, stands, and is about this child.
    pub(crate) fn says(&self, kind: EventKind, child: ChildId) -> bool {
        self.event.kind == kind && self.stands() && self.event.child == Some(child)
    }

    fn first(row: &EventRow, event: Event) -> Self {
        Self { hash: row.hash, event, mark: row.mark, corrected: None, withdrawn: None }
    }

    /// Takes a withdrawal or a correction of the same device. One that does not fit says nothing.
    fn hear(&mut self, row: &EventRow, later: &Event) {
        if later.about != Some(self.hash) || later.device != self.event.device {
            return;
        }
        if later.kind == EventKind::Void {
            let why = later.document.as_deref().and_then(Withdrawal::parse);
            let (event, at_ms, mark) = (row.hash, later.wall_ms, row.mark);
            self.withdrawn.get_or_insert(Withdrawn { event, at_ms, why, mark });
        } else if let Ok(corrected) = self.event.corrected_by(self.hash, later) {
            self.event = corrected;
            self.corrected = Some((row.hash, row.mark));
        }
    }
}

/// Tells events with what was said about them later, in the order in which they came. Who said
/// something first comes before who spoke of it.
pub(crate) fn tell(rows: &[EventRow]) -> Result<Vec<Told>, StoreError> {
    let mut told: Vec<Told> = Vec::new();
    let mut places = BTreeMap::new();
    for row in rows {
        let event = read(row)?;
        if !matches!(event.kind, EventKind::Void | EventKind::Correct) {
            places.entry(row.hash).or_insert(told.len());
            told.push(Told::first(row, event));
        } else if let Some(said) =
            event.about.and_then(|about| places.get(&about)).and_then(|place| told.get_mut(*place))
        {
            said.hear(row, &event);
        }
    }
    Ok(told)
}

/// Reads the signed bytes of a kept event: the columns beside them are only an index.
pub(crate) fn read(row: &EventRow) -> Result<Event, StoreError> {
    let parsed = UnverifiedEvent::parse(&row.bytes);
    Ok(parsed.map_err(|_| StoreError::Value("an event's bytes"))?.event().clone())
}
