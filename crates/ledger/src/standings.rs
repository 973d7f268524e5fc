//! Where each provider stands, as the log tells it: suspensions, cures and terminations (R6).
//!
//! Every step is a coordinator's event. A termination takes two of them, by two devices: one proposes,
//! the other confirms or withdraws. A step that cannot be taken changes nothing and is kept with its
//! reason. Days are those that the events claim; which step comes first is the log's word.

use std::collections::BTreeMap;

use attendance::{Decision, DeviceId, EventKind, ProviderId};
use chrono::{Datelike, NaiveDate};
use seal::Hash;

use crate::calendar::local_day;
use crate::snapshot::Snapshot;
use crate::suspension::{
    Ground, ProviderStanding, ProviderState, StandingRefusal, StandingStep, SuspensionParams,
};
use crate::visit::LoggedEvent;

/// Why an event about a provider changes nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StepRefusal {
    /// By a device that is not a coordinator's of the district.
    #[error("only a coordinator of the district decides about a provider")]
    NotACoordinator,
    /// Fields are missing or do not fit the kind.
    #[error("the event has not the form of its kind")]
    Form,
    /// A confirmation that names no open proposal.
    #[error("it names no proposal that is open")]
    NoProposal,
    /// A confirmation by the device that proposed.
    #[error("a second coordinator must confirm: this device made the proposal")]
    SamePerson,
    /// The step does not lead on from there.
    #[error(transparent)]
    Standing(#[from] StandingRefusal),
}

/// An event about a provider, at its place, and what came of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StandingEvent {
    /// The leaf.
    pub leaf: u64,
    /// The event.
    pub hash: Hash,
    /// The provider; absent if the event names none.
    pub provider: Option<ProviderId>,
    /// The day that it claims.
    pub on: Option<NaiveDate>,
    /// What it says.
    pub kind: EventKind,
    /// Why it changes nothing, if it does not.
    pub refused: Option<StepRefusal>,
}

/// Where providers stand after a prefix of the log. One that nothing was decided about is active.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Standings {
    standings: BTreeMap<ProviderId, ProviderStanding>,
    proposals: BTreeMap<ProviderId, (Hash, DeviceId)>,
    ends: BTreeMap<ProviderId, NaiveDate>,
    /// What was decided, in the log's order.
    pub events: Vec<StandingEvent>,
}

impl Standings {
    /// Folds events, which are in the log's order.
    #[must_use]
    pub fn of<'a>(snapshot: &Snapshot, events: impl IntoIterator<Item = &'a LoggedEvent>) -> Self {
        let mut all = Self::default();
        for logged in events {
            all.take(snapshot, logged);
        }
        all
    }

    /// Takes the next event of the log. Gives the provider whose payments it lets go on, if it does.
    pub fn take(&mut self, snapshot: &Snapshot, logged: &LoggedEvent) -> Option<ProviderId> {
        if !is_about_a_provider(logged.event.kind) {
            return None;
        }
        let provider = logged.event.provider;
        let held = provider.is_some_and(|provider| self.holds_payments(provider));
        let refused = self.step(snapshot, logged).err();
        self.events.push(StandingEvent {
            leaf: logged.index,
            hash: logged.hash,
            provider,
            on: local_day(logged.event.wall_ms),
            kind: logged.event.kind,
            refused,
        });
        provider.filter(|provider| held && !self.holds_payments(*provider))
    }

    fn step(&mut self, snapshot: &Snapshot, logged: &LoggedEvent) -> Result<(), StepRefusal> {
        if !logged.decides() {
            return Err(StepRefusal::NotACoordinator);
        }
        let event = &logged.event;
        event.verify_form().map_err(|_| StepRefusal::Form)?;
        let on = local_day(event.wall_ms).ok_or(StepRefusal::Form)?;
        let provider = event.provider.ok_or(StepRefusal::Form)?;
        let document = || event.document.clone().unwrap_or_default();
        let ground = || event.ground.ok_or(StepRefusal::Form);
        let step = if event.kind == EventKind::ProviderSuspend {
            StandingStep::Open {
                ground: ground()?,
                evidence: document(),
                payer_lag: event.decision == Some(Decision::Confirm),
                despite_lag: true,
            }
        } else if event.kind == EventKind::GroundCured {
            StandingStep::Cure { ground: ground()?, document: document() }
        } else {
            self.termination(logged, provider)?
        };
        let params = suspension_params(snapshot, on);
        let next = self.standing(provider).apply(&step, on, params, &snapshot.calendar)?;
        if let ProviderState::Terminated { from, .. } = next.state {
            let named = event.from_day.and_then(day_of_number);
            self.ends.insert(provider, named.map_or(from, |day| day.max(from)));
        }
        match step {
            StandingStep::Propose(_) => {
                self.proposals.insert(provider, (logged.hash, event.device));
            }
            StandingStep::Confirm | StandingStep::Withdraw => {
                self.proposals.remove(&provider);
            }
            StandingStep::Open { .. } | StandingStep::Cure { .. } => {}
        }
        self.standings.insert(provider, next);
        Ok(())
    }

    fn termination(
        &self,
        logged: &LoggedEvent,
        provider: ProviderId,
    ) -> Result<StandingStep, StepRefusal> {
        let event = &logged.event;
        let Some(about) = event.about else {
            return event.cause.map(StandingStep::Propose).ok_or(StepRefusal::Form);
        };
        let proposal = self.proposals.get(&provider).filter(|(hash, _)| *hash == about);
        let (_, by) = proposal.ok_or(StepRefusal::NoProposal)?;
        if *by == event.device {
            return Err(StepRefusal::SamePerson);
        }
        match event.decision {
            None | Some(Decision::Confirm) => Ok(StandingStep::Confirm),
            Some(Decision::Withdraw) => Ok(StandingStep::Withdraw),
            Some(_) => Err(StepRefusal::Form),
        }
    }

    /// Gives where a provider stands.
    #[must_use]
    pub fn standing(&self, provider: ProviderId) -> ProviderStanding {
        self.standings.get(&provider).cloned().unwrap_or_default()
    }

    /// Gives the proposal to terminate a provider's contracts that waits for a second person.
    #[must_use]
    pub fn proposal(&self, provider: ProviderId) -> Option<Hash> {
        self.proposals.get(&provider).map(|(hash, _)| *hash)
    }

    /// Gives the first day without a terminated provider.
    #[must_use]
    pub fn ended(&self, provider: ProviderId) -> Option<NaiveDate> {
        self.ends.get(&provider).copied()
    }

    /// Lists the providers whose contracts ended, with the first day without them.
    pub fn ends(&self) -> impl Iterator<Item = (ProviderId, NaiveDate)> {
        self.ends.iter().map(|(provider, from)| (*provider, *from))
    }

    /// Says whether what a provider earns is held (rule 38).
    #[must_use]
    pub fn holds_payments(&self, provider: ProviderId) -> bool {
        self.standings.get(&provider).is_some_and(ProviderStanding::holds_payments)
    }

    /// Says whether a child may come to a provider.
    #[must_use]
    pub fn takes_bookings(&self, provider: ProviderId) -> bool {
        self.standings.get(&provider).is_none_or(ProviderStanding::takes_bookings)
    }

    /// Says whether the wrong address of a provider is open: visits there wait for a decision of their
    /// own, whatever else is cured (rule 39).
    #[must_use]
    pub fn is_at_a_wrong_address(&self, provider: ProviderId) -> bool {
        let open = |standing: &ProviderStanding| {
            let mut grounds = standing.grounds.iter();
            grounds.any(|one| one.ground == Ground::AddressMismatch && one.cured.is_none())
        };
        self.standings.get(&provider).is_some_and(open)
    }
}

/// Reads a day of an event, `year * 10000 + month * 100 + day`.
#[must_use]
pub fn day_of_number(number: u32) -> Option<NaiveDate> {
    let year = i32::try_from(number / 10_000).ok()?;
    NaiveDate::from_ymd_opt(year, number / 100 % 100, number % 100)
}

/// Writes a day as events and ledger rows have it, `year * 10000 + month * 100 + day`.
#[must_use]
pub fn number_of_day(day: NaiveDate) -> u32 {
    let year = u32::try_from(day.year()).unwrap_or_default();
    let month = year.saturating_mul(100).saturating_add(day.month());
    month.saturating_mul(100).saturating_add(day.day())
}

fn is_about_a_provider(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::ProviderSuspend | EventKind::GroundCured | EventKind::ProviderTerminate
    )
}

/// The rules of a day; before the first ones, the defaults of the rules document.
fn suspension_params(snapshot: &Snapshot, on: NaiveDate) -> SuspensionParams {
    snapshot.rules_on(on).map(|params| params.suspension).unwrap_or_default()
}
