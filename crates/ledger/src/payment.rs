//! Which lines of a tranche the Treasury has paid, from the payment notices in the log.

use std::collections::BTreeMap;

use attendance::{EventKind, ProviderId};

use crate::calendar::Month;
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
    /// ΣA of the provider's lines, with its corrections.
    pub due: Tiyn,
    /// How it stands.
    pub state: PaymentState,
}

/// Folds the coordinators' payment notices against a tranche: one status a provider, ordered by id.
///
/// A provider's month is paid by the first notice of exactly the sum due; later ones change nothing.
#[must_use]
pub fn payments(tranche: &Tranche, events: &[LoggedEvent]) -> Vec<PaymentStatus> {
    payments_of(tranche.month, tranche.tree_size, tranche.due(), events)
}

/// The same, for a month whose tranche rests on the first `tree_size` leaves.
pub(crate) fn payments_of(
    month: Month,
    tree_size: u64,
    due: BTreeMap<ProviderId, Tiyn>,
    events: &[LoggedEvent],
) -> Vec<PaymentStatus> {
    let mut notices: Vec<&LoggedEvent> = events
        .iter()
        .filter(|logged| {
            logged.decides()
                && logged.event.kind == EventKind::PaymentNotice
                && logged.event.month == Some(month.number())
        })
        .collect();
    notices.sort_by_key(|logged| logged.index);
    due.into_iter()
        .map(|(provider, due)| {
            let of_provider = notices.iter().filter(|n| n.event.provider == Some(provider));
            let start =
                if due == Tiyn::ZERO { PaymentState::NothingDue } else { PaymentState::Awaiting };
            let state =
                of_provider.fold(start, |state, notice| apply(state, due, tree_size, notice));
            PaymentStatus { provider, due, state }
        })
        .collect()
}

fn apply(state: PaymentState, due: Tiyn, tree_size: u64, notice: &LoggedEvent) -> PaymentState {
    match state {
        PaymentState::Paid { .. } | PaymentState::NothingDue => state,
        PaymentState::Awaiting | PaymentState::Refused { .. } => {
            let index = notice.index;
            match settle(due, tree_size, notice) {
                Ok(document) => PaymentState::Paid { document, index },
                Err(reason) => PaymentState::Refused { reason, index },
            }
        }
    }
}

fn settle(due: Tiyn, tree_size: u64, notice: &LoggedEvent) -> Result<String, PaymentRefusal> {
    if notice.index < tree_size {
        return Err(PaymentRefusal::BeforeTranche);
    }
    let found = notice.event.amount_tiyn.map(Tiyn).ok_or(PaymentRefusal::NoAmount)?;
    if found != due {
        return Err(PaymentRefusal::WrongAmount { expected: due, found });
    }
    let document = notice.event.document.as_deref().map(str::trim).unwrap_or_default();
    if document.is_empty() { Err(PaymentRefusal::NoDocument) } else { Ok(document.to_owned()) }
}
