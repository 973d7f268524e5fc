//! How states are called officially: configuration, since the official order is not published in full.

use serde::{Deserialize, Serialize};

use super::VoucherState;
use super::part::PartState;

/// The official statuses of a voucher.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum OfficialStatus {
    /// Active.
    #[serde(rename = "Активирован")]
    Activated,
    /// Booked for a provider.
    #[serde(rename = "Забронирован за исполнителем")]
    Booked,
    /// Written off: earned.
    #[serde(rename = "Списан")]
    WrittenOff,
    /// Redeemed: paid.
    #[serde(rename = "Погашен")]
    Redeemed,
    /// There is no official word for it.
    #[serde(rename = "UNKNOWN")]
    Unknown,
}

/// Which official status stands for which state. The defaults are those of the rules document.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct StatusMap {
    /// In force, without a place.
    pub active: OfficialStatus,
    /// A place is accepted.
    pub booked: OfficialStatus,
    /// The contract is signed.
    pub contracted: OfficialStatus,
    /// A part is earned.
    pub earned: OfficialStatus,
    /// A part is in an act.
    pub acted: OfficialStatus,
    /// A part is paid.
    pub paid: OfficialStatus,
    /// Entered, completed, released, expired, refused, annulled.
    pub other: OfficialStatus,
}

impl Default for StatusMap {
    fn default() -> Self {
        Self {
            active: OfficialStatus::Activated,
            booked: OfficialStatus::Booked,
            contracted: OfficialStatus::Booked,
            earned: OfficialStatus::WrittenOff,
            acted: OfficialStatus::WrittenOff,
            paid: OfficialStatus::Redeemed,
            other: OfficialStatus::Unknown,
        }
    }
}

impl StatusMap {
    /// Names a voucher's state.
    #[must_use]
    pub fn of_voucher(&self, state: &VoucherState) -> OfficialStatus {
        match state {
            VoucherState::Active { .. } => self.active,
            VoucherState::Booked { .. } => self.booked,
            VoucherState::Contracted { .. } => self.contracted,
            VoucherState::Registered
            | VoucherState::Completed
            | VoucherState::Expired { .. }
            | VoucherState::Refused
            | VoucherState::Annulled => self.other,
        }
    }

    /// Names a part's state.
    #[must_use]
    pub fn of_part(&self, state: PartState) -> OfficialStatus {
        match state {
            PartState::Planned | PartState::Open | PartState::Sheet | PartState::Held => {
                self.contracted
            }
            PartState::Earned => self.earned,
            PartState::Acted => self.acted,
            PartState::Paid => self.paid,
            PartState::Released => self.other,
        }
    }
}
