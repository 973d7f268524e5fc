//! The event pack for the state gateway (R12): what happened, as entities with a version each.

mod changes;

use std::collections::BTreeSet;

use attendance::{ChildId, LessonId, ProviderId, VoucherId};
use chrono::{DateTime, FixedOffset};
use seal::Hash;
use serde::Serialize;

use super::ExportedMonth;
use crate::calendar::{Month, local_ms};
use crate::money::Tiyn;
use crate::sheet::{DayCode, SheetRow};
use crate::tranche::TrancheLine;
use crate::visit::{Standing, Visit};

pub use changes::{PackedLog, event_pack_changes};

/// Makes the pack's JSON, `{"events": […]}`: a visit for each recorded lesson, but those that were found
/// not to have been, and an accrual for each voucher. The version of an event is the SHA-256 of its body's
/// JSON, so that a pack sent twice changes nothing. What changes later is in [`event_pack_changes`]. `sender_bin` is the BIN of whoever hands the pack over. How it is packed further
/// (gzip, Base64) is the caller's.
#[must_use]
pub fn event_pack(month: ExportedMonth<'_>, sender_bin: &str) -> String {
    let visits = month.fold.rows.iter().flat_map(|row| {
        let days = row.days.iter().filter(|day| day.code != DayCode::DecidedAbsent);
        days.filter_map(|day| day.visit.as_ref()).map(move |visit| (row, visit))
    });
    let visits = visits.map(|(row, visit)| {
        let body = Body::Visit(visit_body(month, row, visit));
        event(month, (row.provider, sender_bin), visit.arrival_ms, body)
    });
    let closed_ms = local_ms(month.fold.month.last_day(), 0).unwrap_or_default();
    let accruals = month.tranche.lines.iter().map(|line| {
        let body = Body::Accrual(accrual_body(month, line));
        event(month, (line.provider, sender_bin), closed_ms, body)
    });
    let pack = Pack { events: visits.chain(accruals).collect() };
    serde_json::to_string(&pack).expect("a pack has only string keys")
}

#[derive(Serialize)]
struct Pack {
    events: Vec<GatewayEvent>,
}

#[derive(Clone, Serialize)]
struct GatewayEvent {
    entity: &'static str,
    /// Seconds since 1970-01-01T00:00Z.
    time: i64,
    version: String,
    organisation_bin: String,
    sender_bin: String,
    body: Body,
}

#[derive(Clone, Serialize)]
#[serde(untagged)]
enum Body {
    Visit(VisitBody),
    Accrual(AccrualBody),
    Sheet(SheetBody),
}

#[derive(Clone, Serialize)]
struct VisitBody {
    action: &'static str,
    id: String,
    voucher_number: String,
    child: ChildId,
    lesson: LessonId,
    lesson_start: String,
    arrival: String,
    late: bool,
    by_hand: bool,
    standing: &'static str,
    leaf: u64,
    answer_leaf: Option<u64>,
}

#[derive(Clone, Serialize)]
struct AccrualBody {
    action: &'static str,
    id: String,
    voucher_number: String,
    child: ChildId,
    month: Month,
    planned: u32,
    paid: u32,
    plan_tiyn: Tiyn,
    accrued_tiyn: Tiyn,
    held_tiyn: Tiyn,
    released_tiyn: Tiyn,
    rule_version: String,
    tranche_sha256: String,
    /// The later months in whose tranches it was corrected.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    corrected_in: BTreeSet<Month>,
    /// The leaves that decided it.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    corrected_by: BTreeSet<u64>,
}

#[derive(Clone, Serialize)]
struct SheetBody {
    action: &'static str,
    id: String,
    month: Month,
    state: &'static str,
    sheet_sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    act_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    act_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    /// What it rests on.
    leaves: Vec<u64>,
}

impl GatewayEvent {
    /// Says what is to be done with the entity. Its version stays: that is of its content.
    fn acting(mut self, action: &'static str) -> Self {
        match &mut self.body {
            Body::Visit(body) => body.action = action,
            Body::Accrual(body) => body.action = action,
            Body::Sheet(body) => body.action = action,
        }
        self
    }
}

fn visit_body(month: ExportedMonth<'_>, row: &SheetRow, visit: &Visit) -> VisitBody {
    let standing = match visit.standing {
        Standing::Awaiting => "awaiting",
        Standing::Confirmed { .. } => "confirmed",
        Standing::Disputed { .. } => "disputed",
        Standing::ConfirmedByProxy { .. } => "confirmed_by_proxy",
        Standing::Tacit => "tacit",
    };
    VisitBody {
        action: "create",
        id: visit.event.to_string(),
        voucher_number: number(month, row.voucher),
        child: visit.child,
        lesson: visit.lesson,
        lesson_start: iso(visit.start_ms),
        arrival: iso(visit.arrival_ms),
        late: visit.late,
        by_hand: visit.is_manual(),
        standing,
        leaf: visit.index,
        answer_leaf: visit.standing.by(),
    }
}

fn accrual_body(month: ExportedMonth<'_>, line: &TrancheLine) -> AccrualBody {
    let voucher_number = number(month, line.voucher);
    AccrualBody {
        action: "create",
        id: match line.from {
            None => format!("{voucher_number}/{}", month.fold.month),
            Some(from) => format!("{voucher_number}/{}/{from}", month.fold.month),
        },
        voucher_number,
        child: line.child,
        month: month.fold.month,
        planned: line.planned,
        paid: line.payable,
        plan_tiyn: line.plan,
        accrued_tiyn: line.accrued,
        held_tiyn: line.held,
        released_tiyn: line.released,
        rule_version: month.tranche.rule_version.clone(),
        tranche_sha256: month.tranche.hash().to_string(),
        corrected_in: BTreeSet::new(),
        corrected_by: BTreeSet::new(),
    }
}

fn event(
    month: ExportedMonth<'_>,
    (provider, sender_bin): (ProviderId, &str),
    at_ms: i64,
    body: Body,
) -> GatewayEvent {
    let organisation = month.snapshot.provider(provider).map_or("", |one| one.bin.as_str());
    GatewayEvent {
        entity: match body {
            Body::Visit(_) => "visit",
            Body::Accrual(_) => "accrual",
            Body::Sheet(_) => "sheet",
        },
        time: at_ms.div_euclid(1000),
        version: version(&body).to_string(),
        organisation_bin: organisation.to_owned(),
        sender_bin: sender_bin.to_owned(),
        body,
    }
}

fn version(body: &Body) -> Hash {
    seal::sha256(&serde_json::to_vec(body).expect("a body has only string keys"))
}

fn number(month: ExportedMonth<'_>, voucher: VoucherId) -> String {
    month.snapshot.contract(voucher).map(|one| one.number.clone()).unwrap_or_default()
}

/// Writes an instant as the gateway wants it: ISO 8601 with +05:00.
fn iso(at_ms: i64) -> String {
    let zone = FixedOffset::east_opt(5 * 3_600).expect("five hours are an offset");
    let instant = DateTime::from_timestamp_millis(at_ms).unwrap_or_default();
    instant.with_timezone(&zone).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}
