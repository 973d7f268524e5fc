//! Parts of a district that have nothing to do with one another, and batches of them.

use std::collections::BTreeMap;

use attendance::{ChildId, EventKind, GroupId, VoucherId};
use seal::Hash;

use super::lessons::places_of_groups;
use super::month::Scene;
use super::names::{NONE, Names};
use super::running::{Member, Seen};
use crate::snapshot::{Contract, Snapshot};
use crate::visit::LoggedEvent;

/// The parts of a month. A node is a contract's place in the snapshot; behind them come the vouchers of
/// events that have no contract, which matter only where a correction names them.
pub(super) struct Districts {
    parents: Vec<u32>,
    /// For each contract the number of its voucher.
    numbers: Vec<u32>,
    /// The nodes of each part that has more than one, by its root.
    members: BTreeMap<u32, Vec<u32>>,
    /// Contracts, those of a group side by side.
    order: Vec<u32>,
    groups: Names<GroupId>,
}

impl Districts {
    /// Finds the parts; `voucher_of` gives the number of the voucher that a visit is of, by its hash.
    pub(super) fn of(scene: &Scene<'_>, voucher_of: &dyn Fn(Hash) -> Option<u32>) -> Self {
        let contracts = scene.contracts.len();
        let nodes = contracts.saturating_add(scene.tally.vouchers.len());
        let groups = places_of_groups(scene.snapshot);
        let number =
            |contract: &&Contract| scene.tally.number_of_voucher(contract.voucher).unwrap_or(NONE);
        let mut order: Vec<u32> = (0u32..).take(contracts).collect();
        let group = |at: &u32| {
            let contract = scene.contracts.get(*at as usize);
            contract.and_then(|contract| groups.find(contract.group)).unwrap_or(NONE)
        };
        order.sort_by_cached_key(|at| (group(at), *at));
        let mut districts = Self {
            parents: (0u32..).take(nodes).collect(),
            numbers: scene.contracts.iter().map(number).collect(),
            members: BTreeMap::new(),
            order,
            groups,
        };
        districts.join_children(scene);
        districts.join_corrected(scene, voucher_of);
        districts.join_groups(scene);
        districts.list_members();
        districts
    }

    /// The root of each part that has a contract.
    pub(super) fn roots(&self) -> impl Iterator<Item = u32> {
        let mut seen = std::collections::BTreeSet::new();
        self.order
            .iter()
            .map(|node| self.root(*node))
            .filter(move |root| !self.members.contains_key(root) || seen.insert(*root))
    }

    pub(super) fn root(&self, mut node: u32) -> u32 {
        while let Some(parent) = self.parents.get(node as usize).filter(|parent| **parent != node) {
            node = *parent;
        }
        node
    }

    /// The node of a voucher by its number in the tally.
    pub(super) fn nodes_of_numbers(&self, scene: &Scene<'_>) -> Vec<u32> {
        let first = u32::try_from(scene.contracts.len()).unwrap_or(NONE);
        let mut nodes: Vec<u32> = (first..).take(scene.tally.vouchers.len()).collect();
        for (node, number) in (0u32..).zip(&self.numbers) {
            if let Some(place) = nodes.get_mut(*number as usize) {
                *place = node;
            }
        }
        nodes
    }

    /// The nodes of a part, in order; one alone is its root.
    pub(super) fn members<'a>(&'a self, root: &'a u32) -> &'a [u32] {
        self.members.get(root).map_or(core::slice::from_ref(root), Vec::as_slice)
    }

    /// The place of a group in the snapshot.
    pub(super) fn group(&self, group: GroupId) -> Option<u32> {
        self.groups.find(group)
    }

    /// The number of a node's voucher in the tally.
    pub(super) fn number(&self, node: u32) -> u32 {
        let foreign = || node.saturating_sub(u32::try_from(self.numbers.len()).unwrap_or(NONE));
        self.numbers.get(node as usize).copied().unwrap_or_else(foreign)
    }

    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.root(one), self.root(other));
        // The lower node is the root: a contract, if there is one.
        if let Some(parent) = self.parents.get_mut(one.max(other) as usize) {
            *parent = one.min(other);
        }
    }

    fn join_children(&mut self, scene: &Scene<'_>) {
        let mut first = Names::default();
        let mut node_of = Vec::with_capacity(scene.contracts.len());
        for (node, contract) in (0u32..).zip(&scene.contracts) {
            let number = first.number(contract.child) as usize;
            match node_of.get(number) {
                Some(sibling) => self.join(*sibling, node),
                None => node_of.push(node),
            }
        }
    }

    /// What a correction takes from one voucher and gives to another bears on both.
    fn join_corrected(&mut self, scene: &Scene<'_>, voucher_of: &dyn Fn(Hash) -> Option<u32>) {
        let tally = scene.tally;
        let corrections = tally.whole.iter().filter(|one| one.event.kind == EventKind::Correct);
        let mut nodes = None;
        for correction in corrections {
            let from = correction.event.about.and_then(voucher_of);
            let to = correction.event.voucher.and_then(|to| tally.number_of_voucher(to));
            let Some((from, to)) = from.zip(to) else { continue };
            let nodes = nodes.get_or_insert_with(|| self.nodes_of_numbers(scene));
            let pair = nodes.get(from as usize).copied().zip(nodes.get(to as usize).copied());
            if let Some((from, to)) = pair {
                self.join(from, to);
            }
        }
    }

    /// Where marks by hand have a share of the whole group's visits, a group is one part.
    fn join_groups(&mut self, scene: &Scene<'_>) {
        let shared = |group| {
            let rules = scene.snapshot.rules_for(scene.month, group);
            rules.is_some_and(|rules| rules.l0_group_share_max_percent.is_some())
        };
        if !scene.everything || !scene.snapshot.groups.iter().any(shared) {
            return;
        }
        let mut first: BTreeMap<GroupId, u32> = BTreeMap::new();
        for (node, contract) in (0u32..).zip(&scene.contracts) {
            for place in contract.places_in(scene.month) {
                let one = *first.entry(place.group).or_insert(node);
                self.join(one, node);
            }
        }
    }

    fn list_members(&mut self) {
        let nodes = (0u32..).take(self.parents.len());
        for node in nodes {
            let root = self.root(node);
            if root != node {
                self.members.entry(root).or_insert_with(|| vec![root]).push(node);
            }
        }
    }
}

/// Parts that are folded together: a small district with all events that bear on it.
pub(super) struct Batch {
    district: Snapshot,
    events: Vec<LoggedEvent>,
    /// Places of the groups in the whole snapshot.
    groups: Vec<u32>,
    children: Vec<ChildId>,
    /// The parts, and which of them each voucher is of, if lines are to be kept.
    members: Vec<Member>,
    part_of: BTreeMap<VoucherId, usize>,
}

impl Batch {
    /// Begins with nothing but the rules and the calendar.
    pub(super) fn begin(snapshot: &Snapshot) -> Self {
        let district = Snapshot {
            version: snapshot.version,
            issuer: snapshot.issuer.clone(),
            providers: Vec::new(),
            groups: Vec::new(),
            contracts: Vec::new(),
            calendar: snapshot.calendar.clone(),
            params: snapshot.params.clone(),
            narrower: snapshot.narrower.clone(),
            country: snapshot.country.clone(),
            budget: Vec::new(), // no line rests on these two
            admission: None,
        };
        Self {
            district,
            events: Vec::new(),
            groups: Vec::new(),
            children: Vec::new(),
            members: Vec::new(),
            part_of: BTreeMap::new(),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.district.contracts.len() >= CONTRACTS_AT_ONCE
    }

    /// Adds a part.
    pub(super) fn add(&mut self, scene: &Scene<'_>, districts: &Districts, root: u32) {
        for node in districts.members(&root) {
            self.add_node(scene, districts, *node);
        }
        self.children.sort_unstable();
        self.children.dedup();
        for child in self.children.drain(..) {
            scene.tally.signatures_of(child, scene.end, &mut self.events);
        }
    }

    /// Adds a part whose lines are to be kept, if `seen` says what they rest on.
    pub(super) fn add_to_keep(
        &mut self,
        scene: &Scene<'_>,
        districts: &Districts,
        root: u32,
        seen: Option<Vec<Seen>>,
    ) {
        let (events, contracts) = (self.events.len(), self.district.contracts.len());
        self.add(scene, districts, root);
        let own = self.events.get(events..).unwrap_or_default();
        let corrected = own.iter().any(|logged| logged.event.kind == EventKind::Correct);
        let at = self.members.len();
        self.members.push((root, seen.filter(|_| !corrected)));
        let own = self.district.contracts.get(contracts..).unwrap_or_default();
        self.part_of.extend(own.iter().map(|contract| (contract.voucher, at)));
    }

    /// Gives the parts that are to be kept, and which of them each voucher is of.
    pub(super) fn members(&mut self) -> (Vec<Member>, BTreeMap<VoucherId, usize>) {
        (core::mem::take(&mut self.members), core::mem::take(&mut self.part_of))
    }

    fn add_node(&mut self, scene: &Scene<'_>, districts: &Districts, node: u32) {
        if let Some(contract) = scene.contracts.get(node as usize) {
            for place in contract.places().iter() {
                self.groups.extend(districts.groups.find(place.group));
            }
            self.children.push(contract.child);
            self.district.contracts.push((*contract).clone());
        }
        let begin = self.events.len();
        scene.tally.events_of(districts.number(node), scene.end, &mut self.events);
        let own = self.events.get(begin..).unwrap_or_default();
        // A visit at another group's lesson is a guest's, unless a correction makes something else of it.
        if own.iter().any(|logged| logged.event.kind == EventKind::Correct) {
            let lessons = own.iter().filter_map(|logged| logged.event.lesson);
            self.groups.extend(lessons.filter_map(|lesson| scene.lessons.group(lesson)));
        }
    }

    /// Brings in the groups, and what the log says of their lessons.
    pub(super) fn close(&mut self, scene: &Scene<'_>) {
        self.groups.sort_unstable();
        self.groups.dedup();
        for at in &self.groups {
            let group = scene.snapshot.groups.get(*at as usize);
            self.district.groups.extend(group.cloned());
            self.events.extend(scene.lessons.changes(*at).iter().copied().cloned());
        }
    }

    pub(super) fn district(&self) -> &Snapshot {
        &self.district
    }

    pub(super) fn events(&self) -> Vec<&LoggedEvent> {
        self.events.iter().collect()
    }

    pub(super) fn clear(&mut self) {
        self.district.groups.clear();
        self.district.contracts.clear();
        self.events.clear();
        self.groups.clear();
    }
}

/// So many that what is the same for all costs little, and so few that their events stay near.
const CONTRACTS_AT_ONCE: usize = 16;
