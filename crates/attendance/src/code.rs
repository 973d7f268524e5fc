//! The short code under the QR: typed when the camera cannot read.
//!
//! Ten characters of Crockford's base32: 40 bits of the card id, then two check characters. The ten
//! are a Reed–Solomon code over GF(32) of distance 3, so any one or two wrong characters, and any
//! two characters swapped, are noticed – not only likely, but always.
//!
//! A code carries no signature: it names a card of the roster, and the mark it makes is a mark by
//! hand.

use core::fmt;
use core::str::FromStr;

use crate::id::CardId;

/// Why typed text is not a code.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeRejection {
    /// A character that no code has.
    #[error(
        "character {position} is not used in codes: type the 10 letters and digits under the QR"
    )]
    UnknownCharacter {
        /// Which of the typed letters and digits, from 1.
        position: usize,
    },
    /// Too few or too many characters.
    #[error("a code has 10 letters and digits, {found} were typed: compare it with the card")]
    WrongLength {
        /// How many were typed, without spaces and dashes.
        found: usize,
    },
    /// The check characters do not fit: there is a slip.
    #[error("the code has a slip in it: compare it with the card, character by character")]
    Mistyped,
}

/// Holds 40 bits of a card's id. Shown as `XXXX-XXXX-XX` with its check characters.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ShortCode([u8; 5]);

impl ShortCode {
    /// Derives the code of a card.
    #[must_use]
    pub fn derive_from(card: CardId) -> Self {
        let [a, b, c, d, e, ..] = card.0;
        Self([a, b, c, d, e])
    }

    /// Parses typed text. Forgiving in what cannot be confused: case, spaces, dashes, `O` for `0`,
    /// `I` and `L` for `1`, and Cyrillic letters that look like Latin ones.
    ///
    /// # Errors
    /// [`CodeRejection`] names the first thing wrong.
    pub fn parse(text: &str) -> Result<Self, CodeRejection> {
        let mut symbols = [0; SYMBOLS];
        let mut found = 0;
        for character in text.chars().filter(|character| !is_separator(*character)) {
            let symbol = symbol_of(character)
                .ok_or(CodeRejection::UnknownCharacter { position: found + 1 })?;
            if let Some(slot) = symbols.get_mut(found) {
                *slot = symbol;
            }
            found += 1;
        }
        if found != SYMBOLS {
            return Err(CodeRejection::WrongLength { found });
        }
        let [a, b, c, d, e, f, g, h, ..] = symbols;
        let code = Self(pack([a, b, c, d, e, f, g, h]));
        if code.symbols() == symbols { Ok(code) } else { Err(CodeRejection::Mistyped) }
    }

    /// Decides whether this is the code of `card`.
    #[must_use]
    pub fn matches(&self, card: CardId) -> bool {
        *self == Self::derive_from(card)
    }

    /// Gives the ten symbols, each below 32.
    fn symbols(&self) -> [u8; SYMBOLS] {
        let [a, b, c, d, e] = self.0;
        let bits = u64::from_be_bytes([0, 0, 0, a, b, c, d, e]);
        let mut symbols = [0; SYMBOLS];
        for (symbol, shift) in symbols.iter_mut().zip([35, 30, 25, 20, 15, 10, 5, 0]) {
            *symbol = u8::try_from((bits >> shift) & 31).expect("masked to 5 bits");
        }
        let (high, low) = checks(&symbols);
        let [data @ .., _, _] = symbols;
        let [a, b, c, d, e, f, g, h] = data;
        [a, b, c, d, e, f, g, h, high, low]
    }
}

/// Decides whether typed text is meant as a code rather than as the text of a QR: 8 to 12 letters
/// and digits, apart from spaces and dashes. A code with a slip still looks like one.
#[must_use]
pub fn looks_like_code(text: &str) -> bool {
    let mut count = 0;
    for character in text.chars().filter(|character| !is_separator(*character)) {
        if !character.is_ascii_alphanumeric() && symbol_of(character).is_none() {
            return false;
        }
        count += 1;
    }
    (8..=12).contains(&count)
}

impl fmt::Display for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, symbol) in self.symbols().into_iter().enumerate() {
            if at == 4 || at == 8 {
                f.write_str("-")?;
            }
            let character = ALPHABET.get(usize::from(symbol)).expect("symbols are below 32");
            write!(f, "{}", char::from(*character))?;
        }
        Ok(())
    }
}

impl fmt::Debug for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShortCode({self})")
    }
}

impl FromStr for ShortCode {
    type Err = CodeRejection;

    fn from_str(text: &str) -> Result<Self, CodeRejection> {
        Self::parse(text)
    }
}

fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '\u{2010}'..='\u{2015}')
}

fn symbol_of(character: char) -> Option<u8> {
    let latin = match character {
        'o' | 'O' | 'О' | 'о' => '0',
        'i' | 'I' | 'l' | 'L' | 'І' | 'і' => '1',
        'А' | 'а' => 'A',
        'В' | 'в' => 'B',
        'Е' | 'е' => 'E',
        'К' | 'к' => 'K',
        'М' | 'м' => 'M',
        'Н' | 'н' => 'H',
        'Р' | 'р' => 'P',
        'С' | 'с' => 'C',
        'Т' | 'т' => 'T',
        'У' | 'у' => 'Y',
        'Х' | 'х' => 'X',
        other => other.to_ascii_uppercase(),
    };
    let at = ALPHABET.iter().position(|symbol| char::from(*symbol) == latin)?;
    u8::try_from(at).ok()
}

fn pack(symbols: [u8; 8]) -> [u8; 5] {
    let bits = symbols.into_iter().fold(0u64, |bits, symbol| (bits << 5) | u64::from(symbol));
    let [_, _, _, a, b, c, d, e] = bits.to_be_bytes();
    [a, b, c, d, e]
}

/// Divides the eight data symbols by `(x − 1)(x − α) = x² + (α + 1)x + α` over GF(32): the remainder
/// is the check. A code word has the roots 1 and α, hence distance 3 up to length 31.
fn checks(symbols: &[u8; SYMBOLS]) -> (u8, u8) {
    symbols.iter().take(8).fold((0, 0), |(high, low), symbol| {
        let feedback = high ^ symbol;
        let times_alpha = times_alpha(feedback);
        (low ^ feedback ^ times_alpha, times_alpha)
    })
}

/// Multiplies by α, a root of x⁵ + x² + 1, in GF(32).
fn times_alpha(symbol: u8) -> u8 {
    let doubled = symbol << 1;
    if doubled & 32 == 0 { doubled } else { doubled ^ 0b10_0101 }
}

const SYMBOLS: usize = 10;
/// Crockford's base32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

#[cfg(test)]
mod tests;
