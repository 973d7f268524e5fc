//! SHA-256 digests.

use core::fmt;

use minicbor::bytes::{DecodeBytes, EncodeBytes};
use minicbor::{Decode, Encode};
use sha2::{Digest as _, Sha256};

/// Holds a SHA-256 digest (32 bytes). Shown and parsed as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Decode, Default, Encode, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cbor(transparent)]
pub struct Hash(#[cbor(with = "minicbor::bytes")] pub [u8; 32]);

impl Hash {
    /// Reads 64 hexadecimal digits, of either case.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        if text.len() != 64 {
            return None;
        }
        let mut out = [0; 32];
        for (byte, pair) in out.iter_mut().zip(text.chunks_exact(2)) {
            let [high, low] = pair else { return None };
            *byte = (hex_digit(*high)? << 4) | hex_digit(*low)?;
        }
        Some(Self(out))
    }

    /// Takes the digest from a slice, if it has exactly 32 bytes.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Gives the first twelve bytes: enough to tell the hashes of a log apart where a mistake would be seen
    /// elsewhere, in less memory. Two of 10⁸ agree by accident once in 10¹³ logs; to make two that agree takes
    /// 2⁴⁸ tries.
    #[must_use]
    pub fn first_twelve(&self) -> [u8; 12] {
        let mut first = [0; 12];
        first.copy_from_slice(&self.0[..12]);
        first
    }

    /// Gives the raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

fn hex_digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        b'A'..=b'F' => Some(character - b'A' + 10),
        _ => None,
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl AsRef<[u8]> for Hash {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl<C> EncodeBytes<C> for Hash {
    fn encode_bytes<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> DecodeBytes<'b, C> for Hash {
    fn decode_bytes(
        d: &mut minicbor::Decoder<'b>,
        _: &mut C,
    ) -> Result<Self, minicbor::decode::Error> {
        Self::from_slice(d.bytes()?)
            .ok_or_else(|| minicbor::decode::Error::message("a SHA-256 digest has 32 bytes"))
    }
}

/// Hashes one byte string.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Hash {
    sha256_of(&[bytes])
}

/// Hashes the concatenation of several byte strings. Lengths are not hashed: the caller's parts
/// must be of fixed length, or be framed.
#[must_use]
pub fn sha256_of(parts: &[&[u8]]) -> Hash {
    let mut state = Sha256::new();
    for part in parts {
        state.update(part);
    }
    Hash(state.finalize().into())
}

/// Hashes what comes in pieces: the digest is that of all of them, one after the other.
///
/// ```
/// use std::io::Write as _;
/// let mut digest = seal::Digest::default();
/// digest.write_all(b"a")?;
/// digest.write_all(b"bc")?;
/// assert_eq!(digest.finish(), seal::sha256(b"abc"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Digest(Sha256);

impl Digest {
    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Gives the digest of all pieces.
    #[must_use]
    pub fn finish(self) -> Hash {
        Hash(self.0.finalize().into())
    }
}

impl std::io::Write for Digest {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        self.update(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_the_fips_180_example() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc").to_string(), expected);
        assert_eq!(sha256_of(&[b"a", b"", b"bc"]).to_string(), expected);
        assert_eq!(Hash::from_hex(expected), Some(sha256(b"abc")));
    }

    #[test]
    fn refuses_text_that_is_not_a_digest() {
        assert_eq!(Hash::from_hex("ab"), None);
        assert_eq!(Hash::from_hex(&"zz".repeat(32)), None);
        assert_eq!(Hash::from_slice(&[0; 31]), None);
    }
}
