//! Devices of the district, as a coordinator sees them; tickets for new ones.

use serde::{Deserialize, Serialize};

use crate::Role;

/// Why a device is revoked.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RevokeReason {
    /// Nobody knows where it is.
    Lost,
    /// Somebody took it.
    Stolen,
    /// Another device takes its place.
    Replaced,
    /// Its person no longer works here.
    Left,
    /// It was used for what it is not for.
    Misused,
}

/// Shows a device of the district.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct DeviceView {
    /// The device's id.
    pub device: String,
    /// Its name.
    pub name: String,
    /// Whose device.
    pub role: Role,
    /// The provider's id, for a teacher or for a coordinator of one provider.
    pub provider: Option<String>,
    /// The groups' ids, for a teacher.
    pub groups: Vec<String>,
    /// Events in the log.
    pub events: u64,
    /// How many events it said it has beside these, at its last contact.
    pub backlog: Option<u64>,
    /// How many events waited at the end of each of the last days, the newest day last; empty where the
    /// server does not tell it.
    pub backlog_days: Vec<u64>,
    /// The program's version, as it said.
    pub version: Option<String>,
    /// When the server last heard of it.
    pub last_contact_ms: Option<i64>,
    /// When its certificate ends.
    pub certificate_ends_ms: Option<i64>,
    /// True if two histories of it were seen.
    pub suspended: bool,
    /// How it was revoked, if it was.
    pub revoked: Option<RevokedView>,
    /// True if this device has decided to revoke it and the server does not show it yet.
    pub revoking: bool,
    /// The id of the device that took its place.
    pub replaced_by: Option<String>,
    /// What of it is put aside.
    pub parked: Vec<ParkedView>,
}

/// Shows how a device was revoked.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct RevokedView {
    /// Since when.
    pub at_ms: i64,
    /// How many of its events were in the log then.
    pub events: u64,
    /// Why.
    pub reason: RevokeReason,
}

/// Why the server put events aside.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParkedReason {
    /// They came after the device was revoked.
    Revoked,
    /// They came after two histories of the device were seen.
    Suspended,
    /// They were made after the device's certificate had ended.
    Expired,
    /// Their place in the chain is taken.
    Fork,
    /// The event before is another than the one in the log.
    BrokenLink,
    /// The device's key did not sign them.
    BadSignature,
    /// They are no events.
    Malformed,
    /// Something that this version has no words for.
    Other,
}

impl ParkedReason {
    /// All of them, so that a test can count the sentences.
    pub const ALL: &'static [Self] = &[
        Self::Revoked,
        Self::Suspended,
        Self::Expired,
        Self::Fork,
        Self::BrokenLink,
        Self::BadSignature,
        Self::Malformed,
        Self::Other,
    ];
}

/// Shows events of a device that are put aside for one reason.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ParkedView {
    /// The device's id, where the events could be read.
    pub device: Option<String>,
    /// Why.
    pub reason: ParkedReason,
    /// How many.
    pub count: u64,
    /// The last event's hash: what is released up to it.
    pub last: String,
    /// How many events a release would let in now.
    pub releasable: u64,
    /// When the last one came.
    pub last_arrived_ms: i64,
}

/// Shows a one-time ticket.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct TicketView {
    /// Its text, for a QR Code or for typing.
    pub text: String,
    /// For how long it is good from now on, in milliseconds.
    pub life_ms: i64,
}

/// Shows whom a coordinator may make a device for.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct ChoicesView {
    /// The providers.
    pub providers: Vec<ChoiceView>,
    /// The groups; `of` is the provider's id.
    pub groups: Vec<ChoiceView>,
    /// The children.
    pub children: Vec<ChoiceView>,
}

/// Shows one thing to choose.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ChoiceView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it belongs to: ids of a group's provider, or of a child's groups.
    pub of: Vec<String>,
}
