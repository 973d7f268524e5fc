//! The key that parcels are sealed to: X25519 ([RFC 7748]), used by HPKE ([RFC 9180]).
//!
//! [RFC 7748]: https://www.rfc-editor.org/rfc/rfc7748
//! [RFC 9180]: https://www.rfc-editor.org/rfc/rfc9180

use core::fmt;

use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem as _, Serializable as _};
use minicbor::{Decode, Encode};
use seal::{PublicKey, Sign1, SignError, Signer};

/// Signatures of a log over the key that parcels for its server are sealed to.
pub const PARCEL_KEY_DOMAIN: seal::Domain = seal::Domain("qatysu/parcel-key/1");

const VERSION: u8 = 1;

/// Why bytes were not accepted as a server's parcel key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParcelKeyRejection {
    /// Not a signed parcel key.
    #[error("not a signed parcel key")]
    Malformed,
    /// A version this program does not know.
    #[error("a parcel key of version {0} is newer than this program")]
    UnknownVersion(u8),
    /// None of the log's keys signed it.
    #[error("the log did not sign this parcel key")]
    BadSignature,
}

/// Names a parcel key: the first 8 bytes of the SHA-256 of the public key.
#[derive(Clone, Copy, Decode, Encode, Eq, Hash, PartialEq)]
#[cbor(transparent)]
pub struct ParcelKeyId(#[cbor(with = "minicbor::bytes")] pub [u8; 8]);

impl fmt::Debug for ParcelKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Holds the public half of a parcel key.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct ParcelKey([u8; 32]);

#[derive(Decode, Encode)]
struct Claims {
    #[n(0)]
    version: u8,
    #[cbor(n(1), with = "minicbor::bytes")]
    key: [u8; 32],
}

impl ParcelKey {
    /// Takes the 32 bytes of a key. Whose it is, is for [`verify`](Self::verify) to say; a key of small
    /// order is refused when something is sealed to it.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Gives the 32 bytes of the key.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0
    }

    /// Derives the short name of the key.
    #[must_use]
    pub fn id(&self) -> ParcelKeyId {
        let [a, b, c, d, e, f, g, h, ..] = seal::sha256(&self.0).0;
        ParcelKeyId([a, b, c, d, e, f, g, h])
    }

    /// States the key under the log's key: `[1, key]` in a `COSE_Sign1`.
    ///
    /// # Errors
    /// [`SignError`] if the log's key does not sign.
    pub fn state(&self, log: &dyn Signer) -> Result<Vec<u8>, SignError> {
        let claims = seal::to_canonical(&Claims { version: VERSION, key: self.0 });
        Ok(Sign1::seal(log, PARCEL_KEY_DOMAIN, claims)?.to_bytes())
    }

    /// Reads a stated key, if one of the log's keys signed it.
    ///
    /// # Errors
    /// [`ParcelKeyRejection`] if none did, or it is something else.
    pub fn verify(stated: &[u8], log_keys: &[PublicKey]) -> Result<Self, ParcelKeyRejection> {
        let sealed = Sign1::parse(stated).map_err(|_| ParcelKeyRejection::Malformed)?;
        let payload = log_keys.iter().find_map(|key| sealed.verify(key, PARCEL_KEY_DOMAIN).ok());
        let payload = payload.ok_or(ParcelKeyRejection::BadSignature)?;
        let claims: Claims =
            seal::from_canonical(payload).map_err(|_| ParcelKeyRejection::Malformed)?;
        if claims.version != VERSION {
            return Err(ParcelKeyRejection::UnknownVersion(claims.version));
        }
        Ok(Self(claims.key))
    }

    pub(crate) fn of_kem(&self) -> Option<<X25519HkdfSha256 as hpke::Kem>::PublicKey> {
        <X25519HkdfSha256 as hpke::Kem>::PublicKey::from_bytes(&self.0).ok()
    }
}

impl fmt::Debug for ParcelKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParcelKey({:?})", self.id())
    }
}

/// Holds the private half of a parcel key. Its `Debug` shows the public half only.
#[derive(Clone)]
pub struct ParcelSecret {
    secret: <X25519HkdfSha256 as hpke::Kem>::PrivateKey,
    public: ParcelKey,
}

impl ParcelSecret {
    /// Makes the key of a 32-byte secret seed ([RFC 9180 §7.1.3], `DeriveKeyPair`). Randomness is the
    /// caller's.
    ///
    /// [RFC 9180 §7.1.3]: https://www.rfc-editor.org/rfc/rfc9180#section-7.1.3
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let (secret, public) = X25519HkdfSha256::derive_keypair(seed);
        Self { secret, public: ParcelKey(public.to_bytes().into()) }
    }

    /// Gives the public half.
    #[must_use]
    pub fn public(&self) -> ParcelKey {
        self.public
    }

    pub(crate) fn of_kem(&self) -> &<X25519HkdfSha256 as hpke::Kem>::PrivateKey {
        &self.secret
    }
}

impl fmt::Debug for ParcelSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParcelSecret({:?}, ***)", self.public.id())
    }
}

#[cfg(test)]
mod tests {
    use seal::SoftwareKey;

    use super::*;

    #[test]
    fn counts_only_as_the_log_stated_it() {
        let (log, other) = (SoftwareKey::from_seed(&[1; 32]), SoftwareKey::from_seed(&[2; 32]));
        let key = ParcelSecret::from_seed(&[3; 32]).public();
        let stated = key.state(&log).unwrap();
        assert_eq!(ParcelKey::verify(&stated, &[log.public_key()]), Ok(key));
        assert_eq!(
            ParcelKey::verify(&stated, &[other.public_key()]),
            Err(ParcelKeyRejection::BadSignature)
        );
        let elsewhere = Sign1::seal(&log, seal::Domain("else"), key.to_bytes().to_vec()).unwrap();
        assert!(ParcelKey::verify(&elsewhere.to_bytes(), &[log.public_key()]).is_err());
    }
}
