//! The rotating code (tier T1): the family's phone signs card, 15-second step and nonce.
//!
//! | wire, a CBOR array of 4 | bytes |
//! |---|---:|
//! | card id, or the whole signed card, or card id and certificate | 9, or ≤ 173, or ≤ 330 |
//! | step | 5 |
//! | nonce | 5 |
//! | signature | 66 |
//!
//! All forms carry the same signature: that of a `COSE_Sign1` over `[card id, step, nonce]`, rebuilt
//! by whoever knows the holder's key. So the short and the self-contained texts of one code are one
//! code, with one replay key.
//!
//! The holder is the key that the issuer put into the card, or a phone whose certificate says that it is
//! of the child's family: so that a family's second phone needs no second card.

use minicbor::{Decode, Encode};
use seal::{Domain, Hash, SignError, Signer};

use crate::card::{UnverifiedCard, VerifiedCard};
use crate::certificate::VerifiedCertificate;
use crate::compact;
use crate::holder::{Carried, Holder, ProofRejection, parse_proof, read_proof};
use crate::id::{CardId, ChildId};
use crate::payload::{ROTATING_PREFIX, write};
use crate::step::{Step, StepWindow};
use crate::trust::TrustList;

/// Says what the phone signs.
///
/// These bytes are signed. Changing the encoding silences every family's phone.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(array)]
pub struct RotatingClaims {
    /// The card.
    #[n(0)]
    pub card: CardId,
    /// When the code is shown.
    #[n(1)]
    pub step: Step,
    /// By chance, anew for each code: two codes of one step are two.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub nonce: [u8; 4],
}

/// Holds a freshly signed code in all its forms.
///
/// ```
/// use attendance::{
///     CardId, Holder, RotatingClaims, RotatingCode, Step, StepWindow, UnverifiedRotating,
/// };
/// use seal::{Signer, SoftwareKey};
///
/// let phone = SoftwareKey::from_seed(&[31; 32]);
/// let now_ms = 1_789_376_400_000;
/// let step = Step::at(now_ms).ok_or("a time outside the years that codes have")?;
/// let claims = RotatingClaims { card: CardId([7; 8]), step, nonce: [1, 2, 3, 4] };
/// let text = RotatingCode::sign(&phone, claims)?.short_text();
/// assert!(text.starts_with("OB9:") && text.len() <= 133);
///
/// // At the door the holder comes from the verified card, or from the roster.
/// let holder = Holder { card: CardId([7; 8]), key: phone.public_key() };
/// let window = StepWindow { steps: 1, skew_s: 0 };
/// let shown = UnverifiedRotating::parse(&text)?.verify(&holder, now_ms + 20_000, window)?;
/// assert_eq!(shown.claims(), &claims);
///
/// let late = UnverifiedRotating::parse(&text)?.verify(&holder, now_ms + 60_000, window);
/// assert_eq!(late.unwrap_err().code(), "too_old");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RotatingCode {
    wire: Wire,
}

#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(array)]
struct Wire {
    #[n(0)]
    carried: Carried,
    #[n(1)]
    step: Step,
    #[cbor(n(2), with = "minicbor::bytes")]
    nonce: [u8; 4],
    #[cbor(n(3), with = "minicbor::bytes")]
    signature: [u8; 64],
}

impl Wire {
    fn claims(&self) -> RotatingClaims {
        RotatingClaims { card: self.carried.card_id(), step: self.step, nonce: self.nonce }
    }
}

impl RotatingCode {
    /// Signs a code with the phone's key.
    ///
    /// # Errors
    /// [`SignError`] if the key does not sign, or signs wrongly.
    pub fn sign(phone: &dyn Signer, claims: RotatingClaims) -> Result<Self, SignError> {
        let signature = compact::sign(phone, ROTATING_DOMAIN, &seal::to_canonical(&claims))?;
        let RotatingClaims { card, step, nonce } = claims;
        Ok(Self { wire: Wire { carried: Carried::Id(card), step, nonce, signature } })
    }

    /// Gives the text for a verifier that knows the card.
    #[must_use]
    pub fn short_text(&self) -> String {
        write(ROTATING_PREFIX, &seal::to_canonical(&self.wire))
    }

    /// Gives the text for any verifier with a trust list: it brings the card along.
    ///
    /// # Errors
    /// [`ProofRejection::WrongHolder`] if this is not the card that the code names.
    pub fn text_with(&self, card: &UnverifiedCard) -> Result<String, ProofRejection> {
        let (named, expected) = (self.wire.carried.card_id(), card.claims().card);
        if named != expected {
            return Err(ProofRejection::WrongHolder { named, expected });
        }
        let carried = Carried::Card(Box::new(card.clone()));
        let wire = Wire { carried, ..self.wire.clone() };
        Ok(write(ROTATING_PREFIX, &seal::to_canonical(&wire)))
    }

    /// Gives the text for a verifier that knows which child has the card, and has a trust list: it brings
    /// the phone's signed certificate along.
    #[must_use]
    pub fn text_with_certificate(&self, certificate: &[u8]) -> String {
        let carried = Carried::Phone(self.wire.carried.card_id(), certificate.to_vec());
        let wire = Wire { carried, ..self.wire.clone() };
        write(ROTATING_PREFIX, &seal::to_canonical(&wire))
    }
}

/// Holds a rotating code of proper form. Who signed it is not decided yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnverifiedRotating {
    wire: Wire,
}

impl UnverifiedRotating {
    /// Parses the text of a code, `OB9:…`, in any form.
    ///
    /// # Errors
    /// [`ProofRejection::Malformed`] for anything but the one text of a code.
    pub fn parse(text: &str) -> Result<Self, ProofRejection> {
        Self::parse_bytes(&read_proof(ROTATING_PREFIX, text)?)
    }

    /// Parses the bytes of a code.
    ///
    /// # Errors
    /// [`ProofRejection::Malformed`] for anything but the one encoding of a code.
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

    /// Says what the phone is said to have signed. **Anybody** could have written it.
    #[must_use]
    pub fn claims(&self) -> RotatingClaims {
        self.wire.claims()
    }

    /// Gives the card that the self-contained form brings along. Nothing of it is verified.
    #[must_use]
    pub fn card(&self) -> Option<&UnverifiedCard> {
        self.wire.carried.card()
    }

    /// Gives the signed certificate of the phone that a code brings along. Nothing of it is verified.
    #[must_use]
    pub fn certificate(&self) -> Option<&[u8]> {
        self.wire.carried.certificate()
    }

    /// Decides whether the card's holder made this code, and made it now (`shown_at_ms`:
    /// milliseconds since 1970-01-01T00:00Z, by the verifier's clock). A card that was brought along
    /// is not looked at. Whether the code was seen before is the caller's to decide, by
    /// [`VerifiedRotating::replay_key`].
    ///
    /// # Errors
    /// [`ProofRejection::WrongHolder`], [`ProofRejection::BadSignature`], [`ProofRejection::Step`],
    /// in this order.
    pub fn verify(
        self,
        holder: &Holder,
        shown_at_ms: i64,
        window: StepWindow,
    ) -> Result<VerifiedRotating, ProofRejection> {
        let claims = self.wire.claims();
        let payload = seal::to_canonical(&claims);
        holder.prove(claims.card, ROTATING_DOMAIN, &payload, &self.wire.signature)?;
        window.admit(claims.step, shown_at_ms)?;
        Ok(VerifiedRotating { claims, signature: self.wire.signature })
    }

    /// Verifies the card that the code brings along, then the code under the holder's key in it.
    ///
    /// # Errors
    /// [`ProofRejection::UnknownCard`] for the short form, [`ProofRejection::Card`],
    /// [`ProofRejection::NoHolderKey`], and those of [`UnverifiedRotating::verify`].
    pub fn verify_with_card(
        self,
        trust: &TrustList,
        shown_at_ms: i64,
        window: StepWindow,
    ) -> Result<(VerifiedCard, VerifiedRotating), ProofRejection> {
        let card = self.wire.carried.verify(trust, shown_at_ms.div_euclid(1000))?;
        let code = self.verify(&card.holder()?, shown_at_ms, window)?;
        Ok((card, code))
    }

    /// Verifies the certificate that the code brings along, that it is of the family of `child`, whose
    /// card the code names, then the code under the phone's key. Whether the phone is revoked is the
    /// caller's to decide.
    ///
    /// # Errors
    /// [`ProofRejection::UnknownCard`] for a form without a certificate, [`ProofRejection::Certificate`],
    /// [`ProofRejection::NotItsFamily`], and those of [`UnverifiedRotating::verify`].
    pub fn verify_with_certificate(
        self,
        trust: &TrustList,
        child: ChildId,
        shown_at_ms: i64,
        window: StepWindow,
    ) -> Result<(VerifiedCertificate, VerifiedRotating), ProofRejection> {
        let card = self.card_id();
        let now_s = shown_at_ms.div_euclid(1000);
        let phone = self.wire.carried.verify_phone(trust, child, now_s)?;
        let holder = Holder { card, key: phone.public_key() };
        let code = self.verify(&holder, shown_at_ms, window)?;
        Ok((phone, code))
    }
}

/// Holds a rotating code that the card's holder signed for the time at which it was shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct VerifiedRotating {
    claims: RotatingClaims,
    signature: [u8; 64],
}

impl VerifiedRotating {
    /// Says what the phone signed.
    #[must_use]
    pub fn claims(&self) -> &RotatingClaims {
        &self.claims
    }

    /// Gives the phone's signature. With the claims and the holder's key it is the whole proof.
    #[must_use]
    pub fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// Gives the bytes of the short form: what an event keeps as its proof.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let RotatingClaims { card, step, nonce } = self.claims;
        let carried = Carried::Id(card);
        seal::to_canonical(&Wire { carried, step, nonce, signature: self.signature })
    }

    /// Names this code for single use: the same for all its forms and whatever signature the holder
    /// makes for it, and another for every other card, step and nonce.
    #[must_use]
    pub fn replay_key(&self) -> Hash {
        let payload = seal::to_canonical(&self.claims);
        seal::sha256_of(&[ROTATING_DOMAIN.0.as_bytes(), &payload])
    }
}

/// Signatures of a phone over rotating codes.
const ROTATING_DOMAIN: Domain = Domain("qatysu/rotating/1");
