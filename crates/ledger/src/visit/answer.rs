//! What the families answered, what silence means, and what the district decided (R3).

use std::collections::{BTreeMap, BTreeSet};

use attendance::{ChildId, DeviceId, EventKind, Method, Role, Verdict};
use chrono::{Days, NaiveDate};

use crate::calendar::{Calendar, Month, local_day};
use crate::params::Params;
use crate::snapshot::Snapshot;
use crate::visit::conflict::{Overlaps, held, overlaps};
use crate::visit::counted::Counted;
use crate::visit::scan::Scans;
use crate::visit::{AsideReason, Decision, LoggedEvent, Standing, Visit, has_document};

/// The visits that count, under the answers to them.
pub(super) struct Answers<'a> {
    params: &'a Params,
    calendar: &'a Calendar,
    scans: &'a Scans<'a>,
    month: Month,
    counted: Counted,
    overlaps: Overlaps,
    /// Devices whose confirmations are held.
    proxies: BTreeSet<DeviceId>,
}

impl<'a> Answers<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot,
        params: &'a Params,
        scans: &'a Scans<'a>,
        counted: Counted,
        month: Month,
    ) -> Self {
        let everything = params.reads_everything();
        let overlaps = if everything { overlaps(&counted) } else { Overlaps::new() };
        let calendar = &snapshot.calendar;
        let proxies = BTreeSet::new();
        Self { params, calendar, scans, month, counted, overlaps, proxies }
    }

    /// Holds what these devices confirm.
    pub(super) fn hold(&mut self, proxies: BTreeSet<DeviceId>) {
        self.proxies = proxies;
    }

    /// Applies an answer, a signed month or a decision; passes over everything else.
    pub(super) fn take(&mut self, logged: &LoggedEvent) -> Result<(), AsideReason> {
        let kind = logged.event.kind;
        if kind == EventKind::MonthSign && logged.event.month == Some(self.month.number()) {
            self.sign(logged)
        } else if matches!(kind, EventKind::Confirm | EventKind::Dispute) {
            self.answer(logged)
        } else if kind == EventKind::DisputeResolve && self.params.reads_everything() {
            self.decide(logged)
        } else {
            Ok(())
        }
    }

    /// Gives the visits as they stand when the month is closed on this day, or open.
    pub(super) fn settle(mut self, closed_on: Option<NaiveDate>) -> Vec<Visit> {
        for place in held(&self.counted, &self.overlaps) {
            if let Some(visit) = self.counted.find_mut(&place) {
                visit.conflict = true;
            }
        }
        if let Some(day) = closed_on.filter(|_| self.params.reads_everything()) {
            self.take_silence_for_assent(day);
        }
        self.counted.into_visits()
    }

    /// An answer may name any scan of the voucher's lesson; but *was* of a withdrawn scan, or of one
    /// that a correction has since made another child's or lesson's, says nothing of what counts now,
    /// while *was not* stands. The last answer counts.
    fn answer(&mut self, logged: &LoggedEvent) -> Result<(), AsideReason> {
        let event = &logged.event;
        let (by, confirms) = (logged.index, event.kind == EventKind::Confirm);
        let about = event.about.and_then(|about| self.scans.find(about));
        let Some((named, withdrawn)) = about else { return Ok(()) };
        if confirms && self.params.reads_everything() && logged.provider.is_some() {
            return Err(AsideReason::ProxyConfirm);
        }
        if !may_answer(logged, named.child) || event.child.is_some_and(|child| child != named.child)
        {
            return Err(AsideReason::NotTheFamily);
        }
        let void = withdrawn || named.restated.is_some_and(|restated| by < restated);
        let proxy = self.proxies.contains(&event.device);
        let late = self.is_late(named, event.wall_ms);
        let decide_until = self.decide_until(event.wall_ms);
        let Some(visit) = self.counted.find_mut(&(named.voucher, named.lesson)) else {
            return Ok(());
        };
        if !confirms {
            visit.standing = Standing::Disputed { by };
            (visit.late_answer, visit.decide_until) = (late, decide_until);
        } else if !void {
            confirm(visit, by, proxy);
            visit.late_answer = late;
        }
        Ok(())
    }

    /// Signs a child's month: confirms the visits that were in the log by then and are not disputed.
    fn sign(&mut self, logged: &LoggedEvent) -> Result<(), AsideReason> {
        let Some(child) = logged.event.child.filter(|child| may_answer(logged, *child)) else {
            return Err(AsideReason::NotTheFamily);
        };
        let by = logged.index;
        let proxy = self.proxies.contains(&logged.event.device);
        self.counted.each_of(child, |visit| {
            let there = visit.index < by && visit.restated.is_none_or(|at| at < by);
            let open = visit.standing == Standing::Awaiting;
            let by_proxy = matches!(visit.standing, Standing::ConfirmedByProxy { .. });
            if there && (open || (by_proxy && !proxy)) {
                confirm(visit, by, proxy);
            }
        });
        Ok(())
    }

    /// Decides about a visit that is disputed, or that stands beside another one of the child.
    fn decide(&mut self, logged: &LoggedEvent) -> Result<(), AsideReason> {
        let event = &logged.event;
        let about = event.about.and_then(|about| self.scans.find(about));
        let Some((named, _)) = about else { return Ok(()) };
        if !logged.decides() {
            return Err(AsideReason::NotACoordinator);
        }
        let verdict = event.verdict.filter(|_| event.finding.is_some() && has_document(event));
        let verdict = verdict.ok_or(AsideReason::NoGround)?;
        let place = (named.voucher, named.lesson);
        let overlaps = self.overlaps.contains_key(&place);
        let visit = self.counted.find_mut(&place).ok_or(AsideReason::NothingToDecide)?;
        let of_dispute = matches!(visit.standing, Standing::Disputed { .. });
        if !of_dispute && !overlaps && visit.decision.is_none() {
            return Err(AsideReason::NothingToDecide);
        }
        let was = verdict == Verdict::Was;
        visit.decision = Some(Decision { was, of_dispute, by: logged.index });
        Ok(())
    }

    /// Takes long silence for *was*, where the rules do: only of visits by a rotating code.
    fn take_silence_for_assent(&mut self, closed_on: NaiveDate) {
        if !self.params.tacit_acceptance {
            return;
        }
        let days = Days::new(u64::from(self.params.visit_confirm_days));
        for visit in self.counted.all_mut() {
            let over = visit.day.checked_add_days(days).is_some_and(|last| last < closed_on);
            let silent = visit.standing == Standing::Awaiting;
            if silent && over && matches!(visit.method, Method::Rotating | Method::Challenge) {
                visit.standing = Standing::Tacit;
            }
        }
    }

    fn is_late(&self, visit: &Visit, wall_ms: i64) -> bool {
        let days = Days::new(u64::from(self.params.visit_confirm_days));
        let last = visit.day.checked_add_days(days);
        self.params.reads_everything() && local_day(wall_ms).is_none_or(|day| Some(day) > last)
    }

    fn decide_until(&self, wall_ms: i64) -> Option<NaiveDate> {
        let day = local_day(wall_ms).filter(|_| self.params.reads_everything())?;
        Some(self.calendar.working_days_after(day, self.params.dispute_days))
    }
}

/// The families that each device confirms for. Children without a family in the snapshot are counted as
/// one.
pub(crate) type Families = BTreeMap<DeviceId, BTreeSet<Option<u32>>>;

/// Says for which families each device confirms; nothing under the first edition.
pub(super) fn families(
    snapshot: &Snapshot,
    params: &Params,
    events: &[&LoggedEvent],
    scans: &Scans<'_>,
    month: Month,
) -> Families {
    let mut of_device = Families::new();
    if !params.reads_everything() {
        return of_device;
    }
    let mut families: BTreeMap<ChildId, Option<u32>> = BTreeMap::new();
    for contract in &snapshot.contracts {
        let family = families.entry(contract.child).or_default();
        *family = contract.family.max(*family);
    }
    for logged in events {
        let event = &logged.event;
        let child = if event.kind == EventKind::Confirm {
            let about = event.about.and_then(|about| scans.find(about));
            about.map(|(named, _)| named.child)
        } else {
            let of_month = event.month == Some(month.number());
            event.child.filter(|_| event.kind == EventKind::MonthSign && of_month)
        };
        if let Some(child) = child.filter(|child| may_answer(logged, *child)) {
            let family = families.get(&child).copied().flatten();
            of_device.entry(event.device).or_default().insert(family);
        }
    }
    of_device
}

/// Picks the devices that confirm for more families than one may.
pub(crate) fn too_many(families: Families, params: &Params) -> BTreeSet<DeviceId> {
    let most = usize::try_from(params.families_per_device_max).unwrap_or(usize::MAX);
    let too_many = families.into_iter().filter(|(_, families)| families.len() > most);
    too_many.map(|(device, _)| device).collect()
}

/// *Was*. From a proxy it neither ends a dispute nor replaces a family's own word.
fn confirm(visit: &mut Visit, by: u64, proxy: bool) {
    if !proxy {
        visit.standing = Standing::Confirmed { by };
    } else if visit.standing == Standing::Awaiting {
        visit.standing = Standing::ConfirmedByProxy { by };
    }
}

fn may_answer(logged: &LoggedEvent, child: ChildId) -> bool {
    logged.role == Role::Parent && logged.children.contains(&child)
}
