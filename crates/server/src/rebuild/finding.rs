//! What the evidence comes to: how far the tree is known, what is lost, where chains have gaps.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{ChildId, DeviceId, TagKey};
use seal::Hash;
use tlog::Nodes as _;

use super::evidence::{Evidence, HeldEvent};
use super::known_nodes::leaf_id;
use super::report::{Chain, ClosedMonth, Computed, LostRange, NOT_IN_COPIES, Refused, Report};

impl Evidence<'_> {
    /// Gives the size of the newest checkpoint.
    pub(super) fn newest_size(&self) -> u64 {
        self.checkpoints.keys().next_back().copied().unwrap_or(0)
    }

    /// Says what came out for a log of `size` leaves.
    pub(super) fn report(&self, size: u64) -> Report {
        let newest = self.checkpoints.get(&size);
        let made_again = self.opened.values().filter(|leaf| leaf.made_again).count();
        Report {
            origin: self.safe.origin.clone(),
            size: newest.map(|kept| kept.checkpoint.size),
            root: newest.map(|kept| kept.checkpoint.root.to_string()),
            reached: self.reached(),
            opened: self.opened.range(..size).count() as u64,
            made_again: made_again as u64,
            lost: self.lost_ranges(size),
            chains: self.chains(),
            months: self.closed_months(size),
            contradictions: self.contradictions.clone(),
            refused: self.refused.iter().cloned().chain(self.told_forks()).collect(),
            obstacles: self.obstacles(size),
            not_in_copies: NOT_IN_COPIES.into(),
            written: false,
        }
    }

    /// Gives the largest size of which the signed root was computed.
    fn reached(&self) -> Option<u64> {
        let mut newest_first = self.checkpoints.iter().rev();
        let same = newest_first
            .find(|(size, kept)| tlog::root(**size, &self.nodes) == Ok(kept.checkpoint.root));
        same.map(|(size, _)| *size)
    }

    fn obstacles(&self, size: u64) -> Vec<String> {
        let mut obstacles = Vec::new();
        if !self.contradictions.is_empty() {
            obstacles.push(
                "the log has signed two histories: find out who used its key before anything is \
                 written"
                    .to_owned(),
            );
        }
        if self.checkpoints.is_empty() {
            obstacles.push("nobody showed a checkpoint of this log".to_owned());
            return obstacles;
        }
        if self.reached() != Some(size) {
            let reached = self.reached().unwrap_or(0);
            obstacles.push(format!(
                "the root of {size} leaves cannot be computed, the same root is reached up to \
                 {reached}: add the published tiles, or exports of more devices"
            ));
            return obstacles;
        }
        let unproven = self
            .opened
            .range(..size)
            .filter(|(index, _)| tlog::prove_inclusion(**index, size, &self.nodes).is_err());
        let unproven: Vec<String> = unproven.map(|(index, _)| index.to_string()).collect();
        if !unproven.is_empty() {
            obstacles.push(format!(
                "the way from leaves {} to the newest root is not known: add the published tiles",
                unproven.join(", ")
            ));
        }
        if self.snapshot_before(size).is_none() {
            obstacles.push(
                "no snapshot of the district is proven: add the district's file that `qatysu init` \
                 took, or an audit bundle"
                    .to_owned(),
            );
        }
        obstacles
    }

    /// Lists what is not opened, with its hash where that is known.
    pub(super) fn lost(&self, size: u64) -> Vec<(u64, Option<Hash>)> {
        let lost = (0..size).filter(|index| !self.opened.contains_key(index));
        lost.map(|index| (index, self.nodes.node(leaf_id(index)))).collect()
    }

    fn lost_ranges(&self, size: u64) -> Vec<LostRange> {
        let mut ranges: Vec<LostRange> = Vec::new();
        for (index, hash) in self.lost(size) {
            let (hash_known, about) = (hash.is_some(), self.about(index));
            match ranges.last_mut() {
                Some(last)
                    if last.to + 1 == index
                        && last.hash_known == hash_known
                        && last.about == about =>
                {
                    last.to = index;
                }
                _ => ranges.push(LostRange { from: index, to: index, hash_known, about }),
            }
        }
        ranges
    }

    /// Says which children a tag list names for a leaf.
    fn about(&self, index: u64) -> Vec<ChildId> {
        let mut after = self.opened.range(index..).filter_map(|(_, leaf)| leaf.holds.tags());
        let list = after.find(|list| (list.first..list.next()).contains(&index));
        let Some((list, snapshot)) = list.zip(self.snapshot_before(u64::MAX)) else {
            return Vec::new();
        };
        let tags = &self.safe.keys.tags;
        let children: BTreeSet<ChildId> =
            snapshot.contracts.iter().map(|contract| contract.child).collect();
        let named = |child: &ChildId| list.names(index, &TagKey::derive(tags, *child));
        children.into_iter().filter(named).collect()
    }

    /// Gives the opened events of each device, by number: hash and place.
    fn by_device(&self) -> BTreeMap<DeviceId, BTreeMap<u64, Hash>> {
        let mut chains: BTreeMap<DeviceId, BTreeMap<u64, Hash>> = BTreeMap::new();
        for leaf in self.opened.values() {
            if let Some(event) = leaf.holds.event() {
                let chain = chains.entry(event.event().device).or_default();
                chain.entry(event.event().seq).or_insert(event.hash());
            }
        }
        chains
    }

    /// Gives the events that a device holds beside the ones in the log, in another history.
    pub(super) fn forks(&self) -> Vec<&HeldEvent> {
        let chains = self.by_device();
        let forked = |held: &&HeldEvent| {
            let event = held.event.event();
            let logged = chains.get(&event.device).and_then(|chain| chain.get(&event.seq));
            logged.is_some_and(|logged| *logged != held.event.hash())
        };
        self.held.iter().filter(forked).collect()
    }

    fn told_forks(&self) -> impl Iterator<Item = Refused> {
        self.forks().into_iter().map(|held| {
            let event = held.event.event();
            let (device, seq) = (event.device, event.seq);
            let why = format!(
                "event {seq} of device {device} is another than the one in the log: two histories of \
                 one device, which stays suspended"
            );
            Refused { source: held.source.clone(), why }
        })
    }

    fn chains(&self) -> Vec<Chain> {
        let chains = self.by_device();
        let forks: BTreeSet<DeviceId> =
            self.forks().iter().map(|held| held.event.event().device).collect();
        let none = BTreeMap::new();
        let lines = self.certificates.iter().map(|(device, certificate)| {
            let chain = chains.get(device).unwrap_or(&none);
            let held = self.held.iter().filter(|held| held.event.event().device == *device);
            let to_come: BTreeSet<u64> = held
                .map(|held| held.event.event().seq)
                .filter(|seq| !chain.contains_key(seq))
                .collect();
            let known: BTreeSet<u64> = chain.keys().chain(&to_come).copied().collect();
            Chain {
                device: *device,
                name: certificate.certificate().name.clone(),
                role: certificate.certificate().role,
                events: chain.len() as u64,
                gaps: gaps(&known),
                to_come: to_come.len() as u64,
                suspended: forks.contains(device),
            }
        });
        lines.collect()
    }

    fn closed_months(&self, size: u64) -> Vec<ClosedMonth> {
        let whole = (0..size).find(|index| !self.opened.contains_key(index)).unwrap_or(size);
        let events = self.logged_events(whole);
        let months = self.tranches().into_iter().map(|(month, (leaf_index, tranche))| {
            let computed = if tranche.tree_size > whole {
                Computed::LeavesLost
            } else {
                let again = self.compute(&events, month, tranche.tree_size);
                let same = again.is_some_and(|again| again.to_bytes() == tranche.to_bytes());
                if same { Computed::Identical } else { Computed::Different }
            };
            ClosedMonth { month: month.number(), leaf_index, computed }
        });
        months.collect()
    }
}

/// Lists the numbers that are missing before and between the known ones.
fn gaps(known: &BTreeSet<u64>) -> Vec<(u64, u64)> {
    let mut expected = 0;
    let mut gaps = Vec::new();
    for seq in known {
        if *seq > expected {
            gaps.push((expected, seq - 1));
        }
        expected = seq.saturating_add(1);
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_before_and_between() {
        let of = |known: &[u64]| gaps(&known.iter().copied().collect());
        assert_eq!(of(&[]), []);
        assert_eq!(of(&[0, 1, 2]), []);
        assert_eq!(of(&[2, 3, 7]), [(0, 1), (4, 6)]);
        assert_eq!(of(&[u64::MAX]), [(0, u64::MAX - 1)]);
    }
}
