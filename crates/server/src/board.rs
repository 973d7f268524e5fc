//! The coordinator's board: months and devices.

use std::collections::BTreeMap;

use attendance::{Action, DeviceCertificate, DeviceId, EventTime};
use ledger::report::SheetAt;
use ledger::{
    LoggedEvent, Month, MonthSummary, PaymentState, PaymentStatus, ProviderSummary, Snapshot,
    Snapshots, Tranche, UndecidedVisit,
};
use seal::Hash;
use server_store::StoredTranche;
use sync_api::{
    BoardResponse, HexHash, MonthResponse, MonthStage, ParkedResponse, ProviderMonthResponse,
    SheetResponse, UNDECIDED_MAX, UndecidedResponse, VisitTimesResponse, VolumeResponse,
};

use crate::error::ServerError;
use crate::server::Server;

/// How many days of backlogs the board tells, back from now, each a whole day apart.
const BACKLOG_DAYS: i64 = 14;
const DAY_MS: i64 = 86_400_000;

/// A month as it would be closed now.
#[derive(Clone, Debug)]
pub(crate) struct CloseOutlook {
    /// Its sums and counts.
    pub(crate) month: MonthResponse,
    /// So many visits wait for the district's word, while the month is open.
    pub(crate) undecided: usize,
    /// True from the day on which the rules let it be closed.
    pub(crate) may_close: bool,
    /// True if an event closes it already.
    pub(crate) closed: bool,
}

impl Server {
    /// Says what would be if a month were closed now; nothing if there are no rules for it.
    pub(crate) async fn close_outlook(
        &self,
        month: Month,
    ) -> Result<Option<CloseOutlook>, ServerError> {
        let snapshots = self.snapshots().await?;
        if !snapshots.months().contains(&month) {
            return Ok(None);
        }
        let events = self.every_event().await?;
        let times = self.event_times(&events).await?;
        let stored = self.stored_tranche(month).await?;
        let line = self.month(month, &snapshots, (&events, &times), stored.as_ref()).await?;
        let Some((month_response, undecided)) = line else { return Ok(None) };
        Ok(Some(CloseOutlook {
            undecided,
            may_close: self.clock.now_ms() >= month_response.close_from_ms,
            closed: snapshots.closed(&events, month).is_some(),
            month: month_response,
        }))
    }

    /// Makes the board of a coordinator: the months, if it is the district's, and the devices that it
    /// looks after. Open months are previews under the rules in force.
    ///
    /// # Errors
    /// [`ServerError`] if storage or the fold fails.
    pub async fn board_for(&self, by: &DeviceCertificate) -> Result<BoardResponse, ServerError> {
        if by.permitted(Action::ReadBoard).decides() {
            return self.board().await;
        }
        self.board_of(Vec::new(), Some(by)).await
    }

    /// Makes the district's board.
    ///
    /// # Errors
    /// [`ServerError`] if storage or the fold fails.
    pub async fn board(&self) -> Result<BoardResponse, ServerError> {
        let events = self.every_event().await?;
        let closed = self.store.tranches().await?;
        let times = self.event_times(&events).await?;
        let mut months = Vec::new();
        let snapshots = self.snapshots().await?;
        for month in snapshots.months() {
            let stored = closed.iter().find(|stored| stored.month == month.number());
            let events = (&events[..], &times);
            let line = self.month(month, &snapshots, events, stored).await?;
            months.extend(line.map(|(response, _)| response));
        }
        let mut board = self.board_of(months, None).await?;
        let backlogs = self.backlogs(&events).await?;
        for line in &mut board.devices {
            line.backlog_days = backlogs.get(&line.device).cloned().unwrap_or_default();
        }
        board.volumes = self.volumes(&snapshots, &events)?;
        Ok(board)
    }

    /// Counts for each device what waited at the end of each of the last days: recorded by then, as it
    /// claims, and taken here later. What is not here yet is not among it.
    async fn backlogs(
        &self,
        events: &[LoggedEvent],
    ) -> Result<BTreeMap<DeviceId, Vec<u64>>, ServerError> {
        let end = events.last().map_or(0, |last| last.index.saturating_add(1));
        let arrivals = self.store.arrivals(0..end).await?;
        let now_ms = self.clock.now_ms();
        let ends: Vec<i64> = (0..BACKLOG_DAYS).rev().map(|day| now_ms - day * DAY_MS).collect();
        let mut backlogs: BTreeMap<DeviceId, Vec<u64>> = BTreeMap::new();
        for logged in events {
            let Some(arrived_ms) = arrivals.get(&logged.index) else { continue };
            let days = backlogs.entry(logged.event.device);
            let days = days.or_insert_with(|| vec![0; ends.len()]);
            for (count, end_ms) in days.iter_mut().zip(&ends) {
                *count += u64::from(logged.event.wall_ms <= *end_ms && end_ms < arrived_ms);
            }
        }
        Ok(backlogs)
    }

    /// Tells how many children learn, against the plan of this fiscal year.
    fn volumes(
        &self,
        snapshots: &Snapshots,
        events: &[LoggedEvent],
    ) -> Result<Vec<VolumeResponse>, ServerError> {
        let today = self.today()?;
        let Ok(month) = Month::of(today) else { return Ok(Vec::new()) };
        let report = ledger::report::budget_report(snapshots, events, month.year(), today)
            .map_err(|error| ServerError::Ledger(error.to_string()))?;
        let volumes = report.budgets.into_iter().map(|budget| VolumeResponse {
            id: budget.id,
            months: (budget.from.number(), budget.to.number()),
            planned: budget.planned.map(|planned| planned.to_string()),
            taught: budget.taught.map(|taught| taught.to_string()),
            forecast: budget.forecast.to_string(),
        });
        Ok(volumes.collect())
    }

    async fn board_of(
        &self,
        months: Vec<MonthResponse>,
        by: Option<&DeviceCertificate>,
    ) -> Result<BoardResponse, ServerError> {
        let parked = self.parked_list(by).await?;
        let devices = self.device_lines(by, &parked).await?;
        let shown = |line: &ParkedResponse| {
            line.device.is_some_and(|id| devices.iter().any(|device| device.device == id))
        };
        let parked = parked.into_iter().filter(|line| !shown(line)).collect();
        let (as_of_ms, volumes) = (self.clock.now_ms(), Vec::new());
        Ok(BoardResponse { as_of_ms, months, devices, parked, volumes })
    }

    /// Gives a month, and how many of its visits wait for the district's word while it is open: the month
    /// itself names the first of them.
    async fn month(
        &self,
        month: Month,
        snapshots: &Snapshots,
        (events, times): (&[LoggedEvent], &BTreeMap<Hash, EventTime>),
        stored: Option<&StoredTranche>,
    ) -> Result<Option<(MonthResponse, usize)>, ServerError> {
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
        for payment in &payments {
            add_due(&mut response, payment, snapshot);
        }
        for line in &mut response.providers {
            line.bin = snapshot.provider(line.provider).map(|provider| provider.bin.clone());
        }
        let today = ledger::local_day(self.clock.now_ms());
        // The same fold as the sheets' own page, so that both name the same turn.
        if today.is_some_and(|today| today >= month.first_day()) {
            let signed = self.signed_month_of(month, snapshots, events, stored).await?;
            for line in &mut response.providers {
                let sheet = signed.as_ref().and_then(|signed| signed.sheet(line.provider));
                line.sheet = sheet.and_then(|sheet| sheet.at).map(sheet_response);
            }
        }
        let mut undecided = 0;
        if stored.is_none() {
            let waiting = ledger::undecided(snapshot, counted, month)
                .map_err(|error| ServerError::Ledger(error.to_string()))?;
            undecided = waiting.len();
            let waiting = waiting.iter().take(UNDECIDED_MAX);
            response.undecided = waiting.map(|one| undecided_response(one, snapshot)).collect();
        }
        response.times = Some(VisitTimesResponse {
            inside: times.inside,
            unsure: times.unsure,
            outside: times.outside,
        });
        Ok(Some((response, undecided)))
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
    let is_paid = |payment: &PaymentStatus| {
        matches!(payment.state, PaymentState::NothingDue | PaymentState::Paid { .. })
    };
    let all_paid = payments.iter().all(is_paid);
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
        undecided: Vec::new(),
    }
}

/// Names what a person knows a visit by.
pub(crate) fn undecided_response(visit: &UndecidedVisit, snapshot: &Snapshot) -> UndecidedResponse {
    let of_voucher = snapshot.contracts.iter().find(|contract| contract.voucher == visit.voucher);
    UndecidedResponse {
        event: HexHash(visit.event),
        voucher: of_voucher.map(|contract| contract.number.clone()).unwrap_or_default(),
        provider: snapshot.provider(visit.provider).map(|it| it.name.clone()).unwrap_or_default(),
        group: snapshot.group(visit.group).map(|group| group.name.clone()).unwrap_or_default(),
        start_ms: visit.start_ms,
        why: word(serde_json::to_value(visit.why)),
        decide_until: visit.decide_until.map(|day| day.to_string()),
    }
}

fn provider_response(
    summary: ProviderSummary,
    payments: &[PaymentStatus],
) -> ProviderMonthResponse {
    let paid = payments.iter().find(|payment| payment.provider == summary.provider);
    let document = paid.and_then(document_of);
    ProviderMonthResponse {
        provider: summary.provider,
        name: summary.name,
        bin: None,
        children: summary.children,
        accrued_tiyn: summary.accrued.0,
        held_tiyn: summary.held.0,
        document,
        due_tiyn: None,
        sheet: None,
    }
}

/// Says what is due to a provider where that is not what it earned; one that has only corrections gets a
/// line.
fn add_due(response: &mut MonthResponse, payment: &PaymentStatus, snapshot: &Snapshot) {
    let place = response.providers.iter().position(|line| line.provider == payment.provider);
    let place = place.unwrap_or_else(|| {
        let known = snapshot.provider(payment.provider);
        response.providers.push(ProviderMonthResponse {
            provider: payment.provider,
            name: known.map(|provider| provider.name.clone()).unwrap_or_default(),
            children: 0,
            accrued_tiyn: 0,
            held_tiyn: 0,
            bin: None,
            document: document_of(payment),
            due_tiyn: None,
            sheet: None,
        });
        response.providers.len() - 1
    });
    let line = &mut response.providers[place];
    line.due_tiyn = Some(payment.due.0).filter(|due| *due != line.accrued_tiyn);
}

fn document_of(payment: &PaymentStatus) -> Option<String> {
    let PaymentState::Paid { document, .. } = &payment.state else { return None };
    Some(document.clone())
}

fn sheet_response(at: SheetAt) -> SheetResponse {
    SheetResponse {
        step: word(serde_json::to_value(at.step)),
        holder: word(serde_json::to_value(at.holder)),
        since: at.since.to_string(),
        until: at.until.to_string(),
        late: at.late,
    }
}

/// Gives the word that JSON has for a value.
fn word(value: serde_json::Result<serde_json::Value>) -> String {
    value.unwrap_or_default().as_str().unwrap_or_default().to_owned()
}
