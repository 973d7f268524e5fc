//! Dropping what is no evidence and nobody needs any more. What is evidence has no verb here.

use attendance::ChildId;

use crate::error::StorageError;
use crate::sqlite;
use crate::store::Store;

/// Up to where rows are dropped. The caller decides why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RetentionCut {
    /// Tickets that nobody used and that were over by then, in milliseconds since 1970.
    pub unused_tickets_ms: i64,
    /// Tickets that were used and were over by then.
    pub used_tickets_ms: i64,
    /// Batches whose events are all in the log before this leaf.
    pub batches_before: u64,
    /// Children whose name is dropped.
    pub children: Vec<ChildId>,
    /// Who saw which child before this moment, in milliseconds since 1970. Never less than five years.
    pub views_ms: i64,
}

/// How many rows were dropped, or would be.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Dropped {
    /// Tickets that nobody used.
    pub unused_tickets: u64,
    /// Tickets that were used.
    pub used_tickets: u64,
    /// Batches: which events came together, not the events.
    pub batches: u64,
    /// Names of children.
    pub names: u64,
    /// Who saw which child.
    pub views: u64,
}

impl Store {
    /// Drops rows, or (`dry_run`) only counts them. All or nothing.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn drop_rows(
        &self,
        cut: RetentionCut,
        dry_run: bool,
    ) -> Result<Dropped, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::drop_rows(c, &cut, dry_run)).await
    }
}
