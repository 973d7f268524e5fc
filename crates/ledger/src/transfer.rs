//! Transfers, refusals and terminations of a prefix of the log, put into the contracts (R7, rules 41, 44
//! and 45).
//!
//! A transfer is an event of the family or of a district's coordinator. It takes effect on the day
//! after the one it claims, or later if it says so, and after the last transfer: what a snapshot says
//! of the same or a later day stands. The old provider has no say, and neither has a suspension of the
//! old one. The days before it stay what they were. A voucher that its family refuses, or that the issuer
//! annuls, has no place from the next day on.

use std::borrow::Cow;
use std::collections::BTreeMap;

use attendance::{EventKind, Role, VoucherId};
use chrono::NaiveDate;

use crate::calendar::local_day;
use crate::register::{Ending, Endings, ends};
use crate::snapshot::{Contract, Segment, Snapshot};
use crate::standings::{Standings, day_of_number};
use crate::visit::LoggedEvent;
use crate::voucher::quarter;

/// Why a transfer changes nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TransferRefusal {
    /// Fields are missing or do not fit the kind.
    #[error("the event has not the form of its kind")]
    Form,
    /// There is no contract with this voucher.
    #[error("no contract has this voucher")]
    NoContract,
    /// By a device that is neither the family's nor a coordinator's of the district.
    #[error("only the family or a coordinator of the district moves a voucher")]
    NotTheFamily,
    /// There is no such group.
    #[error("there is no such group")]
    NoGroup,
    /// The child is there already.
    #[error("the child is in this group already")]
    SameGroup,
    /// The day is outside the contract, or not after the last transfer.
    #[error("it would take effect on {0}: outside the contract, or not after the transfer before")]
    Day(NaiveDate),
    /// The new provider takes nobody now.
    #[error("the provider is suspended or ended, and takes nobody")]
    NoBookings,
    /// The voucher was refused or annulled (rule 45).
    #[error("the voucher was refused or annulled before")]
    Ended,
    /// The transfers of the quarter are used up (rule 44).
    #[error("{most} transfers in a quarter, and no more")]
    UsedUp {
        /// How many there may be.
        most: u32,
    },
}

/// A transfer of the log, and what came of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TransferEvent {
    /// The leaf.
    pub leaf: u64,
    /// The voucher; absent if the event names none.
    pub voucher: Option<VoucherId>,
    /// The place it moved to, or why it did not.
    pub outcome: Result<Segment, TransferRefusal>,
}

/// A district as it is after what a prefix of the log moved.
#[derive(Clone, Debug)]
pub struct Moved<'a> {
    /// The district with the contracts as they are.
    pub snapshot: Cow<'a, Snapshot>,
    /// The transfers, in the log's order.
    pub transfers: Vec<TransferEvent>,
    /// Where providers stand.
    pub standings: Standings,
    endings: Endings,
}

impl Moved<'_> {
    /// Gives the first day on which a voucher has no place any more, if it was refused or annulled.
    #[must_use]
    pub fn ended(&self, voucher: VoucherId) -> Option<NaiveDate> {
        self.endings.of(voucher)
    }
}

/// What a prefix of the log changes of a district.
pub(crate) struct Changes {
    /// The contracts that are otherwise, as they are.
    pub(crate) changed: BTreeMap<VoucherId, Contract>,
    transfers: Vec<TransferEvent>,
    /// Where providers stand.
    pub(crate) standings: Standings,
    endings: Endings,
}

impl Changes {
    /// Gives all contracts as they are, in the snapshot's order.
    pub(crate) fn contracts_of<'a>(&'a self, snapshot: &'a Snapshot) -> Vec<&'a Contract> {
        let now = |one: &'a Contract| self.changed.get(&one.voucher).unwrap_or(one);
        snapshot.contracts.iter().map(now).collect()
    }
}

impl Snapshot {
    /// Puts transfers and terminations into the contracts. Events are a prefix of the log, in any
    /// order.
    #[must_use]
    pub fn after<'a>(&'a self, events: &[LoggedEvent]) -> Moved<'a> {
        let mut events: Vec<&LoggedEvent> = events.iter().collect();
        events.sort_by_key(|logged| logged.index);
        self.moved(&events)
    }

    /// The same; `events` are in the log's order.
    pub(crate) fn moved<'a>(&'a self, events: &[&LoggedEvent]) -> Moved<'a> {
        let Changes { changed, transfers, standings, endings } = self.changes(events);
        Moved { snapshot: self.with_contracts(changed), transfers, standings, endings }
    }

    /// The contracts alone that are otherwise afterwards; `events` are in the log's order.
    pub(crate) fn changes(&self, events: &[&LoggedEvent]) -> Changes {
        let bears_on_one =
            |logged: &LoggedEvent| logged.event.kind == EventKind::Transfer || ends(logged);
        let any = events.iter().any(|logged| bears_on_one(logged));
        let contracts = self.contracts.iter().filter(|_| any);
        let known: BTreeMap<VoucherId, &Contract> =
            contracts.map(|contract| (contract.voucher, contract)).collect();
        let (mut standings, mut transfers) = (Standings::default(), Vec::new());
        let mut endings = Endings::default();
        let mut changed: BTreeMap<VoucherId, Contract> = BTreeMap::new();
        for logged in events {
            if logged.event.kind == EventKind::Transfer {
                let outcome = match logged.event.voucher.and_then(|voucher| endings.of(voucher)) {
                    Some(_) => Err(TransferRefusal::Ended),
                    None => self.transfer(logged, &standings, &known, &mut changed),
                };
                let (leaf, voucher) = (logged.index, logged.event.voucher);
                transfers.push(TransferEvent { leaf, voucher, outcome });
            } else if ends(logged) {
                end(logged, &known, &mut endings, &mut changed);
            } else {
                standings.take(self, logged);
            }
        }
        for (provider, end) in standings.ends() {
            for contract in self.contracts.iter().filter(|one| one.knows_provider(provider)) {
                changed.entry(contract.voucher).or_insert_with(|| contract.clone());
            }
            for contract in changed.values_mut() {
                cut(contract, end, |place| place.provider == provider);
            }
        }
        Changes { changed, transfers, standings, endings }
    }

    fn with_contracts(&self, mut changed: BTreeMap<VoucherId, Contract>) -> Cow<'_, Self> {
        if changed.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut snapshot = self.clone();
        for contract in &mut snapshot.contracts {
            if let Some(moved) = changed.remove(&contract.voucher) {
                *contract = moved;
            }
        }
        Cow::Owned(snapshot)
    }

    fn transfer(
        &self,
        logged: &LoggedEvent,
        standings: &Standings,
        contracts: &BTreeMap<VoucherId, &Contract>,
        changed: &mut BTreeMap<VoucherId, Contract>,
    ) -> Result<Segment, TransferRefusal> {
        let event = &logged.event;
        event.verify_form().map_err(|_| TransferRefusal::Form)?;
        let voucher = event.voucher.ok_or(TransferRefusal::Form)?;
        let known = changed.get(&voucher).or_else(|| contracts.get(&voucher).copied());
        let contract = known.ok_or(TransferRefusal::NoContract)?;
        let family = logged.role == Role::Parent && logged.children.contains(&contract.child);
        let other_child = event.child.is_some_and(|child| child != contract.child);
        if other_child || !(family || logged.decides()) {
            return Err(TransferRefusal::NotTheFamily);
        }
        let group = event.group.and_then(|group| self.group(group));
        let group = group.ok_or(TransferRefusal::NoGroup)?;
        let mut places = contract.places().into_owned();
        let last = *places.last().ok_or(TransferRefusal::NoContract)?;
        let from = effective_day(logged).ok_or(TransferRefusal::Form)?;
        if from <= last.from || from > contract.to {
            return Err(TransferRefusal::Day(from));
        }
        if last.group == group.id && last.to >= from {
            return Err(TransferRefusal::SameGroup);
        }
        if !standings.takes_bookings(group.provider) {
            return Err(TransferRefusal::NoBookings);
        }
        self.has_transfers_left(&places, from)?;
        let place = Segment { group: group.id, provider: group.provider, from, to: contract.to };
        if let Some(last) = places.last_mut() {
            last.to = last.to.min(from.pred_opt().unwrap_or(from));
        }
        places.push(place);
        changed.insert(voucher, Contract { segments: places, ..contract.clone() });
        Ok(place)
    }

    /// Counts the moves of the quarter, whoever entered them.
    fn has_transfers_left(
        &self,
        places: &[Segment],
        from: NaiveDate,
    ) -> Result<(), TransferRefusal> {
        let params = self.rules_on(from);
        let most = params.map(|params| params.voucher).unwrap_or_default().transfers_per_quarter;
        let moves = places.iter().skip(1).filter(|one| quarter(one.from) == quarter(from));
        let used = u32::try_from(moves.count()).unwrap_or(u32::MAX);
        if used < most { Ok(()) } else { Err(TransferRefusal::UsedUp { most }) }
    }
}

/// Ends a contract that its voucher's family refuses, or that the issuer annuls. What is refused changes
/// nothing, and the register tells why.
fn end(
    logged: &LoggedEvent,
    contracts: &BTreeMap<VoucherId, &Contract>,
    endings: &mut Endings,
    changed: &mut BTreeMap<VoucherId, Contract>,
) {
    let Some(voucher) = logged.event.voucher else { return };
    let known = changed.get(&voucher).or_else(|| contracts.get(&voucher).copied());
    let Some(contract) = known.filter(|one| logged.event.child == Some(one.child)) else { return };
    let mut contract = contract.clone();
    let ending = endings.take(logged, contract.child, true, Some(contract.to));
    if let Ok(Ending::From(day)) = ending {
        cut(&mut contract, day, |_| true);
        changed.insert(voucher, contract);
    }
}

/// Ends places of a contract before a day.
fn cut(contract: &mut Contract, end: NaiveDate, which: impl Fn(&Segment) -> bool) {
    contract.segments = contract.places().into_owned();
    for place in contract.segments.iter_mut().filter(|place| which(place)) {
        place.to = place.to.min(end.pred_opt().unwrap_or(end));
    }
}

/// The day after the one that the event claims, or a later one that it names.
pub(crate) fn effective_day(logged: &LoggedEvent) -> Option<NaiveDate> {
    let next = local_day(logged.event.wall_ms)?.succ_opt()?;
    match logged.event.from_day {
        None => Some(next),
        Some(number) => day_of_number(number).map(|named| named.max(next)),
    }
}
