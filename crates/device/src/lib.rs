//! The phone's store and its few verbs: one SQLite file, one key, one chain.
//!
//! Absent on purpose: the network (a [`sync side`](Device::outbox) hands out rows and takes answers),
//! threads, clocks and randomness ([`Clock`] and [`seal::Signer`] are handed in), and screens. Not
//! here yet: encryption of the file, status lists (a reissued card's predecessor is still accepted), and
//! time anchors.
//!
//! # Invariants
//! - Each verb is one transaction: verify → roster → event → chain head → outbox. It returns after
//!   the commit, or nothing was kept.
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
//! - A list of revoked devices and a renewed certificate are verified, and never replaced by older ones.
//! - What was verified when it was kept is read back without asking the clock again: an ended key,
//!   a stale list or an old roster refuses no child.
//!
//! Start at [`Device::open`], then [`Device::record_scan`], then [`Device::store_receipts`].
#![forbid(unsafe_code)]

mod alarm;
mod answer;
mod cache;
mod clock;
mod completeness;
mod device;
mod enrolment;
mod entry;
mod export;
mod history;
mod lesson;
mod life;
mod log;
mod mark;
mod month;
mod outbox;
mod proof;
mod quorum;
mod receipt;
mod record;
mod scan;
mod statement;
mod status;
mod store;
mod tags;
#[cfg(test)]
mod tests;
mod visit;
mod visit_seen;

pub use alarm::{Alarm, AlarmCode};
pub use cache::Cached;
pub use clock::{Clock, Reading};
pub use completeness::{Completeness, EntryKind, Made, MissingEntry, MissingWhy, OwnEntry};
pub use device::{Device, OpenError};
pub use enrolment::{EnrolError, Enrolled, Enrolment};
pub use entry::SeenEntry;
pub use export::{Export, KeptLeaf};
pub use history::{Followed, Growth, GrowthProof};
pub use lesson::{LessonRow, LessonState};
pub use log::ReceiptError;
pub use mark::Mark;
pub use outbox::{OutboxRow, ParkedRow, Verdict};
pub use proof::{GrowthStep, Proof, WitnessedLater};
pub use quorum::quorum_of;
pub use record::RecordError;
pub use scan::{Outcome, Recorded, Refusal};
pub use statement::{SeenStatement, Statement, StatementError};
pub use status::DeviceStatus;
pub use store::StoreError;
pub use tags::{SeenTagList, TagsError};
pub use visit::{Answer, Visit, VisitRow};
pub use visit_seen::SeenVisit;
