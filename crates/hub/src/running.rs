//! A running hub: who it is, what it takes, what it gives back.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use attendance::{DeviceId, Role};
use device::{Device, Heard, StoreError};
use seal::{Hash, SignError};
use sync_api::{
    Base64, HUB_HELLO_DOMAIN, HubAddress, HubCarriedResponse, HubHelloClaims, HubHelloResponse,
    HubNewsQuery, HubNewsResponse, HubParcelResponse, HubParcelState,
};
use sync_client::SharedDevice;
use tokio::sync::Notify;

use crate::store::{CarryError, ParcelStore, Standing};
use crate::word::acknowledge;

/// Keeps parcels for the devices around. Its word is signed with the device's key.
#[derive(Debug)]
pub struct Hub {
    device: SharedDevice,
    store: Arc<ParcelStore>,
    arrived: Arc<Notify>,
}

/// What a hub has for whoever asks about a parcel.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum HubAnswer {
    /// The parcel is not here.
    Unknown,
    /// It is here, and there is no answer yet.
    Without(HubParcelResponse),
    /// The server's answer, as it came.
    Answer(Vec<u8>),
}

/// Why a hub did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// The parcel was not kept, or the folder cannot be read.
    #[error(transparent)]
    Carry(#[from] CarryError),
    /// The device has no certificate.
    #[error("this device is not enrolled: it cannot be a hub yet")]
    NotEnrolled,
    /// The device is a family's.
    #[error("a family's device carries for nobody: use a teacher's or a coordinator's")]
    WrongRole,
    /// The device's key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The device's database cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Hub {
    /// Makes a hub of an enrolled device. `arrived` is told about each parcel.
    ///
    /// # Errors
    /// [`HubError`] if the device may not be a hub.
    pub async fn of(
        device: SharedDevice,
        store: Arc<ParcelStore>,
        arrived: Arc<Notify>,
    ) -> Result<Self, HubError> {
        let role = device.with(|device| device.enrolment().map(device::Enrolled::role)).await;
        match role {
            Some(Role::Teacher | Role::Coordinator | Role::ProviderAdmin) => {
                Ok(Self { device, store, arrived })
            }
            Some(Role::Parent | Role::Delegate | Role::Issuer) => Err(HubError::WrongRole),
            None => Err(HubError::NotEnrolled),
        }
    }

    /// Says who this hub is, to a device that asks with a challenge.
    ///
    /// # Errors
    /// [`HubError`] if the key does not sign.
    pub async fn hello(&self, challenge: [u8; 16]) -> Result<HubHelloResponse, HubError> {
        self.device.with(move |device| hello(device, challenge)).await
    }

    /// Keeps a parcel, then gives the signed word for it.
    ///
    /// # Errors
    /// [`HubError`]; there is no acknowledgement without a kept parcel.
    pub async fn take(&self, parcel: Hash, bytes: Vec<u8>) -> Result<HubCarriedResponse, HubError> {
        let store = Arc::clone(&self.store);
        self.device
            .with(move |device| {
                // On the disk first, then the word.
                store.keep(parcel, &bytes, device.now().wall_ms)?;
                Ok(HubCarriedResponse {
                    acknowledgement: Base64(acknowledge(device, parcel, &store)?),
                })
            })
            .await
            .inspect(|_| self.arrived.notify_one())
    }

    /// Gives what there is about a parcel.
    ///
    /// # Errors
    /// [`HubError`] if the folder cannot be read.
    pub async fn answer(&self, parcel: Hash) -> Result<HubAnswer, HubError> {
        Ok(self.store.with(move |store| answer(store, parcel)).await?)
    }

    /// Gives the lists that anybody may have, as this device last heard them, where they are newer than
    /// the asking device has.
    ///
    /// # Errors
    /// [`HubError`] if the device's database cannot be read.
    pub async fn news(&self, theirs: HubNewsQuery) -> Result<HubNewsResponse, HubError> {
        let theirs = Heard {
            trust_version: theirs.trust,
            revocations_version: theirs.revocations,
            status_version: theirs.status,
            log_size: theirs.size,
        };
        let news = self.device.with(move |device| device.news_since(theirs)).await?;
        Ok(HubNewsResponse {
            trust_list: news.trust_list.map(Base64),
            revocations: news.revocations.map(Base64),
            status_list: news.status_list.map(Base64),
            status_deltas: news.status_deltas.into_iter().map(Base64).collect(),
            checkpoint: news.checkpoint,
        })
    }

    /// Says where this hub is, for its QR.
    pub async fn address(&self, listening: SocketAddr) -> HubAddress {
        let (device, key) =
            self.device.with(|device| (device.id(), device.public_key().to_bytes())).await;
        HubAddress {
            addresses: local_addresses(listening),
            device,
            fingerprint: seal::sha256(&key),
        }
    }

    /// Names the hub's device.
    pub async fn id(&self) -> DeviceId {
        self.device.with(|device| device.id()).await
    }
}

fn hello(device: &Device, challenge: [u8; 16]) -> Result<HubHelloResponse, HubError> {
    let enrolled = device.enrolment().ok_or(HubError::NotEnrolled)?;
    let claims = HubHelloClaims {
        device: device.id(),
        server: enrolled.server().to_owned(),
        origin: enrolled.origin().to_owned(),
        trust_version: enrolled.trust_list().version,
        revocations_version: device.revocations().map(|list| list.version),
        at_ms: device.now().wall_ms,
        challenge,
    };
    let hello = device.sign(HUB_HELLO_DOMAIN, seal::to_canonical(&claims))?;
    Ok(HubHelloResponse {
        hello: Base64(hello),
        certificate: Base64(enrolled.certificate_bytes().to_vec()),
    })
}

fn answer(store: &ParcelStore, parcel: Hash) -> Result<HubAnswer, CarryError> {
    if let Some(answer) = store.answer(parcel)? {
        return Ok(HubAnswer::Answer(answer));
    }
    let Some(carried) = store.find(parcel) else { return Ok(HubAnswer::Unknown) };
    let (state, detail) = match carried.standing {
        Standing::Waiting => (HubParcelState::Waiting, None),
        Standing::Refused { reason, .. } => (HubParcelState::Refused, Some(reason)),
        // It was answered, and the answer is gone: the device may bring the parcel again.
        Standing::Answered { .. } => return Ok(HubAnswer::Unknown),
    };
    Ok(HubAnswer::Without(HubParcelResponse { state, since_ms: carried.since_ms, detail }))
}

/// Lists where others on the local network reach a listener of this machine.
#[must_use]
pub fn local_addresses(listening: SocketAddr) -> Vec<String> {
    let url = |ip: IpAddr| format!("http://{}", SocketAddr::new(ip, listening.port()));
    if !listening.ip().is_unspecified() {
        return vec![url(listening.ip())];
    }
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let found = interfaces.into_iter().map(|interface| interface.ip());
    // Addresses of version 6 that hold on one link alone cannot be written into a URL for all.
    let mut found: Vec<IpAddr> = found.filter(|ip| ip.is_ipv4() && !ip.is_loopback()).collect();
    found.sort_unstable();
    found.truncate(ADDRESSES_MAX);
    if found.is_empty() {
        found.push(IpAddr::from([127, 0, 0, 1]));
    }
    found.into_iter().map(url).collect()
}

const ADDRESSES_MAX: usize = 6;
