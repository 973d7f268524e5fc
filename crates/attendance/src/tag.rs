//! Tags: how a parent finds every leaf about a child in a log whose leaves are closed.
//!
//! The log publishes one tag for every leaf. The tags of leaves about one child are made with that
//! child's [`TagKey`], which the child's parents have; to anybody else all tags look random. So a
//! leaf about the child that was never shown to the parents stands out, and which child the other
//! leaves are about stays unsaid.

use core::fmt;
use std::collections::BTreeMap;

use seal::Hash;

use crate::event::Event;
use crate::id::ChildId;

/// Holds the secret that makes, and finds, the tags of one child in one log.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct TagKey([u8; 32]);

/// Marks one leaf. Only the holder of a child's key can tell whether the leaf is about that child.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Tag(pub [u8; 8]);

impl Tag {
    /// The length. In a log of ten million leaves, one parent in a million million would find a
    /// stranger's leaf.
    pub const BYTES: usize = 8;
}

impl TagKey {
    /// Derives a child's key from the secret of the log's owner.
    #[must_use]
    pub fn derive(secret: &[u8; 32], child: ChildId) -> Self {
        Self(seal::sha256_of(&[b"qatysu/tag-key/1", secret, child.as_bytes()]).0)
    }

    /// Derives the key for leaves that are about no child, so that their tags look like the others.
    #[must_use]
    pub fn of_nobody(secret: &[u8; 32]) -> Self {
        Self(seal::sha256_of(&[b"qatysu/tag-key/1", secret]).0)
    }

    /// Takes the key from its bytes; `None` unless there are 32.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Gives the bytes, which are secret.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Makes the tag of a leaf: the first 8 bytes of SHA-256(`qatysu/tag/1` ‖ key ‖ index), the index
    /// in 8 bytes, the highest first.
    #[must_use]
    pub fn tag(&self, leaf_index: u64) -> Tag {
        let hash = seal::sha256_of(&[b"qatysu/tag/1", &self.0, &leaf_index.to_be_bytes()]);
        let mut tag = [0; Tag::BYTES];
        tag.copy_from_slice(&hash.0[..Tag::BYTES]);
        Tag(tag)
    }
}

impl fmt::Debug for TagKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TagKey(…)")
    }
}

/// Says which children a leaf is about: the one its event names, and the one of the event that it
/// speaks of (`about`). Two only where a correction moves a visit to another child.
#[must_use]
pub fn subjects(child: Option<ChildId>, about: Option<ChildId>) -> Vec<ChildId> {
    let earlier = about.filter(|about| child != Some(*about));
    child.into_iter().chain(earlier).collect()
}

/// Reads a log from its first event on, and says which children each event is about.
#[derive(Clone, Debug, Default)]
pub struct SubjectReader {
    named: BTreeMap<Hash, Option<ChildId>>,
}

impl SubjectReader {
    /// Takes the next event of the log. An event that it speaks of counts if it came before.
    pub fn take(&mut self, hash: Hash, event: &Event) -> Vec<ChildId> {
        let about = event.about.and_then(|about| self.named.get(&about).copied().flatten());
        self.named.insert(hash, event.child);
        subjects(event.child, about)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: [u8; 32] = [7; 32];

    #[test]
    fn a_tag_depends_on_the_owner_the_child_and_the_leaf() {
        let key = TagKey::derive(&SECRET, ChildId([1; 12]));
        assert_eq!(key.tag(5), TagKey::derive(&SECRET, ChildId([1; 12])).tag(5));
        let others = [
            key.tag(6),
            TagKey::derive(&SECRET, ChildId([2; 12])).tag(5),
            TagKey::derive(&[8; 32], ChildId([1; 12])).tag(5),
            TagKey::of_nobody(&SECRET).tag(5),
        ];
        assert!(others.iter().all(|other| *other != key.tag(5)));
    }

    #[test]
    fn a_tag_is_what_the_published_rule_says() {
        let mut input = b"qatysu/tag/1".to_vec();
        input.extend([9; 32]);
        input.extend([0, 0, 0, 0, 0, 0, 1, 2]);
        let key = TagKey::from_slice(&[9; 32]).unwrap();
        assert_eq!(key.tag(258).0, seal::sha256(&input).0[..8]);
        assert!(TagKey::from_slice(&[9; 31]).is_none());
    }

    #[test]
    fn a_key_does_not_show_in_a_log_line() {
        let shown = format!("{:?}", TagKey::derive(&SECRET, ChildId([1; 12])));
        assert_eq!(shown, "TagKey(…)");
    }

    #[test]
    fn a_leaf_is_about_its_child_and_the_child_it_takes_a_visit_from() {
        let (one, two) = (ChildId([1; 12]), ChildId([2; 12]));
        assert_eq!(subjects(Some(one), None), [one]);
        assert_eq!(subjects(None, Some(one)), [one]);
        assert_eq!(subjects(Some(one), Some(one)), [one]);
        assert_eq!(subjects(Some(two), Some(one)), [two, one]);
        assert_eq!(subjects(None, None), []);
    }
}
