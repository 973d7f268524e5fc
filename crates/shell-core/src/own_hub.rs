//! The hub of this device: on the local network while it is on.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, PoisonError};

use attendance::Role;
use hub::{Announcement, Hub, HubError};
use ipc::{CollectView, ErrorCode, ErrorView, HubView};
use sync_api::HubAddress;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::error;
use crate::shell::Shell;

/// Where a hub answers unless it is told otherwise: on every address of the machine.
pub const HUB_PORT: u16 = 7402;

/// Why the hub did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubStartError {
    /// The address is taken or not of this machine.
    #[error("cannot listen on {at}: {source}")]
    Listen {
        /// The address.
        at: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The device may not be a hub.
    #[error(transparent)]
    Hub(#[from] HubError),
}

/// A hub that runs.
#[derive(Debug)]
pub(crate) struct OwnHub {
    address: HubAddress,
    announcement: Option<Announcement>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Shell {
    /// Switches the hub on; gives where it is. If it is on, nothing changes.
    ///
    /// # Errors
    /// [`HubStartError`] if the device may not be one, or the port is taken.
    pub async fn open_hub(
        &self,
        listen: SocketAddr,
        announce: bool,
    ) -> Result<HubAddress, HubStartError> {
        if let Some(address) = self.hub_address() {
            return Ok(address);
        }
        let store = self.parcels().map_err(HubError::from)?;
        let hub = Arc::new(Hub::of(self.device.clone(), store, self.parcel_arrived()).await?);
        let listener = TcpListener::bind(listen).await;
        let listener = listener.map_err(|source| HubStartError::Listen { at: listen, source })?;
        let at =
            listener.local_addr().map_err(|source| HubStartError::Listen { at: listen, source })?;
        let address = hub.address(at).await;
        let announcement = announce.then(|| Announcement::start(address.device, at.port()));
        let announcement = announcement.and_then(|started| {
            // The QR leads to it all the same.
            started.inspect_err(|error| tracing::warn!(%error, "the hub is not announced")).ok()
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(hub::serve(listener, hub, async {
            drop(stopped.await);
        }));
        let mut running = self.carrying.hub.lock().unwrap_or_else(PoisonError::into_inner);
        *running = Some(OwnHub { address: address.clone(), announcement, stop, task });
        Ok(address)
    }

    /// Switches the hub off; requests that have begun are answered. What it carries stays.
    pub async fn close_hub(&self) {
        let running = self.carrying.hub.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(OwnHub { announcement, stop, task, .. }) = running else { return };
        drop(announcement);
        if stop.send(()).is_ok()
            && let Err(error) = task.await
        {
            tracing::warn!(%error, "the hub stopped with an error");
        }
    }

    /// Gives where the hub is, while it is on.
    #[must_use]
    pub fn hub_address(&self) -> Option<HubAddress> {
        let running = self.carrying.hub.lock().unwrap_or_else(PoisonError::into_inner);
        running.as_ref().map(|hub| hub.address.clone())
    }

    pub(crate) async fn hub_switch(&self, on: bool) -> Result<CollectView, ErrorView> {
        if on {
            let known = SocketAddr::from((Ipv4Addr::UNSPECIFIED, HUB_PORT));
            let free = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
            let opened = match self.open_hub(known, true).await {
                // The QR tells the port, whichever it is.
                Err(HubStartError::Listen { .. }) => self.open_hub(free, true).await,
                opened => opened,
            };
            opened.map_err(|why| of_start(&why))?;
        } else {
            self.close_hub().await;
        }
        self.collect().await
    }

    pub(crate) async fn hub_view(&self) -> HubView {
        let role = self.device.with(|device| device.enrolment().map(device::Enrolled::role)).await;
        let possible = matches!(role, Some(role) if role != Role::Parent);
        let running = self.carrying.hub.lock().unwrap_or_else(PoisonError::into_inner);
        match &*running {
            None => HubView { possible, ..HubView::default() },
            Some(hub) => HubView {
                possible,
                on: true,
                addresses: hub.address.addresses.clone(),
                code: Some(hub.address.to_text()),
                announced: hub.announcement.is_some(),
            },
        }
    }
}

fn of_start(why: &HubStartError) -> ErrorView {
    let code = match why {
        HubStartError::Hub(HubError::NotEnrolled) => ErrorCode::NotEnrolled,
        HubStartError::Hub(HubError::WrongRole) => ErrorCode::NotAllowed,
        HubStartError::Hub(_) | HubStartError::Listen { .. } => ErrorCode::Broken,
    };
    error::view(code, why.to_string())
}
