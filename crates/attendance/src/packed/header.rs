//! The header of a packed batch: what the records count on from.

use seal::Hash;

use super::context::{PackContext, RosterName};
use super::item::Item;
use super::port::{Port, Reader};
use super::{PACKED_MAX_EVENTS, PACKED_VERSION, UnpackRejection};
use crate::id::DeviceId;

/// Says against what a batch is packed, and where its first event stands.
///
/// In this order: version; roster, if any; device; position, hash before, wall clock and monotonic
/// clock of the first event; how many records follow.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PackedHeader {
    roster: Option<RosterName>,
    device: DeviceId,
    pub(super) seq: u64,
    pub(super) prev: Hash,
    pub(super) wall_ms: i64,
    pub(super) mono_ms: u64,
    count: usize,
}

impl PackedHeader {
    /// Reads the header alone, to find the roster that the batch needs.
    ///
    /// # Errors
    /// [`UnpackRejection`] if there is no header of this version, or it promises too many events.
    pub fn parse(bytes: &[u8]) -> Result<Self, UnpackRejection> {
        Self::read(&mut Reader::new(bytes))
    }

    /// Names the roster that the batch is packed against, if any.
    #[must_use]
    pub fn roster(&self) -> Option<RosterName> {
        self.roster
    }

    /// Names the device whose events are packed. Nobody has verified it.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        self.device
    }

    /// Says how many events there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    pub(super) fn of(items: &[Item], context: &PackContext<'_>) -> Self {
        let first = items.iter().find_map(Item::event);
        Self {
            roster: context.name(),
            device: first.map(|event| event.device).unwrap_or_default(),
            seq: first.map(|event| event.seq).unwrap_or_default(),
            prev: first.map(|event| event.prev).unwrap_or_default(),
            wall_ms: first.map(|event| event.wall_ms).unwrap_or_default(),
            mono_ms: first.map(|event| event.mono_ms).unwrap_or_default(),
            count: items.len(),
        }
    }

    pub(super) fn read(port: &mut Reader<'_>) -> Result<Self, UnpackRejection> {
        let mut header = Self::of(&[], &PackContext::empty());
        header.walk(port)?;
        Ok(header)
    }

    pub(super) fn walk<P: Port>(&mut self, port: &mut P) -> Result<(), UnpackRejection> {
        let mut version = u64::from(PACKED_VERSION);
        port.number(&mut version)?;
        if version != u64::from(PACKED_VERSION) {
            return Err(UnpackRejection::UnknownVersion { version });
        }
        let mut with_roster = u64::from(self.roster.is_some());
        port.number(&mut with_roster)?;
        match with_roster {
            0 => self.roster = None,
            1 => port.item(&mut self.roster)?,
            _ => return Err(UnpackRejection::Damaged("a roster or none")),
        }
        port.raw(&mut self.device.0)?;
        port.number(&mut self.seq)?;
        port.raw(&mut self.prev.0)?;
        port.signed(&mut self.wall_ms)?;
        port.number(&mut self.mono_ms)?;
        let mut count = self.count as u64;
        port.number(&mut count)?;
        let count = usize::try_from(count).ok().filter(|count| *count <= PACKED_MAX_EVENTS);
        self.count = count.ok_or(UnpackRejection::TooLarge)?;
        Ok(())
    }
}
