//! The tag lists of a log, made again: no leaf about a child is hidden from the child's parents.

use std::collections::BTreeMap;

use attendance::{ChildId, LeafKind, SubjectReader, TagKey, TagList, TrustList};
use ledger::LoggedEvent;
use seal::PublicKey;
use sync_api::{Bundle, BundleTagKeys};

use super::AuditFinding;
use super::cards::Cards;
use crate::receipt::checkpoint::log_keys;

/// Makes every tag list of the log again, and gives the first leaf after them. They must cover the
/// leaves without a gap, up to the month's `close` at least.
pub(super) fn verify(
    bundle: &Bundle,
    trust: &TrustList,
    origin: &str,
    children: &BTreeMap<u64, Vec<ChildId>>,
    close: u64,
) -> Result<u64, AuditFinding> {
    let keys: Vec<PublicKey> = log_keys(trust, origin).collect();
    let made = match &bundle.tag_keys {
        Some(made) => TagKeys::read(made)?,
        None => return Err(AuditFinding::Untagged { from: 0, close }),
    };
    let mut next = 0;
    let lists = (0..).zip(&bundle.leaves).filter(|(_, leaf)| leaf.kind == LeafKind::Tags);
    for (index, leaf) in lists {
        let refused = |why: String| AuditFinding::Tags { index, why };
        let list = TagList::parse_and_verify(&leaf.bytes.0, &keys)
            .map_err(|rejection| refused(rejection.to_string()))?;
        if list.first != next || list.next() > index {
            let (first, after) = (list.first, list.next());
            let why = format!("it covers {first} to {after}, expected was from {next}");
            return Err(refused(why));
        }
        let mut expected = Vec::new();
        for leaf_index in list.first..list.next() {
            expected.push(made.of(leaf_index, children.get(&leaf_index))?);
        }
        let expected = TagList::new(next, &made.nobody, &expected);
        if list != expected {
            return Err(refused("a leaf has another tag than its child's".to_owned()));
        }
        next = list.next();
    }
    if next > close { Ok(next) } else { Err(AuditFinding::Untagged { from: next, close }) }
}

/// Which children each leaf is about: an event's, or a card's.
pub(super) fn children(events: &[LoggedEvent], cards: &Cards) -> BTreeMap<u64, Vec<ChildId>> {
    let mut reader = SubjectReader::default();
    let of_events = events.iter().map(|one| (one.index, reader.take(one.hash, &one.event)));
    of_events.chain(cards.children().map(|(index, child)| (index, vec![child]))).collect()
}

/// The keys that a bundle says the lists were made with.
struct TagKeys {
    nobody: TagKey,
    children: BTreeMap<ChildId, TagKey>,
}

impl TagKeys {
    fn read(keys: &BundleTagKeys) -> Result<Self, AuditFinding> {
        let key = |bytes: &[u8]| {
            let short = || AuditFinding::NotABundle("a tag key has not 32 bytes".to_owned());
            TagKey::from_slice(bytes).ok_or_else(short)
        };
        let mut children = BTreeMap::new();
        for child in &keys.children {
            if children.insert(child.child, key(&child.key.0)?).is_some() {
                return Err(AuditFinding::NotABundle("a child has two tag keys".to_owned()));
            }
        }
        Ok(Self { nobody: key(&keys.nobody.0)?, children })
    }

    fn of(&self, index: u64, children: Option<&Vec<ChildId>>) -> Result<Vec<TagKey>, AuditFinding> {
        let missing = || {
            let why = "the bundle has no tag key for the child it is about".to_owned();
            AuditFinding::Tags { index, why }
        };
        let children = children.into_iter().flatten();
        children.map(|child| self.children.get(child).copied().ok_or_else(missing)).collect()
    }
}
