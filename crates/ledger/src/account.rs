//! Every closed month of a log and what was decided about it since: the walk behind the corrections.
//!
//! Months are taken in the order in which they were closed. Between two closes the decisions of the
//! log are taken in its order: a cure that lets payments go on, a release of held money, an
//! adjustment. What they move stands in the tranche of the later close. Each line keeps A, H and W of
//! its part, and a decision moves only what is there: nothing is paid twice.

use std::collections::BTreeMap;

use attendance::{ChildId, Decision, DeviceId, EventKind, ProviderId, VoucherId};
use chrono::Datelike;
use seal::Hash;

use crate::accrual::AmountError;
use crate::calendar::Month;
use crate::correction::{Correction, CorrectionCause, Due};
use crate::money::Tiyn;
use crate::params::{CorrectionParams, Params};
use crate::sheet::MonthFold;
use crate::snapshot::Snapshot;
use crate::snapshots::{Closed, Snapshots};
use crate::standings::Standings;
use crate::tranche::{
    LineKey, Tranche, TrancheBasis, TrancheError, TrancheLine, compute_tranche, due_of, lines,
};
use crate::visit::{FoldError, LoggedEvent};

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
        let months = history.months().into_iter();
        let closes = months.filter_map(|month| Some((month, history.closed(events, month)?)));
        let mut closes: Vec<(Month, Closed<'_>)> =
            closes.filter(|(_, closed)| closed.leaf < size).collect();
        closes.sort_by_key(|(_, closed)| closed.leaf);
        let mut events: Vec<&LoggedEvent> =
            events.iter().filter(|logged| logged.index < size).collect();
        events.sort_by_key(|logged| logged.index);
        let mut walk = Walk { events, closes, done: Self::default(), halves: BTreeMap::new() };
        for at in 0..walk.closes.len() {
            walk.close(at)?;
        }
        walk.trail(history, size)?;
        Ok(walk.done)
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
    let mut tranche = compute_tranche(rests_on, events, month, basis)?;
    let decided = |one: &LoggedEvent| one.index < size && decides(one.event.kind);
    if events.iter().any(decided) {
        let accounts = Accounts::of(history, events, size)?;
        let settled = accounts.months.into_iter().find(|one| one.month == month);
        if let Some(SettledMonth { corrections, dues, .. }) = settled {
            tranche.corrections = Some(corrections).filter(|all| !all.is_empty());
            tranche.dues = Some(dues).filter(|all| !all.is_empty());
        }
    }
    Ok(tranche)
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

struct Walk<'a> {
    events: Vec<&'a LoggedEvent>,
    closes: Vec<(Month, Closed<'a>)>,
    done: Accounts,
    /// First decisions that wait for a second person.
    halves: BTreeMap<Hash, (DeviceId, VoucherId, Month, Decision)>,
}

/// What the decisions between two closes are judged by.
struct Scene<'a> {
    snapshot: &'a Snapshot,
    standings: Standings,
    rules: CorrectionParams,
    /// The month whose tranche they stand in, if it is known.
    lands_in: Option<Month>,
}

impl<'a> Walk<'a> {
    fn close(&mut self, at: usize) -> Result<(), TrancheError> {
        let Some((month, closed)) = self.closes.get(at).copied() else { return Ok(()) };
        let snapshot = &closed.rests_on.snapshot;
        let params = snapshot.rules(month).ok_or(FoldError::NoRules { month })?;
        let before = at.checked_sub(1).and_then(|at| self.closes.get(at));
        let after = before.map(|(_, closed)| closed.leaf);
        let corrections = self.decide(snapshot, params, Some(month), after, closed.leaf)?;
        let prefix = self.until(closed.leaf.saturating_add(1)).collect();
        let fold = MonthFold::of_some(snapshot, prefix, month, Some(closed.leaf))?;
        let lines = lines(snapshot, params, &fold)?;
        for line in &lines {
            let locked = fold.standings.is_at_a_wrong_address(line.provider);
            self.done.lines.insert((month, line.key()), Account::of(line, locked));
        }
        let dues = self.net(&lines, &corrections)?;
        let close = closed.leaf;
        self.done.months.push(SettledMonth { month, close, lines, corrections, dues });
        Ok(())
    }

    /// Takes what came after the last close.
    fn trail(&mut self, history: &'a Snapshots, size: u64) -> Result<(), TrancheError> {
        let Some((month, closed)) = self.closes.last().copied() else { return Ok(()) };
        let snapshot = &history.newest().snapshot;
        let params = snapshot.rules(month).ok_or(FoldError::NoRules { month })?;
        self.done.next = self.decide(snapshot, params, None, Some(closed.leaf), size)?;
        Ok(())
    }

    fn until(&self, end: u64) -> impl Iterator<Item = &'a LoggedEvent> {
        let end = self.events.partition_point(|logged| logged.index < end);
        self.events.iter().take(end).copied()
    }

    /// Takes the decisions between two leaves, in the log's order.
    fn decide(
        &mut self,
        snapshot: &'a Snapshot,
        params: &Params,
        lands_in: Option<Month>,
        after: Option<u64>,
        end: u64,
    ) -> Result<Vec<Correction>, TrancheError> {
        let is_new = |logged: &&LoggedEvent| after.is_none_or(|after| logged.index > after);
        let old = self.until(end).filter(|logged| !is_new(logged));
        let standings = Standings::of(snapshot, old);
        let mut scene = Scene { snapshot, standings, rules: params.corrections, lands_in };
        let mut corrections = Vec::new();
        for logged in self.until(end).filter(is_new).collect::<Vec<_>>() {
            match self.take(&mut scene, logged)? {
                Ok(moved) => corrections.extend(moved),
                Err(why) => {
                    self.done.refused.push(RefusedDecision { leaf: logged.index, why });
                }
            }
        }
        Ok(corrections)
    }

    fn take(
        &mut self,
        scene: &mut Scene<'_>,
        logged: &LoggedEvent,
    ) -> Result<Result<Vec<Correction>, DecisionRefusal>, TrancheError> {
        match logged.event.kind {
            EventKind::HoldRelease => Ok(self.release(scene, logged)),
            EventKind::Adjust => self.adjust(scene, logged),
            _ => {
                let cured = scene.standings.take(scene.snapshot, logged);
                Ok(Ok(cured.map_or_else(Vec::new, |provider| self.cure(provider, logged.index))))
            }
        }
    }

    fn cure(&mut self, provider: ProviderId, leaf: u64) -> Vec<Correction> {
        let keys =
            self.keys(|key, one| key.0 == provider && !one.locked && one.suspended > Tiyn::ZERO);
        self.move_all(&keys, leaf, CorrectionCause::Cured, |_, one| one.cure())
    }

    fn release(
        &mut self,
        scene: &Scene<'_>,
        logged: &LoggedEvent,
    ) -> Result<Vec<Correction>, DecisionRefusal> {
        let (voucher, month) = named(logged)?;
        let event = &logged.event;
        let decision = event.decision.ok_or(DecisionRefusal::Form)?;
        let cause = match decision {
            Decision::Pay => CorrectionCause::Paid,
            Decision::Return => CorrectionCause::Returned,
            _ => return Err(DecisionRefusal::Form),
        };
        let of = |key: &LineKey| {
            key.1 == voucher && event.provider.is_none_or(|provider| provider == key.0)
        };
        let lines = self.done.lines.iter().filter(|((one, key), _)| *one == month && of(key));
        if lines.count() == 0 {
            return Err(DecisionRefusal::NotClosed);
        }
        let held_at = |(one, key): &(Month, LineKey), account: &Account| {
            *one == month && of(key) && account.held() > Tiyn::ZERO
        };
        let lines = self.done.lines.iter().filter(|(place, account)| held_at(place, account));
        let keys: Vec<_> = lines.map(|(place, _)| *place).collect();
        let held = keys.iter().filter_map(|key| self.done.lines.get(key)).map(Account::held);
        let held = held.fold(Tiyn::ZERO, plus);
        if held == Tiyn::ZERO {
            return Err(DecisionRefusal::NothingHeld);
        }
        let content = (event.device, voucher, month, decision);
        if let Some(first) = event.about {
            let half = self.halves.get(&first).copied();
            let second = half.is_some_and(|(device, ..)| device != event.device);
            let same =
                half.is_some_and(|half| (half.1, half.2, half.3) == (voucher, month, decision));
            if !same {
                return Err(DecisionRefusal::OtherDecision);
            }
            if !second {
                return Err(DecisionRefusal::SecondPerson { held });
            }
            self.halves.remove(&first);
        } else if held > scene.rules.hold_release_two_person {
            self.halves.insert(logged.hash, content);
            return Err(DecisionRefusal::SecondPerson { held });
        }
        Ok(self.move_all(&keys, logged.index, cause, |_, one| match decision {
            Decision::Pay => one.pay(),
            _ => one.give_back(),
        }))
    }

    fn adjust(
        &mut self,
        scene: &Scene<'_>,
        logged: &LoggedEvent,
    ) -> Result<Result<Vec<Correction>, DecisionRefusal>, TrancheError> {
        let (voucher, month) = match named(logged) {
            Ok(named) => named,
            Err(why) => return Ok(Err(why)),
        };
        let keys = self.keys_in(month, voucher);
        let known = self.done.months.iter().find(|one| one.month == month).map(|one| one.close);
        let (Some(close), false) = (known, keys.is_empty()) else {
            return Ok(Err(DecisionRefusal::NotClosed));
        };
        let most = scene.rules.adjust_max_months;
        if scene.lands_in.is_some_and(|later| !is_adjustable(month, later, most)) {
            return Ok(Err(DecisionRefusal::TooLate { month, most }));
        }
        let again = self.again(month, close, voucher, logged.index)?;
        let again: BTreeMap<LineKey, &TrancheLine> =
            again.iter().map(|line| (line.key(), line)).collect();
        let held: Vec<ProviderId> = keys
            .iter()
            .map(|(_, key)| key.0)
            .filter(|provider| scene.standings.holds_payments(*provider))
            .collect();
        let moved = self.move_all(&keys, logged.index, CorrectionCause::Adjusted, |key, one| {
            again.get(key).map_or(one, |line| one.adjust(line, held.contains(&key.0)))
        });
        Ok(if moved.is_empty() { Err(DecisionRefusal::NoDifference) } else { Ok(moved) })
    }

    /// Computes a voucher's lines of a closed month with all that is in the log before a leaf.
    fn again(
        &self,
        month: Month,
        close: u64,
        voucher: VoucherId,
        end: u64,
    ) -> Result<Vec<TrancheLine>, TrancheError> {
        let closed = self.closes.iter().find(|(one, _)| *one == month);
        let Some((_, closed)) = closed else { return Ok(Vec::new()) };
        let snapshot = &closed.rests_on.snapshot;
        let params = snapshot.rules(month).ok_or(FoldError::NoRules { month })?;
        let prefix: Vec<&LoggedEvent> = self.until(close).collect();
        let mut after = snapshot.moved(&prefix).snapshot.into_owned();
        // The limit of a day counts all vouchers of the child.
        let child = after.contract(voucher).map(|contract| contract.child);
        after.contracts.retain(|contract| Some(contract.child) == child);
        let fold = MonthFold::reopened(&after, self.until(end).collect(), month)?;
        let mut again = lines(&after, params, &fold)?;
        again.retain(|line| line.voucher == voucher);
        Ok(again)
    }

    fn keys(&self, wanted: impl Fn(&LineKey, &Account) -> bool) -> Vec<(Month, LineKey)> {
        let lines = self.done.lines.iter().filter(|((_, key), account)| wanted(key, account));
        lines.map(|(place, _)| *place).collect()
    }

    fn keys_in(&self, month: Month, voucher: VoucherId) -> Vec<(Month, LineKey)> {
        let places = self.done.lines.keys();
        places.filter(|(one, key)| *one == month && key.1 == voucher).copied().collect()
    }

    /// Changes lines, and says what moved, in the order of tranches.
    fn move_all(
        &mut self,
        keys: &[(Month, LineKey)],
        leaf: u64,
        cause: CorrectionCause,
        change: impl Fn(&LineKey, Account) -> Account,
    ) -> Vec<Correction> {
        let mut moved = Vec::new();
        for place in keys {
            let Some(account) = self.done.lines.get_mut(place) else { continue };
            let (month, key) = *place;
            let (old, new) = (*account, change(&key, *account));
            *account = new;
            let (provider, voucher, from) = key;
            let correction = Correction {
                month,
                provider,
                voucher,
                child: old.child,
                from,
                accrued: minus(new.accrued, old.accrued),
                held: minus(new.held(), old.held()),
                released: minus(new.released(), old.released()),
                leaf,
                cause,
            };
            let nothing = (correction.accrued, correction.held) == (Tiyn::ZERO, Tiyn::ZERO);
            if !nothing {
                moved.push(correction);
            }
        }
        moved.sort_by_key(Correction::key);
        moved
    }

    fn net(
        &mut self,
        lines: &[TrancheLine],
        corrections: &[Correction],
    ) -> Result<Vec<Due>, AmountError> {
        let mut sums: BTreeMap<ProviderId, (Tiyn, Tiyn)> =
            self.done.debts.keys().map(|provider| (*provider, (Tiyn::ZERO, Tiyn::ZERO))).collect();
        for one in corrections {
            let sum = &mut sums.entry(one.provider).or_default().1;
            *sum = sum.checked_add(one.accrued).ok_or(AmountError::Overflow)?;
        }
        for line in lines {
            if let Some((sum, _)) = sums.get_mut(&line.provider) {
                *sum = sum.checked_add(line.accrued).ok_or(AmountError::Overflow)?;
            }
        }
        let mut dues = Vec::new();
        for (provider, (accrued, corrected)) in sums {
            let brought = self.done.debts.remove(&provider).unwrap_or_default();
            let due = Due::net(provider, accrued, corrected, brought);
            let due = due.ok_or(AmountError::Overflow)?;
            if due.carried < Tiyn::ZERO {
                self.done.debts.insert(provider, due.carried);
            }
            dues.extend(Some(due).filter(Due::is_needed));
        }
        Ok(dues)
    }
}

/// Reads whom and which month a decision is about.
fn named(logged: &LoggedEvent) -> Result<(VoucherId, Month), DecisionRefusal> {
    if !logged.is_of_the_district() {
        return Err(DecisionRefusal::NotACoordinator);
    }
    let event = &logged.event;
    event.verify_form().map_err(|_| DecisionRefusal::Form)?;
    let month = event.month.and_then(|number| Month::from_number(number).ok());
    event.voucher.zip(month).ok_or(DecisionRefusal::Form)
}

fn is_adjustable(month: Month, later: Month, most: u32) -> bool {
    let between = later.ordinal().checked_sub(month.ordinal());
    let same_year = later.first_day().year() == month.first_day().year();
    same_year && between.is_some_and(|between| (1..=most).contains(&between))
}

/// Sums of one line: they lie between nothing and its plan, which fits.
fn plus(one: Tiyn, other: Tiyn) -> Tiyn {
    Tiyn(one.0.saturating_add(other.0))
}

fn minus(one: Tiyn, other: Tiyn) -> Tiyn {
    Tiyn(one.0.saturating_sub(other.0))
}
