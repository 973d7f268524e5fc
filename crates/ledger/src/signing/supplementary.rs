//! The supplementary sheet: rows of a closed month that had a day waiting, as they are since (rule 26).

use std::collections::BTreeSet;

use attendance::{ProviderId, VoucherId};
use chrono::NaiveDate;

use super::{SheetPart, SheetStatement};
use crate::calendar::Month;
use crate::params::Params;
use crate::sheet::{MonthFold, SheetRow, claimed_day};
use crate::snapshot::Snapshot;
use crate::tranche::{TrancheError, TrancheLine, lines};
use crate::visit::LoggedEvent;

/// A month computed again with what came after its close, up to the last day that still counts. Money does
/// not follow from it: that takes an adjustment.
pub(super) struct Reopened {
    rows: Vec<SheetRow>,
    lines: Vec<TrancheLine>,
}

impl Reopened {
    /// Folds the month again. Silence counts as it did at the close.
    pub(super) fn of(
        (snapshot, params): (&Snapshot, &Params),
        events: &[LoggedEvent],
        (month, close): (Month, u64),
        until: NaiveDate,
    ) -> Result<Self, TrancheError> {
        let mut events: Vec<&LoggedEvent> = events
            .iter()
            .filter(|logged| {
                logged.index <= close || claimed_day(logged).is_some_and(|day| day <= until)
            })
            .collect();
        events.sort_by_key(|logged| logged.index);
        let before = events.partition_point(|logged| logged.index < close);
        let closing = events.get(before).copied().and_then(claimed_day);
        let prefix: Vec<&LoggedEvent> = events.iter().take(before).copied().collect();
        let after = snapshot.moved(&prefix).snapshot.into_owned();
        let fold = MonthFold::reopened(&after, events, closing, month)?;
        let lines = lines(&after, params, &fold)?;
        Ok(Self { rows: fold.rows, lines })
    }

    /// Makes the supplementary sheet of a provider: the vouchers of `waiting`.
    pub(super) fn sheet(
        &self,
        of: (Month, ProviderId, &str),
        waiting: &BTreeSet<VoucherId>,
    ) -> Result<SheetStatement, TrancheError> {
        let takes = |line: &TrancheLine| waiting.contains(&line.voucher);
        Ok(SheetStatement::of(SheetPart::Supplementary, of, (&self.rows, &self.lines), takes)?)
    }
}
