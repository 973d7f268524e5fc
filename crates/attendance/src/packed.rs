//! The wire form: one device's events packed against what both sides know, and nothing lost.
//!
//! A packed batch is a header and one record for each event. The signature travels as it is, 64
//! bytes; everything else is rebuilt: the hash of the event before from the event before, position
//! and clocks by counting on, children, vouchers, lessons, providers and cards by their place in the
//! device's roster. What cannot be rebuilt to its exact bytes travels verbatim, so that packing is
//! lossless for **any** bytes. A mistake here is no danger to the log: whoever unpacks verifies the
//! signatures of the bytes that come out, and a wrong byte is a bad signature.
//!
//! Numbers are LEB128 in their shortest form, signed ones zigzag. A record begins with a number:
//!
//! | number | means |
//! |---:|---|
//! | 0 | verbatim: a length and that many bytes |
//! | 1 | an event of a new shape: the shape (kind and fields), then the event |
//! | n + 2 | an event of the shape number n of this batch |
//!
//! An event is: its position and the hash before it where they do not simply follow; the boot; the
//! step of the wall clock; by how much the step of the monotonic clock differs from that; the fields
//! of its shape in the order of [`model`]; the signature. A child, a lesson and the like are a
//! number: 0 for what was to be expected, 1 for a new one that follows, n + 2 for number n of the
//! roster and of those that followed before.

mod context;
mod header;
mod item;
mod model;
mod port;
mod similar;
mod table;

pub use context::{PackContext, RosterName};
pub use header::PackedHeader;

use crate::packed::item::Item;
use crate::packed::model::Model;
use crate::packed::port::{Reader, Writer};

/// The most events of a packed batch.
pub const PACKED_MAX_EVENTS: usize = 1024;

/// The most bytes that the events of a packed batch may have together, unpacked.
pub const UNPACKED_MAX_BYTES: usize = 1 << 20;

/// The only version of the packed form so far.
pub const PACKED_VERSION: u8 = 1;

/// Why events do not fit into one packed batch: make two.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PackRejection {
    /// More events than a reader accepts.
    #[error("{count} events are too many for one batch")]
    TooMany {
        /// How many there are.
        count: usize,
    },
    /// More bytes than a reader accepts.
    #[error("{bytes} bytes of events are too many for one batch")]
    TooLong {
        /// How many there are.
        bytes: usize,
    },
}

/// Why bytes were not accepted as a packed batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UnpackRejection {
    /// The bytes end too early, go on too long, or do not mean anything.
    #[error("the packed batch is damaged ({0}): send it again")]
    Damaged(&'static str),
    /// Of another version of the format.
    #[error("the packed batch is of version {version}, which is unknown here: update")]
    UnknownVersion {
        /// The version it says.
        version: u64,
    },
    /// Packed against a roster that is not the one at hand.
    #[error("the batch is packed against another roster: find that one, or ask for it unpacked")]
    OtherRoster {
        /// The roster it was packed against, if any.
        packed_with: Option<RosterName>,
    },
    /// The batch has more events, or they have more bytes, than is accepted.
    #[error("the packed batch is larger than is accepted")]
    TooLarge,
    /// The bytes mean events, and packing those gives other bytes.
    #[error("the batch is not packed in the one accepted way")]
    NotCanonical,
}

/// Packs the signed bytes of consecutive events of one device. Any bytes can be packed; those of
/// such events become short.
///
/// # Errors
/// [`PackRejection`] if they are too many for one batch.
pub fn pack<B: AsRef<[u8]>>(
    events: &[B],
    context: &PackContext<'_>,
) -> Result<Vec<u8>, PackRejection> {
    let count = events.len();
    if count > PACKED_MAX_EVENTS {
        return Err(PackRejection::TooMany { count });
    }
    let bytes = events.iter().map(|event| event.as_ref().len()).sum();
    if bytes > UNPACKED_MAX_BYTES {
        return Err(PackRejection::TooLong { bytes });
    }
    let device = events.iter().find_map(|event| Item::parse(event.as_ref(), None).device());
    let items = events.iter().map(|event| Item::parse(event.as_ref(), device)).collect();
    Ok(write(items, context))
}

fn write(items: Vec<Item>, context: &PackContext<'_>) -> Vec<u8> {
    let mut port = Writer::default();
    let mut header = PackedHeader::of(&items, context);
    header.walk(&mut port).expect("what is written has the form");
    let mut model = Model::new(context, &header);
    for item in items {
        model.walk(&mut port, Some(item)).expect("what is written has the form");
    }
    port.into_bytes()
}

/// Unpacks a batch into the signed bytes of its events, which nobody has verified yet.
///
/// # Errors
/// [`UnpackRejection`] for anything that [`pack`] would not have written with the same context.
pub fn unpack(bytes: &[u8], context: &PackContext<'_>) -> Result<Vec<Vec<u8>>, UnpackRejection> {
    let mut port = Reader::new(bytes);
    let header = PackedHeader::read(&mut port)?;
    if header.roster() != context.name() {
        return Err(UnpackRejection::OtherRoster { packed_with: header.roster() });
    }
    let mut model = Model::new(context, &header);
    let mut events = Vec::new();
    let mut total = 0;
    for _ in 0..header.count() {
        let event = model.walk(&mut port, None)?;
        total += event.len();
        if total > UNPACKED_MAX_BYTES {
            return Err(UnpackRejection::TooLarge);
        }
        events.push(event);
    }
    port.end()?;
    if pack(&events, context).is_ok_and(|again| again == bytes) {
        Ok(events)
    } else {
        Err(UnpackRejection::NotCanonical)
    }
}
