//! Deciding what the log says: checkpoints under the log's key, receipts under the checkpoint.

use attendance::TrustRole;
use rusqlite::Connection;
use seal::PublicKey;
use tlog::{
    Checkpoint, NoteRejection, Receipt, ReceiptRejection, SignedNote, VerifierKey, salted_leaf,
};

use crate::alarm::{Alarm, AlarmCode};
use crate::enrolment::Enrolled;
use crate::store::{self, StoreError};

/// Why nothing of an answer about the log was accepted. An alarm is kept, except where nobody but
/// this device is to blame.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// The device has no certificate yet.
    #[error("this device is not enrolled")]
    NotEnrolled,
    /// The trust list has no key for this log.
    #[error("the trust list has no key for the log of this device")]
    NoLogKey,
    /// No key of the log signed this checkpoint.
    #[error("the checkpoint does not hold: {0}")]
    Checkpoint(#[source] NoteRejection),
    /// The log showed another root for this size before.
    #[error("the log showed two roots for size {size}: both are kept as evidence")]
    TwoRoots {
        /// The size.
        size: u64,
    },
    /// The database did not keep it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The log of this device: its name and the keys the trust list gives it.
///
/// The keys' times are not asked: a receipt names no time of its own, a phone's clock may be wrong,
/// and a key that must not count any more is taken off the list.
pub(crate) struct Log<'a> {
    pub(crate) origin: &'a str,
    keys: Vec<PublicKey>,
}

/// A leaf that is claimed to be in the log.
pub(crate) struct Claim<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) salt: &'a [u8; 16],
    pub(crate) receipt: &'a [u8],
}

impl<'a> Log<'a> {
    pub(crate) fn of(enrolled: Option<&'a Enrolled>) -> Result<Self, ReceiptError> {
        let enrolled = enrolled.ok_or(ReceiptError::NotEnrolled)?;
        let origin = enrolled.origin();
        let entries = enrolled.trust_list().entries.iter();
        let keys: Vec<_> = entries
            .filter(|entry| entry.role == TrustRole::Log && entry.scope == origin)
            .filter_map(|entry| PublicKey::parse(&entry.key).ok())
            .collect();
        if keys.is_empty() { Err(ReceiptError::NoLogKey) } else { Ok(Self { origin, keys }) }
    }

    pub(crate) fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// Verifies a checkpoint and keeps it beside the ones before. What does not hold raises an alarm
    /// in the same transaction, which the caller commits.
    pub(crate) fn accept(
        &self,
        tx: &Connection,
        note: &str,
        at_ms: i64,
    ) -> Result<Checkpoint, ReceiptError> {
        let alarm = |code, detail: String| {
            let evidence = note.as_bytes().to_vec();
            store::alarm::keep(tx, &Alarm { at_ms, code, detail, subject: None, evidence })
        };
        let checkpoint = match self.verify(note) {
            Ok(checkpoint) => checkpoint,
            Err(rejection) => {
                alarm(AlarmCode::BadCheckpoint, rejection.to_string())?;
                return Err(ReceiptError::Checkpoint(rejection));
            }
        };
        if !store::checkpoint::keep(tx, &checkpoint, note)? {
            let size = checkpoint.size;
            alarm(AlarmCode::TwoRoots, format!("another root for size {size} was seen before"))?;
            return Err(ReceiptError::TwoRoots { size });
        }
        Ok(checkpoint)
    }

    fn verify(&self, note: &str) -> Result<Checkpoint, NoteRejection> {
        let note = SignedNote::parse(note)?;
        let mut rejected = None;
        for key in &self.keys {
            match note.verify(&VerifierKey { name: self.origin.to_owned(), key: *key }) {
                Ok(checkpoint) => return Ok(checkpoint),
                Err(rejection) => rejected = Some(rejection),
            }
        }
        Err(rejected.expect("a log has at least one key"))
    }

    /// Verifies that the claimed leaf is in the tree of the checkpoint, and gives its index.
    pub(crate) fn prove(
        &self,
        claim: &Claim<'_>,
        under: &Checkpoint,
    ) -> Result<u64, ReceiptRejection> {
        let receipt = Receipt::parse(claim.receipt)?;
        let leaf = salted_leaf(claim.salt, claim.bytes);
        let mut rejected = None;
        for key in &self.keys {
            match receipt.verify(key, &leaf) {
                Ok(verified) => return verified.under(under).map(|()| verified.index),
                Err(rejection) => rejected = Some(rejection),
            }
        }
        Err(rejected.expect("a log has at least one key"))
    }
}

/// Commits what was kept, alarms included, unless the database itself failed.
pub(crate) fn conclude<T, E>(
    tx: rusqlite::Transaction<'_>,
    outcome: Result<T, E>,
    broken: impl FnOnce(&E) -> bool,
) -> Result<T, E>
where
    E: From<StoreError>,
{
    if !outcome.as_ref().is_err_and(broken) {
        tx.commit().map_err(StoreError::from)?;
    }
    outcome
}
