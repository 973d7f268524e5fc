//! What both shells share: the commands of the UI over one device and one sync.
//!
//! Absent on purpose: a window, HTTP, and rules. A command reads its arguments, calls one verb of the
//! device, and turns the answer into a view.
//!
//! # Invariants
//! - One device is opened once; commands and the background sync take turns, verb by verb.
//! - A command that records answers after the commit, and never waits for the network.
//!
//! Start at [`Shell::call`].
#![forbid(unsafe_code)]

mod alarms;
mod clock;
mod completeness;
mod coordinator;
mod error;
mod export;
mod key;
mod parent;
mod proof;
mod screens;
mod shell;
mod status;
mod teacher;

pub use clock::ShellClock;
pub use error::ShellError;
pub use export::ExportFile;
pub use shell::{Shell, ShellConfig};
