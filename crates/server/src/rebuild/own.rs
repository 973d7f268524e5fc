//! Making again what the server itself had logged: the log's name, the snapshot, tag lists, tranches.
//! A leaf made again counts only where the tree proves it.

use std::collections::BTreeMap;

use attendance::{LeafKind, SubjectReader, TAG_LIST_MAX_LEAVES, TagKey, TagList};
use ledger::{LoggedEvent, Month, Snapshot, Tranche, TrancheBasis};
use seal::Sign1;
use sync_api::TRANCHE_DOMAIN;

use super::evidence::Evidence;
use crate::district::snapshot_leaf;
use crate::roster::months_of;

impl Evidence<'_> {
    /// Makes again what is not opened in a log of `size` leaves, until nothing more comes.
    pub(super) fn make_again(&mut self, size: u64) {
        let safe = self.safe;
        if !safe.keeps_tags {
            return;
        }
        self.open_missing(0, size, LeafKind::Genesis, safe.origin.as_bytes());
        if let Some(district) = &safe.district
            && let Ok(bytes) = snapshot_leaf(district, &safe.keys.rules)
        {
            self.open_missing(1, size, LeafKind::Snapshot, &bytes);
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

    /// Makes a missing tag list again: it covers the leaves from the end of the list before to its
    /// own place, and all of them are here.
    fn make_tags(&mut self, size: u64) -> bool {
        let mut from = 0;
        let mut whole_from = 0;
        for index in 0..size {
            match self.opened.get(&index) {
                Some(leaf) => from = leaf.holds.tags().map_or(from, TagList::next),
                None => {
                    let end = index.min(from.saturating_add(TAG_LIST_MAX_LEAVES as u64));
                    if whole_from <= from
                        && from < end
                        && let Some(bytes) = self.tag_list(from, end)
                        && self.open_own(index, LeafKind::Tags, &bytes)
                    {
                        return true;
                    }
                    whole_from = index + 1;
                }
            }
        }
        false
    }

    fn tag_list(&self, from: u64, end: u64) -> Option<Vec<u8>> {
        let tags = &self.safe.keys.tags;
        let mut subjects = SubjectReader::default();
        let mut keys = Vec::new();
        for (index, leaf) in self.opened.range(..end) {
            let event = leaf.holds.event();
            let children = event.map(|event| subjects.take(event.hash(), event.event()));
            let children = children.unwrap_or_default();
            if *index >= from {
                keys.push(children.iter().map(|child| TagKey::derive(tags, *child)).collect());
            }
        }
        let list = TagList::new(from, &TagKey::of_nobody(tags), &keys);
        list.sign(&self.safe.keys.log).ok()
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
        let Some(snapshot) = self.snapshot_before(whole) else { return Vec::new() };
        let events = self.logged_events(whole);
        let logged = self.tranches();
        let mut made = Vec::new();
        for month in months_of(snapshot).unwrap_or_default() {
            if logged.contains_key(&month) {
                continue;
            }
            let close = ledger::month_close(snapshot, &events, month);
            let Some(close) = close else { continue };
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
        let snapshot = self.snapshot_before(tree_size)?;
        let root = tlog::root(tree_size, &self.nodes).ok()?;
        let basis = TrancheBasis { origin: self.safe.origin.clone(), tree_size, root };
        let end = events.partition_point(|event| event.index < tree_size);
        ledger::compute_tranche(snapshot, &events[..end], month, basis).ok()
    }

    /// Gives the snapshot in force before a leaf.
    pub(super) fn snapshot_before(&self, leaf_index: u64) -> Option<&Snapshot> {
        self.opened.range(..leaf_index).rev().find_map(|(_, leaf)| leaf.holds.snapshot())
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
