//! What keeps one caller from taking the server from the others: turns, rates, places.
//!
//! The rules are pure and are handed the time ([`turns`], [`bucket`]); the rest puts them into use.

pub(crate) mod bucket;
pub(crate) mod crowd;
pub(crate) mod rates;
pub(crate) mod turns;
pub(crate) mod writer;

use std::net::IpAddr;

/// What counts as one address: an IPv4 address, or the first 64 bits of an IPv6 one, which is the
/// least that one subscriber is given (RFC 6177).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Neighbourhood(u64);

impl From<IpAddr> for Neighbourhood {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(u64::from(address.to_bits())),
            IpAddr::V6(address) => {
                Self(u64::try_from(address.to_bits() >> 64).expect("half of 128 bits"))
            }
        }
    }
}
