//! Parcels: events for the server that somebody else carries, and the answer that comes back.

use attendance::{PACKED_MAX_EVENTS, PackContext};
use carriage::{
    AnswerRejection, PACKED_FORMAT, Parcel, ParcelAnswer, ParcelContents, ParcelKey,
    ParcelKeyRejection, ParcelReceipts, ParcelVerdict, SealError, SignedParcelAnswer,
};
use seal::{Hash, SignError};

use crate::device::Device;
use crate::history::{Growth, GrowthProof};
use crate::log::{Log, ReceiptError, Stated};
use crate::outbox::{OutboxRow, Verdict};
use crate::store::parcel::KeyRow;
use crate::store::{self, StoreError};

/// The reason of a server that cannot unpack against the roster that the device used.
const OTHER_ROSTER: &str = "other_roster";
/// What a parcel has around a packed batch, in bytes, at most.
const WRAPPING_BYTES: usize = 300;

/// Holds a parcel that was just sealed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MadeParcel {
    /// Its name: the SHA-256 of its bytes.
    pub name: Hash,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How many events are inside.
    pub events: usize,
    /// How many are left for another parcel.
    pub left: usize,
}

/// Says what an answer brought.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TakenAnswer {
    /// The parcel.
    pub parcel: Hash,
    /// Events that the server took or already had.
    pub taken: usize,
    /// Events that the server put aside.
    pub parked: usize,
    /// Receipts verified and kept, that were not here before.
    pub receipted: usize,
}

/// Why no parcel was made, or an answer was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParcelError {
    /// The device knows no key of its server to seal to.
    #[error("this device has no parcel key of its server yet: it gets one at the next contact")]
    NoKey,
    /// What the server states as its parcel key does not hold.
    #[error("the parcel key does not hold: {0}")]
    Key(#[from] ParcelKeyRejection),
    /// The parcel could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The device's key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The answer does not hold.
    #[error(transparent)]
    Answer(#[from] AnswerRejection),
    /// The answer is about a parcel of another device.
    #[error("this answer is for another device: carry it there")]
    OtherParcel,
    /// The receipts or the checkpoint of the answer do not hold.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// The database did not keep it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Device {
    /// Keeps the key that parcels are sealed to, if the log signed it, and the port of the server's
    /// datagram door, if it has one.
    ///
    /// # Errors
    /// [`ParcelError`] if the log did not sign it.
    pub fn keep_parcel_key(
        &mut self,
        stated: &[u8],
        datagram_port: Option<u16>,
    ) -> Result<(), ParcelError> {
        let log = Log::of(self.enrolled.as_ref())?;
        ParcelKey::verify(stated, log.keys())?;
        let (origin, stated) = (log.origin.to_owned(), stated.to_vec());
        Ok(store::parcel::replace_key(&self.db, &KeyRow { origin, stated, datagram_port })?)
    }

    /// Gives the key that parcels are sealed to; nothing if there is none, or the log's keys have
    /// changed since.
    ///
    /// # Errors
    /// [`ParcelError`] if the device is not enrolled, or the database cannot be read.
    pub fn parcel_key(&self) -> Result<Option<ParcelKey>, ParcelError> {
        let log = Log::of(self.enrolled.as_ref())?;
        let row = store::parcel::key(&self.db)?.filter(|row| row.origin == log.origin);
        Ok(row.and_then(|row| ParcelKey::verify(&row.stated, log.keys()).ok()))
    }

    /// Gives the UDP port of the server's datagram door, if it has one.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn datagram_port(&self) -> Result<Option<u16>, StoreError> {
        Ok(store::parcel::key(&self.db)?.and_then(|row| row.datagram_port))
    }

    /// Seals what waits for the server, in chain order, into a parcel of at most `limit` bytes;
    /// nothing if nothing waits. `random` is 32 fresh random bytes. The events keep waiting until an
    /// answer is taken, or they go another way: a parcel may be lost.
    ///
    /// # Errors
    /// [`ParcelError`] if there is no key to seal to.
    pub fn make_parcel(
        &mut self,
        limit: usize,
        random: [u8; 32],
    ) -> Result<Option<MadeParcel>, ParcelError> {
        let rows = store::parcel::waiting(&self.db, usize::MAX)?;
        self.seal_parcel(rows, limit, random)
    }

    /// Seals the first of these events, as many as fit.
    pub(crate) fn seal_parcel(
        &mut self,
        mut rows: Vec<OutboxRow>,
        limit: usize,
        random: [u8; 32],
    ) -> Result<Option<MadeParcel>, ParcelError> {
        let to = self.parcel_key()?.ok_or(ParcelError::NoKey)?;
        let waiting = rows.len();
        if waiting == 0 {
            return Ok(None);
        }
        let limit = limit.min(carriage::PARCEL_MAX_BYTES);
        let batch = self.pack(&mut rows, limit.saturating_sub(WRAPPING_BYTES))?;
        let known_size = self.known_size()?;
        let contents = ParcelContents { format: PACKED_FORMAT.to_owned(), batch, known_size };
        let contents = contents.sign(&*self.identity.signer)?;
        let events = u16::try_from(rows.len()).unwrap_or(u16::MAX);
        let parcel = Parcel::seal(self.identity.id, events, &contents, &to, random)?;
        let bytes = parcel.to_bytes();
        let name = Parcel::name(&bytes);
        let at_ms = self.clock.now().wall_ms;
        let tx = store::begin(&mut self.db)?;
        store::parcel::keep(&tx, name, &rows, at_ms)?;
        tx.commit().map_err(StoreError::from)?;
        Ok(Some(MadeParcel { name, bytes, events: rows.len(), left: waiting - rows.len() }))
    }

    /// Takes the server's answer to a parcel of this device, by whatever way it came: verdicts first,
    /// then receipts, each verified as ever.
    ///
    /// # Errors
    /// [`ParcelError`]; nothing is kept of an answer that the log did not sign.
    pub fn take_answer(&mut self, bytes: &[u8]) -> Result<TakenAnswer, ParcelError> {
        let answer = SignedParcelAnswer::parse(bytes)?;
        let log = Log::of(self.enrolled.as_ref())?;
        let answer = answer.verify(log.keys())?;
        let events = store::parcel::events(&self.db, answer.parcel)?;
        if events.is_empty() {
            return Err(ParcelError::OtherParcel);
        }
        let verdicts: Vec<(Hash, Verdict)> =
            events.iter().copied().zip(answer.verdicts.iter().map(kept)).collect();
        self.record_verdicts(&verdicts)?;
        let count = |is: fn(&Verdict) -> bool| verdicts.iter().filter(|(_, v)| is(v)).count();
        let taken = count(|verdict| matches!(verdict, Verdict::Stored | Verdict::Duplicate));
        let parked = count(|verdict| matches!(verdict, Verdict::Parked(_)));
        let receipted = self.take_receipts(&answer, &events)?;
        Ok(TakenAnswer { parcel: answer.parcel, taken, parked, receipted })
    }

    fn take_receipts(
        &mut self,
        answer: &ParcelAnswer,
        events: &[Hash],
    ) -> Result<usize, ParcelError> {
        let note = &answer.checkpoint;
        self.follow(note, growth(answer)?.as_ref())?;
        let Some(ParcelReceipts { receipt, places, salts }) = &answer.receipts else {
            return Ok(0);
        };
        let named = places.iter().map(|place| events.get(usize::from(*place)).copied());
        let named: Option<Vec<Hash>> = named.collect();
        let named = named.ok_or(ParcelError::OtherParcel)?;
        let leaves: Vec<_> = named.into_iter().zip(salts.iter().copied()).collect();
        let Some(split) = self.split_batch_receipt(receipt, &leaves)? else {
            // The same question goes up again directly, where each receipt is asked for by itself.
            return Ok(0);
        };
        Ok(self.store_receipts(note, &split)?)
    }

    /// Packs as many of the rows as fit, and drops the others.
    fn pack(&self, rows: &mut Vec<OutboxRow>, limit: usize) -> Result<Vec<u8>, ParcelError> {
        let bare = store::parcel::wants_no_roster(&self.db, OTHER_ROSTER)?;
        let roster = self.roster.as_ref().filter(|_| !bare);
        let context = roster.map_or_else(PackContext::empty, PackContext::of);
        rows.truncate(PACKED_MAX_EVENTS);
        loop {
            let events: Vec<&[u8]> = rows.iter().map(|row| &*row.bytes).collect();
            let packed = attendance::pack(&events, &context).ok();
            match packed {
                Some(packed) if packed.len() <= limit || rows.len() == 1 => return Ok(packed),
                Some(packed) => {
                    // A little fewer than would fit if all were of one length.
                    let fit = rows.len() * limit / packed.len().max(1);
                    rows.truncate(fit.clamp(1, rows.len() - 1));
                }
                None => rows.truncate((rows.len() / 2).max(1)),
            }
        }
    }

    /// The size of the newest checkpoint that this device has accepted.
    fn known_size(&self) -> Result<Option<u64>, ParcelError> {
        let log = Log::of(self.enrolled.as_ref())?;
        let newest = store::history::newest(&self.db, log.origin, None)?;
        let newest = newest.map(|note| Stated::read_back(&note)).transpose()?;
        Ok(newest.map(|newest| newest.checkpoint.size))
    }
}

/// Gives the proof that came with the answer's checkpoint.
fn growth(answer: &ParcelAnswer) -> Result<Option<Growth>, ReceiptError> {
    let Some(growth) = &answer.growth else { return Ok(None) };
    let note = tlog::SignedNote::parse(&answer.checkpoint).map_err(ReceiptError::Checkpoint)?;
    let to =
        tlog::Checkpoint::parse(note.unverified_text()).map_err(ReceiptError::Checkpoint)?.size;
    let proof = GrowthProof { root: growth.root, path: growth.path.clone() };
    Ok(Some(Growth { from: growth.from, to, proof: Some(proof) }))
}

fn kept(verdict: &ParcelVerdict) -> Verdict {
    match verdict {
        ParcelVerdict::Stored => Verdict::Stored,
        ParcelVerdict::Duplicate => Verdict::Duplicate,
        ParcelVerdict::Parked(reason) => Verdict::Parked(reason.clone()),
        ParcelVerdict::Deferred(reason) => Verdict::Deferred(reason.clone()),
    }
}
