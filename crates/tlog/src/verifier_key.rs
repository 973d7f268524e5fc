//! Verifier keys: a name and a public key in one line of text ([C2SP signed-note]).
//!
//! [C2SP signed-note]: https://c2sp.org/signed-note

use core::fmt;

use base64::prelude::{BASE64_STANDARD, Engine};
use seal::{KeyRejection, PublicKey, sha256_of};

/// The longest verifier key that is read, in bytes.
const TEXT_BYTES_MAX: usize = 16 * 1024;

/// Why a text was not accepted as a verifier key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifierKeyRejection {
    /// The text is not `name+hash+base64`.
    #[error("not a verifier key")]
    Malformed,
    /// The key signs by another algorithm than its place asks for.
    #[error("unknown key algorithm {0}")]
    UnknownAlgorithm(u8),
    /// The hash is not that of name and key.
    #[error("the key's hash does not match its name and bytes")]
    HashMismatch,
    /// The bytes are not an acceptable Ed25519 key.
    #[error(transparent)]
    Key(#[from] KeyRejection),
}

/// Names a log and its key (signature type 0x01). Shown and parsed as `name+hash+base64`.
///
/// ```
/// use seal::{Signer, SoftwareKey};
/// use tlog::VerifierKey;
///
/// let key = SoftwareKey::from_seed(&[1; 32]).public_key();
/// let verifier = VerifierKey { name: "log.example/2026".into(), key };
/// assert_eq!(VerifierKey::parse(&verifier.to_string()), Ok(verifier));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifierKey {
    /// The key's name; for a log, its origin.
    pub name: String,
    /// The key.
    pub key: PublicKey,
}

impl VerifierKey {
    /// Parses `name+hash+base64`.
    ///
    /// # Errors
    /// [`VerifierKeyRejection`] if the text is of another form, the hash does not fit, or the key is
    /// not acceptable.
    pub fn parse(text: &str) -> Result<Self, VerifierKeyRejection> {
        let (name, key) = parse(text, ED25519)?;
        Ok(Self { name, key })
    }

    /// Derives the key's hash: the first 4 bytes of `SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key)`.
    #[must_use]
    pub fn key_hash(&self) -> [u8; 4] {
        key_hash(&self.name, ED25519, &self.key)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, &self.name, ED25519, &self.key)
    }
}

/// The type byte of a signature: it enters the key's hash, so that a line says its algorithm.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct SignatureType(u8);

/// A plain Ed25519 signature.
pub(crate) const ED25519: SignatureType = SignatureType(0x01);
/// A timestamped Ed25519 cosignature.
pub(crate) const COSIGNATURE_V1: SignatureType = SignatureType(0x04);

/// Parses the text of a key that makes signatures of type `kind`.
pub(crate) fn parse(
    text: &str,
    kind: SignatureType,
) -> Result<(String, PublicKey), VerifierKeyRejection> {
    use VerifierKeyRejection as Rejection;
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Rejection::Malformed);
    };
    if !is_name(name) || text.len() > TEXT_BYTES_MAX {
        return Err(Rejection::Malformed);
    }
    let key = BASE64_STANDARD.decode(key).map_err(|_| Rejection::Malformed)?;
    let (algorithm, key) = key.split_first().ok_or(Rejection::Malformed)?;
    if *algorithm != kind.0 {
        return Err(Rejection::UnknownAlgorithm(*algorithm));
    }
    let key = PublicKey::parse(key)?;
    let fits = hash_text(key_hash(name, kind, &key)) == hash;
    if fits { Ok((name.to_owned(), key)) } else { Err(Rejection::HashMismatch) }
}

/// Writes a key as [`parse`] reads it.
pub(crate) fn write(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    kind: SignatureType,
    key: &PublicKey,
) -> fmt::Result {
    let bytes = [&[kind.0], &key.to_bytes()[..]].concat();
    let hash = hash_text(key_hash(name, kind, key));
    write!(f, "{name}+{hash}+{}", BASE64_STANDARD.encode(bytes))
}

/// Derives a key's hash: the first 4 bytes of `SHA-256(name ‖ 0x0A ‖ type ‖ key)`.
pub(crate) fn key_hash(name: &str, kind: SignatureType, key: &PublicKey) -> [u8; 4] {
    let parts = [name.as_bytes(), b"\n", &[kind.0], &key.to_bytes()];
    let [a, b, c, d, ..] = sha256_of(&parts).0;
    [a, b, c, d]
}

/// Says whether this can be a key's name: not empty, no white space, no plus, no control character.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c == '+' || c < ' ' || c.is_whitespace())
}

fn hash_text(hash: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(hash))
}
