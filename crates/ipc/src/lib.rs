//! The shapes between the UI and its shell: commands in, views out.
//!
//! Absent on purpose: keys, signatures, storage and rules. A view holds what a screen shows and
//! nothing that a screen would have to verify. Both ends ship together, so these shapes may change
//! freely.
//!
//! # Invariants
//! - Every command has one variant in [`Request`] and one name in [`COMMANDS`].
//! - Times are milliseconds since 1970-01-01T00:00Z; sums are whole tiyn; ids and hashes are
//!   lower-case hexadecimal.
//! - A refusal is a value ([`ScanView`] with [`Outcome::Refused`]); [`ErrorView`] is for what could
//!   not be done at all.
//!
//! Start at [`Request`].
#![forbid(unsafe_code)]

mod absence;
mod alarm;
mod carry;
mod code;
mod completeness;
mod device;
mod error;
mod export;
mod month;
mod picture;
mod place;
mod request;
mod screens;
mod seen_by;
mod sheet;
mod sync;
mod visit;

pub use absence::{
    AbsenceOutcome, AbsenceReason, AbsenceView, DocumentKeptView, DocumentView, InsideView,
    TermsView, Withdrawal, WithdrawnView,
};
pub use alarm::{AlarmCode, AlarmView};
pub use carry::{
    CarrierView, CarryFileView, CarryImportView, CollectView, DamageView, HubSyncView, HubView,
    KnownHubView, ParcelState, ParcelView,
};
pub use code::{CodeView, DelegateState, DelegateView, PaperCardView};
pub use completeness::{CompletenessView, EntryFault, EntryKind, EntryView, FaultView, MadeView};
pub use device::{
    ChoiceView, ChoicesView, DeviceView, ParkedReason, ParkedView, RevokeReason, RevokedView,
    TicketView,
};
pub use error::{ErrorCode, ErrorView};
pub use export::ExportView;
pub use month::{
    BoardView, Finding, MonthState, MonthView, ProviderMonthView, UndecidedView, VisitTimesView,
    VolumeView,
};
pub use picture::{DayCell, DayRowView, DaysView};
pub use place::{PlaceAnswer, PlaceAnsweredView, PlaceState, PlaceView};
pub use request::{COMMANDS, DAYS_AHEAD_MAX, LessonChange, Request};
pub use screens::{Brought, CollectedView, FramesView};
pub use seen_by::{SeenByView, SeenWhat, SeenWho};
pub use sheet::{DayState, SheetDayView, SheetView, SignTime, SignedView};
pub use sync::{NextSyncView, NextSyncWhy, OwnParkedView, RosterComingView};
pub use visit::{
    Answer, Cancelled, ClockCode, ClockView, ErrorCodeText, LessonState, LessonView, Mark, Outcome,
    ProofView, Reason, RefusalCode, RevokedCardsView, Role, RosterRowView, RosterView, SavedView,
    ScanSource, ScanView, StatusView, SyncView, TodayView, VisitView,
};
