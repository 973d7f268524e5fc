//! What the leaves of the log hold.

use serde::{Deserialize, Serialize};

/// Tells what a leaf of the log holds. The numbers are stored: they never change.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeafKind {
    /// The first leaf: the name of the log.
    Genesis,
    /// A signed snapshot of providers, groups, contracts and parameters; the newest one holds.
    Snapshot,
    /// A signed event.
    Event,
    /// A signed tranche.
    Tranche,
    /// A card, as its issuer signed it: its issuance.
    Card,
    /// The signed tags of the leaves before it.
    Tags,
}

impl LeafKind {
    const ALL: [Self; 6] =
        [Self::Genesis, Self::Snapshot, Self::Event, Self::Tranche, Self::Card, Self::Tags];

    /// Gives the number that stores keep for the kind.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Genesis => 0,
            Self::Snapshot => 1,
            Self::Event => 2,
            Self::Tranche => 3,
            Self::Card => 4,
            Self::Tags => 5,
        }
    }

    /// Gives the kind of a stored number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}
