//! The harness of the whole-system tests: a town with a real server, real devices, real HTTP.
//!
//! Everything is invented and fixed: keys, names, cards, the district. Golden files rest on it.
//!
//! Absent on purpose: assertions about one feature (they are in `suite/`), browsers and windows
//! (`suite/e2e.rs`, `suite/window.rs`). The clock of every device is one hand that tests move.
//!
//! Start at [`Town::found`], then [`Phone`].
#![forbid(unsafe_code)]

mod card;
mod crooked_way;
mod crowd;
pub mod day;
pub mod district;
mod lossy_proxy;
mod lying_server;
mod meter;
mod pen;
mod phone;
mod plain;
mod shaped_line;
pub mod simulation;
pub mod socket;
mod town;
pub mod vectors;
mod wire;

pub use card::{CARDS_END_S, claims, issue};
pub use crooked_way::CrookedWay;
pub use crowd::Crowd;
pub use lossy_proxy::LossyProxy;
pub use lying_server::{LyingServer, Portal, Told};
pub use meter::{Meter, Metered};
pub use pen::{Pen, batch_of};
pub use phone::{Phone, Scanned, Synced};
pub use plain::plain_bytes;
pub use shaped_line::{Shape, ShapedLine, Silence};
pub use town::{Town, chess_teacher, copy_dir, grant, the_district};
pub use wire::{Answer, Wire};

/// Makes a client for raw HTTP.
#[must_use]
pub fn http_client() -> reqwest::Client {
    sync_client::use_ring();
    reqwest::Client::new()
}

/// Makes the key of a one-byte seed.
#[must_use]
pub fn key(seed: u8) -> seal::SoftwareKey {
    seal::SoftwareKey::from_seed(&[seed; 32])
}
