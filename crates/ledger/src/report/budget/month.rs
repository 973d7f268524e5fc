//! Who is enrolled in a month, and for how much of it (R5, rule 31).

use std::collections::BTreeMap;

use attendance::{EventKind, VoucherId};

use crate::accrual::AmountError;
use crate::calendar::Month;
use crate::contingent::Contingent;
use crate::money::Tiyn;
use crate::params::Basis;
use crate::sheet::{MonthFold, SheetRow};
use crate::snapshots::Snapshots;
use crate::tranche::{TrancheError, lines};
use crate::visit::LoggedEvent;

/// A voucher's month, without what was attended.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Enrolled {
    /// The share of the month.
    pub(super) share: Contingent,
    /// P.
    pub(super) part: Tiyn,
    /// What of P the enrolment covers.
    pub(super) cap: Tiyn,
}

/// Lists the vouchers with a part in a month: as it was closed, or as contracts and the log have it now.
/// Nothing where no rules are in force.
pub(super) fn enrolled(
    history: &Snapshots,
    events: &[LoggedEvent],
    month: Month,
) -> Result<BTreeMap<VoucherId, Enrolled>, TrancheError> {
    let closed = history.closed(events, month);
    let snapshot = closed.map_or(&history.newest().snapshot, |closed| &closed.rests_on.snapshot);
    let leaf = closed.map(|closed| closed.leaf);
    let Some(params) = snapshot.rules(month) else { return Ok(BTreeMap::new()) };
    let counts = |one: &&LoggedEvent| {
        let closes = one.event.kind == EventKind::MonthClose;
        let before = leaf.is_none_or(|leaf| one.index <= leaf);
        before && (moves_the_plan(one.event.kind) || (closes && leaf == Some(one.index)))
    };
    let fold = MonthFold::of_some(snapshot, events.iter().filter(counts).collect(), month, leaf)?;
    let mut places: BTreeMap<VoucherId, u32> = BTreeMap::new();
    for row in &fold.rows {
        let many = places.entry(row.voucher).or_default();
        *many = many.saturating_add(1);
    }
    let mut vouchers: BTreeMap<VoucherId, Enrolled> = BTreeMap::new();
    for row in &fold.rows {
        let rules = snapshot.group(row.group).and_then(|group| snapshot.rules_for(month, group));
        let by_days = rules.unwrap_or(params).basis == Basis::Calendar
            || places.get(&row.voucher).is_some_and(|many| *many > 1);
        let share = if by_days {
            share_of_days(row, month)
        } else {
            Contingent::share(row.planned, row.planned_in_month)
        };
        let one = vouchers.entry(row.voucher).or_default();
        let sum = share.and_then(|share| one.share.checked_add(share));
        one.share = sum.ok_or(AmountError::Overflow)?;
    }
    for line in lines(snapshot, params, &fold)? {
        let one = vouchers.entry(line.voucher).or_default();
        one.part = one.part.checked_add(line.plan).ok_or(AmountError::Overflow)?;
        one.cap = one.cap.checked_add(line.cap).ok_or(AmountError::Overflow)?;
    }
    Ok(vouchers)
}

/// The share of a place's days in the month.
fn share_of_days(row: &SheetRow, month: Month) -> Option<Contingent> {
    let inside = month.days().filter(|day| row.from <= *day && *day <= row.to).count();
    Contingent::share(u32::try_from(inside).ok()?, u32::try_from(month.days().count()).ok()?)
}

/// Says whether an event may change who is enrolled where, or which lessons are planned: all others
/// change only what was attended.
fn moves_the_plan(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::LessonCancel
            | EventKind::LessonMove
            | EventKind::Transfer
            | EventKind::ProviderSuspend
            | EventKind::GroundCured
            | EventKind::ProviderTerminate
    )
}
