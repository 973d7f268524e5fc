//! What is offered to a family's own children, as of now.

use attendance::ChildId;
use ledger::number_of_day;
use ledger::report::{FamilyVoucher, family_vouchers};
use ledger::voucher::VoucherState;
use sync_api::{HexHash, PlaceResponse, PlacesResponse};

use crate::error::ServerError;
use crate::server::Server;

impl Server {
    /// Gives the vouchers in force of these children, with what their family is asked.
    ///
    /// # Errors
    /// [`ServerError`] if storage fails.
    pub(crate) async fn places_of(
        &self,
        children: &[ChildId],
    ) -> Result<PlacesResponse, ServerError> {
        let events = self.voucher_events().await?;
        let snapshots = self.snapshots().await?;
        let vouchers = family_vouchers(&snapshots, &events, children, self.today()?);
        Ok(PlacesResponse { vouchers: vouchers.into_iter().map(place).collect() })
    }
}

fn place(voucher: FamilyVoucher) -> PlaceResponse {
    PlaceResponse {
        voucher: voucher.voucher,
        number: voucher.number,
        child: voucher.child,
        state: state_name(&voucher.state).to_owned(),
        provider: voucher.provider,
        group: voucher.group,
        until_day: voucher.until.map(number_of_day),
        days_left: voucher.days_left.into_iter().map(number_of_day).collect(),
        answers: voucher.answers.into_iter().map(HexHash).collect(),
        not_taken: voucher.not_taken,
    }
}

fn state_name(state: &VoucherState) -> &'static str {
    match state {
        VoucherState::Active { offered: Some(_) } => "offered",
        VoucherState::Booked { .. } => "booked",
        VoucherState::Contracted { .. } => "contracted",
        VoucherState::Active { offered: None } => "active",
        // Of these none is in force, and none is listed.
        VoucherState::Registered
        | VoucherState::Completed
        | VoucherState::Expired { .. }
        | VoucherState::Refused
        | VoucherState::Annulled => "ended",
    }
}
