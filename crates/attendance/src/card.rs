//! The card: issued once, printed, and verified at every scan without a network.

use seal::{Domain, Hash, KeyId, PublicKey, Sign1, SignError, Signer};

use crate::claims::CardClaims;
use crate::code::ShortCode;
use crate::holder::{Holder, ProofRejection};
use crate::id::CardId;
use crate::payload::QrText;
use crate::trust::{TrustList, TrustRole, Unproven, prove};

/// Why a card was not accepted. The sentences are for the small print of the screen.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CardRejection {
    /// The text is not one of our payloads.
    #[error("this is not an attendance card: look for the QR that the programme printed")]
    Foreign,
    /// One of ours, but damaged, truncated or edited in its form.
    #[error(
        "the card was read incompletely or is damaged ({0}): scan it again, \
         or type the code under the QR"
    )]
    Malformed(String),
    /// A card of another version of the format.
    #[error("the card is of a version this app does not know: update the app")]
    UnknownVersion,
    /// No key on the trust list that may issue cards now has this id.
    #[error(
        "no card issuer on the trust list has key {key_id}: connect once to fetch the newest \
         list, then scan again"
    )]
    UnknownKey {
        /// The key that the card names.
        key_id: KeyId,
    },
    /// No trusted key with this id made the signature.
    #[error(
        "the signature does not match key {key_id}: the card was altered or is not from the \
         issuer, tell the coordinator"
    )]
    BadSignature {
        /// The key that the card names.
        key_id: KeyId,
    },
    /// The card ended before it was shown.
    #[error(
        "the card ended at {expired_at_s} and was shown at {shown_at_s} (seconds since 1970): \
         ask the coordinator for a new card"
    )]
    Expired {
        /// The first second at which the card no longer held.
        expired_at_s: i64,
        /// When it was shown.
        shown_at_s: i64,
    },
    /// The card is on the status list.
    #[error(
        "card {card} was revoked (status list {list_version}): mark the child by hand and ask the \
         coordinator for the new card"
    )]
    Revoked {
        /// The card.
        card: CardId,
        /// The version of the list that names it.
        list_version: u32,
    },
}

impl CardRejection {
    /// Names the refusal for machines; the name never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Foreign => "foreign",
            Self::Malformed(_) => "malformed",
            Self::UnknownVersion => "unknown_version",
            Self::UnknownKey { .. } => "unknown_key",
            Self::BadSignature { .. } => "bad_signature",
            Self::Expired { .. } => "expired",
            Self::Revoked { .. } => "revoked",
        }
    }
}

/// Holds a freshly signed card, ready to be printed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IssuedCard {
    /// The text of the QR, `OB1:…`, in the alphanumeric alphabet of QR codes.
    pub text: String,
    /// The signed bytes.
    pub bytes: Vec<u8>,
    /// SHA-256 of the signed bytes: how events name the card.
    pub hash: Hash,
    /// What is printed under the QR, to be typed by hand.
    pub code: ShortCode,
}

/// Signs a card.
///
/// # Errors
/// [`SignError`] if the key does not sign, or signs wrongly, or if no reader would accept the card
/// because the holder's key is weak.
pub fn issue_card(issuer: &dyn Signer, claims: &CardClaims) -> Result<IssuedCard, SignError> {
    let payload = seal::to_canonical(claims);
    seal::from_canonical::<CardClaims>(&payload).map_err(|why| SignError(why.to_string()))?;
    let envelope = Sign1::seal(issuer, CARD_DOMAIN, payload)?;
    envelope
        .verify(&issuer.public_key(), CARD_DOMAIN)
        .map_err(|_| SignError("the signature does not match its own key".to_owned()))?;
    let bytes = envelope.to_bytes();
    Ok(IssuedCard {
        text: QrText::write(&bytes),
        hash: seal::sha256(&bytes),
        bytes,
        code: ShortCode::derive_from(claims.card),
    })
}

/// Holds a card of proper form. Who signed it is not decided yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnverifiedCard {
    envelope: Sign1,
    claims: CardClaims,
    hash: Hash,
}

impl UnverifiedCard {
    /// Parses the bytes of a QR text.
    ///
    /// # Errors
    /// [`CardRejection::Malformed`] for anything but the one encoding of a card.
    pub fn parse(text: &QrText) -> Result<Self, CardRejection> {
        Self::parse_bytes(text.bytes())
    }

    /// Parses the signed bytes of a card.
    ///
    /// # Errors
    /// [`CardRejection::Malformed`] for anything but the one encoding of a card.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, CardRejection> {
        let envelope = Sign1::parse(bytes).map_err(malformed)?;
        let claims = seal::from_canonical(envelope.unverified_payload()).map_err(malformed)?;
        Ok(Self { envelope, claims, hash: seal::sha256(bytes) })
    }

    /// Gives the signed bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.envelope.to_bytes()
    }

    /// Gives the text of the card's QR Code.
    #[must_use]
    pub fn to_text(&self) -> String {
        QrText::write(&self.to_bytes())
    }

    /// Says what the card claims. **Anybody** could have written it.
    #[must_use]
    pub fn claims(&self) -> &CardClaims {
        &self.claims
    }

    /// Names the card: SHA-256 of its signed bytes.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Decides whether a trusted issuer signed the card and whether it still holds
    /// ([RFC 8392 §3.1.4]: at `exp` it no longer does).
    ///
    /// # Errors
    /// [`CardRejection::UnknownKey`], [`CardRejection::BadSignature`], [`CardRejection::Expired`],
    /// in this order.
    ///
    /// [RFC 8392 §3.1.4]: https://www.rfc-editor.org/rfc/rfc8392#section-3.1.4
    pub fn verify(self, trust: &TrustList, now_s: i64) -> Result<VerifiedCard, CardRejection> {
        let key_id = self.envelope.key_id();
        let keys = trust.keys_with_scope(TrustRole::CardIssuer, key_id, now_s);
        let card = self.proven(keys)?;
        let expired_at_s = i64::from(card.claims.expires_at_s);
        if now_s >= expired_at_s {
            return Err(CardRejection::Expired { expired_at_s, shown_at_s: now_s });
        }
        Ok(card)
    }

    /// Decides whether an issuer for `scope` signed the card, whenever the issuer's key held and
    /// whether or not the card has ended since: for what was logged before.
    ///
    /// # Errors
    /// [`CardRejection::UnknownKey`], [`CardRejection::BadSignature`].
    pub fn verify_for_audit(
        self,
        trust: &TrustList,
        scope: &str,
    ) -> Result<VerifiedCard, CardRejection> {
        let key_id = self.envelope.key_id();
        let keys = trust.keys_at_any_time_with_scope(TrustRole::CardIssuer, key_id);
        self.proven(keys.filter(|(_, of)| *of == scope))
    }

    fn proven<'t>(
        self,
        keys: impl Iterator<Item = (PublicKey, &'t str)>,
    ) -> Result<VerifiedCard, CardRejection> {
        let key_id = self.envelope.key_id();
        let scope =
            prove(&self.envelope, CARD_DOMAIN, keys).map_err(|unproven| match unproven {
                Unproven::UnknownKey => CardRejection::UnknownKey { key_id },
                Unproven::BadSignature => CardRejection::BadSignature { key_id },
            })?;
        let scope = scope.to_owned();
        Ok(VerifiedCard { claims: self.claims, hash: self.hash, key_id, scope })
    }
}

/// Holds a card that a trusted issuer signed and that held when it was shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedCard {
    claims: CardClaims,
    hash: Hash,
    key_id: KeyId,
    scope: String,
}

impl VerifiedCard {
    /// Says what the issuer signed.
    #[must_use]
    pub fn claims(&self) -> &CardClaims {
        &self.claims
    }

    /// Names the card: SHA-256 of its signed bytes.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Names the issuer's key.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// Names the scope that the trust list gives the issuer's key: whose cards these are. An issuer's
    /// key has one scope; where the list gives it several, the first counts.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// Gives the family's phone, whose key the issuer put into the card.
    ///
    /// # Errors
    /// [`ProofRejection::NoHolderKey`] for a card that is shown on paper only.
    pub fn holder(&self) -> Result<Holder, ProofRejection> {
        let card = self.claims.card;
        let key = self.claims.holder.and_then(|key| PublicKey::parse(&key).ok());
        key.map(|key| Holder { card, key }).ok_or(ProofRejection::NoHolderKey { card })
    }
}

fn malformed(why: impl core::fmt::Display) -> CardRejection {
    CardRejection::Malformed(why.to_string())
}

/// Signatures over cards.
const CARD_DOMAIN: Domain = Domain("qatysu/card/1");
