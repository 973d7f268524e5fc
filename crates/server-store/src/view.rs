//! Who saw which child, when and why.

use attendance::{ChildId, DeviceId};

use crate::console::AccountId;
use crate::error::StorageError;
use crate::sqlite;
use crate::store::Store;

/// An answer that names children.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewViews {
    /// When, milliseconds since 1970-01-01T00:00Z.
    pub at_ms: i64,
    /// Which device asked; nothing if it was the operator, or somebody in the console.
    pub device: Option<DeviceId>,
    /// Who asked in the console.
    pub account: Option<AccountId>,
    /// Whose device or account it is.
    pub role: &'static str,
    /// The children that were named; nothing if it was every child of the district.
    pub children: Option<Vec<ChildId>>,
    /// What was answered.
    pub what: &'static str,
    /// By which permission.
    pub why: String,
    /// The request's name in the server's log.
    pub request: String,
}

/// One child, seen once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredView {
    /// Its place among all views.
    pub number: u64,
    /// When, milliseconds since 1970-01-01T00:00Z.
    pub at_ms: i64,
    /// Which device saw it; nothing if it was the operator, or somebody in the console.
    pub device: Option<DeviceId>,
    /// Who saw it in the console.
    pub account: Option<AccountId>,
    /// Whose device or account it is.
    pub role: String,
    /// Which child; nothing if it was every child of the district.
    pub child: Option<ChildId>,
    /// What was answered.
    pub what: String,
    /// By which permission.
    pub why: String,
    /// The request's name in the server's log.
    pub request: String,
}

/// Whose views are asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ViewsOf {
    /// Those of these children, and those of every child.
    Children(Vec<ChildId>),
    /// Those by a device.
    Device(DeviceId),
}

impl Store {
    /// Keeps that an answer named children, in one statement.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails; then the answer must not go.
    pub async fn put_views(&self, views: NewViews) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::insert_views(c, &views)).await
    }

    /// Gives views after a number, in order, at most so many.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn views(
        &self,
        of: ViewsOf,
        after: u64,
        limit: u32,
    ) -> Result<Vec<StoredView>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::views(c, &of, after, limit)).await
    }
}
