//! Devices, chains, tickets.

use attendance::DeviceId;
use seal::Hash;

/// An enrolled device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredDevice {
    /// Its id.
    pub device: DeviceId,
    /// Its certificate, as issued.
    pub certificate: Vec<u8>,
    /// When it was last heard of, milliseconds since 1970-01-01T00:00Z.
    pub last_contact_ms: Option<i64>,
    /// True if two histories of it were seen.
    pub suspended: bool,
    /// How many of its events are in the log.
    pub events: u64,
}

/// The newest event of a device in the log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ChainTip {
    /// Its sequence number.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

/// An event of a device in the log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LoggedEvent {
    /// Its sequence number.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
    /// Its leaf.
    pub leaf_index: u64,
}

/// What a ticket grants, as the server wrote it (JSON).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Grants(pub String);

/// A ticket to keep.
#[derive(Clone, Debug)]
pub struct StoredTicket {
    /// SHA-256 of its secret.
    pub secret_hash: Hash,
    /// What it grants.
    pub grants: Grants,
    /// Until when, milliseconds since 1970-01-01T00:00Z.
    pub expires_ms: i64,
}

/// What a ticket is good for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TicketVerdict {
    /// It was unused until now, or was used by this very device.
    Good(Grants),
    /// Another device used it.
    Used,
    /// Its time is over.
    Expired,
    /// There is none.
    Unknown,
}
