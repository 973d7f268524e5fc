//! The walk over the closes of a log and the decisions between them.

use std::collections::BTreeMap;

use attendance::{Decision, DeviceId, EventKind, ProviderId, VoucherId};
use chrono::Datelike;
use seal::Hash;

use super::{Account, Accounts, DecisionRefusal, RefusedDecision, SettledMonth, minus, plus};
use crate::accrual::AmountError;
use crate::calendar::Month;
use crate::correction::{Correction, CorrectionCause, Due};
use crate::money::Tiyn;
use crate::params::{CorrectionParams, Params};
use crate::sheet::{MonthFold, claimed_day};
use crate::snapshot::Snapshot;
use crate::snapshots::{Closed, Snapshots};
use crate::standings::Standings;
use crate::tranche::{LineKey, TrancheError, TrancheLine, lines};
use crate::visit::{FoldError, LoggedEvent};

/// Where a walk is.
pub(super) struct Walk<'a> {
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
    /// Walks the first `size` leaves of a log.
    pub(super) fn over(
        history: &'a Snapshots,
        events: &'a [LoggedEvent],
        size: u64,
    ) -> Result<Accounts, TrancheError> {
        let months = history.months().into_iter();
        let closes = months.filter_map(|month| Some((month, history.closed(events, month)?)));
        let mut closes: Vec<(Month, Closed<'_>)> =
            closes.filter(|(_, closed)| closed.leaf < size).collect();
        closes.sort_by_key(|(_, closed)| closed.leaf);
        let mut events: Vec<&LoggedEvent> =
            events.iter().filter(|logged| logged.index < size).collect();
        events.sort_by_key(|logged| logged.index);
        let mut walk = Self { events, closes, done: Accounts::default(), halves: BTreeMap::new() };
        for at in 0..walk.closes.len() {
            walk.close(at)?;
        }
        walk.trail(history, size)?;
        Ok(walk.done)
    }

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
        if logged.event.kind == EventKind::HoldRelease {
            return Ok(self.release(scene, logged));
        }
        if logged.event.kind == EventKind::Adjust {
            return self.adjust(scene, logged);
        }
        let cured = scene.standings.take(scene.snapshot, logged);
        Ok(Ok(cured.map_or_else(Vec::new, |provider| self.cure(provider, logged.index))))
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
        let cause = if decision == Decision::Pay {
            CorrectionCause::Paid
        } else if decision == Decision::Return {
            CorrectionCause::Returned
        } else {
            return Err(DecisionRefusal::Form);
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
        let pays = decision == Decision::Pay;
        let change = |_: &LineKey, one: Account| if pays { one.pay() } else { one.give_back() };
        Ok(self.move_all(&keys, logged.index, cause, change))
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
        let again = self.again(month, close, voucher, logged)?;
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

    /// Computes a voucher's lines of a closed month with all that is in the log before a decision.
    fn again(
        &self,
        month: Month,
        close: u64,
        voucher: VoucherId,
        decision: &LoggedEvent,
    ) -> Result<Vec<TrancheLine>, TrancheError> {
        let closed = self.closes.iter().find(|(one, _)| *one == month);
        let Some((_, closed)) = closed else { return Ok(Vec::new()) };
        let snapshot = &closed.rests_on.snapshot;
        let params = snapshot.rules(month).ok_or(FoldError::NoRules { month })?;
        let prefix: Vec<&LoggedEvent> = self.until(close).collect();
        let mut after = snapshot.moved(&prefix).snapshot.into_owned();
        if !params.reads_everything() {
            // The limit of a day counts all vouchers of the child, and nothing counts those of others.
            let child = after.contract(voucher).map(|contract| contract.child);
            after.contracts.retain(|contract| Some(contract.child) == child);
        }
        let fold = MonthFold::reopened(
            &after,
            self.until(decision.index).collect(),
            claimed_day(decision),
            month,
        )?;
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
    if !logged.decides() {
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
