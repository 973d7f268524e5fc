//! A hub on the local network: recognised first, then given parcels and asked for answers.

use std::sync::Arc;

use attendance::{DeviceId, Role};
use device::{CarriedError, News, Told};
use seal::{Hash, Sign1};
use sync_api::{
    HUB_HELLO_DOMAIN, HubAddress, HubCarriedResponse, HubHelloClaims, HubHelloResponse,
    HubNewsQuery, HubNewsResponse, HubParcelResponse, HubParcelState, PARCEL_MEDIA_TYPE, Problem,
};

use crate::client::SyncClient;
use crate::shared::SharedDevice;
use crate::transport::{Answer, Call, Transport, Unanswered};

/// Why a hub was not used. Everything stays on this device.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// The hub could not be reached, or did not answer in time.
    #[error("the hub did not answer: {0}")]
    Offline(#[source] Unanswered),
    /// Something else answered in its place. Nothing of it counts.
    #[error(
        "something else answers in the hub's place: {0}. This network wants a sign-in: open its page, or \
         use another network"
    )]
    SignIn(String),
    /// It answered with a problem document: no room, say.
    #[error("the hub did not take it: {}", .0.detail)]
    Refused(Box<Problem>),
    /// It answered something that is not of the protocol.
    #[error("what answers there is no hub of Qatysu ({0})")]
    Foreign(String),
    /// It is not of this district, was revoked, or its word does not hold.
    #[error("this hub is not used: {0}")]
    NotOurs(#[source] CarriedError),
    /// It did not sign what it was asked to sign.
    #[error("this hub cannot prove that it is the device it says it is: do not use it")]
    Unproven,
    /// The QR that was scanned names another device.
    #[error(
        "another device ({found}) answers there than the code on the screen says: scan it again"
    )]
    AnotherDevice {
        /// Who answers.
        found: DeviceId,
    },
    /// It passes parcels on to another server.
    #[error("this hub is for the log {origin}, and this device belongs to another district")]
    OtherServer {
        /// The log of its server.
        origin: String,
    },
    /// A family's device is no hub.
    #[error("a family's device carries for nobody")]
    WrongRole,
    /// The device has not met its server yet, and cannot seal anything to it.
    #[error("this device must meet the server once before others can carry for it")]
    NoKey,
    /// The device is not enrolled.
    #[error("this device is not enrolled yet: it needs a ticket from the coordinator")]
    NotEnrolled,
    /// The device's own storage failed.
    #[error("this device's storage failed: {0}")]
    Device(String),
}

/// What a hub says about a parcel.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum HubSays {
    /// It is not there.
    Unknown,
    /// It waits for a way to the server.
    Waiting,
    /// The server did not take it, for this reason.
    Refused(String),
    /// The server's answer. It is still to be judged.
    Answer(Vec<u8>),
}

/// A hub that proved who it is.
#[derive(Clone, Debug)]
pub struct HubContact {
    transport: Arc<dyn Transport>,
    url: String,
    certificate: Vec<u8>,
    device: DeviceId,
    name: String,
    fingerprint: Hash,
    hello: HubHelloClaims,
}

impl SyncClient {
    /// Asks what answers at `url` to prove that it is a hub of this device's district; with `expected`
    /// also that it is the one whose code was scanned.
    ///
    /// # Errors
    /// [`HubError`]; nothing was given to it then.
    pub async fn meet_hub(
        &self,
        device: &SharedDevice,
        url: &str,
        expected: Option<&HubAddress>,
    ) -> Result<HubContact, HubError> {
        let challenge: [u8; 16] =
            device.random().map_err(|why| HubError::Device(why.to_string()))?;
        let digits: String = challenge.iter().map(|byte| format!("{byte:02x}")).collect();
        let transport = self.transport();
        let answer = call(&*transport, Call::get(format!("{url}/hub/hello/{digits}"))).await?;
        let said: HubHelloResponse = of_json(&answer)?;
        let certificate = said.certificate.0.clone();
        let known = device.with(move |device| {
            let origin = device.enrolment().map(|enrolled| enrolled.origin().to_owned());
            device.recognise_carrier(&certificate).map(|carrier| (carrier, origin))
        });
        let (carrier, origin) = known.await.map_err(HubError::NotOurs)?;
        let key = carrier.public_key();
        let hello = Sign1::parse(&said.hello.0).map_err(foreign)?;
        let payload = hello.verify(&key, HUB_HELLO_DOMAIN).map_err(|_| HubError::Unproven)?;
        let claims: HubHelloClaims = seal::from_canonical(payload).map_err(foreign)?;
        let found = carrier.certificate().device;
        if claims.challenge != challenge || claims.device != found {
            return Err(HubError::Unproven);
        }
        match carrier.certificate().role {
            Role::Teacher | Role::Coordinator | Role::ProviderAdmin => {}
            Role::Parent | Role::Delegate | Role::Issuer => return Err(HubError::WrongRole),
        }
        let fingerprint = seal::sha256(&key.to_bytes());
        if expected.is_some_and(|code| code.device != found || code.fingerprint != fingerprint) {
            return Err(HubError::AnotherDevice { found });
        }
        if Some(&claims.origin) != origin.as_ref() {
            return Err(HubError::OtherServer { origin: claims.origin });
        }
        let name = carrier.certificate().name.clone();
        let (url, certificate) = (url.to_owned(), said.certificate.0);
        let (device, hello) = (found, claims);
        Ok(HubContact { transport, url, certificate, device, name, fingerprint, hello })
    }
}

impl HubContact {
    /// Names the hub's device.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        self.device
    }

    /// Gives the hub's name, as the coordinator gave it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Gives the SHA-256 of its public key.
    #[must_use]
    pub fn fingerprint(&self) -> Hash {
        self.fingerprint
    }

    /// Gives where it answers.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Gives what it signed.
    #[must_use]
    pub fn hello(&self) -> &HubHelloClaims {
        &self.hello
    }

    /// Asks for the lists that anybody may have and takes those that hold, each judged as if the server had
    /// sent it. A hub of an earlier release has none.
    ///
    /// # Errors
    /// [`HubError`] if it does not say, or if its own news are that this hub is revoked.
    pub async fn hear(&self, device: &SharedDevice) -> Result<Told, HubError> {
        let heard = device.with(|device| device.heard()).await.map_err(storage)?;
        let query = HubNewsQuery {
            trust: heard.trust_version,
            revocations: heard.revocations_version,
            status: heard.status_version,
            size: heard.log_size,
        };
        let asked = Call::get(format!("{}/{}", self.url, query.path()));
        let said: HubNewsResponse = match call(&*self.transport, asked).await {
            Err(HubError::Refused(problem)) if problem.status == 404 => return Ok(Told::default()),
            answer => of_json(&answer?)?,
        };
        let news = News {
            trust_list: said.trust_list.map(|list| list.0),
            revocations: said.revocations.map(|list| list.0),
            status_list: said.status_list.map(|list| list.0),
            status_deltas: said.status_deltas.into_iter().map(|delta| delta.0).collect(),
            checkpoint: said.checkpoint,
        };
        let certificate = self.certificate.clone();
        let told = device.with(move |device| {
            let told = device.hear(&news).map_err(storage)?;
            device.recognise_carrier(&certificate).map_err(HubError::NotOurs)?;
            Ok(told)
        });
        told.await
    }

    /// Gives a parcel to the hub, and keeps its word if it holds; gives how many events are newly
    /// carried.
    ///
    /// # Errors
    /// [`HubError`]; the events stay in the outbox whatever happens.
    pub async fn bring(
        &self,
        device: &SharedDevice,
        parcel: Hash,
        events: Vec<Hash>,
        bytes: Vec<u8>,
    ) -> Result<u64, HubError> {
        let url = format!("{}/hub/parcel/{parcel}", self.url);
        let answer = call(&*self.transport, Call::put(url, PARCEL_MEDIA_TYPE, bytes)).await?;
        let said: HubCarriedResponse = of_json(&answer)?;
        let (word, certificate) = (said.acknowledgement.0, self.certificate.clone());
        let kept = device
            .with(move |device| device.store_carried(parcel, &events, &word, &certificate))
            .await;
        Ok(kept.map_err(HubError::NotOurs)? as u64)
    }

    /// Asks what the hub has about a parcel.
    ///
    /// # Errors
    /// [`HubError`] if it does not say.
    pub async fn ask(&self, parcel: Hash) -> Result<HubSays, HubError> {
        let request = Call::get(format!("{}/hub/answer/{parcel}", self.url));
        let answer = match call(&*self.transport, request).await {
            Err(HubError::Refused(problem)) if problem.status == 404 => {
                return Ok(HubSays::Unknown);
            }
            answer => answer?,
        };
        if answer.status != ACCEPTED {
            return Ok(HubSays::Answer(answer.body));
        }
        let how: HubParcelResponse = of_json(&answer)?;
        Ok(match how.state {
            HubParcelState::Waiting => HubSays::Waiting,
            HubParcelState::Refused => HubSays::Refused(how.detail.unwrap_or_default()),
        })
    }
}

async fn call(transport: &dyn Transport, call: Call) -> Result<Answer, HubError> {
    let answer = transport.call(call).await.map_err(HubError::Offline)?;
    if let Some(what) = answer.of_another() {
        return Err(HubError::SignIn(what));
    }
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    Err(match serde_json::from_slice::<Problem>(&answer.body) {
        Ok(problem) => HubError::Refused(Box::new(problem)),
        Err(_) => HubError::Foreign(format!("HTTP {}", answer.status)),
    })
}

fn of_json<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, HubError> {
    serde_json::from_slice(&answer.body).map_err(foreign)
}

pub(crate) fn storage(error: impl core::fmt::Display) -> HubError {
    HubError::Device(error.to_string())
}

fn foreign(why: impl core::fmt::Display) -> HubError {
    HubError::Foreign(why.to_string())
}

/// The status of an answer that is still to come.
const ACCEPTED: u16 = 202;
