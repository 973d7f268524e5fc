//! A month that is computed again while its log grows: only parts are folded that something was said of.
//!
//! A part has the same lines as the last time if nothing that it rests on is otherwise: the snapshot, the
//! month, who confirms for too many families, the newest events of its vouchers and children, and what
//! became of its groups' lessons. Parts with a correction, or with contracts that moved, are always folded.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{DeviceId, VoucherId};
use chrono::NaiveDate;
use seal::Hash;

use super::month::Scene;
use super::names::NONE;
use super::part::Districts;
use crate::calendar::Month;
use crate::summary::AssuranceShares;
use crate::tranche::TrancheLine;
use crate::visit::Visit;

/// What came out of the parts of a month the last time.
#[derive(Clone, Debug, Default)]
pub struct Running {
    rests_on: Option<RestsOn>,
    /// By the part's root.
    parts: BTreeMap<u32, Kept>,
    folded: usize,
}

/// What all parts rest on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct RestsOn {
    pub(super) snapshot: Hash,
    pub(super) month: Month,
    /// The day of the close, where silence counts.
    pub(super) silence: Option<NaiveDate>,
    pub(super) proxies: BTreeSet<DeviceId>,
}

/// A part's lines, before anything of a suspended provider is held.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    seen: Vec<Seen>,
    /// They rest on no leaf from here on.
    until: u64,
    pub(super) lines: Vec<TrancheLine>,
    pub(super) assurance: AssuranceShares,
}

/// The newest that a contract rests on: places in the tally, and how often its lessons were changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Seen {
    node: u32,
    scan: u32,
    word: u32,
    signed: u32,
    changes: usize,
}

impl Running {
    /// Says how many parts were folded the last time.
    #[must_use]
    pub fn folded(&self) -> usize {
        self.folded
    }

    /// Forgets everything if it rests on something else.
    pub(super) fn begin(&mut self, rests_on: RestsOn) {
        self.folded = 0;
        if self.rests_on.as_ref() != Some(&rests_on) {
            self.parts.clear();
            self.rests_on = Some(rests_on);
        }
    }

    /// Finds a part that nothing was said of since.
    pub(super) fn find(&self, root: u32, seen: &[Seen], end: u64) -> Option<&Kept> {
        self.parts.get(&root).filter(|kept| kept.seen == seen && kept.until <= end)
    }

    /// Counts a part that is folded, and keeps what comes out of it, if it may be kept.
    pub(super) fn keep(&mut self, root: u32, kept: Option<Kept>) {
        self.folded = self.folded.saturating_add(1);
        match kept {
            Some(kept) => self.parts.insert(root, kept),
            None => self.parts.remove(&root),
        };
    }
}

/// Says what a part rests on; nothing if it must be folded whatever came.
pub(super) fn seen(scene: &Scene<'_>, districts: &Districts, root: u32) -> Option<Vec<Seen>> {
    let nodes = districts.members(&root);
    nodes.iter().map(|node| seen_of(scene, districts, *node)).collect()
}

fn seen_of(scene: &Scene<'_>, districts: &Districts, node: u32) -> Option<Seen> {
    let contract = *scene.contracts.get(node as usize)?;
    let logged = scene.snapshot.contracts.get(node as usize)?;
    if !core::ptr::eq(contract, logged) {
        return None;
    }
    let tally = scene.tally;
    let number = districts.number(node) as usize;
    let (scan, word) = tally.of_voucher.get(number).copied().unwrap_or((NONE, NONE));
    let child = tally.children.find(contract.child);
    let signed = child.and_then(|child| tally.of_child.get(child as usize).copied());
    let places = contract.places();
    let groups = places.iter().filter_map(|place| districts.group(place.group));
    let changes = groups.map(|group| scene.lessons.changes(group).len()).sum();
    Some(Seen { node, scan, word, signed: signed.unwrap_or(NONE), changes })
}

/// A part of a batch: its root, and what it rests on, if its lines may be kept.
pub(super) type Member = (u32, Option<Vec<Seen>>);

/// Deals what came out of a batch out to its parts. `of` says for each voucher which part it is of.
pub(super) fn deal(
    members: Vec<Member>,
    of: &BTreeMap<VoucherId, usize>,
    lines: &[TrancheLine],
    visits: &[Visit],
    until: u64,
) -> Vec<(u32, Option<Kept>)> {
    let mut parts: Vec<(u32, Option<Kept>)> = members
        .into_iter()
        .map(|(root, seen)| {
            let empty = |seen| Kept {
                seen,
                until,
                lines: Vec::new(),
                assurance: AssuranceShares::default(),
            };
            (root, seen.map(empty))
        })
        .collect();
    for line in lines {
        let part = of.get(&line.voucher).and_then(|at| parts.get_mut(*at));
        if let Some((_, Some(kept))) = part {
            kept.lines.push(line.clone());
        }
    }
    for visit in visits {
        let part = of.get(&visit.voucher).and_then(|at| parts.get_mut(*at));
        if let Some((_, Some(kept))) = part {
            kept.assurance.add(AssuranceShares::of(core::iter::once(visit)));
        }
    }
    parts
}
