//! Deciding what the log says: checkpoints under the log's key, receipts under the checkpoint.

use rusqlite::Connection;
use seal::PublicKey;
use tlog::{
    Checkpoint, NoteRejection, Quorum, Receipt, ReceiptRejection, SignedNote, VerifierKey,
    salted_leaf,
};

use crate::enrolment::Enrolled;
use crate::history::Step;
use crate::quorum::quorum_of;
use crate::store::StoreError;

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
    /// The checkpoint is not linked with what this device accepted before.
    #[error(
        "it is not proven yet that the log of {from} entries grew into that of {to}: sync again"
    )]
    Unlinked {
        /// The smaller size.
        from: u64,
        /// The larger size.
        to: u64,
    },
    /// The server gave no proof, or one that does not hold, that its log only grew.
    #[error(
        "the server could not prove that its log only grew from {from} to {to} entries: nothing of \
         it is believed until it does"
    )]
    NotConsistent {
        /// The smaller size.
        from: u64,
        /// The larger size.
        to: u64,
    },
    /// The server shows an older state of its log than before.
    #[error(
        "the server shows a log of {size} entries, and showed {newest} before: it may have been \
         restored from a backup"
    )]
    Older {
        /// How many entries it shows now.
        size: u64,
        /// How many it showed before.
        newest: u64,
    },
    /// The log signed two histories.
    #[error(
        "the log signed two histories, seen at {from} and {to} entries: both are kept as evidence"
    )]
    TwoHistories {
        /// The smaller size.
        from: u64,
        /// The larger size, or the same.
        to: u64,
    },
    /// The key that signed the checkpoint has signed two histories before.
    #[error(
        "the log's key has signed two histories: nothing that it signs is believed any more; the \
         coordinator has the evidence on the alarms page"
    )]
    Disbelieved,
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
    pub(crate) trust_version: u32,
    keys: Vec<PublicKey>,
    /// Nothing if the trust list asks for no witnesses.
    quorum: Option<Quorum>,
}

/// A checkpoint with the note that states it.
pub(crate) struct Stated {
    pub(crate) note: SignedNote,
    pub(crate) checkpoint: Checkpoint,
}

/// A checkpoint that a key of the log signed.
pub(crate) struct Signed {
    pub(crate) stated: Stated,
    pub(crate) key: PublicKey,
    /// True if enough witnesses of the trust list cosigned it.
    pub(crate) is_witnessed: bool,
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
        let keys = enrolled.log_keys();
        if keys.is_empty() {
            return Err(ReceiptError::NoLogKey);
        }
        let trust_version = enrolled.trust_list().version;
        Ok(Self { origin, trust_version, keys, quorum: quorum_of(enrolled.trust_list()) })
    }

    pub(crate) fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// Accepts a checkpoint that is [linked] with those before, or the first of all.
    /// What does not hold raises an alarm in the same transaction, which the caller commits.
    ///
    /// [linked]: crate::Device::follow
    pub(crate) fn accept(
        &self,
        tx: &Connection,
        note: &str,
        at_ms: i64,
    ) -> Result<Checkpoint, ReceiptError> {
        match self.follow(tx, note, None, at_ms)? {
            Step::Linked(checkpoint) => Ok(checkpoint),
            Step::Wants { from, to } => Err(ReceiptError::Unlinked { from, to }),
        }
    }

    /// Verifies that the log signed a note, and counts its witnesses. A line of a known witness that
    /// does not match spoils the whole note (C2SP signed-note).
    pub(crate) fn verify(&self, note: &str) -> Result<Signed, NoteRejection> {
        let note = SignedNote::parse(note)?;
        let mut rejected = None;
        for key in &self.keys {
            match note.verify(&VerifierKey { name: self.origin.to_owned(), key: *key }) {
                Ok(checkpoint) => {
                    let tally =
                        self.quorum.as_ref().map(|quorum| quorum.tally(&note)).transpose()?;
                    let is_witnessed = tally.is_some_and(|tally| tally.is_reached());
                    let stated = Stated { note, checkpoint };
                    return Ok(Signed { stated, key: *key, is_witnessed });
                }
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

impl Stated {
    /// Reads back a note that was verified when it was kept, by whichever key.
    pub(crate) fn read_back(note: &str) -> Result<Self, StoreError> {
        let broken = |_| StoreError::Value("a kept checkpoint");
        let note = SignedNote::parse(note).map_err(broken)?;
        let checkpoint = Checkpoint::parse(note.unverified_text()).map_err(broken)?;
        Ok(Self { note, checkpoint })
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
