//! One contact with the server.

use std::time::Duration;

use attendance::Role;
use device::Enrolment;
use serde::de::DeserializeOwned;
use sync_api::{
    Base64, ENROL_DOMAIN, EnrolClaims, EnrolRequest, EnrolResponse, HELLO_DOMAIN, HelloClaims,
    HelloRequest, HelloResponse, Problem, Ticket,
};

use crate::error::SyncError;
use crate::shared::SharedDevice;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

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
    http: reqwest::Client,
}

/// A contact that has begun: the server knows who asks.
#[derive(Clone, Debug)]
pub(crate) struct Contact {
    pub(crate) http: reqwest::Client,
    pub(crate) server: String,
    pub(crate) hello: HelloResponse,
    pub(crate) role: Role,
}

impl SyncClient {
    /// Makes a client.
    ///
    /// # Errors
    /// [`SyncError::Device`] if the system's TLS cannot be set up.
    pub fn new() -> Result<Self, SyncError> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            .user_agent(concat!("qatysu/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(SyncError::device)?;
        Ok(Self { http })
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
        let answer: EnrolResponse =
            send(self.http.post(url).json(&EnrolRequest { claims })).await?;
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
        installed.map_err(|error| SyncError::Proof(error.to_string()))
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
        let response = check(contact.request(path).send().await).await?;
        response.text().await.map_err(SyncError::Offline)
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
        let hello = send(self.http.post(format!("{server}/v1/hello")).json(&request)).await?;
        Ok(Contact { http: self.http.clone(), server, hello, role })
    }
}

impl Contact {
    /// A request that only this device may make. `path` is under `/v1/`.
    pub(crate) fn request(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.get(format!("{}/v1/{path}", self.server)).bearer_auth(&self.hello.token)
    }
}

/// Sends a request and reads the answer's JSON.
pub(crate) async fn send<T: DeserializeOwned>(
    request: reqwest::RequestBuilder,
) -> Result<T, SyncError> {
    let response = check(request.send().await).await?;
    let bytes = response.bytes().await.map_err(SyncError::Offline)?;
    serde_json::from_slice(&bytes).map_err(|error| SyncError::Foreign(error.to_string()))
}

/// Sends a request and gives the answer's media type and bytes.
pub(crate) async fn send_for_bytes(
    request: reqwest::RequestBuilder,
) -> Result<(String, Vec<u8>), SyncError> {
    let response = check(request.send().await).await?;
    let media_type = response.headers().get("content-type").and_then(|name| name.to_str().ok());
    let media_type = media_type.unwrap_or_default().to_owned();
    let bytes = response.bytes().await.map_err(SyncError::Offline)?;
    Ok((media_type, bytes.into()))
}

pub(crate) async fn check(
    response: Result<reqwest::Response, reqwest::Error>,
) -> Result<reqwest::Response, SyncError> {
    let response = response.map_err(SyncError::Offline)?;
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status();
    let bytes = response.bytes().await.map_err(SyncError::Offline)?;
    Err(match serde_json::from_slice::<Problem>(&bytes) {
        Ok(problem) => SyncError::Refused(Box::new(problem)),
        Err(_) => SyncError::Foreign(format!("HTTP {status}")),
    })
}
