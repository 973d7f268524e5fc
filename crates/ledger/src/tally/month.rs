//! A month out of a tally: what is decided once for the whole district, then the parts.

use std::collections::BTreeSet;

use attendance::{ChildId, DeviceId};
use chrono::NaiveDate;
use seal::Hash;

use super::Tally;
use super::ahead::PARTS_AHEAD;
use super::lessons::Lessons;
use super::part::{Batch, Districts};
use super::proxies;
use super::running::{self, RestsOn, Running};
use crate::account::{is_decided, with_corrections};
use crate::calendar::Month;
use crate::close::first_close;
use crate::sheet::{MonthFold, claimed_day};
use crate::snapshot::{Contract, Snapshot};
use crate::snapshots::Snapshots;
use crate::standings::Standings;
use crate::summary::AssuranceShares;
use crate::tranche::{Tranche, TrancheBasis, TrancheError, TrancheLine, lines};
use crate::visit::{FoldError, LoggedEvent};

impl Tally {
    /// Computes a month's tranche, as [`compute_tranche`](crate::compute_tranche) does: the same bytes from
    /// the same log, whose first `basis.tree_size` leaves this has taken at least.
    ///
    /// # Errors
    /// [`TrancheError`] if there are no rules for the month or an amount does not come out.
    pub fn compute_tranche(
        &self,
        snapshot: &Snapshot,
        month: Month,
        basis: TrancheBasis,
    ) -> Result<Tranche, TrancheError> {
        let hash = snapshot.hash();
        Ok(self.compute((snapshot, hash), month, basis, None)?.0)
    }

    /// Computes the tranche of a closed month with the corrections that stand in it, as
    /// [`compute_closed`](crate::compute_closed) does, and how sure the month's visits are. `all` reads every
    /// event of the log: it is asked only if something may have been decided about a closed month.
    ///
    /// # Errors
    /// What `all` gives; within, [`TrancheError`] as for the tranche.
    pub fn compute_closed<E>(
        &self,
        (history, month): (&Snapshots, Month),
        basis: TrancheBasis,
        all: impl FnOnce() -> Result<Vec<LoggedEvent>, E>,
    ) -> Result<Result<(Tranche, AssuranceShares), TrancheError>, E> {
        self.close_with(None, (history, month), basis, all)
    }

    /// The same; only parts are folded that something was said of since `running` was last handed in.
    ///
    /// # Errors
    /// As [`compute_closed`](Self::compute_closed).
    pub fn compute_running<E>(
        &self,
        running: &mut Running,
        (history, month): (&Snapshots, Month),
        basis: TrancheBasis,
        all: impl FnOnce() -> Result<Vec<LoggedEvent>, E>,
    ) -> Result<Result<(Tranche, AssuranceShares), TrancheError>, E> {
        self.close_with(Some(running), (history, month), basis, all)
    }

    /// Computes a month that is not closed, as the log stands, so that its close has less to do.
    ///
    /// # Errors
    /// [`TrancheError`] as for the tranche.
    pub fn follow(
        &self,
        running: &mut Running,
        history: &Snapshots,
        month: Month,
    ) -> Result<(), TrancheError> {
        let rests_on = (&history.newest().snapshot, history.newest_hash());
        self.settle(rests_on, month, self.size, Some(running)).map(drop)
    }

    fn close_with<E>(
        &self,
        running: Option<&mut Running>,
        (history, month): (&Snapshots, Month),
        basis: TrancheBasis,
        all: impl FnOnce() -> Result<Vec<LoggedEvent>, E>,
    ) -> Result<Result<(Tranche, AssuranceShares), TrancheError>, E> {
        let size = basis.tree_size;
        let close = size.saturating_sub(1);
        let rests_on = (&history.before(close).snapshot, history.hash_before(close));
        let computed = self.compute(rests_on, month, basis, running);
        if !self.has_decisions(size) {
            return Ok(computed);
        }
        let events = all()?;
        Ok(computed.and_then(|(tranche, assurance)| {
            Ok((with_corrections(tranche, history, &events)?, assurance))
        }))
    }

    /// Says whether something in the log's first leaves may move money of a closed month: then
    /// [`compute_closed`](Self::compute_closed) asks for every event.
    #[must_use]
    pub fn has_decisions(&self, size: u64) -> bool {
        is_decided(&self.whole, size)
    }

    /// Gives the child that a visit or an absence names, by the event's hash; nothing if it has not come.
    #[must_use]
    pub fn child_of(&self, hash: Hash) -> Option<Option<ChildId>> {
        let scan = self.scans.get(self.scan(hash)? as usize)?;
        if scan.form.is_whole() {
            return Some(self.whole.get(scan.child as usize)?.event.child);
        }
        Some(self.children.get(scan.child))
    }

    fn compute(
        &self,
        rests_on: (&Snapshot, Hash),
        month: Month,
        basis: TrancheBasis,
        running: Option<&mut Running>,
    ) -> Result<(Tranche, AssuranceShares), TrancheError> {
        let params = rests_on.0.rules(month).ok_or(FoldError::NoRules { month })?;
        let (lines, assurance) = self.settle(rests_on, month, basis.tree_size, running)?;
        Ok((Tranche::of_lines(rests_on.1, params, month, basis, lines)?, assurance))
    }

    /// Computes the lines of a month from the first leaves of the log.
    fn settle(
        &self,
        rests_on: (&Snapshot, Hash),
        month: Month,
        tree_size: u64,
        running: Option<&mut Running>,
    ) -> Result<(Vec<TrancheLine>, AssuranceShares), TrancheError> {
        self.with_scene(rests_on, month, tree_size, |scene| scene.lines(running))?
    }

    /// Decides what is the same for all parts of a month, and does something with it.
    pub(super) fn with_scene<T>(
        &self,
        (snapshot, hash): (&Snapshot, Hash),
        month: Month,
        tree_size: u64,
        act: impl FnOnce(&Scene<'_>) -> T,
    ) -> Result<T, TrancheError> {
        let params = snapshot.rules(month).ok_or(FoldError::NoRules { month })?;
        let prefix = self.whole.partition_point(|logged| logged.index < tree_size);
        let prefix = self.whole.get(..prefix).unwrap_or_default();
        let last = prefix.last().filter(|last| Some(last.index) == tree_size.checked_sub(1));
        let close = first_close(params, last.into_iter(), month)
            .or_else(|| first_close(params, prefix.iter(), month));
        let end = close.unwrap_or(tree_size);
        let before = prefix.iter().take_while(|logged| logged.index < end).collect::<Vec<_>>();
        let close = prefix.iter().find(|logged| Some(logged.index) == close);
        let changes = snapshot.changes(&before);
        Ok(act(&Scene {
            tally: self,
            snapshot,
            hash,
            month,
            end,
            closed_on: close.and_then(claimed_day),
            contracts: changes.contracts_of(snapshot),
            standings: &changes.standings,
            everything: params.reads_everything(),
            lessons: Lessons::of(snapshot, &before, month),
        }))
    }

    /// Gives the number of the voucher that a visit or an absence is of, by the event's hash.
    pub(super) fn voucher_of(&self, hash: Hash) -> Option<u32> {
        Some(self.scans.get(self.scan(hash)? as usize)?.voucher)
    }
}

/// What is the same for all parts of a month.
pub(super) struct Scene<'a> {
    pub(super) tally: &'a Tally,
    pub(super) snapshot: &'a Snapshot,
    hash: Hash,
    pub(super) month: Month,
    /// Leaves from here on change nothing.
    pub(super) end: u64,
    pub(super) closed_on: Option<NaiveDate>,
    /// As they are at the end, in the snapshot's order.
    pub(super) contracts: Vec<&'a Contract>,
    pub(super) standings: &'a Standings,
    pub(super) everything: bool,
    pub(super) lessons: Lessons<'a>,
}

impl Scene<'_> {
    fn lines(
        &self,
        mut running: Option<&mut Running>,
    ) -> Result<(Vec<TrancheLine>, AssuranceShares), TrancheError> {
        let districts = Districts::of(self, &|hash| self.tally.voucher_of(hash));
        let proxies = proxies::find(self, &districts)?;
        if let Some(running) = running.as_deref_mut() {
            running.begin(self.rests_on(proxies.clone()));
        }
        let mut out = Out::default();
        let mut batch = Batch::begin(self.snapshot);
        let roots: Vec<u32> = districts.roots().collect();
        for (at, root) in roots.iter().copied().enumerate() {
            let Some(running) = running.as_deref_mut() else {
                if at.is_multiple_of(PARTS_AHEAD) {
                    let next = roots.iter().skip(at).take(PARTS_AHEAD);
                    self.walk_ahead(&districts, next);
                }
                batch.add(self, &districts, root);
                if batch.is_full() {
                    self.fold(&mut batch, &proxies, None, &mut out)?;
                }
                continue;
            };
            let seen = running::seen(self, &districts, root);
            let kept = seen.as_ref().and_then(|seen| running.find(root, seen, self.end));
            if let Some(kept) = kept {
                out.lines.extend_from_slice(&kept.lines);
                out.assurance.add(kept.assurance);
                continue;
            }
            // What lies behind the end may not be told apart later.
            let seen = seen.filter(|_| self.tally.size <= self.end);
            batch.add_to_keep(self, &districts, root, seen);
            if batch.is_full() {
                self.fold(&mut batch, &proxies, Some(running), &mut out)?;
            }
        }
        self.fold(&mut batch, &proxies, running, &mut out)?;
        let settled = out.lines.into_iter().map(|line| self.settled(line));
        let mut all = settled.collect::<Result<Vec<_>, _>>()?;
        all.sort_by_key(TrancheLine::key);
        Ok((all, out.assurance))
    }

    /// Looks at the events of some parts before they are folded.
    fn walk_ahead<'a>(&self, districts: &Districts, roots: impl Iterator<Item = &'a u32>) {
        let mut vouchers = Vec::new();
        for root in roots {
            vouchers.extend(districts.members(root).iter().filter_map(|node| {
                let contract = self.contracts.get(*node as usize)?;
                Some((districts.number(*node), contract.child))
            }));
        }
        self.tally.walk_ahead(&vouchers);
    }

    /// Holds what is due to a provider whose payments are suspended.
    pub(super) fn settled(&self, line: TrancheLine) -> Result<TrancheLine, TrancheError> {
        let holds = self.standings.holds_payments(line.provider);
        Ok(if holds { line.held_back()? } else { line })
    }

    fn rests_on(&self, proxies: BTreeSet<DeviceId>) -> RestsOn {
        let rules = self.snapshot.rules(self.month);
        let silence = self.closed_on.filter(|_| rules.is_some_and(|rules| rules.tacit_acceptance));
        RestsOn { snapshot: self.hash, month: self.month, silence, proxies }
    }

    /// Folds what a batch holds, and empties it.
    pub(super) fn fold(
        &self,
        batch: &mut Batch,
        proxies: &BTreeSet<DeviceId>,
        running: Option<&mut Running>,
        out: &mut Out,
    ) -> Result<(), TrancheError> {
        batch.close(self);
        let district = batch.district();
        let params = district.rules(self.month).ok_or(FoldError::NoRules { month: self.month })?;
        let fold =
            MonthFold::of_part(district, batch.events(), self.closed_on, self.month, proxies)?;
        let found = lines(district, params, &fold)?;
        out.assurance.add(AssuranceShares::of(fold.visits.iter()));
        if let Some(running) = running {
            let (members, part_of) = batch.members();
            let kept = running::deal(members, &part_of, &found, &fold.visits, self.end);
            for (root, kept) in kept {
                running.keep(root, kept);
            }
        }
        out.lines.extend(found);
        batch.clear();
        Ok(())
    }
}

/// What has come out so far.
#[derive(Default)]
pub(super) struct Out {
    pub(super) lines: Vec<TrancheLine>,
    pub(super) assurance: AssuranceShares,
}
