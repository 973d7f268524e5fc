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
//! A voucher may have several places: [`Snapshot::after`] puts transfers and ended providers of the log
//! into the contracts, and the fold gives each place a row and a line. [`Standings`] says whose earnings
//! are held. What is decided about a closed month stands as [`Correction`]s in the next one's tranche:
//! [`compute_closed`] adds them, [`Accounts`] is the walk behind it. Who signed which sheet and act is a
//! fold of its own beside the money: [`signing`].
//!
//! A year's volume of the order stands in the snapshot with its corrections, and
//! [`report::budget_report`] says where it is. [`admission`] says which providers may get contracts.
//!
//! Where every voucher stands, from its entry to its end, is a fold of its own too ([`VoucherRegister`]); only
//! its end bears on contracts.
//!
//! # Invariants
//! - Every sum is a whole number of tiyn ([`Tiyn`]); arithmetic is checked or does not compile.
//! - For every voucher and month `P = A + H + W`; only a [`Balanced`] carries the four numbers.
//! - A voucher is paid at most once for a lesson, and only if a family's own device said so, if the
//!   district decided a dispute for the visit with a ground and a document, if a document excuses the
//!   absence (up to the share of the rules), or, where the rules say so, if the family was silent.
//! - A month that was closed under the first edition comes out the same for ever.
//! - An event after the first `MonthClose` of its month changes nothing of that month.
//! - A closed month's tranche stays; later decisions are corrections in later tranches, and no line ever
//!   leaves its plan.
//! - Volumes, their corrections and admissions are added to: no later snapshot edits one.
//! - A month rests on the newest snapshot in the log before the leaf that closes it ([`Snapshots`]).
//! - No number of the rules is a constant here: all are in [`Params`].
//!
//! Start at [`compute_tranche`], then [`MonthFold`].
#![forbid(unsafe_code)]
#![deny(clippy::arithmetic_side_effects, clippy::float_arithmetic)]

mod account;
pub mod accrual;
pub mod admission;
mod amendment;
mod bin;
mod calendar;
mod case;
mod close;
mod contingent;
mod correction;
mod difference;
pub mod export;
mod iin;
mod money;
mod params;
mod payment;
mod payment_file;
mod register;
mod registry;
pub mod report;
mod sheet;
pub mod signals;
pub mod signing;
mod snapshot;
mod snapshots;
mod standings;
mod steps;
mod summary;
pub mod suspension;
mod tally;
mod times;
mod tranche;
mod transfer;
mod undecided;
mod visit;
pub mod voucher;
mod what_if;

pub use account::{
    Account, Accounts, DecisionRefusal, RefusedDecision, SettledMonth, compute_closed,
};
pub use accrual::{AmountError, Attendance, Balanced, Term};
pub use amendment::{Amendment, AmendmentRefusal, Change};
pub use bin::{Bin, BinError};
pub use calendar::{Calendar, Month, MonthError, ShippedCalendar, Weekday, local_day, local_ms};
pub use case::{Case, CaseCalendar, CaseParams, CaseRefusal, CaseResult, CaseRow, CaseSegment};
/// A day of the calendar, local of UTC+5.
pub use chrono::NaiveDate as Day;
pub use close::closable_from_ms;
pub use contingent::Contingent;
pub use correction::{Correction, CorrectionCause, Due};
pub use difference::{first_difference, head_difference, line_difference, sums_difference};
pub use iin::{Iin, IinError};
pub use money::Tiyn;
pub use params::{Basis, CorrectionParams, FoldEdition, Params, PayoutPolicy, SplitMode};
pub use payment::{PaymentRefusal, PaymentState, PaymentStatus, payments};
pub use payment_file::{
    JudgedPayment, MonthDues, PAYMENT_DOCUMENT_LETTERS_MAX, PaymentColumns, PaymentRow,
    PaymentRowRefusal, PaymentVerdict, ProviderDue,
};
pub use register::{RegisterRefusal, VoucherEvent, VoucherOutcome, VoucherRecord, VoucherRegister};
pub use registry::{
    Registry, RegistryDigest, RegistryDue, RegistryError, RegistryLine, RegistryWithheld,
    RegistryWriter,
};
pub use sheet::{DayCode, MonthFold, SheetDay, SheetRow};
pub use snapshot::{
    Budget, BudgetCorrection, Contract, Group, Issuer, Lesson, NarrowerRules, Provider,
    SNAPSHOT_VERSION, Scope, Segment, Snapshot, SnapshotError,
};
pub use snapshots::{Closed, LoggedSnapshot, SnapshotOrderError, Snapshots};
pub use standings::{StandingEvent, Standings, StepRefusal, day_of_number, number_of_day};
pub use steps::{Holder, MonthStep, StepDays, StepDeadline, current_step, month_steps};
pub use summary::{AssuranceShares, MonthSummary, ProviderSummary, summarise};
pub use tally::{Again, ClosedMonth, Running, SparseTally, Tally};
pub use times::{VisitTimes, visit_times};
pub use tranche::{
    LineKey, TRANCHE_VERSION, Totals, Tranche, TrancheBasis, TrancheError, TrancheLine,
    TrancheRejection, UnpaidDay, compute_tranche,
};
pub use transfer::{Moved, TransferEvent, TransferRefusal};
pub use undecided::{UndecidedVisit, UndecidedWhy, undecided};
pub use visit::{
    Absence, Aside, AsideReason, Assurance, Decision, Excuse, FoldError, LoggedEvent, Standing,
    TimetableLesson, Visit,
};
pub use what_if::{ComparedLine, Sums, TriedParameter, WhatIf, WhatIfError, what_if};
