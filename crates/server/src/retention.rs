//! What a server drops in time, and what it never drops.
//!
//! Absent on purpose: leaves, salts, parked events, checkpoints, months, payments. The log stays whole;
//! dropping the salt of a child's leaves is not built, since months that were not audited rest on them.

use std::collections::BTreeMap;
use std::path::Path;

use attendance::ChildId;
use ledger::Month;
use serde::Serialize;
use server_store::RetentionCut;

use crate::clock::ServerClock;
use crate::error::ServerError;
use crate::server::{Server, StartError};

/// The month in which a school year begins.
const FIRST_MONTH: u8 = 9;
const DAY_MS: i64 = 86_400_000;
/// Who saw which child is kept for five years (`audit_years`).
const VIEWS_DAYS: i64 = 1_826;

/// How long what is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RetentionRules {
    /// School years of which everything is kept: the running one counts. At least 2.
    pub school_years: u16,
    /// Days after which a ticket that nobody used is dropped.
    pub unused_ticket_days: u16,
}

/// The least number of school years: the running and the last one.
pub const SCHOOL_YEARS_MIN: u16 = 2;

impl Default for RetentionRules {
    fn default() -> Self {
        Self { school_years: SCHOOL_YEARS_MIN, unused_ticket_days: 30 }
    }
}

/// What was dropped, or would be.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct RetentionReport {
    /// True if nothing was written.
    pub dry_run: bool,
    /// Everything of this month and later is kept.
    pub kept_from: String,
    /// Tickets that nobody used.
    pub unused_tickets: u64,
    /// Tickets that were used.
    pub used_tickets: u64,
    /// Batches: which events came together, not the events.
    pub batches: u64,
    /// Names of children who have no contract since.
    pub names: u64,
    /// Who saw which child, five years ago and before.
    pub views: u64,
}

impl Server {
    /// Drops what may be dropped. The server may be running meanwhile, in this process or another.
    ///
    /// # Errors
    /// [`ServerError`]; nothing was dropped then.
    pub async fn retain(
        &self,
        rules: RetentionRules,
        dry_run: bool,
    ) -> Result<RetentionReport, ServerError> {
        let now_ms = self.clock.now_ms();
        let first = first_kept_month(now_ms, rules.school_years.max(SCHOOL_YEARS_MIN))
            .ok_or_else(|| ServerError::Ledger("the clock shows no year".to_owned()))?;
        let begins_ms = ledger::local_ms(first.first_day(), 0).unwrap_or(i64::MIN);
        let closed = self.store.tranches().await?;
        let closed = closed.iter().filter(|stored| stored.month < first.number());
        let cut = RetentionCut {
            unused_tickets_ms: now_ms - i64::from(rules.unused_ticket_days.max(1)) * DAY_MS,
            used_tickets_ms: begins_ms,
            batches_before: closed.map(|stored| stored.leaf_index).max().unwrap_or_default(),
            children: self.gone_before(first).await?,
            views_ms: now_ms - VIEWS_DAYS * DAY_MS,
        };
        let dropped = self.store.drop_rows(cut, dry_run).await?;
        Ok(RetentionReport {
            dry_run,
            kept_from: first.to_string(),
            unused_tickets: dropped.unused_tickets,
            used_tickets: dropped.used_tickets,
            batches: dropped.batches,
            names: dropped.names,
            views: dropped.views,
        })
    }

    /// Lists the children whose contracts all ended before a month, in every district that was in force.
    /// Who never had one is not among them: that one may be new.
    async fn gone_before(&self, first: Month) -> Result<Vec<ChildId>, ServerError> {
        let snapshots = self.snapshots().await?;
        let mut last = BTreeMap::new();
        for contract in snapshots.all().flat_map(|logged| &logged.snapshot.contracts) {
            let to = last.entry(contract.child).or_insert(contract.to);
            *to = contract.to.max(*to);
        }
        let gone = last.into_iter().filter(|(_, to)| *to < first.first_day());
        Ok(gone.map(|(child, _)| child).collect())
    }
}

/// Drops what may be dropped of a data directory, also beside a running server.
///
/// # Errors
/// [`StartError`] if the directory cannot be opened, or a row cannot be dropped.
pub async fn retention(
    data_dir: &Path,
    clock: ServerClock,
    rules: RetentionRules,
    dry_run: bool,
) -> Result<RetentionReport, StartError> {
    let server = Server::open(data_dir, clock).await?;
    Ok(server.retain(rules, dry_run).await?)
}

/// Gives the first month of the oldest school year that is kept.
fn first_kept_month(now_ms: i64, school_years: u16) -> Option<Month> {
    let now = Month::of(ledger::local_day(now_ms)?).ok()?;
    let begun = if now.month() >= FIRST_MONTH { now.year() } else { now.year().checked_sub(1)? };
    Month::new(begun.checked_sub(school_years.checked_sub(1)?)?, FIRST_MONTH).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_running_and_the_last_school_year_are_kept_whole() {
        let first = |text: &str, years| {
            let month: Month = text.parse().unwrap();
            let now = ledger::local_ms(month.first_day(), 0).unwrap();
            first_kept_month(now, years).unwrap().to_string()
        };
        assert_eq!(first("2026-09", 2), "2025-09");
        assert_eq!(first("2026-08", 2), "2024-09");
        assert_eq!(first("2027-01", 2), "2025-09");
        assert_eq!(first("2027-01", 5), "2022-09");
    }
}
