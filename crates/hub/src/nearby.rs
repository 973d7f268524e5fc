//! Hubs on the local network, by multicast DNS ([RFC 6762], [RFC 6763]).
//!
//! What is found is a hint: whose hub it is, its signed hello says.
//!
//! [RFC 6762]: https://www.rfc-editor.org/rfc/rfc6762
//! [RFC 6763]: https://www.rfc-editor.org/rfc/rfc6763

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use attendance::DeviceId;
use mdns_sd::{IfKind, MDNS_PORT, ServiceDaemon, ServiceEvent, ServiceInfo};

/// Why the local network was not asked, or not told.
#[derive(Debug, thiserror::Error)]
#[error("the local network cannot be asked for hubs ({0}): scan the hub's code instead")]
pub struct NearbyError(#[from] mdns_sd::Error);

/// A hub that says it is here.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Nearby {
    /// Who it says it is.
    pub device: DeviceId,
    /// Where it answers.
    pub addresses: Vec<String>,
}

/// Tells the local network about a hub until it is dropped.
pub struct Announcement {
    daemon: ServiceDaemon,
    name: String,
}

impl Announcement {
    /// Tells the local network that a hub answers at a port of this machine.
    ///
    /// # Errors
    /// [`NearbyError`] if the network cannot be told.
    pub fn start(device: DeviceId, port: u16) -> Result<Self, NearbyError> {
        Self::start_on(MDNS_PORT, device, port, false)
    }

    pub(crate) fn start_on(
        mdns_port: u16,
        device: DeviceId,
        port: u16,
        loopback: bool,
    ) -> Result<Self, NearbyError> {
        let daemon = daemon(mdns_port, loopback)?;
        let (name, host) = (format!("qatysu-{device}"), format!("qatysu-{device}.local."));
        let properties = [("v", "1"), ("device", &device.to_string())];
        let service = if loopback {
            let here = IpAddr::from([127, 0, 0, 1]);
            ServiceInfo::new(SERVICE, &name, &host, here, port, &properties[..])?
        } else {
            ServiceInfo::new(SERVICE, &name, &host, "", port, &properties[..])?.enable_addr_auto()
        };
        let name = service.get_fullname().to_owned();
        daemon.register(service)?;
        Ok(Self { daemon, name })
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // The network forgets it by itself too.
        drop(self.daemon.unregister(&self.name));
        drop(self.daemon.shutdown());
    }
}

impl core::fmt::Debug for Announcement {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Announcement({})", self.name)
    }
}

/// Looks for hubs on the local network for a while. Blocks the thread.
///
/// # Errors
/// [`NearbyError`] if the network cannot be asked.
pub fn find(wait: Duration) -> Result<Vec<Nearby>, NearbyError> {
    find_on(MDNS_PORT, wait, false)
}

pub(crate) fn find_on(
    mdns_port: u16,
    wait: Duration,
    loopback: bool,
) -> Result<Vec<Nearby>, NearbyError> {
    let daemon = daemon(mdns_port, loopback)?;
    let events = daemon.browse(SERVICE)?;
    let mut found = BTreeMap::new();
    // Answers come within a second, if they come at all. A network that talks without end is not
    // listened to for ever.
    let (slice, mut silent) = (wait / SLICES, 0);
    for _ in 0..EVENTS_MAX {
        if silent >= SLICES || found.len() >= FOUND_MAX || (silent > 0 && !found.is_empty()) {
            break;
        }
        let Ok(event) = events.recv_timeout(slice) else {
            silent += 1;
            continue;
        };
        if let ServiceEvent::ServiceResolved(service) = event
            && let Some(device) = service.get_property_val_str("device")
            && let Ok(device) = device.parse::<DeviceId>()
        {
            let port = service.get_port();
            let url = |ip: IpAddr| format!("http://{}", SocketAddr::new(ip, port));
            let mut at: Vec<IpAddr> =
                service.get_addresses_v4().into_iter().map(IpAddr::from).collect();
            at.sort_unstable();
            found.insert(device, at.into_iter().map(url).collect());
        }
    }
    drop(daemon.stop_browse(SERVICE));
    drop(daemon.shutdown());
    let found = found.into_iter().filter(|(_, at): &(DeviceId, Vec<String>)| !at.is_empty());
    Ok(found.map(|(device, addresses)| Nearby { device, addresses }).collect())
}

fn daemon(mdns_port: u16, loopback: bool) -> Result<ServiceDaemon, NearbyError> {
    let daemon = ServiceDaemon::new_with_port(mdns_port)?;
    if loopback {
        daemon.enable_interface(IfKind::LoopbackV4)?;
    }
    Ok(daemon)
}

const SERVICE: &str = "_qatysu-hub._tcp.local.";
const SLICES: u32 = 10;
const EVENTS_MAX: usize = 400;
/// Nobody needs more, and anybody may say that they are one.
const FOUND_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    /// Not the real one: a test must not be found by whoever is around.
    const TEST_PORT: u16 = 45_353;

    #[test]
    fn hub_is_found_where_multicast_is_possible() {
        let device = DeviceId([0xab; 8]);
        let announced = Announcement::start_on(TEST_PORT, device, 7402, true);
        let found = announced
            .and_then(|_announced| find_on(TEST_PORT, Duration::from_secs(8), true))
            .unwrap_or_default();
        if found.is_empty() {
            eprintln!(
                "LOUD: this machine carries no multicast on loopback; finding was NOT tested"
            );
            return;
        }
        let here = Nearby { device, addresses: vec!["http://127.0.0.1:7402".to_owned()] };
        assert_eq!(found, [here]);
    }
}
