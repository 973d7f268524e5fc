//! Corrections forward: what is decided about a closed month is a row of a later month's tranche.
//!
//! A closed month's own tranche never changes. A correction moves money between A, H and W of one of
//! its lines, so that the part stays whole; what a provider is due for the later month is the sum of
//! its lines and of the corrections, never below zero: what is missing is carried on (R4, rule 28).

use std::collections::BTreeMap;

use attendance::{ChildId, ProviderId, VoucherId};
use chrono::NaiveDate;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::calendar::Month;
use crate::money::Tiyn;
use crate::tranche::{LineKey, Tranche, some_day};

/// Why money of a closed month moves. The numbers are signed.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize)]
#[cbor(index_only)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum CorrectionCause {
    /// Every ground was cured: payments go on, and what was held for it is due (rule 39).
    #[n(0)]
    Cured,
    /// A person let held money through.
    #[n(1)]
    Paid,
    /// A person gave held money back to the issuer's limit.
    #[n(2)]
    Returned,
    /// The month was computed again with what came after its close (rule 28).
    #[n(3)]
    Adjusted,
}

/// Money of a closed month's line that moves. The three differences sum to nothing.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct Correction {
    /// The closed month.
    #[n(0)]
    pub month: Month,
    /// The provider of its line.
    #[n(1)]
    pub provider: ProviderId,
    /// The voucher.
    #[n(2)]
    pub voucher: VoucherId,
    /// The child.
    #[n(3)]
    pub child: ChildId,
    /// The first day of the line's place, if it has one.
    #[cbor(n(4), with = "some_day", has_nil)]
    pub from: Option<NaiveDate>,
    /// By how much A grows.
    #[n(5)]
    pub accrued: Tiyn,
    /// By how much H grows.
    #[n(6)]
    pub held: Tiyn,
    /// By how much W grows.
    #[n(7)]
    pub released: Tiyn,
    /// The leaf that decided it.
    #[n(8)]
    pub leaf: u64,
    /// Why.
    #[n(9)]
    pub cause: CorrectionCause,
}

impl Correction {
    /// Names the line that it corrects.
    #[must_use]
    pub fn key(&self) -> (Month, LineKey) {
        (self.month, (self.provider, self.voucher, self.from))
    }

    fn is_balanced(&self) -> bool {
        let differences = [self.accrued, self.held, self.released];
        let nothing = differences.iter().all(|one| *one == Tiyn::ZERO);
        !nothing && Tiyn::checked_sum(differences.into_iter()) == Some(Tiyn::ZERO)
    }
}

/// What is due to a provider for a month that has corrections, or after one that left a debt.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct Due {
    /// The provider.
    #[n(0)]
    pub provider: ProviderId,
    /// ΣA of its lines.
    #[n(1)]
    pub accrued: Tiyn,
    /// The sum of its corrections.
    #[n(2)]
    pub corrected: Tiyn,
    /// What it still owed from corrections before; zero or below.
    #[n(3)]
    pub brought: Tiyn,
    /// What the Treasury is to pay.
    #[n(4)]
    pub due: Tiyn,
    /// What it owes on; zero or below.
    #[n(5)]
    pub carried: Tiyn,
}

impl Due {
    /// Nets a provider's month; nothing if a sum does not fit.
    #[must_use]
    pub fn net(
        provider: ProviderId,
        accrued: Tiyn,
        corrected: Tiyn,
        brought: Tiyn,
    ) -> Option<Self> {
        let net = Tiyn::checked_sum([accrued, corrected, brought].into_iter())?;
        let (due, carried) = (net.max(Tiyn::ZERO), net.min(Tiyn::ZERO));
        Some(Self { provider, accrued, corrected, brought, due, carried })
    }

    /// Says whether it is more than the sum of the lines.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        self.corrected != Tiyn::ZERO || self.brought != Tiyn::ZERO
    }
}

/// Verifies the corrections and dues of a tranche: order, balance, and the sums of the lines. `accrued` is
/// ΣA of the lines of each provider that has something due; nothing if that does not fit.
pub(crate) fn holds(tranche: &Tranche, accrued: &BTreeMap<ProviderId, Option<Tiyn>>) -> bool {
    let none = (Vec::new(), Vec::new());
    let corrections = tranche.corrections.as_ref().unwrap_or(&none.0);
    let dues = tranche.dues.as_ref().unwrap_or(&none.1);
    if tranche.corrections.as_ref().is_some_and(Vec::is_empty)
        || tranche.dues.as_ref().is_some_and(Vec::is_empty)
    {
        return false;
    }
    let placed = corrections.iter().all(|one| one.leaf < tranche.tree_size && one.is_balanced());
    let order = |one: &Correction| (one.leaf, one.key());
    let ordered = corrections.is_sorted_by(|one, next| order(one) < order(next));
    let settled = dues.is_sorted_by(|one, next| one.provider < next.provider)
        && dues.iter().all(|one| one.is_needed() && *one == expected(accrued, corrections, one));
    let named = |provider| dues.iter().any(|one| one.provider == provider);
    let all = corrections
        .iter()
        .all(|one| named(one.provider) || corrected(corrections, one.provider) == Some(Tiyn::ZERO));
    placed && ordered && settled && all
}

fn corrected(corrections: &[Correction], provider: ProviderId) -> Option<Tiyn> {
    let of = corrections.iter().filter(|one| one.provider == provider);
    Tiyn::checked_sum(of.map(|one| one.accrued))
}

/// Nets a provider's month again; one that does not fit is not what was given.
fn expected(
    accrued: &BTreeMap<ProviderId, Option<Tiyn>>,
    corrections: &[Correction],
    given: &Due,
) -> Due {
    let accrued = accrued.get(&given.provider).copied().unwrap_or(Some(Tiyn::ZERO));
    let sums = accrued.zip(corrected(corrections, given.provider));
    let brought = given.brought.min(Tiyn::ZERO);
    let net =
        sums.and_then(|(accrued, corrected)| Due::net(given.provider, accrued, corrected, brought));
    net.unwrap_or(Due { due: Tiyn(-1), ..*given })
}
