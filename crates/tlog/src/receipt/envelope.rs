//! What receipts of one leaf and of a batch share: the `COSE_Sign1` around the proof
//! ([RFC 9942 §5.2]).
//!
//! [RFC 9942 §5.2]: https://www.rfc-editor.org/rfc/rfc9942#section-5.2

use minicbor::data::Tag;
use minicbor::decode::Error as DecodeError;
use minicbor::{Decoder, Encoder};
use seal::{Hash, KeyId, PublicKey, Sign1, Signature};

use super::{RECEIPT_VDP, RECEIPT_VDS, RECEIPT_VDS_RFC9162_SHA256, ReceiptRejection};

const TAG_SIGN1: u64 = 18;
/// Ed25519, fully specified ([RFC 9864](https://www.rfc-editor.org/rfc/rfc9864)).
const ALG_ED25519: i8 = -19;

/// Holds what is around a proof, and the proof's own bytes.
pub(crate) struct Envelope {
    pub(crate) key_id: KeyId,
    pub(crate) proof: Vec<u8>,
    pub(crate) signature: Signature,
}

impl Envelope {
    /// Parses the envelope of one proof with this label. Whether the encoding is the one accepted is
    /// for the caller to compare.
    pub(crate) fn parse(bytes: &[u8], label: i32) -> Result<Self, ReceiptRejection> {
        let mut d = Decoder::new(bytes);
        if d.tag()? != Tag::new(TAG_SIGN1) || d.array()? != Some(4) {
            return Err(malformed("a COSE_Sign1 is tag 18 over an array of 4"));
        }
        let key_id = parse_protected(d.bytes()?)?;
        let proof = parse_unprotected(&mut d, label)?.to_vec();
        d.null()?;
        let signature = d.bytes()?.try_into().map_err(|_| malformed("a signature has 64 bytes"))?;
        Ok(Self { key_id, proof, signature: Signature(signature) })
    }

    /// Encodes it.
    pub(crate) fn to_bytes(&self, label: i32) -> Vec<u8> {
        let mut e = Encoder::new(Vec::with_capacity(self.proof.len() + 128));
        e.tag(Tag::new(TAG_SIGN1))
            .and_then(|e| e.array(4))
            .and_then(|e| e.bytes(&protected(self.key_id)))
            .and_then(|e| e.map(1))
            .and_then(|e| e.u16(RECEIPT_VDP))
            .and_then(|e| e.map(1))
            .and_then(|e| e.i32(label))
            .and_then(|e| e.array(1))
            .and_then(|e| e.bytes(&self.proof))
            .and_then(|e| e.null())
            .and_then(|e| e.bytes(&self.signature.0))
            .expect("writing into a vector does not fail");
        e.into_writer()
    }
}

/// Builds the signed bytes: the root is the detached payload, and there is no external data. All
/// receipts of one root have one signature.
pub(crate) fn to_sign(key_id: KeyId, root: Hash) -> Vec<u8> {
    Sign1::sig_structure(&protected(key_id), &[], &root.0)
}

/// Verifies that the log signed the root.
pub(crate) fn verify(
    key: &PublicKey,
    key_id: KeyId,
    root: Hash,
    signature: &Signature,
) -> Result<(), ReceiptRejection> {
    key.verify(&to_sign(key_id, root), signature).map_err(|_| ReceiptRejection::BadSignature)
}

/// Serialises the protected header `{1: -19, 4: kid, 395: 1}`.
fn protected(key_id: KeyId) -> Vec<u8> {
    let mut e = Encoder::new(Vec::with_capacity(14));
    e.map(3)
        .and_then(|e| e.u8(1))
        .and_then(|e| e.i8(ALG_ED25519))
        .and_then(|e| e.u8(4))
        .and_then(|e| e.bytes(&key_id.0))
        .and_then(|e| e.u16(RECEIPT_VDS))
        .and_then(|e| e.u8(RECEIPT_VDS_RFC9162_SHA256))
        .expect("writing into a vector does not fail");
    e.into_writer()
}

fn parse_protected(bytes: &[u8]) -> Result<KeyId, ReceiptRejection> {
    let shape = || malformed("the protected header is {1: alg, 4: kid, 395: vds}");
    let mut d = Decoder::new(bytes);
    if d.map()? != Some(3) || d.u8()? != 1 {
        return Err(shape());
    }
    let algorithm = d.i64()?;
    if algorithm != i64::from(ALG_ED25519) {
        return Err(ReceiptRejection::UnknownAlgorithm(algorithm));
    }
    if d.u8()? != 4 {
        return Err(shape());
    }
    let key_id = d.bytes()?.try_into().map_err(|_| malformed("kid has 4 bytes"))?;
    if d.u16()? != RECEIPT_VDS {
        return Err(shape());
    }
    let structure = d.i64()?;
    if structure == i64::from(RECEIPT_VDS_RFC9162_SHA256) {
        Ok(KeyId(key_id))
    } else {
        Err(ReceiptRejection::UnknownStructure(structure))
    }
}

/// Finds the one proof in `{396: {label: [proof]}}`.
fn parse_unprotected<'b>(d: &mut Decoder<'b>, label: i32) -> Result<&'b [u8], ReceiptRejection> {
    if d.map()? != Some(1) || d.u16()? != RECEIPT_VDP {
        return Err(malformed("the unprotected header is {396: proofs}"));
    }
    if d.map()? != Some(1) || d.i32()? != label || d.array()? != Some(1) {
        return Err(malformed("the proofs are one proof of its kind"));
    }
    Ok(d.bytes()?)
}

pub(crate) fn malformed(what: &'static str) -> ReceiptRejection {
    DecodeError::message(what).into()
}
