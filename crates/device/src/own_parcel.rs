//! Own parcels on their way: the same bytes for every carrier until the answer is here.

use carriage::Parcel;
use seal::Hash;

use crate::device::Device;
use crate::parcel::{ParcelError, TakenAnswer};
use crate::store::{self, StoreError};

/// Holds a parcel of this device that has no answer yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OwnParcel {
    /// Its name: the SHA-256 of its bytes.
    pub name: Hash,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The events inside, in the order of its batch.
    pub events: Vec<Hash>,
}

impl Device {
    /// Seals what waits and is in no parcel on its way yet, into a parcel of at most `limit` bytes that
    /// is kept until its answer comes; gives false if there is no such event. `random` is 32 fresh
    /// random bytes.
    ///
    /// # Errors
    /// [`ParcelError`] if there is no key to seal to.
    pub fn seal_own_parcel(&mut self, limit: usize, random: [u8; 32]) -> Result<bool, ParcelError> {
        let rows = store::parcel::waiting_apart(&self.db)?;
        let Some(made) = self.seal_parcel(rows, limit, random)? else { return Ok(false) };
        store::parcel::keep_bytes(&self.db, made.name, &made.bytes)?;
        Ok(true)
    }

    /// Lists the own parcels that are on their way, in chain order. Those of which nothing waits any
    /// more, and those to a key that the server no longer has, are dropped first.
    ///
    /// # Errors
    /// [`ParcelError`] if the database cannot be read.
    pub fn own_parcels(&mut self) -> Result<Vec<OwnParcel>, ParcelError> {
        let key = self.parcel_key()?.map(|key| key.id());
        let mut parcels = Vec::new();
        for (name, bytes, waits) in store::parcel::kept(&self.db)? {
            let to = Parcel::parse(&bytes).ok().map(|parcel| parcel.header().key);
            if waits && to == key {
                let events = store::parcel::events(&self.db, name)?;
                parcels.push(OwnParcel { name, bytes, events });
            } else {
                store::parcel::drop_bytes(&self.db, name)?;
            }
        }
        Ok(parcels)
    }

    /// Takes the server's answer to a parcel of this device, however it came. What the answer leaves
    /// open goes into another parcel.
    ///
    /// # Errors
    /// [`ParcelError`]; an answer that the log did not sign leaves the parcel on its way.
    pub fn take_carried_answer(&mut self, bytes: &[u8]) -> Result<TakenAnswer, ParcelError> {
        let named = carriage::SignedParcelAnswer::parse(bytes)?.unverified_parcel();
        match self.take_answer(bytes) {
            Ok(taken) => {
                store::parcel::drop_bytes(&self.db, taken.parcel)?;
                Ok(taken)
            }
            // The log signed it, and its verdicts are kept. A checkpoint that cannot be linked with
            // what this device has accepted meanwhile is proven anew to the next parcel.
            Err(error @ ParcelError::Receipt(_)) => {
                store::parcel::drop_bytes(&self.db, named)?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Gives a parcel up that the server does not take: its events go into another one.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be written.
    pub fn give_parcel_up(&mut self, name: Hash) -> Result<(), StoreError> {
        store::parcel::drop_bytes(&self.db, name)
    }

    /// Lists the events of a parcel that was sealed here; empty for any other.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn events_of_parcel(&self, name: Hash) -> Result<Vec<Hash>, StoreError> {
        store::parcel::events(&self.db, name)
    }
}
