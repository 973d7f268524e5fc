//! The word of whoever carries a parcel for another device: "I keep it, and pass it on".

use minicbor::{Decode, Encode};
use seal::{Domain, Hash, Sign1, SignError, Signer};

use crate::certificate::{Role, VerifiedCertificate};
use crate::id::DeviceId;
use crate::version::leading_version;

/// The only version of the acknowledgement's encoding so far.
pub const ACKNOWLEDGEMENT_VERSION: u8 = 1;

/// Says that a device keeps a parcel for another one. It proves nothing about the server.
///
/// These bytes are signed. Changing the encoding orphans what devices keep of it.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct Acknowledgement {
    /// [`ACKNOWLEDGEMENT_VERSION`].
    #[n(0)]
    pub version: u8,
    /// The parcel: the SHA-256 of its bytes.
    #[n(1)]
    pub parcel: Hash,
    /// Who keeps it.
    #[n(2)]
    pub carrier: DeviceId,
    /// Since when, by the carrier's clock, milliseconds since 1970-01-01T00:00Z.
    #[n(3)]
    pub at_ms: i64,
}

/// Why an acknowledgement counts as nothing.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AcknowledgementRejection {
    /// Not the one encoding of an acknowledgement.
    #[error("the acknowledgement is damaged ({0}): the records stay here and are sent again")]
    Malformed(String),
    /// Of another version of the format.
    #[error("the acknowledgement is of version {version}, which is unknown here: update")]
    UnknownVersion {
        /// The version it says.
        version: u64,
    },
    /// The device that it names did not sign it.
    #[error("the acknowledgement is not signed by the device that it names")]
    BadSignature,
    /// A family's device carries for nobody.
    #[error("a device of this role does not carry for others")]
    WrongRole,
}

impl Acknowledgement {
    /// Signs the acknowledgement with the carrier's key.
    ///
    /// # Errors
    /// [`SignError`] if the key does not sign.
    pub fn issue(&self, carrier: &dyn Signer) -> Result<Vec<u8>, SignError> {
        let payload = seal::to_canonical(self);
        Ok(Sign1::seal(carrier, ACKNOWLEDGEMENT_DOMAIN, payload)?.to_bytes())
    }

    /// Parses an acknowledgement and decides whether the device of the certificate signed it.
    ///
    /// # Errors
    /// [`AcknowledgementRejection`] says why it counts as nothing.
    pub fn parse_and_verify(
        bytes: &[u8],
        carrier: &VerifiedCertificate,
    ) -> Result<Self, AcknowledgementRejection> {
        match carrier.certificate().role {
            Role::Teacher | Role::Coordinator | Role::ProviderAdmin => {}
            Role::Parent | Role::Delegate | Role::Issuer => {
                return Err(AcknowledgementRejection::WrongRole);
            }
        }
        if bytes.len() > ACKNOWLEDGEMENT_MAX_BYTES {
            return Err(AcknowledgementRejection::Malformed("too long".to_owned()));
        }
        let envelope = Sign1::parse(bytes).map_err(malformed)?;
        let payload = envelope.unverified_payload();
        if let Some(version) = leading_version(payload)
            && version != u64::from(ACKNOWLEDGEMENT_VERSION)
        {
            return Err(AcknowledgementRejection::UnknownVersion { version });
        }
        let said: Self = seal::from_canonical(payload).map_err(malformed)?;
        envelope
            .verify(&carrier.public_key(), ACKNOWLEDGEMENT_DOMAIN)
            .map_err(|_| AcknowledgementRejection::BadSignature)?;
        if said.carrier != carrier.certificate().device {
            return Err(AcknowledgementRejection::BadSignature);
        }
        Ok(said)
    }
}

fn malformed(why: impl core::fmt::Display) -> AcknowledgementRejection {
    AcknowledgementRejection::Malformed(why.to_string())
}

/// Signatures over acknowledgements of parcels.
pub const ACKNOWLEDGEMENT_DOMAIN: Domain = Domain("qatysu/carried/1");
/// A bound for hostile input: an acknowledgement has about 140 bytes.
const ACKNOWLEDGEMENT_MAX_BYTES: usize = 512;

#[cfg(test)]
mod tests {
    use seal::SoftwareKey;

    use super::*;
    use crate::{CERTIFICATE_VERSION, DeviceCertificate, TrustEntry, TrustList, TrustRole};

    fn certified(seed: u8, role: Role) -> (SoftwareKey, VerifiedCertificate) {
        let (ca, key) = (SoftwareKey::from_seed(&[1; 32]), SoftwareKey::from_seed(&[seed; 32]));
        let trust = TrustList {
            version: 1,
            not_after_s: 1_000,
            entries: vec![TrustEntry {
                key: ca.public_key().to_bytes(),
                role: TrustRole::DeviceCa,
                scope: "KZ-75".to_owned(),
                not_before_s: 0,
                not_after_s: 1_000,
            }],
            witness_quorum: None,
        };
        let certificate = DeviceCertificate {
            version: CERTIFICATE_VERSION,
            device: DeviceId::derive_from(&key.public_key()),
            key: key.public_key().to_bytes(),
            role,
            provider: None,
            groups: Vec::new(),
            children: Vec::new(),
            not_before_s: 0,
            not_after_s: 1_000,
            name: "Laptop".to_owned(),
        };
        let bytes = certificate.issue(&ca).unwrap();
        (key, VerifiedCertificate::parse_and_verify(&bytes, &trust, 10).unwrap())
    }

    fn said(carrier: DeviceId) -> Acknowledgement {
        let parcel = seal::sha256(b"parcel");
        Acknowledgement { version: ACKNOWLEDGEMENT_VERSION, parcel, carrier, at_ms: 5 }
    }

    #[test]
    fn holds_for_its_own_certificate_and_for_no_other() {
        let (key, certificate) = certified(2, Role::Coordinator);
        let said = said(certificate.certificate().device);
        let bytes = said.issue(&key).unwrap();
        assert_eq!(Acknowledgement::parse_and_verify(&bytes, &certificate), Ok(said.clone()));
        let (other_key, other) = certified(3, Role::Teacher);
        let refused = Err(AcknowledgementRejection::BadSignature);
        assert_eq!(Acknowledgement::parse_and_verify(&bytes, &other), refused);
        let in_another_name = said.issue(&other_key).unwrap();
        assert_eq!(Acknowledgement::parse_and_verify(&in_another_name, &other), refused);
    }

    #[test]
    fn family_carries_for_nobody() {
        let (key, certificate) = certified(4, Role::Parent);
        let bytes = said(certificate.certificate().device).issue(&key).unwrap();
        let refused = Err(AcknowledgementRejection::WrongRole);
        assert_eq!(Acknowledgement::parse_and_verify(&bytes, &certificate), refused);
    }

    #[test]
    fn no_changed_byte_holds() {
        let (key, certificate) = certified(2, Role::Coordinator);
        let bytes = said(certificate.certificate().device).issue(&key).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(Acknowledgement::parse_and_verify(&changed, &certificate).is_err(), "{at}");
        }
    }
}
