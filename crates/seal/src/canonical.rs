//! Deterministic CBOR: one encoding per value, and nothing but that encoding is accepted.

use minicbor::{Decode, Encode};

/// Why bytes were not accepted as the one encoding of a value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CanonicalError {
    /// The bytes are not CBOR of the expected shape.
    #[error("not the expected CBOR: {0}")]
    Malformed(#[from] minicbor::decode::Error),
    /// The bytes mean the value, but are not its one encoding ([RFC 8949 §4.2]): trailing bytes,
    /// unknown or doubled keys, an indefinite length, a number in more bytes than it needs.
    ///
    /// [RFC 8949 §4.2]: https://www.rfc-editor.org/rfc/rfc8949#section-4.2
    #[error("not in the one accepted encoding (RFC 8949 section 4.2)")]
    NotCanonical,
}

/// Encodes a value deterministically.
#[must_use]
pub fn to_canonical<T: Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).expect("writing into a vector does not fail")
}

/// Decodes a value, and refuses any encoding but the one that [`to_canonical`] would have written.
///
/// # Errors
/// [`CanonicalError`] says which of the two steps failed.
pub fn from_canonical<T: for<'b> Decode<'b, ()> + Encode<()>>(
    bytes: &[u8],
) -> Result<T, CanonicalError> {
    let value: T = minicbor::decode(bytes)?;
    if to_canonical(&value) == bytes { Ok(value) } else { Err(CanonicalError::NotCanonical) }
}
