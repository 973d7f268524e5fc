//! A log that is too large for memory, taken in shares: an audit of a whole country.
//!
//! A [`Tally`] keeps each visit and each answer. A [`SparseTally`] keeps of a visit whose voucher it is, and
//! of an answer nothing: it deals the vouchers out in shares, asks for the log once more for each, and keeps
//! what bears on that share alone. Parts are the same, and so is the code that folds them.
//!
//! # Invariants
//! - All events of a device have the same certificate, as in an audit bundle.
//! - The log that is asked for again is the one that was taken.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{ChildId, DeviceId, Role};
use seal::Hash;

use super::entry::{WordKind, is_kept_whole};
use super::marks::Marks;
use super::month::{Out, Scene};
use super::names::{NONE, Table};
use super::part::{Batch, Districts};
use super::proxies::{self, FamiliesOf};
use super::{Bearing, Tally};
use crate::account::corrections_of;
use crate::calendar::Month;
use crate::snapshot::Snapshot;
use crate::snapshots::Snapshots;
use crate::summary::AssuranceShares;
use crate::tranche::{Totals, Tranche, TrancheBasis, TrancheError, TrancheLine};
use crate::visit::{FoldError, LoggedEvent, too_many};

/// A log, as far as it must be known to go through it in shares.
#[derive(Clone, Debug)]
pub struct SparseTally {
    /// Without visits and answers, but for those of the share at hand.
    tally: Tally,
    marks: Marks,
    /// What is known of each voucher, by its number.
    known: Vec<Known>,
    /// The children of visits that name another than their voucher's first one.
    others: BTreeMap<Hash, u32>,
    /// How many visits and answers are in memory at once, but for a part that has more.
    at_once: u64,
}

impl Default for SparseTally {
    fn default() -> Self {
        Self {
            tally: Tally::default(),
            marks: Marks::default(),
            known: Vec::new(),
            others: BTreeMap::new(),
            at_once: EVENTS_AT_ONCE,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Known {
    /// The child of its first visit.
    child: u32,
    /// How many visits and answers it has.
    events: u32,
}

/// A month that was computed in shares.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClosedMonth {
    /// The tranche **without its lines**: those were handed out.
    pub tranche: Tranche,
    /// How many lines it has.
    pub lines: u64,
    /// How sure the month's visits are.
    pub assurance: AssuranceShares,
}

/// Hands out every event of a log again, in its order.
pub type Again<'a, E> = dyn FnMut(&mut dyn FnMut(&LoggedEvent)) -> Result<(), E> + 'a;

impl SparseTally {
    /// Takes shares of so many visits and answers, in place of some millions.
    #[must_use]
    pub fn in_shares_of(self, at_once: u64) -> Self {
        Self { at_once, ..self }
    }

    /// Takes the next event of the log. Leaves grow; one that does not is passed over.
    pub fn take(&mut self, logged: &LoggedEvent) {
        if logged.index < self.tally.size {
            return;
        }
        self.tally.size = logged.index.saturating_add(1);
        match Bearing::of(logged) {
            Bearing::Scan => self.take_scan(logged),
            Bearing::Answer(_) => {
                let voucher = logged.event.about.and_then(|about| self.marks.find(about));
                self.count(voucher);
                self.take_family(logged);
            }
            Bearing::Signature => self.take_family(logged),
            Bearing::Word => {
                self.tally.keep_word(logged);
            }
            Bearing::Whole => {
                self.tally.keep(logged);
            }
            Bearing::Nothing => {}
        }
    }

    /// Lists what it keeps whole, as [`Tally::kept`] does.
    #[must_use]
    pub fn kept(&self) -> &[LoggedEvent] {
        self.tally.kept()
    }

    /// Gives the child that a visit or an absence names, as [`Tally::child_of`] does.
    #[must_use]
    pub fn child_of(&self, hash: Hash) -> Option<Option<ChildId>> {
        let voucher = self.marks.find(hash)?;
        let other = self.others.get(&hash).copied();
        let child = other.or_else(|| Some(self.known.get(voucher as usize)?.child));
        Some(child.and_then(|child| self.tally.children.get(child)))
    }

    /// Computes the tranche of a closed month with the corrections that stand in it, as
    /// [`Tally::compute_closed`] does. Its lines are handed to `take` **in no order**. `again` hands out the
    /// log again, some times; `progress` is told which share is at hand, from 1, and of how many.
    ///
    /// Where something was decided about a closed month, every event of the log is in memory for it.
    ///
    /// # Errors
    /// What `again` gives; within, [`TrancheError`] as for the tranche.
    pub fn compute_closed<E>(
        mut self,
        (history, month): (&Snapshots, Month),
        basis: TrancheBasis,
        again: &mut Again<'_, E>,
        take: &mut dyn FnMut(TrancheLine),
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Result<ClosedMonth, TrancheError>, E> {
        let size = basis.tree_size;
        let close = size.saturating_sub(1);
        let rests_on = (&history.before(close).snapshot, history.hash_before(close));
        let Some(params) = rests_on.0.rules(month) else {
            return Ok(Err(FoldError::NoRules { month }.into()));
        };
        let decided = self.tally.has_decisions(size);
        let (mut lines, mut totals) = (0u64, Totals::default());
        let mut counted = |line: TrancheLine| {
            lines = lines.saturating_add(1);
            totals.add(&line)?;
            take(line);
            Ok(())
        };
        let folded = self.fold((rests_on, month, size), again, &mut counted, progress)?;
        let made = folded.and_then(|assurance| {
            let tranche = Tranche::of_lines(rests_on.1, params, month, basis, Vec::new())?;
            Ok(ClosedMonth { tranche: Tranche { totals, ..tranche }, lines, assurance })
        });
        drop(self);
        if !decided {
            return Ok(made);
        }
        let mut events = Vec::new();
        again(&mut |logged| events.push(logged.clone()))?;
        Ok(made.and_then(|made| {
            let (corrections, dues) = corrections_of(history, &events, month, size)?;
            Ok(ClosedMonth { tranche: Tranche { corrections, dues, ..made.tranche }, ..made })
        }))
    }

    fn take_scan(&mut self, logged: &LoggedEvent) {
        let voucher = self.tally.voucher_of_scan(logged);
        let child = logged.event.child.map_or(NONE, |child| self.tally.children.number(child));
        if is_kept_whole(logged) {
            self.tally.keep(logged);
        }
        if self.marks.find(logged.hash).is_none() {
            self.marks.add(logged.hash, voucher);
            let first = self.known.get(voucher as usize).filter(|known| known.events > 0);
            if first.is_some_and(|known| known.child != child) {
                self.others.insert(logged.hash, child);
            }
        }
        let vouchers = self.tally.vouchers.len();
        self.known.resize(vouchers, Known { child: NONE, events: 0 });
        if let Some(known) = self.known.get_mut(voucher as usize).filter(|one| one.events == 0) {
            known.child = child;
        }
        self.count(Some(voucher));
    }

    /// Remembers a device that could speak for more than one family.
    fn take_family(&mut self, logged: &LoggedEvent) {
        if let Some(child) = logged.event.child {
            self.tally.children.number(child);
        }
        if logged.role == Role::Parent && logged.children.len() > 1 {
            self.tally.signer(logged);
        }
    }

    fn count(&mut self, voucher: Option<u32>) {
        let known = voucher.and_then(|voucher| self.known.get_mut(voucher as usize));
        if let Some(known) = known {
            known.events = known.events.saturating_add(1);
        }
    }

    /// Folds every part, share by share.
    fn fold<E>(
        &mut self,
        at: At<'_>,
        again: &mut Again<'_, E>,
        take: &mut dyn FnMut(TrancheLine) -> Result<(), TrancheError>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Result<AssuranceShares, TrancheError>, E> {
        let districts =
            self.with_scene(at, |scene, marks| Districts::of(scene, &|hash| marks.find(hash)));
        let districts = match districts {
            Ok(districts) => districts,
            Err(error) => return Ok(Err(error)),
        };
        let proxies = match self.proxies(at, &districts, again)? {
            Ok(proxies) => proxies,
            Err(error) => return Ok(Err(error)),
        };
        let shares = match self.with_scene(at, |scene, _| {
            Shares::of(scene, &districts, (&self.known, self.at_once), districts.roots())
        }) {
            Ok(shares) => shares,
            Err(error) => return Ok(Err(error)),
        };
        let mut assurance = AssuranceShares::default();
        for (number, roots) in (0u16..).zip(&shares.roots) {
            progress(usize::from(number).saturating_add(1), shares.roots.len());
            self.load(&shares, number, again)?;
            let folded = self.with_scene(at, |scene, _| {
                assurance.add(fold_share(scene, &districts, (roots, &proxies), take)?);
                Ok(())
            });
            if let Err(error) = folded.and_then(|folded| folded) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(assurance))
    }

    /// Finds who confirms for too many families, over all parts.
    fn proxies<E>(
        &mut self,
        at: At<'_>,
        districts: &Districts,
        again: &mut Again<'_, E>,
    ) -> Result<Result<BTreeSet<DeviceId>, TrancheError>, E> {
        let ((snapshot, _), month, _) = at;
        let Some(params) = snapshot.rules(month) else {
            return Ok(Err(FoldError::NoRules { month }.into()));
        };
        if params.families_per_device_max == 0 && params.reads_everything() {
            // Then a device of one family is one too many.
            again(&mut |logged| {
                if logged.role == Role::Parent {
                    self.tally.signer(logged);
                }
            })?;
        }
        let suspects = match self.with_scene(at, |scene, _| proxies::suspects(scene)) {
            Ok(Ok(suspects)) => suspects,
            Ok(Err(error)) | Err(error) => return Ok(Err(error)),
        };
        if suspects.is_empty() {
            return Ok(Ok(suspects));
        }
        let roots = match self.parts_with_words_of(at, districts, &suspects, again)? {
            Ok(roots) => roots,
            Err(error) => return Ok(Err(error)),
        };
        let shares = match self.with_scene(at, |scene, _| {
            Shares::of(scene, districts, (&self.known, self.at_once), roots.into_iter())
        }) {
            Ok(shares) => shares,
            Err(error) => return Ok(Err(error)),
        };
        let mut families = FamiliesOf::default();
        for (number, roots) in (0u16..).zip(&shares.roots) {
            self.load(&shares, number, again)?;
            let added = self.with_scene(at, |scene, _| {
                proxies::add_families(scene, districts, roots.iter().copied(), &mut families)
            });
            if let Err(error) = added.and_then(|added| added) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(too_many(families, params)))
    }

    /// The parts in which one of these devices confirmed something.
    fn parts_with_words_of<E>(
        &self,
        at: At<'_>,
        districts: &Districts,
        devices: &BTreeSet<DeviceId>,
        again: &mut Again<'_, E>,
    ) -> Result<Result<BTreeSet<u32>, TrancheError>, E> {
        let nodes = self.with_scene(at, |scene, _| {
            (districts.nodes_of_numbers(scene), proxies::nodes_of_children(scene))
        });
        let (nodes, of_child) = match nodes {
            Ok(nodes) => nodes,
            Err(error) => return Ok(Err(error)),
        };
        let mut roots = BTreeSet::new();
        again(&mut |logged| {
            let event = &logged.event;
            if !devices.contains(&event.device) {
                return;
            }
            let bearing = Bearing::of(logged);
            let node = if let Bearing::Answer(WordKind::Confirm) = bearing {
                let voucher = event.about.and_then(|about| self.marks.find(about));
                voucher.and_then(|voucher| nodes.get(voucher as usize)).copied()
            } else if let Bearing::Signature = bearing {
                event.child.and_then(|child| of_child.get(&child)).copied()
            } else {
                None
            };
            roots.extend(node.map(|node| districts.root(node)));
        })?;
        Ok(Ok(roots))
    }

    /// Keeps what bears on a share, and nothing else.
    fn load<E>(&mut self, shares: &Shares, share: u16, again: &mut Again<'_, E>) -> Result<(), E> {
        let Self { tally, marks, .. } = self;
        tally.forget_answers();
        again(&mut |logged| {
            let of = |hash: Hash| marks.find(hash).filter(|one| shares.has_voucher(*one, share));
            match Bearing::of(logged) {
                Bearing::Scan => {
                    if let Some(voucher) = of(logged.hash) {
                        tally.add_scan(logged, voucher, tally.place_of(logged));
                    }
                }
                Bearing::Answer(kind) if logged.event.about.and_then(of).is_some() => {
                    tally.take_answer(logged, kind);
                }
                Bearing::Word if logged.event.about.and_then(of).is_some() => {
                    if let Some(at) = tally.place_of(logged) {
                        tally.say_whole(logged, at);
                    }
                }
                Bearing::Signature => {
                    let child = logged.event.child.and_then(|child| tally.children.find(child));
                    if child.is_some_and(|child| shares.has_child(child, share)) {
                        tally.take_signature(logged);
                    }
                }
                Bearing::Answer(_) | Bearing::Word | Bearing::Whole | Bearing::Nothing => {}
            }
        })
    }

    fn with_scene<T>(
        &self,
        (rests_on, month, size): At<'_>,
        act: impl FnOnce(&Scene<'_>, &Marks) -> T,
    ) -> Result<T, TrancheError> {
        self.tally.with_scene(rests_on, month, size, |scene| act(scene, &self.marks))
    }
}

/// What a month rests on: the snapshot with its hash, the month, and the log's size.
type At<'a> = ((&'a Snapshot, Hash), Month, u64);

/// Folds the parts of a share.
fn fold_share(
    scene: &Scene<'_>,
    districts: &Districts,
    (roots, proxies): (&[u32], &BTreeSet<DeviceId>),
    take: &mut dyn FnMut(TrancheLine) -> Result<(), TrancheError>,
) -> Result<AssuranceShares, TrancheError> {
    let mut out = Out::default();
    let mut batch = Batch::begin(scene.snapshot);
    for root in roots {
        batch.add(scene, districts, *root);
        if batch.is_full() {
            scene.fold(&mut batch, proxies, None, &mut out)?;
            out.lines.drain(..).try_for_each(|line| take(scene.settled(line)?))?;
        }
    }
    scene.fold(&mut batch, proxies, None, &mut out)?;
    out.lines.drain(..).try_for_each(|line| take(scene.settled(line)?))?;
    Ok(out.assurance)
}

/// Which share each voucher and each child is in.
struct Shares {
    /// The roots of the parts of each share.
    roots: Vec<Vec<u32>>,
    of_voucher: Vec<u16>,
    of_child: Vec<u16>,
}

impl Shares {
    fn of(
        scene: &Scene<'_>,
        districts: &Districts,
        (known, at_once): (&[Known], u64),
        roots: impl Iterator<Item = u32>,
    ) -> Self {
        let tally = scene.tally;
        let mut shares = Self {
            roots: Vec::new(),
            of_voucher: vec![NOWHERE; tally.vouchers.len()],
            of_child: vec![NOWHERE; tally.children.len()],
        };
        let mut events = at_once;
        for root in roots {
            if events >= at_once && shares.roots.len() < usize::from(NOWHERE) {
                shares.roots.push(Vec::new());
                events = 0;
            }
            let share = u16::try_from(shares.roots.len().saturating_sub(1)).unwrap_or(NOWHERE);
            if let Some(last) = shares.roots.last_mut() {
                last.push(root);
            }
            for node in districts.members(&root) {
                let number = districts.number(*node) as usize;
                put(&mut shares.of_voucher, number, share);
                let own = known.get(number).map_or(0, |known| u64::from(known.events));
                events = events.saturating_add(own);
                let contract = scene.contracts.get(*node as usize);
                let child = contract.and_then(|contract| tally.children.find(contract.child));
                if let Some(child) = child {
                    put(&mut shares.of_child, child as usize, share);
                }
            }
        }
        shares
    }

    fn has_voucher(&self, voucher: u32, share: u16) -> bool {
        self.of_voucher.get(voucher as usize) == Some(&share)
    }

    fn has_child(&self, child: u32, share: u16) -> bool {
        self.of_child.get(child as usize) == Some(&share)
    }
}

fn put(all: &mut [u16], at: usize, share: u16) {
    if let Some(place) = all.get_mut(at) {
        *place = share;
    }
}

impl Tally {
    /// Forgets every visit, every answer and who gave it.
    fn forget_answers(&mut self) {
        self.scans.clear();
        self.scan_at = Table::default();
        self.words.clear();
        self.signers.clear();
        self.signer_at = Table::default();
        self.waiting.clear();
        self.of_voucher.clear();
        self.of_voucher.resize(self.vouchers.len(), (NONE, NONE));
        self.of_child.clear();
        self.of_child.resize(self.children.len(), NONE);
    }

    /// Says where an event is that is kept whole.
    fn place_of(&self, logged: &LoggedEvent) -> Option<u32> {
        let at = self.whole.binary_search_by_key(&logged.index, |one| one.index).ok()?;
        u32::try_from(at).ok()
    }
}

/// In no share.
const NOWHERE: u16 = u16::MAX;
/// How many visits and answers of a share are in memory at once: some 80 bytes each.
const EVENTS_AT_ONCE: u64 = 1_500_000;
