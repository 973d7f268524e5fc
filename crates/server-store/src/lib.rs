//! The server's storage: the log, the devices, the ledger. SQLite now; PostgreSQL comes beside it.
//!
//! Absent on purpose: HTTP, signatures, clocks, randomness and rules. No SQL type is in a signature,
//! and there is no `begin`: each verb of [`Store`] is one transaction of its own.
//!
//! # Invariants
//! - A leaf, a node, a checkpoint, a cosignature, a ledger entry is written once: triggers forbid UPDATE and DELETE.
//! - [`Store::append`] is compare-and-append: it writes only onto the tree size its caller saw.
//! - Every ledger entry balances (plan = accrued + held + released), checked by the database too.
//!
//! Start at [`Store::append`].
#![forbid(unsafe_code)]

mod backup;
mod card_status;
mod case_note;
#[cfg(test)]
mod conformance;
mod console;
mod console_key;
mod device;
mod draft;
mod error;
mod gate;
mod ledger_entry;
mod log;
mod parcel;
mod restore;
mod retention;
mod sqlite;
mod store;
mod upkeep;
mod view;
mod witnessed;

pub use backup::{CopyError, CopyReport, check_copy, copy_database, copy_root_at};
pub use card_status::{CardDecision, StoredStatusList};
pub use case_note::{CASE_NOTE_LETTERS_MAX, CaseNote};
pub use console::{
    AccountId, ConsoleAct, NoAccountId, Office, Revoked, StoredAccount, StoredLink, StoredPasskey,
    StoredSession,
};
pub use console_key::StoredConsoleKey;
pub use device::{
    ChainTip, Grants, LoggedEvent, NewRevocation, ParkedGroup, RevokedWhen, StoredDevice,
    StoredTicket, TicketVerdict, Told,
};
pub use draft::{Draft, DraftEnd, DraftId, NoDraftId};
pub use error::{AppendError, OpenError, StorageError};
pub use gate::{Fate, Gate};
pub use ledger_entry::{ClosingRows, CorrectionRow, EntryRow, StoredTranche};
pub use log::{
    Appended, LoggedCard, NewCard, NewEvent, NewLeaf, ParkedEvent, SequencedBatch,
    StoredCheckpoint, StoredLeaf,
};
pub use parcel::StoredParcel;
pub use restore::{LostLeaf, OpenedLeaves, RestoreError, Restored, RestoredDevice, RestoredMonth};
pub use retention::{Dropped, RetentionCut};
pub use store::Store;
pub use view::{NewViews, StoredView, ViewsOf};
pub use witnessed::{StoredCosignature, StoredTrustList};
