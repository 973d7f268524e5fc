//! On a teacher's device: what families said about its visits, each answer verified before it is shown.

use attendance::{
    CertificateRejection, EventKind, EventRejection, Role, UnverifiedEvent, VerifiedCertificate,
};
use rusqlite::Connection;
use seal::Hash;
use tlog::{Checkpoint, ReceiptRejection};

use crate::alarm::{Alarm, AlarmCode};
use crate::device::Device;
use crate::enrolment::Enrolled;
use crate::log::{Claim, Log, ReceiptError, conclude};
use crate::store::answer_seen::AnswerRow;
use crate::store::{self, StoreError};
use crate::visit_seen::SeenVisit;

/// Why an answer was not accepted.
#[derive(Debug, thiserror::Error)]
enum AnswerRejection {
    #[error("certificate: {0}")]
    Certificate(#[from] CertificateRejection),
    #[error("event: {0}")]
    Event(#[from] EventRejection),
    #[error("not an answer of a family about a visit")]
    NotAnAnswer,
    #[error("the visit is not of this device")]
    OtherVisit,
    #[error("the answering device is not the child's family's")]
    OtherFamily,
    #[error("receipt: {0}")]
    Receipt(#[from] ReceiptRejection),
    #[error("leaf {claimed} was claimed, the receipt proves leaf {proven}")]
    OtherLeaf { claimed: u64, proven: u64 },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An answer that holds.
struct ProvenAnswer {
    hash: Hash,
    about: Hash,
    was: bool,
}

impl Device {
    /// Verifies families' answers under a checkpoint and keeps those that hold: certificate of the
    /// child's family, signature, own visit, place in the log. All leaves before `next` are then looked
    /// through. Gives how many are new. One that does not hold raises an alarm.
    ///
    /// # Errors
    /// [`ReceiptError`] if the checkpoint itself does not hold.
    pub fn store_answers(
        &mut self,
        answers: &[SeenVisit],
        checkpoint_note: &str,
        next: u64,
    ) -> Result<usize, ReceiptError> {
        let enrolled = self.enrolled.as_ref().ok_or(ReceiptError::NotEnrolled)?;
        let log = Log::of(Some(enrolled))?;
        let at_ms = self.clock.now().wall_ms;
        let tx = store::begin(&mut self.db)?;
        let outcome = log.accept(&tx, checkpoint_note, at_ms).and_then(|under| {
            let mut kept = 0;
            for answer in answers {
                match verify(&tx, answer, enrolled, &log, &under) {
                    Ok(proven) => kept += usize::from(keep(&tx, answer, &proven, &under)?),
                    Err(AnswerRejection::Store(error)) => return Err(error.into()),
                    Err(rejection) => {
                        store::alarm::keep(&tx, &alarm(answer, &rejection, at_ms))?;
                    }
                }
            }
            store::delta_cursor::advance(&tx, &under.origin, CURSOR, next.min(under.size))?;
            Ok(kept)
        });
        conclude(tx, outcome, |error| matches!(error, ReceiptError::Store(_)))
    }

    /// Gives the leaf to ask for answers from next.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn answers_cursor(&self) -> Result<u64, StoreError> {
        match &self.enrolled {
            Some(enrolled) => store::delta_cursor::read(&self.db, enrolled.origin(), CURSOR),
            None => Ok(0),
        }
    }
}

fn verify(
    tx: &Connection,
    answer: &SeenVisit,
    enrolled: &Enrolled,
    log: &Log<'_>,
    under: &Checkpoint,
) -> Result<ProvenAnswer, AnswerRejection> {
    let family = VerifiedCertificate::verify_for_audit(&answer.certificate, enrolled.trust_list())?;
    let chained = UnverifiedEvent::parse(&answer.event)?.verify(&family.public_key())?;
    let event = chained.event();
    let is_answer = matches!(event.kind, EventKind::Confirm | EventKind::Dispute);
    let about = event.about.filter(|_| is_answer).ok_or(AnswerRejection::NotAnAnswer)?;
    let (_, visit) = store::event::find(tx, about)?.ok_or(AnswerRejection::OtherVisit)?;
    let visit = UnverifiedEvent::parse(&visit.bytes)?;
    let child = visit.event().child.ok_or(AnswerRejection::OtherVisit)?;
    let certificate = family.certificate();
    if certificate.role != Role::Parent || !certificate.children.contains(&child) {
        return Err(AnswerRejection::OtherFamily);
    }
    let claim = Claim { bytes: &answer.event, salt: &answer.salt, receipt: &answer.receipt };
    let (claimed, proven) = (answer.leaf_index, log.prove(&claim, under)?);
    if claimed != proven {
        return Err(AnswerRejection::OtherLeaf { claimed, proven });
    }
    Ok(ProvenAnswer { hash: chained.hash(), about, was: event.kind == EventKind::Confirm })
}

fn keep(
    tx: &Connection,
    answer: &SeenVisit,
    proven: &ProvenAnswer,
    under: &Checkpoint,
) -> Result<bool, StoreError> {
    store::answer_seen::keep(
        tx,
        &AnswerRow {
            origin: &under.origin,
            leaf_index: answer.leaf_index,
            hash: proven.hash,
            about: proven.about,
            was: proven.was,
            certificate: &answer.certificate,
            bytes: &answer.event,
            salt: &answer.salt,
            receipt: &answer.receipt,
            tree_size: under.size,
        },
    )
}

fn alarm(answer: &SeenVisit, rejection: &AnswerRejection, at_ms: i64) -> Alarm {
    Alarm {
        at_ms,
        code: AlarmCode::BadAnswer,
        detail: rejection.to_string(),
        subject: Some(attendance::event_hash(&answer.event)),
        evidence: answer.event.clone(),
    }
}

/// Its row of the table of cursors.
const CURSOR: &str = "confirmations";
