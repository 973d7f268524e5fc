//! The tag lists of a log, made again: no leaf about a child is hidden from the child's parents.
//!
//! A list is compared when it comes: what each leaf before it is about is known then, and not needed
//! afterwards. The one exception is an event that speaks of another which is no visit: what that one is
//! about is looked up at the end, and the list waits for it.

use std::collections::{BTreeMap, VecDeque};

use attendance::{ChildId, Event, LeafKind, TagKey, TagList, TrustList, UnverifiedEvent, subjects};
use ledger::SparseTally;
use seal::{Hash, PublicKey};
use sync_api::{Base64, ChildTagKey};

use super::AuditFinding;
use super::hands::{HeldLeaf, every_leaf};
use super::source::{Source, Stop};
use crate::receipt::checkpoint::log_keys;

/// What a leaf is about.
#[derive(Clone, Debug)]
enum About {
    Nobody,
    /// Numbers of children.
    One(u32),
    Two(u32, u32),
    /// The child it names, and the event it speaks of, which nothing is known of yet.
    Unknown(u32, Hash),
}

/// The lists so far.
pub(super) struct Tags {
    keys: Vec<PublicKey>,
    made: Result<Option<TagKeys>, AuditFinding>,
    /// Children that have no key. They are numbered behind those that have one.
    keyless: Vec<ChildId>,
    numbers: BTreeMap<ChildId, u32>,
    /// The first leaf that no list covers yet.
    next: u64,
    /// What the leaves from there on are about.
    open: VecDeque<About>,
    /// Lists that wait: the leaf, what it says, and what its leaves are about.
    waiting: Vec<(u64, TagList, Vec<About>)>,
}

impl Tags {
    /// `made` are the keys that the bundle says the lists were made with.
    pub(super) fn new(
        made: Result<Option<TagKeys>, AuditFinding>,
        trust: &TrustList,
        origin: &str,
    ) -> Self {
        Self {
            keys: log_keys(trust, origin).collect(),
            made,
            keyless: Vec::new(),
            numbers: BTreeMap::new(),
            next: 0,
            open: VecDeque::new(),
            waiting: Vec::new(),
        }
    }

    /// Takes what the next leaf is about, if that is no event.
    pub(super) fn about(&mut self, children: &[ChildId]) {
        let about = match children {
            [] => About::Nobody,
            [child, ..] => About::One(self.number(*child)),
        };
        self.open.push_back(about);
    }

    /// Takes the next leaf, an event; the tally has those before it.
    pub(super) fn about_event(&mut self, event: &Event, before: &SparseTally) {
        let named = event.child;
        let about = match event.about {
            None => subjects(named, None),
            Some(about) => match before.child_of(about) {
                Some(child) => subjects(named, child),
                None => {
                    let number = named.map_or(NOBODY, |child| self.number(child));
                    self.open.push_back(About::Unknown(number, about));
                    return;
                }
            },
        };
        let about = match about[..] {
            [one, other] => About::Two(self.number(one), self.number(other)),
            _ => return self.about(&about),
        };
        self.open.push_back(about);
    }

    /// Verifies the next list. Its own leaf is not covered by it.
    pub(super) fn list(&mut self, index: u64, bytes: &[u8]) -> Result<(), AuditFinding> {
        let refused = |why: String| AuditFinding::Tags { index, why };
        let list = TagList::parse_and_verify(bytes, &self.keys)
            .map_err(|rejection| refused(rejection.to_string()))?;
        if list.first != self.next || list.next() > index {
            let (first, after) = (list.first, list.next());
            let why = format!("it covers {first} to {after}, expected was from {}", self.next);
            return Err(refused(why));
        }
        let covered = usize::try_from(list.next() - list.first).unwrap_or(usize::MAX);
        let about: Vec<About> = self.open.drain(..covered.min(self.open.len())).collect();
        self.next = list.next();
        if about.iter().any(|about| matches!(about, About::Unknown(..))) {
            self.waiting.push((index, list, about));
            return Ok(());
        }
        self.compare(index, &list, &about)
    }

    /// Compares what waits, lets go of all of it, and gives the first leaf after all lists. They must reach
    /// beyond the month's `close`.
    pub(super) fn finish(mut self, source: Source<'_>, close: u64) -> Result<u64, Stop> {
        if self.made()?.is_none() {
            return Err(AuditFinding::Untagged { from: 0, close }.into());
        }
        let waiting = core::mem::take(&mut self.waiting);
        let found = if waiting.is_empty() { BTreeMap::new() } else { look_up(source, &waiting)? };
        for (index, list, mut about) in waiting {
            for (leaf, one) in (list.first..).zip(&mut about) {
                if let About::Unknown(named, hash) = one {
                    let before = found.get(hash).filter(|(at, _)| *at < leaf);
                    let earlier = before.and_then(|(_, child)| *child);
                    let named = self.child(*named);
                    *one = match subjects(named, earlier)[..] {
                        [] => About::Nobody,
                        [child] => About::One(self.number(child)),
                        [child, other, ..] => About::Two(self.number(child), self.number(other)),
                    };
                }
            }
            self.compare(index, &list, &about)?;
        }
        let from = self.next;
        if from > close { Ok(from) } else { Err(AuditFinding::Untagged { from, close }.into()) }
    }

    fn made(&mut self) -> Result<Option<&TagKeys>, AuditFinding> {
        match &mut self.made {
            Ok(made) => Ok(made.as_ref()),
            refused @ Err(_) => Err(core::mem::replace(refused, Ok(None)).expect_err("it is one")),
        }
    }

    /// Makes a list again.
    fn compare(&self, index: u64, list: &TagList, about: &[About]) -> Result<(), AuditFinding> {
        // Keys that are missing or damaged are said at the end.
        let Ok(Some(made)) = &self.made else { return Ok(()) };
        let mut expected = Vec::with_capacity(about.len());
        for (leaf, about) in (list.first..).zip(about) {
            expected.push(match about {
                About::Nobody | About::Unknown(..) => vec![],
                About::One(child) => vec![made.of(leaf, *child)?],
                About::Two(child, other) => vec![made.of(leaf, *child)?, made.of(leaf, *other)?],
            });
        }
        let expected = TagList::new(list.first, &made.nobody, &expected);
        if *list == expected {
            return Ok(());
        }
        let why = "a leaf has another tag than its child's".to_owned();
        Err(AuditFinding::Tags { index, why })
    }

    fn number(&mut self, child: ChildId) -> u32 {
        let keyed = self.keyed();
        if let Ok(at) = keyed.binary_search_by_key(&child, |(child, _)| *child) {
            return u32::try_from(at).unwrap_or(NOBODY);
        }
        let next = u32::try_from(keyed.len() + self.keyless.len()).unwrap_or(NOBODY);
        let number = *self.numbers.entry(child).or_insert(next);
        if number == next {
            self.keyless.push(child);
        }
        number
    }

    fn child(&self, number: u32) -> Option<ChildId> {
        let (number, keyed) = (number as usize, self.keyed());
        let keyless = || self.keyless.get(number.checked_sub(keyed.len())?).copied();
        keyed.get(number).map(|(child, _)| *child).or_else(keyless)
    }

    fn keyed(&self) -> &[(ChildId, TagKey)] {
        match &self.made {
            Ok(Some(made)) => &made.children,
            Ok(None) | Err(_) => &[],
        }
    }
}

/// Finds which child each of these events names, and where it is.
fn look_up(
    source: Source<'_>,
    waiting: &[(u64, TagList, Vec<About>)],
) -> Result<BTreeMap<Hash, (u64, Option<ChildId>)>, Stop> {
    let all = waiting.iter().flat_map(|(.., about)| about);
    let mut wanted: BTreeMap<Hash, (u64, Option<ChildId>)> = all
        .filter_map(|about| if let About::Unknown(_, hash) = about { Some(*hash) } else { None })
        .map(|hash| (hash, (u64::MAX, None)))
        .collect();
    let hash = |leaf: &HeldLeaf| -> Result<_, Stop> {
        let is_event = leaf.kind == LeafKind::Event;
        Ok(if is_event { Some(attendance::event_hash(&leaf.bytes.read()?)) } else { None })
    };
    every_leaf(source, hash, &mut |leaf, hash| {
        let found = hash?.and_then(|hash| wanted.get_mut(&hash));
        if let Some(found) = found.filter(|found| found.0 == u64::MAX) {
            let index = leaf.index;
            let event = UnverifiedEvent::parse(&leaf.bytes.read()?)
                .map_err(|why| AuditFinding::Event { index, why })?;
            *found = (index, event.event().child);
        }
        Ok(())
    })?;
    Ok(wanted)
}

/// The keys that a bundle says the lists were made with.
#[derive(Debug)]
pub(super) struct TagKeys {
    nobody: TagKey,
    /// By child.
    children: Vec<(ChildId, TagKey)>,
}

/// The same as they are read.
#[derive(Debug, Default)]
pub(super) struct ReadTagKeys {
    children: Vec<(ChildId, TagKey)>,
    refused: Option<AuditFinding>,
}

impl ReadTagKeys {
    /// Takes the next child's key.
    pub(super) fn take(&mut self, key: &ChildTagKey) {
        match tag_key(&key.key) {
            Ok(made) => self.children.push((key.child, made)),
            Err(finding) => self.refused = self.refused.take().or(Some(finding)),
        }
    }

    /// Ends the list. `nobody` is the key for leaves about no child; a bundle without it has no keys.
    pub(super) fn finish(
        mut self,
        nobody: Option<&Base64>,
    ) -> Result<Option<TagKeys>, AuditFinding> {
        let Some(nobody) = nobody else { return Ok(None) };
        if let Some(finding) = self.refused {
            return Err(finding);
        }
        self.children.sort_unstable_by_key(|(child, _)| *child);
        if self.children.array_windows().any(|[(one, _), (next, _)]| one == next) {
            return Err(AuditFinding::NotABundle("a child has two tag keys".to_owned()));
        }
        Ok(Some(TagKeys { nobody: tag_key(nobody)?, children: self.children }))
    }
}

fn tag_key(bytes: &Base64) -> Result<TagKey, AuditFinding> {
    let short = || AuditFinding::NotABundle("a tag key has not 32 bytes".to_owned());
    TagKey::from_slice(&bytes.0).ok_or_else(short)
}

impl TagKeys {
    /// Gives the key of a child by its number.
    fn of(&self, index: u64, child: u32) -> Result<TagKey, AuditFinding> {
        let key = self.children.get(child as usize).map(|(_, key)| *key);
        key.ok_or_else(|| {
            let why = "the bundle has no tag key for the child it is about".to_owned();
            AuditFinding::Tags { index, why }
        })
    }
}

/// No child's number.
const NOBODY: u32 = u32::MAX;
