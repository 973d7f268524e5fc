//! On a parent's device: visits of the own children, each verified before it is shown.

use attendance::{ChildId, EventKind, Role};
use rusqlite::Connection;
use seal::Hash;
use tlog::Checkpoint;

use crate::alarm::AlarmCode;
use crate::device::Device;
use crate::enrolment::Enrolled;
use crate::log::{Log, ReceiptError};
use crate::seen::{SeenRejection, SeenVisit, take_each};
use crate::store::visit_seen::{Kept, SeenRow};
use crate::store::{self, StoreError};

/// Why a visit was not accepted.
#[derive(Debug, thiserror::Error)]
enum VisitRejection {
    #[error(transparent)]
    Seen(#[from] SeenRejection),
    #[error("the recording device is not a teacher's")]
    NotATeacher,
    #[error("not a visit")]
    NotAVisit,
    #[error("the child is not on the certificate of this device")]
    OtherChild,
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
        take_each(
            tx,
            (&log, checkpoint_note),
            visits,
            (AlarmCode::BadVisit, at_ms),
            |tx, visit, under| {
                let proven = match verify(visit, enrolled, &log, under) {
                    Ok(proven) => proven,
                    Err(rejection) => return Ok(Err(rejection)),
                };
                Ok(match keep(tx, visit, &proven, under)? {
                    Kept::New => Ok(true),
                    Kept::Already => Ok(false),
                    Kept::LeafTaken => Err(VisitRejection::LeafTaken(visit.leaf_index)),
                })
            },
            |_, _| Ok(()),
        )
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
    let (recorder, chained) = visit.signed(enrolled.trust_list())?;
    if recorder.certificate().role != Role::Teacher {
        return Err(VisitRejection::NotATeacher);
    }
    let event = chained.event();
    let child = event.child.filter(|_| event.kind == EventKind::In && event.lesson.is_some());
    let child = child.ok_or(VisitRejection::NotAVisit)?;
    if !enrolled.certificate().children.contains(&child) {
        return Err(VisitRejection::OtherChild);
    }
    visit.is_placed(log, under)?;
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

/// Its row of the table of cursors.
const CURSOR: &str = "visits";
