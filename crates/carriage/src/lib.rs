//! Carrying events where no connection goes: a sealed parcel that anybody may carry, and frames that
//! bring it through a camera, a bad line, or any other place that loses much.
//!
//! Absent on purpose: files, sockets, screens, clocks and randomness (32 random bytes are handed in),
//! and any judgement of events. Who carries what, when and how fast is decided elsewhere.
//!
//! # Invariants
//! - A carrier sees of a [`Parcel`] which device sent it, how many events are inside, for which server
//!   it is, and how long it is; of a [`ParcelAnswer`] which events were taken, by their place, and
//!   nothing that can be read without the events.
//! - A parcel and a transfer are named by SHA-256 of their bytes. What a [`Collector`] gives has the
//!   name that was asked for, whatever frames came in between.
//! - Nothing that comes from outside panics. What a collector keeps is bounded by its [`Limits`], not
//!   by what a frame says.
//! - What parses re-encodes to the same bytes.
//!
//! Start at [`Parcel`], then [`FrameStream`] and [`Collector`].
#![forbid(unsafe_code)]

mod answer;
mod collector;
mod contents;
mod feedback;
mod frame;
mod key;
mod pacer;
mod parcel;
mod stream;

pub use answer::{
    ANSWER_DOMAIN, AnswerRejection, ParcelAnswer, ParcelGrowth, ParcelReceipts, ParcelVerdict,
    SignedParcelAnswer,
};
pub use collector::{Collected, Collector, Limits, Progress};
pub use contents::{
    BATCH_FORMAT, CONTENTS_DOMAIN, ContentsRejection, PACKED_FORMAT, ParcelContents,
};
pub use feedback::{Feedback, Standing};
pub use frame::{
    FRAME_HEADER_BYTES, FRAME_PREFIX, Frame, FrameRejection, MAX_SYMBOL_BYTES, MAX_SYMBOLS,
    MIN_SYMBOL_BYTES, SYMBOL_IDS, TransferId, TransferName, looks_like_frame,
};
pub use key::{PARCEL_KEY_DOMAIN, ParcelKey, ParcelKeyId, ParcelKeyRejection, ParcelSecret};
pub use pacer::Pacer;
pub use parcel::{OpenError, PARCEL_MAX_BYTES, Parcel, ParcelHeader, ParcelRejection, SealError};
pub use stream::{FrameStream, StreamError};
