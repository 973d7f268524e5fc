//! Events through the datagram door, where HTTP does not come to an end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use carriage::PARCEL_MAX_BYTES;
use device::{MadeParcel, ParcelError};

use crate::client::{SyncClient, SyncReport};
use crate::datagram::{Datagrams, Udp};
use crate::error::SyncError;
use crate::shared::SharedDevice;

/// After so many contacts in a row without an answer HTTP is hopeless for now.
const HOPELESS_AFTER: u32 = 3;

/// The datagram way, and how often the other one was tried in vain. Cheap to clone: a handle.
#[derive(Clone, Debug)]
pub(crate) struct Carried {
    datagrams: Arc<dyn Datagrams>,
    unanswered: Arc<AtomicU32>,
}

impl Default for Carried {
    fn default() -> Self {
        Self { datagrams: Arc::new(Udp), unanswered: Arc::default() }
    }
}

impl SyncClient {
    /// Takes another way for datagrams than UDP.
    #[must_use]
    pub fn with_datagrams(mut self, datagrams: Arc<dyn Datagrams>) -> Self {
        self.carried.datagrams = datagrams;
        self
    }

    /// Syncs; after several contacts in a row without an answer, events go through the server's
    /// datagram door first, if it has one. What else a sync does waits for HTTP.
    ///
    /// # Errors
    /// [`SyncError`]; what was done before the fault stays done.
    pub async fn sync_or_carry(&self, device: &SharedDevice) -> Result<SyncReport, SyncError> {
        if self.carried.unanswered.load(Ordering::Relaxed) >= HOPELESS_AFTER {
            // A door that does not answer either costs this round, not the next.
            self.carried.unanswered.store(HOPELESS_AFTER - 1, Ordering::Relaxed);
            match self.carry(device).await {
                Ok(report) if report.sent > 0 => {
                    self.carried.unanswered.store(HOPELESS_AFTER, Ordering::Relaxed);
                    return Ok(report);
                }
                Ok(_) | Err(SyncError::Offline(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let done = self.sync(device).await;
        match &done {
            Err(SyncError::Offline(_)) => {
                self.carried.unanswered.fetch_add(1, Ordering::Relaxed);
            }
            Ok(_) | Err(_) => self.carried.unanswered.store(0, Ordering::Relaxed),
        }
        done
    }

    /// Sends what waits through the datagram door, parcel after parcel, and takes the answers. Does
    /// nothing if the server has no door, or nothing waits.
    ///
    /// # Errors
    /// [`SyncError`]; what was answered before the fault stays answered.
    pub async fn carry(&self, device: &SharedDevice) -> Result<SyncReport, SyncError> {
        let mut report = SyncReport::default();
        let Some((host, port)) = door(device).await? else { return Ok(report) };
        while let Some(parcel) = next_parcel(device).await? {
            let carrying = self.carried.datagrams.carry(host.clone(), port, parcel.bytes);
            let answer = carrying.await.map_err(SyncError::Offline)?;
            let taken = device.with(move |device| device.take_answer(&answer)).await;
            let taken = taken.map_err(|error| SyncError::Proof(error.to_string()))?;
            report.sent += taken.taken as u64;
            report.parked += taken.parked as u64;
            report.receipted += taken.receipted as u64;
            // What the server puts off, or does not prove, is no reason to send the same for ever.
            if taken.receipted == 0 || parcel.left == 0 {
                break;
            }
        }
        Ok(report)
    }
}

/// Where the server's datagram door is.
async fn door(device: &SharedDevice) -> Result<Option<(String, u16)>, SyncError> {
    let known = device.with(|device| {
        let server = device.enrolment().map(|enrolled| enrolled.server().to_owned());
        Ok::<_, SyncError>((server, device.datagram_port().map_err(SyncError::device)?))
    });
    let (Some(server), Some(port)) = known.await? else { return Ok(None) };
    let url = reqwest::Url::parse(&server).map_err(SyncError::device)?;
    // In an address of IPv6 the brackets belong to the URL.
    let host = url.host_str().map(|host| host.trim_matches(['[', ']']).to_owned());
    Ok(host.map(|host| (host, port)))
}

async fn next_parcel(device: &SharedDevice) -> Result<Option<MadeParcel>, SyncError> {
    let random = device.random().map_err(SyncError::device)?;
    match device.with(move |device| device.make_parcel(PARCEL_MAX_BYTES, random)).await {
        Err(ParcelError::NoKey) => Ok(None),
        made => made.map_err(SyncError::device),
    }
}
