//! The way over a hub: which hubs this device knows, and a visit to one when the server is away.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use attendance::DeviceId;
use ipc::{ErrorCode, ErrorCodeText, ErrorView, HubSyncView, KnownHubView, SyncView};
use serde::{Deserialize, Serialize};
use sync_api::HubAddress;
use sync_client::{HubContact, HubError, HubReport};

use crate::error;
use crate::shell::Shell;

/// How long the local network is asked for hubs.
const SEARCH: Duration = Duration::from_millis(1_500);
const KNOWN_MAX: usize = 8;
/// The place in the device's cache: what is lost from there is found or scanned again.
const CACHE_KEY: &str = "hubs";

/// A hub that this device has met, or whose code was scanned.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct KnownHub {
    /// The text of its QR.
    code: String,
    /// Its name, once it proved who it is.
    name: String,
    met_ms: Option<i64>,
}

/// How a visit to a hub went.
#[derive(Clone, Debug)]
pub struct HubVisit {
    /// The hub's name; empty if none proved who it is.
    pub name: String,
    /// What the visit did, as far as it came.
    pub report: HubReport,
    /// Why it did not come further, if it did not.
    pub fault: Option<ErrorView>,
}

impl Shell {
    /// Lets this device ask the local network for hubs when the server is away.
    pub fn search_nearby(&self, search: bool) {
        self.carrying.search.store(search, Ordering::Relaxed);
    }

    /// Reads the text of a hub's QR, keeps it, and visits the hub.
    ///
    /// # Errors
    /// [`ErrorView`] if it is no hub's code, or the hub is not used.
    pub async fn learn_hub(&self, text: &str) -> Result<HubVisit, ErrorView> {
        let code = HubAddress::parse(text)
            .map_err(|why| error::view(ErrorCode::BadRequest, why.to_string()))?;
        let contact = self.meet(&code, true).await.map_err(|why| of_hub(&why))?;
        Ok(self.visit(&contact, code).await)
    }

    pub(crate) async fn hub_learn(&self, text: &str) -> Result<SyncView, ErrorView> {
        let visit = self.learn_hub(text).await?;
        Ok(SyncView {
            sent: 0,
            parked: visit.report.parked,
            receipted: visit.report.receipted,
            received: 0,
            direct: None,
            hub: Some(view(visit)),
        })
    }

    /// Visits a hub, if one is known or found: the first that proves who it is. Also while nothing waits,
    /// for a hub has news; then it is no fault if none answers, and nothing is told.
    pub(crate) async fn visit_a_hub(&self) -> Option<HubVisit> {
        let (waits, own) = self
            .device
            .with(|device| {
                let waits = device.status().map_or(0, |status| status.not_receipted);
                (waits, device.id())
            })
            .await;
        let mut failed = None;
        for known in self.read_known().await {
            let Ok(code) = HubAddress::parse(&known.code) else { continue };
            match self.meet(&code, true).await {
                Ok(contact) => return Some(self.visit(&contact, code).await),
                Err(why) => failed = Some(why),
            }
        }
        for code in self.find_nearby(own).await {
            match self.meet(&code, false).await {
                Ok(contact) => return Some(self.visit(&contact, code).await),
                // What answers there may be of another district: that is no fault of anybody.
                Err(why) => failed = Some(why),
            }
        }
        failed.filter(|_| waits > 0).map(|why| HubVisit {
            name: String::new(),
            report: HubReport::default(),
            fault: Some(of_hub(&why)),
        })
    }

    pub(crate) async fn known_hubs(&self) -> Vec<KnownHubView> {
        let known = self.read_known().await.into_iter();
        known
            .filter_map(|known| {
                let device = HubAddress::parse(&known.code).ok()?.device.to_string();
                Some(KnownHubView { device, name: known.name, met_ms: known.met_ms })
            })
            .collect()
    }

    /// Tries each address of a hub until one answers.
    async fn meet(&self, code: &HubAddress, pinned: bool) -> Result<HubContact, HubError> {
        let mut last = None;
        for address in &code.addresses {
            let met = self.sync.meet_hub(&self.device, address, pinned.then_some(code)).await;
            match met {
                Err(why @ (HubError::Offline(_) | HubError::SignIn(_) | HubError::Foreign(_))) => {
                    last = Some(why);
                }
                met => return met,
            }
        }
        Err(last.unwrap_or(HubError::Foreign("it has no address".to_owned())))
    }

    async fn visit(&self, contact: &HubContact, code: HubAddress) -> HubVisit {
        let name = contact.name().to_owned();
        self.remember(contact, code).await;
        match contact.exchange(&self.device).await {
            Ok(report) => HubVisit { name, report, fault: None },
            Err(why) => HubVisit { name, report: HubReport::default(), fault: Some(of_hub(&why)) },
        }
    }

    /// Asks the local network, where this device may.
    async fn find_nearby(&self, own: DeviceId) -> Vec<HubAddress> {
        if !self.carrying.search.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let found = tokio::task::spawn_blocking(|| hub::find(SEARCH)).await;
        let found = match found {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                tracing::debug!(%error, "no hub was looked for");
                return Vec::new();
            }
            Err(_panicked) => return Vec::new(),
        };
        let others = found.into_iter().filter(|nearby| nearby.device != own);
        others
            .map(|nearby| HubAddress {
                addresses: nearby.addresses,
                device: nearby.device,
                // Not known yet: who is met says it.
                fingerprint: seal::Hash::default(),
            })
            .collect()
    }

    async fn read_known(&self) -> Vec<KnownHub> {
        let kept = self.device.with(|device| device.cache(CACHE_KEY)).await;
        let json = kept.ok().flatten().map(|kept| kept.json);
        json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
    }

    /// Keeps a hub that proved who it is, at the front.
    async fn remember(&self, contact: &HubContact, code: HubAddress) {
        let code = HubAddress {
            device: contact.device(),
            fingerprint: contact.fingerprint(),
            addresses: code.addresses,
        };
        let mut known = self.read_known().await;
        known.retain(|known| {
            HubAddress::parse(&known.code).is_ok_and(|known| known.device != code.device)
        });
        let met_ms = self.device.with(|device| device.now().wall_ms).await;
        let (code, name) = (code.to_text(), contact.name().to_owned());
        known.insert(0, KnownHub { code, name, met_ms: Some(met_ms) });
        known.truncate(KNOWN_MAX);
        let Ok(json) = serde_json::to_string(&known) else { return };
        let kept = self.device.with(move |device| device.cache_put(CACHE_KEY, &json)).await;
        if let Err(error) = kept {
            tracing::warn!(%error, "the hub is not remembered");
        }
    }

    pub(crate) fn note_visit(&self, visit: Option<HubVisit>) {
        *self.carrying.last.lock().unwrap_or_else(PoisonError::into_inner) = visit;
    }

    /// Gives how the last visit to a hub went, if the last sync needed one.
    #[must_use]
    pub fn last_visit(&self) -> Option<HubVisit> {
        self.carrying.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

pub(crate) fn view(visit: HubVisit) -> HubSyncView {
    let fault = visit.fault.map(|fault| ErrorCodeText { code: fault.code, message: fault.message });
    let refused = visit.report.refused.map(|message| {
        // Told, and not more: what was refused stays on this device.
        ErrorCodeText { code: ErrorCode::HubAway, message }
    });
    HubSyncView {
        name: visit.name,
        carried: visit.report.carried,
        receipted: visit.report.receipted,
        waiting: visit.report.waiting,
        lists: visit.report.lists,
        fault: fault.or(refused),
    }
}

pub(crate) fn of_hub(why: &HubError) -> ErrorView {
    let code = match why {
        HubError::SignIn(_) => ErrorCode::SignIn,
        HubError::Offline(_) | HubError::Refused(_) | HubError::Foreign(_) => ErrorCode::HubAway,
        HubError::NotOurs(_)
        | HubError::Unproven
        | HubError::AnotherDevice { .. }
        | HubError::OtherServer { .. }
        | HubError::WrongRole => ErrorCode::HubRefused,
        HubError::NotEnrolled => ErrorCode::NotEnrolled,
        HubError::NoKey | HubError::Device(_) | _ => ErrorCode::Broken,
    };
    error::view(code, why.to_string())
}
