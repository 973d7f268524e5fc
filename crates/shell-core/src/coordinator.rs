//! The coordinator's commands: the board, closing, payment notices, the registry.

use attendance::{Role, Verdict};
use device::{Device, VisitDecision};
use ipc::{
    BoardView, ErrorCode, ErrorView, Finding, MonthState, MonthView, ProviderMonthView,
    UndecidedView, VisitTimesView, VolumeView,
};
use sync_api::{
    BoardResponse, MonthResponse, MonthStage, ProviderMonthResponse, UndecidedResponse,
    VolumeResponse,
};

use crate::devices::{device_view, parked_view};
use crate::error::{self, parse_hash, parse_id};
use crate::shell::Shell;
use crate::status::mark_view;

impl Shell {
    pub(crate) async fn board(&self) -> Result<BoardView, ErrorView> {
        self.device.with(|device| board(device)).await
    }

    pub(crate) async fn close_month(&self, month: &str) -> Result<BoardView, ErrorView> {
        let month = parse_month(month)?;
        self.device
            .with(move |device| {
                close_month(device, month)?;
                board(device)
            })
            .await
    }

    pub(crate) async fn record_payment(
        &self,
        month: &str,
        provider: &str,
        amount_tiyn: i64,
        document: String,
    ) -> Result<BoardView, ErrorView> {
        let (month, provider) = (parse_month(month)?, parse_id(provider)?);
        self.device
            .with(move |device| {
                refuse_wrong_payment(device, month, provider, amount_tiyn)?;
                device
                    .record_payment(month, provider, amount_tiyn, &document)
                    .map_err(error::of_record)?;
                board(device)
            })
            .await
    }

    pub(crate) async fn decide_visit(
        &self,
        visit: &str,
        was: bool,
        finding: Finding,
        document: String,
    ) -> Result<BoardView, ErrorView> {
        let decision = VisitDecision {
            visit: parse_hash(visit)?,
            verdict: if was { Verdict::Was } else { Verdict::WasNot },
            finding: match finding {
                Finding::Evidence => attendance::Finding::Evidence,
                Finding::Slip => attendance::Finding::Slip,
                Finding::Inspection => attendance::Finding::Inspection,
                Finding::NoEvidence => attendance::Finding::NoEvidence,
                Finding::Other => attendance::Finding::Other,
            },
            document,
        };
        let recorded = self.device.with(move |device| device.decide_visit(&decision));
        recorded.await.map_err(error::of_record)?;
        self.decided().await
    }

    pub(crate) async fn registry(&self, month: &str, format: &str) -> Result<String, ErrorView> {
        parse_month(month)?;
        if !["csv", "json"].contains(&format) {
            return Err(error::view(ErrorCode::BadRequest, "a registry is csv or json"));
        }
        let path = format!("registry/{month}.{format}");
        let file = self.sync.fetch_file(&self.device, &path).await;
        file.map_err(|error| error::of_sync(&error))
    }
}

/// Closes a month as its rules allow, which the board tells.
fn close_month(device: &mut Device, month: u32) -> Result<(), ErrorView> {
    let (_, response) = kept_board(device)?;
    let line = response.months.iter().find(|line| line.month == month);
    let line = line.ok_or_else(|| {
        let message = "the month is not on the board: sync first";
        error::view(ErrorCode::MonthRefused, message)
    })?;
    device.close_month(month, line.close_from_ms).map_err(error::of_record)?;
    Ok(())
}

/// Refuses a sum that is not the sum of the registry, before it becomes an event for ever.
fn refuse_wrong_payment(
    device: &Device,
    month: u32,
    provider: attendance::ProviderId,
    amount_tiyn: i64,
) -> Result<(), ErrorView> {
    let refused = |message: String| error::view(ErrorCode::MonthRefused, message);
    let (_, response) = kept_board(device)?;
    let month = response.months.iter().find(|line| line.month == month);
    let month = month.filter(|line| line.stage != MonthStage::Open);
    let month = month.ok_or_else(|| refused("the month is not closed yet".into()))?;
    let line = month.providers.iter().find(|line| line.provider == provider);
    let line =
        line.ok_or_else(|| refused("the provider is not in this month's registry".into()))?;
    let due = line.due_tiyn.unwrap_or(line.accrued_tiyn);
    if due != amount_tiyn {
        let (due, paid) = (tenge(due), tenge(amount_tiyn));
        let message = format!("the registry says {due} tenge, the notice says {paid}");
        return Err(error::view(ErrorCode::WrongSum, message));
    }
    Ok(())
}

/// Writes a sum as the registry does.
fn tenge(tiyn: i64) -> String {
    let sign = if tiyn < 0 { "-" } else { "" };
    let tiyn = tiyn.unsigned_abs();
    format!("{sign}{}.{:02}", tiyn / 100, tiyn % 100)
}

fn kept_board(device: &Device) -> Result<(Option<i64>, BoardResponse), ErrorView> {
    let role = device.enrolment().map(device::Enrolled::role);
    match role {
        Some(Role::Coordinator) => {}
        Some(
            Role::Teacher | Role::Parent | Role::ProviderAdmin | Role::Delegate | Role::Issuer,
        ) => {
            let message = "the board is for a coordinator's device";
            return Err(error::view(ErrorCode::NotAllowed, message));
        }
        None => return Err(error::not_enrolled()),
    }
    let Some(kept) = device.cache("board").map_err(error::of_store)? else {
        let empty = BoardResponse {
            as_of_ms: 0,
            months: Vec::new(),
            devices: Vec::new(),
            parked: Vec::new(),
            volumes: Vec::new(),
        };
        return Ok((None, empty));
    };
    let response = serde_json::from_str(&kept.json)
        .map_err(|why| error::view(ErrorCode::Broken, why.to_string()))?;
    Ok((Some(kept.fetched_ms), response))
}

pub(crate) fn board(device: &Device) -> Result<BoardView, ErrorView> {
    let (as_of_ms, response) = kept_board(device)?;
    let mut months = Vec::with_capacity(response.months.len());
    for month in response.months {
        months.push(month_view(device, month)?);
    }
    let mut devices = Vec::with_capacity(response.devices.len());
    for line in response.devices {
        devices.push(device_view(device, line)?);
    }
    let parked = response.parked.into_iter().map(parked_view).collect();
    let volumes = response.volumes.into_iter().map(volume_view).collect();
    Ok(BoardView { as_of_ms, months, devices, parked, volumes })
}

fn volume_view(line: VolumeResponse) -> VolumeView {
    let (from, to) = line.months;
    VolumeView {
        id: line.id,
        from: month_name(from),
        to: month_name(to),
        planned: line.planned,
        taught: line.taught,
        forecast: line.forecast,
    }
}

/// Writes 202609 as `2026-09`.
fn month_name(month: u32) -> String {
    format!("{:04}-{:02}", month / 100, month % 100)
}

fn month_view(device: &Device, month: MonthResponse) -> Result<MonthView, ErrorView> {
    let statement = device.statement(month.month).map_err(error::of_store)?;
    let closing =
        device.month_closed_here(month.month, month.close_from_ms).map_err(error::of_store)?;
    let state = match month.stage {
        MonthStage::Open if closing => MonthState::Closing,
        MonthStage::Open => MonthState::Open,
        MonthStage::Closed => MonthState::Closed,
        MonthStage::Paid => MonthState::Paid,
    };
    let undecided = month.undecided.into_iter().map(|line| undecided_view(device, line));
    Ok(MonthView {
        month: month_name(month.month),
        state,
        close_from_ms: month.close_from_ms,
        may_close: state == MonthState::Open && device.now().wall_ms >= month.close_from_ms,
        visits: month.visits,
        confirmed: month.confirmed,
        awaiting: month.awaiting,
        disputed: month.disputed,
        times: month.times.map(|times| VisitTimesView {
            inside: times.inside,
            unsure: times.unsure,
            outside: times.outside,
        }),
        plan_tiyn: month.plan_tiyn,
        accrued_tiyn: month.accrued_tiyn,
        held_tiyn: month.held_tiyn,
        released_tiyn: month.released_tiyn,
        rule_version: month.rule_version,
        providers: month.providers.into_iter().map(provider_view).collect(),
        undecided: undecided.collect::<Result<_, _>>()?,
        tranche: month.tranche.map(|hash| hash.0.to_string()),
        mark: statement.as_ref().map(|statement| mark_view(statement.mark)),
        leaf_index: statement.map(|statement| statement.leaf_index),
    })
}

fn undecided_view(device: &Device, line: UndecidedResponse) -> Result<UndecidedView, ErrorView> {
    Ok(UndecidedView {
        decided: device.visit_decided(line.event.0).map_err(error::of_store)?,
        event: line.event.0.to_string(),
        voucher: line.voucher,
        provider: line.provider,
        group: line.group,
        start_ms: line.start_ms,
        conflict: line.why == "conflict",
        decide_until: line.decide_until,
    })
}

fn provider_view(line: ProviderMonthResponse) -> ProviderMonthView {
    ProviderMonthView {
        provider: line.provider.to_string(),
        name: line.name,
        bin: line.bin,
        children: line.children,
        // With corrections of closed months it is that which the Treasury is to pay.
        accrued_tiyn: line.due_tiyn.unwrap_or(line.accrued_tiyn),
        held_tiyn: line.held_tiyn,
        paid: line.document.is_some(),
        document: line.document,
    }
}

/// Reads `2026-09` as 202609.
pub(crate) fn parse_month(text: &str) -> Result<u32, ErrorView> {
    let refused = || error::view(ErrorCode::BadRequest, "a month is written like 2026-09");
    let (year, month) = text.split_once('-').ok_or_else(refused)?;
    let well_formed = year.len() == 4 && month.len() == 2;
    let digits = |part: &str| part.parse::<u32>().ok().filter(|_| well_formed);
    let (year, month) = digits(year).zip(digits(month)).ok_or_else(refused)?;
    if (1..=12).contains(&month) { Ok(year * 100 + month) } else { Err(refused()) }
}
