//! The device certificate: whose device a key belongs to, and what it is for.

use minicbor::{Decode, Encode};
use seal::{Domain, KeyId, PublicKey, Sign1, SignError, Signer};
use serde::{Deserialize, Serialize};

use crate::id::{ChildId, DeviceId, GroupId, ProviderId};
use crate::trust::{TrustList, TrustRole, Unproven, prove};
use crate::version::leading_version;

/// The only version of the certificate's encoding so far.
pub const CERTIFICATE_VERSION: u8 = 1;

/// Whose device it is. The numbers are signed.
#[derive(
    Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Scans at the door.
    #[n(0)]
    Teacher,
    /// Sees and confirms the visits of own children.
    #[n(1)]
    Parent,
    /// Looks after devices, cards and the month.
    #[n(2)]
    Coordinator,
    /// Answers for a provider: signs its sheets and acts.
    #[n(3)]
    ProviderAdmin,
    /// Brings children whom a parent entrusts to it: shows their codes, and says nothing of them.
    #[n(4)]
    Delegate,
    /// Decides for the issuer, and looks after no devices.
    #[n(5)]
    Issuer,
}

/// Says whose device a key belongs to. The bounds are inclusive.
///
/// These bytes are signed. Changing the encoding orphans every enrolled device.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct DeviceCertificate {
    /// [`CERTIFICATE_VERSION`].
    #[n(0)]
    pub version: u8,
    /// The device: derived from its key.
    #[n(1)]
    pub device: DeviceId,
    /// The device's public key.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub key: [u8; 32],
    /// Whose device it is.
    #[n(3)]
    pub role: Role,
    /// The provider, for a teacher, a provider's administrator, and a coordinator of one.
    #[n(4)]
    pub provider: Option<ProviderId>,
    /// The groups, for a teacher.
    #[n(5)]
    pub groups: Vec<GroupId>,
    /// The own children, for a parent; those entrusted to it, for a delegate.
    #[n(6)]
    pub children: Vec<ChildId>,
    /// The first second at which it holds.
    #[n(7)]
    pub not_before_s: i64,
    /// The last second at which it holds.
    #[n(8)]
    pub not_after_s: i64,
    /// The device's name, as the coordinator gave it.
    #[n(9)]
    pub name: String,
}

impl DeviceCertificate {
    /// Signs the certificate.
    ///
    /// # Errors
    /// [`SignError`] if the key does not sign.
    pub fn issue(&self, ca: &dyn Signer) -> Result<Vec<u8>, SignError> {
        Ok(Sign1::seal(ca, CERTIFICATE_DOMAIN, seal::to_canonical(self))?.to_bytes())
    }

    /// Decides whether the certificate holds at a moment.
    #[must_use]
    pub fn covers(&self, at_s: i64) -> bool {
        (self.not_before_s..=self.not_after_s).contains(&at_s)
    }
}

/// Why a device certificate was not accepted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateRejection {
    /// Not the one encoding of a certificate.
    #[error("the device certificate is damaged ({0}): fetch it again")]
    Malformed(String),
    /// Of another version of the format.
    #[error("the device certificate is of version {version}, which is unknown here: update")]
    UnknownVersion {
        /// The version it says.
        version: u64,
    },
    /// No key that may certify devices has this id.
    #[error("no device authority on the trust list has key {key_id}: fetch the newest list")]
    UnknownKey {
        /// The key that the certificate names.
        key_id: KeyId,
    },
    /// No trusted key with this id made the signature.
    #[error("the signature does not match key {key_id}: enrol the device again")]
    BadSignature {
        /// The key that the certificate names.
        key_id: KeyId,
    },
    /// The device's key is weak, or the device is not named after it.
    #[error("the device's key is weak or is not the one it is named after: enrol it again")]
    WrongKey,
    /// The certificate does not hold yet.
    #[error("the device certificate begins at {not_before_s}, it is {now_s}: check the clock")]
    NotYetValid {
        /// The first second at which it holds.
        not_before_s: i64,
        /// When it was looked at.
        now_s: i64,
    },
    /// The certificate no longer holds.
    #[error("the device certificate ended at {not_after_s}, it is {now_s}: renew it")]
    Expired {
        /// The last second at which it held.
        not_after_s: i64,
        /// When it was looked at.
        now_s: i64,
    },
}

impl CertificateRejection {
    /// Names the refusal for machines; the name never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::UnknownVersion { .. } => "unknown_version",
            Self::UnknownKey { .. } => "unknown_key",
            Self::BadSignature { .. } => "bad_signature",
            Self::WrongKey => "wrong_key",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::Expired { .. } => "expired",
        }
    }
}

/// Holds a certificate that a trusted device authority signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedCertificate {
    certificate: DeviceCertificate,
    key: PublicKey,
    bytes: Vec<u8>,
}

impl VerifiedCertificate {
    /// Parses a certificate and decides whether it holds at `now_s`.
    ///
    /// # Errors
    /// [`CertificateRejection`] says why it does not.
    pub fn parse_and_verify(
        bytes: &[u8],
        trust: &TrustList,
        now_s: i64,
    ) -> Result<Self, CertificateRejection> {
        let (envelope, found) = parse(bytes)?;
        let keys = trust.keys(TrustRole::DeviceCa, envelope.key_id(), now_s);
        signed_by(&envelope, keys)?;
        let DeviceCertificate { not_before_s, not_after_s, .. } = found.certificate;
        if now_s < not_before_s {
            return Err(CertificateRejection::NotYetValid { not_before_s, now_s });
        }
        if now_s > not_after_s {
            return Err(CertificateRejection::Expired { not_after_s, now_s });
        }
        Ok(found)
    }

    /// Parses a certificate and decides whether a device authority of the list ever signed it. When
    /// the certificate and the authority's key held is not looked at: for replaying a log, where
    /// [`DeviceCertificate::covers`] is asked event by event.
    ///
    /// # Errors
    /// [`CertificateRejection`], but never for a time.
    pub fn verify_for_audit(bytes: &[u8], trust: &TrustList) -> Result<Self, CertificateRejection> {
        let (envelope, found) = parse(bytes)?;
        signed_by(&envelope, trust.keys_at_any_time(TrustRole::DeviceCa, envelope.key_id()))?;
        Ok(found)
    }

    /// Says what was signed.
    #[must_use]
    pub fn certificate(&self) -> &DeviceCertificate {
        &self.certificate
    }

    /// Gives the device's key.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.key
    }

    /// Gives the signed bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Parses the form; the caller decides the signature before it lets the result out.
fn parse(bytes: &[u8]) -> Result<(Sign1, VerifiedCertificate), CertificateRejection> {
    if bytes.len() > CERTIFICATE_MAX_BYTES {
        return Err(CertificateRejection::Malformed("too long".to_owned()));
    }
    let envelope = Sign1::parse(bytes).map_err(malformed)?;
    let payload = envelope.unverified_payload();
    if let Some(version) = leading_version(payload)
        && version != u64::from(CERTIFICATE_VERSION)
    {
        return Err(CertificateRejection::UnknownVersion { version });
    }
    let certificate: DeviceCertificate = seal::from_canonical(payload).map_err(malformed)?;
    let key = PublicKey::parse(&certificate.key).map_err(|_| CertificateRejection::WrongKey)?;
    if DeviceId::derive_from(&key) != certificate.device {
        return Err(CertificateRejection::WrongKey);
    }
    Ok((envelope, VerifiedCertificate { certificate, key, bytes: bytes.to_vec() }))
}

fn signed_by(
    envelope: &Sign1,
    keys: impl Iterator<Item = PublicKey>,
) -> Result<(), CertificateRejection> {
    let key_id = envelope.key_id();
    prove(envelope, CERTIFICATE_DOMAIN, keys.map(|key| (key, ()))).map_err(
        |unproven| match unproven {
            Unproven::UnknownKey => CertificateRejection::UnknownKey { key_id },
            Unproven::BadSignature => CertificateRejection::BadSignature { key_id },
        },
    )
}

fn malformed(why: impl core::fmt::Display) -> CertificateRejection {
    CertificateRejection::Malformed(why.to_string())
}

/// Signatures over device certificates.
const CERTIFICATE_DOMAIN: Domain = Domain("qatysu/certificate/1");
/// A bound for hostile input: some thousand groups.
const CERTIFICATE_MAX_BYTES: usize = 16 * 1024;
