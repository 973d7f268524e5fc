//! Listening for HTTP: connections in, bounded in number, time and size; an orderly end; and how often
//! one address may ask. Server, hub and browser shell listen through it.
//!
//! Absent on purpose: routes and what they mean, TLS itself ([`Handshake`] is handed in), files,
//! randomness. Connections and requests are bounded in real time.
//!
//! # Invariants
//! - What never ends is cut off: a header, a body, an answer that nobody takes, a handshake.
//! - Who is refused is told why in a problem document, and when to come again (`Retry-After`).
//! - One address takes neither all places nor all turns; an IPv6 network of 64 bits is one address.
//! - Who stops answers what was begun, for as long as [`Limits::drain_time`] says, and lets nobody in.
//! - Memory is bounded: places by [`Limits`], buckets by their number.
//!
//! Start at [`Hall::open`], then [`bounded()`].
#![forbid(unsafe_code)]

mod bounded;
mod bucket;
mod crowd;
mod hall;
mod limits;
mod neighbourhood;
mod peer;
mod problem;

pub use bounded::{Bounds, bounded};
pub use bucket::{Buckets, TooOften};
pub use hall::{Agreeing, BoundedStream, Hall, Handshake, Turnstile};
pub use limits::{Limits, Rate};
pub use neighbourhood::Neighbourhood;
pub use peer::Peer;
pub use problem::{busy, refusal};
