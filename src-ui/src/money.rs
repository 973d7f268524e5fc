//! Whole tiyn ↔ tenge as people write them. Integers only.

/// A sum, in tiyn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Tiyn(pub(crate) i64);

impl Tiyn {
    /// Writes tenge with narrow no-break spaces and two decimals, `12 345,60 ₸`.
    pub(crate) fn write(self, decimal: char) -> String {
        let sign = if self.0 < 0 { "\u{2212}" } else { "" };
        let sum = self.0.unsigned_abs();
        let whole = (sum / 100).to_string();
        let mut grouped = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                grouped.push(THIN_SPACE);
            }
            grouped.push(digit);
        }
        format!("{sign}{grouped}{decimal}{:02}{THIN_SPACE}₸", sum % 100)
    }

    /// Reads tenge as typed: spaces between digits, a comma or a point, at most two decimals.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bare: String = text.chars().filter(|c| !c.is_whitespace() && *c != '₸').collect();
        let (whole, decimals) = bare.split_once([',', '.']).unwrap_or((&bare, ""));
        let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || decimals.len() > 2 || !digits_only(whole) || !digits_only(decimals) {
            return None;
        }
        let tiyn: i64 = format!("{decimals:0<2}").parse().ok()?;
        whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(tiyn).map(Self)
    }
}

const THIN_SPACE: char = '\u{202f}';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_groups_and_decimals() {
        assert_eq!(Tiyn(0).write(','), "0,00\u{202f}₸");
        assert_eq!(Tiyn(123_456_789).write(','), "1\u{202f}234\u{202f}567,89\u{202f}₸");
        assert_eq!(Tiyn(10_005).write('.'), "100.05\u{202f}₸");
        assert_eq!(Tiyn(-5).write(','), "\u{2212}0,05\u{202f}₸");
        assert!(Tiyn(i64::MIN).write(',').starts_with('\u{2212}'));
    }

    #[test]
    fn reads_what_it_writes() {
        for tiyn in [0, 1, 99, 100, 123_456_789, i64::MAX] {
            assert_eq!(Tiyn::parse(&Tiyn(tiyn).write(',')), Some(Tiyn(tiyn)));
        }
    }

    #[test]
    fn reads_sums_as_people_type_them() {
        assert_eq!(Tiyn::parse(" 12 345,6 "), Some(Tiyn(1_234_560)));
        assert_eq!(Tiyn::parse("12345"), Some(Tiyn(1_234_500)));
        assert_eq!(Tiyn::parse("7.05"), Some(Tiyn(705)));
        assert_eq!(Tiyn::parse("7,"), Some(Tiyn(700)));
    }

    #[test]
    fn refuses_what_is_not_a_sum() {
        for text in ["", ",50", "1,234", "1.2.3", "-5", "+5", "5e3", "12a", "99999999999999999999"]
        {
            assert_eq!(Tiyn::parse(text), None, "{text}");
        }
    }
}
