//! What is carried through people: by a hub, or by file.

use serde::{Deserialize, Serialize};

use crate::visit::ErrorCodeText;

/// How a carried parcel stands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParcelState {
    /// It waits here for a way to the server.
    Waiting,
    /// The server was asked and did not take it; it is asked again.
    Refused,
    /// The server has it, and its answer is here for whoever made it.
    Answered,
}

/// Shows what is carried for one device.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ParcelView {
    /// The parcel's name, 64 hexadecimal digits.
    pub parcel: String,
    /// The device that made it; nothing of an answer whose parcel is elsewhere.
    pub device: Option<String>,
    /// That device's name, where the board tells it.
    pub name: Option<String>,
    /// How many records it says it has.
    pub events: u64,
    /// Since when it is here.
    pub since_ms: i64,
    /// How it stands.
    pub state: ParcelState,
    /// Why the server did not take it.
    pub reason: Option<String>,
}

/// Shows the hub of this device.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct HubView {
    /// True if this program can be a hub, and this device may.
    pub possible: bool,
    /// True while it answers on the local network.
    pub on: bool,
    /// Where it answers.
    pub addresses: Vec<String>,
    /// The text of its QR.
    pub code: Option<String>,
    /// True if the local network is told about it; else only the QR leads to it.
    pub announced: bool,
}

/// Shows a hub that this device knows.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct KnownHubView {
    /// The hub's device.
    pub device: String,
    /// Its name, once it proved who it is.
    pub name: String,
    /// When this device last met it.
    pub met_ms: Option<i64>,
}

/// Shows all that this device carries.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct CollectView {
    /// The hub of this device.
    pub hub: HubView,
    /// What is carried, the oldest first.
    pub parcels: Vec<ParcelView>,
    /// How many parcels wait here.
    pub waiting: u64,
    /// Since when the oldest of them waits.
    pub oldest_waiting_ms: Option<i64>,
    /// How many have their answer here.
    pub answered: u64,
    /// Files that were damaged here and set aside.
    pub damaged: u64,
    /// The hubs that this device knows.
    pub known: Vec<KnownHubView>,
}

/// Shows who carries records of this device that the server has not answered.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct CarrierView {
    /// Who.
    pub device: String,
    /// Its name.
    pub name: String,
    /// How many records.
    pub events: u64,
    /// Since when the oldest of them.
    pub since_ms: i64,
}

/// Shows what the way over a hub brought.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct HubSyncView {
    /// The hub's name; empty if none proved who it is.
    pub name: String,
    /// Records that the hub newly carries.
    pub carried: u64,
    /// Receipts that came back through it.
    pub receipted: u64,
    /// Parcels that wait there for a way to the server.
    pub waiting: u64,
    /// Lists of the district that are newer here now: revoked devices, revoked cards, trusted keys.
    pub lists: u64,
    /// Why it was not used, or not to the end.
    pub fault: Option<ErrorCodeText>,
}

/// Gives a file to carry, and says what is in it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct CarryFileView {
    /// The file's name.
    pub name: String,
    /// The file's text.
    pub text: String,
    /// Parcels in it.
    pub parcels: u64,
    /// Answers in it.
    pub answers: u64,
}

/// Shows what of a carried file is damaged.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct DamageView {
    /// The line, from 1.
    pub line: u64,
    /// The parcel it is about, if that can be read.
    pub parcel: Option<String>,
    /// What is the matter, in English.
    pub what: String,
}

/// Shows what a carried file brought.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct CarryImportView {
    /// Parcels of others that are newly here.
    pub parcels: u64,
    /// Parcels of others that were here already.
    pub known: u64,
    /// Answers for this device.
    pub answers: u64,
    /// Receipts of this device that came with them.
    pub receipted: u64,
    /// Answers for others that are here now.
    pub passed_on: u64,
    /// Records of this device that somebody newly carries.
    pub carried: u64,
    /// What was not taken, and why.
    pub damaged: Vec<DamageView>,
}
