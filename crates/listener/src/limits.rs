//! What a listener bounds, and how often something may be done.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The bounds of a listener's connections.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Limits {
    /// How many connections are held at once; more are turned away with 503.
    pub connections_max: usize,
    /// How many of them one address may hold.
    pub connections_per_address_max: usize,
    /// In what time the whole header of a request must have come. A connection that says nothing for
    /// so long is closed, and so is one whose TLS is not agreed on.
    pub header_time: Duration,
    /// How many header fields a request may have.
    pub headers_max: usize,
    /// How many bytes the header of a request may have (RFC 9112 sections 2 and 3).
    pub header_bytes_max: usize,
    /// For how long a client may take nothing of an answer.
    pub write_stall: Duration,
    /// After how many requests a connection is closed.
    pub requests_per_connection_max: u32,
    /// How long who stops waits for requests that have begun.
    pub drain_time: Duration,
    /// True if a proxy on this machine hands requests on: connections from a loopback address are then
    /// not counted as one address's.
    pub behind_proxy: bool,
}

/// How often something may be done: so many times at once, and so many times a minute after that.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many at once.
    pub burst: u32,
    /// How many a minute. Zero means that nothing comes after the burst.
    pub per_minute: u32,
}
