//! The revocation list: every device that was revoked, and from when on, signed by the authority that
//! certifies devices ([RFC 5280 §5] has the same duty for the same signer).
//!
//! It names devices and reasons, and nobody: anybody may carry it to anybody. It is versioned by what
//! it holds: version N has N entries, and the next one has them all and one more.
//!
//! [RFC 5280 §5]: https://www.rfc-editor.org/rfc/rfc5280#section-5

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};
use seal::{Domain, KeyId, Sign1, SignError, Signer};

use crate::id::DeviceId;
use crate::trust::{TrustList, TrustRole, Unproven, prove};

/// The longest signed list that is read, bytes: some two thousand devices (an entry has 26 to 38 bytes).
pub const REVOCATIONS_MAX_BYTES: usize = 64 * 1024;

/// Why a device is revoked. The numbers are signed.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cbor(index_only)]
#[non_exhaustive]
pub enum RevocationReason {
    /// Nobody knows where it is.
    #[n(0)]
    Lost,
    /// Somebody took it.
    #[n(1)]
    Stolen,
    /// Another device takes its place.
    #[n(2)]
    Replaced,
    /// Its person no longer works here.
    #[n(3)]
    Left,
    /// It was used for what it is not for.
    #[n(4)]
    Misused,
}

impl RevocationReason {
    /// Every reason, by its number.
    pub const ALL: [Self; 5] =
        [Self::Lost, Self::Stolen, Self::Replaced, Self::Left, Self::Misused];

    /// Gives the number that is signed.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Lost => 0,
            Self::Stolen => 1,
            Self::Replaced => 2,
            Self::Left => 3,
            Self::Misused => 4,
        }
    }

    /// Reads a number; nothing for one that has no meaning here.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.number() == number)
    }
}

/// Says since when a device is revoked.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct Revocation {
    /// The device.
    #[n(0)]
    pub device: DeviceId,
    /// When the server took the revocation, milliseconds since 1970-01-01T00:00Z.
    #[n(1)]
    pub at_ms: i64,
    /// How many of the device's events were in the log then: those stay what they are.
    #[n(2)]
    pub events: u64,
    /// Why.
    #[n(3)]
    pub reason: RevocationReason,
    /// The device that took its place, if it was replaced.
    #[n(4)]
    pub replaced_by: Option<DeviceId>,
}

/// Says which devices are revoked, in the order in which they were. From outside it comes only through
/// [`RevocationList::parse_and_verify`].
///
/// These bytes are signed. Changing the encoding orphans every issued list.
#[derive(Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct RevocationList {
    /// How many entries it has: it grows with each, and a device never goes back.
    #[n(0)]
    pub version: u32,
    /// The devices, each once.
    #[n(1)]
    pub entries: Vec<Revocation>,
}

/// Why a revocation list was not accepted. The one that was kept before stays.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RevocationRejection {
    /// Not the one encoding of a list.
    #[error("the list of revoked devices is damaged ({0}): fetch it again")]
    Malformed(String),
    /// Its version is not the count of its entries, or a device is named twice.
    #[error("the list of revoked devices contradicts itself: keep the one from before")]
    Contradiction,
    /// No key that may certify devices has this id.
    #[error("no device authority on the trust list has key {key_id}: fetch the newest list")]
    UnknownKey {
        /// The key that the list names.
        key_id: KeyId,
    },
    /// No trusted key with this id made the signature.
    #[error("the list of revoked devices is not signed by key {key_id}: keep the one from before")]
    BadSignature {
        /// The key that the list names.
        key_id: KeyId,
    },
}

impl RevocationList {
    /// Makes the list of these devices.
    #[must_use]
    pub fn of(entries: Vec<Revocation>) -> Self {
        Self { version: u32::try_from(entries.len()).unwrap_or(u32::MAX), entries }
    }

    /// Signs the list with the key that certifies devices.
    ///
    /// # Errors
    /// [`SignError`] if the key does not sign.
    pub fn sign(&self, ca: &dyn Signer) -> Result<Vec<u8>, SignError> {
        Ok(Sign1::seal(ca, REVOCATIONS_DOMAIN, seal::to_canonical(self))?.to_bytes())
    }

    /// Parses a list and decides whether a device authority of the trust list ever signed it. When its
    /// key held is not asked: an old list says less than a new one, and nothing that is wrong. Whether
    /// it is older than one that was seen is for whoever keeps that one.
    ///
    /// # Errors
    /// [`RevocationRejection`] says why it is not accepted.
    pub fn parse_and_verify(bytes: &[u8], trust: &TrustList) -> Result<Self, RevocationRejection> {
        if bytes.len() > REVOCATIONS_MAX_BYTES {
            return Err(RevocationRejection::Malformed("too long".to_owned()));
        }
        let envelope = Sign1::parse(bytes).map_err(malformed)?;
        let list: Self = seal::from_canonical(envelope.unverified_payload()).map_err(malformed)?;
        let key_id = envelope.key_id();
        let keys = trust.keys_at_any_time(TrustRole::DeviceCa, key_id).map(|key| (key, ()));
        prove(&envelope, REVOCATIONS_DOMAIN, keys).map_err(|unproven| match unproven {
            Unproven::UnknownKey => RevocationRejection::UnknownKey { key_id },
            Unproven::BadSignature => RevocationRejection::BadSignature { key_id },
        })?;
        let devices: BTreeSet<DeviceId> = list.entries.iter().map(|entry| entry.device).collect();
        let counted = usize::try_from(list.version) == Ok(list.entries.len());
        if !counted || devices.len() != list.entries.len() {
            return Err(RevocationRejection::Contradiction);
        }
        Ok(list)
    }

    /// Reads back a list that was verified when it was kept.
    ///
    /// # Errors
    /// [`RevocationRejection::Malformed`] for anything but its one encoding.
    pub fn parse_kept(bytes: &[u8]) -> Result<Self, RevocationRejection> {
        let envelope = Sign1::parse(bytes).map_err(malformed)?;
        seal::from_canonical(envelope.unverified_payload()).map_err(malformed)
    }

    /// Finds a device on the list.
    #[must_use]
    pub fn revocation(&self, device: DeviceId) -> Option<&Revocation> {
        self.entries.iter().find(|entry| entry.device == device)
    }
}

fn malformed(why: impl core::fmt::Display) -> RevocationRejection {
    RevocationRejection::Malformed(why.to_string())
}

/// Signatures over revocation lists.
const REVOCATIONS_DOMAIN: Domain = Domain("qatysu/revocations/1");

#[cfg(test)]
mod tests {
    use seal::SoftwareKey;

    use super::*;
    use crate::trust::TrustEntry;

    fn key(seed: u8) -> SoftwareKey {
        SoftwareKey::from_seed(&[seed; 32])
    }

    fn trust() -> TrustList {
        let entry = |seed, role| TrustEntry {
            key: key(seed).public_key().to_bytes(),
            role,
            scope: "KZ-75".to_owned(),
            not_before_s: 0,
            not_after_s: 10,
        };
        let entries = vec![entry(1, TrustRole::DeviceCa), entry(2, TrustRole::Rules)];
        TrustList { version: 1, not_after_s: 0, entries, witness_quorum: None }
    }

    fn revocation(device: u8) -> Revocation {
        Revocation {
            device: DeviceId([device; 8]),
            at_ms: 7,
            events: 12,
            reason: RevocationReason::Stolen,
            replaced_by: Some(DeviceId([9; 8])),
        }
    }

    #[test]
    fn list_of_the_device_authority_comes_back_and_finds_its_devices() {
        let list = RevocationList::of(vec![revocation(3), revocation(4)]);
        let read = RevocationList::parse_and_verify(&list.sign(&key(1)).unwrap(), &trust());
        assert_eq!(read, Ok(list.clone()));
        assert_eq!(list.revocation(DeviceId([4; 8])), Some(&revocation(4)));
        assert_eq!(list.revocation(DeviceId([5; 8])), None);
    }

    #[test]
    fn refuses_keys_of_another_role_strangers_and_flipped_bytes() {
        let list = RevocationList::of(vec![revocation(3)]);
        for seed in [2, 5] {
            let read = RevocationList::parse_and_verify(&list.sign(&key(seed)).unwrap(), &trust());
            assert!(matches!(read, Err(RevocationRejection::UnknownKey { .. })), "{read:?}");
        }
        let good = list.sign(&key(1)).unwrap();
        for position in 0..good.len() {
            let mut bytes = good.clone();
            bytes[position] ^= 1;
            assert!(RevocationList::parse_and_verify(&bytes, &trust()).is_err(), "{position}");
        }
    }

    #[test]
    fn each_reason_has_its_signed_number() {
        for reason in RevocationReason::ALL {
            assert_eq!(seal::to_canonical(&reason), [reason.number()]);
            assert_eq!(RevocationReason::from_number(reason.number()), Some(reason));
        }
        assert_eq!(RevocationReason::from_number(5), None);
    }

    #[test]
    fn refuses_a_version_that_is_not_the_count_and_a_device_twice() {
        let mut list = RevocationList::of(vec![revocation(3)]);
        list.version = 2;
        let twice = RevocationList::of(vec![revocation(3), revocation(3)]);
        for list in [list, twice] {
            let read = RevocationList::parse_and_verify(&list.sign(&key(1)).unwrap(), &trust());
            assert_eq!(read, Err(RevocationRejection::Contradiction));
        }
    }
}
