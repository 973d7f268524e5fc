//! A roster in pieces: a line that breaks loses the piece that was on its way, and none before it.

use minicbor::{Decode, Encode};
use seal::Hash;

/// Asks for a roster in pieces, each a [`RosterPiece`]; a server that knows none answers with the
/// whole roster in another type.
pub const ROSTER_PIECE_MEDIA_TYPE: &str = "application/vnd.qatysu.roster-piece+cbor";
/// The longest packed roster that goes in pieces, in bytes.
pub const ROSTER_PACKED_MAX_BYTES: u32 = 4 * 1024 * 1024;
/// The longest signed roster that comes out of the pieces, in bytes.
pub const ROSTER_MAX_BYTES: u64 = 16 * 1024 * 1024;

/// `GET /v1/delta/roster/{from}` and `GET /v1/delta/roster/{from}/{name}/{at}`, asked for
/// [`ROSTER_PIECE_MEDIA_TYPE`]: a part of the signed roster, which is packed as a whole (gzip,
/// [RFC 1952]) and named by the SHA-256 of the packed bytes. The second address names what is there
/// already; if that is not the roster of now, the answer is the first piece of the one of now.
///
/// Nothing of a piece is believed: the name is proven when all pieces are there, and who made the
/// roster by its signature.
///
/// [RFC 1952]: https://www.rfc-editor.org/rfc/rfc1952
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RosterPiece {
    /// The SHA-256 of the packed roster.
    pub name: Hash,
    /// The roster's version.
    pub version: u32,
    /// The length of the packed roster in bytes.
    pub length: u32,
    /// Where this piece begins.
    pub at: u32,
    /// The piece; never empty, and within the length.
    pub bytes: Vec<u8>,
}

/// Why bytes were not accepted as a piece of a roster.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RosterPieceError {
    /// Not the one encoding.
    #[error("not a piece of a roster: {0}")]
    Malformed(#[from] seal::CanonicalError),
    /// A version this program does not know.
    #[error("pieces of version {0} are newer than this program")]
    UnknownVersion(u8),
    /// The piece is empty, beyond the roster's end, or of a roster that is too long.
    #[error("a piece of a roster lies outside the roster")]
    OutOfBounds,
}

#[derive(Decode, Encode)]
struct Frame {
    #[n(0)]
    format: u8,
    #[n(1)]
    name: Hash,
    #[n(2)]
    version: u32,
    #[n(3)]
    length: u32,
    #[n(4)]
    at: u32,
    #[cbor(n(5), with = "minicbor::bytes")]
    bytes: Vec<u8>,
}

impl RosterPiece {
    /// Encodes it: `[1, name, version, length, at, bytes]` in deterministic CBOR.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { name, version, length, at, ref bytes } = *self;
        seal::to_canonical(&Frame { format: 1, name, version, length, at, bytes: bytes.clone() })
    }

    /// Parses it.
    ///
    /// # Errors
    /// [`RosterPieceError`] for anything but its one encoding, and for a piece outside its roster.
    pub fn parse(bytes: &[u8]) -> Result<Self, RosterPieceError> {
        let Frame { format, name, version, length, at, bytes } = seal::from_canonical(bytes)?;
        if format != 1 {
            return Err(RosterPieceError::UnknownVersion(format));
        }
        let end = u64::from(at) + bytes.len() as u64;
        if bytes.is_empty() || length > ROSTER_PACKED_MAX_BYTES || end > u64::from(length) {
            return Err(RosterPieceError::OutOfBounds);
        }
        Ok(Self { name, version, length, at, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece() -> RosterPiece {
        let name = seal::sha256(b"a packed roster");
        RosterPiece { name, version: 7, length: 10, at: 4, bytes: vec![1; 6] }
    }

    #[test]
    fn gives_back_what_was_said() {
        assert_eq!(RosterPiece::parse(&piece().to_bytes()).unwrap(), piece());
    }

    #[test]
    fn refuses_pieces_outside_their_roster_and_other_encodings() {
        let outside = [
            RosterPiece { bytes: vec![], ..piece() },
            RosterPiece { at: 5, ..piece() },
            RosterPiece { at: u32::MAX, length: u32::MAX, ..piece() },
            RosterPiece { length: ROSTER_PACKED_MAX_BYTES + 1, ..piece() },
        ];
        for wrong in outside {
            let refused = RosterPiece::parse(&wrong.to_bytes());
            assert!(matches!(refused, Err(RosterPieceError::OutOfBounds)), "{refused:?}");
        }
        let longer = [piece().to_bytes(), vec![0]].concat();
        let refused = RosterPiece::parse(&longer);
        assert!(matches!(refused, Err(RosterPieceError::Malformed(_))));
        let mut newer = piece().to_bytes();
        newer[1] = 2;
        let refused = RosterPiece::parse(&newer);
        assert!(matches!(refused, Err(RosterPieceError::UnknownVersion(2))));
    }
}
