//! One contact with the server.

use std::sync::Arc;

use attendance::Role;
use device::Enrolment;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sync_api::{
    Base64, ENROL_DOMAIN, EnrolClaims, EnrolRequest, EnrolResponse, HELLO_DOMAIN, HelloClaims,
    HelloRequest, HelloResponse, Problem, Ticket,
};

use crate::carried::Carried;
use crate::error::SyncError;
use crate::shared::SharedDevice;
use crate::transport::{Answer, Call, Http, Transport};

/// What a sync did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct SyncReport {
    /// Events the server took or already had.
    pub sent: u64,
    /// Events the server put aside.
    pub parked: u64,
    /// Receipts verified and kept.
    pub receipted: u64,
    /// Visits of own children that came.
    pub received: u64,
}

/// Speaks to one server at a time. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SyncClient {
    transport: Arc<dyn Transport>,
    pub(crate) carried: Carried,
}

/// A contact that has begun: the server knows who asks.
#[derive(Clone, Debug)]
pub(crate) struct Contact {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) server: String,
    pub(crate) hello: HelloResponse,
    pub(crate) role: Role,
}

impl SyncClient {
    /// Makes a client that speaks HTTP.
    ///
    /// # Errors
    /// [`SyncError::Device`] if the system's network cannot be set up.
    pub fn new() -> Result<Self, SyncError> {
        Ok(Self::over(Arc::new(Http::new().map_err(SyncError::device)?)))
    }

    /// Makes a client whose calls go another way.
    #[must_use]
    pub fn over(transport: Arc<dyn Transport>) -> Self {
        Self { transport, carried: Carried::default() }
    }

    /// Gives the way that this client's calls go.
    #[must_use]
    pub fn transport(&self) -> Arc<dyn Transport> {
        Arc::clone(&self.transport)
    }

    /// Enrols the device with a ticket's text.
    ///
    /// # Errors
    /// [`SyncError`]; the device is as it was then.
    pub async fn enrol(&self, device: &SharedDevice, ticket: &str) -> Result<(), SyncError> {
        let ticket = Ticket::parse(ticket)?;
        let secret = ticket.secret;
        let claims = device.with(move |device| {
            let claims = EnrolClaims { secret, key: device.public_key().to_bytes() };
            device.sign(ENROL_DOMAIN, seal::to_canonical(&claims))
        });
        let claims = Base64(claims.await.map_err(SyncError::device)?);
        let url = format!("{}/v1/enrol", ticket.server);
        let call = Call::post(url, to_json(&EnrolRequest { claims })?);
        let answer: EnrolResponse = send(&*self.transport, call).await?;
        let roots = attendance::TrustRoots::parse(&answer.roots.0)
            .map_err(|error| SyncError::Foreign(error.to_string()))?;
        if roots.fingerprint() != ticket.roots {
            return Err(SyncError::OtherRoot);
        }
        let enrolment = Enrolment {
            server: ticket.server,
            roots,
            trust_list: answer.trust_list.0,
            certificate: answer.certificate.0,
            origin: answer.origin,
        };
        let installed = device.with(move |device| device.install(enrolment)).await;
        installed.map_err(|error| SyncError::Proof(error.to_string()))?;
        // The device is enrolled all the same, and asks again at the first contact.
        drop(keep_parcel_key(device, answer.parcel_key, answer.datagram_port).await);
        Ok(())
    }

    /// Sends what waits, then fetches what is new for this device.
    ///
    /// # Errors
    /// [`SyncError`]; what was done before the fault stays done.
    pub async fn sync(&self, device: &SharedDevice) -> Result<SyncReport, SyncError> {
        let contact = self.hello(device).await?;
        let mut report = SyncReport::default();
        contact.fetch_trust(device).await?;
        contact.fetch_roster(device).await?;
        // Whatever is to be thought of the log: what was recorded goes up, where others see it too.
        let believed = contact.follow_log(device).await;
        contact.drain(device, &mut report, believed.is_ok()).await?;
        believed?;
        let HelloResponse { parcel_key, datagram_port, .. } = contact.hello.clone();
        keep_parcel_key(device, parcel_key, datagram_port).await?;
        match contact.role {
            Role::Teacher => {}
            Role::Parent => {
                contact.fetch_visits(device, &mut report).await?;
                // A list that does not hold keeps nobody from what the lists before it named.
                let lists = contact.fetch_tags(device).await;
                contact.fetch_entries(device).await?;
                lists?;
            }
            Role::Coordinator => contact.fetch_board(device).await?,
        }
        contact.fetch_checkpoint(device).await?;
        Ok(report)
    }

    /// Fetches a file of a closed month for a coordinator: `registry/2026-09.csv`,
    /// `registry/2026-09.json` or `bundle/2026-09`.
    ///
    /// # Errors
    /// [`SyncError`] if the server is away or the month is not closed.
    pub async fn fetch_file(&self, device: &SharedDevice, path: &str) -> Result<String, SyncError> {
        let contact = self.hello(device).await?;
        let answer = answered(&*contact.transport, contact.request(path)).await?;
        text(answer.body)
    }

    async fn hello(&self, device: &SharedDevice) -> Result<Contact, SyncError> {
        let prepared = device.with(|device| {
            let enrolled = device.enrolment().ok_or(SyncError::NotEnrolled)?;
            let (server, role) = (enrolled.server().to_owned(), enrolled.role());
            let certificate = Base64(enrolled.certificate_bytes().to_vec());
            let head = device.chain_head().map_err(SyncError::device)?;
            let claims = HelloClaims {
                device: device.id(),
                seq_next: head.seq_next,
                head: head.prev,
                wall_ms: device.now().wall_ms,
                version: env!("CARGO_PKG_VERSION").to_owned(),
            };
            let claims = device.sign(HELLO_DOMAIN, seal::to_canonical(&claims));
            let claims = claims.map_err(SyncError::device)?;
            let request = HelloRequest { claims: Base64(claims), certificate: Some(certificate) };
            Ok::<_, SyncError>((server, role, request))
        });
        let (server, role, request) = prepared.await?;
        let call = Call::post(format!("{server}/v1/hello"), to_json(&request)?);
        let hello = send(&*self.transport, call).await?;
        Ok(Contact { transport: Arc::clone(&self.transport), server, hello, role })
    }
}

impl Contact {
    /// A call that only this device may make. `path` is under `/v1/`.
    pub(crate) fn request(&self, path: &str) -> Call {
        Call::get(format!("{}/v1/{path}", self.server)).with_token(&self.hello.token)
    }

    /// Makes a call and reads the answer's JSON.
    pub(crate) async fn send<T: DeserializeOwned>(&self, call: Call) -> Result<T, SyncError> {
        send(&*self.transport, call).await
    }

    /// Makes a call and gives the answer as it came.
    pub(crate) async fn answered(&self, call: Call) -> Result<Answer, SyncError> {
        answered(&*self.transport, call).await
    }
}

/// Keeps whom parcels are sealed to. An earlier server states nothing: then nothing is kept.
async fn keep_parcel_key(
    device: &SharedDevice,
    stated: Option<Base64>,
    datagram_port: Option<u16>,
) -> Result<(), SyncError> {
    let Some(Base64(stated)) = stated else { return Ok(()) };
    let kept = device.with(move |device| device.keep_parcel_key(&stated, datagram_port)).await;
    kept.map_err(|error| SyncError::Proof(error.to_string()))
}

async fn send<T: DeserializeOwned>(transport: &dyn Transport, call: Call) -> Result<T, SyncError> {
    let answer = answered(transport, call).await?;
    serde_json::from_slice(&answer.body).map_err(|error| SyncError::Foreign(error.to_string()))
}

/// Makes a call; anything but success is an error.
async fn answered(transport: &dyn Transport, call: Call) -> Result<Answer, SyncError> {
    let answer = transport.call(call).await.map_err(SyncError::Offline)?;
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    Err(match serde_json::from_slice::<Problem>(&answer.body) {
        Ok(problem) => SyncError::Refused(Box::new(problem)),
        Err(_) => SyncError::Foreign(format!("HTTP {}", answer.status)),
    })
}

/// Reads an answer's text.
pub(crate) fn text(body: Vec<u8>) -> Result<String, SyncError> {
    String::from_utf8(body).map_err(|error| SyncError::Foreign(error.to_string()))
}

fn to_json<T: Serialize>(shape: &T) -> Result<Vec<u8>, SyncError> {
    serde_json::to_vec(shape).map_err(SyncError::device)
}
