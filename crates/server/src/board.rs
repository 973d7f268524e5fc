//! The coordinator's board: months and devices.

use std::collections::BTreeMap;

use attendance::EventTime;
use ledger::{
    Month, MonthSummary, PaymentState, PaymentStatus, ProviderSummary, Snapshots, Tranche,
};
use seal::Hash;
use server_store::StoredTranche;
use sync_api::{
    BoardResponse, DeviceResponse, HexHash, MonthResponse, MonthStage, ProviderMonthResponse,
    VisitTimesResponse,
};

use crate::error::ServerError;
use crate::server::Server;

impl Server {
    /// Makes the board. Open months are previews under the rules in force.
    ///
    /// # Errors
    /// [`ServerError`] if storage or the fold fails.
    pub async fn board(&self) -> Result<BoardResponse, ServerError> {
        let events = self.logged_events(self.store.tree_size().await?).await?;
        let closed = self.store.tranches().await?;
        let times = self.event_times(&events).await?;
        let mut months = Vec::new();
        let snapshots = self.snapshots().await?;
        for month in snapshots.months() {
            let stored = closed.iter().find(|stored| stored.month == month.number());
            let events = (&events[..], &times);
            months.extend(self.month(month, &snapshots, events, stored).await?);
        }
        Ok(BoardResponse {
            as_of_ms: self.clock.now_ms(),
            months,
            devices: self.device_lines().await?,
        })
    }

    async fn month(
        &self,
        month: Month,
        snapshots: &Snapshots,
        (events, times): (&[ledger::LoggedEvent], &BTreeMap<Hash, EventTime>),
        stored: Option<&StoredTranche>,
    ) -> Result<Option<MonthResponse>, ServerError> {
        let (snapshot, counted) = match snapshots.closed(events, month) {
            Some(closed) => {
                let end = events.partition_point(|event| event.index <= closed.leaf);
                (&closed.rests_on.snapshot, &events[..end])
            }
            None => (&snapshots.newest().snapshot, events),
        };
        // A month of contracts that are gone, before the first rules.
        let Some(rules) = snapshot.rules(month) else { return Ok(None) };
        let summary = ledger::summarise(snapshot, counted, month)
            .map_err(|error| ServerError::Ledger(error.to_string()))?;
        let times = ledger::visit_times(snapshot, counted, month, times)
            .map_err(|error| ServerError::Ledger(error.to_string()))?;
        let payments = match stored {
            Some(stored) => {
                let tranche: Tranche = self.tranche(stored.leaf_index).await?;
                ledger::payments(&tranche, events)
            }
            None => Vec::new(),
        };
        let close_from_ms = ledger::closable_from_ms(rules, month);
        let mut response = month_response(month, close_from_ms, summary, stored, &payments);
        response.times = Some(VisitTimesResponse {
            inside: times.inside,
            unsure: times.unsure,
            outside: times.outside,
        });
        Ok(Some(response))
    }

    async fn device_lines(&self) -> Result<Vec<DeviceResponse>, ServerError> {
        let mut lines = Vec::new();
        let mut parked = self.parked_counts().await?;
        for stored in self.store.devices().await? {
            let Some(certificate) = self.certificate(stored.device).await? else { continue };
            lines.push(DeviceResponse {
                device: stored.device,
                name: certificate.certificate().name.clone(),
                role: certificate.certificate().role,
                events: stored.events,
                last_contact_ms: stored.last_contact_ms,
                suspended: stored.suspended,
                parked: parked.remove(&stored.device).unwrap_or_default(),
            });
        }
        lines.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(lines)
    }
}

fn month_response(
    month: Month,
    close_from_ms: i64,
    summary: MonthSummary,
    stored: Option<&StoredTranche>,
    payments: &[PaymentStatus],
) -> MonthResponse {
    let providers: Vec<_> = summary
        .providers
        .into_iter()
        .map(|provider| provider_response(provider, payments))
        .collect();
    let all_paid = providers.iter().all(|line| line.accrued_tiyn == 0 || line.document.is_some());
    let stage = match stored {
        None => MonthStage::Open,
        Some(_) if all_paid => MonthStage::Paid,
        Some(_) => MonthStage::Closed,
    };
    MonthResponse {
        month: month.number(),
        stage,
        close_from_ms,
        visits: summary.visits,
        confirmed: summary.confirmed,
        awaiting: summary.awaiting,
        disputed: summary.disputed,
        plan_tiyn: summary.plan.0,
        accrued_tiyn: summary.accrued.0,
        held_tiyn: summary.held.0,
        released_tiyn: summary.released.0,
        rule_version: summary.rule_version,
        providers,
        tranche: stored.map(|stored| HexHash(stored.hash)),
        times: None,
    }
}

fn provider_response(
    summary: ProviderSummary,
    payments: &[PaymentStatus],
) -> ProviderMonthResponse {
    let paid = payments.iter().find(|payment| payment.provider == summary.provider);
    let document = paid.and_then(|payment| {
        let PaymentState::Paid { document, .. } = &payment.state else { return None };
        Some(document.clone())
    });
    ProviderMonthResponse {
        provider: summary.provider,
        name: summary.name,
        children: summary.children,
        accrued_tiyn: summary.accrued.0,
        held_tiyn: summary.held.0,
        document,
    }
}
