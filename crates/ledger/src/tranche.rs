//! The tranche: what a month earned, as a pure function of a log prefix and a snapshot.
//!
//! Its canonical bytes are what the log's operator signs and appends as a leaf. Anybody who has the
//! prefix and the snapshot computes the same bytes.

use std::collections::BTreeMap;

use attendance::{ChildId, ProviderId, VoucherId};
use chrono::NaiveDate;
use minicbor::{Decode, Encode};
use seal::{CanonicalError, Hash};

use crate::accrual::{AmountError, Attendance, Balanced, accrue, cap_lessons, caps_calendar};
use crate::calendar::Month;
use crate::money::Tiyn;
use crate::params::{Basis, Params};
use crate::sheet::{DayCode, MonthFold, SheetRow};
use crate::snapshot::{Contract, Snapshot};
use crate::visit::{FoldError, LoggedEvent};

/// The only version of the tranche's encoding so far.
pub const TRANCHE_VERSION: u8 = 1;

/// The checkpoint a tranche rests on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TrancheBasis {
    /// The log's name.
    pub origin: String,
    /// The checkpoint's size: events at or beyond it do not enter.
    pub tree_size: u64,
    /// The checkpoint's root.
    pub root: Hash,
}

/// A planned lesson that is not paid, and why.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct UnpaidDay {
    /// Local day.
    #[cbor(n(0), with = "day")]
    pub day: NaiveDate,
    /// Why.
    #[n(1)]
    pub code: DayCode,
}

/// One voucher's month.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct TrancheLine {
    /// The provider.
    #[n(0)]
    pub provider: ProviderId,
    /// The voucher.
    #[n(1)]
    pub voucher: VoucherId,
    /// The child.
    #[n(2)]
    pub child: ChildId,
    /// P: the month's part of the voucher.
    #[n(3)]
    pub plan: Tiyn,
    /// The share of the part that the enrolment covers.
    #[n(4)]
    pub cap: Tiyn,
    /// Planned lessons inside the enrolment.
    #[n(5)]
    pub planned: u32,
    /// Confirmed payable visits.
    #[n(6)]
    pub payable: u32,
    /// Excused lessons that count.
    #[n(7)]
    pub excused: u32,
    /// Visits that wait for a decision.
    #[n(8)]
    pub pending: u32,
    /// A: what the Treasury is to pay.
    #[n(9)]
    pub accrued: Tiyn,
    /// H: what waits for a decision.
    #[n(10)]
    pub held: Tiyn,
    /// W: what goes back to the issuer's limit.
    #[n(11)]
    pub released: Tiyn,
    /// The leaves this line rests on, ascending: visits, absences, answers, corrections, decisions, and
    /// what became of lessons.
    #[n(12)]
    pub leaves: Vec<u64>,
    /// The unpaid lessons, in order of time.
    #[n(13)]
    pub unpaid: Vec<UnpaidDay>,
}

/// The sums of all lines.
#[derive(Clone, Copy, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct Totals {
    /// ΣP.
    #[n(0)]
    pub plan: Tiyn,
    /// ΣA.
    #[n(1)]
    pub accrued: Tiyn,
    /// ΣH.
    #[n(2)]
    pub held: Tiyn,
    /// ΣW.
    #[n(3)]
    pub released: Tiyn,
}

impl Totals {
    /// Adds up lines.
    ///
    /// # Errors
    /// [`AmountError`] if a sum does not fit.
    pub fn of<'a>(lines: impl Iterator<Item = &'a TrancheLine>) -> Result<Self, AmountError> {
        let mut totals = Self::default();
        for line in lines {
            for (total, amount) in [
                (&mut totals.plan, line.plan),
                (&mut totals.accrued, line.accrued),
                (&mut totals.held, line.held),
                (&mut totals.released, line.released),
            ] {
                *total = total.checked_add(amount).ok_or(AmountError::Overflow)?;
            }
        }
        Ok(totals)
    }
}

/// What a month earned. These bytes are signed: changing the encoding orphans every tranche.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct Tranche {
    /// [`TRANCHE_VERSION`].
    #[n(0)]
    pub version: u8,
    /// The month.
    #[n(1)]
    pub month: Month,
    /// The log's name.
    #[n(2)]
    pub origin: String,
    /// Size of the checkpoint it rests on.
    #[n(3)]
    pub tree_size: u64,
    /// Root of the checkpoint it rests on.
    #[n(4)]
    pub root: Hash,
    /// [`Snapshot::hash`] of the snapshot it rests on.
    #[n(5)]
    pub snapshot_hash: Hash,
    /// The version of the rules.
    #[n(6)]
    pub rule_version: String,
    /// The lines, ordered by provider and voucher.
    #[n(7)]
    pub lines: Vec<TrancheLine>,
    /// Their sums.
    #[n(8)]
    pub totals: Totals,
}

/// Why a tranche could not be computed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrancheError {
    /// The month could not be folded.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// An amount does not come out.
    #[error(transparent)]
    Amount(#[from] AmountError),
}

/// Why bytes were not accepted as a tranche.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrancheRejection {
    /// Not the one encoding of a tranche.
    #[error(transparent)]
    Encoding(#[from] CanonicalError),
    /// A later version.
    #[error("version {0} of tranches is unknown")]
    UnknownVersion(u8),
    /// The line of a voucher is out of order, or there twice.
    #[error("the line of voucher {0} is not in order")]
    Disorder(VoucherId),
    /// A line or the totals do not balance.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// The totals are not the sums of the lines.
    #[error("the totals are not the sums of the lines")]
    Totals,
}

impl Tranche {
    /// Encodes the tranche: the payload that is signed and hashed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        seal::to_canonical(self)
    }

    /// Parses a tranche from its one encoding, in order and in balance.
    ///
    /// # Errors
    /// [`TrancheRejection`] says which of it fails.
    pub fn parse(bytes: &[u8]) -> Result<Self, TrancheRejection> {
        let tranche: Self = seal::from_canonical(bytes)?;
        if tranche.version != TRANCHE_VERSION {
            return Err(TrancheRejection::UnknownVersion(tranche.version));
        }
        let mut last = None;
        for line in &tranche.lines {
            if last >= Some((line.provider, line.voucher)) {
                return Err(TrancheRejection::Disorder(line.voucher));
            }
            last = Some((line.provider, line.voucher));
            Balanced::new(line.plan, line.accrued, line.held, line.released)?;
        }
        if Totals::of(tranche.lines.iter())? != tranche.totals {
            return Err(TrancheRejection::Totals);
        }
        Ok(tranche)
    }

    /// Names the tranche: SHA-256 of its bytes.
    #[must_use]
    pub fn hash(&self) -> Hash {
        seal::sha256(&self.to_bytes())
    }
}

/// Computes a month's tranche from a prefix of the log. Only events below `basis.tree_size` and
/// before the month's close enter.
///
/// # Errors
/// [`TrancheError`] if there are no rules for the month or an amount does not come out.
pub fn compute_tranche(
    snapshot: &Snapshot,
    events: &[LoggedEvent],
    month: Month,
    basis: TrancheBasis,
) -> Result<Tranche, TrancheError> {
    let params = snapshot.rules(month).ok_or(FoldError::NoRules { month })?;
    let fold = MonthFold::of_prefix(snapshot, events, month, basis.tree_size)?;
    let lines = lines(snapshot, params, &fold)?;
    Ok(Tranche {
        version: TRANCHE_VERSION,
        month,
        origin: basis.origin,
        tree_size: basis.tree_size,
        root: basis.root,
        snapshot_hash: snapshot.hash(),
        rule_version: params.rule_version.clone(),
        totals: Totals::of(lines.iter())?,
        lines,
    })
}

pub(crate) fn lines(
    snapshot: &Snapshot,
    params: &Params,
    fold: &MonthFold,
) -> Result<Vec<TrancheLine>, AmountError> {
    let contracts: BTreeMap<VoucherId, &Contract> =
        snapshot.contracts.iter().map(|contract| (contract.voucher, contract)).collect();
    let known = fold.rows.iter().filter_map(|row| Some((contracts.get(&row.voucher)?, row)));
    let rules = |row: &SheetRow| {
        let group = snapshot.group(row.group);
        group.and_then(|group| snapshot.rules_for(fold.month, group)).unwrap_or(params)
    };
    known.map(|(contract, row)| line(contract, row, rules(row), fold.month)).collect()
}

fn line(
    contract: &Contract,
    row: &SheetRow,
    params: &Params,
    month: Month,
) -> Result<TrancheLine, AmountError> {
    let plan = contract.term().part(month, params)?;
    let cap = match params.basis {
        Basis::Lessons => cap_lessons(plan, row.planned, row.planned_in_month)?,
        Basis::Calendar => cap_of_days(plan, contract, month)?,
    };
    let pending = row.pending();
    let paid = Attendance { confirmed: row.paid(), excused: row.excused(), planned: row.planned };
    let most = paid.confirmed.checked_add(pending).ok_or(AmountError::Overflow)?;
    let at_most = accrue(params, cap, Attendance { confirmed: most, ..paid })?;
    let accrued = accrue(params, cap, paid)?;
    let held = at_most.checked_sub(accrued).ok_or(AmountError::Overflow)?;
    let sums = Balanced::settle(plan, accrued, held)?;
    Ok(TrancheLine {
        provider: row.provider,
        voucher: row.voucher,
        child: row.child,
        plan: sums.plan(),
        cap,
        planned: row.planned,
        payable: paid.confirmed,
        excused: paid.excused_credit(params.excused_cap_percent)?,
        pending,
        accrued: sums.accrued(),
        held: sums.held(),
        released: sums.released(),
        leaves: row.leaves.clone(),
        unpaid: unpaid(row),
    })
}

fn cap_of_days(plan: Tiyn, contract: &Contract, month: Month) -> Result<Tiyn, AmountError> {
    let (mut before, mut inside, mut after) = (0u32, 0u32, 0u32);
    for day in month.days() {
        let interval = if day < contract.from {
            &mut before
        } else if day <= contract.to {
            &mut inside
        } else {
            &mut after
        };
        *interval = interval.checked_add(1).ok_or(AmountError::Overflow)?;
    }
    let caps = caps_calendar(plan, &[before, inside, after])?;
    Ok(caps.get(1).copied().unwrap_or_default())
}

fn unpaid(row: &SheetRow) -> Vec<UnpaidDay> {
    let unpaid = row.days.iter().filter(|day| !day.code.is_paid());
    unpaid.map(|day| UnpaidDay { day: day.lesson.day, code: day.code }).collect()
}

/// A local day in signed bytes: the number 20260914.
mod day {
    use chrono::{Datelike, NaiveDate};
    use minicbor::decode::Error as DecodeError;
    use minicbor::encode::{Error as EncodeError, Write};
    use minicbor::{Decoder, Encoder};

    pub(super) fn encode<C, W: Write>(
        day: &NaiveDate,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        let year = u32::try_from(day.year()).unwrap_or_default();
        let month = year.saturating_mul(100).saturating_add(day.month());
        e.u32(month.saturating_mul(100).saturating_add(day.day()))?.ok()
    }

    pub(super) fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<NaiveDate, DecodeError> {
        let number = d.u32()?;
        i32::try_from(number / 10_000)
            .ok()
            .and_then(|year| NaiveDate::from_ymd_opt(year, number / 100 % 100, number % 100))
            .ok_or_else(|| DecodeError::message("not a day"))
    }
}
