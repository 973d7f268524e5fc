//! What both shells share: the commands of the UI over one device and one sync.
//!
//! Absent on purpose: a window, HTTP, and rules. A command reads its arguments, calls one verb of the
//! device, and turns the answer into a view.
//!
//! # Invariants
//! - One device is opened once; commands and the background sync take turns, verb by verb.
//! - The server is asked directly first, then a hub. A visit to a hub is told apart from a sync.
//! - A command that records answers after the commit, and never waits for the network.
//!
//! Start at [`Shell::call`].
#![forbid(unsafe_code)]

mod absence;
mod alarms;
mod carry;
mod clock;
mod codes;
mod completeness;
mod coordinator;
mod days;
mod decisions;
mod delegates;
mod devices;
mod error;
mod export;
mod hubs;
mod key;
mod opening;
#[cfg(feature = "hub")]
mod own_hub;
mod parent;
mod places;
mod proof;
mod screens;
mod seen_by;
mod sheet;
mod shell;
mod status;
mod syncing;
mod teacher;
mod vault;

pub use carry::{CarryOut, take_carry_file, write_carry_file};
pub use clock::ShellClock;
pub use decisions::Decided;
pub use error::{ShellError, WayOut};
pub use export::ExportFile;
pub use hubs::HubVisit;
#[cfg(feature = "hub")]
pub use own_hub::{HUB_PORT, HubStartError};
pub use shell::{Shell, ShellConfig};
pub use sync_client::Pace;
pub use vault::{KeyVault, Passphrase, PrivateFile, VaultError, WrappingKey};
