//! The roster: providers, groups, planned lessons and children of one device, signed by the rules key.
//!
//! It is what a device knows before it opens a lesson. It carries names, so it goes only to devices
//! whose certificate covers the groups in it, and it is never a leaf of the log.

use minicbor::{Decode, Encode};
use seal::{CanonicalError, Domain, EnvelopeError, Hash, KeyId, Sign1, SignError, Signer};

use crate::decision::Cancellation;
use crate::id::{CardId, ChildId, GroupId, LessonId, ProviderId, VoucherId};
use crate::lesson::WindowParams;
use crate::trust::{TrustList, TrustRole};

/// Signatures over rosters.
pub const ROSTER_DOMAIN: Domain = Domain("qatysu/roster/1");

/// Lists who belongs to what, as of one version. These bytes are signed.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct Roster {
    /// Rises with every change; a device refuses to go back.
    #[n(0)]
    pub version: u32,
    /// The providers that the groups belong to.
    #[n(1)]
    pub providers: Vec<RosterProvider>,
    /// The groups.
    #[n(2)]
    pub groups: Vec<RosterGroup>,
    /// The planned lessons.
    #[n(3)]
    pub lessons: Vec<RosterLesson>,
    /// The children, once per group they belong to.
    #[n(4)]
    pub children: Vec<RosterChild>,
    /// When a lesson may be open and a scan is early or late. Encoded as an array of the five
    /// minutes, in the order of the fields.
    #[n(5)]
    #[cbor(with = "window")]
    pub window: WindowParams,
    /// The windows from a date on, earliest first, where they change: a device that is offline on that
    /// day keeps to the new ones. Absent where one set holds for all days.
    #[n(6)]
    pub windows: Option<Vec<DatedWindow>>,
}

/// The widths of a window from a moment on.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(array)]
pub struct DatedWindow {
    /// From when on, milliseconds since 1970-01-01T00:00Z.
    #[n(0)]
    pub from_ms: i64,
    /// The widths.
    #[n(1)]
    #[cbor(with = "window")]
    pub window: WindowParams,
}

/// Names a provider.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct RosterProvider {
    /// The provider.
    #[n(0)]
    pub id: ProviderId,
    /// Its name.
    #[n(1)]
    pub name: String,
}

/// Names a group of a provider.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct RosterGroup {
    /// The group.
    #[n(0)]
    pub id: GroupId,
    /// Whose group it is.
    #[n(1)]
    pub provider: ProviderId,
    /// Its name.
    #[n(2)]
    pub name: String,
}

/// Plans a lesson of a group. What the log says of it stands in it: its id stays, wherever it moved.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct RosterLesson {
    /// The lesson.
    #[n(0)]
    pub id: LessonId,
    /// The group it is for.
    #[n(1)]
    pub group: GroupId,
    /// When it starts, milliseconds since 1970-01-01T00:00Z.
    #[n(2)]
    pub start_ms: i64,
    /// When it ends.
    #[n(3)]
    pub end_ms: i64,
    /// Why it is not held. Absent where it is.
    #[n(4)]
    pub cancelled: Option<Cancellation>,
    /// When it was to start, if it was moved from there.
    #[n(5)]
    pub moved_from_ms: Option<i64>,
}

impl RosterLesson {
    /// Gives a lesson that is held as planned.
    #[must_use]
    pub fn planned(id: LessonId, group: GroupId, start_ms: i64, end_ms: i64) -> Self {
        Self { id, group, start_ms, end_ms, cancelled: None, moved_from_ms: None }
    }
}

/// Puts a child into a group.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct RosterChild {
    /// The child.
    #[n(0)]
    pub id: ChildId,
    /// The name, for the eyes of who stands at the door.
    #[n(1)]
    pub name: String,
    /// The child's voucher.
    #[n(2)]
    pub voucher: VoucherId,
    /// The group.
    #[n(3)]
    pub group: GroupId,
    /// The child's current card, for the typed code.
    #[n(4)]
    pub card: CardId,
    /// SHA-256 of that card's signed bytes, by which events name it: a packed batch then names the
    /// card by the child's row. Absent where the server does not keep it.
    #[n(5)]
    pub card_hash: Option<Hash>,
}

/// Why bytes were not accepted as a roster.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RosterRejection {
    /// The bytes are no signed envelope.
    #[error("not a signed roster: {0}")]
    Envelope(#[from] EnvelopeError),
    /// The signed payload is no roster.
    #[error("the payload is not a roster: {0}")]
    Payload(#[from] CanonicalError),
    /// The trust list holds no rules key with this id that is valid now.
    #[error("no trusted rules key with id {key_id}")]
    UnknownKey {
        /// The id in the envelope.
        key_id: KeyId,
    },
    /// A rules key with this id is trusted, but it did not make this signature.
    #[error("no trusted rules key with id {key_id} signed this roster")]
    BadSignature {
        /// The id in the envelope.
        key_id: KeyId,
    },
}

impl Roster {
    /// Encodes the roster: the payload that is signed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        seal::to_canonical(self)
    }

    /// Signs the roster and gives the envelope's bytes.
    ///
    /// # Errors
    /// [`SignError`] if the key does not sign.
    pub fn sign(&self, rules: &dyn Signer) -> Result<Vec<u8>, SignError> {
        Ok(Sign1::seal(rules, ROSTER_DOMAIN, self.to_bytes())?.to_bytes())
    }

    /// Parses a signed roster and verifies it under a rules key that is valid at `now_s` (seconds
    /// since 1970-01-01T00:00Z).
    ///
    /// # Errors
    /// [`RosterRejection`] says what did not hold.
    pub fn parse_and_verify(
        bytes: &[u8],
        trust: &TrustList,
        now_s: i64,
    ) -> Result<Self, RosterRejection> {
        let envelope = Sign1::parse(bytes)?;
        let key_id = envelope.key_id();
        let mut known = false;
        for key in trust.keys(TrustRole::Rules, key_id, now_s) {
            known = true;
            if let Ok(payload) = envelope.verify(&key, ROSTER_DOMAIN) {
                return Ok(seal::from_canonical(payload)?);
            }
        }
        if known {
            Err(RosterRejection::BadSignature { key_id })
        } else {
            Err(RosterRejection::UnknownKey { key_id })
        }
    }

    /// Reads back a signed roster that was verified when it was kept. The signature is not asked
    /// again: a rules key that has ended since must not empty the register at the door.
    ///
    /// # Errors
    /// [`RosterRejection`] if the bytes are no roster.
    pub fn parse_kept(bytes: &[u8]) -> Result<Self, RosterRejection> {
        Ok(seal::from_canonical(Sign1::parse(bytes)?.unverified_payload())?)
    }

    /// Finds a planned lesson.
    #[must_use]
    pub fn lesson(&self, id: LessonId) -> Option<&RosterLesson> {
        self.lessons.iter().find(|lesson| lesson.id == id)
    }

    /// Finds a group.
    #[must_use]
    pub fn group(&self, id: GroupId) -> Option<&RosterGroup> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// Finds a provider.
    #[must_use]
    pub fn provider(&self, id: ProviderId) -> Option<&RosterProvider> {
        self.providers.iter().find(|provider| provider.id == id)
    }

    /// Finds a child, the row of `group` first where there are several.
    #[must_use]
    pub fn child(&self, id: ChildId, group: Option<GroupId>) -> Option<&RosterChild> {
        let rows = || self.children.iter().filter(move |child| child.id == id);
        rows().find(|child| Some(child.group) == group).or_else(|| rows().next())
    }

    /// Gives the widths of a window at a moment, milliseconds since 1970-01-01T00:00Z.
    #[must_use]
    pub fn window_at(&self, at_ms: i64) -> WindowParams {
        let dated = self.windows.iter().flatten().rev().find(|dated| dated.from_ms <= at_ms);
        dated.map_or(self.window, |dated| dated.window)
    }

    /// Lists the children of a group.
    pub fn children_of(&self, group: GroupId) -> impl Iterator<Item = &RosterChild> {
        self.children.iter().filter(move |child| child.group == group)
    }
}

/// The encoding of [`WindowParams`] in a roster.
mod window {
    use minicbor::decode::Error as DecodeError;
    use minicbor::encode::{Error as EncodeError, Write};
    use minicbor::{Decoder, Encoder};

    use crate::lesson::WindowParams;

    pub(super) fn encode<C, W: Write>(
        window: &WindowParams,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        e.array(5)?
            .u32(window.open_before_min)?
            .u32(window.close_after_min)?
            .u32(window.scan_early_min)?
            .u32(window.scan_late_min)?
            .u32(window.late_min)?
            .ok()
    }

    pub(super) fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<WindowParams, DecodeError> {
        if d.array()? != Some(5) {
            return Err(DecodeError::message("a window is an array of 5"));
        }
        Ok(WindowParams {
            open_before_min: d.u32()?,
            close_after_min: d.u32()?,
            scan_early_min: d.u32()?,
            scan_late_min: d.u32()?,
            late_min: d.u32()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use seal::SoftwareKey;

    use super::*;
    use crate::trust::TrustEntry;

    fn lesson(group: GroupId) -> RosterLesson {
        RosterLesson::planned(LessonId::derive_from(group, 60_000), group, 60_000, 120_000)
    }

    fn roster() -> Roster {
        let (group, provider) = (GroupId([2; 8]), ProviderId([1; 8]));
        let child = |n: u8, group| RosterChild {
            id: ChildId([n; 12]),
            name: format!("Child {n}"),
            voucher: VoucherId([n; 8]),
            group,
            card: CardId([n; 8]),
            card_hash: None,
        };
        Roster {
            version: 3,
            providers: vec![RosterProvider { id: provider, name: "Synthetic club".into() }],
            groups: vec![RosterGroup { id: group, provider, name: "Drawing".into() }],
            lessons: vec![lesson(group)],
            children: vec![child(7, GroupId([9; 8])), child(7, group), child(8, group)],
            window: WindowParams {
                open_before_min: 30,
                close_after_min: 15,
                scan_early_min: 20,
                scan_late_min: 10,
                late_min: 15,
            },
            windows: None,
        }
    }

    fn trust(rules: &SoftwareKey) -> TrustList {
        let key = rules.public_key().to_bytes();
        let entry = |role| TrustEntry {
            key,
            role,
            scope: String::new(),
            not_before_s: 0,
            not_after_s: 1_000,
        };
        TrustList {
            version: 1,
            not_after_s: 1_000,
            entries: vec![entry(TrustRole::Rules)],
            witness_quorum: None,
        }
    }

    #[test]
    fn verifies_what_the_rules_key_signed() {
        let rules = SoftwareKey::from_seed(&[5; 32]);
        let bytes = roster().sign(&rules).unwrap();
        assert_eq!(Roster::parse_and_verify(&bytes, &trust(&rules), 500).unwrap(), roster());
        assert_eq!(Roster::parse_kept(&bytes).unwrap(), roster());
    }

    #[test]
    fn a_row_without_the_card_s_hash_has_the_bytes_it_always_had() {
        let mut row = roster().children.swap_remove(0);
        let (without, map_of_five) = (seal::to_canonical(&row), 0xa5);
        assert_eq!(without.first(), Some(&map_of_five));
        row.card_hash = Some(seal::sha256(b"card"));
        let with = seal::to_canonical(&row);
        assert_eq!(with.get(1..without.len()), without.get(1..), "the new key comes last");
    }

    #[test]
    fn a_lesson_that_is_held_as_planned_has_the_bytes_it_always_had() {
        let planned = lesson(GroupId([2; 8]));
        assert_eq!(seal::to_canonical(&planned).first(), Some(&0xa4), "a map of four");
        let moved = RosterLesson { moved_from_ms: Some(1_000), ..planned };
        let cancelled = RosterLesson { cancelled: Some(Cancellation::Weather), ..planned };
        for told in [moved, cancelled] {
            let bytes = seal::to_canonical(&told);
            assert_eq!(bytes.first(), Some(&0xa5));
            assert_eq!(seal::from_canonical::<RosterLesson>(&bytes).unwrap(), told);
        }
    }

    #[test]
    fn windows_of_other_dates_change_nothing_where_there_are_none() {
        let without = roster().to_bytes();
        assert_eq!(without.first(), Some(&0xa6), "a map of six, as it always was");
        let narrow = WindowParams { late_min: 5, ..roster().window };
        let dated = |from_ms, window| DatedWindow { from_ms, window };
        let windows = Some(vec![dated(1_000, roster().window), dated(2_000, narrow)]);
        let roster = Roster { windows, ..roster() };
        let read: Roster = seal::from_canonical(&roster.to_bytes()).unwrap();
        assert_eq!(read, roster);
        assert_eq!(read.window_at(0), roster.window, "before all dates");
        assert_eq!(read.window_at(1_999), roster.window);
        assert_eq!(read.window_at(2_000), narrow);
    }

    #[test]
    fn refuses_keys_that_are_unknown_or_over_and_changed_bytes() {
        let rules = SoftwareKey::from_seed(&[5; 32]);
        let bytes = roster().sign(&rules).unwrap();
        let other = trust(&SoftwareKey::from_seed(&[6; 32]));
        let unknown = |result| matches!(result, Err(RosterRejection::UnknownKey { .. }));
        assert!(unknown(Roster::parse_and_verify(&bytes, &other, 500)));
        assert!(unknown(Roster::parse_and_verify(&bytes, &trust(&rules), 1_001)));
        let mut changed = bytes;
        let at = changed.len() - 70;
        changed[at] ^= 1;
        assert!(Roster::parse_and_verify(&changed, &trust(&rules), 500).is_err());
        let wrong_role = Sign1::seal(&rules, Domain("other"), roster().to_bytes()).unwrap();
        assert!(matches!(
            Roster::parse_and_verify(&wrong_role.to_bytes(), &trust(&rules), 500),
            Err(RosterRejection::BadSignature { .. })
        ));
    }

    #[test]
    fn finds_the_child_row_of_the_asked_group_first() {
        let roster = roster();
        let group = GroupId([2; 8]);
        assert_eq!(roster.child(ChildId([7; 12]), Some(group)).unwrap().group, group);
        assert_eq!(roster.child(ChildId([7; 12]), None).unwrap().group, GroupId([9; 8]));
        assert_eq!(roster.child(ChildId([1; 12]), None), None);
        assert_eq!(roster.children_of(group).count(), 2);
    }
}
