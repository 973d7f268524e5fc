//! What is checked before a provider is listed, in the order of the funnel (R11).

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::money::Tiyn;

/// A step of the funnel.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CheckStep {
    /// The organisation: its BIN, its signature.
    Registration,
    /// The notification of its activity, with the address.
    Notification,
    /// No tax, pension or social debt.
    Debts,
    /// The premises.
    Premises,
    /// The staff.
    Staff,
    /// What is taught, when and to how many.
    Programme,
}

/// A check.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Check {
    /// The organisation signed its application, under its BIN.
    Signature,
    /// It notified its activity, at an address.
    Notification,
    /// No tax debt.
    Tax,
    /// No pension payment is overdue.
    Pension,
    /// No social payment is overdue.
    Social,
    /// The premises fulfil the sanitary rules.
    Sanitary,
    /// The premises fulfil the fire safety rules.
    Fire,
    /// The staff is qualified.
    Qualification,
    /// The staff may work with children, by its medical books.
    Medical,
    /// Nobody of the staff has a criminal record.
    NoCriminalRecord,
    /// The programme is accepted.
    Programme,
    /// The schedule is accepted.
    Schedule,
    /// There are places for children.
    Capacity,
}

/// What a register found.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// A debt, in tiyn.
    DebtTiyn(Tiyn),
    /// So many places.
    Places(u32),
}

impl Check {
    /// All of them, in the funnel's order.
    pub const ALL: [Self; 13] = [
        Self::Signature,
        Self::Notification,
        Self::Tax,
        Self::Pension,
        Self::Social,
        Self::Sanitary,
        Self::Fire,
        Self::Qualification,
        Self::Medical,
        Self::NoCriminalRecord,
        Self::Programme,
        Self::Schedule,
        Self::Capacity,
    ];

    /// Names it, as files and signed records have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "SIGNATURE",
            Self::Notification => "NOTIFICATION",
            Self::Tax => "TAX",
            Self::Pension => "PENSION",
            Self::Social => "SOCIAL",
            Self::Sanitary => "SANITARY",
            Self::Fire => "FIRE",
            Self::Qualification => "QUALIFICATION",
            Self::Medical => "MEDICAL",
            Self::NoCriminalRecord => "NO_CRIMINAL_RECORD",
            Self::Programme => "PROGRAMME",
            Self::Schedule => "SCHEDULE",
            Self::Capacity => "CAPACITY",
        }
    }

    /// Gives the step that it belongs to.
    #[must_use]
    pub fn step(self) -> CheckStep {
        match self {
            Self::Signature => CheckStep::Registration,
            Self::Notification => CheckStep::Notification,
            Self::Tax | Self::Pension | Self::Social => CheckStep::Debts,
            Self::Sanitary | Self::Fire => CheckStep::Premises,
            Self::Qualification | Self::Medical | Self::NoCriminalRecord => CheckStep::Staff,
            Self::Programme | Self::Schedule | Self::Capacity => CheckStep::Programme,
        }
    }

    /// Reads what was found as people write it: a debt in tenge, a number of places, else yes or no in one of
    /// the three languages. Nothing if it does not answer the check.
    #[must_use]
    pub fn read(self, text: &str) -> Option<Found> {
        let found = if self.step() == CheckStep::Debts {
            Found::DebtTiyn(Tiyn::parse_tenge(text)?)
        } else if self == Self::Capacity {
            Found::Places(text.parse().ok()?)
        } else {
            match text.to_lowercase().as_str() {
                "yes" | "passed" | "да" | "иә" | "бар" | "1" => Found::Yes,
                "no" | "failed" | "нет" | "жоқ" | "0" => Found::No,
                _ => return None,
            }
        };
        self.passes(found).map(|_| found)
    }

    /// Says whether what was found passes the check; nothing if it does not answer it: a debt passes if
    /// there is none, places if there are any.
    #[must_use]
    pub fn passes(self, found: Found) -> Option<bool> {
        match (self, found) {
            (Self::Tax | Self::Pension | Self::Social, Found::DebtTiyn(debt)) => {
                (debt >= Tiyn::ZERO).then_some(debt == Tiyn::ZERO)
            }
            (Self::Capacity, Found::Places(places)) => Some(places > 0),
            (Self::Tax | Self::Pension | Self::Social | Self::Capacity, _) => None,
            (_, Found::Yes) => Some(true),
            (_, Found::No) => Some(false),
            (_, Found::DebtTiyn(_) | Found::Places(_)) => None,
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no check.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("there is no such check")]
pub struct CheckError;

impl FromStr for Check {
    type Err = CheckError;

    fn from_str(text: &str) -> Result<Self, CheckError> {
        let name = text.trim().to_ascii_uppercase().replace([' ', '-'], "_");
        Self::ALL.into_iter().find(|check| check.as_str() == name).ok_or(CheckError)
    }
}
