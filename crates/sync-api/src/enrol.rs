//! Enrolment: a one-time ticket becomes a device certificate.

use attendance::BootId;
use minicbor::{Decode, Encode};
use seal::Hash;
use serde::{Deserialize, Serialize};

use crate::bytes::Base64;

/// Signatures of a device that asks to be enrolled.
pub const ENROL_DOMAIN: seal::Domain = seal::Domain("qatysu/enrol/1");

const TICKET_PREFIX: &str = "OE1:";
const TICKET_MAX_CHARS: usize = 280;

/// Why a text was not accepted as an enrolment ticket.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TicketError {
    /// Some other text.
    #[error("not an enrolment ticket: it begins with {TICKET_PREFIX}")]
    Foreign,
    /// A ticket, but damaged.
    #[error("the enrolment ticket is damaged: ask the coordinator for a new one")]
    Malformed,
}

/// Tells a new device where its server is, which root it must trust, and proves that a coordinator
/// let it in. Good for one device and a short time.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct Ticket {
    /// The server's address, `https://…` or `http://127.0.0.1:…`.
    #[n(0)]
    pub server: String,
    /// The one-time secret.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub secret: [u8; 16],
    /// Fingerprint of the root keys that the trust list must be signed by.
    #[n(2)]
    pub roots: Hash,
    /// The SHA-256 of the certificate of the server's own TLS authority. None for a server with a
    /// public certificate or without TLS.
    #[n(3)]
    pub pin: Option<Hash>,
}

impl Ticket {
    /// Writes the ticket as text for a QR: `OE1:` and Base45.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{TICKET_PREFIX}{}", base45::encode(seal::to_canonical(self)))
    }

    /// Parses the text of a ticket.
    ///
    /// # Errors
    /// [`TicketError`] for another text or a damaged ticket.
    pub fn parse(text: &str) -> Result<Self, TicketError> {
        let body = text.trim().strip_prefix(TICKET_PREFIX).ok_or(TicketError::Foreign)?;
        if body.len() > TICKET_MAX_CHARS {
            return Err(TicketError::Malformed);
        }
        let bytes = base45::decode(body).map_err(|_| TicketError::Malformed)?;
        // The decoder alone takes a final pair above 255 and drops its high bits (RFC 9285 §4).
        if base45::encode(&bytes) != body {
            return Err(TicketError::Malformed);
        }
        seal::from_canonical(&bytes).map_err(|_| TicketError::Malformed)
    }
}

/// What a device signs to be enrolled.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct EnrolClaims {
    /// The ticket's secret.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub secret: [u8; 16],
    /// The device's public key, whose private half signs this request.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub key: [u8; 32],
    /// Its monotonic clock when it asked, milliseconds since boot; nothing in an earlier release.
    #[n(2)]
    pub mono_ms: Option<u64>,
    /// Which boot that clock counts from.
    #[n(3)]
    pub boot: Option<BootId>,
}

/// `POST /v1/enrol`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct EnrolRequest {
    /// [`EnrolClaims`] as `COSE_Sign1` under the new device key, domain [`ENROL_DOMAIN`].
    pub claims: Base64,
}

/// Everything a device needs to work with no network from now on, but its roster.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct EnrolResponse {
    /// The device's certificate.
    pub certificate: Base64,
    /// The root keys; their fingerprint must be the ticket's.
    pub roots: Base64,
    /// The signed trust list.
    pub trust_list: Base64,
    /// The name of the log.
    pub origin: String,
    /// The key that parcels for this server are sealed to, signed by its log
    /// (domain `qatysu/parcel-key/1`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parcel_key: Option<Base64>,
    /// The UDP port of the datagram door at the server's address, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datagram_port: Option<u16>,
    /// The signed time, if the device told its clock: an [`attendance::TimeAnchor`] at the start of
    /// its chain. What is granted is judged by it, for a new tablet's own clock may say 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Base64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticket_survives_its_text_and_fits_the_qr() {
        let ticket = Ticket {
            server: "https://qatysu.example.kz:8443".into(),
            secret: [7; 16],
            roots: seal::sha256(b"roots"),
            pin: Some(seal::sha256(b"authority")),
        };
        let text = ticket.to_text();
        assert_eq!(Ticket::parse(&text), Ok(ticket.clone()));
        assert!(text.len() <= TICKET_MAX_CHARS, "{} characters", text.len());
        let plain = Ticket { pin: None, ..ticket.clone() };
        assert_eq!(seal::to_canonical(&plain)[0], 0xa3, "a field that is not there takes no bytes");
        assert_eq!(Ticket::parse(&plain.to_text()), Ok(plain));
        assert_eq!(Ticket::parse("OB1:AAA"), Err(TicketError::Foreign));
        assert_eq!(Ticket::parse("OE1:AAA"), Err(TicketError::Malformed));
    }
}
