//! What both sides know before a packed batch is sent.

use minicbor::{Decode, Encode};

use crate::id::{ChildId, GroupId, LessonId, ProviderId};
use crate::roster::{Roster, RosterChild};

/// Names the roster that a batch is packed against.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(array)]
pub struct RosterName {
    /// The roster's version.
    #[n(0)]
    pub version: u32,
    /// The first 8 bytes of the SHA-256 of its payload: two devices have different rosters of one
    /// version.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub check: [u8; 8],
}

/// Holds what both sides know: the device's roster, or nothing.
#[derive(Clone, Copy, Debug)]
pub struct PackContext<'a> {
    roster: Option<(RosterName, &'a Roster)>,
}

impl<'a> PackContext<'a> {
    /// Packs against nothing: every identifier travels once in a batch.
    #[must_use]
    pub fn empty() -> Self {
        Self { roster: None }
    }

    /// Packs against the roster that the device has and the server gave it.
    #[must_use]
    pub fn of(roster: &'a Roster) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = seal::sha256(&roster.to_bytes()).0;
        let name = RosterName { version: roster.version, check: [a, b, c, d, e, f, g, h] };
        Self { roster: Some((name, roster)) }
    }

    /// Names the roster, if there is one.
    #[must_use]
    pub fn name(&self) -> Option<RosterName> {
        self.roster.map(|(name, _)| name)
    }

    pub(super) fn roster(&self) -> Option<&'a Roster> {
        self.roster.map(|(_, roster)| roster)
    }

    pub(super) fn group(&self, lesson: Option<LessonId>) -> Option<GroupId> {
        Some(self.roster()?.lesson(lesson?)?.group)
    }

    pub(super) fn provider(&self, group: GroupId) -> Option<ProviderId> {
        Some(self.roster()?.group(group)?.provider)
    }

    pub(super) fn row(&self, child: ChildId, group: Option<GroupId>) -> Option<&'a RosterChild> {
        self.roster()?.child(child, group)
    }
}
