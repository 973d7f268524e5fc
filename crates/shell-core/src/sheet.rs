//! A family's months: the sheet, the signature, and *not sure*.

use device::{DayStanding, Device, MonthSheet, SheetDay};
use ipc::{DayState, ErrorView, SheetDayView, SheetView, SignTime, SignedView, VisitView};

use crate::absence::{absence_view, terms_view, withdrawn_view};
use crate::coordinator::parse_month;
use crate::error::{self, parse_hash, parse_id};
use crate::parent::{UNKNOWN, visit_view};
use crate::shell::Shell;
use crate::status::mark_view;

/// How many months of a child are shown.
const MONTHS_SHOWN: usize = 3;

impl Shell {
    pub(crate) async fn not_sure(&self, visit: &str) -> Result<VisitView, ErrorView> {
        let visit = parse_hash(visit)?;
        self.device
            .with(move |device| {
                device.not_sure(visit).map_err(error::of_record)?;
                let found = device.visit(visit).map_err(error::of_store)?;
                let found = found.ok_or_else(|| error::not_found("there is no such visit"))?;
                Ok(visit_view(device, found))
            })
            .await
    }

    pub(crate) async fn sheets(&self) -> Result<Vec<SheetView>, ErrorView> {
        self.device
            .with(|device| {
                let sheets = device.month_sheets(MONTHS_SHOWN).map_err(error::of_store)?;
                let known = device.completeness().map_err(error::of_store)?;
                let views = sheets.into_iter().map(|sheet| {
                    let of_child = known.iter().find(|known| known.child == sheet.child);
                    let complete = of_child.map_or((0, false), |known| {
                        let faults = !known.missing.is_empty() || !known.unnamed.is_empty();
                        (known.complete_to(), faults)
                    });
                    sheet_view(device, sheet, complete)
                });
                let mut views = views.collect::<Result<Vec<_>, _>>()?;
                views.sort_by(|a, b| (&b.month, &a.name).cmp(&(&a.month, &b.name)));
                Ok(views)
            })
            .await
    }

    pub(crate) async fn sign_month(&self, child: &str, month: &str) -> Result<(), ErrorView> {
        let (child, month) = (parse_id(child)?, parse_month(month)?);
        let signed = self.device.with(move |device| device.sign_month(child, month)).await;
        signed.map(|_| ()).map_err(error::of_record)
    }
}

fn sheet_view(
    device: &Device,
    sheet: MonthSheet,
    (complete_to, faults): (u64, bool),
) -> Result<SheetView, ErrorView> {
    let now_ms = device.best_now_ms().map_err(error::of_store)?;
    let child = device.roster().and_then(|roster| roster.child(sheet.child, None));
    let window = device.terms().sign_window_ms(sheet.month);
    let window = window.ok_or_else(|| error::not_found("there is no such month"))?;
    let count = |standing| sheet.count(standing);
    let planned = u32::try_from(sheet.days.len()).unwrap_or(u32::MAX);
    let planned = planned.saturating_sub(count(DayStanding::CancelledOfficial));
    let confirmed = count(DayStanding::Confirmed);
    let (signed, unsigned) = (sheet.signed, sheet.is_unsigned());
    let (excused, to_come) = (count(DayStanding::Excused), count(DayStanding::ToCome));
    let attended = confirmed + count(DayStanding::Awaiting);
    let days = sheet.days.into_iter().map(|day| day_view(device, day, now_ms));
    let days = days.collect::<Result<Vec<_>, _>>()?;
    let unpaid = days.iter().filter(|day| day.state.is_unpaid()).count();
    Ok(SheetView {
        child: sheet.child.to_string(),
        name: child.map_or_else(|| UNKNOWN.to_owned(), |child| child.name.clone()),
        month: format!("{:04}-{:02}", sheet.month / 100, sheet.month % 100),
        planned,
        attended,
        confirmed,
        excused,
        excused_cap: device.terms().excused_cap(planned),
        unpaid: u32::try_from(unpaid).unwrap_or(u32::MAX),
        to_come,
        days,
        sign_from_ms: window.start,
        sign_until_ms: window.end,
        sign_time: if now_ms < window.start {
            SignTime::Early
        } else if now_ms < window.end {
            SignTime::Now
        } else {
            SignTime::Late
        },
        signed: signed
            .map(|signed| SignedView { at_ms: signed.at_ms, mark: mark_view(signed.mark) }),
        unsigned,
        complete_to,
        faults,
    })
}

fn day_view(device: &Device, day: SheetDay, now_ms: i64) -> Result<SheetDayView, ErrorView> {
    let group = device.roster().and_then(|roster| roster.group(day.lesson.group));
    Ok(SheetDayView {
        lesson: day.lesson.id.to_string(),
        group: group.map_or_else(|| UNKNOWN.to_owned(), |group| group.name.clone()),
        start_ms: day.lesson.start_ms,
        state: match day.standing {
            DayStanding::ToCome => DayState::ToCome,
            DayStanding::Confirmed => DayState::Confirmed,
            DayStanding::Awaiting => DayState::Awaiting,
            DayStanding::Disputed => DayState::Disputed,
            DayStanding::Excused => DayState::Excused,
            DayStanding::NoDocument => DayState::NoDocument,
            DayStanding::Unexcused => DayState::Unexcused,
            DayStanding::Missing => DayState::Missing,
            DayStanding::NotHeld => DayState::NotHeld,
            DayStanding::CancelledOfficial => DayState::CancelledOfficial,
        },
        event: day.visit.map(|visit| visit.row.event.to_string()),
        by_hand: day.visit.is_some_and(|visit| visit.row.by_hand),
        withdrawn: day.withdrawn.as_ref().map(withdrawn_view),
        absence: day.absence.map(|absence| absence_view(device, absence)).transpose()?,
        terms: terms_view(device.terms(), day.lesson.start_ms, now_ms),
    })
}
