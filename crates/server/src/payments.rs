//! What closed months owe to providers, and what of it is paid.

use attendance::ProviderId;
use ledger::{
    LoggedEvent, Month, MonthDues, PaymentState, PaymentStatus, ProviderDue, Snapshot, Tiyn,
};
use server_store::StoredTranche;

use crate::error::ServerError;
use crate::server::Server;

/// How the payment of a provider's closed month stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct PaymentLine {
    pub(crate) provider: ProviderId,
    pub(crate) name: String,
    /// What the registry has.
    pub(crate) due: Tiyn,
    pub(crate) state: PaymentState,
}

impl Server {
    /// Lists how the payments of a month stand; none before it is closed.
    pub(crate) async fn payment_lines(
        &self,
        month: Month,
    ) -> Result<Vec<PaymentLine>, ServerError> {
        let Some(stored) = self.stored_tranche(month).await? else { return Ok(Vec::new()) };
        let events = self.every_event().await?;
        let snapshots = self.snapshots().await?;
        let newest = &snapshots.newest().snapshot;
        let line = |one: PaymentStatus| {
            let name = newest.provider(one.provider).map(|it| it.name.clone()).unwrap_or_default();
            PaymentLine { provider: one.provider, name, due: one.due, state: one.state }
        };
        Ok(self.payments_of(&stored, &events).await?.into_iter().map(line).collect())
    }

    /// Lists what every closed month owes: what a payment file is judged by.
    pub(crate) async fn month_dues(&self) -> Result<Vec<MonthDues>, ServerError> {
        let events = self.every_event().await?;
        let snapshots = self.snapshots().await?;
        let newest = &snapshots.newest().snapshot;
        let mut all = Vec::new();
        for stored in self.store.tranches().await? {
            let month = Month::from_number(stored.month);
            let month = month.map_err(|_| ServerError::Stored("month"))?;
            let statuses = self.payments_of(&stored, &events).await?;
            let dues = statuses.into_iter().map(|one| due(one, newest)).collect();
            all.push(MonthDues { month, dues });
        }
        Ok(all)
    }

    async fn payments_of(
        &self,
        stored: &StoredTranche,
        events: &[LoggedEvent],
    ) -> Result<Vec<PaymentStatus>, ServerError> {
        Ok(ledger::payments(&self.tranche(stored.leaf_index).await?, events))
    }
}

fn due(one: PaymentStatus, district: &Snapshot) -> ProviderDue {
    let document =
        if let PaymentState::Paid { document, .. } = one.state { Some(document) } else { None };
    let bin = district.provider(one.provider).map(|provider| provider.bin.clone());
    ProviderDue { provider: one.provider, bin, due: one.due, document }
}
