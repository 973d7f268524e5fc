//! Tickets in, certificates out.

use attendance::{
    ChildId, DeviceCertificate, DeviceId, GroupId, ProviderId, Role, VerifiedCertificate,
};
use seal::{PublicKey, Sign1};
use serde::{Deserialize, Serialize};
use server_store::{Grants, StoredTicket, TicketVerdict};
use sync_api::{
    Base64, ENROL_DOMAIN, EnrolClaims, EnrolRequest, EnrolResponse, ProblemKind, Ticket,
};

use crate::error::ServerError;
use crate::server::Server;

/// How long a device certificate is good for, in seconds: a school year and a bit.
const CERTIFICATE_LIFE_S: i64 = 400 * 86_400;

/// What a ticket grants to the device that uses it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Whose device it becomes.
    pub role: Role,
    /// The provider, for a teacher.
    pub provider: Option<ProviderId>,
    /// The groups, for a teacher.
    #[serde(default)]
    pub groups: Vec<GroupId>,
    /// The children, for a parent.
    #[serde(default)]
    pub children: Vec<ChildId>,
    /// The device's name on the coordinator's board. No child's name.
    pub name: String,
}

impl Server {
    /// Makes a one-time ticket for a device, good for `life_ms`.
    ///
    /// # Errors
    /// [`ServerError`] if storage or randomness fails.
    pub async fn make_ticket(
        &self,
        grant: &Grant,
        server: &str,
        life_ms: i64,
    ) -> Result<Ticket, ServerError> {
        let ticket = Ticket {
            server: server.to_owned(),
            secret: self.entropy.draw()?,
            roots: self.roots.fingerprint(),
        };
        let grants = serde_json::to_string(grant).map_err(|_| ServerError::Stored("grant"))?;
        let stored = StoredTicket {
            secret_hash: seal::sha256(&ticket.secret),
            grants: Grants(grants),
            expires_ms: self.clock.now_ms() + life_ms,
        };
        self.store.put_ticket(stored).await?;
        Ok(ticket)
    }

    /// Enrols a device: once per ticket, and again only for the same device.
    ///
    /// # Errors
    /// [`ServerError::Refused`] for a broken request and for a ticket that is unknown, used or over.
    pub async fn enrol(&self, request: &EnrolRequest) -> Result<EnrolResponse, ServerError> {
        let (claims, key) = read_claims(&request.claims.0)?;
        let device = DeviceId::derive_from(&key);
        let secret = seal::sha256(&claims.secret);
        let refused = |detail: &str| ServerError::refused(ProblemKind::TicketRefused, detail);
        let grants = match self.store.use_ticket(secret, device, self.clock.now_ms()).await? {
            TicketVerdict::Good(grants) => grants,
            TicketVerdict::Used => {
                return Err(refused("the ticket was used by another device: ask for a new one"));
            }
            TicketVerdict::Expired => return Err(refused("the ticket is over: ask for a new one")),
            TicketVerdict::Unknown => {
                return Err(refused("there is no such ticket here: ask for a new one"));
            }
        };
        if self.store.device(device).await?.is_none() {
            let grant: Grant =
                serde_json::from_str(&grants.0).map_err(|_| ServerError::Stored("grant"))?;
            let certificate = self.certify(&key, grant)?;
            self.store.put_device(device, certificate).await?;
        }
        let stored = self.store.device(device).await?.ok_or(ServerError::Stored("device"))?;
        Ok(EnrolResponse {
            certificate: Base64(stored.certificate),
            roots: Base64(self.roots.to_bytes()),
            trust_list: Base64(self.trust_bytes.clone()),
            origin: self.origin.clone(),
        })
    }

    /// Reads the certificate that an unknown device shows, if this server's authority issued it to
    /// that device and it holds now.
    pub(crate) fn own_certificate(
        &self,
        device: DeviceId,
        shown: &[u8],
    ) -> Option<VerifiedCertificate> {
        let now_s = self.clock.now_s();
        let shown = VerifiedCertificate::parse_and_verify(shown, &self.trust, now_s).ok()?;
        (shown.certificate().device == device).then_some(shown)
    }

    /// Keeps a device whose enrolment was lost with the server's disk, and which has proven itself.
    pub(crate) async fn welcome_back(
        &self,
        shown: &VerifiedCertificate,
    ) -> Result<(), ServerError> {
        let device = shown.certificate().device;
        tracing::warn!(%device, "a device that was not known here showed its certificate");
        Ok(self.store.put_device(device, shown.bytes().to_vec()).await?)
    }

    fn certify(&self, key: &PublicKey, grant: Grant) -> Result<Vec<u8>, ServerError> {
        let now_s = self.clock.now_s();
        let certificate = DeviceCertificate {
            version: attendance::CERTIFICATE_VERSION,
            device: DeviceId::derive_from(key),
            key: key.to_bytes(),
            role: grant.role,
            provider: grant.provider,
            groups: grant.groups,
            children: grant.children,
            not_before_s: now_s - 3600,
            not_after_s: now_s + CERTIFICATE_LIFE_S,
            name: grant.name,
        };
        Ok(certificate.issue(&self.keys.device_ca)?)
    }
}

/// Reads the claims, and verifies that the device holds the key it names.
fn read_claims(bytes: &[u8]) -> Result<(EnrolClaims, PublicKey), ServerError> {
    let malformed = |detail: String| ServerError::refused(ProblemKind::Malformed, detail);
    let sealed = Sign1::parse(bytes).map_err(|error| malformed(error.to_string()))?;
    let claims: EnrolClaims = seal::from_canonical(sealed.unverified_payload())
        .map_err(|error| malformed(error.to_string()))?;
    let key = PublicKey::parse(&claims.key).map_err(|error| malformed(error.to_string()))?;
    sealed.verify(&key, ENROL_DOMAIN).map_err(|error| malformed(error.to_string()))?;
    Ok((claims, key))
}
