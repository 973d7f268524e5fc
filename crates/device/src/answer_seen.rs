//! On a teacher's device: what families said about its visits, each answer verified before it is shown.

use attendance::{EventKind, Role, UnverifiedEvent};
use rusqlite::Connection;
use seal::Hash;
use tlog::Checkpoint;

use crate::alarm::AlarmCode;
use crate::device::Device;
use crate::enrolment::Enrolled;
use crate::log::{Log, ReceiptError};
use crate::seen::{SeenRejection, SeenVisit, take_each};
use crate::store::answer_seen::AnswerRow;
use crate::store::{self, StoreError};

/// Why an answer was not accepted.
#[derive(Debug, thiserror::Error)]
enum AnswerRejection {
    #[error(transparent)]
    Seen(#[from] SeenRejection),
    #[error("not an answer of a family about a visit")]
    NotAnAnswer,
    #[error("the visit is not of this device")]
    OtherVisit,
    #[error("the answering device is not the child's family's")]
    OtherFamily,
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
        take_each(
            tx,
            (&log, checkpoint_note),
            answers,
            (AlarmCode::BadAnswer, at_ms),
            |tx, answer, under| match verify(tx, answer, enrolled, &log, under) {
                Ok(proven) => keep(tx, answer, &proven, under).map(Ok),
                Err(AnswerRejection::Store(error)) => Err(error),
                Err(rejection) => Ok(Err(rejection)),
            },
            |tx, under| {
                store::delta_cursor::advance(tx, &under.origin, CURSOR, next.min(under.size))
            },
        )
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
    let (family, chained) = answer.signed(enrolled.trust_list())?;
    let event = chained.event();
    let is_answer = matches!(event.kind, EventKind::Confirm | EventKind::Dispute);
    let about = event.about.filter(|_| is_answer).ok_or(AnswerRejection::NotAnAnswer)?;
    let (_, visit) = store::event::find(tx, about)?.ok_or(AnswerRejection::OtherVisit)?;
    let visit = UnverifiedEvent::parse(&visit.bytes).map_err(SeenRejection::from)?;
    let child = visit.event().child.ok_or(AnswerRejection::OtherVisit)?;
    let certificate = family.certificate();
    if certificate.role != Role::Parent || !certificate.children.contains(&child) {
        return Err(AnswerRejection::OtherFamily);
    }
    answer.is_placed(log, under)?;
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

/// Its row of the table of cursors.
const CURSOR: &str = "confirmations";
