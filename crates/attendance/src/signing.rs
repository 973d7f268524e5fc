//! Who signs a sheet or an act, and what such a signature is (rules R4, 25–27; R8).
//!
//! In the pilot a device's Ed25519 key signs, by an event ([`EventKind::SheetSign`],
//! [`EventKind::ActSign`]): then it is in the log, with its certificate beside it. A national scheme
//! (CMS with an X.509 certificate) is another [`SheetSigner`]: its signature is kept as a file, and the
//! event names it ([`ForeignSignature`]).
//!
//! Absent on purpose: any decision about a signature of another scheme. Nothing here verifies one, and
//! none counts in the ledger.

use minicbor::{Decode, Encode};
use seal::{CanonicalError, Hash};

use crate::certificate::{CertificateRejection, VerifiedCertificate};
use crate::chain::{EventRejection, UnverifiedEvent};
use crate::event::{Event, EventKind, PROOF_MAX_BYTES};
use crate::id::ProviderId;
use crate::opaque::Opaque;
use crate::trust::TrustList;

/// The algorithm of a signature that is an event of a device.
pub const DEVICE_ALGORITHM: &str = "Ed25519";

/// The only version of a foreign signature's encoding so far.
pub const FOREIGN_SIGNATURE_VERSION: u8 = 1;

/// What is signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignedPaper {
    /// The sheet of a provider's month.
    Sheet,
    /// The act that was made of it.
    Act,
}

impl SignedPaper {
    /// Gives the kind of event that signs it.
    #[must_use]
    pub fn kind(self) -> EventKind {
        match self {
            Self::Sheet => EventKind::SheetSign,
            Self::Act => EventKind::ActSign,
        }
    }
}

/// A sheet or an act before somebody who may sign it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PaperToSign {
    /// What it is.
    pub paper: SignedPaper,
    /// Of which provider.
    pub provider: ProviderId,
    /// Of which month, as `year * 100 + month`.
    pub month: u32,
    /// Its canonical bytes, with their version in them.
    pub bytes: Vec<u8>,
    /// The act's number; a sheet may have one.
    pub number: Option<String>,
}

/// A signature under a sheet or an act, with what is needed to look at it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SheetSignature {
    /// The algorithm's name: [`DEVICE_ALGORITHM`] for a device's event.
    pub algorithm: String,
    /// The signature, opaque: for a device's event, its signed envelope.
    pub signature: Vec<u8>,
    /// The certificate of the key, opaque: for a device's event, the device's.
    pub certificate: Vec<u8>,
}

/// Signs sheets and acts.
pub trait SheetSigner {
    /// Why it does not sign.
    type Error;

    /// Signs a paper.
    ///
    /// # Errors
    /// Whatever the signer refuses, or cannot do.
    fn sign_paper(&mut self, paper: &PaperToSign) -> Result<SheetSignature, Self::Error>;
}

/// Why a signature does not hold for a paper.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SheetSignatureRejection {
    /// Of a scheme that is not decided about here.
    #[error("signatures of the scheme {0:?} are not decided about here")]
    UnknownAlgorithm(String),
    /// No device authority signed the certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateRejection),
    /// The event is not the device's.
    #[error(transparent)]
    Event(#[from] EventRejection),
    /// It signs something else.
    #[error("it signs {found}, and the paper is {expected}")]
    OtherPaper {
        /// SHA-256 of the paper.
        expected: Hash,
        /// What the event names; nothing but zeros if it names nothing.
        found: Hash,
    },
    /// It is no signature under such a paper of this provider and month.
    #[error("it is no signature under this paper of this provider's month")]
    OtherStatement,
}

impl SheetSignature {
    /// Verifies a device's signature under a paper, and gives the event. Whether the device may sign, and
    /// when, is the ledger's to say.
    ///
    /// # Errors
    /// [`SheetSignatureRejection`] says why it does not hold; a signature of another scheme never does.
    pub fn verify(
        &self,
        paper: &PaperToSign,
        trust: &TrustList,
    ) -> Result<Event, SheetSignatureRejection> {
        if self.algorithm != DEVICE_ALGORITHM {
            return Err(SheetSignatureRejection::UnknownAlgorithm(self.algorithm.clone()));
        }
        let certificate = VerifiedCertificate::verify_for_audit(&self.certificate, trust)?;
        let signed = UnverifiedEvent::parse(&self.signature)?.verify(&certificate.public_key())?;
        let event = signed.event();
        let said = (event.kind, event.provider, event.month);
        if said != (paper.paper.kind(), Some(paper.provider), Some(paper.month)) {
            return Err(SheetSignatureRejection::OtherStatement);
        }
        let (expected, found) = (seal::sha256(&paper.bytes), event.evidence);
        if found != Some(expected) {
            let found = found.unwrap_or(Hash([0; 32]));
            return Err(SheetSignatureRejection::OtherPaper { expected, found });
        }
        Ok(event.clone())
    }
}

/// Names a signature of another scheme over the same bytes, for [`Event::proof`].
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct ForeignSignature {
    /// [`FOREIGN_SIGNATURE_VERSION`].
    #[n(0)]
    pub version: u8,
    /// The scheme's name, as its own standard has it.
    #[n(1)]
    pub algorithm: String,
    /// SHA-256 of the signature's file.
    #[n(2)]
    pub signature: Hash,
    /// SHA-256 of the certificate's file.
    #[n(3)]
    pub certificate: Hash,
}

impl ForeignSignature {
    /// Names a signature.
    #[must_use]
    pub fn of(signature: &SheetSignature) -> Self {
        Self {
            version: FOREIGN_SIGNATURE_VERSION,
            algorithm: signature.algorithm.clone(),
            signature: seal::sha256(&signature.signature),
            certificate: seal::sha256(&signature.certificate),
        }
    }

    /// Puts it into the form that an event carries; nothing if the scheme's name is too long for it.
    #[must_use]
    pub fn to_proof(&self) -> Option<Opaque<PROOF_MAX_BYTES>> {
        Opaque::from_slice(&seal::to_canonical(self))
    }

    /// Reads what an event carries.
    ///
    /// # Errors
    /// [`CanonicalError`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, CanonicalError> {
        seal::from_canonical(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_of_another_scheme_has_its_place_and_counts_for_nothing() {
        let signature = SheetSignature {
            algorithm: "CMS".to_owned(),
            signature: vec![7; 3_000],
            certificate: vec![8; 1_500],
        };
        let named = ForeignSignature::of(&signature);
        let proof = named.to_proof().expect("hashes fit");
        assert_eq!(ForeignSignature::parse(proof.as_bytes()).unwrap(), named);
        let long = ForeignSignature { algorithm: "x".repeat(300), ..named };
        assert_eq!(long.to_proof(), None);
        let paper = PaperToSign {
            paper: SignedPaper::Sheet,
            provider: ProviderId([1; 8]),
            month: 202_609,
            bytes: b"a sheet".to_vec(),
            number: None,
        };
        let trust = TrustList {
            version: 1,
            not_after_s: i64::MAX,
            entries: Vec::new(),
            witness_quorum: None,
        };
        let verdict = signature.verify(&paper, &trust);
        assert!(matches!(verdict, Err(SheetSignatureRejection::UnknownAlgorithm(_))));
        let own = SheetSignature { algorithm: DEVICE_ALGORITHM.to_owned(), ..signature };
        assert!(matches!(own.verify(&paper, &trust), Err(SheetSignatureRejection::Certificate(_))));
    }
}
