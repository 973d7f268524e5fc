//! The server's answer to a parcel: signed, since it comes back by any way.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use seal::{Hash, PublicKey, Sign1, SignError, Signer};

/// Signatures of a log over answers to parcels.
pub const ANSWER_DOMAIN: seal::Domain = seal::Domain("qatysu/parcel-answer/1");

const VERSION: u8 = 1;

/// Why bytes were not accepted as an answer to a parcel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerRejection {
    /// Not a signed answer.
    #[error("not an answer to a parcel: {0}")]
    Malformed(#[from] seal::CanonicalError),
    /// Not a signed envelope.
    #[error("not an answer to a parcel: {0}")]
    Envelope(#[from] seal::EnvelopeError),
    /// A version this program does not know.
    #[error("an answer of version {0} is newer than this program")]
    UnknownVersion(u8),
    /// None of the log's keys signed it.
    #[error("the log did not sign this answer: nothing of it is believed")]
    BadSignature,
    /// The salts are not one for each event.
    #[error("{events} events have {bytes} bytes of salts, 16 are needed for each")]
    Salts {
        /// How many events there are.
        events: usize,
        /// How many bytes of salts.
        bytes: usize,
    },
}

/// What became of one event.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(flat)]
pub enum ParcelVerdict {
    /// In the log.
    #[n(0)]
    Stored,
    /// It was in the log already.
    #[n(1)]
    Duplicate,
    /// Put aside, with the reason's code.
    #[n(2)]
    Parked(#[n(0)] String),
    /// Not yet, with the reason's code.
    #[n(3)]
    Deferred(#[n(0)] String),
}

/// Several events in a row with one verdict.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
struct Run {
    #[n(0)]
    events: u16,
    #[n(1)]
    verdict: ParcelVerdict,
}

/// One receipt for all events of the parcel that are in the log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ParcelReceipts {
    /// A `tlog::BatchReceipt`.
    pub receipt: Vec<u8>,
    /// The events in the log's order, each by its place in the batch, from 0.
    pub places: Vec<u16>,
    /// The salts of their leaves, in the same order.
    pub salts: Vec<[u8; 16]>,
}

/// Proves that the log only grew from what the device knew to the answer's checkpoint.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ParcelGrowth {
    /// The size that the device knew.
    pub from: u64,
    /// The root that this log has for that size: a proof that fails is then still evidence.
    pub root: Hash,
    /// The hashes of the consistency proof (RFC 9162 section 2.1.4).
    pub path: Vec<Hash>,
}

/// Holds what the server says about a parcel.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ParcelAnswer {
    /// The parcel's name.
    pub parcel: Hash,
    /// One verdict per event, in the batch's order.
    pub verdicts: Vec<ParcelVerdict>,
    /// The checkpoint, as a signed note.
    pub checkpoint: String,
    /// The receipts; none if nothing of it is in the log.
    pub receipts: Option<ParcelReceipts>,
    /// The proof of growth; none if the device knew nothing, or as much.
    pub growth: Option<ParcelGrowth>,
}

#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
struct ReceiptsFrame {
    #[n(0)]
    receipt: ByteVec,
    #[n(1)]
    places: Vec<u16>,
    #[n(2)]
    salts: ByteVec,
}

#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
struct GrowthFrame {
    #[n(0)]
    from: u64,
    #[n(1)]
    root: Hash,
    #[n(2)]
    path: Vec<Hash>,
}

#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
struct Frame {
    #[n(0)]
    version: u8,
    #[n(1)]
    parcel: Hash,
    #[n(2)]
    verdicts: Vec<Run>,
    #[n(3)]
    checkpoint: String,
    #[n(4)]
    receipts: Option<ReceiptsFrame>,
    #[n(5)]
    growth: Option<GrowthFrame>,
}

impl ParcelAnswer {
    /// Signs the answer under the log's key. The payload is
    /// `[1, parcel, [* [how many, verdict]], checkpoint, receipts, growth]`.
    ///
    /// # Errors
    /// [`SignError`] if the log's key does not sign.
    pub fn sign(&self, log: &dyn Signer) -> Result<Vec<u8>, SignError> {
        let receipts = self.receipts.as_ref().map(|receipts| ReceiptsFrame {
            receipt: receipts.receipt.clone().into(),
            places: receipts.places.clone(),
            salts: receipts.salts.concat().into(),
        });
        let growth = self.growth.clone();
        let growth =
            growth.map(|ParcelGrowth { from, root, path }| GrowthFrame { from, root, path });
        let frame = Frame {
            version: VERSION,
            parcel: self.parcel,
            verdicts: runs(&self.verdicts),
            checkpoint: self.checkpoint.clone(),
            receipts,
            growth,
        };
        Ok(Sign1::seal(log, ANSWER_DOMAIN, seal::to_canonical(&frame))?.to_bytes())
    }
}

/// Holds a parsed answer whose signature nobody has decided about yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedParcelAnswer {
    sealed: Sign1,
    frame: Frame,
}

impl SignedParcelAnswer {
    /// Parses an answer. Nothing is verified.
    ///
    /// # Errors
    /// [`AnswerRejection`] for anything but its one encoding.
    pub fn parse(bytes: &[u8]) -> Result<Self, AnswerRejection> {
        let sealed = Sign1::parse(bytes)?;
        let frame: Frame = seal::from_canonical(sealed.unverified_payload())?;
        if frame.version != VERSION {
            return Err(AnswerRejection::UnknownVersion(frame.version));
        }
        Ok(Self { sealed, frame })
    }

    /// Names the parcel that it claims to answer, to find out who waits for it.
    #[must_use]
    pub fn unverified_parcel(&self) -> Hash {
        self.frame.parcel
    }

    /// Gives the answer if one of the log's keys signed it.
    ///
    /// # Errors
    /// [`AnswerRejection`] if none did, or what it signed does not fit together.
    pub fn verify(self, log_keys: &[PublicKey]) -> Result<ParcelAnswer, AnswerRejection> {
        if !log_keys.iter().any(|key| self.sealed.verify(key, ANSWER_DOMAIN).is_ok()) {
            return Err(AnswerRejection::BadSignature);
        }
        let frame = self.frame;
        // Only now: a run of many costs few bytes to write down, and much room when it is laid out.
        let verdicts = frame
            .verdicts
            .into_iter()
            .flat_map(|run| core::iter::repeat_n(run.verdict, usize::from(run.events)));
        Ok(ParcelAnswer {
            parcel: frame.parcel,
            verdicts: verdicts.take(usize::from(u16::MAX)).collect(),
            checkpoint: frame.checkpoint,
            receipts: frame.receipts.map(ReceiptsFrame::into_receipts).transpose()?,
            growth: frame.growth.map(|GrowthFrame { from, root, path }| ParcelGrowth {
                from,
                root,
                path,
            }),
        })
    }
}

impl ReceiptsFrame {
    fn into_receipts(self) -> Result<ParcelReceipts, AnswerRejection> {
        let (salts, rest) = self.salts.as_chunks::<16>();
        let events = self.places.len();
        if salts.len() != events || !rest.is_empty() {
            return Err(AnswerRejection::Salts { events, bytes: self.salts.len() });
        }
        let salts = salts.to_vec();
        Ok(ParcelReceipts { receipt: self.receipt.into(), places: self.places, salts })
    }
}

fn runs(verdicts: &[ParcelVerdict]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for verdict in verdicts {
        match runs.last_mut() {
            Some(last) if last.verdict == *verdict && last.events < u16::MAX => last.events += 1,
            Some(_) | None => runs.push(Run { events: 1, verdict: verdict.clone() }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use seal::SoftwareKey;

    use super::*;

    fn answer() -> ParcelAnswer {
        ParcelAnswer {
            parcel: seal::sha256(b"parcel"),
            verdicts: vec![
                ParcelVerdict::Stored,
                ParcelVerdict::Stored,
                ParcelVerdict::Parked("bad_signature".into()),
                ParcelVerdict::Deferred("gap".into()),
                ParcelVerdict::Duplicate,
            ],
            checkpoint: "note".into(),
            receipts: Some(ParcelReceipts {
                receipt: vec![1, 2, 3],
                places: vec![0, 1, 4],
                salts: vec![[1; 16], [2; 16], [3; 16]],
            }),
            growth: Some(ParcelGrowth {
                from: 3,
                root: seal::sha256(b"root"),
                path: vec![seal::sha256(b"node")],
            }),
        }
    }

    #[test]
    fn is_believed_as_the_log_signed_it() {
        let (log, other) = (SoftwareKey::from_seed(&[1; 32]), SoftwareKey::from_seed(&[2; 32]));
        let bytes = answer().sign(&log).unwrap();
        let came = SignedParcelAnswer::parse(&bytes).unwrap();
        assert_eq!(came.unverified_parcel(), answer().parcel);
        assert_eq!(came.clone().verify(&[log.public_key()]).unwrap(), answer());
        let refused = came.verify(&[other.public_key()]);
        assert!(matches!(refused, Err(AnswerRejection::BadSignature)));
        for at in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[at] ^= 1;
            let believed = SignedParcelAnswer::parse(&broken)
                .is_ok_and(|came| came.verify(&[log.public_key()]).is_ok());
            assert!(!believed, "byte {at} was changed and the answer still counted");
        }
    }
}
