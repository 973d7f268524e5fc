//! What counts as one address.

use std::net::IpAddr;

/// What counts as one address: an IPv4 address, or the first 64 bits of an IPv6 one, which is the
/// least that one subscriber is given (RFC 6177).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Neighbourhood(u64);

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
