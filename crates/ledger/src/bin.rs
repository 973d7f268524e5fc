//! Business identification numbers: whether one is well formed (rules 0: the check digit is an IIN's).

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::iin::check_digit;

/// A well-formed business identification number: twelve digits, the last of which follows from the others.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Bin([u8; 12]);

/// Why a text is no business identification number.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BinError {
    /// It is not twelve digits.
    #[error("a BIN has twelve digits")]
    NotDigits,
    /// The last digit is not the one that the others give.
    #[error("the check digit of the BIN is another")]
    CheckDigit,
}

impl FromStr for Bin {
    type Err = BinError;

    fn from_str(text: &str) -> Result<Self, BinError> {
        let mut digits = [0u8; 12];
        if text.len() != digits.len() {
            return Err(BinError::NotDigits);
        }
        for (digit, byte) in digits.iter_mut().zip(text.bytes()) {
            *digit = byte.checked_sub(b'0').filter(|it| *it < 10).ok_or(BinError::NotDigits)?;
        }
        if check_digit(&digits) == Some(digits[11]) {
            Ok(Self(digits))
        } else {
            Err(BinError::CheckDigit)
        }
    }
}

impl fmt::Display for Bin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| write!(f, "{digit}"))
    }
}

impl fmt::Debug for Bin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Bin {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Bin {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digit_follows_from_the_others() {
        for digit in 0..10 {
            let found = format!("99099000001{digit}").parse::<Bin>();
            assert_eq!(found.is_ok(), digit == 9, "{digit}: {found:?}");
        }
        let bin: Bin = "000000000101".parse().unwrap();
        assert_eq!(
            (bin.to_string().as_str(), format!("{bin:?}").as_str()),
            ("000000000101", "000000000101")
        );
    }

    #[test]
    fn what_is_no_number_says_why() {
        for text in ["", "00000000010", "0000000001011", "00000000010x", "00000000010٣"] {
            assert_eq!(text.parse::<Bin>(), Err(BinError::NotDigits), "{text}");
        }
        assert_eq!("000000000100".parse::<Bin>(), Err(BinError::CheckDigit));
    }
}
