//! The buckets of a running server.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use attendance::DeviceId;
use listener::{Buckets, Neighbourhood, TooOften};

use crate::config::ServerConfig;

/// How many callers are remembered in each set of buckets.
const CALLERS_MAX: usize = 50_000;

/// What a caller asks for, where addresses are counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Asked {
    /// To be enrolled.
    Enrolment,
    /// A hello.
    Hello,
    /// To be let into the console.
    SignIn,
    /// Anything.
    Anything,
}

/// All buckets.
#[derive(Debug)]
pub(crate) struct Rates {
    devices: Mutex<Buckets<DeviceId>>,
    enrolments: Mutex<Buckets<Neighbourhood>>,
    hellos: Mutex<Buckets<Neighbourhood>>,
    sign_ins: Mutex<Buckets<Neighbourhood>>,
    addresses: Mutex<Buckets<Neighbourhood>>,
}

impl Rates {
    pub(crate) fn new(config: &ServerConfig) -> Self {
        let of = |rate| Mutex::new(Buckets::new(rate, CALLERS_MAX));
        Self {
            devices: Mutex::new(Buckets::new(config.device_rate, CALLERS_MAX)),
            enrolments: of(config.enrol_rate),
            hellos: of(config.hello_rate),
            sign_ins: of(config.sign_in_rate),
            addresses: of(config.address_rate),
        }
    }

    pub(crate) fn device(&self, device: DeviceId, now_ms: i64) -> Result<(), TooOften> {
        let mut buckets = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.take(device, now_ms)
    }

    pub(crate) fn address(&self, from: IpAddr, asked: Asked, now_ms: i64) -> Result<(), TooOften> {
        let buckets = match asked {
            Asked::Enrolment => &self.enrolments,
            Asked::Hello => &self.hellos,
            Asked::SignIn => &self.sign_ins,
            Asked::Anything => &self.addresses,
        };
        buckets.lock().unwrap_or_else(PoisonError::into_inner).take(from.into(), now_ms)
    }
}
