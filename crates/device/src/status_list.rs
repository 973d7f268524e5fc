//! The cards that were revoked: the newest list, whole or by changes.

use attendance::{StatusDelta, StatusList, StatusRejection};
use rusqlite::Connection;

use crate::device::Device;
use crate::store::{self, StoreError};

/// The list of revoked cards that is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StatusKept {
    /// Its version.
    pub version: u32,
    /// As of when it is, seconds since 1970-01-01T00:00Z.
    pub issued_at_s: i64,
    /// How many places of cards it names.
    pub revoked: usize,
}

/// Why a status list or a change of it was not kept. What was there stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatusError {
    /// The device has no certificate yet.
    #[error("this device is not enrolled")]
    NotEnrolled,
    /// The list, or the change, does not hold.
    #[error(transparent)]
    Rejected(#[from] StatusRejection),
    /// There is no list to which a change could be applied.
    #[error("there is no status list here yet: fetch the whole list")]
    NoBase,
    /// The database did not keep it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Device {
    /// Keeps a whole list: signed by a status key of its scope, for cards of this device's log, never
    /// older than the one kept.
    ///
    /// # Errors
    /// [`StatusError`] says what did not hold.
    pub fn install_status_list(&mut self, bytes: &[u8]) -> Result<(), StatusError> {
        let now_s = self.best_now_s()?;
        let enrolled = self.enrolled.as_ref().ok_or(StatusError::NotEnrolled)?;
        let highest = self.revoked.as_ref().map_or(0, StatusList::version);
        let list = StatusList::parse_and_verify(bytes, enrolled.trust_list(), now_s, highest)?;
        self.keep_status(list, |tx, version| store::status_signed::replace(tx, version, bytes))
    }

    /// Applies a change to the list that is kept, and keeps what comes out, if it is the list that the
    /// signer meant.
    ///
    /// # Errors
    /// [`StatusError`]; the whole list helps then.
    pub fn apply_status_delta(&mut self, bytes: &[u8]) -> Result<(), StatusError> {
        let now_s = self.best_now_s()?;
        let enrolled = self.enrolled.as_ref().ok_or(StatusError::NotEnrolled)?;
        let delta = StatusDelta::parse_and_verify(bytes, enrolled.trust_list(), now_s)?;
        let base = self.revoked.as_ref().ok_or(StatusError::NoBase)?;
        let list = delta.apply(base)?;
        let versions = delta.versions();
        self.keep_status(list, |tx, _| store::status_signed::add(tx, versions, bytes))
    }

    /// Says which list of revoked cards is kept.
    #[must_use]
    pub fn status_list(&self) -> Option<StatusKept> {
        self.revoked.as_ref().map(|list| StatusKept {
            version: list.version(),
            issued_at_s: list.issued_at_s(),
            revoked: list.revoked().len(),
        })
    }

    /// Keeps a list, and as what it was signed.
    fn keep_status(
        &mut self,
        list: StatusList,
        keep_signed: impl FnOnce(&Connection, u32) -> Result<(), StoreError>,
    ) -> Result<(), StatusError> {
        let enrolled = self.enrolled.as_ref().ok_or(StatusError::NotEnrolled)?;
        if list.scope() != enrolled.origin() {
            let scope = list.scope().to_owned();
            return Err(StatusRejection::WrongScope { scope }.into());
        }
        let tx = store::begin(&mut self.db)?;
        store::status_list::replace(&tx, list.version(), &list.to_bytes())?;
        keep_signed(&tx, list.version())?;
        tx.commit().map_err(StoreError::from)?;
        self.revoked = Some(list);
        Ok(())
    }
}
