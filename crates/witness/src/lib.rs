//! Watching a log from outside: a witness, the client that asks witnesses, and whole copies of a
//! published log. Rules are in `tlog`; here are files and HTTP.
//!
//! Absent on purpose: attendance, a clock and randomness (the time and the key are handed in), TLS (a
//! reverse proxy ends it; all that goes over the wire is public, and signed where it matters).
//!
//! # Invariants
//! - A witness answers 200 only after what it cosigns is on the disk, under its name and synced.
//! - One process has a witness's directory; a damaged state is refused, never begun anew.
//! - A copy's checkpoint is written last: it is never ahead of its tiles. Nothing is written that is
//!   not proven to be under the checkpoint.
//! - What a witness was shown against a log stays ([`mod@evidence`]).
//!
//! Start at [`RunningWitness::add_checkpoint`], [`WitnessClient::submit`], [`export`] and [`check()`].
#![forbid(unsafe_code)]

pub mod check;
mod client;
pub mod copy;
pub mod evidence;
mod file;
mod http;
pub mod published;
mod running;
mod state;
#[cfg(test)]
mod tests;
mod tls;

pub use check::{CheckReport, check};
pub use client::{SubmitError, WitnessClient};
pub use copy::{CopyError, ExportReport, export};
pub use evidence::{Evidence, evidence};
pub use file::write_atomically;
pub use http::{router, serve};
pub use published::{Published, PublishedLog, ReadError};
pub use running::{AddError, RunningWitness};
pub use state::StateError;
