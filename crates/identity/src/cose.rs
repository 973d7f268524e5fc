//! The envelopes: `COSE_Sign1` ([RFC 9052 §4.2]) and `COSE_Encrypt0` ([RFC 9052 §5.2]).
//!
//! Here the header is the other scheme's: any parameters, the algorithm in the protected part, with
//! or without a tag. Our own envelope has one form and is [`seal::Sign1`].
//!
//! [RFC 9052 §4.2]: https://www.rfc-editor.org/rfc/rfc9052#section-4.2
//! [RFC 9052 §5.2]: https://www.rfc-editor.org/rfc/rfc9052#section-5.2

use std::collections::BTreeMap;

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use minicbor::Encoder;

use crate::cbor::{Key, Lengths, Value, decode};
use crate::rejection::{IdentityRejection, malformed};

/// What the unpacked bytes are.
pub(crate) enum Envelope<'b> {
    Signed(Signed<'b>),
    Encrypted(Encrypted<'b>),
    /// A token that nobody signed. Only encrypted ones come so.
    Bare,
}

/// A signed token. Whether the signature holds is not decided yet.
pub(crate) struct Signed<'b> {
    pub(crate) algorithm: i64,
    pub(crate) protected: &'b [u8],
    pub(crate) payload: &'b [u8],
    pub(crate) signature: &'b [u8],
}

/// An encrypted token.
pub(crate) struct Encrypted<'b> {
    protected: &'b [u8],
    nonce: [u8; 12],
    ciphertext: &'b [u8],
}

impl<'b> Envelope<'b> {
    /// Parses an envelope of either kind, or the map of a bare token.
    pub(crate) fn parse(bytes: &'b [u8]) -> Result<Self, IdentityRejection> {
        // The map of a bare token is read again, with its own limits.
        if bytes.first().is_some_and(|first| first >> 5 == 5) {
            return Ok(Self::Bare);
        }
        let (tag, Value::Array(parts)) = untagged(decode(bytes, Lengths::Definite)?) else {
            return Err(no_envelope());
        };
        match (tag, &parts[..]) {
            (
                None | Some(TAG_SIGN1),
                [
                    Value::Bytes(protected),
                    Value::Map(_),
                    Value::Bytes(payload),
                    Value::Bytes(signature),
                ],
            ) => {
                let algorithm = algorithm_of(protected)?;
                Ok(Self::Signed(Signed { algorithm, protected, payload, signature }))
            }
            (
                None | Some(TAG_ENCRYPT0),
                [Value::Bytes(protected), Value::Map(unprotected), Value::Bytes(ciphertext)],
            ) => {
                if algorithm_of(protected)? != A256GCM {
                    return Err(malformed("encrypted with another algorithm than A256GCM"));
                }
                let nonce = match unprotected.get(&Key::Int(HEADER_IV)) {
                    Some(Value::Bytes(nonce)) => <[u8; 12]>::try_from(*nonce).ok(),
                    _ => None,
                };
                let nonce = nonce.ok_or_else(|| malformed("an IV of 12 bytes is missing"))?;
                Ok(Self::Encrypted(Encrypted { protected, nonce, ciphertext }))
            }
            _ => Err(no_envelope()),
        }
    }
}

impl Encrypted<'_> {
    /// Gives the plain bytes, if this is the key ([RFC 9052 §5.3]).
    ///
    /// [RFC 9052 §5.3]: https://www.rfc-editor.org/rfc/rfc9052#section-5.3
    pub(crate) fn open(&self, key: &[u8; 32]) -> Option<Vec<u8>> {
        let mut e = Encoder::new(Vec::with_capacity(self.protected.len() + 16));
        e.array(3)
            .and_then(|e| e.str("Encrypt0"))
            .and_then(|e| e.bytes(self.protected))
            .and_then(|e| e.bytes(&[]))
            .expect("writing into a vector does not fail");
        let payload = Payload { msg: self.ciphertext, aad: e.writer() };
        Aes256Gcm::new(&(*key).into()).decrypt(&self.nonce.into(), payload).ok()
    }
}

/// Takes the tag off, and that of a CBOR Web Token around it ([RFC 8392 §6]).
///
/// [RFC 8392 §6]: https://www.rfc-editor.org/rfc/rfc8392#section-6
fn untagged(value: Value<'_>) -> (Option<u64>, Value<'_>) {
    if let Value::Tag(tag, inner) = value {
        if tag == TAG_CWT { untagged(*inner) } else { (Some(tag), *inner) }
    } else {
        (None, value)
    }
}

/// Reads the algorithm from the part of the header that is signed, and refuses what must be
/// understood and is not ([RFC 9052 §3.1], `crit`).
///
/// [RFC 9052 §3.1]: https://www.rfc-editor.org/rfc/rfc9052#section-3.1
fn algorithm_of(protected: &[u8]) -> Result<i64, IdentityRejection> {
    let header = if protected.is_empty() {
        BTreeMap::new()
    } else if let Value::Map(header) = decode(protected, Lengths::Definite)? {
        header
    } else {
        return Err(malformed("the header is no map"));
    };
    if header.contains_key(&Key::Int(HEADER_CRIT)) {
        return Err(malformed("the header asks for what is unknown here"));
    }
    match header.get(&Key::Int(HEADER_ALG)) {
        Some(Value::Int(algorithm)) => Ok(*algorithm),
        _ => Err(malformed("the signed header names no algorithm")),
    }
}

fn no_envelope() -> IdentityRejection {
    malformed("neither COSE_Sign1 nor COSE_Encrypt0")
}

const TAG_ENCRYPT0: u64 = 16;
const TAG_SIGN1: u64 = 18;
const TAG_CWT: u64 = 61;
const HEADER_ALG: i64 = 1;
const HEADER_CRIT: i64 = 2;
const HEADER_IV: i64 = 5;
const A256GCM: i64 = 3;
