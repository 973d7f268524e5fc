//! The kiosk challenge (tier T2): the tablet shows a signed nonce, so that an answer can only have
//! been made for this tablet and this lesson, after the tablet asked.
//!
//! | wire, a CBOR array of 5 | bytes |
//! |---|---:|
//! | device | 9 |
//! | lesson | 9 |
//! | step | 5 |
//! | nonce | 9 |
//! | signature | 66 |
//!
//! The signature is that of a `COSE_Sign1` over `[device, lesson, step, nonce]`, rebuilt by whoever
//! has the device's certificate. A challenge is named by the SHA-256 of its wire bytes.

use minicbor::{Decode, Encode};
use seal::{Domain, Hash, SignError, Signer};

use crate::certificate::VerifiedCertificate;
use crate::compact;
use crate::id::{DeviceId, LessonId};
use crate::payload::{CHALLENGE_PREFIX, Unread, read, write};
use crate::step::{Step, StepRejection, StepWindow};

/// Says what the tablet asks.
///
/// These bytes are signed. Changing the encoding parts tablets from phones.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(array)]
pub struct Challenge {
    /// The tablet.
    #[n(0)]
    pub device: DeviceId,
    /// The lesson at whose door it stands.
    #[n(1)]
    pub lesson: LessonId,
    /// When it is shown.
    #[n(2)]
    pub step: Step,
    /// By chance, anew for each challenge: no answer can be made before it is shown.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub nonce: [u8; 8],
}

#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(array)]
struct Wire {
    #[n(0)]
    device: DeviceId,
    #[n(1)]
    lesson: LessonId,
    #[n(2)]
    step: Step,
    #[cbor(n(3), with = "minicbor::bytes")]
    nonce: [u8; 8],
    #[cbor(n(4), with = "minicbor::bytes")]
    signature: [u8; 64],
}

impl Challenge {
    /// Signs the challenge with the tablet's key.
    ///
    /// # Errors
    /// [`SignError`] if the key is not that of the device, does not sign, or signs wrongly.
    pub fn sign(self, tablet: &dyn Signer) -> Result<VerifiedChallenge, SignError> {
        if DeviceId::derive_from(&tablet.public_key()) != self.device {
            return Err(SignError("the challenge names another device".to_owned()));
        }
        let signature = compact::sign(tablet, CHALLENGE_DOMAIN, &seal::to_canonical(&self))?;
        let Self { device, lesson, step, nonce } = self;
        let wire = Wire { device, lesson, step, nonce, signature };
        Ok(VerifiedChallenge(UnverifiedChallenge { wire }))
    }
}

/// Why a challenge on a tablet's screen was not accepted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChallengeRejection {
    /// Damaged, truncated or edited in its form, or a text of another kind.
    #[error("the tablet's code was read incompletely or is damaged ({0}): scan it again")]
    Malformed(String),
    /// The certificate is of another device.
    #[error("the code is of tablet {named}, not of {expected}: scan the screen at your own door")]
    WrongDevice {
        /// The device that the challenge names.
        named: DeviceId,
        /// The device of the certificate.
        expected: DeviceId,
    },
    /// The device did not sign this.
    #[error("tablet {device} did not sign this: do not answer, show the paper card instead")]
    BadSignature {
        /// The device that the challenge names.
        device: DeviceId,
    },
    /// Not of the time at which it was shown.
    #[error(transparent)]
    Step(#[from] StepRejection),
}

impl ChallengeRejection {
    /// Names the refusal for machines; the name never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::WrongDevice { .. } => "wrong_device",
            Self::BadSignature { .. } => "bad_signature",
            Self::Step(step) => step.code(),
        }
    }
}

/// Holds a challenge of proper form. Who signed it is not decided yet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UnverifiedChallenge {
    wire: Wire,
}

impl UnverifiedChallenge {
    /// Parses the text of a challenge, `OB8:…`.
    ///
    /// # Errors
    /// [`ChallengeRejection::Malformed`] for anything but the one text of a challenge.
    pub fn parse(text: &str) -> Result<Self, ChallengeRejection> {
        match read(CHALLENGE_PREFIX, text) {
            Ok((_, bytes)) => Self::parse_bytes(&bytes),
            Err(Unread::OtherPrefix) => Err(malformed("a text of another kind")),
            Err(Unread::Malformed(what)) => Err(malformed(what)),
        }
    }

    /// Parses the bytes of a challenge.
    ///
    /// # Errors
    /// [`ChallengeRejection::Malformed`] for anything but the one encoding of a challenge.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, ChallengeRejection> {
        Ok(Self { wire: seal::from_canonical(bytes).map_err(malformed)? })
    }

    /// Gives the bytes that the text carries.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        seal::to_canonical(&self.wire)
    }

    /// Says what is asked. **Anybody** could have written it.
    #[must_use]
    pub fn claims(&self) -> Challenge {
        let Wire { device, lesson, step, nonce, .. } = self.wire;
        Challenge { device, lesson, step, nonce }
    }

    /// Names the challenge. An answer to it is good for the tablet that showed it and for nobody
    /// else, so a phone without that tablet's certificate may answer unverified.
    #[must_use]
    pub fn hash(&self) -> Hash {
        seal::sha256(&self.to_bytes())
    }

    /// Decides whether the certified device made this challenge, and made it now (`seen_at_ms`:
    /// milliseconds since 1970-01-01T00:00Z, by the verifier's clock).
    ///
    /// # Errors
    /// [`ChallengeRejection::WrongDevice`], [`ChallengeRejection::BadSignature`],
    /// [`ChallengeRejection::Step`], in this order.
    pub fn verify(
        self,
        certificate: &VerifiedCertificate,
        seen_at_ms: i64,
        window: StepWindow,
    ) -> Result<VerifiedChallenge, ChallengeRejection> {
        let claims = self.claims();
        let (named, expected) = (claims.device, certificate.certificate().device);
        if named != expected {
            return Err(ChallengeRejection::WrongDevice { named, expected });
        }
        let payload = seal::to_canonical(&claims);
        let key = certificate.public_key();
        compact::verify(&key, CHALLENGE_DOMAIN, &payload, &self.wire.signature)
            .map_err(|_| ChallengeRejection::BadSignature { device: named })?;
        window.admit(claims.step, seen_at_ms)?;
        Ok(VerifiedChallenge(self))
    }
}

/// Holds a challenge that its device signed: one's own, or one that was verified.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct VerifiedChallenge(UnverifiedChallenge);

impl VerifiedChallenge {
    /// Says what is asked.
    #[must_use]
    pub fn claims(&self) -> Challenge {
        self.0.claims()
    }

    /// Names the challenge: SHA-256 of its bytes.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.0.hash()
    }

    /// Gives the bytes, to be kept beside the answer.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes()
    }

    /// Gives the text for the screen.
    #[must_use]
    pub fn text(&self) -> String {
        write(CHALLENGE_PREFIX, &self.to_bytes())
    }
}

fn malformed(why: impl core::fmt::Display) -> ChallengeRejection {
    ChallengeRejection::Malformed(why.to_string())
}

/// Signatures of a device over challenges.
const CHALLENGE_DOMAIN: Domain = Domain("qatysu/challenge/1");
