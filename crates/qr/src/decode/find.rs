//! Black and white → symbols: what is taken from `rxing`.

use rxing::{
    common::{BitMatrix, DetectorRXingResult as _},
    qrcode::cpp_port::{
        decoder::Decode,
        detector::{FindFinderPatterns, GenerateFinderPatternSets, SampleQR},
    },
};

use crate::luma::LumaImage;

/// One symbol that was read, and where: the box around the centres of its three finder patterns.
pub(super) struct Found {
    pub(super) text: String,
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) side: f32,
}

impl Found {
    /// The same symbol, seen in a picture so many times as large.
    pub(super) fn scaled(self, by: f32) -> Self {
        Self { left: self.left * by, top: self.top * by, side: self.side * by, ..self }
    }
}

/// Finds and reads the symbols in a picture in which 0 is black and all else white.
pub(super) fn find_symbols(picture: &LumaImage) -> Vec<Found> {
    let Some(bits) = bits_of(picture) else { return Vec::new() };
    let mut patterns = FindFinderPatterns(&bits, true, 0);
    patterns.truncate(MAX_PATTERNS);
    let mut used = Vec::new();
    let mut found = Vec::new();
    for corners in GenerateFinderPatternSets(&mut patterns).iter().take(MAX_TRIES) {
        let three = [corners.tl, corners.tr, corners.bl];
        if three.iter().any(|corner| used.contains(corner)) {
            continue;
        }
        let Ok(sampled) = SampleQR(&bits, corners) else { continue };
        let Ok(decoded) = Decode(sampled.getBits()) else { continue };
        if !decoded.isValid() {
            continue;
        }
        used.extend(three);
        let (left, right) = ends(three.map(|corner| corner.p.x));
        let (top, bottom) = ends(three.map(|corner| corner.p.y));
        let side = (right - left).max(bottom - top);
        found.push(Found { text: text_of(decoded.content().bytes()), left, top, side });
    }
    found
}

/// UTF-8, or else ISO 8859-1, the standard's own assumption ([ISO/IEC 18004] 7.3.2). Character sets
/// that a symbol names are not followed: none of ours names one, and `rxing`'s conversion may panic.
///
/// [ISO/IEC 18004]: https://www.iso.org/standard/83389.html
fn text_of(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

fn bits_of(picture: &LumaImage) -> Option<BitMatrix> {
    let width = u32::try_from(picture.width()).ok()?;
    let height = u32::try_from(picture.height()).ok()?;
    let mut bits = BitMatrix::new(width, height).ok()?;
    for (y, row) in (0..height).zip(picture.rows()) {
        for (x, _) in (0..width).zip(row).filter(|&(_, &grey)| grey == 0) {
            bits.set(x, y);
        }
    }
    Some(bits)
}

fn ends(numbers: [f32; 3]) -> (f32, f32) {
    let least = numbers.into_iter().fold(f32::INFINITY, f32::min);
    (least, numbers.into_iter().fold(f32::NEG_INFINITY, f32::max))
}

/// Noise is full of finder patterns; these bounds keep the time of a pass.
const MAX_PATTERNS: usize = 400;
const MAX_TRIES: usize = 150;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_utf_8_or_latin() {
        assert_eq!(text_of("Қатысу".as_bytes()), "Қатысу");
        assert_eq!(text_of(b"caf\xe9"), "café");
        assert_eq!(text_of(b""), "");
    }
}
