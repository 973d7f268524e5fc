//! Cards of the district's children.

use attendance::{CardClaims, IssuedCard, issue_card};
use seal::Signer;

use crate::district;

/// 2026-12-31T19:00Z: the first second at which the cards no longer hold.
pub const CARDS_END_S: u32 = 1_798_743_600;

/// What the card of a child says.
#[must_use]
pub fn claims(number: u8) -> CardClaims {
    CardClaims {
        expires_at_s: CARDS_END_S,
        card: district::card(number),
        child: district::child(number),
        voucher: district::voucher(number),
        status_index: u32::from(number),
        holder: None,
    }
}

/// Issues the card of a child.
///
/// # Panics
/// If the key does not sign.
#[must_use]
pub fn issue(number: u8, issuer: &dyn Signer) -> IssuedCard {
    issue_card(issuer, &claims(number)).expect("a software key signs")
}
