//! Text → symbol: the black and white squares of a QR Code ([ISO/IEC 18004]).
//!
//! The squares are computed by `qrcodegen`. It was taken over `fast_qr` and `qrcode` because it has no
//! dependency, forbids unsafe code, and raises the error correction for nothing where the version has
//! room. `qrcode` calls itself passively maintained.
//!
//! [ISO/IEC 18004]: https://www.iso.org/standard/83389.html

mod render;

use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version};

/// How much of a symbol may be lost and still be read.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ErrorCorrection {
    /// About 7 %.
    L,
    /// About 15 %: for screens.
    M,
    /// About 25 %: for paper.
    Q,
    /// About 30 %.
    H,
}

/// Why a text did not become a symbol.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The text does not fit the largest symbol (version 40).
    #[error("a text of {length_bytes} bytes does not fit a symbol")]
    TooLong {
        /// The length of the text.
        length_bytes: usize,
    },
}

/// Holds the squares of one QR Code, without its quiet zone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Symbol {
    version: u8,
    size: usize,
    dark: Vec<bool>,
}

/// Encodes a text in the smallest version that holds it.
///
/// Upper-case Base45 text takes 5½ bits a character (alphanumeric mode), anything else 8 bits a byte
/// of UTF-8. Where the version has room, the error correction is better than what was asked for.
///
/// ```
/// let symbol = qr::encode("OB1:6BF-0", qr::ErrorCorrection::Q)?;
/// assert_eq!((symbol.version(), symbol.size()), (1, 21));
/// assert_eq!(qr::decode(&symbol.render(4, 4).as_luma()), ["OB1:6BF-0"]);
/// # Ok::<(), qr::EncodeError>(())
/// ```
///
/// # Errors
/// [`EncodeError::TooLong`] if no version holds the text.
pub fn encode(text: &str, correction: ErrorCorrection) -> Result<Symbol, EncodeError> {
    // Longer than version 40-L holds in the densest mode: the encoder would say so too, but only after
    // having made the bits.
    let too_long = EncodeError::TooLong { length_bytes: text.len() };
    if text.len() > MAX_TEXT_BYTES {
        return Err(too_long);
    }
    let segments = QrSegment::make_segments(text);
    let level = correction.level();
    let (least, most) = (Version::MIN, Version::MAX);
    let code = QrCode::encode_segments_advanced(&segments, level, least, most, None, true)
        .map_err(|_| too_long)?;
    let side = code.size();
    let squares = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
    Ok(Symbol {
        version: code.version().value(),
        size: usize::try_from(side).expect("a size is 21 to 177"),
        dark: squares.map(|(x, y)| code.get_module(x, y)).collect(),
    })
}

impl ErrorCorrection {
    const fn level(self) -> QrCodeEcc {
        match self {
            Self::L => QrCodeEcc::Low,
            Self::M => QrCodeEcc::Medium,
            Self::Q => QrCodeEcc::Quartile,
            Self::H => QrCodeEcc::High,
        }
    }
}

impl Symbol {
    /// Gives the version, 1 to 40.
    #[must_use]
    pub const fn version(&self) -> u8 {
        self.version
    }

    /// Gives the number of squares on a side: 17 + 4 × version.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// Tells whether a square is dark; beyond the edges all is light.
    #[must_use]
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.size && y < self.size && self.dark[y * self.size + x]
    }
}

/// As digits, in version 40-L ([ISO/IEC 18004] table 7).
const MAX_TEXT_BYTES: usize = 7_089;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_case_base45_takes_the_alphanumeric_mode() {
        // 25 letters fit version 1-L in alphanumeric mode ([ISO/IEC 18004] table 7), 17 as bytes.
        let version = |text: &str| encode(text, ErrorCorrection::L).map(|symbol| symbol.version());
        assert_eq!(version("OB1:6BF$%*+-./ 0123456789"), Ok(1));
        assert_eq!(version("ob1:6bf$%*+-./ 0123456789"), Ok(2));
    }

    #[test]
    fn every_version_has_its_size_and_nothing_beyond() {
        for length in (1..2_000).step_by(97) {
            let symbol = encode(&"A".repeat(length), ErrorCorrection::L).unwrap();
            let size = symbol.size();
            assert_eq!(size, 17 + 4 * usize::from(symbol.version()));
            assert!(symbol.is_dark(0, 0) && symbol.is_dark(size - 1, 0) && !symbol.is_dark(7, 0));
            assert!(!symbol.is_dark(size, 0) && !symbol.is_dark(0, size));
            assert!(!symbol.is_dark(usize::MAX, usize::MAX));
        }
    }
}
