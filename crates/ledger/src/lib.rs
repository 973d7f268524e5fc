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
//! The fold has editions ([`FoldEdition`]), and which one reads a month is a dated rule. The first
//! knows scans, withdrawals and the families' answers. The second reads absences with their documents,
//! corrections, cancelled and moved lessons, decisions about disputes, conflicts across providers,
//! confirmations by proxy and, where the rules say so, by silence.
//!
//! Absent for now, so nobody reads it into the sums: transfer between providers inside the fold (one
//! contract a voucher; [`accrual::caps_calendar`] has the arithmetic), suspension, adjustments of
//! closed months.
//!
//! Rules that nothing feeds yet: [`month_steps`] (R4), [`suspension`] (R6) and [`voucher`] (R7) decide,
//! and the records that would ask them are not in the log.
//!
//! # Invariants
//! - Every sum is a whole number of tiyn ([`Tiyn`]); arithmetic is checked or does not compile.
//! - For every voucher and month `P = A + H + W`; only a [`Balanced`] carries the four numbers.
//! - A voucher is paid at most once for a lesson, and only if a family's own device said so, if the
//!   district decided a dispute for the visit with a ground and a document, if a document excuses the
//!   absence (up to the share of the rules), or, where the rules say so, if the family was silent.
//! - A month that was closed under the first edition comes out the same for ever.
//! - An event after the first `MonthClose` of its month changes nothing of that month.
//! - A month rests on the newest snapshot in the log before the leaf that closes it ([`Snapshots`]).
//! - No number of the rules is a constant here: all are in [`Params`].
//!
//! Start at [`compute_tranche`], then [`MonthFold`].
#![forbid(unsafe_code)]
#![deny(clippy::arithmetic_side_effects, clippy::float_arithmetic)]

pub mod accrual;
mod amendment;
mod calendar;
mod case;
mod close;
mod difference;
pub mod export;
mod money;
mod params;
mod payment;
mod registry;
mod sheet;
mod snapshot;
mod snapshots;
mod steps;
mod summary;
pub mod suspension;
mod times;
mod tranche;
mod visit;
pub mod voucher;
mod what_if;

pub use accrual::{AmountError, Attendance, Balanced, Term};
pub use amendment::{Amendment, AmendmentRefusal, Change};
pub use calendar::{Calendar, Month, MonthError, ShippedCalendar, Weekday, local_day, local_ms};
pub use case::{Case, CaseCalendar, CaseParams, CaseRefusal, CaseResult, CaseRow, CaseSegment};
pub use close::closable_from_ms;
pub use difference::first_difference;
pub use money::Tiyn;
pub use params::{Basis, FoldEdition, Params, ParamsTable, PayoutPolicy, SplitMode};
pub use payment::{PaymentRefusal, PaymentState, PaymentStatus, payments};
pub use registry::{Registry, RegistryError, RegistryLine};
pub use sheet::{DayCode, MonthFold, SheetDay, SheetRow};
pub use snapshot::{
    Contract, Group, Issuer, Lesson, NarrowerRules, Provider, SNAPSHOT_VERSION, Scope, Snapshot,
    SnapshotError,
};
pub use snapshots::{Closed, LoggedSnapshot, SnapshotOrderError, Snapshots};
pub use steps::{Holder, MonthStep, StepDays, StepDeadline, current_step, month_steps};
pub use summary::{AssuranceShares, MonthSummary, ProviderSummary, summarise};
pub use times::{VisitTimes, visit_times};
pub use tranche::{
    TRANCHE_VERSION, Totals, Tranche, TrancheBasis, TrancheError, TrancheLine, TrancheRejection,
    UnpaidDay, compute_tranche,
};
pub use visit::{
    Absence, Aside, AsideReason, Assurance, Decision, Excuse, FoldError, LoggedEvent, Standing,
    Visit,
};
pub use what_if::{ComparedLine, Sums, TriedParameter, WhatIf, WhatIfError, what_if};
