//! The status list: which cards were revoked, by their index, exactly.
//!
//! A card that was lost or replaced is revoked by its index in the list of its issuer's scope. The
//! list is signed by a key with [`TrustRole::Status`] in that scope. It says "revoked" and nothing
//! else: what a suspended voucher earns is the ledger's to say, and never turns a child away.
//!
//! How old a list is, is a fact for the record: an old list refuses no card that it does not name.

use minicbor::{Decode, Encode};
use seal::{Domain, Hash, KeyId, PublicKey, Sign1, SignError, Signer};

use crate::card::{CardRejection, VerifiedCard};
use crate::indexes::IndexSet;
use crate::trust::{TrustList, TrustRole, Unproven, prove};
use crate::version::leading_version;

/// The only version of the encoding of status lists and their changes so far.
pub const STATUS_VERSION: u8 = 1;

/// Says which cards of a scope were revoked. From outside it comes through
/// [`StatusList::parse_and_verify`] or [`StatusDelta::apply`](crate::StatusDelta::apply).
///
/// These bytes are signed. Changing the encoding orphans every issued list.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct StatusList {
    #[n(0)]
    format: u8,
    #[n(1)]
    version: u32,
    #[n(2)]
    issued_at_s: i64,
    #[n(3)]
    scope: String,
    #[n(4)]
    revoked: IndexSet,
}

impl StatusList {
    /// Makes a list of revoked indexes, given in any order, as of `issued_at_s` (seconds since
    /// 1970-01-01T00:00Z). The version grows with every list of the scope.
    pub fn new(
        version: u32,
        issued_at_s: i64,
        scope: &str,
        revoked: impl IntoIterator<Item = u32>,
    ) -> Self {
        let revoked = revoked.into_iter().collect();
        Self { format: STATUS_VERSION, version, issued_at_s, scope: scope.to_owned(), revoked }
    }

    /// Signs the list and gives the envelope's bytes.
    ///
    /// # Errors
    /// [`SignError`] if the key does not sign.
    pub fn sign(&self, status: &dyn Signer) -> Result<Vec<u8>, SignError> {
        Ok(Sign1::seal(status, STATUS_DOMAIN, self.to_bytes())?.to_bytes())
    }

    /// Parses a signed list, verifies it under a status key of its scope that is valid at `now_s`
    /// (seconds since 1970-01-01T00:00Z), and refuses to go back behind `highest_seen` of that scope.
    ///
    /// # Errors
    /// [`StatusRejection`] says what did not hold.
    pub fn parse_and_verify(
        bytes: &[u8],
        trust: &TrustList,
        now_s: i64,
        highest_seen: u32,
    ) -> Result<Self, StatusRejection> {
        let (payload, key) = open(bytes, STATUS_DOMAIN, trust, now_s)?;
        let list = Self::parse_kept(&payload)?;
        if !trust.grants(TrustRole::Status, &key, &list.scope, now_s) {
            return Err(StatusRejection::WrongScope { scope: list.scope });
        }
        if list.version < highest_seen {
            return Err(StatusRejection::RolledBack { version: list.version, highest_seen });
        }
        Ok(list)
    }

    /// Reads back a list that was verified when it was kept, from [`StatusList::to_bytes`]. There is
    /// no signature to ask: a list to which a change was applied has none of its own.
    ///
    /// # Errors
    /// [`StatusRejection::UnknownVersion`], [`StatusRejection::Malformed`].
    pub fn parse_kept(bytes: &[u8]) -> Result<Self, StatusRejection> {
        parse_payload(bytes)
    }

    /// Encodes the list: the payload that is signed, and what is kept.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        seal::to_canonical(self)
    }

    /// Names the list: SHA-256 of its encoding, whoever signed it.
    #[must_use]
    pub fn hash(&self) -> Hash {
        seal::sha256(&self.to_bytes())
    }

    /// Gives the version, which grows with every list of the scope.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Says as of when it is, seconds since 1970-01-01T00:00Z.
    #[must_use]
    pub fn issued_at_s(&self) -> i64 {
        self.issued_at_s
    }

    /// Names the scope whose cards it is about.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// Gives the revoked indexes, in ascending order.
    #[must_use]
    pub fn revoked(&self) -> &[u32] {
        self.revoked.as_slice()
    }

    /// Decides whether an index of the list's scope is revoked, in the logarithm of the list's size.
    #[must_use]
    pub fn contains(&self, index: u32) -> bool {
        self.revoked.contains(index)
    }

    /// Decides whether the list is about this card at all: whether it is of the same scope.
    #[must_use]
    pub fn covers(&self, card: &VerifiedCard) -> bool {
        card.scope() == self.scope
    }

    /// Refuses a card that the list names. A card of another scope is not for this list to refuse.
    ///
    /// # Errors
    /// [`CardRejection::Revoked`].
    pub fn admit(&self, card: &VerifiedCard) -> Result<(), CardRejection> {
        let claims = card.claims();
        if self.covers(card) && self.contains(claims.status_index) {
            return Err(CardRejection::Revoked { card: claims.card, list_version: self.version });
        }
        Ok(())
    }

    /// Gives the list's age in seconds; negative if it is of a later time than `now_s`.
    #[must_use]
    pub fn age_s(&self, now_s: i64) -> i64 {
        now_s.saturating_sub(self.issued_at_s)
    }

    /// Decides whether what the list admits is to be recorded as unconfirmed (rules R1, 7). No card
    /// is refused for it.
    #[must_use]
    pub fn is_stale(&self, now_s: i64, max_age_s: i64) -> bool {
        self.age_s(now_s) > max_age_s
    }

    /// Gives the set, for changes.
    pub(crate) fn indexes(&self) -> &IndexSet {
        &self.revoked
    }
}

/// Why a status list, or a change of one, was not accepted. The device keeps what it has.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatusRejection {
    /// Not the one encoding.
    #[error("the status list is damaged ({0}): fetch it again")]
    Malformed(String),
    /// Of another version of the format.
    #[error("the status list is of format {version}, which is unknown here: update the app")]
    UnknownVersion {
        /// The format it says.
        version: u64,
    },
    /// No key that may sign status lists now has this id.
    #[error("no status key on the trust list has key {key_id}: fetch the newest trust list")]
    UnknownKey {
        /// The key that the list names.
        key_id: KeyId,
    },
    /// No trusted key with this id made the signature.
    #[error("the signature of the status list does not match key {key_id}: keep the old list")]
    BadSignature {
        /// The key that the list names.
        key_id: KeyId,
    },
    /// Signed by a status key of another scope, or held against a list of another scope.
    #[error("the status list is for {scope}, where it does not count: keep the old list")]
    WrongScope {
        /// The scope that the list names.
        scope: String,
    },
    /// Older than a list that this device has seen.
    #[error("status list {version} is older than {highest_seen}, already seen: keep the newer one")]
    RolledBack {
        /// The version of the refused list.
        version: u32,
        /// The highest version seen.
        highest_seen: u32,
    },
    /// The change is for another list than the one at hand.
    #[error("the change is for status list {needed}, here is {found}: fetch the whole list")]
    WrongBase {
        /// The version that the change starts from.
        needed: u32,
        /// The version of the list at hand.
        found: u32,
    },
    /// The change does not lead to the list that its signer meant.
    #[error(
        "the change does not give status list {version} as it was signed: fetch the whole list"
    )]
    WrongResult {
        /// The version that the change leads to.
        version: u32,
    },
}

impl StatusRejection {
    /// Names the refusal for machines; the name never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::UnknownVersion { .. } => "unknown_version",
            Self::UnknownKey { .. } => "unknown_key",
            Self::BadSignature { .. } => "bad_signature",
            Self::WrongScope { .. } => "wrong_scope",
            Self::RolledBack { .. } => "rolled_back",
            Self::WrongBase { .. } => "wrong_base",
            Self::WrongResult { .. } => "wrong_result",
        }
    }
}

/// Opens an envelope that a status key of the trust list signed, and says which. The signature is
/// decided before the payload is looked at.
pub(crate) fn open(
    bytes: &[u8],
    domain: Domain,
    trust: &TrustList,
    now_s: i64,
) -> Result<(Vec<u8>, PublicKey), StatusRejection> {
    if bytes.len() > STATUS_MAX_BYTES {
        return Err(malformed("too long"));
    }
    let envelope = Sign1::parse(bytes).map_err(malformed)?;
    let key_id = envelope.key_id();
    let keys = trust.keys(TrustRole::Status, key_id, now_s).map(|key| (key, key));
    let key = prove(&envelope, domain, keys).map_err(|unproven| match unproven {
        Unproven::UnknownKey => StatusRejection::UnknownKey { key_id },
        Unproven::BadSignature => StatusRejection::BadSignature { key_id },
    })?;
    Ok((envelope.unverified_payload().to_vec(), key))
}

/// Parses a payload of this format from its one encoding.
pub(crate) fn parse_payload<T: for<'b> Decode<'b, ()> + Encode<()>>(
    payload: &[u8],
) -> Result<T, StatusRejection> {
    match leading_version(payload) {
        Some(version) if version != u64::from(STATUS_VERSION) => {
            Err(StatusRejection::UnknownVersion { version })
        }
        _ if payload.len() > STATUS_MAX_BYTES => Err(malformed("too long")),
        _ => seal::from_canonical(payload).map_err(malformed),
    }
}

pub(crate) fn malformed(why: impl core::fmt::Display) -> StatusRejection {
    StatusRejection::Malformed(why.to_string())
}

/// Signatures over status lists.
const STATUS_DOMAIN: Domain = Domain("qatysu/status/1");
/// A quarter of a million revoked cards of 26 million; a bound for hostile input, from which at most
/// two million numbers can be read.
const STATUS_MAX_BYTES: usize = 256 * 1024;
