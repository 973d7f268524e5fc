//! The tranche: what a month earned, as a pure function of a log prefix and a snapshot.
//!
//! Its canonical bytes are what the log's operator signs and appends as a leaf. Anybody who has the
//! prefix and the snapshot computes the same bytes.

use std::collections::BTreeMap;

use attendance::{ChildId, GroupId, ProviderId, VoucherId};
use chrono::NaiveDate;
use minicbor::{Decode, Encode};
use seal::{CanonicalError, Hash};

use crate::accrual::{AmountError, Attendance, Balanced, accrue, cap_lessons, caps_calendar};
use crate::calendar::Month;
use crate::correction::{Correction, Due};
use crate::money::Tiyn;
use crate::params::{Basis, Params};
use crate::sheet::{DayCode, MonthFold, SheetRow};
use crate::snapshot::{Contract, Segment, Snapshot};
use crate::tally::Tally;
use crate::visit::{FoldError, LoggedEvent};

mod read;

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
    /// The first day of the place, if the voucher has several places in the month.
    #[cbor(n(14), with = "some_day", has_nil)]
    pub from: Option<NaiveDate>,
    /// The last day of the place, if there are several.
    #[cbor(n(15), with = "some_day", has_nil)]
    pub to: Option<NaiveDate>,
    /// The month's part of the whole voucher, if there are several places: their plans sum to it. A
    /// place's plan is its cap and the days after it (the first one's: before it too) that belong to
    /// no place.
    #[n(16)]
    pub part: Option<Tiyn>,
    /// What of H was earned and waits because payments to the provider are suspended.
    #[n(17)]
    pub suspended: Option<Tiyn>,
}

impl TrancheLine {
    /// Names the line within its month: provider, voucher, first day of the place.
    #[must_use]
    pub fn key(&self) -> LineKey {
        (self.provider, self.voucher, self.from)
    }

    /// Says whether a row of the month's sheet is this line's.
    #[must_use]
    pub fn is_of(&self, row: &SheetRow, month: Month) -> bool {
        let first = row.from.max(month.first_day());
        let place = self.from.is_none_or(|from| from == first);
        (self.provider, self.voucher) == (row.provider, row.voucher) && place
    }
}

/// What names a line within its month; the day is there if the voucher has several places.
pub type LineKey = (ProviderId, VoucherId, Option<NaiveDate>);

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
        let mut lines = lines;
        lines.try_for_each(|line| totals.add(line))?;
        Ok(totals)
    }

    /// Adds a line.
    pub(crate) fn add(&mut self, line: &TrancheLine) -> Result<(), AmountError> {
        for (total, amount) in [
            (&mut self.plan, line.plan),
            (&mut self.accrued, line.accrued),
            (&mut self.held, line.held),
            (&mut self.released, line.released),
        ] {
            *total = total.checked_add(amount).ok_or(AmountError::Overflow)?;
        }
        Ok(())
    }

    /// Adds what a correction moves.
    pub(crate) fn correct(&mut self, one: &Correction) -> Result<(), AmountError> {
        for (total, moved) in [
            (&mut self.accrued, one.accrued),
            (&mut self.held, one.held),
            (&mut self.released, one.released),
        ] {
            *total = total.checked_add(moved).ok_or(AmountError::Overflow)?;
        }
        Ok(())
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
    /// What was decided about closed months since the close before this one.
    #[n(9)]
    pub corrections: Option<Vec<Correction>>,
    /// What is due to the providers whose payment is not just the sum of their lines.
    #[n(10)]
    pub dues: Option<Vec<Due>>,
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
    /// The plans of a voucher's places are not its part.
    #[error("the plans of the places of voucher {0} do not sum to its part")]
    Part(VoucherId),
    /// A correction or a due sum that is not in order, not in balance or changes nothing.
    #[error("the corrections, or what is due after them, do not hold")]
    Corrections,
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
        let mut lines = Vec::new();
        let head = Self::read(bytes, |line, _| lines.push(line))?;
        Ok(Self { lines, ..head })
    }

    /// Makes the tranche of a month that was folded as a whole, with `basis.tree_size` leaves:
    /// [`compute_tranche`] gives the same, in parts.
    ///
    /// # Errors
    /// [`TrancheError`] as there.
    pub fn of_fold(
        snapshot: &Snapshot,
        fold: &MonthFold,
        basis: TrancheBasis,
    ) -> Result<Self, TrancheError> {
        let month = fold.month;
        let params = snapshot.rules(month).ok_or(FoldError::NoRules { month })?;
        let lines = lines(snapshot, params, fold)?;
        Ok(Self::of_lines(snapshot.hash(), params, month, basis, lines)?)
    }

    pub(crate) fn of_lines(
        snapshot_hash: Hash,
        params: &Params,
        month: Month,
        basis: TrancheBasis,
        lines: Vec<TrancheLine>,
    ) -> Result<Self, AmountError> {
        Ok(Self {
            version: TRANCHE_VERSION,
            month,
            origin: basis.origin,
            tree_size: basis.tree_size,
            root: basis.root,
            snapshot_hash,
            rule_version: params.rule_version.clone(),
            totals: Totals::of(lines.iter())?,
            lines,
            corrections: None,
            dues: None,
        })
    }

    /// Gives what the Treasury is to pay to each provider of the month, ordered by id: the sum of its
    /// lines, with corrections of closed months and what it still owes from them, never below zero.
    #[must_use]
    pub fn due(&self) -> BTreeMap<ProviderId, Tiyn> {
        due_of(&self.lines, self.dues.as_deref().unwrap_or_default())
    }

    /// Names the tranche: SHA-256 of its bytes.
    #[must_use]
    pub fn hash(&self) -> Hash {
        seal::sha256(&self.to_bytes())
    }
}

pub(crate) fn due_of(lines: &[TrancheLine], dues: &[Due]) -> BTreeMap<ProviderId, Tiyn> {
    let mut due: BTreeMap<ProviderId, Tiyn> = BTreeMap::new();
    for line in lines {
        let sum = due.entry(line.provider).or_default();
        // A sum that does not fit cannot come from a parsed tranche, whose totals fit.
        *sum = sum.checked_add(line.accrued).unwrap_or(*sum);
    }
    due.extend(dues.iter().map(|one| (one.provider, one.due)));
    due
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
    let mut prefix: Vec<&LoggedEvent> =
        events.iter().filter(|logged| logged.index < basis.tree_size).collect();
    prefix.sort_by_key(|logged| logged.index);
    let mut tally = Tally::default();
    for logged in prefix {
        tally.take(logged);
    }
    tally.compute_tranche(snapshot, month, basis)
}

pub(crate) fn lines(
    snapshot: &Snapshot,
    params: &Params,
    fold: &MonthFold,
) -> Result<Vec<TrancheLine>, AmountError> {
    let mut contracts: BTreeMap<VoucherId, &Contract> =
        snapshot.contracts.iter().map(|contract| (contract.voucher, contract)).collect();
    contracts.extend(fold.moved.iter().map(|(voucher, contract)| (*voucher, contract)));
    let known = fold.rows.iter().filter_map(|row| Some((contracts.get(&row.voucher)?, row)));
    let groups = snapshot.groups.iter();
    let of_groups: BTreeMap<GroupId, &Params> = groups
        .filter_map(|group| Some((group.id, snapshot.rules_for(fold.month, group)?)))
        .collect();
    let rules = |row: &SheetRow| of_groups.get(&row.group).copied().unwrap_or(params);
    let line = |(contract, row): (&&Contract, &SheetRow)| {
        let line = line(contract, row, rules(row), fold.month)?;
        if fold.standings.holds_payments(row.provider) { line.held_back() } else { Ok(line) }
    };
    known.map(line).collect()
}

impl TrancheLine {
    /// Holds what was earned: payments to the provider are suspended (rule 38).
    pub(crate) fn held_back(self) -> Result<Self, AmountError> {
        let held = self.held.checked_add(self.accrued).ok_or(AmountError::Overflow)?;
        let suspended = Some(self.accrued).filter(|sum| *sum > Tiyn::ZERO);
        Ok(Self { accrued: Tiyn::ZERO, held, suspended, ..self })
    }
}

/// What of a voucher's part a place stands for.
struct Share {
    plan: Tiyn,
    cap: Tiyn,
    /// The place's days in the month, if there are several places.
    days: Option<(NaiveDate, NaiveDate)>,
}

/// Shares the month's part out to a place: one alone as the rules say, several by calendar days, with
/// the days of no place as intervals of their own (rule 31).
fn share_of(
    part: Tiyn,
    contract: &Contract,
    row: &SheetRow,
    params: &Params,
    month: Month,
) -> Result<Share, AmountError> {
    let places = contract.places_in(month);
    if let ([_], Basis::Lessons) = (&places[..], params.basis) {
        let cap = cap_lessons(part, row.planned, row.planned_in_month)?;
        return Ok(Share { plan: part, cap, days: None });
    }
    let caps = caps_calendar(part, &intervals(&places, month)?)?;
    let at = places.iter().position(|one| one.from == row.from).unwrap_or_default();
    let of = |interval: usize| caps.get(interval).copied().unwrap_or_default();
    let inside = at.saturating_mul(2).saturating_add(1);
    let cap = of(inside);
    if places.len() == 1 {
        return Ok(Share { plan: part, cap, days: None });
    }
    let before = if at == 0 { of(0) } else { Tiyn::ZERO };
    let plan = Tiyn::checked_sum([before, cap, of(inside.saturating_add(1))].into_iter());
    let days = places.get(at).and_then(|one| one.days_in(month));
    Ok(Share { plan: plan.ok_or(AmountError::Overflow)?, cap, days })
}

/// Cuts the month into the days before the first place, in it, between it and the next, and so on.
fn intervals(places: &[Segment], month: Month) -> Result<Vec<u32>, AmountError> {
    let mut intervals = vec![0u32; places.len().saturating_mul(2).saturating_add(1)];
    for day in month.days() {
        let begun = places.iter().take_while(|one| one.from <= day).count();
        let inside = begun.checked_sub(1).and_then(|at| places.get(at));
        let covered = usize::from(inside.is_some_and(|one| one.covers(day)));
        let interval = intervals.get_mut(begun.saturating_mul(2).saturating_sub(covered));
        let interval = interval.ok_or(AmountError::Overflow)?;
        *interval = interval.checked_add(1).ok_or(AmountError::Overflow)?;
    }
    Ok(intervals)
}

fn line(
    contract: &Contract,
    row: &SheetRow,
    params: &Params,
    month: Month,
) -> Result<TrancheLine, AmountError> {
    let part = contract.term().part(month, params)?;
    let Share { plan, cap, days } = share_of(part, contract, row, params, month)?;
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
        from: days.map(|(from, _)| from),
        to: days.map(|(_, to)| to),
        part: days.map(|_| part),
        suspended: None,
    })
}

fn unpaid(row: &SheetRow) -> Vec<UnpaidDay> {
    let unpaid = row.days.iter().filter(|day| !day.code.is_paid());
    unpaid.map(|day| UnpaidDay { day: day.lesson.day, code: day.code }).collect()
}

/// The same for a day that may be absent.
pub(crate) mod some_day {
    use chrono::NaiveDate;
    use minicbor::decode::Error as DecodeError;
    use minicbor::encode::{Error as EncodeError, Write};
    use minicbor::{Decoder, Encoder};

    pub(crate) fn encode<C, W: Write>(
        day: &Option<NaiveDate>,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        match day {
            Some(day) => super::day::encode(day, e, ctx),
            None => e.null()?.ok(),
        }
    }

    pub(crate) fn decode<C>(
        d: &mut Decoder<'_>,
        ctx: &mut C,
    ) -> Result<Option<NaiveDate>, DecodeError> {
        super::day::decode(d, ctx).map(Some)
    }

    pub(crate) fn nil() -> Option<Option<NaiveDate>> {
        Some(None)
    }

    pub(crate) fn is_nil(day: &Option<NaiveDate>) -> bool {
        day.is_none()
    }
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
