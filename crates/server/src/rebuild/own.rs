//! Making again what the server itself had logged: the log's name, the snapshot, tag lists, tranches.
//! A leaf made again counts only where the tree proves it.

use std::collections::{BTreeMap, VecDeque};

use attendance::{ChildId, LeafKind, SubjectReader, TAG_LIST_MAX_LEAVES, TagKey, TagList};
use ledger::{LoggedEvent, LoggedSnapshot, Month, Snapshot, Snapshots, Tranche, TrancheBasis};
use seal::Sign1;
use sync_api::TRANCHE_DOMAIN;

use super::evidence::Evidence;
use super::holds::Holds;
use crate::district::snapshot_leaf;

impl Evidence<'_> {
    /// Makes again what is not opened in a log of `size` leaves, until nothing more comes.
    pub(super) fn make_again(&mut self, size: u64) {
        let safe = self.safe;
        if !safe.keeps_tags {
            return;
        }
        self.open_missing(0, size, LeafKind::Genesis, safe.origin.as_bytes());
        for district in &safe.districts {
            let Ok(bytes) = snapshot_leaf(district, &safe.keys.rules) else { continue };
            // The first one is leaf 1; later ones may be anywhere.
            for index in 1..size {
                if self.open_missing(index, size, LeafKind::Snapshot, &bytes) {
                    break;
                }
            }
        }
        loop {
            let tags = self.make_tags(size);
            let tranches = self.make_tranches(size);
            if !tags && !tranches {
                return;
            }
        }
    }

    fn open_missing(&mut self, index: u64, size: u64, kind: LeafKind, bytes: &[u8]) -> bool {
        index < size && !self.opened.contains_key(&index) && self.open_own(index, kind, bytes)
    }

    /// Makes missing tag lists again, in one pass: a list covers the leaves from the end of the list
    /// before it to its own place, and can be made if all of them are here.
    fn make_tags(&mut self, size: u64) -> bool {
        let mut untagged = Untagged::default();
        let mut made = false;
        for index in 0..size {
            let list = match self.opened.get(&index) {
                Some(leaf) => {
                    untagged.push(Some(&leaf.holds));
                    leaf.holds.tags().map(TagList::next)
                }
                None => match untagged.list(&self.safe.keys.tags) {
                    Some(list) if self.open_tags(index, &list) => {
                        untagged.push(None);
                        made = true;
                        Some(list.next())
                    }
                    _ => {
                        untagged.push_lost(index);
                        None
                    }
                },
            };
            if let Some(next) = list {
                untagged.tagged_to(next);
            }
        }
        made
    }

    fn open_tags(&mut self, index: u64, list: &TagList) -> bool {
        let bytes = list.sign(&self.safe.keys.log);
        bytes.is_ok_and(|bytes| self.open_own(index, LeafKind::Tags, &bytes))
    }

    /// Makes a missing tranche again: of a month that was closed over leaves that are all here.
    fn make_tranches(&mut self, size: u64) -> bool {
        let missing: Vec<u64> =
            (0..size).filter(|index| !self.opened.contains_key(index)).collect();
        let whole = missing.first().copied().unwrap_or(size);
        for (close, bytes) in self.tranches_of(whole) {
            for index in missing.iter().filter(|index| **index > close) {
                if self.open_own(*index, LeafKind::Tranche, &bytes) {
                    return true;
                }
            }
        }
        false
    }

    /// Computes the tranches of months that were closed among the first `whole` leaves and are not
    /// logged, each with its close.
    fn tranches_of(&self, whole: u64) -> Vec<(u64, Vec<u8>)> {
        let Some(snapshots) = self.snapshots_before(whole) else { return Vec::new() };
        let events = self.logged_events(whole);
        let logged = self.tranches();
        let mut made = Vec::new();
        for month in snapshots.months() {
            if logged.contains_key(&month) {
                continue;
            }
            let Some(close) = snapshots.closed(&events, month) else { continue };
            let close = close.leaf;
            let tranche = self.compute(&events, month, close + 1);
            let sealed = tranche.and_then(|tranche| {
                Sign1::seal(&self.safe.keys.log, TRANCHE_DOMAIN, tranche.to_bytes()).ok()
            });
            made.extend(sealed.map(|sealed| (close, sealed.to_bytes())));
        }
        made
    }

    /// Computes a month's tranche over the first `tree_size` leaves.
    pub(super) fn compute(
        &self,
        events: &[LoggedEvent],
        month: Month,
        tree_size: u64,
    ) -> Option<Tranche> {
        let history = self.snapshots_before(tree_size)?;
        let root = tlog::root(tree_size, &self.nodes).ok()?;
        let basis = TrancheBasis { origin: self.safe.origin.clone(), tree_size, root };
        ledger::compute_closed(&history, events, month, basis).ok()
    }

    /// Gives the snapshot in force before a leaf.
    pub(super) fn snapshot_before(&self, leaf_index: u64) -> Option<&Snapshot> {
        self.opened.range(..leaf_index).rev().find_map(|(_, leaf)| leaf.holds.snapshot())
    }

    /// Gives all snapshots before a leaf; the versions of a log that holds grow.
    fn snapshots_before(&self, leaf_index: u64) -> Option<Snapshots> {
        let opened = self.opened.range(..leaf_index);
        let mut logged = opened.filter_map(|(index, leaf)| {
            let snapshot = leaf.holds.snapshot()?.clone();
            Some(LoggedSnapshot { index: *index, snapshot })
        });
        let mut all = Snapshots::begin(logged.next()?);
        logged.try_for_each(|next| all.push(next)).ok()?;
        Some(all)
    }

    /// Gives the tranches among the opened leaves, with their places.
    pub(super) fn tranches(&self) -> BTreeMap<Month, (u64, &Tranche)> {
        let tranches = self.opened.iter().filter_map(|(index, leaf)| {
            let tranche = leaf.holds.tranche()?;
            Some((tranche.month, (*index, tranche)))
        });
        tranches.collect()
    }

    /// Gives the events among the first `size` leaves that are opened, in order.
    pub(super) fn logged_events(&self, size: u64) -> Vec<LoggedEvent> {
        let leaves = self.opened.range(..size);
        let events = leaves.filter_map(|(index, leaf)| {
            let event = leaf.holds.event()?;
            let certificate = self.certificates.get(&event.event().device)?.certificate();
            Some(LoggedEvent {
                index: *index,
                hash: event.hash(),
                event: event.event().clone(),
                role: certificate.role,
                provider: certificate.provider,
                children: certificate.children.clone(),
            })
        });
        events.collect()
    }
}

/// The leaves that no tag list covers yet, while a log is read from its first leaf on.
#[derive(Default)]
struct Untagged {
    subjects: SubjectReader,
    from: u64,
    /// The children of each leaf from there on.
    children: VecDeque<Vec<ChildId>>,
    /// One more than the last leaf that is lost.
    whole_from: u64,
}

impl Untagged {
    fn push(&mut self, holds: Option<&Holds>) {
        let children = holds.map(|holds| holds.subjects(&mut self.subjects));
        self.children.push_back(children.unwrap_or_default());
    }

    fn push_lost(&mut self, index: u64) {
        self.whole_from = index + 1;
        self.children.push_back(Vec::new());
    }

    fn tagged_to(&mut self, next: u64) {
        let covered = usize::try_from(next.saturating_sub(self.from)).unwrap_or(usize::MAX);
        self.children.drain(..covered.min(self.children.len()));
        self.from = self.from.max(next);
    }

    /// Makes the next list, if all that it covers is here.
    fn list(&self, tags: &[u8; 32]) -> Option<TagList> {
        if self.whole_from > self.from || self.children.is_empty() {
            return None;
        }
        let leaves = self.children.iter().take(TAG_LIST_MAX_LEAVES);
        let keys = |children: &Vec<ChildId>| {
            children.iter().map(|child| TagKey::derive(tags, *child)).collect()
        };
        let keys: Vec<Vec<TagKey>> = leaves.map(keys).collect();
        Some(TagList::new(self.from, &TagKey::of_nobody(tags), &keys))
    }
}
