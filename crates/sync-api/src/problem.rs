//! Problem documents ([RFC 9457]).
//!
//! [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457

use serde::{Deserialize, Serialize};

/// What went wrong, for programs. The names are stable.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum ProblemKind {
    /// The request is not of the expected form.
    #[serde(rename = "urn:qatysu:problem:malformed")]
    Malformed,
    /// The body is larger than the server takes.
    #[serde(rename = "urn:qatysu:problem:too-large")]
    TooLarge,
    /// The ticket is unknown, used or over.
    #[serde(rename = "urn:qatysu:problem:ticket-refused")]
    TicketRefused,
    /// The device is unknown, or its signature or token does not hold.
    #[serde(rename = "urn:qatysu:problem:not-recognised")]
    NotRecognised,
    /// The device's role does not allow it.
    #[serde(rename = "urn:qatysu:problem:not-allowed")]
    NotAllowed,
    /// There is no such thing here.
    #[serde(rename = "urn:qatysu:problem:not-found")]
    NotFound,
    /// There is no room left, or this device's part of it is used.
    #[serde(rename = "urn:qatysu:problem:full")]
    Full,
    /// The batch is packed against a roster that the server cannot make any more.
    #[serde(rename = "urn:qatysu:problem:other-roster")]
    OtherRoster,
    /// The caller asks too often: it waits as `Retry-After` says.
    #[serde(rename = "urn:qatysu:problem:too-often")]
    TooOften,
    /// The server has too much to do: the caller waits as `Retry-After` says.
    #[serde(rename = "urn:qatysu:problem:busy")]
    Busy,
    /// The server could not do it; trying again later is right.
    #[serde(rename = "urn:qatysu:problem:broken")]
    Broken,
}

impl ProblemKind {
    /// The HTTP status of the problem.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::NotRecognised => 401,
            Self::TicketRefused | Self::NotAllowed => 403,
            Self::NotFound => 404,
            Self::OtherRoster => 409,
            Self::TooLarge => 413,
            Self::TooOften => 429,
            Self::Busy | Self::Broken => 503,
            Self::Full => 507,
        }
    }

    /// The short title of the problem.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Malformed => "The request is not understood",
            Self::TooLarge => "The request is too large",
            Self::TicketRefused => "The enrolment ticket is not accepted",
            Self::NotRecognised => "The device is not recognised",
            Self::NotAllowed => "This device may not do that",
            Self::NotFound => "There is no such thing",
            Self::Full => "There is no room left",
            Self::OtherRoster => "The batch is packed against another roster",
            Self::TooOften => "Too many requests",
            Self::Busy => "The server has too much to do",
            Self::Broken => "The server could not do it",
        }
    }
}

/// A problem document, `application/problem+json`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Problem {
    /// What went wrong, for programs.
    #[serde(rename = "type")]
    pub kind: ProblemKind,
    /// The short title.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What to do, for people. No personal data.
    pub detail: String,
}

impl Problem {
    /// Makes the document.
    #[must_use]
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self { kind, title: kind.title().into(), status: kind.status(), detail: detail.into() }
    }
}
