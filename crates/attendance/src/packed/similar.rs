//! Bytes that resemble other bytes: proofs and anchors, of which the signature alone is new.

use super::UnpackRejection;
use super::port::Port;

/// Passes 1 to `max` bytes as pieces: a number, its last bit 0 for that many bytes that follow, 1
/// for that many bytes of the sample from a place that follows. Pieces end with the bytes.
///
/// A reader gives an empty `bytes`.
pub(super) fn walk<P: Port>(
    port: &mut P,
    bytes: &mut Vec<u8>,
    max: usize,
    sample: &[u8],
) -> Result<(), UnpackRejection> {
    let mut length = bytes.len() as u64;
    port.number(&mut length)?;
    let length = usize::try_from(length).ok().filter(|length| *length <= max);
    let length = length.ok_or(UnpackRejection::TooLarge)?;
    let mut pieces = pieces(bytes, sample).into_iter();
    let mut out = Vec::new();
    while out.len() < length {
        let mut piece = pieces.next().unwrap_or(Piece { new: true, place: 0, length: 0 });
        piece.walk(port)?;
        if piece.length == 0 || piece.length > length - out.len() {
            return Err(UnpackRejection::Damaged("a piece of the wrong length"));
        }
        if piece.new {
            let from = out.len();
            let mut new = bytes
                .get(from..from + piece.length)
                .map_or_else(|| vec![0; piece.length], <[u8]>::to_vec);
            port.raw(&mut new)?;
            out.extend(new);
        } else {
            let end = piece.place.saturating_add(piece.length);
            let copied = sample.get(piece.place..end);
            out.extend(copied.ok_or(UnpackRejection::Damaged("a piece outside the sample"))?);
        }
    }
    *bytes = out;
    Ok(())
}

/// Puts a new identifier where the old one is first found.
pub(super) fn with<const N: usize>(bytes: &[u8], old: [u8; N], new: [u8; N]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if let Some(at) = bytes.windows(N).position(|window| window == old)
        && let Some(place) = bytes.get_mut(at..at + N)
    {
        place.copy_from_slice(&new);
    }
    bytes
}

#[derive(Clone, Copy)]
struct Piece {
    new: bool,
    /// Where in the sample, for a piece that is not new.
    place: usize,
    length: usize,
}

impl Piece {
    fn walk<P: Port>(&mut self, port: &mut P) -> Result<(), UnpackRejection> {
        let mut token = (self.length as u64) << 1 | u64::from(!self.new);
        port.number(&mut token)?;
        self.new = token & 1 == 0;
        self.length = usize::try_from(token >> 1).map_err(|_| UnpackRejection::TooLarge)?;
        if !self.new {
            let mut place = self.place as u64;
            port.number(&mut place)?;
            self.place = usize::try_from(place).map_err(|_| UnpackRejection::TooLarge)?;
        }
        Ok(())
    }
}

/// Cuts the bytes into pieces, greedily: the longest of the sample, the first of equally long ones.
fn pieces(bytes: &[u8], sample: &[u8]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let (place, length) = longest(&bytes[at..], sample);
        if length >= WORTH_IT {
            pieces.push(Piece { new: false, place, length });
            at += length;
            continue;
        }
        match pieces.last_mut().filter(|piece| piece.new) {
            Some(piece) => piece.length += 1,
            None => pieces.push(Piece { new: true, place: 0, length: 1 }),
        }
        at += 1;
    }
    pieces
}

fn longest(bytes: &[u8], sample: &[u8]) -> (usize, usize) {
    let mut best = (0, 0);
    for place in 0..sample.len() {
        let pairs = bytes.iter().zip(&sample[place..]);
        let length = pairs.take_while(|(a, b)| a == b).count();
        if length > best.1 {
            best = (place, length);
        }
    }
    best
}

/// A shorter piece costs more than its bytes.
const WORTH_IT: usize = 4;
