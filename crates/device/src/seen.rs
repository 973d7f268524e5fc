//! An event of somebody else's as the server shows it, with its proof: who signed it and where it is in the
//! log is verified here, and what it must say where it is kept ([`visit_seen`], [`answer_seen`]).
//!
//! [`visit_seen`]: crate::visit_seen
//! [`answer_seen`]: crate::answer_seen

use attendance::{
    CertificateRejection, ChainedEvent, EventRejection, TrustList, UnverifiedEvent,
    VerifiedCertificate,
};
use rusqlite::Transaction;
use tlog::{Checkpoint, ReceiptRejection};

use crate::alarm::{Alarm, AlarmCode};
use crate::log::{Claim, Log, ReceiptError, conclude};
use crate::store::{self, StoreError};

/// Holds a visit, or an answer about one, as the server shows it. Nothing of it is verified yet.
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

/// Why what was shown is not what it is said to be, whatever it says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SeenRejection {
    #[error("certificate: {0}")]
    Certificate(#[from] CertificateRejection),
    #[error("event: {0}")]
    Event(#[from] EventRejection),
    #[error("receipt: {0}")]
    Receipt(#[from] ReceiptRejection),
    #[error("leaf {claimed} was claimed, the receipt proves leaf {proven}")]
    OtherLeaf { claimed: u64, proven: u64 },
}

impl SeenVisit {
    /// Verifies whose device signed it.
    pub(crate) fn signed(
        &self,
        trust: &TrustList,
    ) -> Result<(VerifiedCertificate, ChainedEvent), SeenRejection> {
        let signer = VerifiedCertificate::verify_for_audit(&self.certificate, trust)?;
        let event = UnverifiedEvent::parse(&self.event)?.verify(&signer.public_key())?;
        Ok((signer, event))
    }

    /// Verifies that it is in the log, where it is said to be.
    pub(crate) fn is_placed(&self, log: &Log<'_>, under: &Checkpoint) -> Result<(), SeenRejection> {
        let claim = Claim { bytes: &self.event, salt: &self.salt, receipt: &self.receipt };
        let (claimed, proven) = (self.leaf_index, log.prove(&claim, under)?);
        if claimed != proven {
            return Err(SeenRejection::OtherLeaf { claimed, proven });
        }
        Ok(())
    }

    fn alarm(&self, code: AlarmCode, why: &impl core::fmt::Display, at_ms: i64) -> Alarm {
        Alarm {
            at_ms,
            code,
            detail: why.to_string(),
            subject: Some(attendance::event_hash(&self.event)),
            evidence: self.event.clone(),
        }
    }
}

/// Takes what is shown under a checkpoint, one by one, in one transaction: `take` says whether one is
/// new, or why it does not hold. That raises an alarm and keeps nobody from the others. Gives how many are new.
pub(crate) fn take_each<R: core::fmt::Display>(
    tx: Transaction<'_>,
    (log, checkpoint_note): (&Log<'_>, &str),
    shown: &[SeenVisit],
    (code, at_ms): (AlarmCode, i64),
    take: impl Fn(&Transaction<'_>, &SeenVisit, &Checkpoint) -> Result<Result<bool, R>, StoreError>,
    at_the_end: impl FnOnce(&Transaction<'_>, &Checkpoint) -> Result<(), StoreError>,
) -> Result<usize, ReceiptError> {
    let outcome = log.accept(&tx, checkpoint_note, at_ms).and_then(|under| {
        let mut new = 0;
        for one in shown {
            match take(&tx, one, &under)? {
                Ok(is_new) => new += usize::from(is_new),
                Err(why) => store::alarm::keep(&tx, &one.alarm(code, &why, at_ms))?,
            }
        }
        at_the_end(&tx, &under)?;
        Ok(new)
    });
    conclude(tx, outcome, |error| matches!(error, ReceiptError::Store(_)))
}
