//! Carriage through people: a place that keeps sealed parcels for others and passes them on when it
//! has a network, on the local network (the hub) or by file (the courier).
//!
//! Absent on purpose: what is in a parcel (it is sealed to the server, and a carrier cannot open it),
//! judging an answer (the device that waits for it does), keys and clocks (the carrying device's).
//! Not there yet: TLS on the local network; what goes over it is sealed or signed.
//!
//! # Invariants
//! - A parcel is acknowledged only after it is on the disk: its file, its name and its folder synced.
//! - A parcel stays until the server's answer is on the disk, signed by its log, and the answer stays for a while after.
//!   None that waits is thrown out to make room for another.
//! - One parcel that the server does not take, or cannot take, blocks no other.
//! - What is kept is bounded: bytes of a parcel, parcels, bytes, and each device's part of both. So is
//!   what is asked: connections, time and rate have the server's bounds ([`HubLimits`]).
//! - A hub says who it is with its device's key, and that is all it is believed for: what it carries
//!   is *carried*, never *sent*, and an answer counts once the device has verified it.
//!
//! Start at [`ParcelStore::keep`], then [`Hub::take`] and [`forward()`].
#![forbid(unsafe_code)]

mod courier;
mod forward;
mod header;
#[cfg(feature = "serve")]
mod http;
#[cfg(feature = "serve")]
mod limits;
mod nearby;
#[cfg(feature = "serve")]
mod running;
mod store;
#[cfg(test)]
mod tests;
mod word;

pub use courier::{CarryFile, CarryFileError, Damage, Word};
pub use forward::{Destination, Forwarded, forward, run_forwarding};
pub use header::Header;
#[cfg(feature = "serve")]
pub use http::{router, serve, serve_with};
#[cfg(feature = "serve")]
pub use limits::HubLimits;
pub use nearby::{Announcement, Nearby, NearbyError, find};
#[cfg(feature = "serve")]
pub use running::{Hub, HubAnswer, HubError, local_addresses};
pub use store::{Carried, CarryError, CarryLimits, Folder, NewFile, ParcelStore, Standing};
pub use word::acknowledge;
