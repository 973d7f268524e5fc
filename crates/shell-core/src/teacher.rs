//! The teacher's commands: lessons, scans, roster.

use core::ops::Range;

use attendance::{
    Cancellation, CardRejection, CertificateRejection, LessonId, ProofRejection, StepRejection,
};
use chrono::DateTime;
use device::{Device, LessonChange, LessonRow, Outcome, Recorded, Refusal, RegisterRow};
use ipc::{
    Cancelled, DAYS_AHEAD_MAX, ErrorView, LessonState, LessonView, Reason, RefusalCode,
    RosterRowView, RosterView, ScanSource, ScanView, TodayView,
};

use crate::absence::{absence_view, manual_reason, terms_view, withdrawn_view};
use crate::error::{self, parse_id};
use crate::parent::answer_view;
use crate::shell::Shell;
use crate::status::mark_view;

/// The one zone of the programme, UTC+5 (rules.md R1.1).
const ZONE_MS: i64 = 5 * 3_600_000;
pub(crate) const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;

impl Shell {
    /// Shows the lessons of today, or of a day some days after it; the last day to come is as far as it
    /// goes.
    pub(crate) async fn today(&self, ahead: u32) -> Result<TodayView, ErrorView> {
        let now_ms = self.device.with(|device| device.best_now_ms().map_err(error::of_store));
        let ahead = ahead.min(DAYS_AHEAD_MAX);
        let now_ms = now_ms.await?.saturating_add(i64::from(ahead) * DAY_MS);
        let during = day_of(now_ms);
        let lessons = self.device.with(move |device| {
            let rows = device.lessons_between(during.start, during.end).map_err(error::of_store)?;
            let hours = hours_of(device, &rows, &during)?;
            Ok((rows, hours))
        });
        let (rows, hours) = lessons.await?;
        let mut lessons: Vec<LessonView> = rows.into_iter().map(lesson_view).collect();
        lessons.sort_by_key(|lesson| lesson.start_ms);
        let day = DateTime::from_timestamp_millis(now_ms.saturating_add(ZONE_MS));
        let day = day.map_or_else(String::new, |day| day.format("%Y-%m-%d").to_string());
        Ok(TodayView { day, ahead, lessons, hours })
    }

    pub(crate) async fn open_lesson(&self, lesson: &str) -> Result<LessonView, ErrorView> {
        let lesson = parse_id(lesson)?;
        self.device
            .with(move |device| {
                device.open_lesson(lesson).map_err(error::of_record)?;
                lesson_of(device, lesson)
            })
            .await
    }

    pub(crate) async fn close_lesson(&self, lesson: &str) -> Result<LessonView, ErrorView> {
        let lesson = parse_id(lesson)?;
        self.device
            .with(move |device| {
                device.close_lesson(lesson).map_err(error::of_record)?;
                lesson_of(device, lesson)
            })
            .await
    }

    pub(crate) async fn change_lesson(
        &self,
        lesson: &str,
        change: ipc::LessonChange,
    ) -> Result<LessonView, ErrorView> {
        let lesson = parse_id(lesson)?;
        let change = match change {
            ipc::LessonChange::NotHeld {} => {
                LessonChange::Cancel { why: Cancellation::Provider, document: None }
            }
            ipc::LessonChange::Move { to_ms } => LessonChange::Move { to_ms, document: None },
        };
        self.device
            .with(move |device| {
                device.change_lesson(lesson, &change).map_err(error::of_record)?;
                lesson_of(device, lesson)
            })
            .await
    }

    pub(crate) async fn roster(&self, lesson: &str) -> Result<RosterView, ErrorView> {
        let lesson = parse_id(lesson)?;
        self.device
            .with(move |device| {
                let rows = device.register(lesson).map_err(error::of_store)?;
                let rows = rows.into_iter().map(|row| roster_row(device, row));
                let mut rows = rows.collect::<Result<Vec<_>, ErrorView>>()?;
                rows.sort_by(|a, b| a.name.cmp(&b.name));
                let lesson = lesson_of(device, lesson)?;
                let now_ms = device.best_now_ms().map_err(error::of_store)?;
                let terms = terms_view(device.terms(), lesson.start_ms, now_ms);
                Ok(RosterView { lesson, rows, terms })
            })
            .await
    }

    pub(crate) async fn record_scan(
        &self,
        lesson: &str,
        text: String,
        source: ScanSource,
    ) -> Result<ScanView, ErrorView> {
        let lesson = parse_id(lesson)?;
        tracing::debug!(?source, "a code came in");
        self.device
            .with(move |device| {
                let recorded = device.record_scan(&text, lesson).map_err(error::of_record)?;
                scan_view(device, lesson, recorded)
            })
            .await
    }

    pub(crate) async fn record_manual(
        &self,
        lesson: &str,
        child: &str,
        reason: Reason,
    ) -> Result<ScanView, ErrorView> {
        let (lesson, child) = (parse_id(lesson)?, parse_id(child)?);
        let reason = manual_reason(reason);
        self.device
            .with(move |device| {
                let recorded =
                    device.record_manual(child, lesson, reason).map_err(error::of_record)?;
                scan_view(device, lesson, recorded)
            })
            .await
    }
}

/// Counts the marks of a day's lessons by the hour in which they were made, from the first hour that has
/// any to the last.
fn hours_of(
    device: &Device,
    lessons: &[LessonRow],
    during: &Range<i64>,
) -> Result<Vec<(u8, u32)>, ErrorView> {
    let mut counts = [0_u32; 24];
    for lesson in lessons.iter().filter(|lesson| lesson.present > 0) {
        for row in device.register(lesson.lesson.id).map_err(error::of_store)? {
            let at_ms = row.visit.map(|visit| visit.at_ms).filter(|at_ms| during.contains(at_ms));
            let hour = at_ms.map(|at_ms| at_ms.saturating_sub(during.start) / HOUR_MS);
            let hour = hour.and_then(|hour| usize::try_from(hour).ok());
            if let Some(count) = hour.and_then(|hour| counts.get_mut(hour)) {
                *count = count.saturating_add(1);
            }
        }
    }
    let first = counts.iter().position(|count| *count > 0);
    let last = counts.iter().rposition(|count| *count > 0);
    let shown = first.zip(last).map_or(0..0, |(first, last)| first..last.saturating_add(1));
    let hours = (0_u8..).zip(counts).skip(shown.start).take(shown.len());
    Ok(hours.collect())
}

/// Gives the local day of a moment, at +05:00.
pub(crate) fn day_of(at_ms: i64) -> Range<i64> {
    let local_ms = at_ms.saturating_add(ZONE_MS);
    let start_ms = local_ms - local_ms.rem_euclid(DAY_MS) - ZONE_MS;
    start_ms..start_ms.saturating_add(DAY_MS)
}

/// Names the local day of a moment, as `year * 10000 + month * 100 + day`.
pub(crate) fn day_number(at_ms: i64) -> u32 {
    let day = DateTime::from_timestamp_millis(at_ms.saturating_add(ZONE_MS));
    day.and_then(|day| day.format("%Y%m%d").to_string().parse().ok()).unwrap_or_default()
}

fn roster_row(device: &Device, row: RegisterRow) -> Result<RosterRowView, ErrorView> {
    let visit = row.visit;
    let answer = visit.as_ref().map(|visit| device.answer_to(visit.event)).transpose();
    let answer = answer.map_err(error::of_store)?.flatten();
    Ok(RosterRowView {
        child: row.child.id.to_string(),
        name: row.child.name,
        event: visit.as_ref().map(|visit| visit.event.to_string()),
        at_ms: visit.as_ref().map(|visit| visit.at_ms),
        by_hand: visit.as_ref().is_some_and(|visit| visit.by_hand),
        mark: visit.map(|visit| mark_view(visit.mark)),
        answer: answer.map(|answer| answer_view(&answer)),
        guest: row.is_guest,
        left_ms: row.left_ms,
        absence: row.absence.map(|absence| absence_view(device, absence)).transpose()?,
        withdrawn: row.withdrawn.as_ref().map(withdrawn_view),
    })
}

pub(crate) fn lesson_of(device: &Device, lesson: LessonId) -> Result<LessonView, ErrorView> {
    let row = device.lesson(lesson).map_err(error::of_store)?;
    row.map(lesson_view).ok_or_else(|| error::not_found("the lesson is not on this device"))
}

fn lesson_view(row: LessonRow) -> LessonView {
    LessonView {
        lesson: row.lesson.id.to_string(),
        group: row.group,
        start_ms: row.lesson.start_ms,
        end_ms: row.lesson.end_ms,
        moved_from_ms: row.lesson.moved_from_ms,
        cancelled: row.lesson.cancelled.map(|why| match why {
            Cancellation::Provider => Cancelled::Provider,
            Cancellation::Quarantine => Cancelled::Quarantine,
            Cancellation::Weather => Cancelled::Weather,
            Cancellation::Order | _ => Cancelled::Order,
        }),
        state: match row.state {
            device::LessonState::Planned => LessonState::Planned,
            device::LessonState::Open => LessonState::Open,
            device::LessonState::Ended => LessonState::Ended,
        },
        present: row.present,
        enrolled: row.enrolled,
        guests: row.guests,
        excused: row.excused,
        headcount_asked: row.is_spot_checked,
        headcount: row.headcount,
    }
}

fn scan_view(device: &Device, lesson: LessonId, recorded: Recorded) -> Result<ScanView, ErrorView> {
    let lesson = lesson_of(device, lesson)?;
    let (outcome, refusal, detail) = match recorded.outcome {
        Outcome::Kept => (ipc::Outcome::Kept, None, None),
        Outcome::Already => (ipc::Outcome::Already, None, None),
        Outcome::Guest => (ipc::Outcome::Guest, None, None),
        Outcome::Refused(refusal) => {
            let (code, detail) = refusal_view(&refusal);
            (ipc::Outcome::Refused, Some(code), detail)
        }
    };
    Ok(ScanView {
        outcome,
        refusal,
        detail,
        name: recorded.child.map(|child| child.name),
        event: recorded.event.map(|event| event.to_string()),
        was_absent: recorded.was_absent,
        present: lesson.present,
        enrolled: lesson.enrolled,
    })
}

fn refusal_view(refusal: &Refusal) -> (RefusalCode, Option<String>) {
    match refusal {
        Refusal::Card(rejection) => (card_refusal(rejection), Some(rejection.to_string())),
        Refusal::Phone(rejection) => (phone_refusal(rejection), Some(rejection.to_string())),
        Refusal::PhoneRevoked => (RefusalCode::PhoneRevoked, None),
        Refusal::CodeUsed => (RefusalCode::PhoneCodeUsed, None),
        Refusal::OtherScheme => (RefusalCode::OtherScheme, None),
        Refusal::CodeMistyped => (RefusalCode::CodeMistyped, None),
        Refusal::CodeUnknown => (RefusalCode::CodeUnknown, None),
    }
}

fn phone_refusal(rejection: &ProofRejection) -> RefusalCode {
    match rejection {
        ProofRejection::Card(card) => card_refusal(card),
        ProofRejection::UnknownCard { .. } | ProofRejection::NoHolderKey { .. } => {
            RefusalCode::PhoneUnknownCard
        }
        ProofRejection::NotItsFamily { .. } => RefusalCode::PhoneNotFamily,
        ProofRejection::WrongHolder { .. } | ProofRejection::BadSignature { .. } => {
            RefusalCode::BadSignature
        }
        ProofRejection::Certificate(certificate) => match certificate {
            CertificateRejection::UnknownKey { .. } => RefusalCode::UnknownKey,
            CertificateRejection::BadSignature { .. } | CertificateRejection::WrongKey => {
                RefusalCode::BadSignature
            }
            CertificateRejection::Expired { .. } | CertificateRejection::NotYetValid { .. } => {
                RefusalCode::PhoneRevoked
            }
            CertificateRejection::UnknownVersion { .. } => RefusalCode::UnknownVersion,
            CertificateRejection::Malformed(_) | _ => RefusalCode::Malformed,
        },
        ProofRejection::Step(StepRejection::FromFuture { .. }) => RefusalCode::PhoneCodeAhead,
        ProofRejection::Step(_) => RefusalCode::PhoneCodeOld,
        ProofRejection::Malformed(_) | _ => RefusalCode::Malformed,
    }
}

fn card_refusal(rejection: &CardRejection) -> RefusalCode {
    match rejection {
        CardRejection::Foreign => RefusalCode::Foreign,
        CardRejection::UnknownVersion => RefusalCode::UnknownVersion,
        CardRejection::UnknownKey { .. } => RefusalCode::UnknownKey,
        CardRejection::BadSignature { .. } => RefusalCode::BadSignature,
        CardRejection::Expired { .. } => RefusalCode::Expired,
        CardRejection::Revoked { .. } => RefusalCode::Revoked,
        CardRejection::Malformed(_) | _ => RefusalCode::Malformed,
    }
}
