//! A tranche read line by line: whoever reads it has in memory what they keep of it.

use std::collections::BTreeMap;

use attendance::{ProviderId, VoucherId};
use minicbor::{Decoder, Encoder};
use seal::CanonicalError;

use super::{LineKey, TRANCHE_VERSION, Totals, Tranche, TrancheLine, TrancheRejection};
use crate::accrual::Balanced;
use crate::correction;
use crate::money::Tiyn;

impl Tranche {
    /// Reads a tranche from its one encoding, in order and in balance, as [`Tranche::parse`] does. Each
    /// line is handed to `take` with its bytes; what is given in the end has none. Nothing of a tranche is
    /// to be believed before the end.
    ///
    /// # Errors
    /// [`TrancheRejection`] says which of it fails.
    pub fn read(
        bytes: &[u8],
        mut take: impl FnMut(TrancheLine, &[u8]),
    ) -> Result<Self, TrancheRejection> {
        let split = Split::of(bytes).map_err(CanonicalError::from)?;
        let Some(Split { before, lines, after }) = split else {
            // It says which field is missing.
            return Ok(seal::from_canonical(bytes)?);
        };
        let head: Self = seal::from_canonical(&[before, &NO_LINES[..], after].concat())?;
        if head.version != TRANCHE_VERSION {
            return Err(TrancheRejection::UnknownVersion(head.version));
        }
        let mut d = Decoder::new(lines);
        let count = d.array().map_err(CanonicalError::from)?.ok_or(CanonicalError::NotCanonical)?;
        if lines.get(..d.position()) != Some(&list_of(count)[..]) {
            return Err(CanonicalError::NotCanonical.into());
        }
        let mut checks = Checks::of(&head);
        for _ in 0..count {
            let begin = d.position();
            let line: TrancheLine = d.decode().map_err(CanonicalError::from)?;
            let own = lines.get(begin..d.position()).unwrap_or_default();
            if seal::to_canonical(&line) != own {
                return Err(CanonicalError::NotCanonical.into());
            }
            checks.take(&line)?;
            take(line, own);
        }
        checks.finish(&head)?;
        Ok(head)
    }
}

/// A tranche in three pieces: what stands before its lines, the lines, and what stands behind them.
struct Split<'b> {
    before: &'b [u8],
    lines: &'b [u8],
    after: &'b [u8],
}

impl<'b> Split<'b> {
    fn of(bytes: &'b [u8]) -> Result<Option<Self>, minicbor::decode::Error> {
        let mut d = Decoder::new(bytes);
        let fields = d.map()?.unwrap_or_default();
        for _ in 0..fields {
            let is_lines = d.u32()? == LINES;
            let begin = d.position();
            d.skip()?;
            if is_lines {
                let (rest, after) = bytes.split_at(d.position());
                let (before, lines) = rest.split_at(begin);
                return Ok(Some(Self { before, lines, after }));
            }
        }
        Ok(None)
    }
}

fn list_of(count: u64) -> Vec<u8> {
    let mut e = Encoder::new(Vec::with_capacity(9));
    e.array(count).expect("writing into a vector does not fail");
    e.into_writer()
}

/// What is verified of lines as they come.
struct Checks {
    last: Option<LineKey>,
    totals: Totals,
    /// ΣA of the providers that have something due.
    accrued: BTreeMap<ProviderId, Option<Tiyn>>,
    /// Vouchers with one place.
    alone: Vec<VoucherId>,
    places: BTreeMap<VoucherId, Places>,
}

/// The places of a voucher so far.
struct Places {
    part: Option<Tiyn>,
    plans: Option<Tiyn>,
    agree: bool,
}

impl Checks {
    fn of(head: &Tranche) -> Self {
        let due = head.dues.iter().flatten();
        Self {
            last: None,
            totals: Totals::default(),
            accrued: due.map(|one| (one.provider, Some(Tiyn::ZERO))).collect(),
            alone: Vec::new(),
            places: BTreeMap::new(),
        }
    }

    fn take(&mut self, line: &TrancheLine) -> Result<(), TrancheRejection> {
        if self.last >= Some(line.key()) {
            return Err(TrancheRejection::Disorder(line.voucher));
        }
        self.last = Some(line.key());
        if line.suspended.is_some_and(|part| part <= Tiyn::ZERO || part > line.held) {
            return Err(TrancheRejection::Totals);
        }
        Balanced::new(line.plan, line.accrued, line.held, line.released)?;
        self.totals.add(line)?;
        if let Some(sum) = self.accrued.get_mut(&line.provider) {
            *sum = sum.and_then(|sum| sum.checked_add(line.accrued));
        }
        let dated = [line.from.is_some(), line.to.is_some()];
        if dated != [line.part.is_some(); 2] {
            return Err(TrancheRejection::Part(line.voucher));
        }
        if line.part.is_none() {
            self.alone.push(line.voucher);
            return Ok(());
        }
        let nothing = Places { part: line.part, plans: Some(Tiyn::ZERO), agree: true };
        let places = self.places.entry(line.voucher).or_insert(nothing);
        places.agree &= places.part == line.part;
        places.plans = places.plans.and_then(|sum| sum.checked_add(line.plan));
        Ok(())
    }

    fn finish(mut self, head: &Tranche) -> Result<(), TrancheRejection> {
        if self.totals != head.totals {
            return Err(TrancheRejection::Totals);
        }
        self.alone.sort_unstable();
        let twice = self.alone.windows(2).find(|pair| pair.first() == pair.last());
        let both = self.alone.iter().find(|voucher| self.places.contains_key(voucher));
        if let Some(voucher) = twice.and_then(<[_]>::first).or(both) {
            return Err(TrancheRejection::Part(*voucher));
        }
        let parted = self.places.iter().find(|(_, one)| !one.agree || one.plans != one.part);
        if let Some((voucher, _)) = parted {
            return Err(TrancheRejection::Part(*voucher));
        }
        if correction::holds(head, &self.accrued) {
            Ok(())
        } else {
            Err(TrancheRejection::Corrections)
        }
    }
}

/// The number of the field that has the lines.
const LINES: u32 = 7;
/// A list of nothing.
const NO_LINES: [u8; 1] = [0x80];
