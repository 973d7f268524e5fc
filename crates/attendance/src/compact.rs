//! A signature whose envelope is not sent: whoever knows the key rebuilds the `COSE_Sign1` and
//! verifies that ([RFC 9052 §4.4]).
//!
//! The envelope's header and framing cost 13 bytes, and a QR code on a screen has none to spare.
//!
//! [RFC 9052 §4.4]: https://www.rfc-editor.org/rfc/rfc9052#section-4.4

use minicbor::Encoder;
use seal::{BadSignature, Domain, KeyId, PublicKey, Sign1, SignError, Signature, Signer};

/// Signs a payload as [`Sign1::seal`] would, and gives the bare signature. The signature is verified
/// before it is given out: a keystore that signs wrongly is found here.
pub(crate) fn sign(
    signer: &dyn Signer,
    domain: Domain,
    payload: &[u8],
) -> Result<[u8; 64], SignError> {
    let key = signer.public_key();
    let signature = signer.sign(&to_sign(key.key_id(), domain, payload))?;
    verify(&key, domain, payload, &signature.0)
        .map_err(|_| SignError("the signature does not match its own key".to_owned()))?;
    Ok(signature.0)
}

/// Decides whether `key` signed the payload for `domain`.
pub(crate) fn verify(
    key: &PublicKey,
    domain: Domain,
    payload: &[u8],
    signature: &[u8; 64],
) -> Result<(), BadSignature> {
    key.verify(&to_sign(key.key_id(), domain, payload), &Signature(*signature))
}

fn to_sign(key_id: KeyId, domain: Domain, payload: &[u8]) -> Vec<u8> {
    Sign1::sig_structure(&protected(key_id), domain.0.as_bytes(), payload)
}

/// The protected header of [`Sign1`]: `{1: -19, 4: kid}`.
fn protected(key_id: KeyId) -> Vec<u8> {
    let mut e = Encoder::new(Vec::with_capacity(10));
    e.map(2)
        .and_then(|e| e.u8(1)?.i8(-19))
        .and_then(|e| e.u8(4)?.bytes(&key_id.0))
        .expect("writing into a vector does not fail");
    e.into_writer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use seal::SoftwareKey;

    const CODE: Domain = Domain("code");

    #[test]
    fn signs_what_a_whole_envelope_would_sign() {
        let key = SoftwareKey::from_seed(&[5; 32]);
        let bare = sign(&key, CODE, b"payload").unwrap();
        let whole = Sign1::seal(&key, CODE, b"payload".to_vec()).unwrap().to_bytes();
        assert!(whole.ends_with(&bare));
        assert_eq!(verify(&key.public_key(), CODE, b"payload", &bare), Ok(()));
        assert!(verify(&key.public_key(), Domain("card"), b"payload", &bare).is_err());
    }

    #[test]
    fn gives_out_no_signature_that_does_not_match() {
        struct Broken(SoftwareKey);
        impl Signer for Broken {
            fn public_key(&self) -> PublicKey {
                self.0.public_key()
            }
            fn sign(&self, _: &[u8]) -> Result<Signature, SignError> {
                self.0.sign(b"another message")
            }
        }
        assert!(sign(&Broken(SoftwareKey::from_seed(&[5; 32])), CODE, b"payload").is_err());
    }
}
