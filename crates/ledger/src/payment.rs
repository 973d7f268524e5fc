//! Which lines of a tranche the Treasury has paid, from the payment notices in the log.

use std::collections::BTreeMap;

use attendance::{EventKind, ProviderId};

use crate::money::Tiyn;
use crate::tranche::Tranche;
use crate::visit::LoggedEvent;

/// Why a payment notice did not settle a provider's month.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PaymentRefusal {
    /// Another sum than the tranche's.
    #[error("{found} was paid, {expected} is due")]
    WrongAmount {
        /// Due, shown in tenge.
        expected: Tiyn,
        /// Notified.
        found: Tiyn,
    },
    /// No sum.
    #[error("the notice names no sum")]
    NoAmount,
    /// No number of a money document.
    #[error("the notice names no document")]
    NoDocument,
    /// Logged before the checkpoint the tranche rests on.
    #[error("the notice is older than the tranche")]
    BeforeTranche,
}

/// How the payment of a provider's month stands.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PaymentState {
    /// Nothing was accrued: there is nothing to pay.
    NothingDue,
    /// No notice yet.
    Awaiting,
    /// Paid to the tiyn.
    Paid {
        /// The number of the money document.
        document: String,
        /// The notice's leaf.
        index: u64,
    },
    /// The last notice does not fit; a fitting one may follow.
    Refused {
        /// Why.
        reason: PaymentRefusal,
        /// The notice's leaf.
        index: u64,
    },
}

/// A provider's payment for a month.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PaymentStatus {
    /// The provider.
    pub provider: ProviderId,
    /// ΣA of the provider's lines.
    pub due: Tiyn,
    /// How it stands.
    pub state: PaymentState,
}

/// Folds the coordinators' payment notices against a tranche: one status a provider, ordered by id.
///
/// A provider's month is paid by the first notice of exactly the sum due; later ones change nothing.
#[must_use]
pub fn payments(tranche: &Tranche, events: &[LoggedEvent]) -> Vec<PaymentStatus> {
    let mut due: BTreeMap<ProviderId, Option<Tiyn>> = BTreeMap::new();
    for line in &tranche.lines {
        let sum = due.entry(line.provider).or_insert(Some(Tiyn::ZERO));
        *sum = sum.and_then(|sum| sum.checked_add(line.accrued));
    }
    let mut notices: Vec<&LoggedEvent> = events
        .iter()
        .filter(|logged| {
            logged.is_of_the_district()
                && logged.event.kind == EventKind::PaymentNotice
                && logged.event.month == Some(tranche.month.number())
        })
        .collect();
    notices.sort_by_key(|logged| logged.index);
    // A sum that does not fit cannot come from a parsed tranche, whose totals fit.
    let due = due.into_iter().filter_map(|(provider, sum)| Some((provider, sum?)));
    due.map(|(provider, due)| {
        let of_provider = notices.iter().filter(|n| n.event.provider == Some(provider));
        let start =
            if due == Tiyn::ZERO { PaymentState::NothingDue } else { PaymentState::Awaiting };
        let state = of_provider.fold(start, |state, notice| apply(state, due, tranche, notice));
        PaymentStatus { provider, due, state }
    })
    .collect()
}

fn apply(state: PaymentState, due: Tiyn, tranche: &Tranche, notice: &LoggedEvent) -> PaymentState {
    match state {
        PaymentState::Paid { .. } | PaymentState::NothingDue => state,
        PaymentState::Awaiting | PaymentState::Refused { .. } => {
            let index = notice.index;
            match settle(due, tranche, notice) {
                Ok(document) => PaymentState::Paid { document, index },
                Err(reason) => PaymentState::Refused { reason, index },
            }
        }
    }
}

fn settle(due: Tiyn, tranche: &Tranche, notice: &LoggedEvent) -> Result<String, PaymentRefusal> {
    if notice.index < tranche.tree_size {
        return Err(PaymentRefusal::BeforeTranche);
    }
    let found = notice.event.amount_tiyn.map(Tiyn).ok_or(PaymentRefusal::NoAmount)?;
    if found != due {
        return Err(PaymentRefusal::WrongAmount { expected: due, found });
    }
    let document = notice.event.document.as_deref().map(str::trim).unwrap_or_default();
    if document.is_empty() { Err(PaymentRefusal::NoDocument) } else { Ok(document.to_owned()) }
}
