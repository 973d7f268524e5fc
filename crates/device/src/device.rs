//! Opening the device's store.

use std::path::Path;

use attendance::{ChainHead, ChainedEvent, DeviceId, RevocationList, Roster, StatusList};
use rusqlite::Connection;
use seal::{Domain, PublicKey, Sign1, SignError, Signer};

use crate::clock::{Clock, Reading};
use crate::enrolment::Enrolled;
use crate::store::{self, StoreError};

/// Holds the open database, the key and the clock: everything a phone needs to record.
pub struct Device {
    pub(crate) db: Connection,
    pub(crate) identity: Identity,
    pub(crate) clock: Box<dyn Clock + Send>,
    /// As kept in the database; replaced by [`Device::install`] only.
    pub(crate) enrolled: Option<Enrolled>,
    /// As kept in the database; replaced by [`Device::install_roster`] only.
    pub(crate) roster: Option<Roster>,
    /// As kept in the database; replaced by the verbs of `status_list.rs` only.
    pub(crate) revoked: Option<StatusList>,
    /// As kept in the database; replaced by [`Device::install_revocations`] only.
    pub(crate) revocations: Option<RevocationList>,
}

/// Who signs.
pub(crate) struct Identity {
    pub(crate) signer: Box<dyn Signer + Send>,
    pub(crate) key: PublicKey,
    pub(crate) id: DeviceId,
}

/// Why the device's database was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// A newer release wrote this database.
    #[error(
        "this data was written by a newer release (schema {found}, this one knows {known}): \
         install the newer release; nothing was changed"
    )]
    Newer {
        /// The database's schema version.
        found: u32,
        /// The newest version this program knows.
        known: u32,
    },
    /// The file is an SQLite database of another program.
    #[error("this file belongs to another program; nothing was changed: choose another place")]
    Foreign,
    /// The file is damaged, or no database at all.
    #[error(
        "the data file is damaged and was left as it is: keep a copy of it, then enrol this device \
         again with a new file; what was receipted is safe on the server"
    )]
    Corrupt,
    /// Another program holds the file.
    #[error("the data is in use by another running copy of the program: close that one first")]
    Locked,
    /// The database belongs to another device key.
    #[error(
        "this data belongs to another device key: open it with that key, or choose another place"
    )]
    OtherKey,
    /// The database could not be opened for another reason.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Corrupt | StoreError::Value(_) => Self::Corrupt,
            StoreError::Busy => Self::Locked,
            StoreError::Full | StoreError::Broken(_) => Self::Store(error),
        }
    }
}

impl Device {
    /// Opens the database at `path`, or makes it, for the key of `signer`.
    ///
    /// # Errors
    /// [`OpenError`], in words a person can act on. A file that is not ours is not touched.
    pub fn open(
        path: &Path,
        signer: Box<dyn Signer + Send>,
        clock: Box<dyn Clock + Send>,
    ) -> Result<Self, OpenError> {
        let key = signer.public_key();
        let db = store::file::open(path, &key)?;
        if let Some((hash, bytes)) = store::event::last(&db)? {
            // The last event says whether key, hash and bytes still belong together.
            let event = ChainedEvent::parse_and_verify(&bytes, &key);
            event.ok().filter(|e| e.hash() == hash).ok_or(OpenError::Corrupt)?;
        }
        let enrolled = store::enrolment::read(&db)?.map(Enrolled::read_back).transpose()?;
        let roster = store::roster::read(&db)?
            .map(|bytes| Roster::parse_kept(&bytes))
            .transpose()
            .map_err(|_| OpenError::Corrupt)?;
        let revoked = store::status_list::read(&db)?
            .map(|bytes| StatusList::parse_kept(&bytes))
            .transpose()
            .map_err(|_| OpenError::Corrupt)?;
        let revocations = store::revoked_device::read(&db)?
            .map(|bytes| RevocationList::parse_kept(&bytes))
            .transpose()
            .map_err(|_| OpenError::Corrupt)?;
        let identity = Identity { signer, key, id: DeviceId::derive_from(&key) };
        Ok(Self { db, identity, clock, enrolled, roster, revoked, revocations })
    }

    /// Names the device.
    #[must_use]
    pub fn id(&self) -> DeviceId {
        self.identity.id
    }

    /// Gives the public half of the device's key.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.identity.key
    }

    /// Reads the clock the device records with.
    #[must_use]
    pub fn now(&self) -> Reading {
        self.clock.now()
    }

    /// Signs a payload with the device's key, as a `COSE_Sign1`: hello and enrolment requests.
    ///
    /// # Errors
    /// [`SignError`] if the keystore refuses.
    pub fn sign(&self, domain: Domain, payload: Vec<u8>) -> Result<Vec<u8>, SignError> {
        Ok(Sign1::seal(&*self.identity.signer, domain, payload)?.to_bytes())
    }

    /// Tells where the chain stands: the next sequence number, and the hash it will name.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn chain_head(&self) -> Result<ChainHead, StoreError> {
        store::event::head(&self.db, &self.identity.key)
    }
}

impl core::fmt::Debug for Device {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Device({})", self.identity.id)
    }
}
