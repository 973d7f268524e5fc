//! Pixels → text.
//!
//! Finding and reading a symbol in black and white is `rxing`'s work (a port of zxing-cpp). What is
//! black and what is white is decided here, in several passes, because that is where photographs of
//! cards fail: `rxing` alone, with its own binarizer, reads little below three pixels a square.
//!
//! # Why `rxing` and not `rqrr`
//! `cargo bench -p qr --features camera-model` shows 36 conditions × 24 photographs of cards to both,
//! each with its own way to black and white. `rxing` 0.9 read 55 %, `rqrr` 0.11 25 %, and `rxing` took
//! less than half the time. As WebAssembly the whole of [`decode_fast`] is about 186 kB (66 kB
//! compressed), `rqrr` 190 kB (90 kB). With the passes of this module on top, [`decode_fast`] read
//! 73 % and [`decode()`] 81 %; `rqrr` was not tried behind these passes.
//!
//! # What of `rxing` is left alone
//! Its result type asks a clock for the time and its conversion of character sets may panic, so
//! neither is used: only the finder, the sampler and the decoder, which work on bits. Their panics
//! could not be caught in WebAssembly. `tests/hostile.rs` looks for them with torn symbols, soups of
//! finder patterns and well-formed symbols full of nonsense, and has found none; that is evidence,
//! not proof.

mod filter;
mod find;
mod frames;
mod passes;

pub use self::frames::FrameReader;

use crate::luma::Luma;

use self::find::Found;
use self::passes::Pass;

/// Reads every QR Code in a picture: each text once, in reading order.
///
/// All passes are run, so that a hard symbol is found beside an easy one. Large pictures are shrunk
/// first, to sides of at most 1600 pixels, and the number of tries in noise is bounded.
#[must_use]
pub fn decode(picture: &Luma<'_>) -> Vec<String> {
    in_reading_order(Pass::ALL.iter().flat_map(|pass| pass.read(picture)).collect())
}

/// Reads the QR Codes in one frame of a camera: stops at the first pass that finds something.
///
/// A symbol that this misses may be read in the next frame; for a single picture take [`decode()`].
#[must_use]
pub fn decode_fast(picture: &Luma<'_>) -> Vec<String> {
    let mut passes = Pass::FOR_FRAMES.iter().map(|pass| pass.read(picture));
    passes.find(|found| !found.is_empty()).map(in_reading_order).unwrap_or_default()
}

/// Row by row, left to right; a symbol is in a row if it begins above the middle of the row's first.
fn in_reading_order(mut found: Vec<Found>) -> Vec<String> {
    found.sort_by(|a, b| a.top.total_cmp(&b.top));
    let mut texts: Vec<String> = Vec::new();
    let mut rest = found.as_mut_slice();
    while let Some(first) = rest.first() {
        let middle = first.top + first.side / 2.0;
        let in_row = rest.iter().take_while(|one| one.top <= middle).count().max(1);
        let (row, below) = rest.split_at_mut(in_row);
        row.sort_by(|a, b| a.left.total_cmp(&b.left));
        for one in row {
            if !texts.contains(&one.text) {
                texts.push(one.text.clone());
            }
        }
        rest = below;
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rows_from_the_top_and_each_text_once() {
        let at = |text: &str, left, top| Found { text: text.to_owned(), left, top, side: 20.0 };
        let found = vec![
            at("third", 5.0, 50.0),
            at("second", 60.0, 1.0),
            at("first", 4.0, 8.0),
            at("second", 60.0, 2.0),
        ];
        assert_eq!(in_reading_order(found), ["first", "second", "third"]);
    }
}
