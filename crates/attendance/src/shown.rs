//! What a scanner's text turns out to be: the one way in for whoever may be shown anything of ours.

use crate::answer::UnverifiedAnswer;
use crate::card::{CardRejection, UnverifiedCard};
use crate::challenge::{ChallengeRejection, UnverifiedChallenge};
use crate::holder::ProofRejection;
use crate::payload::{ANSWER_PREFIX, CHALLENGE_PREFIX, QrText, ROTATING_PREFIX};
use crate::rotating::UnverifiedRotating;

/// Holds what a text carries. Who signed it is not decided yet.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Shown {
    /// A card, on paper or on a screen.
    Card(Box<UnverifiedCard>),
    /// A rotating code of a family's phone.
    Rotating(Box<UnverifiedRotating>),
    /// A tablet's challenge.
    Challenge(Box<UnverifiedChallenge>),
    /// A phone's answer to a challenge.
    Answer(Box<UnverifiedAnswer>),
}

/// Why a text is none of what may be shown.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ShownRejection {
    /// Foreign, of another version, or a damaged card.
    #[error(transparent)]
    Card(#[from] CardRejection),
    /// A damaged rotating code or answer.
    #[error(transparent)]
    Proof(#[from] ProofRejection),
    /// A damaged challenge.
    #[error(transparent)]
    Challenge(#[from] ChallengeRejection),
}

impl ShownRejection {
    /// Names the refusal for machines; the name never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Card(card) => card.code(),
            Self::Proof(proof) => proof.code(),
            Self::Challenge(challenge) => challenge.code(),
        }
    }
}

impl Shown {
    /// Parses what a scanner read, whatever kind it is.
    ///
    /// # Errors
    /// [`ShownRejection`]: [`CardRejection::Foreign`] without a prefix of ours,
    /// [`CardRejection::UnknownVersion`] with one that is not known here, else what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, ShownRejection> {
        let begins = text.trim_start();
        Ok(if begins.starts_with(ROTATING_PREFIX) {
            Self::Rotating(Box::new(UnverifiedRotating::parse(text)?))
        } else if begins.starts_with(CHALLENGE_PREFIX) {
            Self::Challenge(Box::new(UnverifiedChallenge::parse(text)?))
        } else if begins.starts_with(ANSWER_PREFIX) {
            Self::Answer(Box::new(UnverifiedAnswer::parse(text)?))
        } else {
            Self::Card(Box::new(UnverifiedCard::parse(&QrText::parse(text)?)?))
        })
    }
}
