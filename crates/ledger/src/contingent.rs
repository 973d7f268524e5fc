//! How many children learn on average: an exact fraction, never rounded before it is shown (rules 0).

use core::fmt;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::money::Tiyn;

/// A number of children or of child-months, as a fraction in lowest terms. Shown with six decimals.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Contingent {
    numerator: u128,
    denominator: u128,
}

impl Contingent {
    /// Nobody.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// Takes `part` of `whole` as the share of a child's month: 8 of 13 lessons are 8/13. Nothing where
    /// nothing is planned; none if the part is more than the whole.
    #[must_use]
    pub fn share(part: u32, whole: u32) -> Option<Self> {
        if whole == 0 || part > whole {
            return (part == 0).then_some(Self::ZERO);
        }
        Self::reduced(u128::from(part), u128::from(whole))
    }

    /// Says for how many children a sum lasts at a norm; none where the norm is not above nothing, or the
    /// sum is below it.
    #[must_use]
    pub fn paid_by(sum: Tiyn, norm: Tiyn) -> Option<Self> {
        Self::reduced(u128::try_from(sum.0).ok()?, u128::try_from(norm.0).ok()?)
    }

    /// Adds, unless the sum does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let common = gcd(self.denominator, other.denominator);
        let (own, others) =
            (other.denominator.checked_div(common)?, self.denominator.checked_div(common)?);
        let sum = self.numerator.checked_mul(own)?;
        let sum = sum.checked_add(other.numerator.checked_mul(others)?)?;
        Self::reduced(sum, self.denominator.checked_mul(own)?)
    }

    /// Averages over months; none for no month.
    #[must_use]
    pub fn over(self, months: u32) -> Option<Self> {
        Self::reduced(self.numerator, self.denominator.checked_mul(u128::from(months))?)
    }

    /// Gives what so many children cost at a norm, rounded to the tiyn: СК × Н.
    #[must_use]
    pub fn cost(self, norm: Tiyn) -> Option<Tiyn> {
        let product = self.numerator.checked_mul(u128::try_from(norm.0).ok()?)?;
        i64::try_from(rounded(product, self.denominator)?).ok().map(Tiyn)
    }

    fn reduced(numerator: u128, denominator: u128) -> Option<Self> {
        let common = gcd(numerator, denominator);
        let (numerator, denominator) =
            (numerator.checked_div(common)?, denominator.checked_div(common)?);
        (denominator > 0).then_some(Self { numerator, denominator })
    }
}

impl Default for Contingent {
    fn default() -> Self {
        Self::ZERO
    }
}

/// With six decimals, rounded.
impl fmt::Display for Contingent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millionths = self.numerator.checked_mul(MILLION);
        match millionths.and_then(|product| rounded(product, self.denominator)) {
            Some(all) => {
                let (whole, rest) = (all.checked_div(MILLION), all.checked_rem(MILLION));
                write!(f, "{}.{:06}", whole.unwrap_or_default(), rest.unwrap_or_default())
            }
            None => write!(f, "{}/{}", self.numerator, self.denominator),
        }
    }
}

/// As the fraction, which is exact, and as people read it.
impl Serialize for Contingent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut both = serializer.serialize_struct("Contingent", 2)?;
        both.serialize_field("fraction", &format!("{}/{}", self.numerator, self.denominator))?;
        both.serialize_field("decimal", &self.to_string())?;
        both.end()
    }
}

/// Rounds a half up.
fn rounded(numerator: u128, denominator: u128) -> Option<u128> {
    let twice = numerator.checked_mul(2)?.checked_add(denominator)?;
    twice.checked_div(denominator.checked_mul(2)?)
}

fn gcd(one: u128, other: u128) -> u128 {
    let (mut one, mut other) = (one, other);
    while other > 0 {
        (one, other) = (other, one.checked_rem(other).unwrap_or_default());
    }
    one
}

const MILLION: u128 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn share(part: u32, whole: u32) -> Contingent {
        Contingent::share(part, whole).unwrap()
    }

    #[test]
    fn adds_fractions_exactly_and_in_any_order() {
        let all = [share(8, 13), share(6, 12), share(1, 3), share(2, 3), share(13, 13)];
        let plus = |sum: Contingent, one: &Contingent| sum.checked_add(*one).unwrap();
        let found = all.iter().fold(Contingent::ZERO, plus);
        assert_eq!(found, all.iter().rev().fold(Contingent::ZERO, plus));
        assert_eq!(serde_json::to_value(found).unwrap()["fraction"], "81/26");
    }

    #[test]
    fn rounds_only_what_is_shown_or_paid() {
        let third = share(1, 3);
        assert_eq!(
            (third.to_string().as_str(), third.cost(Tiyn(100))),
            ("0.333333", Some(Tiyn(33)))
        );
        assert_eq!(
            (share(2, 3).to_string(), share(2, 3).cost(Tiyn(100))),
            ("0.666667".to_owned(), Some(Tiyn(67)))
        );
        assert_eq!(share(1, 2).cost(Tiyn(1)), Some(Tiyn(1)), "a half goes up");
        assert_eq!(Contingent::paid_by(Tiyn(3), Tiyn(2)).unwrap().to_string(), "1.500000");
    }

    #[test]
    fn refuses_what_is_no_share() {
        assert_eq!(Contingent::share(0, 0), Some(Contingent::ZERO));
        assert_eq!((Contingent::share(1, 0), Contingent::share(4, 3)), (None, None));
        assert_eq!(Contingent::paid_by(Tiyn(1), Tiyn(0)), None);
        assert_eq!(Contingent::paid_by(Tiyn(-1), Tiyn(2)), None);
        assert_eq!((share(1, 2).over(0), share(1, 2).cost(Tiyn(-1))), (None, None));
    }
}
