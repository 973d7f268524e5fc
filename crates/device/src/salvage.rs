//! Saving what can be read of a damaged database.

use std::path::Path;

use seal::PublicKey;

use crate::DatabaseKey;
use crate::device::{Device, OpenError};
use crate::saved::Saved;
use crate::store::access::Access;
use crate::store::{StoreError, salvage};

/// Why nothing was saved. The damaged file is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SalvageError {
    /// The file is not a damaged one of this device.
    #[error(transparent)]
    Open(OpenError),
    /// The new file could not be made.
    #[error("the damaged data file could not be replaced, and is as it was: {0}")]
    Store(#[from] StoreError),
}

impl Device {
    /// Keeps the damaged database at `path` under its name and `ending`, and puts a new one in its place
    /// with every event, receipt and checkpoint that can be read and that verifies. With a
    /// `database_key` the new one is encrypted, if the program was built for that. Whether the end of
    /// the chain is certain is found out here: see [`Doubt`](crate::Doubt).
    ///
    /// # Errors
    /// [`SalvageError`]; the damaged file is as it was then.
    pub fn salvage(
        path: &Path,
        database_key: Option<&DatabaseKey>,
        owner: &PublicKey,
        now_ms: i64,
        ending: &str,
    ) -> Result<Saved, SalvageError> {
        let access = access(owner, database_key);
        match crate::store::file::open(path, &access) {
            // The last event or the enrolment may still be what does not hold.
            Ok(_) | Err(OpenError::Corrupt) => {}
            Err(other) => return Err(SalvageError::Open(other)),
        }
        Ok(salvage::salvage(path, &access, now_ms, ending, &mut |_| Ok(()))?)
    }
}

#[cfg(feature = "encrypted")]
fn access<'a>(owner: &'a PublicKey, key: Option<&'a DatabaseKey>) -> Access<'a> {
    Access { owner, key }
}

#[cfg(not(feature = "encrypted"))]
fn access<'a>(owner: &'a PublicKey, _key: Option<&'a DatabaseKey>) -> Access<'a> {
    Access::plain(owner)
}
