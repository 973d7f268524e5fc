//! Statements of the log's owner about a month (a tranche, for one), each proven to be in the log.

use seal::{BadSignature, Domain, EnvelopeError, Sign1};
use tlog::ReceiptRejection;

use crate::alarm::{Alarm, AlarmCode};
use crate::device::Device;
use crate::log::{Claim, Log, ReceiptError, conclude};
use crate::mark::Mark;
use crate::store::receipt::ReceiptRow;
use crate::store::{self, StoreError};

/// Holds a verified statement and its proof.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Statement {
    /// The month, as `year * 100 + month`.
    pub month: u32,
    /// Its signed bytes.
    pub bytes: Vec<u8>,
    /// The salt of the leaf.
    pub salt: [u8; 16],
    /// The receipt's bytes.
    pub receipt: Vec<u8>,
    /// Its place in the log.
    pub leaf_index: u64,
    /// The size of the log under the checkpoint.
    pub tree_size: u64,
    /// The name of the log.
    pub origin: String,
    /// The signed checkpoint.
    pub checkpoint: String,
    /// How far it has come: receipted or witnessed.
    pub mark: Mark,
}

/// A statement as the server gives it. Nothing of it is verified yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SeenStatement {
    /// The month it is about, as `year * 100 + month`.
    pub month: u32,
    /// Its signed bytes.
    pub bytes: Vec<u8>,
    /// The salt of the leaf.
    pub salt: [u8; 16],
    /// The receipt's bytes.
    pub receipt: Vec<u8>,
}

/// Why a statement was not kept. Where it does not hold, an alarm is kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatementError {
    /// The checkpoint does not hold, or the device is not ready.
    #[error(transparent)]
    Log(#[from] ReceiptError),
    /// The bytes are no signed envelope.
    #[error("the statement is not a signed envelope: {0}")]
    Envelope(#[source] EnvelopeError),
    /// The log's key did not sign it for this domain.
    #[error("the key of the log did not sign the statement")]
    BadSignature(#[source] BadSignature),
    /// The receipt does not hold.
    #[error("the statement's receipt does not hold: {0}")]
    Receipt(#[source] ReceiptRejection),
}

impl From<StoreError> for StatementError {
    fn from(error: StoreError) -> Self {
        Self::Log(ReceiptError::Store(error))
    }
}

impl Device {
    /// Verifies a statement about a month: signed by the log's key for `domain`, and in the log under
    /// the checkpoint. What its payload says is for the caller.
    ///
    /// # Errors
    /// [`StatementError`] says what did not hold.
    pub fn store_statement(
        &mut self,
        seen: &SeenStatement,
        checkpoint_note: &str,
        domain: Domain,
    ) -> Result<(), StatementError> {
        let log = Log::of(self.enrolled.as_ref())?;
        let at_ms = self.clock.now().wall_ms;
        let tx = store::begin(&mut self.db)?;
        let outcome = log.accept(&tx, checkpoint_note, at_ms).map_err(StatementError::from);
        let outcome = outcome.and_then(|under| {
            let claim = Claim { bytes: &seen.bytes, salt: &seen.salt, receipt: &seen.receipt };
            let proven = signed(&log, &seen.bytes, domain)
                .and_then(|()| log.prove(&claim, &under).map_err(StatementError::Receipt));
            match proven {
                Ok(leaf_index) => {
                    let (origin, tree_size) = (log.origin, under.size);
                    let (salt, bytes) = (&seen.salt, &seen.receipt[..]);
                    let receipt = ReceiptRow { salt, bytes, leaf_index, origin, tree_size };
                    Ok(store::statement::keep(&tx, seen.month, &seen.bytes, &receipt)?)
                }
                Err(rejection) => {
                    let (code, subject) = (AlarmCode::BadStatement, None);
                    let (detail, evidence) = (rejection.to_string(), seen.bytes.clone());
                    store::alarm::keep(&tx, &Alarm { at_ms, code, detail, subject, evidence })?;
                    Err(rejection)
                }
            }
        });
        conclude(tx, outcome, |error| matches!(error, StatementError::Log(ReceiptError::Store(_))))
    }

    /// Gives the newest kept statement about a month.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn statement(&self, month: u32) -> Result<Option<Statement>, StoreError> {
        store::statement::newest(&self.db, month)
    }
}

fn signed(log: &Log<'_>, bytes: &[u8], domain: Domain) -> Result<(), StatementError> {
    let envelope = Sign1::parse(bytes).map_err(StatementError::Envelope)?;
    let mut rejected = BadSignature;
    for key in log.keys() {
        match envelope.verify(key, domain) {
            Ok(_) => return Ok(()),
            Err(rejection) => rejected = rejection,
        }
    }
    Err(StatementError::BadSignature(rejected))
}
