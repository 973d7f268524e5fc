//! Devices, chains, tickets.

use attendance::{DeviceId, Revocation, RevocationReason};
use seal::Hash;

/// An enrolled device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredDevice {
    /// Its id.
    pub device: DeviceId,
    /// Its newest certificate, as issued.
    pub certificate: Vec<u8>,
    /// When it was last heard of, milliseconds since 1970-01-01T00:00Z.
    pub last_contact_ms: Option<i64>,
    /// True if two histories of it were seen, or if it is a browser's key that was given up.
    pub suspended: bool,
    /// How many of its events are in the log.
    pub events: u64,
    /// What it said of itself at its last hello.
    pub told: Option<Told>,
    /// Since when it is revoked, if it is.
    pub revoked: Option<Revocation>,
    /// The device that was enrolled in its place.
    pub replaced_by: Option<DeviceId>,
}

/// What a device says of itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Told {
    /// The next sequence number of its chain.
    pub seq_next: u64,
    /// The program's version.
    pub version: String,
}

/// A device to revoke, by an event that is among the leaves of the same batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NewRevocation {
    /// The device.
    pub device: DeviceId,
    /// Why.
    pub reason: RevocationReason,
    /// The event that decides it.
    pub decision: Hash,
    /// When it takes effect.
    pub when: RevokedWhen,
}

/// When a revocation takes effect.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RevokedWhen {
    /// With this batch, at this time, after so many events of the device.
    Now {
        /// Milliseconds since 1970-01-01T00:00Z.
        at_ms: i64,
        /// How many of its events are in the log then.
        events: u64,
    },
    /// When the ticket with this hash is used.
    Ticket(Hash),
}

/// Events of one device that were put aside for one reason and are not in the log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ParkedGroup {
    /// The device that they name, if they could be read.
    pub device: Option<DeviceId>,
    /// The reason.
    pub reason: String,
    /// How many.
    pub count: u64,
    /// The lowest and the highest sequence number they claim.
    pub seqs: Option<(u64, u64)>,
    /// One with the highest sequence number.
    pub last: Hash,
    /// When the first and the last one came, milliseconds since 1970-01-01T00:00Z.
    pub arrived_ms: (i64, i64),
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
    /// The device whose place the new one takes.
    pub replaces: Option<DeviceId>,
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
    /// The device that it replaces is to be revoked, and that decision is not in the log yet.
    Undecided,
    /// There is none.
    Unknown,
}
