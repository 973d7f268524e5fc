//! Where a voucher stands, and where each of its monthly parts stands (R7).
//!
//! Who may take a step is not decided here: that is the permission table's. How a state is called
//! officially is configuration ([`StatusMap`]).

mod part;
mod status;

use attendance::{GroupId, ProviderId};
use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;

pub use part::{PartRefusal, PartState, PartStep};
pub use status::{OfficialStatus, StatusMap};

/// A place in a group.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Place {
    /// Whose group.
    pub provider: ProviderId,
    /// Which group.
    pub group: GroupId,
}

/// Where a voucher stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum VoucherState {
    /// Entered, not in force yet.
    Registered,
    /// In force, without a place.
    Active {
        /// A place that is offered, and the last day to accept it.
        offered: Option<(Place, NaiveDate)>,
    },
    /// A place is accepted; the contract is not signed yet.
    Booked {
        /// The place.
        place: Place,
        /// The last day to sign.
        until: NaiveDate,
        /// True once the time to sign was extended.
        extended: bool,
    },
    /// The contract is signed.
    Contracted {
        /// The place.
        place: Place,
        /// Its first day.
        from: NaiveDate,
    },
    /// The contract ran to its end.
    Completed,
    /// It was not used in time.
    Expired {
        /// Since when.
        on: NaiveDate,
    },
    /// The parent refused it, by a signed act.
    Refused,
    /// The issuer annulled it; its history stays.
    Annulled,
}

impl VoucherState {
    /// Names the state in a sentence.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Registered => "entered",
            Self::Active { offered: None } => "in force",
            Self::Active { offered: Some(_) } => "offered a place",
            Self::Booked { .. } => "booked",
            Self::Contracted { .. } => "contracted",
            Self::Completed => "completed",
            Self::Expired { .. } => "expired",
            Self::Refused => "refused",
            Self::Annulled => "annulled",
        }
    }

    /// Says whether a voucher in this state counts as the child's one active voucher.
    #[must_use]
    pub fn is_in_force(&self) -> bool {
        match self {
            Self::Active { .. } | Self::Booked { .. } | Self::Contracted { .. } => true,
            Self::Registered
            | Self::Completed
            | Self::Expired { .. }
            | Self::Refused
            | Self::Annulled => false,
        }
    }

    /// Gives the place that is offered or booked, and the last day to say something about it.
    #[must_use]
    pub fn pending(&self) -> Option<(Place, NaiveDate)> {
        match *self {
            Self::Active { offered } => offered,
            Self::Booked { place, until, .. } => Some((place, until)),
            Self::Registered
            | Self::Contracted { .. }
            | Self::Completed
            | Self::Expired { .. }
            | Self::Refused
            | Self::Annulled => None,
        }
    }
}

/// A voucher's standing: its state, and what it has used up.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VoucherStanding {
    /// Where it stands.
    pub state: VoucherState,
    /// True once it was restored after it had expired.
    pub restored: bool,
    /// Days from which transfers took effect.
    pub transfers: Vec<NaiveDate>,
}

/// What happens to a voucher. Each is a signed record with its day.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum VoucherStep {
    /// The issuer puts it in force.
    Activate,
    /// A place is offered to the parent.
    Offer(Place),
    /// The parent accepts the offered place.
    Accept,
    /// The parent gives up what is offered or booked.
    Decline,
    /// The contract is signed; it begins on this day.
    Contract {
        /// The contract's first day.
        from: NaiveDate,
    },
    /// The time to sign is extended, once.
    Extend,
    /// An offer or a booking ran out, or a long absence released it.
    Release,
    /// The parent changes the provider: the contract ends, and the voucher is free from this day.
    Transfer {
        /// The first day without the old place.
        from: NaiveDate,
    },
    /// The provider's contract was terminated: children may book at once.
    ProviderTerminated,
    /// The contract ran to its end.
    Complete,
    /// It was not used in time.
    Expire,
    /// It is restored, once.
    Restore,
    /// The parent refuses it, by a signed act.
    Refuse,
    /// The issuer annuls it for wrong data.
    Annul {
        /// Why.
        reason: String,
        /// True if a second person agreed.
        second_person: bool,
    },
}

/// The numbers of the rules.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct VoucherParams {
    /// Working days to accept an offer.
    pub accept_ttl: u32,
    /// Working days to sign a contract.
    pub contract_ttl: u32,
    /// Calendar days by which the time to sign is extended.
    pub extend_once: u32,
    /// Calendar days in which an expired voucher may be restored.
    pub restore_once_within: u32,
    /// Transfers in a quarter of the year.
    pub transfers_per_quarter: u32,
    /// Vouchers of a child that are in force on one day.
    pub active_vouchers_per_child: u32,
}

impl Default for VoucherParams {
    /// Gives the defaults of the rules document.
    fn default() -> Self {
        Self {
            accept_ttl: 2,
            contract_ttl: 5,
            extend_once: 30,
            restore_once_within: 28,
            transfers_per_quarter: 2,
            active_vouchers_per_child: 1,
        }
    }
}

/// Why a step was not taken. Nothing has changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VoucherRefusal {
    /// The step does not lead on from where the voucher stands.
    #[error("the voucher stands elsewhere: this step does not lead on from there")]
    WrongState,
    /// The time for the step is over.
    #[error("the time for it ended on {until}")]
    TooLate {
        /// The last day on which it was possible.
        until: NaiveDate,
    },
    /// The time is not over yet.
    #[error("it holds until {until}: nothing lapses before")]
    TooEarly {
        /// The last day on which it holds.
        until: NaiveDate,
    },
    /// It is possible once, and that once was.
    #[error("this is possible once only")]
    OnlyOnce,
    /// The transfers of the quarter are used up.
    #[error("{most} transfers in a quarter, and no more")]
    TransfersUsedUp {
        /// How many there may be.
        most: u32,
    },
    /// Annulling after a booking needs a second person.
    #[error("a second person must agree to annul a voucher that was booked")]
    SecondPersonMissing,
}

impl VoucherStanding {
    /// Begins with a voucher that was entered.
    #[must_use]
    pub fn registered() -> Self {
        Self { state: VoucherState::Registered, restored: false, transfers: Vec::new() }
    }

    /// Takes a step on a day.
    ///
    /// # Errors
    /// [`VoucherRefusal`] if it cannot be taken from here or not on this day.
    pub fn apply(
        &self,
        step: &VoucherStep,
        on: NaiveDate,
        params: VoucherParams,
        calendar: &Calendar,
    ) -> Result<Self, VoucherRefusal> {
        let mut next = self.clone();
        next.state = match step {
            VoucherStep::Activate => self.activate()?,
            VoucherStep::Offer(place) => {
                let until = calendar.working_days_after(on, params.accept_ttl);
                self.offer(*place, on, until)?
            }
            VoucherStep::Accept => {
                let until = calendar.working_days_after(on, params.contract_ttl);
                self.accept(on, until)?
            }
            VoucherStep::Decline => self.decline()?,
            VoucherStep::Contract { from } => self.contract(*from, on)?,
            VoucherStep::Extend => self.extend(on, params)?,
            VoucherStep::Release => self.release(on)?,
            VoucherStep::Transfer { from } => {
                self.may_transfer(*from, params)?;
                next.transfers.push(*from);
                FREE
            }
            VoucherStep::ProviderTerminated => self.freed()?,
            VoucherStep::Complete => self.complete()?,
            VoucherStep::Expire => self.expire(on)?,
            VoucherStep::Restore => {
                next.restored = true;
                self.restore(on, params)?
            }
            VoucherStep::Refuse => self.ended(VoucherState::Refused)?,
            VoucherStep::Annul { second_person, .. } => {
                if self.was_booked() && !second_person {
                    return Err(VoucherRefusal::SecondPersonMissing);
                }
                self.ended(VoucherState::Annulled)?
            }
        };
        Ok(next)
    }

    /// Says how it stands on a day if nothing was said since: an offer or a booking that ran out before it
    /// is no more.
    #[must_use]
    pub fn lapsed(&self, on: NaiveDate) -> Self {
        let ran_out = self.state.pending().is_some_and(|(_, until)| on > until);
        let state = if ran_out { FREE } else { self.state };
        Self { state, ..self.clone() }
    }

    /// Says whether it counts as the child's one active voucher.
    #[must_use]
    pub fn is_in_force(&self) -> bool {
        self.state.is_in_force()
    }

    fn activate(&self) -> Result<VoucherState, VoucherRefusal> {
        let entered = self.state == VoucherState::Registered;
        entered.then_some(FREE).ok_or(VoucherRefusal::WrongState)
    }

    fn offer(
        &self,
        place: Place,
        on: NaiveDate,
        until: NaiveDate,
    ) -> Result<VoucherState, VoucherRefusal> {
        let VoucherState::Active { offered } = self.state else {
            return Err(VoucherRefusal::WrongState);
        };
        match offered {
            Some((_, open)) if on <= open => Err(VoucherRefusal::TooEarly { until: open }),
            Some(_) | None => Ok(VoucherState::Active { offered: Some((place, until)) }),
        }
    }

    fn accept(&self, on: NaiveDate, until: NaiveDate) -> Result<VoucherState, VoucherRefusal> {
        let VoucherState::Active { offered: Some((place, open)) } = self.state else {
            return Err(VoucherRefusal::WrongState);
        };
        in_time(on, open)?;
        Ok(VoucherState::Booked { place, until, extended: false })
    }

    fn decline(&self) -> Result<VoucherState, VoucherRefusal> {
        let open = matches!(
            self.state,
            VoucherState::Active { offered: Some(_) } | VoucherState::Booked { .. }
        );
        open.then_some(FREE).ok_or(VoucherRefusal::WrongState)
    }

    fn contract(&self, from: NaiveDate, on: NaiveDate) -> Result<VoucherState, VoucherRefusal> {
        let VoucherState::Booked { place, until, .. } = self.state else {
            return Err(VoucherRefusal::WrongState);
        };
        in_time(on, until)?;
        Ok(VoucherState::Contracted { place, from })
    }

    fn extend(&self, on: NaiveDate, params: VoucherParams) -> Result<VoucherState, VoucherRefusal> {
        let VoucherState::Booked { place, until, extended } = self.state else {
            return Err(VoucherRefusal::WrongState);
        };
        if extended {
            return Err(VoucherRefusal::OnlyOnce);
        }
        in_time(on, until)?;
        let until = later(until, params.extend_once);
        Ok(VoucherState::Booked { place, until, extended: true })
    }

    /// An offer or a booking that has run out, or a contract that a long absence released.
    fn release(&self, on: NaiveDate) -> Result<VoucherState, VoucherRefusal> {
        if let VoucherState::Active { offered: Some((_, until)) }
        | VoucherState::Booked { until, .. } = self.state
        {
            return if on <= until { Err(VoucherRefusal::TooEarly { until }) } else { Ok(FREE) };
        }
        let contracted = matches!(self.state, VoucherState::Contracted { .. });
        contracted.then_some(FREE).ok_or(VoucherRefusal::WrongState)
    }

    fn may_transfer(&self, from: NaiveDate, params: VoucherParams) -> Result<(), VoucherRefusal> {
        if !matches!(self.state, VoucherState::Booked { .. } | VoucherState::Contracted { .. }) {
            return Err(VoucherRefusal::WrongState);
        }
        let same = |day: &&NaiveDate| quarter(**day) == quarter(from);
        let used = u32::try_from(self.transfers.iter().filter(same).count()).unwrap_or(u32::MAX);
        if used >= params.transfers_per_quarter {
            return Err(VoucherRefusal::TransfersUsedUp { most: params.transfers_per_quarter });
        }
        Ok(())
    }

    fn freed(&self) -> Result<VoucherState, VoucherRefusal> {
        let placed =
            matches!(self.state, VoucherState::Booked { .. } | VoucherState::Contracted { .. });
        placed.then_some(FREE).ok_or(VoucherRefusal::WrongState)
    }

    fn complete(&self) -> Result<VoucherState, VoucherRefusal> {
        let contracted = matches!(self.state, VoucherState::Contracted { .. });
        contracted.then_some(VoucherState::Completed).ok_or(VoucherRefusal::WrongState)
    }

    fn expire(&self, on: NaiveDate) -> Result<VoucherState, VoucherRefusal> {
        let free = matches!(self.state, VoucherState::Active { .. });
        free.then_some(VoucherState::Expired { on }).ok_or(VoucherRefusal::WrongState)
    }

    fn restore(
        &self,
        on: NaiveDate,
        params: VoucherParams,
    ) -> Result<VoucherState, VoucherRefusal> {
        let VoucherState::Expired { on: expired } = self.state else {
            return Err(VoucherRefusal::WrongState);
        };
        if self.restored {
            return Err(VoucherRefusal::OnlyOnce);
        }
        in_time(on, later(expired, params.restore_once_within))?;
        Ok(FREE)
    }

    /// Ends for good what has not ended yet.
    fn ended(&self, end: VoucherState) -> Result<VoucherState, VoucherRefusal> {
        let open = self.is_in_force() || self.state == VoucherState::Registered;
        if open { Ok(end) } else { Err(VoucherRefusal::WrongState) }
    }

    pub(crate) fn was_booked(&self) -> bool {
        let booked =
            matches!(self.state, VoucherState::Booked { .. } | VoucherState::Contracted { .. });
        booked || !self.transfers.is_empty()
    }
}

fn in_time(on: NaiveDate, until: NaiveDate) -> Result<(), VoucherRefusal> {
    if on <= until { Ok(()) } else { Err(VoucherRefusal::TooLate { until }) }
}

fn later(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX)
}

pub(crate) fn quarter(day: NaiveDate) -> (i32, u32) {
    (day.year(), day.month0() / 3)
}

/// In force, and nothing is offered.
const FREE: VoucherState = VoucherState::Active { offered: None };

#[cfg(test)]
mod tests;
