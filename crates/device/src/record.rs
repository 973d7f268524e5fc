//! What all recording verbs share: who may, what went wrong, and the one way into the chain.

use attendance::{ChainError, EventDraft, EventKind, Role};
use rusqlite::Connection;
use seal::{Hash, SignError};

use crate::clock::Reading;
use crate::device::{Device, Identity};
use crate::enrolment::Enrolled;
use crate::saved::{Doubt, refuse_in_doubt};
use crate::store::{self, StoreError};

/// Why nothing was recorded. A refused card is not here: it is a value of
/// [`Recorded`](crate::Recorded).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The device has no certificate yet.
    #[error("this device is not enrolled")]
    NotEnrolled,
    /// The device's role or groups do not allow it.
    #[error("the certificate of this device does not allow it")]
    NotAllowed,
    /// The lesson is not on the roster.
    #[error("the lesson is not on the roster of this device")]
    LessonUnknown,
    /// The lesson is not open on this device.
    #[error("the lesson is not open on this device")]
    LessonNotOpen,
    /// The child is not on the roster.
    #[error("the child is not on the roster of this device")]
    ChildUnknown,
    /// The visit is not on this device.
    #[error("the visit is not on this device")]
    VisitUnknown,
    /// The number is not `year * 100 + month`.
    #[error("{0} is not a month")]
    NotAMonth(u32),
    /// The month is not over yet. Closed now, it would be paid without the visits still to come.
    #[error("the month is not over yet")]
    MonthNotOver,
    /// A payment is more than nothing.
    #[error("{0} tiyn is not a payment")]
    NotAnAmount(i64),
    /// The document's number is empty or too long.
    #[error("a document number has 1 to {max} characters")]
    NotADocument {
        /// The most characters it may have.
        max: usize,
    },
    /// The document's file is not on this device.
    #[error("the document is not on this device: take its file first")]
    DocumentUnknown,
    /// The event is no mark: it is said again, or stays.
    #[error("this is no mark that could be withdrawn")]
    NotWithdrawable,
    /// The time in which a mark is undone without a reason is over.
    #[error("it is too late to undo it: withdraw it with a reason")]
    NeedsReason,
    /// The child has a mark of its own in this lesson.
    #[error("the child is marked in this lesson already: withdraw the wrong mark")]
    AlreadyMarked,
    /// The storage is full; nothing was kept, and a later try may succeed.
    #[error("the storage is full, nothing was kept: free some space and try again")]
    StorageFull,
    /// It is not certain where the chain stands: nothing is signed until the server has said it.
    #[error(
        "it is not certain which events this device has signed already ({}): sync once, then go on; \
         nothing was recorded",
        match .0 {
            Doubt::Damaged => "its data file was damaged",
            Doubt::Behind => "the server has more of them than this device",
        }
    )]
    HeadInDoubt(Doubt),
    /// The clock shows a time for which there are no codes.
    #[error("the clock of this device shows an impossible time: set it, then show the code again")]
    NoStep,
    /// This device's certificate makes the code longer than a teacher's device reads.
    #[error("the code of this device is too long: ask the coordinator to give it a shorter name")]
    CodeTooLong,
    /// The key did not sign the code.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The key did not sign the event.
    #[error("the event was not sealed")]
    Seal(#[from] ChainError),
    /// The database did not keep it.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for RecordError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::StorageFull,
            StoreError::Busy
            | StoreError::Corrupt
            | StoreError::Value(_)
            | StoreError::Broken(_) => Self::Store(error),
        }
    }
}

impl Device {
    /// Gives the enrolment if the device has this role.
    pub(crate) fn enrolled_as(&self, role: Role) -> Result<&Enrolled, RecordError> {
        let enrolled = self.enrolled.as_ref().ok_or(RecordError::NotEnrolled)?;
        if enrolled.role() == role { Ok(enrolled) } else { Err(RecordError::NotAllowed) }
    }

    /// Appends one event in a transaction of its own.
    pub(crate) fn append(&mut self, draft: EventDraft) -> Result<Hash, RecordError> {
        let tx = store::begin(&mut self.db)?;
        let event = append(&tx, &self.identity, draft)?;
        tx.commit().map_err(StoreError::from)?;
        Ok(event)
    }
}

/// Reads a month, `year * 100 + month`.
pub(crate) fn month(number: u32) -> Result<u32, RecordError> {
    let is_one = (1..=12).contains(&(number % 100)) && (2000..=2199).contains(&(number / 100));
    if is_one { Ok(number) } else { Err(RecordError::NotAMonth(number)) }
}

/// Reads the number of a document as it was typed.
pub(crate) fn document_number(text: &str) -> Result<String, RecordError> {
    let number = text.trim();
    if number.is_empty() || number.chars().count() > DOCUMENT_CHARS_MAX {
        return Err(RecordError::NotADocument { max: DOCUMENT_CHARS_MAX });
    }
    Ok(number.to_owned())
}

/// Begins a draft with the clock's reading.
pub(crate) fn draft(kind: EventKind, now: Reading) -> EventDraft {
    EventDraft::new(kind, now.wall_ms, now.mono_ms, now.boot)
}

/// Appends to the chain, inside the caller's transaction: head → event → row. The row is the outbox
/// too.
pub(crate) fn append(
    tx: &Connection,
    identity: &Identity,
    draft: EventDraft,
) -> Result<Hash, RecordError> {
    refuse_in_doubt(tx)?;
    let head = store::event::head(tx, &identity.key)?;
    let chained = head.prepare(draft, identity.id).seal(&*identity.signer)?;
    store::event::insert(tx, &chained)?;
    Ok(chained.hash())
}

/// The most characters that a document's number has.
const DOCUMENT_CHARS_MAX: usize = 64;
