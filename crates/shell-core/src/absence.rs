//! Absences with their documents, withdrawals, leavings and headcounts.

use attendance::{ManualReason, Terms};
use device::{Absence, AbsenceRow, Device, DocumentError, Withdrawn};
use ipc::{
    AbsenceOutcome, AbsenceReason, AbsenceView, DocumentKeptView, DocumentView, ErrorCode,
    ErrorView, InsideView, LessonView, Reason, TermsView, Withdrawal, WithdrawnView,
};
use seal::Hash;
use sync_api::Base64;

use crate::error::{self, parse_hash, parse_id};
use crate::parent::UNKNOWN;
use crate::shell::Shell;
use crate::status::mark_view;
use crate::teacher::{day_of, lesson_of};

impl Shell {
    pub(crate) async fn withdraw(
        &self,
        event: &str,
        why: Option<Withdrawal>,
    ) -> Result<(), ErrorView> {
        let (event, why) = (parse_hash(event)?, why.map(withdrawal));
        let withdrawn = self.device.with(move |device| device.withdraw(event, why)).await;
        withdrawn.map(|_| ()).map_err(error::of_record)
    }

    pub(crate) async fn correct_child(&self, event: &str, child: &str) -> Result<(), ErrorView> {
        let (event, child) = (parse_hash(event)?, parse_id(child)?);
        let corrected = self.device.with(move |device| device.correct_child(event, child)).await;
        corrected.map(|_| ()).map_err(error::of_record)
    }

    pub(crate) async fn record_absence(
        &self,
        lesson: &str,
        child: &str,
        reason: AbsenceReason,
        number: Option<String>,
        document: Option<&str>,
    ) -> Result<AbsenceOutcome, ErrorView> {
        let (lesson, child) = (parse_id(lesson)?, parse_id(child)?);
        let document = document.map(parse_hash).transpose()?;
        let number = number.filter(|number| !number.trim().is_empty());
        let absence = Absence { reason: reason_of(reason), number, document };
        let said = self.device.with(move |device| device.record_absence(child, lesson, &absence));
        Ok(match said.await.map_err(error::of_record)? {
            device::AbsenceOutcome::Kept(_) => AbsenceOutcome::Kept,
            device::AbsenceOutcome::Already(_) => AbsenceOutcome::Already,
            device::AbsenceOutcome::Came(_) => AbsenceOutcome::Came,
        })
    }

    pub(crate) async fn keep_document(&self, base64: &str) -> Result<DocumentKeptView, ErrorView> {
        // Base64 is a third longer than what it says.
        if base64.len() / 4 > device::DOCUMENT_MAX_BYTES / 3 + 1 {
            let message = "a document has at most 4 MB: photograph it smaller";
            return Err(error::view(ErrorCode::DocumentRefused, message));
        }
        let bytes = serde_json::from_value::<Base64>(base64.into())
            .map_err(|why| error::view(ErrorCode::BadRequest, why.to_string()))?;
        let kept = self.device.with(move |device| device.keep_document(bytes.0)).await;
        let document = kept.map_err(of_document)?.to_string();
        Ok(DocumentKeptView { document })
    }

    pub(crate) async fn document(&self, document: &str) -> Result<DocumentView, ErrorView> {
        let hash = parse_hash(document)?;
        let kept = self.device.with(move |device| device.document(hash)).await;
        let kept = kept.map_err(error::of_store)?;
        let kept = kept.ok_or_else(|| error::not_found("the document is not on this device"))?;
        let base64 = serde_json::to_value(Base64(kept.bytes)).ok();
        let base64 = base64.and_then(|text| text.as_str().map(str::to_owned));
        let base64 = base64.ok_or_else(|| error::view(ErrorCode::Broken, "no text of the file"))?;
        Ok(DocumentView { media: kept.media.name().to_owned(), base64 })
    }

    pub(crate) async fn record_headcount(
        &self,
        lesson: &str,
        count: u16,
    ) -> Result<LessonView, ErrorView> {
        let lesson = parse_id(lesson)?;
        self.device
            .with(move |device| {
                device.record_headcount(lesson, count).map_err(error::of_record)?;
                lesson_of(device, lesson)
            })
            .await
    }

    pub(crate) async fn record_leaving(
        &self,
        lesson: &str,
        child: &str,
        reason: Reason,
    ) -> Result<(), ErrorView> {
        let (lesson, child) = (parse_id(lesson)?, parse_id(child)?);
        let reason = manual_reason(reason);
        let left = self.device.with(move |device| device.record_leaving(child, lesson, reason));
        left.await.map(|_| ()).map_err(error::of_record)
    }

    pub(crate) async fn inside(&self) -> Result<Vec<InsideView>, ErrorView> {
        self.device
            .with(|device| {
                let now_ms = device.best_now_ms().map_err(error::of_store)?;
                let day = day_of(now_ms);
                let inside = device.inside(day.start, day.end).map_err(error::of_store)?;
                let roster = device.roster();
                let group = |id| roster.and_then(|roster| roster.group(id));
                let view = |one: device::Inside| InsideView {
                    child: one.child.to_string(),
                    name: one.name,
                    lesson: one.lesson.id.to_string(),
                    group: group(one.lesson.group)
                        .map_or_else(|| UNKNOWN.to_owned(), |group| group.name.clone()),
                    since_ms: one.since_ms,
                };
                Ok(inside.into_iter().map(view).collect())
            })
            .await
    }
}

pub(crate) fn absence_view(device: &Device, row: AbsenceRow) -> Result<AbsenceView, ErrorView> {
    use attendance::AbsenceReason as Said;
    let has_file = match row.document {
        Some(hash) => device.has_document(hash).map_err(error::of_store)?,
        None => false,
    };
    Ok(AbsenceView {
        event: row.event.to_string(),
        reason: match row.reason {
            Some(Said::Sick) => Some(AbsenceReason::Sick),
            Some(Said::Leave) => Some(AbsenceReason::Leave),
            Some(Said::Quarantine) => Some(AbsenceReason::Quarantine),
            Some(Said::Unexcused) => Some(AbsenceReason::Unexcused),
            Some(Said::Other | _) | None => None,
        },
        number: row.number,
        document: row.document.map(|hash: Hash| hash.to_string()),
        has_file,
        own: row.is_own,
        mark: mark_view(row.mark),
    })
}

pub(crate) fn withdrawn_view(withdrawn: &Withdrawn) -> WithdrawnView {
    use attendance::Withdrawal as Said;
    WithdrawnView {
        at_ms: withdrawn.at_ms,
        why: match withdrawn.why {
            Some(Said::OtherChild) => Some(Withdrawal::OtherChild),
            Some(Said::NotThere) => Some(Withdrawal::NotThere),
            Some(Said::OtherLesson) => Some(Withdrawal::OtherLesson),
            Some(Said::Slip) => Some(Withdrawal::Slip),
            Some(_) | None => None,
        },
        mark: mark_view(withdrawn.mark),
    }
}

pub(crate) fn terms_view(terms: Terms, lesson_start_ms: i64, now_ms: i64) -> TermsView {
    TermsView {
        reason_until_ms: terms.reason_until_ms(lesson_start_ms),
        document_until_ms: terms.document_until_ms(lesson_start_ms),
        // What passes within an hour is not told, and draws no page anew.
        now_ms: now_ms - now_ms.rem_euclid(HOUR_MS),
    }
}

pub(crate) fn manual_reason(reason: Reason) -> ManualReason {
    match reason {
        Reason::CardForgotten => ManualReason::CardForgotten,
        Reason::CardUnreadable => ManualReason::CardUnreadable,
        Reason::CardRefused => ManualReason::CardRefused,
        Reason::NoCamera => ManualReason::NoCamera,
    }
}

fn withdrawal(why: Withdrawal) -> attendance::Withdrawal {
    match why {
        Withdrawal::OtherChild => attendance::Withdrawal::OtherChild,
        Withdrawal::NotThere => attendance::Withdrawal::NotThere,
        Withdrawal::OtherLesson => attendance::Withdrawal::OtherLesson,
        Withdrawal::Slip => attendance::Withdrawal::Slip,
    }
}

fn reason_of(reason: AbsenceReason) -> attendance::AbsenceReason {
    match reason {
        AbsenceReason::Sick => attendance::AbsenceReason::Sick,
        AbsenceReason::Leave => attendance::AbsenceReason::Leave,
        AbsenceReason::Quarantine => attendance::AbsenceReason::Quarantine,
        AbsenceReason::Unexcused => attendance::AbsenceReason::Unexcused,
    }
}

const HOUR_MS: i64 = 3_600_000;

fn of_document(error: DocumentError) -> ErrorView {
    let code = match &error {
        DocumentError::NotEnrolled => ErrorCode::NotEnrolled,
        DocumentError::NotADocument | DocumentError::TooLarge { .. } | DocumentError::NoRoom => {
            ErrorCode::DocumentRefused
        }
        DocumentError::Store(_) | _ => {
            if let DocumentError::Store(error) = error {
                return error::of_store(error);
            }
            ErrorCode::Broken
        }
    };
    error::view(code, error.to_string())
}
