//! What a disk may hold after the power went: whatever was shown as kept or answered is there.
//!
//! A recorder below SQLite (`recorder.rs`) writes down what is written, synced, cut and deleted. From
//! that, `disk.rs` makes the files as they may be after a cut at any moment: what was not synced is
//! there in part, torn at sectors, in any order, or not at all.

mod device;
mod disk;
mod recorder;
mod server;

/// How often the power goes, in each test.
const CUTS: u64 = 300;
