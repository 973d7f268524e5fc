//! Where an event was made, so coarsely that it names a part of a town and no house.

use core::fmt;
use core::str::FromStr;

use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};

/// Names a cell of the world by the first five characters of its geohash (25 bits).
///
/// A cell is 0.0439453 degrees high and as many wide: 4.9 km from south to north everywhere, and
/// from west to east 3.7 km at 41° N and 2.8 km at 55° N, the ends of Kazakhstan.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CoarsePlace([u8; CHARACTERS]);

/// The text is no geohash of five characters.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a coarse place has five characters of the geohash alphabet, in lower case")]
pub struct PlaceError;

impl CoarsePlace {
    /// Finds the cell of a point, in millionths of a degree, north and east positive. Nothing for a
    /// point that is not on the globe.
    #[must_use]
    pub fn of_microdegrees(latitude: i32, longitude: i32) -> Option<Self> {
        let y = step(latitude, 90_000_000, 12)?;
        let x = step(longitude, 180_000_000, 13)?;
        // The bits alternate, longitude first: 13 of it and 12 of the latitude.
        let bits = (0..25).fold(0u32, |bits, place| {
            let half = 12 - place / 2;
            let bit = if place % 2 == 0 { x >> half } else { y >> (half - 1) };
            (bits << 1) | (bit & 1)
        });
        let mut text = [0; CHARACTERS];
        for (character, shift) in text.iter_mut().zip([20, 15, 10, 5, 0]) {
            *character = *ALPHABET.get(usize::try_from((bits >> shift) & 31).ok()?)?;
        }
        Some(Self(text))
    }

    /// Gives the five characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).expect("the alphabet is ASCII")
    }
}

/// Counts the cells from the edge, of `2^bits` in all. The far edge is in the last cell.
fn step(angle: i32, half: i64, bits: u32) -> Option<u32> {
    let from_edge = i64::from(angle) + half;
    if !(0..=2 * half).contains(&from_edge) {
        return None;
    }
    let cells = 1i64 << bits;
    u32::try_from((from_edge * cells / (2 * half)).min(cells - 1)).ok()
}

impl FromStr for CoarsePlace {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let text = text.as_bytes().try_into().map_err(|_| PlaceError)?;
        let place = Self(text);
        if place.0.iter().all(|character| ALPHABET.contains(character)) {
            Ok(place)
        } else {
            Err(PlaceError)
        }
    }
}

impl fmt::Display for CoarsePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for CoarsePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CoarsePlace({self})")
    }
}

impl<C> Encode<C> for CoarsePlace {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.str(self.as_str())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for CoarsePlace {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        d.str()?.parse().map_err(DecodeError::message)
    }
}

const CHARACTERS: usize = 5;
const ALPHABET: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_cells_of_known_points() {
        // The first two are the examples of the geohash article of Wikipedia.
        let known = [
            ((57_649_110, 10_407_440), "u4pru"),
            ((42_605_000, -5_603_000), "ezs42"),
            ((-90_000_000, -180_000_000), "00000"),
            ((90_000_000, 180_000_000), "zzzzz"),
            ((0, 0), "s0000"),
            ((-1, -1), "7zzzz"),
        ];
        for ((latitude, longitude), text) in known {
            let found = CoarsePlace::of_microdegrees(latitude, longitude);
            assert_eq!(found.map(|place| place.to_string()).as_deref(), Some(text));
        }
        assert_eq!(CoarsePlace::of_microdegrees(90_000_001, 0), None);
        assert_eq!(CoarsePlace::of_microdegrees(0, i32::MIN), None);
    }

    #[test]
    fn gives_two_points_of_one_cell_the_same_name() {
        let cell = |latitude| CoarsePlace::of_microdegrees(latitude, 71_400_000);
        let edge = 1164 * 43_945; // the cell's lower edge is a little above
        assert_eq!(cell(edge + 1_000), cell(edge + 43_900));
        assert_ne!(cell(edge + 1_000), cell(edge + 45_500));
    }

    #[test]
    fn takes_five_characters_of_its_alphabet_only() {
        assert_eq!("txwwj".parse::<CoarsePlace>().map(|p| p.to_string()).as_deref(), Ok("txwwj"));
        for text in ["", "txww", "txwwjz", "txwwa", "TXWWJ", "txwwі"] {
            assert_eq!(text.parse::<CoarsePlace>(), Err(PlaceError), "{text}");
        }
    }
}
