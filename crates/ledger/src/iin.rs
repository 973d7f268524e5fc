//! Individual identification numbers: only whether one is well formed. None is kept (rules 0).

use chrono::NaiveDate;

/// A well-formed individual identification number. It shows itself to nobody: not in logs, not in errors.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Iin([u8; 12]);

/// Why a text is no individual identification number.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IinError {
    /// It is not twelve digits.
    #[error("a number has twelve digits")]
    NotDigits,
    /// Its first digits and the seventh are no day of birth.
    #[error("its first digits are no day of birth")]
    NoBirthday,
    /// The last digit is not the one that the others give.
    #[error("its check digit is another")]
    CheckDigit,
    /// The other digits give ten twice: such a number is never issued.
    #[error("such a number is never issued")]
    NeverIssued,
}

impl Iin {
    /// Parses twelve digits: day of birth, century and sex, serial number, check digit.
    ///
    /// ```
    /// use ledger::{Iin, IinError};
    /// assert!(Iin::parse("990101500016").is_ok());
    /// assert_eq!(Iin::parse("990101500017"), Err(IinError::CheckDigit));
    /// ```
    ///
    /// # Errors
    /// [`IinError`] says which rule the text breaks; it does not repeat the text.
    pub fn parse(text: &str) -> Result<Self, IinError> {
        let mut digits = [0u8; 12];
        let bytes = text.as_bytes();
        if bytes.len() != digits.len() {
            return Err(IinError::NotDigits);
        }
        for (digit, byte) in digits.iter_mut().zip(bytes) {
            let value = char::from(*byte).to_digit(10).and_then(|value| u8::try_from(value).ok());
            *digit = value.ok_or(IinError::NotDigits)?;
        }
        if !has_birthday(&digits) {
            return Err(IinError::NoBirthday);
        }
        match check_digit(&digits) {
            None => Err(IinError::NeverIssued),
            Some(check) if check == digits[11] => Ok(Self(digits)),
            Some(_) => Err(IinError::CheckDigit),
        }
    }
}

impl core::fmt::Debug for Iin {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Iin(***)")
    }
}

fn has_birthday(digits: &[u8; 12]) -> bool {
    let pair = |first: usize| {
        u32::from(digits[first])
            .saturating_mul(10)
            .saturating_add(u32::from(digits[first.saturating_add(1)]))
    };
    let century = match digits[6] {
        1 | 2 => 1800,
        3 | 4 => 1900,
        5 | 6 => 2000,
        _ => return false,
    };
    let year = i32::try_from(pair(0)).unwrap_or_default().saturating_add(century);
    NaiveDate::from_ymd_opt(year, pair(2), pair(4)).is_some()
}

/// Σ digit × weight modulo 11, with weights 1 to 11; if that is 10, again with 3 to 11, 1, 2. None is
/// never issued.
pub(crate) fn check_digit(digits: &[u8; 12]) -> Option<u8> {
    let pass = |weights: [u32; 11]| {
        let products = digits.iter().zip(weights);
        let products = products.map(|(digit, weight)| u32::from(*digit).saturating_mul(weight));
        products.sum::<u32>() % 11
    };
    let first = pass([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    let check = if first == 10 { pass([3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) } else { first };
    u8::try_from(check).ok().filter(|check| *check < 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of children who will be born in 2099: nobody has one.
    #[test]
    fn check_digits_are_those_of_the_rules() {
        for (body, check) in [("99010150001", 6), ("99020150003", 2), ("99010150070", 8)] {
            for digit in 0..10 {
                let parsed = Iin::parse(&format!("{body}{digit}"));
                assert_eq!(parsed.is_ok(), digit == check, "{body}{digit}");
                assert!(digit == check || parsed == Err(IinError::CheckDigit));
            }
        }
        for digit in 0..10 {
            let parsed = Iin::parse(&format!("99010150071{digit}"));
            assert_eq!(parsed, Err(IinError::NeverIssued));
        }
    }

    #[test]
    fn what_is_no_number_says_why_and_never_which() {
        for (text, why) in [
            ("", IinError::NotDigits),
            ("99010150001", IinError::NotDigits),
            ("99010150001б", IinError::NotDigits),
            ("9901015000160", IinError::NotDigits),
            ("991301500016", IinError::NoBirthday),
            ("990101700016", IinError::NoBirthday),
            ("990230500016", IinError::NoBirthday),
        ] {
            assert_eq!(Iin::parse(text), Err(why), "{text}");
        }
        assert_eq!(format!("{:?}", Iin::parse("990101500016")), "Ok(Iin(***))");
    }
}
