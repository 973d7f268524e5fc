//! The tag list: the tags of a run of leaves, signed by the log and itself a leaf of it.

use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};
use seal::{CanonicalError, Domain, EnvelopeError, PublicKey, Sign1, SignError, Signer};

use crate::tag::{Tag, TagKey};
use crate::version::leading_version;

/// The only version of the tag list's encoding so far.
pub const TAG_LIST_VERSION: u8 = 1;

/// How many leaves one list covers at most.
pub const TAG_LIST_MAX_LEAVES: usize = 4_096;

/// Gives every leaf of a run its tag.
///
/// A log's lists follow one another without a gap from leaf 0, so that whoever has them all up to a
/// leaf has looked at every leaf before. A list covers leaves that were there before it; its own leaf
/// is covered by a later one. These bytes are signed: their encoding stays.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct TagList {
    /// [`TAG_LIST_VERSION`].
    #[n(0)]
    pub version: u8,
    /// The first leaf that is covered.
    #[n(1)]
    pub first: u64,
    /// A tag for each leaf from there on.
    #[n(2)]
    tags: Tags,
    /// Second tags, in the leaves' order: a correction that moves a visit is about two children.
    #[n(3)]
    also: Vec<Also>,
}

#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
struct Also {
    #[n(0)]
    leaf_index: u64,
    #[cbor(n(1), with = "minicbor::bytes")]
    tag: [u8; Tag::BYTES],
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Tags(Vec<Tag>);

/// Why bytes were not accepted as a tag list.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TagListRejection {
    /// The bytes are no signed envelope.
    #[error("not a signed tag list: {0}")]
    Envelope(#[from] EnvelopeError),
    /// The signed payload is no tag list.
    #[error("the payload is not a tag list: {0}")]
    Payload(#[from] CanonicalError),
    /// Of another version of the format.
    #[error("the tag list is of version {version}, which is unknown here: update")]
    UnknownVersion {
        /// The version it says.
        version: u64,
    },
    /// No key of the log signed it.
    #[error("no key of the log signed the tag list")]
    BadSignature,
    /// It covers leaves that do not exist, or names one outside of what it covers.
    #[error("the tag list speaks of leaf {leaf_index}, which it does not cover")]
    Outside {
        /// The leaf.
        leaf_index: u64,
    },
    /// A leaf has more than two tags, or the second tags are not in the leaves' order.
    #[error("the second tag of leaf {leaf_index} is out of order")]
    Order {
        /// The leaf.
        leaf_index: u64,
    },
}

impl TagList {
    /// Makes the list of the leaves from `first` on. Each leaf has the keys of the children it is
    /// about, two at most ([`subjects`](crate::subjects)), and `nobody` stands in where there is none.
    #[must_use]
    pub fn new(first: u64, nobody: &TagKey, leaves: &[Vec<TagKey>]) -> Self {
        let mut tags = Vec::with_capacity(leaves.len());
        let mut also = Vec::new();
        for (leaf_index, keys) in (first..).zip(leaves) {
            tags.push(keys.first().unwrap_or(nobody).tag(leaf_index));
            also.extend(keys.get(1).map(|key| Also { leaf_index, tag: key.tag(leaf_index).0 }));
        }
        Self { version: TAG_LIST_VERSION, first, tags: Tags(tags), also }
    }

    /// Gives the leaf after the last one that is covered.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.first.saturating_add(self.tags.0.len() as u64)
    }

    /// Decides whether a leaf is said to be about the key's child.
    #[must_use]
    pub fn names(&self, leaf_index: u64, key: &TagKey) -> bool {
        let expected = key.tag(leaf_index);
        let place = leaf_index.checked_sub(self.first).and_then(|at| usize::try_from(at).ok());
        place.and_then(|at| self.tags.0.get(at)) == Some(&expected)
            || self
                .also
                .binary_search_by_key(&leaf_index, |also| also.leaf_index)
                .is_ok_and(|at| self.also[at].tag == expected.0)
    }

    /// Lists the leaves about the key's child, in the log's order.
    pub fn leaves_of(&self, key: &TagKey) -> impl Iterator<Item = u64> {
        (self.first..self.next()).filter(|leaf_index| self.names(*leaf_index, key))
    }

    /// Signs the list with the log's key and gives the envelope's bytes: those of the leaf.
    ///
    /// # Errors
    /// [`SignError`] if the key does not sign.
    pub fn sign(&self, log: &dyn Signer) -> Result<Vec<u8>, SignError> {
        Ok(Sign1::seal(log, TAG_LIST_DOMAIN, seal::to_canonical(self))?.to_bytes())
    }

    /// Parses a list and verifies that one of the log's keys signed it. That it is in the log is for
    /// its receipt to show.
    ///
    /// # Errors
    /// [`TagListRejection`] says what did not hold.
    pub fn parse_and_verify(bytes: &[u8], log: &[PublicKey]) -> Result<Self, TagListRejection> {
        let envelope = Sign1::parse(bytes)?;
        if !log.iter().any(|key| envelope.verify(key, TAG_LIST_DOMAIN).is_ok()) {
            return Err(TagListRejection::BadSignature);
        }
        Self::read(envelope.unverified_payload())
    }

    /// Reads back a list that was verified when it was kept.
    ///
    /// # Errors
    /// [`TagListRejection`] if the bytes are no list.
    pub fn parse_kept(bytes: &[u8]) -> Result<Self, TagListRejection> {
        Self::read(Sign1::parse(bytes)?.unverified_payload())
    }

    fn read(payload: &[u8]) -> Result<Self, TagListRejection> {
        if let Some(version) = leading_version(payload)
            && version != u64::from(TAG_LIST_VERSION)
        {
            return Err(TagListRejection::UnknownVersion { version });
        }
        let list: Self = seal::from_canonical(payload)?;
        if list.first.checked_add(list.tags.0.len() as u64).is_none() {
            return Err(TagListRejection::Outside { leaf_index: u64::MAX });
        }
        let covered = list.first..list.next();
        if let Some(also) = list.also.iter().find(|also| !covered.contains(&also.leaf_index)) {
            return Err(TagListRejection::Outside { leaf_index: also.leaf_index });
        }
        let pairs = list.also.iter().zip(list.also.iter().skip(1));
        match pairs.into_iter().find(|(one, next)| one.leaf_index >= next.leaf_index) {
            Some((_, next)) => Err(TagListRejection::Order { leaf_index: next.leaf_index }),
            None => Ok(list),
        }
    }
}

impl<C> Encode<C> for Tags {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        let bytes: Vec<u8> = self.0.iter().flat_map(|tag| tag.0).collect();
        e.bytes(&bytes)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Tags {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        let (tags, rest) = d.bytes()?.as_chunks::<{ Tag::BYTES }>();
        if tags.is_empty() || tags.len() > TAG_LIST_MAX_LEAVES || !rest.is_empty() {
            return Err(DecodeError::message("tags are 8 bytes each, for 1 to 4096 leaves"));
        }
        Ok(Self(tags.iter().map(|tag| Tag(*tag)).collect()))
    }
}

/// Signatures over tag lists.
const TAG_LIST_DOMAIN: Domain = Domain("qatysu/tags/1");

#[cfg(test)]
mod tests {
    use seal::SoftwareKey;

    use super::*;
    use crate::id::ChildId;

    const SECRET: [u8; 32] = [7; 32];

    fn key(child: u8) -> TagKey {
        TagKey::derive(&SECRET, ChildId([child; 12]))
    }

    /// Leaves 10 to 14: child 1, nobody, child 2, a correction from child 1 to child 2, child 1.
    fn list() -> TagList {
        let leaves = [vec![key(1)], vec![], vec![key(2)], vec![key(2), key(1)], vec![key(1)]];
        TagList::new(10, &TagKey::of_nobody(&SECRET), &leaves)
    }

    #[test]
    fn each_child_finds_its_leaves_and_no_others() {
        let list = list();
        assert_eq!(list.leaves_of(&key(1)).collect::<Vec<_>>(), [10, 13, 14]);
        assert_eq!(list.leaves_of(&key(2)).collect::<Vec<_>>(), [12, 13]);
        assert_eq!(list.leaves_of(&key(3)).count(), 0);
        assert_eq!(list.next(), 15);
        assert!(!list.names(9, &key(1)) && !list.names(15, &key(1)));
    }

    #[test]
    fn what_the_log_signed_comes_back() {
        let log = SoftwareKey::from_seed(&[1; 32]);
        let bytes = list().sign(&log).unwrap();
        let keys = [SoftwareKey::from_seed(&[2; 32]).public_key(), log.public_key()];
        assert_eq!(TagList::parse_and_verify(&bytes, &keys).unwrap(), list());
        assert_eq!(TagList::parse_kept(&bytes).unwrap(), list());
        let other = TagList::parse_and_verify(&bytes, &keys[..1]);
        assert!(matches!(other, Err(TagListRejection::BadSignature)));
        let elsewhere = Sign1::seal(&log, Domain("other"), seal::to_canonical(&list())).unwrap();
        let elsewhere = TagList::parse_and_verify(&elsewhere.to_bytes(), &keys);
        assert!(matches!(elsewhere, Err(TagListRejection::BadSignature)));
    }

    fn reading(list: &TagList) -> Result<TagList, TagListRejection> {
        TagList::read(&seal::to_canonical(list))
    }

    #[test]
    fn a_list_that_is_no_list_is_refused_by_its_reason() {
        let empty = TagList { tags: Tags(Vec::new()), ..list() };
        assert!(matches!(reading(&empty), Err(TagListRejection::Payload(_))));
        let long = TagList { tags: Tags(vec![Tag([0; 8]); TAG_LIST_MAX_LEAVES + 1]), ..list() };
        assert!(matches!(reading(&long), Err(TagListRejection::Payload(_))));
        let newer = TagList { version: 2, ..list() };
        assert!(matches!(reading(&newer), Err(TagListRejection::UnknownVersion { version: 2 })));
        let mut outside = list();
        outside.also[0].leaf_index = 15;
        assert!(matches!(reading(&outside), Err(TagListRejection::Outside { leaf_index: 15 })));
        let mut twice = list();
        twice.also.push(twice.also[0]);
        assert!(matches!(reading(&twice), Err(TagListRejection::Order { leaf_index: 13 })));
        let endless = TagList { first: u64::MAX, ..list() };
        assert!(matches!(reading(&endless), Err(TagListRejection::Outside { .. })));
    }

    #[test]
    fn a_leaf_costs_eight_bytes() {
        let nobody = TagKey::of_nobody(&SECRET);
        let leaves = vec![Vec::new(); TAG_LIST_MAX_LEAVES];
        let bytes = TagList::new(0, &nobody, &leaves).sign(&SoftwareKey::from_seed(&[1; 32]));
        assert!(bytes.unwrap().len() <= 8 * TAG_LIST_MAX_LEAVES + 100);
    }
}
