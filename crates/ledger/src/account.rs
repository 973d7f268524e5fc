//! Every closed month of a log and what was decided about it since: the walk behind the corrections.
//!
//! Months are taken in the order in which they were closed. Between two closes the decisions of the
//! log are taken in its order: a cure that lets payments go on, a release of held money, an
//! adjustment. What they move stands in the tranche of the later close. Each line keeps A, H and W of
//! its part, and a decision moves only what is there: nothing is paid twice.

use std::collections::BTreeMap;

use attendance::{ChildId, EventKind, ProviderId, VoucherId};

use crate::calendar::Month;
use crate::correction::{Correction, Due};
use crate::money::Tiyn;
use crate::snapshots::Snapshots;
use crate::tranche::{
    LineKey, Tranche, TrancheBasis, TrancheError, TrancheLine, compute_tranche, due_of,
};
use crate::visit::LoggedEvent;

mod walk;

use walk::Walk;

/// Why a decision about a closed month changes nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DecisionRefusal {
    /// By a device that is not a coordinator's of the district.
    #[error("only a coordinator of the district decides about held money and closed months")]
    NotACoordinator,
    /// Fields are missing or do not fit the kind.
    #[error("the event has not the form of its kind")]
    Form,
    /// The month has no line of this voucher, or is not closed yet.
    #[error("the voucher has no line in a closed month: an open one needs no correction")]
    NotClosed,
    /// Nothing of it is held.
    #[error("nothing of it is held")]
    NothingHeld,
    /// So much needs a second coordinator, who names this event.
    #[error("{held} tenge are held: a second coordinator must agree, from another device")]
    SecondPerson {
        /// H.
        held: Tiyn,
    },
    /// It names an event that is not the first half of this decision.
    #[error("it names no first decision of the same content")]
    OtherDecision,
    /// The month lies too far back, or in another year (rule 28).
    #[error("{month} can no longer be adjusted: only in the {most} months after it, of its year")]
    TooLate {
        /// The closed month.
        month: Month,
        /// In how many later months it can be.
        most: u32,
    },
    /// Computed again it comes to the same.
    #[error("computed again, the month comes to the same")]
    NoDifference,
}

/// A decision that changed nothing, and why.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RefusedDecision {
    /// Its leaf.
    pub leaf: u64,
    /// Why.
    pub why: DecisionRefusal,
}

/// What a line's part is now, in tiyn: A, H and W sum to its plan.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Account {
    /// The child.
    pub child: ChildId,
    /// The line's plan.
    pub plan: Tiyn,
    /// A.
    pub accrued: Tiyn,
    /// H because payments are suspended.
    pub suspended: Tiyn,
    /// H that waits for another decision.
    pub waiting: Tiyn,
    /// True if a cure does not release it: the service was at a wrong address (rule 39).
    pub locked: bool,
    /// What a person let through of what waited.
    paid: Tiyn,
    /// What a person gave back of what waited.
    returned: Tiyn,
    /// What a person gave back of what was suspended.
    forgone: Tiyn,
}

impl Account {
    fn of(line: &TrancheLine, locked: bool) -> Self {
        let suspended = line.suspended.unwrap_or_default();
        Self {
            child: line.child,
            plan: line.plan,
            accrued: line.accrued,
            suspended,
            waiting: minus(line.held, suspended),
            locked: locked && suspended > Tiyn::ZERO,
            paid: Tiyn::ZERO,
            returned: Tiyn::ZERO,
            forgone: Tiyn::ZERO,
        }
    }

    /// H.
    #[must_use]
    pub fn held(&self) -> Tiyn {
        plus(self.suspended, self.waiting)
    }

    /// W.
    #[must_use]
    pub fn released(&self) -> Tiyn {
        minus(minus(self.plan, self.accrued), self.held())
    }

    /// Payments go on: what was held for the suspension is due.
    fn cure(self) -> Self {
        let accrued = plus(self.accrued, self.suspended);
        Self { accrued, suspended: Tiyn::ZERO, ..self }
    }

    /// A person lets all that is held through.
    fn pay(self) -> Self {
        Self { waiting: Tiyn::ZERO, paid: plus(self.paid, self.waiting), ..self.cure() }
            .with_accrued(plus(self.accrued, self.held()))
    }

    fn with_accrued(self, accrued: Tiyn) -> Self {
        Self { accrued, ..self }
    }

    /// A person gives all that is held back.
    fn give_back(self) -> Self {
        Self {
            suspended: Tiyn::ZERO,
            waiting: Tiyn::ZERO,
            returned: plus(self.returned, self.waiting),
            forgone: plus(self.forgone, self.suspended),
            ..self
        }
    }

    /// The month was computed again: `line` has what is earned and what waits now. What persons
    /// decided stays decided, as far as there is still something it was decided about. While payments
    /// are suspended nothing more is let through than is already.
    fn adjust(self, line: &TrancheLine, is_suspended: bool) -> Self {
        let paid = self.paid.min(line.held);
        let earned = plus(line.accrued, paid);
        let earned = minus(earned, self.forgone.min(earned));
        let waiting = minus(line.held, paid);
        let waiting = minus(waiting, self.returned.min(waiting));
        let holds = is_suspended || self.suspended > Tiyn::ZERO;
        let accrued = if holds { earned.min(self.accrued) } else { earned };
        Self { accrued, suspended: minus(earned, accrued), waiting, ..self }
    }
}

/// A month as it was closed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SettledMonth {
    /// The month.
    pub month: Month,
    /// The leaf that closed it.
    pub close: u64,
    /// Its lines.
    pub lines: Vec<TrancheLine>,
    /// What was decided about months closed before it, since the close before this one.
    pub corrections: Vec<Correction>,
    /// What is due to providers that have corrections or a debt.
    pub dues: Vec<Due>,
}

impl SettledMonth {
    /// Gives what the Treasury is to pay to each provider, as [`Tranche::due`].
    #[must_use]
    pub fn due(&self) -> BTreeMap<ProviderId, Tiyn> {
        due_of(&self.lines, &self.dues)
    }
}

/// The closed months of a log, oldest close first, and where each line of them stands now.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Accounts {
    /// The months, in the order of their closes.
    pub months: Vec<SettledMonth>,
    /// What is decided already and will stand in the next tranche.
    pub next: Vec<Correction>,
    /// Where each line stands.
    pub lines: BTreeMap<(Month, LineKey), Account>,
    /// What providers still owe from corrections; below zero.
    pub debts: BTreeMap<ProviderId, Tiyn>,
    /// Decisions that changed nothing, in the log's order.
    pub refused: Vec<RefusedDecision>,
}

impl Accounts {
    /// Walks the first `size` leaves of a log.
    ///
    /// # Errors
    /// [`TrancheError`] if a month cannot be folded or a sum does not fit.
    pub fn of(
        history: &Snapshots,
        events: &[LoggedEvent],
        size: u64,
    ) -> Result<Self, TrancheError> {
        Walk::over(history, events, size)
    }

    /// Lists the lines of a voucher, oldest month first.
    pub fn of_voucher(
        &self,
        voucher: VoucherId,
    ) -> impl Iterator<Item = (Month, LineKey, &Account)> {
        let own = self.lines.iter().filter(move |((_, key), _)| key.1 == voucher);
        own.map(|((month, key), account)| (*month, *key, account))
    }
}

/// Computes the tranche of a closed month with the corrections that stand in it. `basis.tree_size` is
/// one more than the leaf that closes the month.
///
/// # Errors
/// [`TrancheError`] as for [`compute_tranche`].
pub fn compute_closed(
    history: &Snapshots,
    events: &[LoggedEvent],
    month: Month,
    basis: TrancheBasis,
) -> Result<Tranche, TrancheError> {
    let size = basis.tree_size;
    let rests_on = &history.before(size.saturating_sub(1)).snapshot;
    let tranche = compute_tranche(rests_on, events, month, basis)?;
    if is_decided(events, size) { with_corrections(tranche, history, events) } else { Ok(tranche) }
}

/// Says whether something in a log may move money of a closed month.
pub(crate) fn is_decided(events: &[LoggedEvent], size: u64) -> bool {
    events.iter().any(|one| one.index < size && decides(one.event.kind))
}

/// Adds the corrections that stand in a tranche. `events` are all of the log's.
pub(crate) fn with_corrections(
    tranche: Tranche,
    history: &Snapshots,
    events: &[LoggedEvent],
) -> Result<Tranche, TrancheError> {
    let (month, size) = (tranche.month, tranche.tree_size);
    let (corrections, dues) = corrections_of(history, events, month, size)?;
    Ok(Tranche { corrections, dues, ..tranche })
}

/// What stands in a tranche beside its lines.
type Corrected = (Option<Vec<Correction>>, Option<Vec<Due>>);

/// Gives the corrections that stand in a month's tranche, and what is due after them. `events` are all of
/// the log's, of whose leaves the tranche rests on the first `size`.
pub(crate) fn corrections_of(
    history: &Snapshots,
    events: &[LoggedEvent],
    month: Month,
    size: u64,
) -> Result<Corrected, TrancheError> {
    let accounts = Accounts::of(history, events, size)?;
    let settled = accounts.months.into_iter().find(|one| one.month == month);
    let (corrections, dues) = settled.map(|one| (one.corrections, one.dues)).unwrap_or_default();
    let corrections = Some(corrections).filter(|all| !all.is_empty());
    Ok((corrections, Some(dues).filter(|all| !all.is_empty())))
}

/// Says whether an event may move money of a month that is closed already.
fn decides(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::GroundCured
            | EventKind::ProviderTerminate
            | EventKind::HoldRelease
            | EventKind::Adjust
    )
}

/// Sums of one line: they lie between nothing and its plan, which fits.
fn plus(one: Tiyn, other: Tiyn) -> Tiyn {
    Tiyn(one.0.saturating_add(other.0))
}

fn minus(one: Tiyn, other: Tiyn) -> Tiyn {
    Tiyn(one.0.saturating_sub(other.0))
}
