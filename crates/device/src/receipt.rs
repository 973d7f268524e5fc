//! Receipts of own events: verified here, or an alarm.

use rusqlite::Connection;
use seal::Hash;
use tlog::{BatchReceipt, Checkpoint, salted_leaf};

use crate::alarm::{Alarm, AlarmCode};
use crate::device::Device;
use crate::log::{Claim, Log, ReceiptError, conclude};
use crate::mark::Mark;
use crate::store::receipt::ReceiptRow;
use crate::store::{self, StoreError};

impl Device {
    /// Verifies receipts of own events under a checkpoint and keeps those that hold; gives how many
    /// are new. One that does not hold raises an alarm and leaves its event as it was; the others go
    /// through.
    ///
    /// # Errors
    /// [`ReceiptError`] if the checkpoint itself does not hold.
    pub fn store_receipts(
        &mut self,
        checkpoint_note: &str,
        receipts: &[(Hash, [u8; 16], Vec<u8>)],
    ) -> Result<usize, ReceiptError> {
        let log = Log::of(self.enrolled.as_ref())?;
        let at_ms = self.clock.now().wall_ms;
        let tx = store::begin(&mut self.db)?;
        let outcome = log.accept(&tx, checkpoint_note, at_ms).and_then(|under| {
            let mut kept = 0;
            for receipt in receipts {
                kept += usize::from(acknowledge(&tx, &log, &under, receipt, at_ms)?);
            }
            Ok(kept)
        });
        conclude(tx, outcome, |error| matches!(error, ReceiptError::Store(_)))
    }

    /// Splits the one receipt of a batch into those of each event, given with their salts in the log's
    /// order; nothing if it does not hold for them. What it gives is verified once more by
    /// [`Device::store_receipts`].
    ///
    /// # Errors
    /// [`ReceiptError`] if the device knows no log, or the database cannot be read.
    pub fn split_batch_receipt(
        &self,
        receipt: &[u8],
        events: &[(Hash, [u8; 16])],
    ) -> Result<Option<Vec<EventReceipt>>, ReceiptError> {
        let log = Log::of(self.enrolled.as_ref())?;
        let Ok(receipt) = BatchReceipt::parse(receipt) else { return Ok(None) };
        let mut leaves = Vec::with_capacity(events.len());
        for (event, salt) in events {
            let Some((_, row)) = store::event::find(&self.db, *event)? else { return Ok(None) };
            leaves.push(salted_leaf(salt, &row.bytes));
        }
        let split = log.keys().iter().find_map(|key| receipt.split(key, &leaves).ok());
        Ok(split.map(|each| {
            let pairs = events.iter().zip(each);
            pairs.map(|((event, salt), one)| (*event, *salt, one.to_bytes())).collect()
        }))
    }
}

/// An event, the salt of its leaf, and its receipt's bytes.
pub(crate) type EventReceipt = (Hash, [u8; 16], Vec<u8>);

fn acknowledge(
    tx: &Connection,
    log: &Log<'_>,
    under: &Checkpoint,
    (event, salt, bytes): &(Hash, [u8; 16], Vec<u8>),
    at_ms: i64,
) -> Result<bool, StoreError> {
    let raise = |detail: String| {
        let (code, evidence) = (AlarmCode::BadReceipt, bytes.clone());
        store::alarm::keep(tx, &Alarm { at_ms, code, detail, subject: Some(*event), evidence })
    };
    let Some((seq, row)) = store::event::find(tx, *event)? else {
        raise("a receipt for an event that is not of this device".to_owned())?;
        return Ok(false);
    };
    if row.mark >= Mark::Receipted {
        return Ok(false);
    }
    match log.prove(&Claim { bytes: &row.bytes, salt, receipt: bytes }, under) {
        Ok(leaf_index) => {
            let (origin, tree_size) = (log.origin, under.size);
            let receipt = ReceiptRow { salt, bytes, leaf_index, origin, tree_size };
            let kept = store::receipt::keep(tx, seq, &receipt)?;
            if !kept {
                raise(format!("leaf {leaf_index} holds another event of this device already"))?;
            }
            Ok(kept)
        }
        Err(rejection) => {
            raise(rejection.to_string())?;
            Ok(false)
        }
    }
}
