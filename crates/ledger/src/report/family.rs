//! The vouchers of a family's own children, and what it is asked about them.

use attendance::{ChildId, Decision, VoucherId};
use chrono::NaiveDate;
use seal::Hash;

use super::vouchers::name_of;
use crate::calendar::Calendar;
use crate::register::{VoucherRecord, VoucherRegister};
use crate::snapshots::Snapshots;
use crate::visit::LoggedEvent;
use crate::voucher::VoucherState;

/// Where a child's voucher stands, for its family.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FamilyVoucher {
    /// The voucher.
    pub voucher: VoucherId,
    /// The printed number.
    pub number: String,
    /// The child.
    pub child: ChildId,
    /// Where it stands on the day.
    pub state: VoucherState,
    /// The name of the club whose place it is, where there is a place.
    pub provider: Option<String>,
    /// The name of its group.
    pub group: Option<String>,
    /// The last day to answer the offer, or to sign the contract.
    pub until: Option<NaiveDate>,
    /// The working days that are left after the day, the last one last: to answer, or to sign.
    pub days_left: Vec<NaiveDate>,
    /// The events that answered, in the log's order.
    pub answers: Vec<Hash>,
    /// True if the last answer since the newest offer changed nothing: it came too late, mostly.
    pub not_taken: bool,
}

/// Lists the vouchers of these children that somebody entered and that have not ended, as of a day.
/// `events` are what is said of vouchers and of providers' payments, at least; others change nothing.
#[must_use]
pub fn family_vouchers(
    history: &Snapshots,
    events: &[LoggedEvent],
    children: &[ChildId],
    today: NaiveDate,
) -> Vec<FamilyVoucher> {
    let register = VoucherRegister::of(history, events);
    let newest = &history.newest().snapshot;
    let of = |record: &VoucherRecord| {
        let state = record.state_on(today);
        let (place, until) = state.pending().unzip();
        let (mut answers, mut not_taken) = (Vec::new(), false);
        for said in register.events.iter().filter(|said| said.voucher == Some(record.voucher)) {
            if said.decision.is_some_and(is_answer) {
                answers.push(said.hash);
                not_taken = said.outcome.is_err();
            } else if said.decision == Some(Decision::Offer) && said.outcome.is_ok() {
                not_taken = false;
            }
        }
        FamilyVoucher {
            voucher: record.voucher,
            number: record.number.clone(),
            child: record.child,
            state,
            provider: place.map(|place| name_of(newest, place.provider)),
            group: place.and_then(|place| Some(newest.group(place.group)?.name.clone())),
            until,
            days_left: until.map_or(Vec::new(), |until| left(&newest.calendar, today, until)),
            answers,
            not_taken,
        }
    };
    let own = |record: &&VoucherRecord| {
        children.contains(&record.child) && record.state_on(today).is_in_force()
    };
    register.records().filter(own).map(of).collect()
}

fn left(calendar: &Calendar, today: NaiveDate, until: NaiveDate) -> Vec<NaiveDate> {
    let days = today.iter_days().skip(1).take_while(|day| *day <= until);
    days.filter(|day| calendar.is_working_day(*day)).collect()
}

fn is_answer(decision: Decision) -> bool {
    matches!(decision, Decision::Accept | Decision::Decline | Decision::Refuse)
}
