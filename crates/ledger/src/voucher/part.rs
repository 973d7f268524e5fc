//! A monthly part of a voucher.

use serde::{Deserialize, Serialize};

/// Where a month's part stands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PartState {
    /// Its month has not begun.
    Planned,
    /// Its month runs.
    Open,
    /// It is on a sheet.
    Sheet,
    /// The sheet's row is approved: earned.
    Earned,
    /// It is in an act that both signed.
    Acted,
    /// The Treasury paid it.
    Paid,
    /// What was earned waits for a decision.
    Held,
    /// It went back to the issuer's limit.
    Released,
}

/// What happens to a part.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PartStep {
    /// Its month begins.
    Begin,
    /// It is entered on a sheet.
    EnterSheet,
    /// The sheet is sent back for revision.
    Return,
    /// The row is approved.
    Earn,
    /// What it earned is held.
    Hold,
    /// A held part is decided for the provider.
    LetThrough,
    /// It goes back to the issuer.
    Release,
    /// The act is signed by both.
    Act,
    /// The Treasury paid.
    Pay,
}

/// The step does not lead on from where the part stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the part of the month stands elsewhere: this step does not lead on from there")]
pub struct PartRefusal;

impl PartState {
    /// All states, in the order of a part's life.
    pub const ALL: [Self; 8] = [
        Self::Planned,
        Self::Open,
        Self::Sheet,
        Self::Earned,
        Self::Acted,
        Self::Paid,
        Self::Held,
        Self::Released,
    ];

    /// Takes a step.
    ///
    /// # Errors
    /// [`PartRefusal`] if it does not lead on from here; a paid or released part takes none.
    pub fn apply(self, step: PartStep) -> Result<Self, PartRefusal> {
        match (self, step) {
            (Self::Planned, PartStep::Begin) => Ok(Self::Open),
            (Self::Open, PartStep::EnterSheet) => Ok(Self::Sheet),
            (Self::Sheet, PartStep::Return) => Ok(Self::Open),
            (Self::Sheet, PartStep::Earn) | (Self::Held, PartStep::LetThrough) => Ok(Self::Earned),
            (Self::Sheet | Self::Earned, PartStep::Hold) => Ok(Self::Held),
            (Self::Planned | Self::Open | Self::Sheet | Self::Held, PartStep::Release) => {
                Ok(Self::Released)
            }
            (Self::Earned, PartStep::Act) => Ok(Self::Acted),
            (Self::Acted, PartStep::Pay) => Ok(Self::Paid),
            (
                Self::Planned
                | Self::Open
                | Self::Sheet
                | Self::Earned
                | Self::Acted
                | Self::Paid
                | Self::Held
                | Self::Released,
                PartStep::Begin
                | PartStep::EnterSheet
                | PartStep::Return
                | PartStep::Earn
                | PartStep::Hold
                | PartStep::LetThrough
                | PartStep::Release
                | PartStep::Act
                | PartStep::Pay,
            ) => Err(PartRefusal),
        }
    }
}
