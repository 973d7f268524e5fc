//! What the receiver of a transfer says back, in one small datagram.
//!
//! | bytes | what |
//! |---:|---|
//! | 1 | 2: that this is feedback, and its version |
//! | 1 | 0: more is needed; 1: it is whole; 2: it is not wanted |
//! | 8 | transfer |
//! | 3 | different symbols that came |
//! | 3 | number of the newest symbol that came |
//! | 4 | when that came, in milliseconds of the receiver's own count, which goes around |
//! | 8 | the cookie that the server gave this address; zeros if none came yet |
//!
//! Nothing of it is signed: it steers how fast and how long is sent, and says nothing about events.

use crate::frame::{FrameRejection, SYMBOL_IDS, TransferId};

const KIND: u8 = 2;
const LENGTH: usize = 28;

/// How a transfer stands at its receiver.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// More symbols are needed.
    More,
    /// It is whole.
    Whole,
    /// It is not wanted: too long, or no parcel.
    Unwanted,
}

/// Tells the sender of a transfer how it arrives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Feedback {
    /// Which transfer.
    pub transfer: TransferId,
    /// How it stands.
    pub standing: Standing,
    /// How many different symbols came.
    pub received: u32,
    /// The number of the newest symbol that came.
    pub newest: u32,
    /// When that came, in milliseconds of the receiver's own count, which goes around.
    pub at_ms: u32,
    /// Proves to the server that this address is where its datagrams arrive.
    pub cookie: [u8; 8],
}

impl Feedback {
    /// Encodes it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let standing = match self.standing {
            Standing::More => 0,
            Standing::Whole => 1,
            Standing::Unwanted => 2,
        };
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.extend([KIND, standing]);
        bytes.extend(self.transfer.0);
        for number in [self.received, self.newest] {
            let [_, number @ ..] = number.min(SYMBOL_IDS - 1).to_be_bytes();
            bytes.extend(number);
        }
        bytes.extend(self.at_ms.to_be_bytes());
        bytes.extend(self.cookie);
        bytes
    }

    /// Parses it.
    ///
    /// # Errors
    /// [`FrameRejection`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, FrameRejection> {
        let bytes: &[u8; LENGTH] = bytes.try_into().map_err(|_| FrameRejection::Foreign)?;
        let [kind, standing, rest @ ..] = *bytes;
        let [a, b, c, d, e, f, g, h, r0, r1, r2, n0, n1, n2, t0, t1, t2, t3, cookie @ ..] = rest;
        if kind != KIND {
            return Err(FrameRejection::Foreign);
        }
        let standing = match standing {
            0 => Standing::More,
            1 => Standing::Whole,
            2 => Standing::Unwanted,
            3.. => return Err(FrameRejection::Malformed),
        };
        Ok(Self {
            transfer: TransferId([a, b, c, d, e, f, g, h]),
            standing,
            received: u32::from_be_bytes([0, r0, r1, r2]),
            newest: u32::from_be_bytes([0, n0, n1, n2]),
            at_ms: u32::from_be_bytes([t0, t1, t2, t3]),
            cookie,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_what_it_wrote_and_nothing_else() {
        let feedback = Feedback {
            transfer: TransferId([1, 2, 3, 4, 5, 6, 7, 8]),
            standing: Standing::Whole,
            received: 70_000,
            newest: 1 << 20,
            at_ms: u32::MAX,
            cookie: [9; 8],
        };
        let bytes = feedback.to_bytes();
        assert_eq!(Feedback::parse(&bytes), Ok(feedback));
        for length in 0..bytes.len() {
            assert!(Feedback::parse(&bytes[..length]).is_err());
        }
        let mut other = bytes.clone();
        other[1] = 3;
        assert_eq!(Feedback::parse(&other), Err(FrameRejection::Malformed));
        assert!(Feedback::parse(&[&bytes[..], &[0]].concat()).is_err());
    }
}
