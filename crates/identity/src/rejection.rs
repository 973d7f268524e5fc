//! Why an identity of another scheme was not read or not believed.

/// Why an identity was not accepted. The sentences hold nothing personal.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityRejection {
    /// Damaged, truncated, or not of these schemes at all.
    #[error("no readable identity ({0}): scan it again, or enter the person by hand")]
    Malformed(String),
    /// It unpacks to more than anybody needs to name a person.
    #[error("the identity unpacks to more than 8 kB: enter the person by hand")]
    TooLarge,
    /// Well formed, but it names nobody.
    #[error(
        "the text holds no identity, neither claim 169 nor a health certificate: \
         enter the person by hand"
    )]
    NoIdentity,
    /// Encrypted, and none of the content keys opens it.
    #[error(
        "the identity is encrypted and no key here opens it: give its content key \
         (a256gcm), or enter the person by hand"
    )]
    Locked,
    /// There is no signature.
    #[error("nobody signed this identity: ask for one that is signed, or enter the person by hand")]
    NotSigned,
    /// Signed with an algorithm that is not read here.
    #[error(
        "the identity is signed with algorithm {0}, and only ES256 and Ed25519 are read: \
         enter the person by hand"
    )]
    UnknownAlgorithm(i64),
    /// It does not say who issued it.
    #[error("the identity names no issuer whose key could be asked: enter the person by hand")]
    NoIssuer,
    /// No key was handed in for the issuer that the identity names.
    #[error("no key of the issuer {issuer} is trusted here: add it to the identity keys")]
    UnknownIssuer {
        /// The issuer that it names.
        issuer: String,
    },
    /// None of the issuer's keys made the signature.
    #[error(
        "the signature is not by {issuer}: the identity was altered or invented, \
         do not take it over"
    )]
    BadSignature {
        /// The issuer that it names.
        issuer: String,
    },
    /// It ended before it was shown.
    #[error(
        "the identity ended at {expired_at_s} and was shown at {shown_at_s} (seconds since 1970): \
         ask for a newer one"
    )]
    Expired {
        /// The first second at which it no longer held.
        expired_at_s: i64,
        /// When it was shown.
        shown_at_s: i64,
    },
    /// It was shown before it began.
    #[error(
        "the identity holds from {holds_from_s} and was shown at {shown_at_s} (seconds since 1970): \
         compare the clock, or come back then"
    )]
    NotYetValid {
        /// The first second at which it holds.
        holds_from_s: i64,
        /// When it was shown.
        shown_at_s: i64,
    },
}

impl IdentityRejection {
    /// Names the refusal for machines; the name never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::TooLarge => "too_large",
            Self::NoIdentity => "no_identity",
            Self::Locked => "locked",
            Self::NotSigned => "not_signed",
            Self::UnknownAlgorithm(_) => "unknown_algorithm",
            Self::NoIssuer => "no_issuer",
            Self::UnknownIssuer { .. } => "unknown_issuer",
            Self::BadSignature { .. } => "bad_signature",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not_yet_valid",
        }
    }
}

pub(crate) fn malformed(why: impl core::fmt::Display) -> IdentityRejection {
    IdentityRejection::Malformed(why.to_string())
}
