//! The trust list: which keys may do what, under the signatures of k of n root keys.

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};
use seal::{Domain, KeyId, MultiSigned, MultiSignedBuilder, PublicKey, Sign1, SignError, Signer};

use crate::roots::TrustRoots;

/// What a key may be used for. The numbers are signed.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cbor(index_only)]
pub enum TrustRole {
    /// Signs cards.
    #[n(0)]
    CardIssuer,
    /// Signs device certificates.
    #[n(1)]
    DeviceCa,
    /// Signs checkpoints and receipts of the log.
    #[n(2)]
    Log,
    /// Cosigns checkpoints.
    #[n(3)]
    Witness,
    /// Signs status lists.
    #[n(4)]
    Status,
    /// Signs rules and calendars.
    #[n(5)]
    Rules,
}

/// Gives one key one role. The bounds are inclusive.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct TrustEntry {
    /// The Ed25519 public key.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub key: [u8; 32],
    /// What it may be used for.
    #[n(1)]
    pub role: TrustRole,
    /// Where: a region for issuers and status lists, the origin for a log. Scopes are compared
    /// whole: none contains another.
    #[n(2)]
    pub scope: String,
    /// The first second at which the key may be used.
    #[n(3)]
    pub not_before_s: i64,
    /// The last second at which the key may be used.
    #[n(4)]
    pub not_after_s: i64,
}

impl TrustEntry {
    fn holds(&self, role: TrustRole, now_s: i64) -> bool {
        self.role == role && (self.not_before_s..=self.not_after_s).contains(&now_s)
    }

    /// Asked before the key is parsed: a list of a country has many, and a card one.
    fn is_named(&self, key_id: KeyId) -> bool {
        KeyId::derive_from(&self.key) == key_id
    }
}

/// Says which keys may do what. From outside it comes only through [`SignedTrustList::verify`].
///
/// These bytes are signed. Changing the encoding orphans every issued list.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct TrustList {
    /// Grows with every list; a device never goes back.
    #[n(0)]
    pub version: u32,
    /// The last second at which the list is fresh. Afterwards it is stale, not void.
    #[n(1)]
    pub not_after_s: i64,
    /// The keys.
    #[n(2)]
    pub entries: Vec<TrustEntry>,
    /// How many of the keys with the role [`TrustRole::Witness`] must have cosigned a checkpoint
    /// before it counts as witnessed. Absent while there are no witnesses: nothing is witnessed then.
    #[n(3)]
    pub witness_quorum: Option<u16>,
}

impl TrustList {
    /// Signs the list with root keys.
    ///
    /// # Errors
    /// [`SignError`] if one of the keys does not sign.
    pub fn sign(&self, roots: &[&dyn Signer]) -> Result<Vec<u8>, SignError> {
        let empty = MultiSignedBuilder::new(TRUST_DOMAIN, seal::to_canonical(self));
        let signed = roots.iter().try_fold(empty, |builder, root| builder.sign(*root))?;
        Ok(signed.build().to_bytes())
    }

    /// Gives the keys with this id that have this role at `now_s`. Two keys may share an id.
    pub fn keys(
        &self,
        role: TrustRole,
        key_id: KeyId,
        now_s: i64,
    ) -> impl Iterator<Item = PublicKey> {
        self.keys_with_scope(role, key_id, now_s).map(|(key, _)| key)
    }

    /// Gives the keys of [`TrustList::keys`], each with its scope.
    pub(crate) fn keys_with_scope(
        &self,
        role: TrustRole,
        key_id: KeyId,
        now_s: i64,
    ) -> impl Iterator<Item = (PublicKey, &str)> {
        self.select(move |entry| entry.holds(role, now_s) && entry.is_named(key_id))
    }

    /// Gives the key that signs for a role and scope at `now_s`: of those in force the one that began
    /// last, and of several that began together the one listed last.
    ///
    /// Keys are rotated without reissuing what they signed: the list gets an entry that begins later,
    /// and the old key is thereby retired from signing. What it has signed holds until its own entry
    /// ends, so that entry ends with the last card, not with the rotation.
    #[must_use]
    pub fn signing_key(&self, role: TrustRole, scope: &str, now_s: i64) -> Option<PublicKey> {
        let in_force = self.entries.iter().filter(|entry| entry.holds(role, now_s));
        let newest = in_force.filter(|entry| entry.scope == scope).max_by_key(|e| e.not_before_s);
        newest.and_then(|entry| PublicKey::parse(&entry.key).ok())
    }

    /// Decides whether a key has this role in this scope at `now_s`.
    #[must_use]
    pub fn grants(&self, role: TrustRole, key: &PublicKey, scope: &str, now_s: i64) -> bool {
        let key = key.to_bytes();
        let granted = |entry: &TrustEntry| entry.holds(role, now_s) && entry.scope == scope;
        self.entries.iter().any(|entry| entry.key == key && granted(entry))
    }

    /// Gives the keys with this id that have this role at any time, for replay and audit.
    pub fn keys_at_any_time(
        &self,
        role: TrustRole,
        key_id: KeyId,
    ) -> impl Iterator<Item = PublicKey> {
        self.keys_at_any_time_with_scope(role, key_id).map(|(key, _)| key)
    }

    /// Gives the keys of [`TrustList::keys_at_any_time`], each with its scope.
    pub(crate) fn keys_at_any_time_with_scope(
        &self,
        role: TrustRole,
        key_id: KeyId,
    ) -> impl Iterator<Item = (PublicKey, &str)> {
        self.select(move |entry| entry.role == role && entry.is_named(key_id))
    }

    /// Decides whether the list should have been replaced. A stale list is still used: what it
    /// decides is then shown as unconfirmed, and no child is refused for it.
    #[must_use]
    pub fn is_stale(&self, now_s: i64) -> bool {
        now_s > self.not_after_s
    }

    fn with_sensible_quorum(self) -> Result<Self, TrustRejection> {
        let Some(quorum) = self.witness_quorum else { return Ok(self) };
        let of_witnesses = self.entries.iter().filter(|entry| entry.role == TrustRole::Witness);
        let witnesses = of_witnesses.map(|entry| entry.key).collect::<BTreeSet<_>>().len();
        if (1..=witnesses).contains(&usize::from(quorum)) {
            Ok(self)
        } else {
            Err(TrustRejection::BadQuorum { quorum, witnesses })
        }
    }

    fn select(
        &self,
        wanted: impl Fn(&TrustEntry) -> bool,
    ) -> impl Iterator<Item = (PublicKey, &str)> {
        let entries = self.entries.iter().filter(move |entry| wanted(entry));
        entries.filter_map(|entry| Some((PublicKey::parse(&entry.key).ok()?, &*entry.scope)))
    }
}

/// Why a trust list, or the roots it is to be verified with, was not accepted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustRejection {
    /// Not the one encoding.
    #[error("the trust list or its roots are damaged ({0}): fetch them again")]
    Malformed(String),
    /// A threshold that no list could miss, or none could reach.
    #[error("{threshold} of {keys} root keys is no sensible rule: provision the device again")]
    BadThreshold {
        /// How many signatures are asked for.
        threshold: usize,
        /// How many different root keys there are.
        keys: usize,
    },
    /// A key is no point of the curve, or anybody could sign for it.
    #[error("key number {position} is weak or no Ed25519 key: the whole list is refused")]
    WeakKey {
        /// Which key of the list, from 0.
        position: usize,
    },
    /// Too few root keys signed this list.
    #[error("{valid} root keys signed the trust list, {needed} are needed: keep the old list")]
    NotEnoughSignatures {
        /// Good signatures by different root keys.
        valid: usize,
        /// How many are needed.
        needed: usize,
    },
    /// A quorum that always holds, or that no checkpoint could reach.
    #[error("{quorum} of {witnesses} witnesses is no sensible rule: the whole list is refused")]
    BadQuorum {
        /// How many cosignatures are asked for.
        quorum: u16,
        /// How many different witness keys there are.
        witnesses: usize,
    },
    /// Older than a list that this device has seen.
    #[error("trust list {version} is older than {highest_seen}, already seen: keep the newer one")]
    RolledBack {
        /// The version of the refused list.
        version: u32,
        /// The highest version seen.
        highest_seen: u32,
    },
}

/// Holds a trust list of proper form whose signatures are not decided yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedTrustList {
    envelope: MultiSigned,
    list: TrustList,
}

impl SignedTrustList {
    /// Parses a signed list.
    ///
    /// # Errors
    /// [`TrustRejection::Malformed`] for anything but its one encoding.
    pub fn parse(bytes: &[u8]) -> Result<Self, TrustRejection> {
        if bytes.len() > LIST_MAX_BYTES {
            return Err(TrustRejection::Malformed("too long".to_owned()));
        }
        let envelope = MultiSigned::parse(bytes).map_err(malformed)?;
        let list = seal::from_canonical(envelope.unverified_payload()).map_err(malformed)?;
        Ok(Self { envelope, list })
    }

    /// Gives the bytes it was parsed from.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.envelope.to_bytes()
    }

    /// Gives the list if enough root keys signed it, it is not older than `highest_seen`, and no
    /// key in it is weak.
    ///
    /// # Errors
    /// [`TrustRejection`] says which of these does not hold.
    pub fn verify(
        self,
        roots: &TrustRoots,
        highest_seen: u32,
    ) -> Result<TrustList, TrustRejection> {
        roots.sensible()?;
        let valid = self.envelope.count_valid(&roots.keys, TRUST_DOMAIN);
        if valid < roots.threshold {
            return Err(TrustRejection::NotEnoughSignatures { valid, needed: roots.threshold });
        }
        let version = self.list.version;
        if version < highest_seen {
            return Err(TrustRejection::RolledBack { version, highest_seen });
        }
        let weak = |entry: &TrustEntry| PublicKey::parse(&entry.key).is_err();
        match self.list.entries.iter().position(weak) {
            Some(position) => Err(TrustRejection::WeakKey { position }),
            None => self.list.with_sensible_quorum(),
        }
    }
}

/// Why no key could be found for a signature.
pub(crate) enum Unproven {
    /// There was no key to try.
    UnknownKey,
    /// None of the keys made the signature.
    BadSignature,
}

/// Tries every key: one of them must have signed. Gives what stands beside that key.
pub(crate) fn prove<T>(
    envelope: &Sign1,
    domain: Domain,
    keys: impl Iterator<Item = (PublicKey, T)>,
) -> Result<T, Unproven> {
    let mut outcome = Unproven::UnknownKey;
    for (key, beside) in keys {
        match envelope.verify(&key, domain) {
            Ok(_) => return Ok(beside),
            Err(seal::BadSignature) => outcome = Unproven::BadSignature,
        }
    }
    Err(outcome)
}

pub(crate) fn malformed(why: impl core::fmt::Display) -> TrustRejection {
    TrustRejection::Malformed(why.to_string())
}

/// Signatures over trust lists.
const TRUST_DOMAIN: Domain = Domain("qatysu/trust/1");
/// Some six hundred keys; a bound for hostile input.
const LIST_MAX_BYTES: usize = 64 * 1024;
