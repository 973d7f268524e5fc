//! The shapes between a device and a hub, which keeps parcels and passes them on.

use attendance::DeviceId;
use minicbor::{Decode, Encode};
use seal::Hash;
use serde::{Deserialize, Serialize};

use crate::bytes::Base64;

/// Signatures of a hub that says who it is.
pub const HUB_HELLO_DOMAIN: seal::Domain = seal::Domain("qatysu/hub-hello/1");

const PREFIX: &str = "OH1:";
const MAX_CHARS: usize = 400;
const ADDRESSES_MAX: usize = 8;

/// What a hub signs to be recognised.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct HubHelloClaims {
    /// Who.
    #[n(0)]
    pub device: DeviceId,
    /// The server that it passes parcels on to.
    #[n(1)]
    pub server: String,
    /// The name of that server's log.
    #[n(2)]
    pub origin: String,
    /// The newest trust list that it has.
    #[n(3)]
    pub trust_version: u32,
    /// The newest list of revoked devices that it has.
    #[n(4)]
    pub revocations_version: Option<u32>,
    /// Its clock, milliseconds since 1970-01-01T00:00Z.
    #[n(5)]
    pub at_ms: i64,
    /// What the device asked with, so that an old hello cannot be shown again.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub challenge: [u8; 16],
}

/// `GET /hub/hello/{challenge}`, the challenge in 32 hexadecimal digits.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct HubHelloResponse {
    /// [`HubHelloClaims`] as `COSE_Sign1` under the hub's device key, domain [`HUB_HELLO_DOMAIN`].
    pub hello: Base64,
    /// The hub's device certificate.
    pub certificate: Base64,
}

/// `PUT /hub/parcel/{sha256}`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct HubCarriedResponse {
    /// An [`attendance::Acknowledgement`] by the hub.
    pub acknowledgement: Base64,
}

/// How a parcel stands that has no answer yet.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HubParcelState {
    /// It waits at the hub for a way to the server.
    Waiting,
    /// The server did not take it; it is tried again later.
    Refused,
}

/// `GET /hub/answer/{parcel}` with status 202. With status 200 the body is the server's answer.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct HubParcelResponse {
    /// How it stands.
    pub state: HubParcelState,
    /// Since when the hub has it.
    pub since_ms: i64,
    /// Why the server did not take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// The query of `GET /hub/news`: what the asking device has heard. What is left out is 0: nothing.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct HubNewsQuery {
    /// The version of its trust list.
    pub trust: u32,
    /// The version of its list of revoked devices.
    pub revocations: u32,
    /// The version of its list of revoked cards.
    pub status: u32,
    /// The number of leaves under its newest checkpoint.
    pub size: u64,
}

/// `GET /hub/news`: the lists that anybody may have, as the hub last heard them, where they are newer than
/// the device has. Each is signed, and the device verifies it as if it came from the server.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct HubNewsResponse {
    /// The signed trust list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_list: Option<Base64>,
    /// The signed list of revoked devices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocations: Option<Base64>,
    /// The signed list of revoked cards, whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_list: Option<Base64>,
    /// Signed changes to the list of revoked cards, to be applied in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status_deltas: Vec<Base64>,
    /// The newest checkpoint of the log, a signed note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
}

impl HubNewsQuery {
    /// Writes the path and the query.
    #[must_use]
    pub fn path(self) -> String {
        let Self { trust, revocations, status, size } = self;
        format!("hub/news?trust={trust}&revocations={revocations}&status={status}&size={size}")
    }
}

/// Why a text was not accepted as a hub's address.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HubAddressError {
    /// Some other text.
    #[error("not the address of a hub: it begins with {PREFIX}")]
    Foreign,
    /// An address, but damaged.
    #[error("the hub's code is damaged: scan it again from the coordinator's screen")]
    Malformed,
}

/// Tells a device where a hub is and who it must be. It is a hint: what the hub signs decides.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct HubAddress {
    /// Where it answers, `http://192.168.1.5:7402`; at most eight.
    #[n(0)]
    pub addresses: Vec<String>,
    /// Who it is.
    #[n(1)]
    pub device: DeviceId,
    /// The SHA-256 of its public key.
    #[n(2)]
    pub fingerprint: Hash,
}

impl HubAddress {
    /// Writes the address as text for a QR: `OH1:` and Base45.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{PREFIX}{}", base45::encode(seal::to_canonical(self)))
    }

    /// Parses the text of an address.
    ///
    /// # Errors
    /// [`HubAddressError`] for another text or a damaged address.
    pub fn parse(text: &str) -> Result<Self, HubAddressError> {
        let body = text.trim().strip_prefix(PREFIX).ok_or(HubAddressError::Foreign)?;
        if body.len() > MAX_CHARS {
            return Err(HubAddressError::Malformed);
        }
        let bytes = base45::decode(body).map_err(|_| HubAddressError::Malformed)?;
        // The decoder alone takes a final pair above 255 and drops its high bits (RFC 9285 §4).
        if base45::encode(&bytes) != body {
            return Err(HubAddressError::Malformed);
        }
        let address: Self = seal::from_canonical(&bytes).map_err(|_| HubAddressError::Malformed)?;
        let known = |address: &String| address.starts_with("http://");
        let fits = (1..=ADDRESSES_MAX).contains(&address.addresses.len());
        if fits && address.addresses.iter().all(known) {
            Ok(address)
        } else {
            Err(HubAddressError::Malformed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> HubAddress {
        HubAddress {
            addresses: vec!["http://192.168.1.5:7402".into(), "http://10.0.0.7:7402".into()],
            device: DeviceId([7; 8]),
            fingerprint: seal::sha256(b"key"),
        }
    }

    #[test]
    fn survives_its_text() {
        let text = address().to_text();
        assert_eq!(HubAddress::parse(&text), Ok(address()));
        assert!(text.len() <= 180, "{} characters fit a small symbol", text.len());
    }

    #[test]
    fn refuses_other_texts_and_other_addresses() {
        assert_eq!(HubAddress::parse("OE1:AAA"), Err(HubAddressError::Foreign));
        assert_eq!(HubAddress::parse("OH1:AAA"), Err(HubAddressError::Malformed));
        let none = HubAddress { addresses: Vec::new(), ..address() };
        assert_eq!(HubAddress::parse(&none.to_text()), Err(HubAddressError::Malformed));
        let file = HubAddress { addresses: vec!["file:///etc".into()], ..address() };
        assert_eq!(HubAddress::parse(&file.to_text()), Err(HubAddressError::Malformed));
    }
}
