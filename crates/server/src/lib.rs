//! The sync server: takes events, keeps the log, answers with receipts, closes months. A library;
//! `qatysu serve` and the demonstration run it.
//!
//! Absent on purpose: SQL (see `server-store`), rules of money (see `ledger`), TLS (a reverse proxy
//! ends it), and any way to change what was logged. Not there yet: witnesses, static tiles,
//! revocation, the console.
//!
//! # Invariants
//! - Commit, then sign, then answer: a checkpoint is signed only for leaves that are on the disk.
//! - Same bytes, same answer: a repeated batch gets the same leaf indices.
//! - A verdict per event: a bad event is put aside and blocks nothing of another device.
//! - The ledger runs behind the log, never inside a request: a ledger fault does not stop receipts.
//!
//! Start at [`Server::ingest`], then [`Server::close_due_months`].
#![forbid(unsafe_code)]

mod board;
mod bundle;
mod clock;
mod closing;
mod district;
mod enrolment;
mod error;
mod history;
mod http;
mod ingest;
mod keys;
mod losses;
pub mod rebuild;
mod receipts;
mod roster;
mod server;
mod tags;

pub use clock::ServerClock;
pub use district::{District, InitError, Person, init};
pub use enrolment::Grant;
pub use error::ServerError;
pub use http::{router, serve};
pub use keys::{IssuerKeys, KeyFileError, read_key, write_key};
pub use server::{Server, StartError};
