//! What the log says of vouchers, providers, visits, a year's budget and admissions, for the operator's
//! command line and the API.

use attendance::{ChildId, DeviceCertificate};
use ledger::report::{
    AdmissionReport, BudgetYear, HoldReport, ProviderReport, VoucherReport, VoucherRow,
    admission_report, budget_report, holds_report, providers_report, voucher_report, voucher_rows,
};
use ledger::voucher::StatusMap;
use ledger::{
    LoggedEvent, Month, Snapshot, Snapshots, TrancheBasis, UndecidedVisit, WhatIf, WhatIfError,
};
use seal::Hash;
use serde_json::{Map, Value};
use sync_api::{ProblemKind, UNDECIDED_MAX, UndecidedListResponse};

use crate::board::undecided_response;
use crate::error::ServerError;
use crate::server::Server;
use crate::sheets::Reach;

impl Server {
    /// Reports every provider as of now.
    ///
    /// # Errors
    /// [`ServerError`] if storage or the fold fails.
    pub async fn providers_report(&self) -> Result<Vec<ProviderReport>, ServerError> {
        let events = self.every_event().await?;
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
        Ok(self.voucher_of(number, names).await?.map(|(report, _)| report))
    }

    /// Lists the vouchers that the log has, as of now, by number.
    ///
    /// # Errors
    /// [`ServerError`] if storage fails.
    pub async fn voucher_rows(&self, names: &StatusMap) -> Result<Vec<VoucherRow>, ServerError> {
        let events = self.every_event().await?;
        Ok(voucher_rows(&*self.snapshots().await?, &events, self.today()?, names))
    }

    /// The same, with the child that it is about.
    pub(crate) async fn voucher_of(
        &self,
        number: &str,
        names: &StatusMap,
    ) -> Result<Option<(VoucherReport, ChildId)>, ServerError> {
        let events = self.every_event().await?;
        let snapshots = self.snapshots().await?;
        voucher_report(&snapshots, &events, number, self.today()?, names)
            .map_err(|error| ServerError::Ledger(error.to_string()))
    }

    /// Lists the visits of a month that wait for the district's word, as of now.
    ///
    /// # Errors
    /// [`ServerError`] if storage or the fold fails, or the month has no rules.
    pub async fn undecided(&self, month: Month) -> Result<Vec<UndecidedVisit>, ServerError> {
        let events = self.every_event().await?;
        let snapshots = self.snapshots().await?;
        undecided_of(&snapshots, &events, month)
    }

    /// The same as the API answers it, and the children that it is about.
    pub(crate) async fn undecided_list(
        &self,
        month: Month,
    ) -> Result<(UndecidedListResponse, Vec<ChildId>), ServerError> {
        let visits = self.undecided(month).await?;
        let snapshots = self.snapshots().await?;
        let snapshot = &snapshots.newest().snapshot;
        let shown = &visits[..visits.len().min(UNDECIDED_MAX)];
        let list = UndecidedListResponse {
            count: visits.len() as u64,
            visits: shown.iter().map(|visit| undecided_response(visit, snapshot)).collect(),
        };
        Ok((list, shown.iter().map(|visit| visit.child).collect()))
    }

    /// Lists the visits of all open months that have begun and wait for the district's word.
    pub(crate) async fn undecided_now(&self) -> Result<Vec<UndecidedVisit>, ServerError> {
        let events = self.every_event().await?;
        let (snapshots, today) = (self.snapshots().await?, self.today()?);
        let newest = &snapshots.newest().snapshot;
        let mut visits = Vec::new();
        for month in snapshots.months() {
            let begun = month.first_day() <= today && newest.rules(month).is_some();
            if begun && snapshots.closed(&events, month).is_none() {
                let found = ledger::undecided(newest, &events, month);
                visits.extend(found.map_err(|error| ServerError::Ledger(error.to_string()))?);
            }
        }
        Ok(visits)
    }

    /// Lists what is held of closed months, as of now.
    ///
    /// # Errors
    /// [`ServerError`] if storage or the fold fails.
    pub async fn holds_report(&self) -> Result<Vec<HoldReport>, ServerError> {
        let events = self.every_event().await?;
        holds_report(&*self.snapshots().await?, &events)
            .map_err(|error| ServerError::Ledger(error.to_string()))
    }

    /// Computes a month under other rules, beside those in force. It changes nothing.
    ///
    /// # Errors
    /// [`ServerError`] if a parameter cannot be so, the month has no rules, or storage fails.
    pub async fn what_if(
        &self,
        month: Month,
        changes: &Map<String, Value>,
    ) -> Result<WhatIf, ServerError> {
        let events = self.every_event().await?;
        let snapshots = self.snapshots().await?;
        rests_on(&snapshots, &events, month)?;
        let end = snapshots.closed(&events, month).map_or(u64::MAX, |closed| closed.leaf + 1);
        let (origin, root) = (self.origin.clone(), Hash([0; 32]));
        let basis = TrancheBasis { origin, tree_size: end, root };
        let compared = ledger::what_if(&snapshots, &events, month, basis, changes, None);
        compared.map_err(|error| {
            if let WhatIfError::Tranche(error) = error {
                ServerError::Ledger(error.to_string())
            } else {
                ServerError::refused(ProblemKind::Malformed, error.to_string())
            }
        })
    }

    /// Reports a fiscal year's volumes as of now: sums and counts, of nobody.
    ///
    /// # Errors
    /// [`ServerError`] if storage or the fold fails.
    pub async fn budget_report(&self, year: u16) -> Result<BudgetYear, ServerError> {
        let events = self.every_event().await?;
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
        self.admissions_within(certificate.provider.map_or(Reach::District, Reach::Provider)).await
    }

    /// The same as of now, within somebody's reach.
    ///
    /// # Errors
    /// [`ServerError`] if storage fails.
    pub(crate) async fn admissions_within(
        &self,
        reach: Reach,
    ) -> Result<AdmissionReport, ServerError> {
        let mut report = self.admission_report(self.today()?).await?;
        if reach != Reach::District {
            report.organisations.retain(|one| one.provider.is_some_and(|own| reach.covers(own)));
        }
        Ok(report)
    }

    pub(crate) fn today(&self) -> Result<ledger::Day, ServerError> {
        let today = ledger::local_day(self.clock.now_ms());
        today.ok_or_else(|| ServerError::Ledger("the clock is out of range".to_owned()))
    }
}

/// Lists the visits of a month that wait for the district's word among events that are read already.
pub(crate) fn undecided_of(
    snapshots: &Snapshots,
    events: &[LoggedEvent],
    month: Month,
) -> Result<Vec<UndecidedVisit>, ServerError> {
    ledger::undecided(rests_on(snapshots, events, month)?, events, month)
        .map_err(|error| ServerError::Ledger(error.to_string()))
}

/// Gives the district that a month rests on: the newest, or that of its close.
fn rests_on<'a>(
    snapshots: &'a Snapshots,
    events: &[LoggedEvent],
    month: Month,
) -> Result<&'a Snapshot, ServerError> {
    let snapshot = match snapshots.closed(events, month) {
        Some(closed) => &closed.rests_on.snapshot,
        None => &snapshots.newest().snapshot,
    };
    if snapshot.rules(month).is_none() {
        let detail = format!("no rules are in force on the first day of {month}");
        return Err(ServerError::refused(ProblemKind::NotFound, detail));
    }
    Ok(snapshot)
}
