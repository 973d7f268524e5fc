//! Records of the district that somebody of the console prepared, for somebody else to put in force.

use core::fmt;
use core::str::FromStr;

use crate::console::AccountId;
use crate::error::StorageError;
use crate::sqlite;
use crate::store::Store;

/// Names a draft.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DraftId(pub [u8; 16]);

impl fmt::Display for DraftId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// The text names no draft.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the name of a draft is 32 lower-case hexadecimal digits")]
pub struct NoDraftId;

impl FromStr for DraftId {
    type Err = NoDraftId;

    fn from_str(text: &str) -> Result<Self, NoDraftId> {
        let number = u128::from_str_radix(text, 16).map_err(|_| NoDraftId)?;
        Some(Self(number.to_be_bytes())).filter(|id| id.to_string() == text).ok_or(NoDraftId)
    }
}

/// A draft. It stays as it was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Draft {
    /// Its name.
    pub draft: DraftId,
    /// When, milliseconds since 1970-01-01T00:00Z.
    pub at_ms: i64,
    /// Who prepared it.
    pub account: AccountId,
    /// What its form is about, 1 to 32 bytes.
    pub what: String,
    /// The form's fields: a JSON object.
    pub fields: String,
}

/// What became of a draft.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DraftEnd {
    /// Which.
    pub draft: DraftId,
    /// When, milliseconds since 1970-01-01T00:00Z.
    pub at_ms: i64,
    /// Who ended it.
    pub account: AccountId,
    /// The version of the district that it became; none if it was declined or taken back.
    pub version: Option<u32>,
}

impl Store {
    /// Keeps a draft, unless so many are open already; says whether it did.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails, or the account is not there.
    pub async fn put_draft(&self, draft: Draft, open_max: u32) -> Result<bool, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::put_draft(c, &draft, open_max)).await
    }

    /// Gives the drafts that nobody ended, oldest first.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn open_drafts(&self) -> Result<Vec<Draft>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::open_drafts(c)).await
    }

    /// Ends a draft; says whether it was open.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails, or the account is not there.
    pub async fn end_draft(&self, end: DraftEnd) -> Result<bool, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::end_draft(c, end)).await
    }
}
