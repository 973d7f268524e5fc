//! The canonical bytes of an act: what both sides sign, and what the Treasury is asked for.

use attendance::{ProviderId, VoucherId};
use minicbor::{Decode, Encode};
use seal::Hash;

use crate::calendar::Month;
use crate::correction::{Correction, Due};
use crate::money::Tiyn;
use crate::standings::number_of_day;
use crate::tranche::TrancheLine;

/// The only version of the act's encoding so far.
pub const ACT_VERSION: u8 = 1;

/// A voucher that earned something.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct ActRow {
    /// The voucher.
    #[n(0)]
    pub voucher: VoucherId,
    /// The first day of the place, as a number, if the voucher has several in the month.
    #[n(1)]
    pub from: Option<u32>,
    /// A.
    #[n(2)]
    pub accrued: Tiyn,
}

/// The act of a provider's month, made of its approved sheet.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct ActStatement {
    /// [`ACT_VERSION`].
    #[n(0)]
    pub version: u8,
    /// The month.
    #[n(1)]
    pub month: Month,
    /// The provider.
    #[n(2)]
    pub provider: ProviderId,
    /// The sheet that it is made of.
    #[n(3)]
    pub sheet: Hash,
    /// The rows that earned something, ordered as in the sheet.
    #[n(4)]
    pub rows: Vec<ActRow>,
    /// What was decided about closed months since the close before.
    #[n(5)]
    pub corrections: Vec<Correction>,
    /// What is owed from corrections before; zero or below.
    #[n(6)]
    pub brought: Tiyn,
    /// What is owed on; zero or below.
    #[n(7)]
    pub carried: Tiyn,
    /// What the Treasury is to pay: the sum of all this, in tiyn, never rounded again (rule 34).
    #[n(8)]
    pub due: Tiyn,
}

impl ActStatement {
    /// Makes the act of a provider from a closed month.
    pub(super) fn of(
        (month, provider, sheet): (Month, ProviderId, Hash),
        lines: &[TrancheLine],
        (corrections, dues): (&[Correction], &[Due]),
        due: Tiyn,
    ) -> Self {
        let own = lines.iter().filter(|line| line.provider == provider);
        let earned = own.filter(|line| line.accrued != Tiyn::ZERO);
        let netted = dues.iter().find(|one| one.provider == provider);
        Self {
            version: ACT_VERSION,
            month,
            provider,
            sheet,
            rows: earned
                .map(|line| ActRow {
                    voucher: line.voucher,
                    from: line.from.map(number_of_day),
                    accrued: line.accrued,
                })
                .collect(),
            corrections: corrections
                .iter()
                .filter(|one| one.provider == provider)
                .copied()
                .collect(),
            brought: netted.map(|one| one.brought).unwrap_or_default(),
            carried: netted.map(|one| one.carried).unwrap_or_default(),
            due,
        }
    }

    /// Encodes the act.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        seal::to_canonical(self)
    }

    /// Names the act: SHA-256 of its bytes.
    #[must_use]
    pub fn hash(&self) -> Hash {
        seal::sha256(&self.to_bytes())
    }
}
