//! On a parent's device: visits of the own children, each verified before it is shown.

use attendance::{
    CertificateRejection, ChildId, EventKind, EventRejection, Role, UnverifiedEvent,
    VerifiedCertificate,
};
use rusqlite::Connection;
use seal::Hash;
use tlog::{Checkpoint, ReceiptRejection};

use crate::alarm::{Alarm, AlarmCode};
use crate::device::Device;
use crate::enrolment::Enrolled;
use crate::log::{Claim, Log, ReceiptError, conclude};
use crate::store::visit_seen::{Kept, SeenRow};
use crate::store::{self, StoreError};

/// Holds a visit as the server shows it to a parent. Nothing of it is verified yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SeenVisit {
    /// The signed certificate of the device that recorded it.
    pub certificate: Vec<u8>,
    /// The signed event.
    pub event: Vec<u8>,
    /// The salt of the leaf.
    pub salt: [u8; 16],
    /// The receipt's bytes.
    pub receipt: Vec<u8>,
    /// Its place in the log.
    pub leaf_index: u64,
}

/// Why a visit was not accepted.
#[derive(Debug, thiserror::Error)]
enum VisitRejection {
    #[error("certificate: {0}")]
    Certificate(#[from] CertificateRejection),
    #[error("the recording device is not a teacher's")]
    NotATeacher,
    #[error("event: {0}")]
    Event(#[from] EventRejection),
    #[error("not a visit")]
    NotAVisit,
    #[error("the child is not on the certificate of this device")]
    OtherChild,
    #[error("receipt: {0}")]
    Receipt(#[from] ReceiptRejection),
    #[error("leaf {claimed} was claimed, the receipt proves leaf {proven}")]
    OtherLeaf { claimed: u64, proven: u64 },
    #[error("leaf {0} holds another visit already")]
    LeafTaken(u64),
}

/// A visit that holds.
struct ProvenVisit {
    hash: Hash,
    child: ChildId,
    wall_ms: i64,
}

impl Device {
    /// Verifies visits under a checkpoint and keeps those that hold: certificate, signature, own
    /// child, place in the log. Gives how many are new. One that does not hold raises an alarm.
    ///
    /// # Errors
    /// [`ReceiptError`] if the checkpoint itself does not hold.
    pub fn store_visits(
        &mut self,
        visits: &[SeenVisit],
        checkpoint_note: &str,
    ) -> Result<usize, ReceiptError> {
        let enrolled = self.enrolled.as_ref().ok_or(ReceiptError::NotEnrolled)?;
        let log = Log::of(Some(enrolled))?;
        let at_ms = self.clock.now().wall_ms;
        let tx = store::begin(&mut self.db)?;
        let outcome = log.accept(&tx, checkpoint_note, at_ms).and_then(|under| {
            let mut kept = 0;
            for visit in visits {
                let proven = verify(visit, enrolled, &log, &under);
                let rejection = match proven {
                    Ok(proven) => match keep(&tx, visit, &proven, &under)? {
                        Kept::New => {
                            kept += 1;
                            continue;
                        }
                        Kept::Already => continue,
                        Kept::LeafTaken => VisitRejection::LeafTaken(visit.leaf_index),
                    },
                    Err(rejection) => rejection,
                };
                store::alarm::keep(&tx, &alarm(visit, &rejection, at_ms))?;
            }
            Ok(kept)
        });
        conclude(tx, outcome, |error| matches!(error, ReceiptError::Store(_)))
    }

    /// Remembers that all leaves before `next` were looked through for visits, whether there were any
    /// or not: an interrupted first sync of a long log goes on there.
    ///
    /// # Errors
    /// [`StoreError`] if nothing was kept.
    pub fn visits_looked_through(&mut self, next: u64) -> Result<(), StoreError> {
        match &self.enrolled {
            Some(enrolled) => {
                store::delta_cursor::advance(&self.db, enrolled.origin(), CURSOR, next)
            }
            None => Ok(()),
        }
    }

    /// Gives the leaf index to ask from next.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn visits_cursor(&self) -> Result<u64, StoreError> {
        match &self.enrolled {
            Some(enrolled) => {
                let origin = enrolled.origin();
                let kept = store::visit_seen::cursor(&self.db, origin)?;
                Ok(kept.max(store::delta_cursor::read(&self.db, origin, CURSOR)?))
            }
            None => Ok(0),
        }
    }
}

fn verify(
    visit: &SeenVisit,
    enrolled: &Enrolled,
    log: &Log<'_>,
    under: &Checkpoint,
) -> Result<ProvenVisit, VisitRejection> {
    let recorder =
        VerifiedCertificate::verify_for_audit(&visit.certificate, enrolled.trust_list())?;
    if recorder.certificate().role != Role::Teacher {
        return Err(VisitRejection::NotATeacher);
    }
    let chained = UnverifiedEvent::parse(&visit.event)?.verify(&recorder.public_key())?;
    let event = chained.event();
    let child = event.child.filter(|_| event.kind == EventKind::In && event.lesson.is_some());
    let child = child.ok_or(VisitRejection::NotAVisit)?;
    if !enrolled.certificate().children.contains(&child) {
        return Err(VisitRejection::OtherChild);
    }
    let claim = Claim { bytes: &visit.event, salt: &visit.salt, receipt: &visit.receipt };
    let (claimed, proven) = (visit.leaf_index, log.prove(&claim, under)?);
    if claimed != proven {
        return Err(VisitRejection::OtherLeaf { claimed, proven });
    }
    Ok(ProvenVisit { hash: chained.hash(), child, wall_ms: event.wall_ms })
}

fn keep(
    tx: &Connection,
    visit: &SeenVisit,
    proven: &ProvenVisit,
    under: &Checkpoint,
) -> Result<Kept, StoreError> {
    store::visit_seen::keep(
        tx,
        &SeenRow {
            origin: &under.origin,
            leaf_index: visit.leaf_index,
            hash: proven.hash,
            child: proven.child.0,
            wall_ms: proven.wall_ms,
            certificate: &visit.certificate,
            bytes: &visit.event,
            salt: &visit.salt,
            receipt: &visit.receipt,
            tree_size: under.size,
        },
    )
}

fn alarm(visit: &SeenVisit, rejection: &VisitRejection, at_ms: i64) -> Alarm {
    Alarm {
        at_ms,
        code: AlarmCode::BadVisit,
        detail: rejection.to_string(),
        subject: Some(attendance::event_hash(&visit.event)),
        evidence: visit.event.clone(),
    }
}

/// Its row of the table of cursors.
const CURSOR: &str = "visits";
