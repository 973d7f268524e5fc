//! What a hub bounds: it has the bounds of a server, in the measure of a school.

use std::time::Duration;

use listener::{Bounds, Limits, Rate};

/// The bounds of a hub.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HubLimits {
    /// Of its connections.
    pub connections: Limits,
    /// Of each request.
    pub requests: Bounds,
}

impl Default for HubLimits {
    /// Some dozens of tablets. A parcel has 64 KiB, which a line of 20 kbit/s carries in half a minute;
    /// one visit asks for and leaves at most 200 parcels.
    fn default() -> Self {
        Self {
            connections: Limits {
                connections_max: 256,
                connections_per_address_max: 32,
                header_time: Duration::from_secs(10),
                headers_max: 64,
                header_bytes_max: 16_384,
                write_stall: Duration::from_secs(30),
                requests_per_connection_max: 1_000,
                drain_time: Duration::from_secs(10),
                behind_proxy: false,
            },
            requests: Bounds {
                address_rate: Rate { burst: 1_000, per_minute: 1_000 },
                request_time: Duration::from_secs(90),
                retry_after_s: 5,
            },
        }
    }
}
