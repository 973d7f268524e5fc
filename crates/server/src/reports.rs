//! What the log says of a voucher, of the providers, of a year's budget and of admissions.

use attendance::DeviceCertificate;
use ledger::report::{
    AdmissionReport, BudgetYear, ProviderReport, VoucherReport, admission_report, budget_report,
    providers_report, voucher_report,
};
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

    /// Reports a fiscal year's volumes as of now: sums and counts, of nobody.
    ///
    /// # Errors
    /// [`ServerError`] if storage or the fold fails.
    pub async fn budget_report(&self, year: u16) -> Result<BudgetYear, ServerError> {
        let events = self.logged_events(self.store.tree_size().await?).await?;
        let snapshots = self.snapshots().await?;
        let today = self.today()?;
        budget_report(&snapshots, &events, year, today)
            .map_err(|error| ServerError::Ledger(error.to_string()))
    }

    /// Reports where every provider is in the funnel of admissions on a day.
    ///
    /// # Errors
    /// [`ServerError`] if storage fails.
    pub async fn admission_report(&self, day: ledger::Day) -> Result<AdmissionReport, ServerError> {
        Ok(admission_report(&self.snapshots().await?.newest().snapshot, day))
    }

    /// The same as of now, as far as a device may see it: a provider's own device sees its provider.
    ///
    /// # Errors
    /// [`ServerError`] if storage fails.
    pub(crate) async fn admissions_for(
        &self,
        certificate: &DeviceCertificate,
    ) -> Result<AdmissionReport, ServerError> {
        let mut report = self.admission_report(self.today()?).await?;
        if let Some(own) = certificate.provider {
            report.organisations.retain(|one| one.provider == Some(own));
        }
        Ok(report)
    }

    pub(crate) fn today(&self) -> Result<ledger::Day, ServerError> {
        let today = ledger::local_day(self.clock.now_ms());
        today.ok_or_else(|| ServerError::Ledger("the clock is out of range".to_owned()))
    }
}
