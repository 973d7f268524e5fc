//! From a text to an identity that a trusted issuer signed.

use core::fmt;

use seal::Sign1;

use crate::claims::Claims;
use crate::cose::{Envelope, Signed};
use crate::inflate::{INFLATED_MAX_BYTES, inflate};
use crate::keys::{Algorithm, IdentityKeys};
use crate::rejection::{IdentityRejection, malformed};
use crate::text;

/// Holds an identity of proper form. Who signed it is not decided yet.
///
/// The signed bytes, with whatever is in them, are held until [`verify`](Self::verify) has looked at
/// them, and are given to nobody.
#[derive(Clone)]
pub struct UnverifiedIdentity {
    claims: Claims,
    seal: Option<Seal>,
}

/// What the signature is about, and the signature.
#[derive(Clone)]
struct Seal {
    algorithm: i64,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl UnverifiedIdentity {
    /// Parses the text of a QR Code. `keys` are needed here only to open an encrypted identity.
    ///
    /// # Errors
    /// [`IdentityRejection::Malformed`], [`IdentityRejection::TooLarge`],
    /// [`IdentityRejection::NoIdentity`], [`IdentityRejection::Locked`].
    pub fn parse(text: &str, keys: &IdentityKeys) -> Result<Self, IdentityRejection> {
        Self::parse_unpacked(&inflate(&text::read(text)?)?, keys)
    }

    /// Parses what a text unpacks to: the envelope's bytes.
    ///
    /// # Errors
    /// Those of [`UnverifiedIdentity::parse`].
    pub fn parse_unpacked(bytes: &[u8], keys: &IdentityKeys) -> Result<Self, IdentityRejection> {
        if bytes.len() > INFLATED_MAX_BYTES {
            return Err(IdentityRejection::TooLarge);
        }
        match Envelope::parse(bytes)? {
            Envelope::Signed(signed) => Self::of(&signed),
            Envelope::Encrypted(encrypted) => {
                let opened = keys.content().find_map(|key| encrypted.open(key));
                let plain = opened.ok_or(IdentityRejection::Locked)?;
                match Envelope::parse(&plain)? {
                    Envelope::Signed(signed) => Self::of(&signed),
                    Envelope::Bare => Self::unsigned(&plain),
                    Envelope::Encrypted(_) => Err(malformed("encrypted twice")),
                }
            }
            Envelope::Bare => Err(malformed("a token without an envelope")),
        }
    }

    fn of(signed: &Signed<'_>) -> Result<Self, IdentityRejection> {
        let claims = Claims::parse(signed.payload)?;
        let seal = (!signed.signature.is_empty()).then(|| Seal {
            algorithm: signed.algorithm,
            message: Sign1::sig_structure(signed.protected, &[], signed.payload),
            signature: signed.signature.to_vec(),
        });
        Ok(Self { claims, seal })
    }

    fn unsigned(token: &[u8]) -> Result<Self, IdentityRejection> {
        Ok(Self { claims: Claims::parse(token)?, seal: None })
    }

    /// Says what the identity claims. **Anybody** could have written it.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Decides whether a trusted key of the issuer that it names signed it, and whether it holds at
    /// `now_s` (seconds since 1970-01-01T00:00Z).
    ///
    /// # Errors
    /// [`IdentityRejection::NotSigned`], [`IdentityRejection::UnknownAlgorithm`],
    /// [`IdentityRejection::NoIssuer`], [`IdentityRejection::UnknownIssuer`],
    /// [`IdentityRejection::BadSignature`], [`IdentityRejection::NotYetValid`],
    /// [`IdentityRejection::Expired`], in this order.
    pub fn verify(
        self,
        keys: &IdentityKeys,
        now_s: i64,
    ) -> Result<VerifiedIdentity, IdentityRejection> {
        let seal = self.seal.ok_or(IdentityRejection::NotSigned)?;
        let algorithm = Algorithm::of(seal.algorithm)
            .ok_or(IdentityRejection::UnknownAlgorithm(seal.algorithm))?;
        let issuer = self.claims.issuer.clone().ok_or(IdentityRejection::NoIssuer)?;
        let trusted: Vec<_> = keys.of_issuer(&issuer).collect();
        if trusted.is_empty() {
            return Err(IdentityRejection::UnknownIssuer { issuer });
        }
        if !trusted.iter().any(|key| key.verifies(algorithm, &seal.message, &seal.signature)) {
            return Err(IdentityRejection::BadSignature { issuer });
        }
        let Claims { not_before_s, expires_at_s, .. } = self.claims;
        if let Some(holds_from_s) = not_before_s.filter(|from| now_s < *from) {
            return Err(IdentityRejection::NotYetValid { holds_from_s, shown_at_s: now_s });
        }
        if let Some(expired_at_s) = expires_at_s.filter(|end| now_s >= *end) {
            return Err(IdentityRejection::Expired { expired_at_s, shown_at_s: now_s });
        }
        Ok(VerifiedIdentity { claims: self.claims })
    }
}

impl fmt::Debug for UnverifiedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedIdentity").field("claims", &self.claims).finish_non_exhaustive()
    }
}

/// Holds an identity that a trusted issuer signed and that held when it was shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedIdentity {
    claims: Claims,
}

impl VerifiedIdentity {
    /// Says what the issuer signed.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }
}
