//! The month as the coordinator's board shows it, before and after it is closed.

use std::collections::BTreeSet;

use attendance::ProviderId;

use crate::accrual::AmountError;
use crate::calendar::Month;
use crate::money::Tiyn;
use crate::sheet::MonthFold;
use crate::snapshot::Snapshot;
use crate::tranche::{Totals, TrancheError, TrancheLine, lines};
use crate::visit::{Assurance, FoldError, LoggedEvent, Standing, Visit};

/// A provider's line of a month.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProviderSummary {
    /// The provider.
    pub provider: ProviderId,
    /// Its name.
    pub name: String,
    /// Vouchers with a part in the month.
    pub children: u32,
    /// ΣA.
    pub accrued: Tiyn,
    /// ΣH.
    pub held: Tiyn,
}

/// How many visits of a month are how sure (rules, section 0).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AssuranceShares {
    /// Marks by hand.
    pub l0: u32,
    /// Static cards, not confirmed by the family itself.
    pub l1: u32,
    /// Codes of the family's phone, not confirmed by the family itself.
    pub l2: u32,
    /// Cards and codes that the family confirmed.
    pub l3: u32,
}

impl AssuranceShares {
    /// Counts visits.
    pub fn of<'a>(visits: impl Iterator<Item = &'a Visit>) -> Self {
        let mut shares = Self::default();
        for visit in visits {
            let count = match visit.assurance() {
                Assurance::L0 => &mut shares.l0,
                Assurance::L1 => &mut shares.l1,
                Assurance::L2 => &mut shares.l2,
                Assurance::L3 => &mut shares.l3,
            };
            *count = count.saturating_add(1);
        }
        shares
    }

    /// Adds those of other visits.
    pub(crate) fn add(&mut self, other: Self) {
        for (count, more) in [
            (&mut self.l0, other.l0),
            (&mut self.l1, other.l1),
            (&mut self.l2, other.l2),
            (&mut self.l3, other.l3),
        ] {
            *count = count.saturating_add(more);
        }
    }

    /// Gives a count's share of all, in whole per cent, rounded down; nothing of no visits.
    #[must_use]
    pub fn percent(self, count: u32) -> u32 {
        let all = [self.l0, self.l1, self.l2, self.l3].into_iter().map(u64::from);
        let share = u64::from(count).saturating_mul(100).checked_div(all.sum());
        u32::try_from(share.unwrap_or_default()).unwrap_or(100)
    }
}

/// How a month stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MonthSummary {
    /// Visits of children on the roster.
    pub visits: u32,
    /// Those the family confirmed.
    pub confirmed: u32,
    /// Those that wait for an answer.
    pub awaiting: u32,
    /// Those the family disputes.
    pub disputed: u32,
    /// How sure the visits are.
    pub assurance: AssuranceShares,
    /// ΣP.
    pub plan: Tiyn,
    /// ΣA.
    pub accrued: Tiyn,
    /// ΣH.
    pub held: Tiyn,
    /// ΣW, if the month were closed now.
    pub released: Tiyn,
    /// The version of the rules the sums were computed under.
    pub rule_version: String,
    /// The providers with vouchers in the month, ordered by id.
    pub providers: Vec<ProviderSummary>,
}

/// Summarises a month by the same arithmetic as the tranche.
///
/// # Errors
/// [`TrancheError`] as for the tranche.
pub fn summarise(
    snapshot: &Snapshot,
    events: &[LoggedEvent],
    month: Month,
) -> Result<MonthSummary, TrancheError> {
    let params = snapshot.rules(month).ok_or(FoldError::NoRules { month })?;
    let fold = MonthFold::of(snapshot, events, month)?;
    let lines = lines(snapshot, params, &fold)?;
    let totals = Totals::of(lines.iter())?;
    let (mut confirmed, mut awaiting, mut disputed) = (0u32, 0u32, 0u32);
    for visit in &fold.visits {
        let count = match visit.standing {
            _ if visit.is_disputed() || visit.is_denied() => &mut disputed,
            Standing::Awaiting | Standing::ConfirmedByProxy { .. } => &mut awaiting,
            Standing::Confirmed { .. } | Standing::Tacit | Standing::Disputed { .. } => {
                &mut confirmed
            }
        };
        *count = count.saturating_add(1);
    }
    let by_provider = lines.chunk_by(|one, next| one.provider == next.provider);
    let providers = by_provider.map(|lines| provider(snapshot, lines));
    Ok(MonthSummary {
        visits: u32::try_from(fold.visits.len()).unwrap_or(u32::MAX),
        confirmed,
        awaiting,
        disputed,
        assurance: AssuranceShares::of(fold.visits.iter()),
        plan: totals.plan,
        accrued: totals.accrued,
        held: totals.held,
        released: totals.released,
        rule_version: params.rule_version.clone(),
        providers: providers.collect::<Result<_, _>>()?,
    })
}

fn provider(snapshot: &Snapshot, lines: &[TrancheLine]) -> Result<ProviderSummary, AmountError> {
    let totals = Totals::of(lines.iter())?;
    let provider = lines.first().map(|line| line.provider).unwrap_or_default();
    let known = snapshot.provider(provider);
    let vouchers: BTreeSet<_> = lines.iter().map(|line| line.voucher).collect();
    Ok(ProviderSummary {
        provider,
        name: known.map(|provider| provider.name.clone()).unwrap_or_default(),
        children: u32::try_from(vouchers.len()).unwrap_or(u32::MAX),
        accrued: totals.accrued,
        held: totals.held,
    })
}
