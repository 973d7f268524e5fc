//! On a parent's device: which leaves of the log are about own children, from the log's tag lists.

use attendance::{ChildId, TagKey, TagList, TagListRejection};
use rusqlite::Connection;
use tlog::{Checkpoint, ReceiptRejection};

use crate::alarm::{Alarm, AlarmCode};
use crate::device::Device;
use crate::log::{Claim, Log, ReceiptError, conclude};
use crate::store::tag_list::ListPlace;
use crate::store::{self, StoreError};

/// Holds a tag list as the server gives it. Nothing of it is verified yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SeenTagList {
    /// The signed list.
    pub bytes: Vec<u8>,
    /// The salt of its leaf.
    pub salt: [u8; 16],
    /// The receipt's bytes.
    pub receipt: Vec<u8>,
    /// Its place in the log.
    pub leaf_index: u64,
}

/// Why tag lists were not accepted. Where one does not hold, an alarm is kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TagsError {
    /// The checkpoint does not hold, or the device is not ready.
    #[error(transparent)]
    Log(#[from] ReceiptError),
    /// The bytes are no tag list of the log.
    #[error("a tag list does not hold: {0}")]
    List(#[source] TagListRejection),
    /// The receipt does not hold.
    #[error("the receipt of a tag list does not hold: {0}")]
    Receipt(#[source] ReceiptRejection),
    /// The receipt proves another place.
    #[error("a tag list was said to be leaf {claimed}, its receipt proves leaf {proven}")]
    OtherLeaf {
        /// What the server said.
        claimed: u64,
        /// What the receipt proves.
        proven: u64,
    },
    /// The list covers its own leaf or later ones.
    #[error(
        "the tag list of leaf {leaf_index} covers leaves up to {next}, which were not there yet"
    )]
    Ahead {
        /// The list's own leaf.
        leaf_index: u64,
        /// The leaf after the last one it covers.
        next: u64,
    },
    /// The list does not begin where the one before ended: leaves may be hidden between them.
    #[error(
        "a tag list begins at leaf {first}, expected was leaf {expected}: the rest is withheld"
    )]
    Gap {
        /// Where it begins.
        first: u64,
        /// Where the one before ended.
        expected: u64,
    },
    /// The log gives leaves their tags a second time.
    #[error("leaf {leaf_index} gives tags to leaves that have theirs from leaf {before}")]
    Twice {
        /// The second list's leaf.
        leaf_index: u64,
        /// The first list's leaf.
        before: u64,
    },
    /// The server gives a child another key than before.
    #[error("the server gives another tag key for a child than before; the first one stays")]
    OtherKey,
}

impl From<StoreError> for TagsError {
    fn from(error: StoreError) -> Self {
        Self::Log(ReceiptError::Store(error))
    }
}

impl Device {
    /// Verifies tag lists under a checkpoint, and searches those that hold for leaves about own
    /// children: signed by the log, in the log, without a gap from leaf 0. Gives how many were new.
    /// What this device was shown about an own child must be among the leaves they name: if it is
    /// not, the log tells two stories, and an alarm is kept.
    ///
    /// # Errors
    /// [`TagsError`] says what did not hold. Lists before it are kept.
    pub fn store_tags(
        &mut self,
        keys: &[(ChildId, TagKey)],
        lists: &[SeenTagList],
        checkpoint_note: &str,
    ) -> Result<usize, TagsError> {
        let enrolled = self.enrolled.as_ref().ok_or(ReceiptError::NotEnrolled)?;
        let log = Log::of(Some(enrolled))?;
        let children = &enrolled.certificate().children[..];
        let at_ms = self.clock.now().wall_ms;
        let tx = store::begin(&mut self.db)?;
        let outcome = log.accept(&tx, checkpoint_note, at_ms).map_err(TagsError::from);
        let outcome = outcome.and_then(|under| {
            let search = Search { tx: &tx, log: &log, under: &under, at_ms };
            search.keep_keys(children, keys)?;
            let mut new = 0;
            for list in lists {
                new += usize::from(search.take(children, list)?);
            }
            search.raise_unnamed(children)?;
            Ok(new)
        });
        let broken = |error: &TagsError| matches!(error, TagsError::Log(ReceiptError::Store(_)));
        conclude(tx, outcome, broken)
    }

    /// Gives the first leaf that no list covers yet for every own child.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn tags_cursor(&self) -> Result<u64, StoreError> {
        let Some(enrolled) = &self.enrolled else { return Ok(0) };
        let mut cursor = None;
        for child in &enrolled.certificate().children {
            let next = store::tag_list::coverage(&self.db, enrolled.origin(), *child)?.next;
            cursor = Some(cursor.map_or(next, |cursor: u64| cursor.min(next)));
        }
        Ok(cursor.unwrap_or(0))
    }
}

/// Searches tag lists within one transaction.
struct Search<'a> {
    tx: &'a Connection,
    log: &'a Log<'a>,
    under: &'a Checkpoint,
    at_ms: i64,
}

impl Search<'_> {
    fn keep_keys(&self, children: &[ChildId], keys: &[(ChildId, TagKey)]) -> Result<(), TagsError> {
        for (child, key) in keys.iter().filter(|(child, _)| children.contains(child)) {
            if !store::tag_key::keep(self.tx, self.log.origin, *child, key)? {
                let error = TagsError::OtherKey;
                // The key itself is a secret: the alarm names the child's pseudonym only.
                self.alarm(&error, child.as_bytes())?;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Verifies one list and searches it for each child whose turn it is.
    fn take(&self, children: &[ChildId], seen: &SeenTagList) -> Result<bool, TagsError> {
        let taken = self.verify(seen).and_then(|list| {
            let mut new = false;
            for child in children {
                new |= self.search(*child, &list, seen.leaf_index)?;
            }
            Ok(new)
        });
        if let Err(error) = &taken
            && !matches!(error, TagsError::Log(_))
        {
            self.alarm(error, &seen.bytes)?;
        }
        taken
    }

    fn verify(&self, seen: &SeenTagList) -> Result<TagList, TagsError> {
        let list =
            TagList::parse_and_verify(&seen.bytes, self.log.keys()).map_err(TagsError::List)?;
        let claim = Claim { bytes: &seen.bytes, salt: &seen.salt, receipt: &seen.receipt };
        let proven = self.log.prove(&claim, self.under).map_err(TagsError::Receipt)?;
        let (leaf_index, next) = (seen.leaf_index, list.next());
        if proven != leaf_index {
            return Err(TagsError::OtherLeaf { claimed: leaf_index, proven });
        }
        if next > leaf_index { Err(TagsError::Ahead { leaf_index, next }) } else { Ok(list) }
    }

    fn search(&self, child: ChildId, list: &TagList, leaf_index: u64) -> Result<bool, TagsError> {
        let (tx, origin) = (self.tx, self.log.origin);
        let Some(key) = store::tag_key::find(tx, origin, child)? else { return Ok(false) };
        let expected = store::tag_list::coverage(tx, origin, child)?.next;
        if list.first < expected {
            return match store::tag_list::leaf_from(tx, origin, child, list.first)? {
                Some(before) if before == leaf_index => Ok(false),
                Some(before) => Err(TagsError::Twice { leaf_index, before }),
                None => Err(TagsError::Gap { first: list.first, expected }),
            };
        }
        if list.first > expected {
            return Err(TagsError::Gap { first: list.first, expected });
        }
        let (tree_size, at_ms) = (self.under.size, self.at_ms);
        let place = ListPlace { origin, leaf_index, tree_size, at_ms };
        store::tag_list::keep(tx, child, list, &place)?;
        for own in list.leaves_of(&key) {
            store::own_leaf::keep(tx, origin, child, own)?;
        }
        Ok(true)
    }

    /// Keeps an alarm for each leaf that was shown to be about a child and has a stranger's tag.
    fn raise_unnamed(&self, children: &[ChildId]) -> Result<(), StoreError> {
        for child in children {
            let next = store::tag_list::coverage(self.tx, self.log.origin, *child)?.next;
            for (leaf, hash, evidence) in
                store::own_leaf::unnamed(self.tx, self.log.origin, *child, next)?
            {
                let alarm = Alarm {
                    at_ms: self.at_ms,
                    code: AlarmCode::UnnamedEntry,
                    detail: format!(
                        "leaf {leaf} is about an own child, and the log's tags do not say so"
                    ),
                    subject: Some(hash),
                    evidence,
                };
                store::alarm::keep(self.tx, &alarm)?;
            }
        }
        Ok(())
    }

    fn alarm(&self, error: &TagsError, evidence: &[u8]) -> Result<(), StoreError> {
        let alarm = Alarm {
            at_ms: self.at_ms,
            code: AlarmCode::BadTags,
            detail: error.to_string(),
            subject: None,
            evidence: evidence.to_vec(),
        };
        store::alarm::keep(self.tx, &alarm)
    }
}
