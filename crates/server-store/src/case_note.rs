//! What people of the console wrote about the signals of a month.

use crate::console::AccountId;
use crate::error::StorageError;
use crate::sqlite;
use crate::store::Store;

/// The longest note, in letters.
pub const CASE_NOTE_LETTERS_MAX: usize = 500;

/// A note about a signal of a month. It stays as it was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CaseNote {
    /// When, milliseconds since 1970-01-01T00:00Z.
    pub at_ms: i64,
    /// Who wrote it.
    pub account: AccountId,
    /// The month, as 202609.
    pub month: u32,
    /// The signal's name.
    pub signal: String,
    /// What was written, 1 to [`CASE_NOTE_LETTERS_MAX`] letters.
    pub note: String,
}

impl Store {
    /// Keeps a note.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails, or the account is not there.
    pub async fn put_case_note(&self, note: CaseNote) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::put_case_note(c, &note)).await
    }

    /// Gives a month's notes, oldest first.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn case_notes(&self, month: u32) -> Result<Vec<CaseNote>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::case_notes(c, month)).await
    }
}
