//! The sync server: takes events, keeps the log, answers with receipts, closes months. A library;
//! `qatysu serve` and the demonstration run it.
//!
//! Absent on purpose: SQL (see `server-store`), rules of money (see `ledger`), TLS (a reverse proxy
//! ends it), and any way to change what was logged. Not there yet: revocation, the console.
//!
//! # Invariants
//! - Commit, then sign, then answer: a checkpoint is signed only for leaves that are on the disk.
//! - Same bytes, same answer: a repeated batch gets the same leaf indices.
//! - A verdict per event: a bad event is put aside and blocks nothing of another device.
//! - A witness that does not answer keeps nobody waiting; what one cosigned is in every note of that
//!   checkpoint from then on.
//! - A server never goes back to an older trust list.
//! - The ledger runs behind the log, never inside a request: a ledger fault does not stop receipts.
//!
//! Start at [`Server::ingest`], then [`Server::close_due_months`].
#![forbid(unsafe_code)]

mod amendment;
mod board;
mod bundle;
mod cards;
mod clock;
mod closing;
mod district;
mod door;
mod enrolment;
mod error;
mod history;
mod http;
mod ingest;
mod keys;
mod losses;
mod parcels;
mod published;
pub mod rebuild;
mod receipts;
mod roster;
mod server;
mod snapshots;
mod tags;
mod trust_change;
mod witnesses;

pub use amendment::{DistrictUpdate, PersonChange, UpdateError};
pub use cards::{CardLogged, CardNotLogged, LogCardsError};
pub use clock::ServerClock;
pub use district::{District, InitError, Person, init};
pub use enrolment::Grant;
pub use error::ServerError;
pub use http::{router, serve};
pub use keys::{IssuerKeys, KeyFileError, log_key, read_key, write_key};
pub use published::{OwnLog, PublishedFile};
pub use server::{Server, StartError};
pub use trust_change::{NameWitnessesError, name_witnesses};
pub use witnesses::WITNESS_POLICY;
