//! What is decided about a provider and about held money (rules R6 and R7): the words of the events.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Why payments to a provider stop until it is cured (rule 36). The numbers are signed.
#[derive(
    Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[cbor(index_only)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Ground {
    /// The service is given at another address than the notified one; the commission confirmed it.
    #[n(0)]
    AddressMismatch,
    /// A tax debt.
    #[n(1)]
    TaxDebt,
    /// Overdue pension payments.
    #[n(2)]
    PensionOverdue,
    /// Overdue social payments.
    #[n(3)]
    SocialOverdue,
}

impl Ground {
    /// Every ground, by its number.
    pub const ALL: [Self; 4] =
        [Self::AddressMismatch, Self::TaxDebt, Self::PensionOverdue, Self::SocialOverdue];

    /// Says whether it is a debt, which the payer's own lateness may have caused.
    #[must_use]
    pub fn is_debt(self) -> bool {
        match self {
            Self::TaxDebt | Self::PensionOverdue | Self::SocialOverdue => true,
            Self::AddressMismatch => false,
        }
    }
}

/// Why a provider's contracts end (rule 40). The numbers are signed.
#[derive(
    Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[cbor(index_only)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum TerminationCause {
    /// The provider ended its activity officially.
    #[n(0)]
    EndOfActivity,
    /// An uncured breach of safety, fire or sanitary rules, on the body's notice.
    #[n(1)]
    SafetyBreach,
    /// No lesson with a confirmed visit in a whole month.
    #[n(2)]
    NoService,
    /// A critical breach that the commission found.
    #[n(3)]
    CriticalBreach,
    /// The time to cure is over.
    #[n(4)]
    NotCured,
}

impl TerminationCause {
    /// Every cause, by its number.
    pub const ALL: [Self; 5] = [
        Self::EndOfActivity,
        Self::SafetyBreach,
        Self::NoService,
        Self::CriticalBreach,
        Self::NotCured,
    ];
}

/// What a person decides. The numbers are signed.
#[derive(
    Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[cbor(index_only)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Decision {
    /// Held money is let through to the provider.
    #[n(0)]
    Pay,
    /// Held money goes back to the issuer's limit; a sheet goes back to its provider, to be revised.
    #[n(1)]
    Return,
    /// What was proposed takes effect; a provider is suspended though its payer is late.
    #[n(2)]
    Confirm,
    /// What was proposed does not take effect.
    #[n(3)]
    Withdraw,
    /// A sheet stands still.
    #[n(4)]
    Pause,
    /// A sheet that stood still goes on.
    #[n(5)]
    Resume,
    /// A sheet is invalid, for good.
    #[n(6)]
    Invalidate,
    /// A voucher is entered.
    #[n(7)]
    Register,
    /// A voucher is put in force.
    #[n(8)]
    Activate,
    /// A place is offered.
    #[n(9)]
    Offer,
    /// The offered place is accepted.
    #[n(10)]
    Accept,
    /// An offered or accepted place is given up.
    #[n(11)]
    Decline,
    /// There is more time to sign the contract.
    #[n(12)]
    Extend,
    /// A voucher was not used in time.
    #[n(13)]
    Expire,
    /// A voucher that had expired is in force again.
    #[n(14)]
    Restore,
    /// The family refuses the voucher, by its signed act.
    #[n(15)]
    Refuse,
    /// The issuer annuls a voucher.
    #[n(16)]
    Annul,
}
