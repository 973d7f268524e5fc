//! One contact with the server.

use std::sync::{Arc, Mutex, PoisonError};

use attendance::{ChainHead, Role};
use device::{Asked, Device, Enrolment};
use seal::Hash;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sync_api::{
    Base64, ENROL_DOMAIN, EnrolClaims, EnrolRequest, EnrolResponse, HELLO_DOMAIN, HelloClaims,
    HelloRequest, HelloResponse, PACKED_BATCH_MEDIA_TYPE, Problem, Ticket,
};

use crate::batch_size::BatchSize;
use crate::carried::Carried;
use crate::error::SyncError;
use crate::shared::SharedDevice;
use crate::time::Asking;
use crate::transport::{Answer, Call, Http, Pinned, Transport};
use crate::up::Sending;

/// What a sync did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct SyncReport {
    /// Events the server took or already had.
    pub sent: u64,
    /// Events the server put aside.
    pub parked: u64,
    /// Receipts verified and kept.
    pub receipted: u64,
    /// Visits of own children that came, or answers of families about own visits.
    pub received: u64,
    /// The server has set this device aside: two histories of it were seen.
    pub suspended: bool,
}

/// Speaks to one server at a time. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SyncClient {
    transport: Arc<dyn Transport>,
    /// Learnt from every batch. Owned by [`Contact::learn`].
    size: Arc<Mutex<BatchSize>>,
    pub(crate) carried: Carried,
}

/// A contact that has begun: the server knows who asks.
#[derive(Clone, Debug)]
pub(crate) struct Contact {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) server: String,
    pub(crate) hello: HelloResponse,
    pub(crate) role: Role,
    size: Arc<Mutex<BatchSize>>,
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
        Self { transport, carried: Carried::default(), size: Arc::default() }
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
        let url = format!("{}/v1/enrol", ticket.server);
        let (answer, asked): (EnrolResponse, Asked) = self
            .asking_the_time(device, (&url, ticket.pin), move |device, clock| {
                let asked = Asking::of(device, ChainHead::genesis(&device.public_key()));
                let claims = EnrolClaims {
                    secret: ticket.secret,
                    key: device.public_key().to_bytes(),
                    mono_ms: clock.then_some(asked.reading.mono_ms),
                    boot: clock.then_some(asked.reading.boot),
                };
                let claims = device.sign(ENROL_DOMAIN, seal::to_canonical(&claims));
                let claims = Base64(claims.map_err(SyncError::device)?);
                let asked = asked.with(&claims);
                Ok((to_json(&EnrolRequest { claims })?, asked))
            })
            .await?;
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
            pin: ticket.pin,
        };
        let anchor = answer.anchor.map(|anchor| anchor.0);
        let installed = device.with(move |device| {
            let time = anchor.as_deref().map(|anchor| (anchor, &asked));
            device.install_at(enrolment, time)
        });
        installed.await.map_err(|error| SyncError::Proof(error.to_string()))?;
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
        let suspended = contact.hello.suspended;
        let mut report = SyncReport { suspended, ..SyncReport::default() };
        contact.fetch_trust(device).await?;
        // Neither keeps anything from being sent; what did not hold is said at the end.
        let renewed = contact.take_certificate(device).await;
        let revocations = contact.fetch_revocations(device).await;
        // A roster that does not hold keeps nothing from being sent; a line that broke does.
        let roster = match contact.fetch_roster(device).await {
            Err(error) if !error.is_permanent() => return Err(error),
            fetched => fetched,
        };
        let lost_from = contact.compare_chain(device, &mut report).await?;
        contact.ask_again(device, &mut report).await?;
        contact.bring_parked_again(device).await?;
        // A list of revoked cards that does not hold keeps nothing from being sent.
        let status = contact.fetch_status(device).await;
        // Whatever is to be thought of the log: what was recorded goes up, where others see it too.
        let believed = contact.follow_log(device).await;
        // What has a receipt is in the log as long as the log is the same one. Where it is another one by
        // now, the server gets again what it had; one that is older, or has holes, is made whole from
        // copies first.
        let lost_from = lost_from.filter(|_| matches!(believed, Err(SyncError::Proof(_))));
        let packed = contact.takes(PACKED_BATCH_MEDIA_TYPE);
        let sending = Sending { believed: believed.is_ok(), lost_from, packed };
        contact.drain(device, &mut report, sending).await?;
        renewed.and(revocations).and(roster).and(believed)?;
        let HelloResponse { parcel_key, datagram_port, .. } = contact.hello.clone();
        keep_parcel_key(device, parcel_key, datagram_port).await?;
        match contact.role {
            // Nothing of the district comes down to a revoked device.
            _ if contact.hello.revoked => {}
            Role::Teacher => contact.fetch_answers(device, &mut report).await?,
            Role::Parent => {
                contact.fetch_visits(device, &mut report).await?;
                // A list that does not hold keeps nobody from what the lists before it named.
                let lists = contact.fetch_tags(device).await;
                contact.fetch_entries(device).await?;
                lists?;
                contact.fetch_views(device).await?;
                contact.fetch_places(device).await?;
            }
            Role::Coordinator => contact.fetch_board(device).await?,
            // The sheets of two are asked for when they are looked at; the third needs a roster only.
            Role::ProviderAdmin | Role::Issuer | Role::Delegate => {}
        }
        contact.fetch_checkpoint(device).await?;
        status?;
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

    /// Gives the way to a server whose authority was pinned, or to one with a public certificate.
    pub(crate) fn pinned(&self, pin: Option<Hash>) -> Arc<dyn Transport> {
        Arc::new(Pinned { way: Arc::clone(&self.transport), pin })
    }

    pub(crate) async fn hello(&self, device: &SharedDevice) -> Result<Contact, SyncError> {
        let known = device.with(|device| {
            let enrolled = device.enrolment().ok_or(SyncError::NotEnrolled)?;
            let pin = enrolled.server_pin();
            Ok::<_, SyncError>((enrolled.server().to_owned(), pin, enrolled.role()))
        });
        let (server, pin, role) = known.await?;
        let url = format!("{server}/v1/hello");
        let (hello, asked) = self.asking_the_time(device, (&url, pin), hello_request).await?;
        let (transport, size) = (self.pinned(pin), Arc::clone(&self.size));
        let contact = Contact { transport, server, hello, role, size };
        contact.settle_chain(device).await?;
        contact.take_time(device, asked).await?;
        Ok(contact)
    }
}

/// Says hello, and with `clock` what the clock says.
fn hello_request(device: &Device, clock: bool) -> Result<(Vec<u8>, Asked), SyncError> {
    let enrolled = device.enrolment().ok_or(SyncError::NotEnrolled)?;
    let certificate = Base64(enrolled.certificate_bytes().to_vec());
    let asked = Asking::of(device, device.chain_head().map_err(SyncError::device)?);
    let claims = HelloClaims {
        device: device.id(),
        seq_next: asked.head.seq_next,
        head: asked.head.prev,
        wall_ms: asked.reading.wall_ms,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        mono_ms: clock.then_some(asked.reading.mono_ms),
        boot: clock.then_some(asked.reading.boot),
    };
    let claims = device.sign(HELLO_DOMAIN, seal::to_canonical(&claims));
    let claims = Base64(claims.map_err(SyncError::device)?);
    let asked = asked.with(&claims);
    let request = HelloRequest { claims, certificate: Some(certificate) };
    Ok((to_json(&request)?, asked))
}

impl Contact {
    /// Tells whether the server said that it takes batches of a media type.
    fn takes(&self, media_type: &str) -> bool {
        self.hello.accepts.iter().any(|accepted| accepted == media_type)
    }

    /// How large the next batch is to be.
    pub(crate) fn size(&self) -> BatchSize {
        *self.size.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Learns from a batch how large the next one is to be.
    pub(crate) fn learn(&self, lesson: impl FnOnce(BatchSize) -> BatchSize) {
        let mut size = self.size.lock().unwrap_or_else(PoisonError::into_inner);
        *size = lesson(*size);
    }

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

pub(crate) async fn send<T: DeserializeOwned>(
    transport: &dyn Transport,
    call: Call,
) -> Result<T, SyncError> {
    let answer = answered(transport, call).await?;
    serde_json::from_slice(&answer.body).map_err(|error| SyncError::Foreign(error.to_string()))
}

/// Makes a call; anything but success is an error.
async fn answered(transport: &dyn Transport, call: Call) -> Result<Answer, SyncError> {
    let answer = transport.call(call).await.map_err(SyncError::unanswered)?;
    if let Some(what) = answer.of_another() {
        return Err(SyncError::SignIn(what));
    }
    let (status, retry_after_s) = (answer.status, answer.retry_after_s);
    if (200..300).contains(&status) {
        return Ok(answer);
    }
    // Whoever stands in between may say so too, in words of its own.
    if [429, 503].contains(&status) {
        return Err(SyncError::Busy { status, retry_after_s });
    }
    Err(match serde_json::from_slice::<Problem>(&answer.body) {
        Ok(problem) => SyncError::Refused(Box::new(problem)),
        Err(_) => SyncError::Foreign(format!("HTTP {status}")),
    })
}

/// Reads an answer's text.
pub(crate) fn text(body: Vec<u8>) -> Result<String, SyncError> {
    String::from_utf8(body).map_err(|error| SyncError::Foreign(error.to_string()))
}

pub(crate) fn to_json<T: Serialize>(shape: &T) -> Result<Vec<u8>, SyncError> {
    serde_json::to_vec(shape).map_err(SyncError::device)
}
