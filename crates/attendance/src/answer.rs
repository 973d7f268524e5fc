//! The phone's answer to a tablet's challenge (tier T2).
//!
//! | wire, a CBOR array of 3 | bytes |
//! |---|---:|
//! | card id, or the whole signed card | 9, or ≤ 173 |
//! | the first 8 bytes of the challenge's hash | 9 |
//! | signature | 66 |
//!
//! Both forms carry the same signature: that of a `COSE_Sign1` over `[card id, challenge hash]`, with
//! the whole hash. The first bytes only tell which challenge was answered, so that an answer to
//! another screen is named as such and not as a forgery.

use minicbor::{Decode, Encode};
use seal::{Domain, Hash, SignError, Signer};

use crate::card::{UnverifiedCard, VerifiedCard};
use crate::challenge::VerifiedChallenge;
use crate::compact;
use crate::holder::{Carried, Holder, ProofRejection, parse_proof, read_proof};
use crate::id::CardId;
use crate::payload::{ANSWER_PREFIX, write};
use crate::step::StepWindow;
use crate::trust::TrustList;

/// Says what the phone signs.
///
/// These bytes are signed. Changing the encoding silences every family's phone.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(array)]
pub struct AnswerClaims {
    /// The card.
    #[n(0)]
    pub card: CardId,
    /// The challenge: SHA-256 of its bytes.
    #[n(1)]
    pub challenge: Hash,
}

#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(array)]
struct Wire {
    #[n(0)]
    carried: Carried,
    #[cbor(n(1), with = "minicbor::bytes")]
    challenge: [u8; 8],
    #[cbor(n(2), with = "minicbor::bytes")]
    signature: [u8; 64],
}

/// Holds a freshly signed answer in both its forms.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    wire: Wire,
}

impl Answer {
    /// Signs an answer with the phone's key.
    ///
    /// # Errors
    /// [`SignError`] if the key does not sign, or signs wrongly.
    pub fn sign(phone: &dyn Signer, claims: AnswerClaims) -> Result<Self, SignError> {
        let signature = compact::sign(phone, ANSWER_DOMAIN, &seal::to_canonical(&claims))?;
        let carried = Carried::Id(claims.card);
        Ok(Self { wire: Wire { carried, challenge: named(claims.challenge), signature } })
    }

    /// Gives the text for a verifier that knows the card.
    #[must_use]
    pub fn short_text(&self) -> String {
        write(ANSWER_PREFIX, &seal::to_canonical(&self.wire))
    }

    /// Gives the text for any verifier with a trust list: it brings the card along.
    ///
    /// # Errors
    /// [`ProofRejection::WrongHolder`] if this is not the card that the answer names.
    pub fn text_with(&self, card: &UnverifiedCard) -> Result<String, ProofRejection> {
        let (named, expected) = (self.wire.carried.card_id(), card.claims().card);
        if named != expected {
            return Err(ProofRejection::WrongHolder { named, expected });
        }
        let carried = Carried::Card(Box::new(card.clone()));
        let wire = Wire { carried, ..self.wire.clone() };
        Ok(write(ANSWER_PREFIX, &seal::to_canonical(&wire)))
    }
}

/// Holds an answer of proper form. Who signed it is not decided yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnverifiedAnswer {
    wire: Wire,
}

impl UnverifiedAnswer {
    /// Parses the text of an answer, `OB7:…`, in either form.
    ///
    /// # Errors
    /// [`ProofRejection::Malformed`] for anything but the one text of an answer.
    pub fn parse(text: &str) -> Result<Self, ProofRejection> {
        Self::parse_bytes(&read_proof(ANSWER_PREFIX, text)?)
    }

    /// Parses the bytes of an answer.
    ///
    /// # Errors
    /// [`ProofRejection::Malformed`] for anything but the one encoding of an answer.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, ProofRejection> {
        Ok(Self { wire: parse_proof(bytes)? })
    }

    /// Gives the bytes that the text carries.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        seal::to_canonical(&self.wire)
    }

    /// Names the card, to find out who should have signed. **Anybody** could have written it.
    #[must_use]
    pub fn card_id(&self) -> CardId {
        self.wire.carried.card_id()
    }

    /// Gives the card that the self-contained form brings along. Nothing of it is verified.
    #[must_use]
    pub fn card(&self) -> Option<&UnverifiedCard> {
        self.wire.carried.card()
    }

    /// Gives the first 8 bytes of the hash of the challenge that it answers.
    #[must_use]
    pub fn challenge(&self) -> [u8; 8] {
        self.wire.challenge
    }

    /// Decides whether this is an answer to `challenge`, for a tablet that has shown several.
    #[must_use]
    pub fn names(&self, challenge: &VerifiedChallenge) -> bool {
        self.wire.challenge == named(challenge.hash())
    }

    /// Decides whether the card's holder answered this challenge, and whether the challenge was on
    /// the screen now (`shown_at_ms`: milliseconds since 1970-01-01T00:00Z, by the tablet's clock,
    /// so that no skew need be allowed). A card that was brought along is not looked at.
    ///
    /// # Errors
    /// [`ProofRejection::WrongChallenge`], [`ProofRejection::WrongHolder`],
    /// [`ProofRejection::BadSignature`], [`ProofRejection::Step`], in this order.
    pub fn verify(
        self,
        holder: &Holder,
        challenge: &VerifiedChallenge,
        shown_at_ms: i64,
        window: StepWindow,
    ) -> Result<VerifiedAnswer, ProofRejection> {
        let expected = challenge.hash();
        if !self.names(challenge) {
            return Err(ProofRejection::WrongChallenge { expected });
        }
        let claims = AnswerClaims { card: self.card_id(), challenge: expected };
        let payload = seal::to_canonical(&claims);
        holder.prove(claims.card, ANSWER_DOMAIN, &payload, &self.wire.signature)?;
        window.admit(challenge.claims().step, shown_at_ms)?;
        Ok(VerifiedAnswer { claims, signature: self.wire.signature })
    }

    /// Verifies the card that the answer brings along, then the answer under the holder's key in it.
    ///
    /// # Errors
    /// [`ProofRejection::UnknownCard`] for the short form, [`ProofRejection::Card`],
    /// [`ProofRejection::NoHolderKey`], and those of [`UnverifiedAnswer::verify`].
    pub fn verify_with_card(
        self,
        trust: &TrustList,
        challenge: &VerifiedChallenge,
        shown_at_ms: i64,
        window: StepWindow,
    ) -> Result<(VerifiedCard, VerifiedAnswer), ProofRejection> {
        let card = self.wire.carried.verify(trust, shown_at_ms.div_euclid(1000))?;
        let answer = self.verify(&card.holder()?, challenge, shown_at_ms, window)?;
        Ok((card, answer))
    }
}

/// Holds an answer that the card's holder signed to a challenge that was on the screen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct VerifiedAnswer {
    claims: AnswerClaims,
    signature: [u8; 64],
}

impl VerifiedAnswer {
    /// Says what the phone signed.
    #[must_use]
    pub fn claims(&self) -> &AnswerClaims {
        &self.claims
    }

    /// Gives the phone's signature. With the claims and the holder's key it is the whole proof.
    #[must_use]
    pub fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// Names this answer for single use: one for each card and challenge, whichever form it came in
    /// and whatever signature the holder makes for it.
    #[must_use]
    pub fn replay_key(&self) -> Hash {
        let payload = seal::to_canonical(&self.claims);
        seal::sha256_of(&[ANSWER_DOMAIN.0.as_bytes(), &payload])
    }
}

fn named(challenge: Hash) -> [u8; 8] {
    let [a, b, c, d, e, f, g, h, ..] = challenge.0;
    [a, b, c, d, e, f, g, h]
}

/// Signatures of a phone over answers.
const ANSWER_DOMAIN: Domain = Domain("qatysu/answer/1");
