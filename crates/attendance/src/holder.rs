//! The family's phone: whose key a card carries, and how a code of the phone says which card it is
//! for.

use minicbor::data::Type;
use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};
use seal::{Domain, Hash, PublicKey};

use crate::card::{CardRejection, UnverifiedCard, VerifiedCard};
use crate::certificate::{CertificateRejection, VerifiedCertificate};
use crate::compact;
use crate::id::{CardId, ChildId};
use crate::payload::{Unread, read};
use crate::permission::{Action, Scope};
use crate::step::StepRejection;
use crate::trust::TrustList;

/// Says which key speaks for a card: from a [`VerifiedCard`], or from a roster that was verified.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Holder {
    /// The card.
    pub card: CardId,
    /// The key of the family's phone.
    pub key: PublicKey,
}

/// Why a phone's rotating code, or its answer to a challenge, was not accepted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofRejection {
    /// Damaged, truncated or edited in its form, or a text of another kind.
    #[error("the phone's code was read incompletely or is damaged ({0}): scan it again")]
    Malformed(String),
    /// The code names a card that this device was not given, and does not bring it along.
    #[error(
        "this device does not know card {card}: scan the paper card, or let the phone show the \
         code together with its card"
    )]
    UnknownCard {
        /// The card that the code names.
        card: CardId,
    },
    /// The code brings a card along, and that is refused.
    #[error(transparent)]
    Card(#[from] CardRejection),
    /// The code brings the certificate of a phone along, and that does not hold.
    #[error("the phone that shows the code: {0}")]
    Certificate(#[from] CertificateRejection),
    /// The phone that shows the code is not one of the child's family.
    #[error("the phone that shows card {card} is not of this child's family: scan the paper card")]
    NotItsFamily {
        /// The card that the code names.
        card: CardId,
    },
    /// The issuer gave the card no holder's key: it is shown on paper only.
    #[error("card {card} is for paper only: scan the paper card, or ask for a card for the phone")]
    NoHolderKey {
        /// The card.
        card: CardId,
    },
    /// The code is for another card than the one it was held against.
    #[error("the code is for card {named}, not for {expected}: choose the child on the phone")]
    WrongHolder {
        /// The card that the code names.
        named: CardId,
        /// The card whose holder was to prove it.
        expected: CardId,
    },
    /// The holder's key did not sign this.
    #[error(
        "the phone that belongs to card {card} did not sign this: scan the paper card and tell the \
         coordinator"
    )]
    BadSignature {
        /// The card that the code names.
        card: CardId,
    },
    /// The answer is to another challenge.
    #[error("the phone answered another screen: scan the code on this screen with the phone again")]
    WrongChallenge {
        /// The challenge that was asked about.
        expected: Hash,
    },
    /// Not of the time at which it was shown.
    #[error(transparent)]
    Step(#[from] StepRejection),
}

impl ProofRejection {
    /// Names the refusal for machines; the name never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::UnknownCard { .. } => "unknown_card",
            Self::Card(card) => card.code(),
            Self::Certificate(certificate) => certificate.code(),
            Self::NotItsFamily { .. } => "not_its_family",
            Self::NoHolderKey { .. } => "no_holder_key",
            Self::WrongHolder { .. } => "wrong_holder",
            Self::BadSignature { .. } => "bad_signature",
            Self::WrongChallenge { .. } => "wrong_challenge",
            Self::Step(step) => step.code(),
        }
    }
}

impl Holder {
    /// Decides whether this holder signed a payload that names `named`.
    pub(crate) fn prove(
        &self,
        named: CardId,
        domain: Domain,
        payload: &[u8],
        signature: &[u8; 64],
    ) -> Result<(), ProofRejection> {
        if named != self.card {
            return Err(ProofRejection::WrongHolder { named, expected: self.card });
        }
        compact::verify(&self.key, domain, payload, signature)
            .map_err(|_| ProofRejection::BadSignature { card: named })
    }
}

/// How a code says which card it is for, and who speaks for it: the card's id alone, the whole card, or
/// its id and the certificate of the phone. On the wire the first two are byte strings, and no card is as
/// short as an id; the last is an array of both.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Carried {
    /// The card's id: the short form.
    Id(CardId),
    /// The whole signed card: the self-contained form.
    Card(Box<UnverifiedCard>),
    /// The card's id, and the signed certificate of the phone: the form of a family's phone that no card
    /// names.
    Phone(CardId, Vec<u8>),
}

impl Carried {
    pub(crate) fn card_id(&self) -> CardId {
        match self {
            Self::Id(card) | Self::Phone(card, _) => *card,
            Self::Card(card) => card.claims().card,
        }
    }

    /// Gives the card that was brought along.
    pub(crate) fn card(&self) -> Option<&UnverifiedCard> {
        match self {
            Self::Id(_) | Self::Phone(..) => None,
            Self::Card(card) => Some(card),
        }
    }

    /// Gives the certificate that was brought along.
    pub(crate) fn certificate(&self) -> Option<&[u8]> {
        match self {
            Self::Id(_) | Self::Card(_) => None,
            Self::Phone(_, certificate) => Some(certificate),
        }
    }

    /// Verifies the card that was brought along.
    pub(crate) fn verify(
        &self,
        trust: &TrustList,
        now_s: i64,
    ) -> Result<VerifiedCard, ProofRejection> {
        match self {
            Self::Id(card) | Self::Phone(card, _) => {
                Err(ProofRejection::UnknownCard { card: *card })
            }
            Self::Card(card) => Ok(UnverifiedCard::clone(card).verify(trust, now_s)?),
        }
    }

    /// Verifies the certificate that was brought along, and that it is of the child's family.
    pub(crate) fn verify_phone(
        &self,
        trust: &TrustList,
        child: ChildId,
        now_s: i64,
    ) -> Result<VerifiedCertificate, ProofRejection> {
        let card = self.card_id();
        let bytes = self.certificate().ok_or(ProofRejection::UnknownCard { card })?;
        let phone = VerifiedCertificate::parse_and_verify(bytes, trust, now_s)?;
        let of = phone.certificate();
        let presents = of.permitted(Action::PresentChild) == Scope::OwnChild;
        if !presents || !of.children.contains(&child) {
            return Err(ProofRejection::NotItsFamily { card });
        }
        Ok(phone)
    }
}

impl<C> Encode<C> for Carried {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        match self {
            Self::Id(card) => e.bytes(&card.0)?.ok(),
            Self::Card(card) => e.bytes(&card.to_bytes())?.ok(),
            Self::Phone(card, certificate) => e.array(2)?.bytes(&card.0)?.bytes(certificate)?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for Carried {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        if d.datatype()? == Type::Array {
            let card = d.array()?.filter(|length| *length == 2).map(|_| d.bytes()).transpose()?;
            let card = card.and_then(CardId::from_slice);
            let card = card.ok_or(DecodeError::message("not a card's id and a certificate"))?;
            return Ok(Self::Phone(card, d.bytes()?.to_vec()));
        }
        let bytes = d.bytes()?;
        if let Some(card) = CardId::from_slice(bytes) {
            return Ok(Self::Id(card));
        }
        let card = UnverifiedCard::parse_bytes(bytes);
        let card = card.map_err(|_| DecodeError::message("neither a card nor its id"))?;
        Ok(Self::Card(Box::new(card)))
    }
}

/// Reads the bytes of a phone's text with this prefix.
pub(crate) fn read_proof(prefix: &str, text: &str) -> Result<Vec<u8>, ProofRejection> {
    match read(prefix, text) {
        Ok((_, bytes)) => Ok(bytes),
        Err(Unread::OtherPrefix) => Err(malformed("a text of another kind")),
        Err(Unread::Malformed(what)) => Err(malformed(what)),
    }
}

/// Parses a phone's bytes from their one encoding.
pub(crate) fn parse_proof<T: for<'b> Decode<'b, ()> + Encode<()>>(
    bytes: &[u8],
) -> Result<T, ProofRejection> {
    if bytes.len() > PROOF_MAX_BYTES {
        return Err(malformed("too long"));
    }
    seal::from_canonical(bytes).map_err(malformed)
}

fn malformed(why: impl core::fmt::Display) -> ProofRejection {
    ProofRejection::Malformed(why.to_string())
}

/// Twice the self-contained form, and room for the longest certificate of a family's phone; a bound for
/// hostile input.
const PROOF_MAX_BYTES: usize = 512;
