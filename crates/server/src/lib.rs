//! The sync server: takes events, keeps the log, answers with receipts, closes months. A library;
//! `qatysu serve` and the demonstration run it.
//!
//! Absent on purpose: SQL (see `server-store`), rules of money (see `ledger`), and any way to
//! change what was logged. The console reads, lets people in, and adds records of volumes
//! to the district.
//!
//! # Invariants
//! - Commit, then sign, then answer: a checkpoint is signed only for leaves that are on the disk.
//! - Same bytes, same answer: a repeated batch gets the same leaf indices.
//! - A verdict per event: a bad event is put aside and blocks nothing of another device.
//! - A witness that does not answer keeps nobody waiting; what one cosigned is in every note of that
//!   checkpoint from then on.
//! - A server never goes back to an older trust list.
//! - Every route says who may ask for it (`http::routes`), and the answer is the table's
//!   ([`attendance::Action`]). What an answer tells of a child is written down before it goes.
//! - A device with much to send keeps no other waiting: devices write in turn, and whoever finds no
//!   room is told when to come again. What waits, and what is read, has a bound.
//! - The ledger runs behind the log, never inside a request: a ledger fault does not stop receipts.
//!
//! Start at [`Server::ingest`], then [`Server::close_due_months`].
#![forbid(unsafe_code)]

mod amendment;
mod backup;
mod board;
mod bundle;
mod card_status;
mod cards;
mod chain;
mod clock;
mod closing;
mod config;
mod console;
mod decisions;
mod district;
mod door;
mod ended;
mod enrolment;
mod entropy;
mod error;
mod health;
mod history;
mod http;
mod ingest;
mod keys;
mod losses;
mod metrics;
mod packing;
mod paper_check;
mod parcels;
mod parked;
mod payments;
mod places;
mod pressure;
mod printing;
mod published;
pub mod rebuild;
mod receipts;
mod reports;
mod retention;
mod roster;
mod roster_pieces;
mod server;
mod sheets;
mod signals;
mod snapshots;
mod surroundings;
pub mod tables;
mod tags;
mod tickets;
mod times;
mod tls;
mod trust_change;
mod views;
mod witnesses;

pub use amendment::{DistrictUpdate, PersonChange, UpdateError};
pub use backup::{BackupError, BackupManifest, Newest, Progress, backup, restore};
pub use card_status::{CardReason, DecideCardError, Decided};
pub use cards::{CardLogged, CardNotLogged, LogCardsError};
pub use clock::ServerClock;
pub use config::ServerConfig;
pub use console::{FirstLink, OpenConsoleError};
pub use district::{District, InitError, Person, init, init_in};
pub use enrolment::Grant;
pub use entropy::Entropy;
pub use error::ServerError;
pub use http::{Doors, openapi, router, serve, serve_with};
pub use keys::{IssuerKeys, KeyFileError, log_key, read_key, write_key};
pub use listener::Rate;
pub use printing::CardInForce;
pub use published::{OwnLog, PublishedFile};
pub use retention::{RetentionReport, RetentionRules, SCHOOL_YEARS_MIN, retention};
pub use server::{Server, StartError};
pub use server_store::StoredView;
pub use signals::{CLOCK_PARAMS, signals_response};
pub use surroundings::{Hands, Storage, Surroundings, Tasks, Work};
pub use tls::{TLS_CA_FILE, TLS_CA_KEY, Tls, TlsError, tls_pin};
pub use trust_change::{NameStatusKeyError, NameWitnessesError, name_status_key, name_witnesses};
pub use views::{ViewsAsked, views};
pub use witnesses::WITNESS_POLICY;
