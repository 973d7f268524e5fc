//! Why a shell did not open, and how faults are told to the UI.

use std::path::PathBuf;

use device::{OpenError, RecordError, StoreError};
use ipc::{ErrorCode, ErrorView};
use sync_client::SyncError;

use crate::vault::VaultError;

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
    /// The key file is not there, and the data is.
    #[error(
        "{path} is missing beside {database}: put it back from a copy, or move this folder away and \
         enrol the device anew; nothing was changed"
    )]
    KeyMissing {
        /// The key file.
        path: PathBuf,
        /// The database.
        database: PathBuf,
    },
    /// The key file is of the time before the data was encrypted.
    #[error(
        "{path} is older than {database}, which it cannot open: put the newer key file back; nothing \
         was changed"
    )]
    KeyOlder {
        /// The key file.
        path: PathBuf,
        /// The database.
        database: PathBuf,
    },
    /// What the vault gave does not open the key file.
    #[error(
        "{path} does not open: {}; nothing was changed",
        if vault == "passphrase" {
            "the passphrase is another one: try again"
        } else {
            "the secret beside it is of another device: put the right one back from a copy"
        }
    )]
    KeyLocked {
        /// The key file.
        path: PathBuf,
        /// The kind of vault that it is wrapped by.
        vault: String,
    },
    /// The key file is wrapped by another kind of vault.
    #[error(
        "{path} is kept by another vault ({vault}) than the one given ({given}){}; nothing was changed",
        if vault == "passphrase" { ": give its passphrase" } else { "" }
    )]
    KeyVault {
        /// The key file.
        path: PathBuf,
        /// The kind of vault that it is wrapped by.
        vault: String,
        /// The kind that was given.
        given: &'static str,
    },
    /// The vault gave no key.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// What is damaged could not be saved.
    #[error("{path}: {source}")]
    Salvage {
        /// The file.
        path: PathBuf,
        /// Why.
        source: device::SalvageError,
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
        source: OpenError,
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

/// Says what helps where a shell did not open, for a page that has no other help.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WayOut {
    /// Close the other copy of the program.
    CloseTheOther,
    /// Install the newer release.
    Update,
    /// Put a key file back, give the right passphrase, or enrol anew.
    FindTheKey,
    /// Free some space.
    FreeSpace,
    /// Tell the coordinator: nothing that a teacher can do.
    Tell,
}

impl ShellError {
    /// Says what helps.
    #[must_use]
    pub fn way_out(&self) -> WayOut {
        match self {
            Self::KeyForm { .. }
            | Self::KeyMissing { .. }
            | Self::KeyOlder { .. }
            | Self::KeyLocked { .. }
            | Self::KeyVault { .. }
            | Self::Vault(_) => WayOut::FindTheKey,
            Self::Open { source, .. } => of_opening(source),
            Self::Salvage { source: device::SalvageError::Open(source), .. } => of_opening(source),
            Self::Salvage { source: device::SalvageError::Store(StoreError::Full), .. } => {
                WayOut::FreeSpace
            }
            Self::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                WayOut::FreeSpace
            }
            Self::Io { .. }
            | Self::Salvage { .. }
            | Self::Random
            | Self::NothingToExport
            | Self::Export(_)
            | Self::Carry(_)
            | Self::Carriage(_)
            | Self::Sign(_)
            | Self::Sync(_) => WayOut::Tell,
        }
    }
}

fn of_opening(error: &OpenError) -> WayOut {
    match error {
        OpenError::Newer { .. } | OpenError::Encrypted => WayOut::Update,
        OpenError::Locked | OpenError::Store(StoreError::Busy) => WayOut::CloseTheOther,
        OpenError::OtherKey => WayOut::FindTheKey,
        OpenError::Store(StoreError::Full) => WayOut::FreeSpace,
        OpenError::Foreign | OpenError::Corrupt | OpenError::Store(_) | _ => WayOut::Tell,
    }
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
        RecordError::HeadInDoubt(_) => ErrorCode::HeadInDoubt,
        RecordError::LessonUnknown
        | RecordError::ChildUnknown
        | RecordError::VisitUnknown
        | RecordError::DocumentUnknown
        | RecordError::NotWithdrawable => ErrorCode::NotFound,
        RecordError::NeedsReason => ErrorCode::NeedsReason,
        RecordError::AlreadyMarked => ErrorCode::NotAllowed,
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
        SyncError::SignIn(_) => ErrorCode::SignIn,
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
