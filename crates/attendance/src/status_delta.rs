//! A change of the status list: a day's revocations and reinstatements in some hundred bytes.
//!
//! It names the version it starts from, the one it leads to, and the hash of the whole list that must
//! come out, so that applying it is verified and a slip of either side is found at once. A change
//! without any card keeps the list fresh.

use minicbor::{Decode, Encode};
use seal::{Domain, Hash, Sign1, SignError, Signer};

use crate::indexes::IndexSet;
use crate::status::{STATUS_VERSION, StatusList, StatusRejection, malformed, open, parse_payload};
use crate::trust::{TrustList, TrustRole};

/// Leads from one status list to a later one. From outside it comes only through
/// [`StatusDelta::parse_and_verify`].
///
/// ```
/// use attendance::{StatusDelta, StatusList};
///
/// let monday = StatusList::new(1, 1_789_344_000, "KZ-75", [3, 500]);
/// let tuesday = StatusList::new(2, 1_789_430_400, "KZ-75", [3, 42]);
/// let delta = StatusDelta::between(&monday, &tuesday)?;
/// assert_eq!((delta.revoked(), delta.reinstated()), (&[42][..], &[500][..]));
///
/// let applied = delta.apply(&monday)?;
/// assert!(applied.contains(42) && !applied.contains(500));
/// assert_eq!(delta.apply(&tuesday).unwrap_err().code(), "wrong_base");
/// # Ok::<(), attendance::StatusRejection>(())
/// ```
///
/// These bytes are signed. Changing the encoding orphans every issued change.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct StatusDelta {
    #[n(0)]
    format: u8,
    #[n(1)]
    from_version: u32,
    #[n(2)]
    to_version: u32,
    #[n(3)]
    issued_at_s: i64,
    #[n(4)]
    scope: String,
    #[n(5)]
    result: Hash,
    #[n(6)]
    revoked: IndexSet,
    #[n(7)]
    reinstated: IndexSet,
}

impl StatusDelta {
    /// Finds the change that leads from one list to another.
    ///
    /// # Errors
    /// [`StatusRejection::WrongScope`] for lists of two scopes, [`StatusRejection::RolledBack`] if
    /// `to` is not the later one.
    pub fn between(from: &StatusList, to: &StatusList) -> Result<Self, StatusRejection> {
        if from.scope() != to.scope() {
            return Err(StatusRejection::WrongScope { scope: to.scope().to_owned() });
        }
        let (from_version, to_version) = (from.version(), to.version());
        if to_version <= from_version {
            let highest_seen = from_version;
            return Err(StatusRejection::RolledBack { version: to_version, highest_seen });
        }
        Ok(Self {
            format: STATUS_VERSION,
            from_version,
            to_version,
            issued_at_s: to.issued_at_s(),
            scope: to.scope().to_owned(),
            result: to.hash(),
            revoked: to.indexes().without(from.indexes()),
            reinstated: from.indexes().without(to.indexes()),
        })
    }

    /// Signs the change and gives the envelope's bytes.
    ///
    /// # Errors
    /// [`SignError`] if the key does not sign.
    pub fn sign(&self, status: &dyn Signer) -> Result<Vec<u8>, SignError> {
        Ok(Sign1::seal(status, DELTA_DOMAIN, seal::to_canonical(self))?.to_bytes())
    }

    /// Parses a signed change and verifies it under a status key of its scope that is valid at
    /// `now_s` (seconds since 1970-01-01T00:00Z).
    ///
    /// # Errors
    /// [`StatusRejection`] says what did not hold.
    pub fn parse_and_verify(
        bytes: &[u8],
        trust: &TrustList,
        now_s: i64,
    ) -> Result<Self, StatusRejection> {
        let (payload, key) = open(bytes, DELTA_DOMAIN, trust, now_s)?;
        let delta: Self = parse_payload(&payload)?;
        if !trust.grants(TrustRole::Status, &key, &delta.scope, now_s) {
            return Err(StatusRejection::WrongScope { scope: delta.scope });
        }
        if delta.to_version <= delta.from_version {
            return Err(malformed("the change leads back"));
        }
        Ok(delta)
    }

    /// Gives the version that the change starts from, and the one that it leads to.
    #[must_use]
    pub fn versions(&self) -> (u32, u32) {
        (self.from_version, self.to_version)
    }

    /// Gives the indexes that the change revokes, in ascending order.
    #[must_use]
    pub fn revoked(&self) -> &[u32] {
        self.revoked.as_slice()
    }

    /// Gives the indexes that the change reinstates, in ascending order.
    #[must_use]
    pub fn reinstated(&self) -> &[u32] {
        self.reinstated.as_slice()
    }

    /// Applies the change to a list, and gives the new list if it is exactly the one that was meant.
    ///
    /// # Errors
    /// [`StatusRejection::WrongScope`], [`StatusRejection::WrongBase`],
    /// [`StatusRejection::WrongResult`].
    pub fn apply(&self, base: &StatusList) -> Result<StatusList, StatusRejection> {
        if base.scope() != self.scope {
            return Err(StatusRejection::WrongScope { scope: self.scope.clone() });
        }
        if base.version() != self.from_version {
            let (needed, found) = (self.from_version, base.version());
            return Err(StatusRejection::WrongBase { needed, found });
        }
        let revoked = base.indexes().without(&self.reinstated).with(&self.revoked);
        let revoked = revoked.as_slice().iter().copied();
        let list = StatusList::new(self.to_version, self.issued_at_s, &self.scope, revoked);
        if list.hash() != self.result {
            return Err(StatusRejection::WrongResult { version: self.to_version });
        }
        Ok(list)
    }
}

/// Signatures over changes of status lists.
const DELTA_DOMAIN: Domain = Domain("qatysu/status-delta/1");
