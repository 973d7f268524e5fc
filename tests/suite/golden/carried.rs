//! What is carried: parcels, their answers, and the frames of both.

use carriage::{
    BATCH_FORMAT, Feedback, Frame, FrameStream, Parcel, ParcelAnswer, ParcelContents, ParcelGrowth,
    ParcelKey, ParcelReceipts, ParcelSecret, ParcelVerdict, SignedParcelAnswer, Standing,
};
use seal::Signer as _;
use system_tests::{Pen, batch_of, key};

use super::signed::{SALT, checkpoint, events};
use super::{golden, hex};

const ON_THE_WAY: &str = "makes parcels unreadable that are on their way";
/// The seed of the golden log's key.
const LOG: u8 = 2;

fn secret() -> ParcelSecret {
    ParcelSecret::from_seed(&[41; 32])
}

fn parcel() -> Vec<u8> {
    let pen = Pen::new(21);
    let events = events();
    let contents = ParcelContents {
        format: BATCH_FORMAT.to_owned(),
        batch: batch_of(events.iter().map(|event| event.bytes())),
        known_size: Some(5),
    };
    let contents = contents.sign(pen.key()).expect("a software key signs");
    let count = u16::try_from(events.len()).expect("few");
    let sealed = Parcel::seal(pen.device(), count, &contents, &secret().public(), [42; 32]);
    sealed.expect("it seals").to_bytes()
}

#[test]
fn parcels_are_unchanged() {
    let bytes = parcel();
    golden("parcel.hex", &hex(&bytes), ON_THE_WAY);
    let opened = Parcel::parse(&bytes).expect("a parcel").open(&secret()).expect("it opens");
    let sender = Pen::new(21).key().public_key();
    assert!(ParcelContents::parse_and_verify(&opened, &sender).is_ok());
    let stated = secret().public().state(&key(LOG)).expect("a software key signs");
    golden("parcel-key.hex", &hex(&stated), "makes devices without a key to seal to");
    assert_eq!(ParcelKey::verify(&stated, &[key(LOG).public_key()]), Ok(secret().public()));
}

#[test]
fn answers_to_parcels_are_unchanged() {
    let answer = ParcelAnswer {
        parcel: seal::sha256(&parcel()),
        verdicts: vec![
            ParcelVerdict::Stored,
            ParcelVerdict::Stored,
            ParcelVerdict::Duplicate,
            ParcelVerdict::Parked("bad_signature".to_owned()),
            ParcelVerdict::Deferred("gap".to_owned()),
        ],
        checkpoint: checkpoint(),
        receipts: Some(ParcelReceipts {
            receipt: b"a receipt of a batch".to_vec(),
            places: vec![0, 1, 2],
            salts: vec![SALT; 3],
        }),
        growth: Some(ParcelGrowth {
            from: 5,
            root: seal::sha256(b"root"),
            path: vec![seal::sha256(b"node")],
        }),
    };
    let signed = answer.sign(&key(LOG)).expect("a software key signs");
    golden("parcel-answer.hex", &hex(&signed), ON_THE_WAY);
    let read = SignedParcelAnswer::parse(&signed).expect("an answer");
    assert_eq!(read.verify(&[key(LOG).public_key()]).expect("it is signed"), answer);
}

#[test]
fn frames_are_unchanged() {
    let bytes = parcel();
    let stream = FrameStream::new(&bytes, 64).expect("a stream");
    // A part of the object, and two that are made of several (RFC 6330).
    let symbols = stream.transfer().symbols();
    let frames = [0, symbols, symbols + 1_000].map(|number| stream.frame(number).to_text());
    golden("frame.txt", &frames.join("\n"), ON_THE_WAY);
    for text in frames {
        assert_eq!(Frame::parse_text(&text).expect("a frame").transfer, stream.transfer());
    }
    let feedback = Feedback {
        transfer: stream.transfer().id,
        standing: Standing::More,
        received: 3,
        newest: symbols + 1_000,
        at_ms: 123_456,
        cookie: [7; 8],
    };
    golden("feedback.hex", &hex(&feedback.to_bytes()), "makes both sides deaf to each other");
}
