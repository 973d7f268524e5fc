//! The phone's store and its few verbs: one SQLite file, one key, one chain.
//!
//! Absent on purpose: the network (a [`sync side`](Device::outbox) hands out rows and takes answers),
//! threads, clocks and randomness ([`Clock`] and [`seal::Signer`] are handed in), and screens.
//!
//! # Invariants
//! - Each verb is one transaction: verify → roster → event → chain head → outbox. It returns after
//!   the commit, or nothing was kept.
//! - *Carried* is a carrier's verified word and nothing more: such an event stays in the outbox
//!   ([`Device::store_carried`]).
//! - Events, deliveries, receipts, checkpoints and alarms are only ever added (triggers hold it).
//! - The queue is a pure function of stored events, deliveries and receipts (the view
//!   `event_state`); the chain head is the last event. Neither is stored a second time.
//! - An event is acknowledged only by a receipt that was verified here: log key from the trust list,
//!   this event as the leaf, the checkpoint's size and root. What fails raises an [`Alarm`] that is
//!   kept, and the event stays unacknowledged.
//! - On a parent's device a child's list is complete up to a leaf if verified tag lists cover every
//!   leaf before it, and every leaf they name is here with its proof ([`Device::completeness`]).
//! - A checkpoint counts once it is linked by a consistency proof with the newest one before it, so that
//!   all that was ever accepted is one history ([`Device::follow`]). A key that signed two is believed
//!   no more.
//! - A signed time counts if it repeats what this device asked with ([`Device::take_anchor`]). Validity is
//!   judged by the best known time ([`Device::best_now_ms`]); an event carries the wall clock as it is.
//! - A roster that comes in pieces is in force when it is whole, has its name and its signature holds; the
//!   old one is until then ([`Device::keep_roster_piece`]).
//! - The status list never goes back, refuses a card that it names and no other; its age refuses nobody.
//! - One position of the chain is never signed twice: while it is not certain where the chain stands,
//!   nothing is signed ([`Device::doubt`]).
//! - A list of revoked devices and a renewed certificate are verified, and never replaced by older ones.
//! - A mark is taken back by a later event of the same device, and by no other; what follows is computed
//!   when it is shown ([`Device::register`]).
//! - A rotating code counts once on this device: what was recorded by it says so, and nothing beside that
//!   ([`Device::record_scan`]).
//! - What was verified when it was kept is read back without asking the clock again: an ended key,
//!   a stale list or an old roster refuses no child.
//!
//! Start at [`Device::open`], then [`Device::record_scan`], then [`Device::store_receipts`].
#![forbid(unsafe_code)]

mod absence;
mod alarm;
mod anchor;
mod answer;
mod answer_seen;
mod cache;
mod carried;
mod clock;
mod clock_state;
mod completeness;
mod database_key;
mod decision;
mod device;
mod document;
mod enrolment;
mod entry;
mod export;
mod headcount;
mod history;
mod leaving;
mod lesson;
mod lesson_change;
mod life;
mod log;
mod mark;
mod month;
mod month_sheet;
mod news;
mod outbox;
mod own_parcel;
mod parcel;
mod proof;
mod quorum;
mod receipt;
mod record;
mod register;
mod roster_coming;
mod salvage;
mod saved;
mod scan;
mod seen;
mod shown_code;
mod signing;
mod standing;
mod statement;
mod status;
mod status_list;
mod store;
mod tags;
#[cfg(test)]
mod tests;
mod told;
mod visit;
mod visit_seen;
mod voucher;
mod withdraw;

pub use absence::{Absence, AbsenceOutcome};
pub use alarm::{Alarm, AlarmCode};
pub use anchor::{AnchorError, Asked};
pub use cache::Cached;
pub use carried::{CarriedError, Carrier};
pub use clock::{Clock, Reading};
pub use clock_state::{ClockLimits, ClockState};
pub use completeness::{Completeness, EntryKind, Made, MissingEntry, MissingWhy, OwnEntry};
pub use database_key::DatabaseKey;
pub use decision::MoneyDecision;
pub use device::{Device, OpenError};
pub use document::{DOCUMENT_MAX_BYTES, Document, DocumentError, Media};
pub use enrolment::{EnrolError, Enrolled, Enrolment};
pub use entry::SeenEntry;
pub use export::{Export, KeptLeaf};
pub use history::{Followed, Growth, GrowthProof};
pub use lesson::{LessonRow, LessonState};
pub use lesson_change::{LessonChange, VisitDecision};
pub use log::ReceiptError;
pub use mark::Mark;
pub use month_sheet::{DayStanding, MonthSheet, MonthSigned, SheetDay};
pub use news::{Heard, News, Told};
pub use outbox::{EventState, OutboxRow, ParkedRow, Verdict};
pub use own_parcel::OwnParcel;
pub use parcel::{MadeParcel, ParcelError, TakenAnswer};
pub use proof::{GrowthStep, Proof, WitnessedLater};
pub use quorum::quorum_of;
pub use record::RecordError;
pub use register::{AbsenceRow, Inside, RegisterRow};
pub use roster_coming::{
    ComingPiece, ROSTER_COMING_MAX_BYTES, ROSTER_PIECE_MIN_BYTES, RosterComing, RosterPieceError,
};
pub use salvage::SalvageError;
pub use saved::{ChainEnd, Doubt, Saved};
pub use scan::{Outcome, Recorded, Refusal};
pub use seen::SeenVisit;
pub use shown_code::{PaperCard, ShownCode};
pub use signing::SheetDecision;
pub use standing::Standing;
pub use statement::{SeenStatement, Statement, StatementError};
pub use status::DeviceStatus;
pub use status_list::{StatusError, StatusKept};
pub use store::StoreError;
pub use tags::{SeenTagList, TagsError};
pub use told::Withdrawn;
pub use visit::{Answer, Visit, VisitRow};
pub use voucher::{VoucherAnswer, VoucherAnswered, VoucherSet};
pub use withdraw::UNDO_MS;
