//! Why a shell did not open, and how faults are told to the UI.

use std::path::PathBuf;

use device::{RecordError, StoreError};
use ipc::{ErrorCode, ErrorView};
use sync_client::SyncError;

/// Why a shell did not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShellError {
    /// A file of the data directory cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The key file holds something else.
    #[error(
        "{path} is not a device key: restore it, or enrol this device anew in an empty directory"
    )]
    KeyForm {
        /// The file.
        path: PathBuf,
    },
    /// The system has no randomness.
    #[error("the system gave no random bytes for the device's key")]
    Random,
    /// The database cannot be opened.
    #[error("{path}: {source}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: device::OpenError,
    },
    /// The device has nothing to hand over.
    #[error("this device was never enrolled: it knows nothing of a log")]
    NothingToExport,
    /// What the device knows cannot be read.
    #[error("what the device knows cannot be read: {0}")]
    Export(#[source] StoreError),
    /// Parcels of others cannot be kept or read.
    #[error(transparent)]
    Carry(#[from] hub::CarryError),
    /// Nothing could be sealed for somebody to carry.
    #[error("nothing can be carried: {0}")]
    Carriage(String),
    /// The device's key did not sign.
    #[error(transparent)]
    Sign(#[from] seal::SignError),
    /// The network cannot be set up, or the enrolment failed.
    #[error("enrolment: {0}")]
    Sync(#[from] SyncError),
}

/// Makes an error for the UI.
pub(crate) fn view(code: ErrorCode, message: impl Into<String>) -> ErrorView {
    ErrorView { code, message: message.into() }
}

pub(crate) fn of_store(error: StoreError) -> ErrorView {
    let code = match error {
        StoreError::Full => ErrorCode::StorageFull,
        StoreError::Busy
        | StoreError::Corrupt
        | StoreError::Value(_)
        | StoreError::Broken(_)
        | _ => ErrorCode::Broken,
    };
    view(code, error.to_string())
}

pub(crate) fn of_record(error: RecordError) -> ErrorView {
    let code = match &error {
        RecordError::LessonNotOpen => ErrorCode::LessonNotOpen,
        RecordError::NotAllowed => ErrorCode::NotAllowed,
        RecordError::NotEnrolled => ErrorCode::NotEnrolled,
        RecordError::StorageFull => ErrorCode::StorageFull,
        RecordError::LessonUnknown | RecordError::ChildUnknown | RecordError::VisitUnknown => {
            ErrorCode::NotFound
        }
        RecordError::NotAMonth(_)
        | RecordError::MonthNotOver
        | RecordError::NotAnAmount(_)
        | RecordError::NotADocument { .. } => ErrorCode::MonthRefused,
        RecordError::Seal(_) | RecordError::Store(_) | _ => ErrorCode::Broken,
    };
    view(code, error.to_string())
}

pub(crate) fn of_sync(error: &SyncError) -> ErrorView {
    let code = match error {
        SyncError::Offline(_) | SyncError::Busy { .. } => ErrorCode::Offline,
        SyncError::NotEnrolled => ErrorCode::NotEnrolled,
        SyncError::Proof(_) | SyncError::OtherRoot => ErrorCode::ProofAlarm,
        SyncError::Older(_) => ErrorCode::LogOlder,
        SyncError::Refused(problem) if problem.status == 404 => ErrorCode::NotFound,
        SyncError::Refused(problem) if problem.status == 403 => ErrorCode::NotAllowed,
        SyncError::Refused(_)
        | SyncError::Foreign(_)
        | SyncError::Ticket(_)
        | SyncError::Device(_)
        | _ => ErrorCode::Broken,
    };
    view(code, error.to_string())
}

pub(crate) fn not_enrolled() -> ErrorView {
    view(ErrorCode::NotEnrolled, "this device is not enrolled: it needs a ticket")
}

pub(crate) fn not_found(what: &str) -> ErrorView {
    view(ErrorCode::NotFound, what)
}

/// Reads an identifier that the UI gives back.
pub(crate) fn parse_id<T: core::str::FromStr<Err: core::fmt::Display>>(
    text: &str,
) -> Result<T, ErrorView> {
    text.parse().map_err(|why: T::Err| view(ErrorCode::BadRequest, why.to_string()))
}

/// Reads an event's hash that the UI gives back.
pub(crate) fn parse_hash(text: &str) -> Result<seal::Hash, ErrorView> {
    seal::Hash::from_hex(text)
        .ok_or_else(|| view(ErrorCode::BadRequest, "expected 64 hexadecimal digits"))
}
