//! Every voucher from its entry to its end, as the log tells it (R7, rules 43 and 45).
//!
//! The issuer enters a voucher, puts it in force and offers a place; the family accepts it or gives it up;
//! the contract comes with the district's snapshot. Offers and bookings lapse by themselves, in working
//! days. A step that cannot be taken changes nothing and is kept with its reason. Days are those that the
//! events claim; which step comes first is the log's word.
//!
//! Absent on purpose: money (a month rests on contracts alone), and transfers, which are the contracts' own
//! ([`Snapshot::after`]).

use std::collections::BTreeMap;

use attendance::{ChildId, Decision, EventKind, GroupId, VoucherId};
use chrono::NaiveDate;
use seal::Hash;

use crate::calendar::local_day;
use crate::snapshot::{Contract, Snapshot};
use crate::snapshots::Snapshots;
use crate::standings::Standings;
use crate::visit::LoggedEvent;
use crate::voucher::{
    Place, VoucherParams, VoucherRefusal, VoucherStanding, VoucherState, VoucherStep,
};

mod ending;
mod seats;

use ending::speaks_for;
pub(crate) use ending::{Ending, Endings, ends};
use seats::Seats;

/// Why an event about a voucher changes nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterRefusal {
    /// Fields are missing or do not fit the kind, or it decides what is no decision about a voucher.
    #[error("the event has not the form of its kind")]
    Form,
    /// By a device that is neither the family's nor the issuer's.
    #[error("only the issuer decides about a voucher, and only the child's family answers")]
    NotAllowed,
    /// The issuer answers for a family and names no paper of it.
    #[error("what the issuer enters for a family rests on the family's paper: name its number")]
    NoPaper,
    /// Nobody has entered it.
    #[error("no voucher of this identifier is entered")]
    Unknown,
    /// It is there already.
    #[error("this voucher is entered already")]
    Known,
    /// Another voucher has this number.
    #[error("another voucher has this number")]
    NumberTaken,
    /// It is another child's.
    #[error("the voucher is another child's")]
    OtherChild,
    /// The child has as many in force as it may.
    #[error("the child has {most} in force, and no more at a time")]
    ActiveElsewhere {
        /// How many there may be.
        most: u32,
    },
    /// There is no such group.
    #[error("there is no such group")]
    NoGroup,
    /// All its places are taken, or offered to others.
    #[error("all {capacity} places of the group are taken or offered")]
    Full {
        /// How many children it has place for.
        capacity: u32,
    },
    /// The provider takes nobody now.
    #[error("the provider is suspended or ended, and takes nobody")]
    NoBookings,
    /// Somebody ended it before.
    #[error("the voucher was refused or annulled before")]
    Ended,
    /// The day lies after the contract.
    #[error("it would take effect on {0}, after the contract's last day")]
    Day(NaiveDate),
    /// It was proposed to annul it, and nobody agreed yet.
    #[error("it is proposed already: a second person agrees by naming that event")]
    ProposedAlready,
    /// It agrees to a proposal that is not open.
    #[error("it names no proposal that is open")]
    NoProposal,
    /// It agrees to its own proposal.
    #[error("a second person must agree: this device made the proposal")]
    SamePerson,
    /// The step does not lead on from where the voucher stands.
    #[error(transparent)]
    Step(#[from] VoucherRefusal),
}

/// What an event about a voucher came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum VoucherOutcome {
    /// The voucher stands as the event says.
    Taken,
    /// A second person must agree.
    Proposed,
}

/// An event about a voucher, at its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VoucherEvent {
    /// The leaf.
    pub leaf: u64,
    /// The event.
    pub hash: Hash,
    /// The voucher; absent if the event names none.
    pub voucher: Option<VoucherId>,
    /// The day that it claims.
    pub on: Option<NaiveDate>,
    /// What it says.
    pub decision: Option<Decision>,
    /// What came of it.
    pub outcome: Result<VoucherOutcome, RegisterRefusal>,
}

/// A voucher in the register.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VoucherRecord {
    /// The voucher.
    pub voucher: VoucherId,
    /// The printed number.
    pub number: String,
    /// The child.
    pub child: ChildId,
    /// The leaf that has it first.
    pub since_leaf: u64,
    /// The last day of the contract, once there is one.
    pub contract_to: Option<NaiveDate>,
    /// The first day without a place, if somebody refused or annulled it.
    pub ends: Option<NaiveDate>,
    /// The proposal to annul it that waits for a second person.
    pub proposal: Option<Hash>,
    standing: VoucherStanding,
}

impl VoucherRecord {
    /// Says where the voucher stands on a day: what ran out before it has lapsed.
    #[must_use]
    pub fn state_on(&self, day: NaiveDate) -> VoucherState {
        let state = self.standing.lapsed(day).state;
        let over = self.contract_to.is_some_and(|last| day > last);
        let contracted = matches!(state, VoucherState::Contracted { .. });
        if contracted && over { VoucherState::Completed } else { state }
    }
}

/// The vouchers of a log.
#[derive(Clone, Debug, Default)]
pub struct VoucherRegister {
    records: BTreeMap<VoucherId, VoucherRecord>,
    of_number: BTreeMap<String, VoucherId>,
    of_child: BTreeMap<ChildId, Vec<VoucherId>>,
    standings: Standings,
    endings: Endings,
    seats: Seats,
    /// What was said of vouchers, in the log's order.
    pub events: Vec<VoucherEvent>,
}

impl VoucherRegister {
    /// Folds a log. Events are a prefix of it, in any order.
    #[must_use]
    pub fn of(history: &Snapshots, events: &[LoggedEvent]) -> Self {
        let mut events: Vec<&LoggedEvent> = events.iter().collect();
        events.sort_by_key(|logged| logged.index);
        let mut register = Self::default();
        let mut snapshots = history.all().peekable();
        for logged in events {
            while let Some(next) = snapshots.next_if(|next| next.index < logged.index) {
                register.take_contracts(next.index, &next.snapshot);
            }
            register.take(&history.before(logged.index).snapshot, logged);
        }
        for next in snapshots {
            register.take_contracts(next.index, &next.snapshot);
        }
        register
    }

    /// Lists the vouchers, by identifier.
    pub fn records(&self) -> impl Iterator<Item = &VoucherRecord> {
        self.records.values()
    }

    /// Finds a voucher.
    #[must_use]
    pub fn record(&self, voucher: VoucherId) -> Option<&VoucherRecord> {
        self.records.get(&voucher)
    }

    /// Finds a voucher by its printed number.
    #[must_use]
    pub fn of_number(&self, number: &str) -> Option<&VoucherRecord> {
        self.records.get(self.of_number.get(number)?)
    }

    /// Counts a child's vouchers that are in force on a day, without one.
    fn in_force_beside(&self, child: ChildId, voucher: VoucherId, on: NaiveDate) -> usize {
        let others = self.of_child.get(&child).into_iter().flatten();
        let others = others.filter(|other| **other != voucher);
        let in_force = |one: &VoucherRecord| one.state_on(on).is_in_force();
        others.filter_map(|one| self.records.get(one)).filter(|one| in_force(one)).count()
    }

    /// A contract that the district signed is one, whatever the log says of its booking.
    fn take_contracts(&mut self, leaf: u64, snapshot: &Snapshot) {
        self.seats.take_contracts(snapshot);
        for contract in &snapshot.contracts {
            let place = Place { provider: contract.provider, group: contract.group };
            let state = VoucherState::Contracted { place, from: contract.from };
            let known = self.records.contains_key(&contract.voucher);
            if !known {
                self.enter(contract.voucher, &contract.number, contract.child, leaf);
            }
            let Some(record) = self.records.get_mut(&contract.voucher) else { continue };
            if record.ends.is_none() {
                record.standing.state = state;
            }
            record.contract_to = Some(contract.to);
        }
    }

    fn enter(&mut self, voucher: VoucherId, number: &str, child: ChildId, leaf: u64) {
        let record = VoucherRecord {
            voucher,
            number: number.to_owned(),
            child,
            since_leaf: leaf,
            contract_to: None,
            ends: None,
            proposal: None,
            standing: VoucherStanding::registered(),
        };
        self.records.insert(voucher, record);
        self.of_number.entry(number.to_owned()).or_insert(voucher);
        self.of_child.entry(child).or_default().push(voucher);
    }

    fn take(&mut self, snapshot: &Snapshot, logged: &LoggedEvent) {
        let event = &logged.event;
        if !matches!(event.kind, EventKind::VoucherSet | EventKind::VoucherAnswer) {
            self.standings.take(snapshot, logged);
            return;
        }
        let outcome = self.step(snapshot, logged);
        self.events.push(VoucherEvent {
            leaf: logged.index,
            hash: logged.hash,
            voucher: event.voucher,
            on: local_day(event.wall_ms),
            decision: event.decision,
            outcome,
        });
    }

    fn step(
        &mut self,
        snapshot: &Snapshot,
        logged: &LoggedEvent,
    ) -> Result<VoucherOutcome, RegisterRefusal> {
        let event = &logged.event;
        event.verify_form().map_err(|_| RegisterRefusal::Form)?;
        let on = local_day(event.wall_ms).ok_or(RegisterRefusal::Form)?;
        let (Some(voucher), Some(child), Some(decision)) =
            (event.voucher, event.child, event.decision)
        else {
            return Err(RegisterRefusal::Form);
        };
        speaks_for(logged, child)?;
        if (event.kind, decision) == (EventKind::VoucherSet, Decision::Register) {
            return self.register(logged.index, voucher, child, event.document.as_deref());
        }
        let record = self.records.get(&voucher).ok_or(RegisterRefusal::Unknown)?;
        if record.child != child {
            return Err(RegisterRefusal::OtherChild);
        }
        let standing = VoucherStanding { state: record.state_on(on), ..record.standing.clone() };
        let params = snapshot.rules_on(on).map(|rules| rules.voucher).unwrap_or_default();
        let mut ends = None;
        let step = if ending::ends(logged) {
            let (booked, last) = (standing.was_booked(), record.contract_to);
            // What ended in another way ends no more.
            standing.apply(&VoucherStep::Refuse, on, params, &snapshot.calendar)?;
            match self.endings.take(logged, child, booked, last)? {
                Ending::Proposed => {
                    self.note_proposal(voucher);
                    return Ok(VoucherOutcome::Proposed);
                }
                Ending::From(day) => ends = Some(day),
            }
            let reason = event.document.clone().unwrap_or_default();
            if decision == Decision::Annul {
                VoucherStep::Annul { reason, second_person: booked }
            } else {
                VoucherStep::Refuse
            }
        } else {
            self.plain_step(snapshot, logged, decision, &standing)?
        };
        if matches!(step, VoucherStep::Activate | VoucherStep::Restore) {
            self.may_be_in_force(child, voucher, on, params)?;
        }
        if let VoucherStep::Offer(place) = step {
            self.has_place(snapshot, place, voucher, on)?;
        }
        let next = standing.apply(&step, on, params, &snapshot.calendar)?;
        self.note_proposal(voucher);
        if let Some((place, _)) = next.state.pending() {
            self.seats.promise(place.group, voucher);
        }
        if let Some(record) = self.records.get_mut(&voucher) {
            record.standing = next;
            record.ends = ends.or(record.ends);
        }
        Ok(VoucherOutcome::Taken)
    }

    fn register(
        &mut self,
        leaf: u64,
        voucher: VoucherId,
        child: ChildId,
        number: Option<&str>,
    ) -> Result<VoucherOutcome, RegisterRefusal> {
        let number = number.ok_or(RegisterRefusal::Form)?;
        if self.records.contains_key(&voucher) {
            return Err(RegisterRefusal::Known);
        }
        if self.of_number.contains_key(number) {
            return Err(RegisterRefusal::NumberTaken);
        }
        self.enter(voucher, number, child, leaf);
        Ok(VoucherOutcome::Taken)
    }

    /// Reads the steps that end nothing.
    fn plain_step(
        &self,
        snapshot: &Snapshot,
        logged: &LoggedEvent,
        decision: Decision,
        standing: &VoucherStanding,
    ) -> Result<VoucherStep, RegisterRefusal> {
        let step = match (logged.event.kind, decision) {
            (EventKind::VoucherSet, Decision::Activate) => VoucherStep::Activate,
            (EventKind::VoucherSet, Decision::Offer) => {
                let group = logged.event.group.and_then(|group| snapshot.group(group));
                let group = group.ok_or(RegisterRefusal::NoGroup)?;
                self.takes(Place { provider: group.provider, group: group.id })
                    .map(VoucherStep::Offer)?
            }
            (EventKind::VoucherSet, Decision::Extend) => VoucherStep::Extend,
            (EventKind::VoucherSet, Decision::Expire) => VoucherStep::Expire,
            (EventKind::VoucherSet, Decision::Restore) => VoucherStep::Restore,
            (EventKind::VoucherAnswer, Decision::Accept) => {
                if let VoucherState::Active { offered: Some((place, _)) } = standing.state {
                    self.takes(place)?;
                }
                VoucherStep::Accept
            }
            (EventKind::VoucherAnswer, Decision::Decline) => VoucherStep::Decline,
            (_, _) => return Err(RegisterRefusal::Form),
        };
        Ok(step)
    }

    fn takes(&self, place: Place) -> Result<Place, RegisterRefusal> {
        let open = self.standings.takes_bookings(place.provider);
        open.then_some(place).ok_or(RegisterRefusal::NoBookings)
    }

    /// Holds an offer against the group's capacity.
    fn has_place(
        &self,
        snapshot: &Snapshot,
        place: Place,
        voucher: VoucherId,
        on: NaiveDate,
    ) -> Result<(), RegisterRefusal> {
        let capacity = snapshot.group(place.group).and_then(|group| group.capacity);
        let Some(capacity) = capacity else { return Ok(()) };
        let taken = self.seats.taken(&self.records, place.group, Some(voucher), on);
        let full = usize::try_from(capacity).is_ok_and(|capacity| taken >= capacity);
        if full { Err(RegisterRefusal::Full { capacity }) } else { Ok(()) }
    }

    /// Counts the places of a group that are taken, booked or offered on a day. Contracts count only where
    /// the group has a capacity.
    #[must_use]
    pub fn places_taken(&self, group: GroupId, on: NaiveDate) -> usize {
        self.seats.taken(&self.records, group, None, on)
    }

    fn may_be_in_force(
        &self,
        child: ChildId,
        voucher: VoucherId,
        on: NaiveDate,
        params: VoucherParams,
    ) -> Result<(), RegisterRefusal> {
        let most = params.active_vouchers_per_child;
        let others = u32::try_from(self.in_force_beside(child, voucher, on)).unwrap_or(u32::MAX);
        if others < most { Ok(()) } else { Err(RegisterRefusal::ActiveElsewhere { most }) }
    }

    fn note_proposal(&mut self, voucher: VoucherId) {
        let proposal = self.endings.proposal(voucher);
        if let Some(record) = self.records.get_mut(&voucher) {
            record.proposal = proposal;
        }
    }
}

/// Says why a contract may not be signed with a voucher that the register has: it is not booked there, or
/// the time to sign is over. A voucher that nobody entered is the district's own affair.
pub(crate) fn may_sign(
    register: &VoucherRegister,
    contract: &Contract,
    on: NaiveDate,
) -> Result<(), VoucherState> {
    let Some(record) = register.record(contract.voucher) else { return Ok(()) };
    let state = record.state_on(on);
    let may = match state {
        VoucherState::Contracted { .. } | VoucherState::Completed => true,
        VoucherState::Booked { place, .. } => {
            record.child == contract.child
                && (place.group, place.provider) == (contract.group, contract.provider)
        }
        VoucherState::Registered
        | VoucherState::Active { .. }
        | VoucherState::Expired { .. }
        | VoucherState::Refused
        | VoucherState::Annulled => false,
    };
    if may { Ok(()) } else { Err(state) }
}
