//! Every voucher of the log in a line, and how a state is told (R7).

use attendance::{GroupId, ProviderId, VoucherId};
use chrono::NaiveDate;
use serde::Serialize;

use crate::register::{VoucherRecord, VoucherRegister};
use crate::snapshot::Snapshot;
use crate::snapshots::Snapshots;
use crate::visit::LoggedEvent;
use crate::voucher::{OfficialStatus, StatusMap, VoucherState};

/// Where a voucher stands by the log.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VoucherReportState {
    /// Entered, not in force yet.
    Registered,
    /// In force, without a place on this day.
    Active,
    /// A place is accepted, the contract is not signed yet.
    Booked,
    /// The contract is signed.
    Contracted,
    /// The contract ran to its end.
    Completed,
    /// It was not used in time.
    Expired,
    /// The family refused it.
    Refused,
    /// The issuer annulled it, or the district has it no more.
    Annulled,
}

impl VoucherReportState {
    pub(super) fn of(state: &VoucherState) -> Self {
        match state {
            VoucherState::Registered => Self::Registered,
            VoucherState::Active { .. } => Self::Active,
            VoucherState::Booked { .. } => Self::Booked,
            VoucherState::Contracted { .. } => Self::Contracted,
            VoucherState::Completed => Self::Completed,
            VoucherState::Expired { .. } => Self::Expired,
            VoucherState::Refused => Self::Refused,
            VoucherState::Annulled => Self::Annulled,
        }
    }
}

/// A place that is offered or booked, and for how long.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct BookingReport {
    /// The provider.
    pub provider: ProviderId,
    /// Its name.
    pub provider_name: String,
    /// The group.
    pub group: GroupId,
    /// The last day to accept it, or to sign the contract.
    pub until: NaiveDate,
}

/// A voucher of the register, in one line.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct VoucherRow {
    /// The printed number.
    pub number: String,
    /// The voucher.
    pub voucher: VoucherId,
    /// Where it stands.
    pub state: VoucherReportState,
    /// What that is called officially.
    pub official: OfficialStatus,
    /// The place that is offered or booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booking: Option<BookingReport>,
    /// True if annulling it waits for a second person.
    pub proposed: bool,
}

/// Lists the vouchers of a log as of a day, by number.
#[must_use]
pub fn voucher_rows(
    history: &Snapshots,
    events: &[LoggedEvent],
    today: NaiveDate,
    names: &StatusMap,
) -> Vec<VoucherRow> {
    let register = VoucherRegister::of(history, events);
    let newest = &history.newest().snapshot;
    let row = |record: &VoucherRecord| {
        let state = record.state_on(today);
        VoucherRow {
            number: record.number.clone(),
            voucher: record.voucher,
            state: VoucherReportState::of(&state),
            official: names.of_voucher(&state),
            booking: booking(newest, &state),
            proposed: record.proposal.is_some(),
        }
    };
    let mut rows: Vec<_> = register.records().map(row).collect();
    rows.sort_by(|one, other| one.number.cmp(&other.number));
    rows
}

pub(super) fn booking(newest: &Snapshot, state: &VoucherState) -> Option<BookingReport> {
    let (VoucherState::Active { offered: Some((place, until)) }
    | VoucherState::Booked { place, until, .. }) = *state
    else {
        return None;
    };
    Some(BookingReport {
        provider: place.provider,
        provider_name: name_of(newest, place.provider),
        group: place.group,
        until,
    })
}

pub(super) fn name_of(snapshot: &Snapshot, provider: ProviderId) -> String {
    snapshot.provider(provider).map(|it| it.name.clone()).unwrap_or_default()
}
