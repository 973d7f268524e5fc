//! Bytes that are kept as they were shown, and read by somebody else.

use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};

/// Holds 1 to `MAX` bytes whose meaning is not decided here.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Opaque<const MAX: usize>(Vec<u8>);

impl<const MAX: usize> Opaque<MAX> {
    /// Takes the bytes, unless there are none or more than `MAX`.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        (1..=MAX).contains(&bytes.len()).then(|| Self(bytes.to_vec()))
    }

    /// Gives the bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<C, const MAX: usize> Encode<C> for Opaque<MAX> {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C, const MAX: usize> Decode<'b, C> for Opaque<MAX> {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        Self::from_slice(d.bytes()?)
            .ok_or_else(|| DecodeError::message("too few or too many bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_one_byte_to_the_limit() {
        for (length, taken) in [(0, false), (1, true), (4, true), (5, false)] {
            let bytes = vec![7; length];
            assert_eq!(Opaque::<4>::from_slice(&bytes).is_some(), taken, "{length} bytes");
            let encoded = seal::to_canonical(&Opaque::<9>(bytes));
            assert_eq!(seal::from_canonical::<Opaque<4>>(&encoded).is_ok(), taken);
        }
    }
}
