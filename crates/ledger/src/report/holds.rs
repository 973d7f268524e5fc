//! What is held of closed months and waits for a person's decision (R6; rule 46 for the second person).

use std::collections::{BTreeMap, BTreeSet};

use attendance::{ChildId, Decision, EventKind, ProviderId, VoucherId};
use seal::Hash;
use serde::Serialize;

use super::vouchers::name_of;
use crate::account::{Accounts, DecisionRefusal};
use crate::calendar::Month;
use crate::money::Tiyn;
use crate::snapshots::Snapshots;
use crate::tranche::TrancheError;
use crate::visit::LoggedEvent;

/// The first half of a decision that waits for a second person.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct HoldProposal {
    /// The event: what the second half names.
    #[serde(skip)]
    pub event: Hash,
    /// What it decides.
    pub decision: Decision,
    /// The provider whose line alone it is about, if it names one.
    pub provider: Option<ProviderId>,
}

/// A line of a closed month of which something is held.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct HoldReport {
    /// The month.
    pub month: Month,
    /// The voucher.
    pub voucher: VoucherId,
    /// Its printed number.
    pub number: String,
    /// The child.
    pub child: ChildId,
    /// The provider.
    pub provider: ProviderId,
    /// Its name.
    pub provider_name: String,
    /// Held because payments are suspended, in tiyn.
    pub suspended_tiyn: Tiyn,
    /// Held for another reason, in tiyn.
    pub waiting_tiyn: Tiyn,
    /// True if no cure releases it (rule 39).
    pub locked: bool,
    /// What one person decided already.
    pub proposal: Option<HoldProposal>,
}

/// Lists what is held of closed months, oldest month first.
///
/// # Errors
/// [`TrancheError`] if a closed month cannot be computed again.
pub fn holds_report(
    history: &Snapshots,
    events: &[LoggedEvent],
) -> Result<Vec<HoldReport>, TrancheError> {
    let accounts = Accounts::of(history, events, u64::MAX)?;
    let halves = halves(&accounts, events);
    let newest = &history.newest().snapshot;
    let held = || accounts.lines.iter().filter(|(_, account)| account.held() > Tiyn::ZERO);
    let numbers = numbers(history, held().map(|((_, (_, voucher, _)), _)| *voucher).collect());
    let report = held().map(|((month, (provider, voucher, _)), account)| {
        let of_line = |half: &&HoldProposal| half.provider.is_none_or(|only| only == *provider);
        let half = halves.get(&(*month, *voucher)).into_iter().flatten().find(of_line);
        HoldReport {
            month: *month,
            voucher: *voucher,
            number: numbers.get(voucher).copied().unwrap_or_default().to_owned(),
            child: account.child,
            provider: *provider,
            provider_name: name_of(newest, *provider),
            suspended_tiyn: account.suspended,
            waiting_tiyn: account.waiting,
            locked: account.locked,
            proposal: half.copied(),
        }
    });
    Ok(report.collect())
}

/// The printed numbers of some vouchers, each as the newest district has it.
fn numbers(history: &Snapshots, of: BTreeSet<VoucherId>) -> BTreeMap<VoucherId, &str> {
    let contracts = history.all().flat_map(|one| &one.snapshot.contracts);
    let wanted = contracts.filter(|contract| of.contains(&contract.voucher));
    wanted.map(|contract| (contract.voucher, contract.number.as_str())).collect()
}

/// Lists the first halves that nobody has agreed to.
fn halves(
    accounts: &Accounts,
    events: &[LoggedEvent],
) -> BTreeMap<(Month, VoucherId), Vec<HoldProposal>> {
    let refused: BTreeMap<u64, DecisionRefusal> =
        accounts.refused.iter().map(|one| (one.leaf, one.why)).collect();
    let releases = || events.iter().filter(|one| one.event.kind == EventKind::HoldRelease);
    let agreed: BTreeSet<Hash> = releases()
        .filter(|one| !refused.contains_key(&one.index))
        .filter_map(|one| one.event.about)
        .collect();
    let mut open: BTreeMap<(Month, VoucherId), Vec<HoldProposal>> = BTreeMap::new();
    for one in releases().filter(|one| one.event.about.is_none() && !agreed.contains(&one.hash)) {
        let waits = matches!(refused.get(&one.index), Some(DecisionRefusal::SecondPerson { .. }));
        let month = one.event.month.and_then(|month| Month::from_number(month).ok());
        let Some(((month, voucher), decision)) =
            month.zip(one.event.voucher).zip(one.event.decision).filter(|_| waits)
        else {
            continue;
        };
        let half = HoldProposal { event: one.hash, decision, provider: one.event.provider };
        open.entry((month, voucher)).or_default().push(half);
    }
    open
}
