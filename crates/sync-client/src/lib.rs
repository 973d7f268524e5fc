//! Drains a device's outbox over HTTP and brings back receipts, rosters, visits, tag
//! lists and the board.
//!
//! Absent on purpose: storage and verification (both are the device's), timers (the shell's), and
//! any state of its own but the size of the next batch: what is left to do is read from the device each
//! time. When to sync next is said by [`Retry`], which has no clock.
//!
//! # Invariants
//! - The device is locked for single verbs, never while the network is waited for.
//! - Nothing is deleted here. Any failure leaves the outbox as it was; a repeated sync repeats no
//!   event, since a batch is named by its hash and an event by its own.
//! - A checkpoint is linked with what the device accepted before anything under it is handed over; what
//!   is to be thought of the log never keeps events from being sent.
//! - A server that a ticket pinned is asked under certificates of that authority and of no other.
//! - "Sent" is only what the server gave a verdict for; a lost answer counts as not sent.
//!
//! Start at [`SyncClient::sync`].
#![forbid(unsafe_code)]

mod batch_size;
mod by_hub;
mod carried;
mod chain;
mod client;
mod datagram;
mod down;
mod error;
mod history;
mod hub;
mod life;
mod own;
mod receipts;
mod retry;
mod roster;
mod shared;
mod status;
mod tags;
mod time;
mod tls;
mod transport;
mod up;

pub use batch_size::BatchSize;
pub use by_hub::{HubReport, seal_waiting};
pub use client::{SyncClient, SyncReport};
pub use datagram::{Carrying, Datagrams, Udp};
pub use error::SyncError;
pub use hub::{HubContact, HubError, HubSays};
pub use retry::{Happened, Outcome, Pace, Plan, Retry, Why};
pub use shared::SharedDevice;
pub use transport::{Answer, Call, Calling, Method, Transport, Unanswered, use_ring};
