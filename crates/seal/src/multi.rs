//! `COSE_Sign` with several signers ([RFC 9052 §4.1]): what only k of n keys together may say.
//!
//! Our profile: tag 98; body headers empty; each signature's protected header `{1: -19, 4: kid}`,
//! its unprotected header empty; signatures in the order of their key ids, no id twice.
//!
//! [RFC 9052 §4.1]: https://www.rfc-editor.org/rfc/rfc9052#section-4.1

use minicbor::data::Tag;
use minicbor::decode::Error as DecodeError;
use minicbor::{Decoder, Encoder};

use crate::key::{KeyId, PublicKey, SignError, Signature, Signer};
use crate::sign1::{Domain, EnvelopeError, parse_protected, parse_signature, protected};

const TAG_SIGN: u64 = 98;
/// More signers than any root has; a bound for hostile input.
const SIGNATURES_MAX: u64 = 16;

/// Holds a parsed, not yet verified, payload under several signatures.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MultiSigned {
    payload: Vec<u8>,
    signatures: Vec<(KeyId, Signature)>,
}

impl MultiSigned {
    /// Parses an envelope of our profile. Nothing is verified yet.
    ///
    /// # Errors
    /// [`EnvelopeError`] for anything but the one encoding of an envelope.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let mut d = Decoder::new(bytes);
        if d.tag()? != Tag::new(TAG_SIGN) || d.array()? != Some(4) {
            return Err(DecodeError::message("a COSE_Sign is tag 98 over an array of 4").into());
        }
        if !d.bytes()?.is_empty() || d.map()? != Some(0) {
            return Err(DecodeError::message("the body headers must be empty").into());
        }
        let payload = d.bytes()?.to_vec();
        let count = d.array()?.filter(|count| (1..=SIGNATURES_MAX).contains(count));
        let count = count.ok_or_else(|| DecodeError::message("1 to 16 signatures"))?;
        let mut signatures = Vec::new();
        for _ in 0..count {
            if d.array()? != Some(3) {
                return Err(DecodeError::message("a COSE_Signature is an array of 3").into());
            }
            let key_id = parse_protected(d.bytes()?)?;
            if d.map()? != Some(0) {
                return Err(DecodeError::message("the unprotected header must be empty").into());
            }
            signatures.push((key_id, parse_signature(&mut d)?));
        }
        let parsed = Self { payload, signatures };
        let ordered = parsed.signatures.is_sorted_by(|(a, _), (b, _)| a < b);
        if ordered && parsed.to_bytes() == bytes {
            Ok(parsed)
        } else {
            Err(EnvelopeError::NotCanonical)
        }
    }

    /// Encodes the envelope.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut e = Encoder::new(Vec::with_capacity(self.payload.len() + 96));
        e.tag(Tag::new(TAG_SIGN))
            .and_then(|e| e.array(4))
            .and_then(|e| e.bytes(&[]))
            .and_then(|e| e.map(0))
            .and_then(|e| e.bytes(&self.payload))
            .and_then(|e| e.array(self.signatures.len() as u64))
            .expect("writing into a vector does not fail");
        for (key_id, signature) in &self.signatures {
            e.array(3)
                .and_then(|e| e.bytes(&protected(*key_id)))
                .and_then(|e| e.map(0))
                .and_then(|e| e.bytes(&signature.0))
                .expect("writing into a vector does not fail");
        }
        e.into_writer()
    }

    /// Gives the payload **before** verification.
    #[must_use]
    pub fn unverified_payload(&self) -> &[u8] {
        &self.payload
    }

    /// Counts which of `keys` signed the payload for `domain`. Each key counts once, however often
    /// it appears; a bad signature counts for nobody.
    #[must_use]
    pub fn count_valid(&self, keys: &[PublicKey], domain: Domain) -> usize {
        let mut valid: Vec<[u8; 32]> = keys
            .iter()
            .filter(|key| {
                let id = key.key_id();
                let signed = sig_structure(id, domain, &self.payload);
                self.signatures
                    .iter()
                    .any(|(key_id, sig)| *key_id == id && key.verify(&signed, sig).is_ok())
            })
            .map(PublicKey::to_bytes)
            .collect();
        valid.sort_unstable();
        valid.dedup();
        valid.len()
    }
}

/// Collects signatures of several keys over one payload.
#[derive(Clone, Debug)]
pub struct MultiSignedBuilder {
    domain: Domain,
    envelope: MultiSigned,
}

impl MultiSignedBuilder {
    /// Starts with a payload and no signature.
    #[must_use]
    pub fn new(domain: Domain, payload: Vec<u8>) -> Self {
        Self { domain, envelope: MultiSigned { payload, signatures: Vec::new() } }
    }

    /// Adds a signature; a second one by a key with the same id replaces the first.
    ///
    /// # Errors
    /// [`SignError`] if the key does not sign.
    pub fn sign(mut self, signer: &dyn Signer) -> Result<Self, SignError> {
        let key_id = signer.public_key().key_id();
        let signature = signer.sign(&sig_structure(key_id, self.domain, &self.envelope.payload))?;
        self.envelope.signatures.retain(|(id, _)| *id != key_id);
        self.envelope.signatures.push((key_id, signature));
        self.envelope.signatures.sort_unstable_by_key(|(id, _)| *id);
        Ok(self)
    }

    /// Gives the envelope.
    #[must_use]
    pub fn build(self) -> MultiSigned {
        self.envelope
    }
}

/// `["Signature", body_protected, sign_protected, external_aad, payload]` (RFC 9052 §4.4).
fn sig_structure(key_id: KeyId, domain: Domain, payload: &[u8]) -> Vec<u8> {
    let mut e = Encoder::new(Vec::with_capacity(payload.len() + 64));
    e.array(5)
        .and_then(|e| e.str("Signature"))
        .and_then(|e| e.bytes(&[]))
        .and_then(|e| e.bytes(&protected(key_id)))
        .and_then(|e| e.bytes(domain.0.as_bytes()))
        .and_then(|e| e.bytes(payload))
        .expect("writing into a vector does not fail");
    e.into_writer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SoftwareKey;

    const LIST: Domain = Domain("list");

    #[test]
    fn counts_each_signer_once() {
        let keys = [1, 2, 3].map(|n| SoftwareKey::from_seed(&[n; 32]));
        let public: Vec<_> = keys.iter().map(Signer::public_key).collect();
        let signed = MultiSignedBuilder::new(LIST, b"x".to_vec())
            .sign(&keys[0])
            .and_then(|b| b.sign(&keys[2]))
            .and_then(|b| b.sign(&keys[0]))
            .unwrap()
            .build();
        let parsed = MultiSigned::parse(&signed.to_bytes()).unwrap();
        assert_eq!(parsed.count_valid(&public, LIST), 2);
        assert_eq!(parsed.count_valid(&[public[0], public[0]], LIST), 1);
        assert_eq!(parsed.count_valid(&public, Domain("other")), 0);
        assert_eq!(parsed.count_valid(&public[1..2], LIST), 0);
    }

    #[test]
    fn refuses_truncated_and_extended_envelopes() {
        let key = SoftwareKey::from_seed(&[1; 32]);
        let signed = MultiSignedBuilder::new(LIST, vec![1, 2]).sign(&key).unwrap().build();
        let bytes = signed.to_bytes();
        for at in 0..bytes.len() {
            assert!(MultiSigned::parse(&bytes[..at]).is_err());
        }
        assert!(MultiSigned::parse(&[&bytes[..], &[0]].concat()).is_err());
    }
}
