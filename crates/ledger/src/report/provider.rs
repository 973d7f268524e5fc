//! Where providers stand, what is due about them, and what the issuer owes them (R6).

use attendance::{Ground, ProviderId};
use chrono::NaiveDate;
use serde::Serialize;

use super::{all_payments, paid};
use crate::account::Accounts;
use crate::calendar::Month;
use crate::money::Tiyn;
use crate::snapshots::Snapshots;
use crate::suspension::{Due, ProviderState, cure_deadline, is_payer_lag};
use crate::tranche::TrancheError;
use crate::visit::LoggedEvent;

/// A ground that was opened.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct GroundReport {
    /// Which.
    pub ground: Ground,
    /// Since when.
    pub opened_on: NaiveDate,
    /// The document that shows it.
    pub evidence: String,
    /// The last day to cure it.
    pub deadline: NaiveDate,
    /// When it was cured, and by which document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cured: Option<(NaiveDate, String)>,
}

/// A month that is due to a provider and not paid.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct UnpaidAct {
    /// The month.
    pub month: Month,
    /// What is due, in tiyn.
    pub due_tiyn: Tiyn,
}

/// Where a provider stands.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ProviderReport {
    /// The provider.
    pub provider: ProviderId,
    /// Its name.
    pub name: String,
    /// ACTIVE, SUSPENDED, TERMINATING or TERMINATED.
    pub state: &'static str,
    /// Why its contracts end, and since when that is proposed or decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination: Option<(attendance::TerminationCause, NaiveDate)>,
    /// The event that proposes the end and waits for a second coordinator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposal: Option<String>,
    /// The last day on which the provider may object to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_object_until: Option<NaiveDate>,
    /// The grounds that were ever opened.
    pub grounds: Vec<GroundReport>,
    /// What a person is to do today: notices to send, terminations to propose.
    pub due: Vec<String>,
    /// What is held because payments are suspended, in tiyn.
    pub suspended_tiyn: Tiyn,
    /// What waits for other decisions, in tiyn.
    pub waiting_tiyn: Tiyn,
    /// What it owes from corrections, in tiyn; zero or below.
    pub owed_tiyn: Tiyn,
    /// Months that are due and not paid.
    pub unpaid: Vec<UnpaidAct>,
    /// PAYER_LAG: what is unpaid for longer than the rules allow is more than nothing. A debt that is
    /// smaller is the payer's doing (rule 42).
    pub payer_lag_tiyn: Tiyn,
}

/// Reports every provider of the district in force, as of a day.
///
/// # Errors
/// [`TrancheError`] if a closed month cannot be computed again.
pub fn providers_report(
    history: &Snapshots,
    events: &[LoggedEvent],
    today: NaiveDate,
) -> Result<Vec<ProviderReport>, TrancheError> {
    let snapshot = &history.newest().snapshot;
    let accounts = Accounts::of(history, events, u64::MAX)?;
    let payments = all_payments(&accounts, events);
    let moved = snapshot.after(events);
    let params = snapshot.rules_on(today).map(|params| params.suspension);
    let params = params.unwrap_or_default();
    let report = |provider: &crate::snapshot::Provider| {
        let standing = moved.standings.standing(provider.id);
        let own = || accounts.lines.iter().filter(|((_, key), _)| key.0 == provider.id);
        let sum = |all: &mut dyn Iterator<Item = Tiyn>| Tiyn::checked_sum(all).unwrap_or_default();
        let unpaid: Vec<UnpaidAct> = payments
            .iter()
            .filter(|((_, id), status)| *id == provider.id && status.due > Tiyn::ZERO)
            .filter(|(_, status)| paid(Some(status)).is_none())
            .map(|((month, _), status)| UnpaidAct { month: *month, due_tiyn: status.due })
            .collect();
        let late = unpaid
            .iter()
            .filter(|act| is_payer_lag(Tiyn::ZERO, &[(act.month, act.due_tiyn)], today, params));
        let payer_lag_tiyn = sum(&mut late.map(|act| act.due_tiyn));
        let (state, termination, may_object_until) = match standing.state {
            ProviderState::Active => ("ACTIVE", None, None),
            ProviderState::Suspended => ("SUSPENDED", None, None),
            ProviderState::Terminating { cause, proposed_on, .. } => {
                let days = params.objection_days;
                let until = snapshot.calendar.working_days_after(proposed_on, days);
                ("TERMINATING", Some((cause, proposed_on)), Some(until))
            }
            ProviderState::Terminated { cause, from } => {
                let from = moved.standings.ended(provider.id).unwrap_or(from);
                ("TERMINATED", Some((cause, from)), None)
            }
        };
        let grounds = standing.grounds.iter().map(|one| GroundReport {
            ground: one.ground,
            opened_on: one.opened_on,
            evidence: one.evidence.clone(),
            deadline: cure_deadline(one.opened_on, params),
            cured: one.cured.clone(),
        });
        ProviderReport {
            provider: provider.id,
            name: provider.name.clone(),
            state,
            termination,
            proposal: moved.standings.proposal(provider.id).map(|hash| hash.to_string()),
            may_object_until,
            grounds: grounds.collect(),
            due: standing.due(today, params).iter().map(in_words).collect(),
            suspended_tiyn: sum(&mut own().map(|(_, account)| account.suspended)),
            waiting_tiyn: sum(&mut own().map(|(_, account)| account.waiting)),
            owed_tiyn: accounts.debts.get(&provider.id).copied().unwrap_or_default(),
            unpaid,
            payer_lag_tiyn,
        }
    };
    Ok(snapshot.providers.iter().map(report).collect())
}

fn in_words(due: &Due) -> String {
    match due {
        Due::Notice { ground, days_left } => {
            format!("tell the provider: {days_left} days are left to cure {ground:?}")
        }
        Due::ProposeTermination { ground } => {
            format!("the time to cure {ground:?} is over: a person proposes the end, or not")
        }
    }
}
