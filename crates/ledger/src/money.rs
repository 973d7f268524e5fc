//! Whole tiyn. There is no other representation of money.

use core::fmt;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A sum of money in tiyn; 100 tiyn are a tenge. Shown in tenge with two decimals.
#[derive(
    Clone,
    Copy,
    Debug,
    Decode,
    Default,
    Deserialize,
    Encode,
    Eq,
    Hash,
    Ord,
    PartialEq,
    PartialOrd,
    Serialize,
)]
#[cbor(transparent)]
#[serde(transparent)]
pub struct Tiyn(pub i64);

impl Tiyn {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Adds, unless the sum does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Subtracts, unless the difference does not fit.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Adds up all, unless the sum does not fit.
    #[must_use]
    pub fn checked_sum(mut all: impl Iterator<Item = Self>) -> Option<Self> {
        all.try_fold(Self::ZERO, Self::checked_add)
    }

    /// Takes `⌊self · numerator / denominator⌋`, multiplying first, in 128 bits.
    #[must_use]
    pub fn checked_share(self, numerator: u32, denominator: u32) -> Option<Self> {
        let product = i128::from(self.0).checked_mul(i128::from(numerator))?;
        let share = product.checked_div_euclid(i128::from(denominator))?;
        i64::try_from(share).ok().map(Self)
    }
}

impl Tiyn {
    /// Reads a sum in tenge as people write it: `18461.53`, `18461,5`, `18 461`. At most two decimals, and
    /// no sign.
    ///
    /// ```
    /// use ledger::Tiyn;
    /// assert_eq!(Tiyn::parse_tenge("18 461,53"), Some(Tiyn(1_846_153)));
    /// assert_eq!(Tiyn::parse_tenge("18461.534"), None);
    /// ```
    #[must_use]
    pub fn parse_tenge(text: &str) -> Option<Self> {
        let plain: String =
            text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}')).collect();
        let (tenge, tiyn) = plain.split_once(['.', ',']).unwrap_or((&plain, "0"));
        let digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let scale = match tiyn.len() {
            1 => 10,
            2 => 1,
            _ => return None,
        };
        if !digits(tenge) || !digits(tiyn) {
            return None;
        }
        let tiyn = tiyn.parse::<i64>().ok()?.checked_mul(scale)?;
        tenge.parse::<i64>().ok()?.checked_mul(100)?.checked_add(tiyn).map(Self)
    }
}

impl fmt::Display for Tiyn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (tenge, tiyn) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        write!(f, "{sign}{tenge}.{tiyn:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_tenge_with_two_decimals() {
        assert_eq!(Tiyn(1_846_153).to_string(), "18461.53");
        assert_eq!(Tiyn(5).to_string(), "0.05");
        assert_eq!(Tiyn(-5).to_string(), "-0.05");
        assert_eq!(Tiyn(i64::MIN).to_string(), "-92233720368547758.08");
    }

    #[test]
    fn reads_tenge_as_people_write_them() {
        for (text, tiyn) in [("18461.53", 1_846_153), ("0,05", 5), ("7", 700), ("7.5", 750)] {
            assert_eq!(Tiyn::parse_tenge(text), Some(Tiyn(tiyn)), "{text}");
        }
        for text in
            ["", ".", "1.", ".5", "-1", "+1", "1.234", "1,000.00", "1e3", "92233720368547758.08"]
        {
            assert_eq!(Tiyn::parse_tenge(text), None, "{text}");
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        assert_eq!(Tiyn(i64::MAX).checked_add(Tiyn(1)), None);
        assert_eq!(Tiyn(i64::MAX).checked_share(2, 1), None);
        assert_eq!(Tiyn(7).checked_share(1, 0), None);
        assert_eq!(Tiyn(i64::MAX).checked_share(3, 3), Some(Tiyn(i64::MAX)));
    }
}
