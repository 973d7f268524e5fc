//! `COSE_Sign1` with one signer ([RFC 9052 §4.2]).
//!
//! Our profile: tag 18; protected header exactly `{1: -19, 4: kid}` (Ed25519 fully specified,
//! [RFC 9864]; kid of 4 bytes); unprotected header empty; payload present. Other headers belong to
//! other formats (the RFC 9942 receipt), which build on [`sig_structure`](Sign1::sig_structure).
//!
//! [RFC 9052 §4.2]: https://www.rfc-editor.org/rfc/rfc9052#section-4.2
//! [RFC 9864]: https://www.rfc-editor.org/rfc/rfc9864

use minicbor::data::Tag;
use minicbor::decode::Error as DecodeError;
use minicbor::{Decoder, Encoder};

use crate::key::{BadSignature, KeyId, PublicKey, SignError, Signature, Signer};

/// COSE algorithm number of Ed25519, fully specified ([RFC 9864]).
///
/// [RFC 9864]: https://www.rfc-editor.org/rfc/rfc9864
pub(crate) const ALG_ED25519: i8 = -19;
const TAG_SIGN1: u64 = 18;

/// Says what kind of payload a signature is for. It enters the signature as COSE external data and
/// is not sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Domain(pub &'static str);

/// Why bytes were not accepted as an envelope.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// The bytes are not CBOR of the envelope's shape.
    #[error("not a signed envelope: {0}")]
    Malformed(#[from] DecodeError),
    /// The envelope is well formed, but not in its one accepted encoding.
    #[error("the envelope is not in its one accepted encoding")]
    NotCanonical,
    /// The signature algorithm is not Ed25519.
    #[error("unknown signature algorithm {0}")]
    UnknownAlgorithm(i64),
}

/// Holds a parsed, not yet verified, `COSE_Sign1`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sign1 {
    key_id: KeyId,
    payload: Vec<u8>,
    signature: Signature,
}

impl Sign1 {
    /// Signs `payload` for `domain`.
    ///
    /// # Errors
    /// [`SignError`] if the key does not sign.
    pub fn seal(signer: &dyn Signer, domain: Domain, payload: Vec<u8>) -> Result<Self, SignError> {
        let key_id = signer.public_key().key_id();
        let to_sign = Self::sig_structure(&protected(key_id), domain.0.as_bytes(), &payload);
        Ok(Self { key_id, payload, signature: signer.sign(&to_sign)? })
    }

    /// Puts an envelope together again from its parts. Nothing is verified.
    #[must_use]
    pub fn from_parts(key_id: KeyId, payload: Vec<u8>, signature: Signature) -> Self {
        Self { key_id, payload, signature }
    }

    /// Parses an envelope of our profile. Nothing is verified yet.
    ///
    /// # Errors
    /// [`EnvelopeError`] for anything but the one encoding of an envelope.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let Sign1View { key_id, payload, signature } = Sign1View::parse(bytes)?;
        Ok(Self { key_id, payload: payload.to_vec(), signature })
    }

    /// Encodes the envelope. These bytes are what is hashed, stored and sent.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (mut all, after) = around(self.key_id, self.payload.len() as u64, &self.signature);
        all.reserve_exact(self.payload.len() + after.len());
        all.extend_from_slice(&self.payload);
        all.extend_from_slice(&after);
        all
    }

    /// Names the key that claims to have signed.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// Gives the signature. Whether it holds is for [`verify`](Self::verify) to say.
    #[must_use]
    pub fn signature(&self) -> Signature {
        self.signature
    }

    /// Gives the payload **before** verification, to find out which key should have signed it.
    #[must_use]
    pub fn unverified_payload(&self) -> &[u8] {
        &self.payload
    }

    /// Gives the payload if `key` signed it for `domain`.
    ///
    /// # Errors
    /// [`BadSignature`] if it did not.
    pub fn verify(&self, key: &PublicKey, domain: Domain) -> Result<&[u8], BadSignature> {
        let signed =
            Self::sig_structure(&protected(self.key_id), domain.0.as_bytes(), &self.payload);
        key.verify(&signed, &self.signature)?;
        Ok(&self.payload)
    }

    /// Builds the bytes that are signed: `["Signature1", protected, external_aad, payload]`
    /// ([RFC 9052 §4.4]). `protected` is the serialised header map.
    ///
    /// [RFC 9052 §4.4]: https://www.rfc-editor.org/rfc/rfc9052#section-4.4
    #[must_use]
    pub fn sig_structure(protected: &[u8], external_aad: &[u8], payload: &[u8]) -> Vec<u8> {
        let mut all = to_sign(protected, external_aad, payload.len() as u64);
        all.extend_from_slice(payload);
        all
    }
}

/// A parsed, not yet verified, `COSE_Sign1` whose payload stays where it is: for the envelopes that are as
/// large as a whole district.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sign1View<'a> {
    key_id: KeyId,
    payload: &'a [u8],
    signature: Signature,
}

impl<'a> Sign1View<'a> {
    /// Parses an envelope of our profile, as [`Sign1::parse`] does.
    ///
    /// # Errors
    /// [`EnvelopeError`] for anything but the one encoding of an envelope.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, EnvelopeError> {
        let mut d = Decoder::new(bytes);
        if d.tag()? != Tag::new(TAG_SIGN1) || d.array()? != Some(4) {
            return Err(DecodeError::message("a COSE_Sign1 is tag 18 over an array of 4").into());
        }
        let key_id = parse_protected(d.bytes()?)?;
        if d.map()? != Some(0) {
            return Err(DecodeError::message("the unprotected header must be empty").into());
        }
        let payload = d.bytes()?;
        let signature = parse_signature(&mut d)?;
        let (before, after) = around(key_id, payload.len() as u64, &signature);
        let rest = bytes.strip_prefix(&before[..]).and_then(|rest| rest.strip_suffix(&after[..]));
        if rest == Some(payload) {
            Ok(Self { key_id, payload, signature })
        } else {
            Err(EnvelopeError::NotCanonical)
        }
    }

    /// Names the key that claims to have signed.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// Gives the payload **before** verification.
    #[must_use]
    pub fn unverified_payload(&self) -> &'a [u8] {
        self.payload
    }

    /// Gives the payload if `key` signed it for `domain`.
    ///
    /// # Errors
    /// [`BadSignature`] if it did not.
    pub fn verify(&self, key: &PublicKey, domain: Domain) -> Result<&'a [u8], BadSignature> {
        let protected = protected(self.key_id);
        let before = to_sign(&protected, domain.0.as_bytes(), self.payload.len() as u64);
        key.verify_pieces([&before[..], self.payload], &self.signature)?;
        Ok(self.payload)
    }
}

/// Encodes what stands before and behind a payload of so many bytes.
fn around(key_id: KeyId, payload: u64, signature: &Signature) -> (Vec<u8>, Vec<u8>) {
    let mut before = Encoder::new(Vec::with_capacity(30));
    before
        .tag(Tag::new(TAG_SIGN1))
        .and_then(|e| e.array(4))
        .and_then(|e| e.bytes(&protected(key_id)))
        .and_then(|e| e.map(0))
        .and_then(|e| e.bytes_len(payload))
        .expect("writing into a vector does not fail");
    let mut after = Encoder::new(Vec::with_capacity(66));
    after.bytes(&signature.0).expect("writing into a vector does not fail");
    (before.into_writer(), after.into_writer())
}

/// Encodes what stands before a payload of so many bytes in what is signed.
fn to_sign(protected: &[u8], external_aad: &[u8], payload: u64) -> Vec<u8> {
    let mut e = Encoder::new(Vec::with_capacity(64));
    e.array(4)
        .and_then(|e| e.str("Signature1"))
        .and_then(|e| e.bytes(protected))
        .and_then(|e| e.bytes(external_aad))
        .and_then(|e| e.bytes_len(payload))
        .expect("writing into a vector does not fail");
    e.into_writer()
}

/// Serialises the protected header `{1: -19, 4: kid}`.
pub(crate) fn protected(key_id: KeyId) -> Vec<u8> {
    let mut e = Encoder::new(Vec::with_capacity(10));
    e.map(2)
        .and_then(|e| e.u8(1))
        .and_then(|e| e.i8(ALG_ED25519))
        .and_then(|e| e.u8(4))
        .and_then(|e| e.bytes(&key_id.0))
        .expect("writing into a vector does not fail");
    e.into_writer()
}

pub(crate) fn parse_protected(bytes: &[u8]) -> Result<KeyId, EnvelopeError> {
    let mut d = Decoder::new(bytes);
    if d.map()? != Some(2) || d.u8()? != 1 {
        return Err(DecodeError::message("the protected header is {1: alg, 4: kid}").into());
    }
    let algorithm = d.i64()?;
    if algorithm != i64::from(ALG_ED25519) {
        return Err(EnvelopeError::UnknownAlgorithm(algorithm));
    }
    if d.u8()? != 4 {
        return Err(DecodeError::message("the protected header is {1: alg, 4: kid}").into());
    }
    let key_id = d.bytes()?.try_into().map_err(|_| DecodeError::message("kid has 4 bytes"))?;
    Ok(KeyId(key_id))
}

pub(crate) fn parse_signature(d: &mut Decoder<'_>) -> Result<Signature, EnvelopeError> {
    let bytes = d.bytes()?.try_into();
    Ok(Signature(bytes.map_err(|_| DecodeError::message("a signature has 64 bytes"))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SoftwareKey;

    const CARD: Domain = Domain("card");

    fn sealed() -> (SoftwareKey, Sign1) {
        let key = SoftwareKey::from_seed(&[7; 32]);
        let envelope = Sign1::seal(&key, CARD, b"payload".to_vec()).unwrap();
        (key, envelope)
    }

    #[test]
    fn verifies_what_it_sealed() {
        let (key, envelope) = sealed();
        let parsed = Sign1::parse(&envelope.to_bytes()).unwrap();
        assert_eq!(parsed, envelope);
        assert_eq!(parsed.verify(&key.public_key(), CARD), Ok(&b"payload"[..]));
        assert_eq!(parsed.key_id(), key.public_key().key_id());
        let bytes = envelope.to_bytes();
        let view = Sign1View::parse(&bytes).unwrap();
        assert_eq!(view.verify(&key.public_key(), CARD), Ok(&b"payload"[..]));
        assert_eq!(view.key_id(), parsed.key_id());
        assert_eq!(view.verify(&key.public_key(), Domain("event")), Err(BadSignature));
    }

    #[test]
    fn comes_apart_and_together_again() {
        let (_, envelope) = sealed();
        let payload = envelope.unverified_payload().to_vec();
        let again = Sign1::from_parts(envelope.key_id(), payload, envelope.signature());
        assert_eq!(again, envelope);
    }

    #[test]
    fn refuses_another_domain_and_another_key() {
        let (key, envelope) = sealed();
        assert_eq!(envelope.verify(&key.public_key(), Domain("event")), Err(BadSignature));
        let other = SoftwareKey::from_seed(&[8; 32]).public_key();
        assert_eq!(envelope.verify(&other, CARD), Err(BadSignature));
    }

    #[test]
    fn refuses_every_flipped_byte_and_every_truncation() {
        let (key, envelope) = sealed();
        let bytes = envelope.to_bytes();
        for at in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[at] ^= 0x01;
            let accepted = Sign1::parse(&broken)
                .is_ok_and(|parsed| parsed.verify(&key.public_key(), CARD).is_ok());
            assert!(!accepted, "byte {at} was changed and the envelope still verified");
            let viewed = Sign1View::parse(&broken)
                .is_ok_and(|parsed| parsed.verify(&key.public_key(), CARD).is_ok());
            assert!(!viewed, "byte {at} was changed and the view still verified");
            assert!(Sign1::parse(&bytes[..at]).is_err());
        }
        assert!(Sign1::parse(&[&bytes[..], &[0]].concat()).is_err(), "trailing byte");
    }
}
