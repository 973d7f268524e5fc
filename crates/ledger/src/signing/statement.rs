//! The canonical bytes of a provider's sheet: what is signed.

use attendance::{ChildId, ProviderId, VoucherId};
use minicbor::{Decode, Encode};
use seal::{CanonicalError, Hash};

use crate::accrual::AmountError;
use crate::calendar::Month;
use crate::money::Tiyn;
use crate::sheet::{DayCode, SheetRow};
use crate::standings::number_of_day;
use crate::tranche::{Totals, TrancheLine};

/// The only version of the sheet's encoding so far.
pub const SHEET_VERSION: u8 = 1;

/// Which sheet of the month it is (rule 26). The numbers are signed.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(index_only)]
pub enum SheetPart {
    /// Every row of the provider, as the month gives it.
    #[n(0)]
    Main,
    /// Rows that had a day waiting at the close, as they are since.
    #[n(1)]
    Supplementary,
}

/// What a lesson came to, and on which day, as `year * 10000 + month * 100 + day`.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct StatementDay {
    /// The local day of the lesson.
    #[n(0)]
    pub day: u32,
    /// What it came to.
    #[n(1)]
    pub code: DayCode,
}

/// A child's row.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct StatementRow {
    /// The voucher.
    #[n(0)]
    pub voucher: VoucherId,
    /// The child.
    #[n(1)]
    pub child: ChildId,
    /// The first day of the place, as a number, if the voucher has several in the month.
    #[n(2)]
    pub from: Option<u32>,
    /// Planned lessons.
    #[n(3)]
    pub planned: u32,
    /// Confirmed payable visits.
    #[n(4)]
    pub payable: u32,
    /// Excused lessons that count.
    #[n(5)]
    pub excused: u32,
    /// Visits that wait: they are the supplementary sheet's.
    #[n(6)]
    pub pending: u32,
    /// P.
    #[n(7)]
    pub plan: Tiyn,
    /// A.
    #[n(8)]
    pub accrued: Tiyn,
    /// H.
    #[n(9)]
    pub held: Tiyn,
    /// W.
    #[n(10)]
    pub released: Tiyn,
    /// Every lesson, in order of time.
    #[n(11)]
    pub days: Vec<StatementDay>,
    /// The leaves that the row rests on, ascending.
    #[n(12)]
    pub leaves: Vec<u64>,
}

/// The sheet of a provider's month. Its bytes are what is signed: pseudonyms, counts, codes and sums.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct SheetStatement {
    /// [`SHEET_VERSION`].
    #[n(0)]
    pub version: u8,
    /// Which sheet.
    #[n(1)]
    pub part: SheetPart,
    /// The month.
    #[n(2)]
    pub month: Month,
    /// The provider.
    #[n(3)]
    pub provider: ProviderId,
    /// The version of the rules.
    #[n(4)]
    pub rule_version: String,
    /// The rows, ordered by voucher and place.
    #[n(5)]
    pub rows: Vec<StatementRow>,
    /// Their sums.
    #[n(6)]
    pub totals: Totals,
}

/// Why bytes were not accepted as a sheet.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SheetRejection {
    /// Not the one encoding of a sheet.
    #[error(transparent)]
    Encoding(#[from] CanonicalError),
    /// A later version.
    #[error("version {0} of sheets is unknown")]
    UnknownVersion(u8),
}

impl SheetStatement {
    /// Makes the sheet of a provider from a month's rows and lines, as far as `takes` them.
    ///
    /// # Errors
    /// [`AmountError`] if a sum does not fit.
    pub(super) fn of(
        part: SheetPart,
        (month, provider, rule_version): (Month, ProviderId, &str),
        (rows, lines): (&[SheetRow], &[TrancheLine]),
        takes: impl Fn(&TrancheLine) -> bool,
    ) -> Result<Self, AmountError> {
        let own = || lines.iter().filter(|line| line.provider == provider && takes(line));
        let made = own().map(|line| row(line, rows, month)).collect();
        Ok(Self {
            version: SHEET_VERSION,
            part,
            month,
            provider,
            rule_version: rule_version.to_owned(),
            rows: made,
            totals: Totals::of(own())?,
        })
    }

    /// Encodes the sheet.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        seal::to_canonical(self)
    }

    /// Parses a sheet from its one encoding.
    ///
    /// # Errors
    /// [`SheetRejection`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, SheetRejection> {
        let sheet: Self = seal::from_canonical(bytes)?;
        if sheet.version == SHEET_VERSION {
            Ok(sheet)
        } else {
            Err(SheetRejection::UnknownVersion(sheet.version))
        }
    }

    /// Names the sheet: SHA-256 of its bytes.
    #[must_use]
    pub fn hash(&self) -> Hash {
        seal::sha256(&self.to_bytes())
    }
}

fn row(line: &TrancheLine, rows: &[SheetRow], month: Month) -> StatementRow {
    let own = rows.iter().find(|row| line.is_of(row, month));
    let days = own.iter().flat_map(|row| &row.days);
    let days = days.map(|day| StatementDay { day: number_of_day(day.lesson.day), code: day.code });
    StatementRow {
        voucher: line.voucher,
        child: line.child,
        from: line.from.map(number_of_day),
        planned: line.planned,
        payable: line.payable,
        excused: line.excused,
        pending: line.pending,
        plan: line.plan,
        accrued: line.accrued,
        held: line.held,
        released: line.released,
        days: days.collect(),
        leaves: line.leaves.clone(),
    }
}
