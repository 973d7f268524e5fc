//! When payments to a provider stop, and when its contracts end (R6).
//!
//! The machine proposes and counts days. A person decides: nothing here terminates by itself.

pub use attendance::{Ground, TerminationCause};
use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, Month};
use crate::money::Tiyn;

/// A ground that was opened. It has its own beginning, evidence and end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OpenedGround {
    /// Which.
    pub ground: Ground,
    /// Since when.
    pub opened_on: NaiveDate,
    /// The document that shows it.
    pub evidence: String,
    /// True if the issuer owes the provider more than the debt (rule 42).
    pub payer_lag: bool,
    /// When it was cured, and by which document.
    pub cured: Option<(NaiveDate, String)>,
}

/// Where a provider's contract stands.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum ProviderState {
    /// Paid.
    #[default]
    Active,
    /// Lessons go on and are recorded; what is earned is held (rule 38).
    Suspended,
    /// A termination waits for a person's decision.
    Terminating {
        /// Why.
        cause: TerminationCause,
        /// Since when: the time to object runs from here.
        proposed_on: NaiveDate,
        /// What it goes back to if it is not confirmed: suspended or active.
        was_suspended: bool,
    },
    /// Over; past clean accruals are paid (rule 41).
    Terminated {
        /// Why.
        cause: TerminationCause,
        /// From when on.
        from: NaiveDate,
    },
}

/// A provider's standing: its state and all grounds that were ever opened.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ProviderStanding {
    /// Where it stands.
    pub state: ProviderState,
    /// The grounds, in the order in which they were opened.
    pub grounds: Vec<OpenedGround>,
}

/// What happens to a provider's standing. Each is a signed, reasoned record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StandingStep {
    /// A ground is opened.
    Open {
        /// Which.
        ground: Ground,
        /// The document that shows it.
        evidence: String,
        /// True if the issuer owes more than the debt: then payments go on unless a person says so.
        payer_lag: bool,
        /// A person's decision to suspend all the same.
        despite_lag: bool,
    },
    /// A document that cures a ground is accepted.
    Cure {
        /// Which.
        ground: Ground,
        /// The document.
        document: String,
    },
    /// A termination is proposed.
    Propose(TerminationCause),
    /// A person confirms the proposed termination.
    Confirm,
    /// A person does not confirm it.
    Withdraw,
}

/// The numbers of the rules.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct SuspensionParams {
    /// How many months a ground may take to be cured.
    pub cure_months: u32,
    /// How many working days a provider may object to a termination.
    pub objection_days: u32,
    /// By how many days the issuer's payment may be late before it counts as the payer's lag.
    pub payer_lag_days: u32,
    /// The day of the month on which acts are paid.
    pub payment_day: u32,
}

impl Default for SuspensionParams {
    /// Gives the defaults of the rules document.
    fn default() -> Self {
        Self { cure_months: 4, objection_days: 5, payer_lag_days: 10, payment_day: 18 }
    }
}

/// Why a step was not taken. Nothing has changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StandingRefusal {
    /// The contract is over.
    #[error("the contract is terminated: nothing changes it any more")]
    Terminated,
    /// A ground that is open already.
    #[error("this ground is open already, with its own deadline")]
    AlreadyOpen,
    /// A ground that is not open.
    #[error("this ground is not open")]
    NotOpen,
    /// There is a proposal already.
    #[error("a termination is proposed already: confirm or withdraw it")]
    AlreadyProposed,
    /// There is no proposal.
    #[error("no termination is proposed")]
    NotProposed,
    /// The provider may still object.
    #[error("the provider may object until {until}: confirm after it")]
    ObjectionOpen {
        /// The last day.
        until: NaiveDate,
    },
}

/// What is due on a day: a notice to send, or a termination to propose. Nothing of it is automatic.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Due {
    /// Tell the provider how long it still has.
    Notice {
        /// For which ground.
        ground: Ground,
        /// How many days are left.
        days_left: u32,
    },
    /// The time to cure is over: a person is asked.
    ProposeTermination {
        /// For which ground.
        ground: Ground,
    },
}

/// How many days before the deadline a notice is sent (rule 37).
pub const NOTICE_DAYS: [u32; 4] = [60, 30, 7, 1];

/// Gives the last day to cure a ground: months are counted in the calendar and clamped to the month's
/// end (rule 37).
#[must_use]
pub fn cure_deadline(opened_on: NaiveDate, params: SuspensionParams) -> NaiveDate {
    opened_on.checked_add_months(Months::new(params.cure_months)).unwrap_or(NaiveDate::MAX)
}

impl ProviderStanding {
    /// Takes a step on a day.
    ///
    /// # Errors
    /// [`StandingRefusal`] if the step cannot be taken from here.
    pub fn apply(
        &self,
        step: &StandingStep,
        on: NaiveDate,
        params: SuspensionParams,
        calendar: &Calendar,
    ) -> Result<Self, StandingRefusal> {
        if matches!(self.state, ProviderState::Terminated { .. }) {
            return Err(StandingRefusal::Terminated);
        }
        let mut next = self.clone();
        match step {
            StandingStep::Open { ground, evidence, payer_lag, despite_lag } => {
                if self.open(*ground).is_some() {
                    return Err(StandingRefusal::AlreadyOpen);
                }
                next.grounds.push(OpenedGround {
                    ground: *ground,
                    opened_on: on,
                    evidence: evidence.clone(),
                    payer_lag: *payer_lag,
                    cured: None,
                });
                let excused = *payer_lag && ground.is_debt();
                if !excused || *despite_lag {
                    next.suspend();
                }
            }
            StandingStep::Cure { ground, document } => {
                let open = next.grounds.iter_mut().find(|one| is_open(one, *ground));
                open.ok_or(StandingRefusal::NotOpen)?.cured = Some((on, document.clone()));
                next.resume_if_clean();
            }
            StandingStep::Propose(cause) => {
                let was_suspended = match self.state {
                    ProviderState::Active => false,
                    ProviderState::Suspended => true,
                    ProviderState::Terminating { .. } | ProviderState::Terminated { .. } => {
                        return Err(StandingRefusal::AlreadyProposed);
                    }
                };
                let (cause, proposed_on) = (*cause, on);
                next.state = ProviderState::Terminating { cause, proposed_on, was_suspended };
            }
            StandingStep::Confirm => {
                let (cause, proposed_on, _) = self.proposal()?;
                let until = calendar.working_days_after(proposed_on, params.objection_days);
                if on <= until {
                    return Err(StandingRefusal::ObjectionOpen { until });
                }
                next.state = ProviderState::Terminated { cause, from: on };
            }
            StandingStep::Withdraw => {
                let (_, _, was_suspended) = self.proposal()?;
                next.state =
                    if was_suspended { ProviderState::Suspended } else { ProviderState::Active };
                next.resume_if_clean();
            }
        }
        Ok(next)
    }

    /// Says whether what is earned is held (rule 38).
    #[must_use]
    pub fn holds_payments(&self) -> bool {
        match self.state {
            ProviderState::Active => false,
            ProviderState::Suspended => true,
            ProviderState::Terminating { was_suspended, .. } => was_suspended,
            ProviderState::Terminated { .. } => true,
        }
    }

    /// Says whether a child may be booked anew.
    #[must_use]
    pub fn takes_bookings(&self) -> bool {
        self.state == ProviderState::Active
    }

    /// Gives what is due on a day.
    #[must_use]
    pub fn due(&self, on: NaiveDate, params: SuspensionParams) -> Vec<Due> {
        let open = self.grounds.iter().filter(|one| one.cured.is_none());
        open.filter_map(|one| {
            let left = cure_deadline(one.opened_on, params).signed_duration_since(on).num_days();
            let ground = one.ground;
            match u32::try_from(left) {
                Ok(0) | Err(_) => Some(Due::ProposeTermination { ground }),
                Ok(days_left) => {
                    NOTICE_DAYS.contains(&days_left).then_some(Due::Notice { ground, days_left })
                }
            }
        })
        .collect()
    }

    fn open(&self, ground: Ground) -> Option<&OpenedGround> {
        self.grounds.iter().find(|one| is_open(one, ground))
    }

    fn proposal(&self) -> Result<(TerminationCause, NaiveDate, bool), StandingRefusal> {
        match self.state {
            ProviderState::Terminating { cause, proposed_on, was_suspended } => {
                Ok((cause, proposed_on, was_suspended))
            }
            ProviderState::Active | ProviderState::Suspended | ProviderState::Terminated { .. } => {
                Err(StandingRefusal::NotProposed)
            }
        }
    }

    fn suspend(&mut self) {
        match &mut self.state {
            ProviderState::Terminating { was_suspended, .. } => *was_suspended = true,
            state @ (ProviderState::Active | ProviderState::Suspended) => {
                *state = ProviderState::Suspended;
            }
            ProviderState::Terminated { .. } => {}
        }
    }

    /// Payment resumes at once when every ground that stopped it has its document (rule 39).
    fn resume_if_clean(&mut self) {
        if self.grounds.iter().all(|one| one.cured.is_some()) {
            match &mut self.state {
                ProviderState::Terminating { was_suspended, .. } => *was_suspended = false,
                state @ ProviderState::Suspended => *state = ProviderState::Active,
                ProviderState::Active | ProviderState::Terminated { .. } => {}
            }
        }
    }
}

/// Says whether the issuer's own late payments exceed a provider's debt (rule 42). `unpaid_acts` are
/// approved acts with their months.
#[must_use]
pub fn is_payer_lag(
    debt: Tiyn,
    unpaid_acts: &[(Month, Tiyn)],
    on: NaiveDate,
    params: SuspensionParams,
) -> bool {
    let late = unpaid_acts.iter().filter(|(month, _)| {
        let due = month.next().and_then(|next| {
            let first = next.first_day();
            let day = params.payment_day.saturating_sub(1).saturating_add(params.payer_lag_days);
            first.checked_add_days(Days::new(u64::from(day)))
        });
        due.is_some_and(|due| due < on)
    });
    Tiyn::checked_sum(late.map(|(_, sum)| *sum)).is_none_or(|owed| owed > debt)
}

fn is_open(one: &OpenedGround, ground: Ground) -> bool {
    one.ground == ground && one.cured.is_none()
}

#[cfg(test)]
mod tests;
