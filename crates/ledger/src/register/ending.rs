//! How a voucher ends by a person's word: the family refuses it, or the issuer annuls it (rules 45, 46).
//!
//! The register of vouchers and the contracts that money rests on ask the same code, so that they cannot
//! come to different ends.

use std::collections::BTreeMap;

use attendance::{ChildId, Decision, DeviceId, EventKind, Scope, VoucherId, action_of, permitted};
use chrono::NaiveDate;
use seal::Hash;

use super::RegisterRefusal;
use crate::transfer::effective_day;
use crate::visit::LoggedEvent;

/// What an event that ends a voucher comes to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ending {
    /// A second person must agree.
    Proposed,
    /// The voucher has no place from this day on.
    From(NaiveDate),
}

/// The ends of vouchers in a prefix of the log.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Endings {
    /// What waits for a second person: the first one's event and device.
    proposals: BTreeMap<VoucherId, (Hash, DeviceId)>,
    /// The first day without a place.
    ended: BTreeMap<VoucherId, NaiveDate>,
}

impl Endings {
    /// Takes an event that [ends] a voucher of a child. `booked` says that it had a place: then it
    /// takes two persons to annul it. `last` is the contract's last day, if there is a contract.
    pub(crate) fn take(
        &mut self,
        logged: &LoggedEvent,
        child: ChildId,
        booked: bool,
        last: Option<NaiveDate>,
    ) -> Result<Ending, RegisterRefusal> {
        let event = &logged.event;
        event.verify_form().map_err(|_| RegisterRefusal::Form)?;
        let voucher = event.voucher.ok_or(RegisterRefusal::Form)?;
        let from = effective_day(logged).ok_or(RegisterRefusal::Form)?;
        speaks_for(logged, child)?;
        if self.ended.contains_key(&voucher) {
            return Err(RegisterRefusal::Ended);
        }
        if last.is_some_and(|last| from > last) {
            return Err(RegisterRefusal::Day(from));
        }
        if event.decision == Some(Decision::Annul) && booked {
            let first = self.proposals.get(&voucher);
            let Some(about) = event.about else {
                if first.is_some() {
                    return Err(RegisterRefusal::ProposedAlready);
                }
                self.proposals.insert(voucher, (logged.hash, event.device));
                return Ok(Ending::Proposed);
            };
            let (_, device) =
                first.filter(|(hash, _)| *hash == about).ok_or(RegisterRefusal::NoProposal)?;
            if *device == event.device {
                return Err(RegisterRefusal::SamePerson);
            }
        } else if event.about.is_some() {
            return Err(RegisterRefusal::NoProposal);
        }
        self.proposals.remove(&voucher);
        self.ended.insert(voucher, from);
        Ok(Ending::From(from))
    }

    /// Gives the first day on which a voucher has no place any more, if somebody ended it.
    pub(crate) fn of(&self, voucher: VoucherId) -> Option<NaiveDate> {
        self.ended.get(&voucher).copied()
    }

    /// Gives the proposal to annul a voucher that waits for a second person.
    pub(crate) fn proposal(&self, voucher: VoucherId) -> Option<Hash> {
        self.proposals.get(&voucher).map(|(hash, _)| *hash)
    }
}

/// Says whether an event is one that ends a voucher.
pub(crate) fn ends(logged: &LoggedEvent) -> bool {
    matches!(
        (logged.event.kind, logged.event.decision),
        (EventKind::VoucherSet, Some(Decision::Annul))
            | (EventKind::VoucherAnswer, Some(Decision::Refuse))
    )
}

/// Says whether whoever signed may: the child's family, or the issuer. What the issuer says for a family
/// rests on the family's paper.
pub(super) fn speaks_for(logged: &LoggedEvent, child: ChildId) -> Result<(), RegisterRefusal> {
    let event = &logged.event;
    let scope = permitted(logged.role, logged.provider, action_of(event.kind));
    if scope == Scope::OwnChild && logged.children.contains(&child) {
        return Ok(());
    }
    if !logged.decides() {
        return Err(RegisterRefusal::NotAllowed);
    }
    let is_answer = event.kind == EventKind::VoucherAnswer;
    if is_answer && event.document.is_none() { Err(RegisterRefusal::NoPaper) } else { Ok(()) }
}
