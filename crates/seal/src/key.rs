//! Ed25519 keys and the one signature rule ([RFC 8032], strict).
//!
//! [RFC 8032]: https://www.rfc-editor.org/rfc/rfc8032

use core::fmt;

use ed25519_dalek::{SigningKey, VerifyingKey};

use crate::hash::sha256;

/// Names a key: the first 4 bytes of the SHA-256 of the public key. Two keys may share one; a
/// verifier tries each key with that id.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId(pub [u8; 4]);

impl KeyId {
    /// Derives the name of the key with these bytes, whether or not they are a key: to look for one
    /// in a list costs a hash an entry, to parse one costs as much as half a signature.
    #[must_use]
    pub fn derive_from(key: &[u8; 32]) -> Self {
        let [a, b, c, d, ..] = sha256(key).0;
        Self([a, b, c, d])
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Why 32 bytes were not accepted as a public key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRejection {
    /// The bytes are not 32, or not the one encoding of a point of the curve.
    #[error("not an Ed25519 public key")]
    NotAPoint,
    /// The point has small order: anybody could sign for it.
    #[error("a weak key: its point has small order")]
    SmallOrder,
}

/// The signature does not belong to this key and message.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the signature does not match")]
pub struct BadSignature;

/// Holds a detached Ed25519 signature (64 bytes).
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Signature(pub [u8; 64]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(…)")
    }
}

/// Holds an Ed25519 public key that is a point of the curve and not of small order.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Parses the one encoding of a key ([RFC 8032 §5.1.3]: y is below the field's prime).
    ///
    /// # Errors
    /// [`KeyRejection`] for bytes that are no point, another encoding of a point (one key would pass
    /// for two), or a point of small order.
    ///
    /// [RFC 8032 §5.1.3]: https://www.rfc-editor.org/rfc/rfc8032#section-5.1.3
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyRejection> {
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| KeyRejection::NotAPoint)?;
        if !is_one_encoding(bytes) {
            return Err(KeyRejection::NotAPoint);
        }
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyRejection::NotAPoint)?;
        if key.is_weak() { Err(KeyRejection::SmallOrder) } else { Ok(Self(key)) }
    }

    /// Gives the 32 bytes of the key.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Derives the short name of the key.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        KeyId::derive_from(self.0.as_bytes())
    }

    /// Decides whether `signature` is this key's signature over `message`.
    ///
    /// Here, and in [`verify_pieces`](Self::verify_pieces), the product decides signatures, and nowhere
    /// else. It is strict: small-order parts and unreduced scalars are refused.
    ///
    /// # Errors
    /// [`BadSignature`] if it is not.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), BadSignature> {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        self.0.verify_strict(message, &signature).map_err(|_| BadSignature)
    }

    /// Decides the same of a message that comes in pieces, which nobody needs to have in one place.
    ///
    /// ```
    /// use seal::{Signer, SoftwareKey};
    /// let key = SoftwareKey::from_seed(&[7; 32]);
    /// let signature = key.sign(b"in two pieces")?;
    /// let pieces: [&[u8]; 2] = [b"in two ", b"pieces"];
    /// assert!(key.public_key().verify_pieces(pieces, &signature).is_ok());
    /// # Ok::<(), seal::SignError>(())
    /// ```
    ///
    /// # Errors
    /// [`BadSignature`] if it is not this key's signature.
    pub fn verify_pieces<'m>(
        &self,
        pieces: impl IntoIterator<Item = &'m [u8]>,
        signature: &Signature,
    ) -> Result<(), BadSignature> {
        // What `verify_strict` refuses beyond the equation: R of small order. The key is none, and R is
        // compared by its bytes, so that another encoding of the same point does not pass.
        let commitment = signature.0.first_chunk::<32>().ok_or(BadSignature)?;
        let point = VerifyingKey::from_bytes(commitment).map_err(|_| BadSignature)?;
        if point.is_weak() {
            return Err(BadSignature);
        }
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        let mut verifier = self.0.verify_stream(&signature).map_err(|_| BadSignature)?;
        pieces.into_iter().for_each(|piece| verifier.update(piece));
        verifier.finalize_and_verify().map_err(|_| BadSignature)
    }
}

/// Decides whether the bytes are the one encoding of what they mean, if they mean a point: y is below
/// the field's prime 2²⁵⁵ − 19, and x has no sign where it is zero (y is 1 or −1). Encoding the point
/// anew would say the same, and cost an inversion at every scan.
fn is_one_encoding(bytes: &[u8; 32]) -> bool {
    const PRIME: [u8; 32] = end_with_7f([0xff; 32], 0xed);
    const MINUS_ONE: [u8; 32] = end_with_7f([0xff; 32], 0xec);
    const ONE: [u8; 32] = {
        let mut one = [0; 32];
        one[0] = 1;
        one
    };
    let mut y = *bytes;
    y[31] &= 0x7f;
    let signed = bytes[31] & 0x80 != 0;
    y.iter().rev().lt(PRIME.iter().rev()) && !(signed && (y == ONE || y == MINUS_ONE))
}

/// Writes a number of 255 bits, least byte first.
const fn end_with_7f(mut number: [u8; 32], least: u8) -> [u8; 32] {
    number[0] = least;
    number[31] = 0x7f;
    number
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.key_id())
    }
}

/// The keystore did not sign.
#[derive(Debug, thiserror::Error)]
#[error("the key could not sign: {0}")]
pub struct SignError(pub String);

/// Signs with a key that it need not reveal: a software key, or a platform keystore.
pub trait Signer {
    /// Gives the public half.
    fn public_key(&self) -> PublicKey;

    /// Signs `message`.
    ///
    /// # Errors
    /// [`SignError`] if the keystore refuses or is gone.
    fn sign(&self, message: &[u8]) -> Result<Signature, SignError>;
}

/// Holds a private key in memory. Its `Debug` shows the public half only.
#[derive(Clone)]
pub struct SoftwareKey(SigningKey);

impl SoftwareKey {
    /// Makes the key of a 32-byte secret seed ([RFC 8032 §5.1.5]). Randomness is the caller's.
    ///
    /// [RFC 8032 §5.1.5]: https://www.rfc-editor.org/rfc/rfc8032#section-5.1.5
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// Gives the secret seed back, for storage.
    #[must_use]
    pub fn seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }
}

impl Signer for SoftwareKey {
    fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        use ed25519_dalek::Signer as _;
        Ok(Signature(self.0.sign(message).to_bytes()))
    }
}

impl fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SoftwareKey({}, ***)", self.public_key().key_id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What [`PublicKey::parse`] must say: the point, encoded anew, is the bytes.
    fn encoded_anew(bytes: &[u8; 32]) -> bool {
        VerifyingKey::from_bytes(bytes)
            .is_ok_and(|key| key.to_edwards().compress().as_bytes() == bytes)
    }

    #[test]
    fn knows_the_one_encoding_without_encoding_anew() {
        // Every number of 255 bits within 300 of nothing and of the prime, with and without a sign.
        let mut points = 0;
        for near in 0..600u16 {
            let [low, high] = near.to_le_bytes();
            let small = {
                let mut y = [0; 32];
                [y[0], y[1]] = [low, high];
                y
            };
            let large = {
                let mut y = [0xff; 32];
                [y[0], y[1], y[31]] = [!low, !high, 0x7f];
                y
            };
            for mut bytes in [small, large] {
                for sign in [0, 0x80] {
                    bytes[31] = bytes[31] & 0x7f | sign;
                    let is_point = VerifyingKey::from_bytes(&bytes).is_ok();
                    let same = is_point && is_one_encoding(&bytes);
                    assert_eq!(same, encoded_anew(&bytes), "{bytes:x?}");
                    points += u32::from(is_point);
                }
            }
        }
        assert!(points > 1000, "{points} points were compared");
        for seed in 0..=255 {
            let key = SoftwareKey::from_seed(&[seed; 32]).public_key();
            assert_eq!(PublicKey::parse(&key.to_bytes()), Ok(key));
        }
    }

    #[test]
    fn names_a_key_by_its_bytes() {
        let key = SoftwareKey::from_seed(&[7; 32]).public_key();
        assert_eq!(KeyId::derive_from(&key.to_bytes()), key.key_id());
    }
}
