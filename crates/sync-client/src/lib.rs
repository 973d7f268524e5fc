//! Drains a device's outbox over HTTP and brings back receipts, rosters, visits, tag
//! lists and the board.
//!
//! Absent on purpose: storage and verification (both are the device's), timers (the shell's), and
//! any state of its own: what is left to do is read from the device each time. Not there yet: batch
//! size by goodput, back-off, compression.
//!
//! # Invariants
//! - The device is locked for single verbs, never while the network is waited for.
//! - Nothing is deleted here. Any failure leaves the outbox as it was; a repeated sync repeats no
//!   event, since a batch is named by its hash and an event by its own.
//! - A checkpoint is linked with what the device accepted before anything under it is handed over; what
//!   is to be thought of the log never keeps events from being sent.
//! - "Sent" is only what the server gave a verdict for; a lost answer counts as not sent.
//!
//! Start at [`SyncClient::sync`].
#![forbid(unsafe_code)]

mod by_hub;
mod carried;
mod client;
mod datagram;
mod down;
mod error;
mod history;
mod hub;
mod shared;
mod tags;
mod transport;
mod up;

pub use by_hub::{HubReport, seal_waiting};
pub use client::{SyncClient, SyncReport};
pub use datagram::{Carrying, Datagrams, Udp};
pub use error::SyncError;
pub use hub::{HubContact, HubError, HubSays};
pub use shared::SharedDevice;
pub use transport::{Answer, Call, Calling, Method, Transport, Unanswered};
