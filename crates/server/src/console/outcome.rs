//! What an event comes to that a person of the console signs or signed: each kind by the fold that reads
//! it, so that nothing here decides.

use attendance::{Event, EventKind};
use ledger::{
    Accounts, AsideReason, DecisionRefusal, LoggedEvent, Month, MonthFold, PaymentState, Snapshots,
    Visit, VoucherOutcome, VoucherRegister, closable_from_ms, local_day,
};

use super::signing::Outcome;
use crate::error::ServerError;
use crate::server::Server;

impl Server {
    /// Says what an event comes to, by the fold that reads its kind.
    pub(super) async fn outcome_of(
        &self,
        events: &[LoggedEvent],
        logged: &LoggedEvent,
    ) -> Result<Outcome, ServerError> {
        use EventKind::{
            ActSign, Adjust, DisputeResolve, HoldRelease, MonthClose, PaymentNotice, SheetDecide,
            SheetSign, Transfer, VoucherAnswer, VoucherSet,
        };
        let (snapshots, kind) = (self.snapshots().await?, logged.event.kind);
        if matches!(kind, SheetSign | ActSign | SheetDecide) {
            self.outcome_of_sheet(events, logged).await
        } else if kind == PaymentNotice {
            self.outcome_of_payment(events, logged).await
        } else if kind == MonthClose {
            Ok(of_close(&snapshots, events, logged))
        } else if kind == DisputeResolve {
            of_verdict(&snapshots, events, logged)
        } else if matches!(kind, HoldRelease | Adjust) {
            of_money(&snapshots, events, logged)
        } else if matches!(kind, VoucherSet | VoucherAnswer) {
            of_voucher(&snapshots, events, logged)
        } else if kind == Transfer {
            of_transfer(&snapshots, events, logged)
        } else {
            of_provider(&snapshots, events, logged)
        }
    }

    async fn outcome_of_sheet(
        &self,
        events: &[LoggedEvent],
        logged: &LoggedEvent,
    ) -> Result<Outcome, ServerError> {
        let none = || Outcome::Ignored("there is no such sheet".to_owned());
        let snapshots = self.snapshots().await?;
        let Some(month) = month_of(&snapshots, &logged.event) else { return Ok(none()) };
        let stored = self.stored_tranche(month).await?;
        let signed = self.signed_month_of(month, &snapshots, events, stored.as_ref()).await?;
        let sheet = logged.event.provider.and_then(|id| signed.as_ref()?.sheet(id));
        let Some(sheet) = sheet else { return Ok(none()) };
        let refused = sheet.refused.iter().find(|one| one.leaf == logged.index);
        Ok(refused.map_or(Outcome::Counts, |one| ignored(one.why)))
    }

    async fn outcome_of_payment(
        &self,
        events: &[LoggedEvent],
        logged: &LoggedEvent,
    ) -> Result<Outcome, ServerError> {
        let snapshots = self.snapshots().await?;
        let stored = match month_of(&snapshots, &logged.event) {
            Some(month) => self.stored_tranche(month).await?,
            None => None,
        };
        let Some(stored) = stored else { return Ok(ignored("the month is not closed")) };
        let tranche = self.tranche(stored.leaf_index).await?;
        let statuses = ledger::payments(&tranche, events);
        let status = statuses.into_iter().find(|one| Some(one.provider) == logged.event.provider);
        Ok(match status.map(|one| one.state) {
            Some(PaymentState::Paid { index, .. }) if index == logged.index => Outcome::Counts,
            Some(PaymentState::Refused { index, reason }) if index == logged.index => {
                ignored(reason)
            }
            // A later notice fitted, or did not either.
            Some(PaymentState::Paid { index, document }) if index < logged.index => {
                ignored(format!("it is paid already, by the document {document}"))
            }
            Some(PaymentState::Paid { .. } | PaymentState::Refused { .. }) => {
                ignored("a later notice was judged in its place")
            }
            Some(_) | None => ignored("nothing is due to this provider in this month"),
        })
    }
}

/// What the log does not count, with its reason.
fn ignored(why: impl std::fmt::Display) -> Outcome {
    Outcome::Ignored(why.to_string())
}

/// The district's month that an event names.
fn month_of(snapshots: &Snapshots, event: &Event) -> Option<Month> {
    let month = event.month.and_then(|month| Month::from_number(month).ok())?;
    snapshots.months().contains(&month).then_some(month)
}

fn of_close(snapshots: &Snapshots, events: &[LoggedEvent], logged: &LoggedEvent) -> Outcome {
    let Some(month) = month_of(snapshots, &logged.event) else {
        return ignored("there is no such month in the district");
    };
    match snapshots.closed(events, month) {
        Some(closed) if closed.leaf == logged.index => Outcome::Counts,
        Some(closed) => ignored(format!("leaf {} closes the month already", closed.leaf)),
        None => {
            let rules = snapshots.newest().snapshot.rules(month);
            let from = rules.and_then(|rules| local_day(closable_from_ms(rules, month)));
            match from {
                Some(day) => ignored(format!("it may be closed from {day} on")),
                None => ignored("no rules are in force for the month"),
            }
        }
    }
}

/// A decision about a visit, in the month that the visit is in.
fn of_verdict(
    snapshots: &Snapshots,
    events: &[LoggedEvent],
    logged: &LoggedEvent,
) -> Result<Outcome, ServerError> {
    // What is only drafted has no hash yet: an event is never about itself.
    let mut before = events.iter().filter(|one| one.index < logged.index);
    let visit = before.find(|one| Some(one.hash) == logged.event.about);
    let Some(visit) = visit else { return Ok(ignored("no visit of this name is recorded")) };
    for month in months_around(snapshots, visit) {
        let snapshot = snapshots.closed(events, month).map(|closed| &closed.rests_on.snapshot);
        let snapshot = snapshot.unwrap_or(&snapshots.newest().snapshot);
        if snapshot.rules(month).is_none() {
            continue;
        }
        let fold = MonthFold::of(snapshot, events, month)
            .map_err(|error| ServerError::Ledger(error.to_string()))?;
        if let Some(aside) = fold.aside.iter().find(|one| one.index == logged.index) {
            return Ok(ignored(in_words(aside.reason)));
        }
        // A later decision about it takes nothing away: this one counted until then.
        let decided = |one: &Visit| one.decision.is_some_and(|told| told.by >= logged.index);
        let about = |one: &&Visit| {
            let place = (Some(one.voucher), Some(one.lesson));
            one.event == visit.hash || place == (visit.event.voucher, visit.event.lesson)
        };
        if fold.visits.iter().filter(about).any(decided) {
            return Ok(Outcome::Counts);
        }
    }
    Ok(ignored("no visit of this name counts"))
}

/// The months that a lesson may be in whose visit was recorded then: most likely the day's own.
fn months_around(snapshots: &Snapshots, visit: &LoggedEvent) -> Vec<Month> {
    let day = local_day(visit.event.wall_ms).and_then(|day| Month::of(day).ok());
    let mut months = snapshots.months();
    let away = |month: &Month| day.map(|day| day.number().abs_diff(month.number()));
    months.sort_by_key(away);
    months
}

/// Why a decision about a visit changes nothing.
fn in_words(reason: AsideReason) -> &'static str {
    if reason == AsideReason::NoGround {
        "a decision names what it rests on, and a document"
    } else if reason == AsideReason::NothingToDecide {
        "nobody disputes the visit, and it stands beside no other"
    } else if reason == AsideReason::AfterClose {
        "the month is closed: it is a case for an adjustment"
    } else {
        "it does not fit the visit"
    }
}

fn of_money(
    snapshots: &Snapshots,
    events: &[LoggedEvent],
    logged: &LoggedEvent,
) -> Result<Outcome, ServerError> {
    let accounts = Accounts::of(snapshots, events, u64::MAX)
        .map_err(|error| ServerError::Ledger(error.to_string()))?;
    if accounts.months.is_empty() {
        // Before the first close the walk looks at no decision.
        return Ok(ignored(DecisionRefusal::NotClosed));
    }
    let refused = accounts.refused.iter().find(|one| one.leaf == logged.index);
    Ok(match refused.map(|one| one.why) {
        None => Outcome::Counts,
        Some(DecisionRefusal::SecondPerson { .. }) if logged.event.about.is_none() => {
            Outcome::Proposed
        }
        Some(why) => ignored(why),
    })
}

fn of_voucher(
    snapshots: &Snapshots,
    events: &[LoggedEvent],
    logged: &LoggedEvent,
) -> Result<Outcome, ServerError> {
    let register = VoucherRegister::of(snapshots, events);
    let found = register.events.iter().find(|one| one.leaf == logged.index);
    match found.map(|one| one.outcome) {
        Some(Ok(VoucherOutcome::Taken)) => Ok(Outcome::Counts),
        Some(Ok(VoucherOutcome::Proposed)) => Ok(Outcome::Proposed),
        Some(Err(why)) => Ok(ignored(why)),
        None => Err(ServerError::Stored("voucher's step")),
    }
}

fn of_transfer(
    snapshots: &Snapshots,
    events: &[LoggedEvent],
    logged: &LoggedEvent,
) -> Result<Outcome, ServerError> {
    let moved = snapshots.newest().snapshot.after(events);
    let found = moved.transfers.iter().find(|one| one.leaf == logged.index);
    let found = found.ok_or(ServerError::Stored("transfer"))?;
    Ok(found.outcome.map_or_else(ignored, |_| Outcome::Counts))
}

fn of_provider(
    snapshots: &Snapshots,
    events: &[LoggedEvent],
    logged: &LoggedEvent,
) -> Result<Outcome, ServerError> {
    let newest = &snapshots.newest().snapshot;
    if logged.event.provider.is_none_or(|id| newest.provider(id).is_none()) {
        return Ok(ignored("there is no such provider in the district"));
    }
    let standings = newest.after(events).standings;
    let found = standings.events.iter().find(|one| one.leaf == logged.index);
    let refused = found.ok_or(ServerError::Stored("provider's step"))?.refused;
    let proposes =
        logged.event.kind == EventKind::ProviderTerminate && logged.event.about.is_none();
    Ok(match refused {
        Some(why) => ignored(why),
        None if proposes => Outcome::Proposed,
        None => Outcome::Counts,
    })
}
