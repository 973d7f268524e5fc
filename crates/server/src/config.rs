//! What an operator may set about a server: bounds, rates, times. Each has a default that a district
//! can live with.

use std::time::Duration;

use listener::{Limits, Rate};
use serde::{Deserialize, Serialize};

/// The limits of a server. A field that is left out has its default.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// How many connections are held at once; more are turned away with 503.
    pub connections_max: usize,
    /// How many of them one address may hold (an IPv6 network of 64 bits counts as one).
    pub connections_per_address_max: usize,
    /// In how many seconds the whole header of a request must have come. A connection that says
    /// nothing for so long is closed, and so is one whose TLS is not agreed on.
    pub header_s: u64,
    /// How many header fields a request may have.
    pub headers_max: usize,
    /// How many bytes the header of a request may have (RFC 9112 sections 2 and 3).
    pub header_bytes_max: usize,
    /// In how many seconds a request must have come whole and be answered.
    pub request_s: u64,
    /// For how many seconds a client may take nothing of an answer.
    pub write_stall_s: u64,
    /// After how many requests a connection is closed.
    pub requests_per_connection_max: u32,
    /// How many seconds a stopping server gives to requests that have begun.
    pub drain_s: u64,
    /// How many batches of one device may wait for their turn.
    pub queue_per_device_max: usize,
    /// How many batches may wait in all.
    pub queue_max: usize,
    /// What a refused device is told to wait, in seconds, where the server cannot know better.
    pub retry_after_s: u64,
    /// Requests of one device.
    pub device_rate: Rate,
    /// Enrolments from one address.
    pub enrol_rate: Rate,
    /// Hellos from one address: a whole school may be behind one.
    pub hello_rate: Rate,
    /// Tries to get into the console from one address: each passkey takes two.
    pub sign_in_rate: Rate,
    /// All requests from one address, also the published log.
    pub address_rate: Rate,
    /// True if a proxy on this machine hands requests on: the address is then the last one of
    /// `X-Forwarded-For`, if the connection itself comes from a loopback address.
    pub behind_proxy: bool,
    /// Below so many free bytes on the disk the server says that it is not ready.
    pub disk_free_min_bytes: u64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            connections_max: 4_000,
            connections_per_address_max: 400,
            header_s: 10,
            headers_max: 64,
            header_bytes_max: 16_384,
            request_s: 30,
            write_stall_s: 30,
            requests_per_connection_max: 1_000,
            drain_s: 20,
            queue_per_device_max: 4,
            queue_max: 256,
            retry_after_s: 2,
            device_rate: Rate { burst: 1_000, per_minute: 3_000 },
            enrol_rate: Rate { burst: 120, per_minute: 120 },
            hello_rate: Rate { burst: 1_000, per_minute: 2_000 },
            sign_in_rate: Rate { burst: 40, per_minute: 20 },
            address_rate: Rate { burst: 5_000, per_minute: 30_000 },
            behind_proxy: false,
            disk_free_min_bytes: 200 * 1024 * 1024,
        }
    }
}

impl ServerConfig {
    /// What a listener of this server bounds.
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            connections_max: self.connections_max,
            connections_per_address_max: self.connections_per_address_max,
            header_time: Duration::from_secs(self.header_s),
            headers_max: self.headers_max,
            header_bytes_max: self.header_bytes_max,
            write_stall: Duration::from_secs(self.write_stall_s),
            requests_per_connection_max: self.requests_per_connection_max,
            drain_time: self.drain_time(),
            behind_proxy: self.behind_proxy,
        }
    }

    pub(crate) fn request_time(&self) -> Duration {
        Duration::from_secs(self.request_s)
    }

    pub(crate) fn drain_time(&self) -> Duration {
        Duration::from_secs(self.drain_s)
    }
}
