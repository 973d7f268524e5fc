//! What the log says of a voucher and of the providers, for the operator's command line.

use ledger::report::{ProviderReport, VoucherReport, providers_report, voucher_report};
use ledger::voucher::StatusMap;

use crate::error::ServerError;
use crate::server::Server;

impl Server {
    /// Reports every provider as of now.
    ///
    /// # Errors
    /// [`ServerError`] if storage or the fold fails.
    pub async fn providers_report(&self) -> Result<Vec<ProviderReport>, ServerError> {
        let events = self.logged_events(self.store.tree_size().await?).await?;
        let snapshots = self.snapshots().await?;
        let today = self.today()?;
        providers_report(&snapshots, &events, today)
            .map_err(|error| ServerError::Ledger(error.to_string()))
    }

    /// Reports a voucher by its printed number as of now; nothing if the log does not have it. `names`
    /// say how states are called officially.
    ///
    /// # Errors
    /// [`ServerError`] if storage or the fold fails.
    pub async fn voucher_report(
        &self,
        number: &str,
        names: &StatusMap,
    ) -> Result<Option<VoucherReport>, ServerError> {
        let events = self.logged_events(self.store.tree_size().await?).await?;
        let snapshots = self.snapshots().await?;
        let today = self.today()?;
        voucher_report(&snapshots, &events, number, today, names)
            .map_err(|error| ServerError::Ledger(error.to_string()))
    }

    pub(crate) fn today(&self) -> Result<ledger::Day, ServerError> {
        let today = ledger::local_day(self.clock.now_ms());
        today.ok_or_else(|| ServerError::Ledger("the clock is out of range".to_owned()))
    }
}
