//! The ledger: a fold over the log that says what each voucher's month has earned, to the tiyn.
//!
//! In prose: the [`Snapshot`] says who learns where, when, for how much, and under which dated
//! [`Params`]. The log says who came and what the families answered. [`MonthFold`] turns both into
//! visits and sheet rows; [`compute_tranche`] turns the rows into a [`Tranche`], the statement that
//! is signed and logged; [`Registry`] is what the Treasury is handed; [`payments`] says which lines
//! of it the Treasury has paid. The same bytes in give the same bytes out, anywhere, for ever.
//!
//! Absent on purpose: signatures and chains (a [`LoggedEvent`] was verified before it got here),
//! storage, a clock, floating-point numbers, names of children and IINs.
//!
//! A voucher may have several places: [`Snapshot::after`] puts transfers and ended providers of the log
//! into the contracts, and the fold gives each place a row and a line. [`Standings`] says whose earnings
//! are held. What is decided about a closed month stands as [`Correction`]s in the next one's tranche:
//! [`compute_closed`] adds them, [`Accounts`] is the walk behind it.
//!
//! Absent for now, so nobody reads it into the sums: documents for absences (no lesson of the fold is
//! excused, though [`accrual`] takes the number), lessons moved or cancelled by the provider, the manual
//! share of a group (only the child's is held), scopes of parameters below the issuer, and `Correct` and
//! `Absent` events, which change no sum.
//!
//! Rules that the log feeds in part: [`voucher`] (R7) knows offers and bookings, which are not logged.
//!
//! # Invariants
//! - Every sum is a whole number of tiyn ([`Tiyn`]); arithmetic is checked or does not compile.
//! - For every voucher and month `P = A + H + W`; only a [`Balanced`] carries the four numbers.
//! - A voucher is paid at most once for a lesson, and only if a family's own device said so.
//! - An event after the first `MonthClose` of its month changes nothing of that month.
//! - A closed month's tranche stays; later decisions are corrections in later tranches, and no line ever
//!   leaves its plan.
//! - A month rests on the newest snapshot in the log before the leaf that closes it ([`Snapshots`]).
//! - No number of the rules is a constant here: all are in [`Params`].
//!
//! Start at [`compute_tranche`], then [`MonthFold`].
#![forbid(unsafe_code)]
#![deny(clippy::arithmetic_side_effects, clippy::float_arithmetic)]

mod account;
pub mod accrual;
mod amendment;
mod calendar;
mod case;
mod close;
mod correction;
mod difference;
pub mod export;
mod money;
mod params;
mod payment;
mod registry;
pub mod report;
mod sheet;
mod snapshot;
mod snapshots;
mod standings;
mod steps;
mod summary;
pub mod suspension;
mod times;
mod tranche;
mod transfer;
mod visit;
pub mod voucher;
mod what_if;

pub use account::{
    Account, Accounts, DecisionRefusal, RefusedDecision, SettledMonth, compute_closed,
};
pub use accrual::{AmountError, Attendance, Balanced, Term};
pub use amendment::{Amendment, AmendmentRefusal, Change};
pub use calendar::{Calendar, Month, MonthError, Weekday, local_day, local_ms};
pub use case::{Case, CaseCalendar, CaseParams, CaseRefusal, CaseResult, CaseRow, CaseSegment};
/// A day of the calendar, local of UTC+5.
pub use chrono::NaiveDate as Day;
pub use close::closable_from_ms;
pub use correction::{Correction, CorrectionCause, Due};
pub use difference::first_difference;
pub use money::Tiyn;
pub use params::{Basis, CorrectionParams, Params, ParamsTable, PayoutPolicy, SplitMode};
pub use payment::{PaymentRefusal, PaymentState, PaymentStatus, payments};
pub use registry::{Registry, RegistryDue, RegistryError, RegistryLine};
pub use sheet::{DayCode, MonthFold, SheetDay, SheetRow};
pub use snapshot::{
    Contract, Group, Issuer, Lesson, Provider, SNAPSHOT_VERSION, Segment, Snapshot, SnapshotError,
};
pub use snapshots::{Closed, LoggedSnapshot, SnapshotOrderError, Snapshots};
pub use standings::{StandingEvent, Standings, StepRefusal, day_of_number, number_of_day};
pub use steps::{Holder, MonthStep, StepDays, StepDeadline, current_step, month_steps};
pub use summary::{MonthSummary, ProviderSummary, summarise};
pub use times::{VisitTimes, visit_times};
pub use tranche::{
    LineKey, TRANCHE_VERSION, Totals, Tranche, TrancheBasis, TrancheError, TrancheLine,
    TrancheRejection, UnpaidDay, compute_tranche,
};
pub use transfer::{Moved, TransferEvent, TransferRefusal};
pub use visit::{Aside, AsideReason, FoldError, LoggedEvent, Standing, Visit};
pub use what_if::{ComparedLine, Sums, TriedParameter, WhatIf, WhatIfError, what_if};
