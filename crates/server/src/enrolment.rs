//! Tickets in, certificates out.

use attendance::{
    ANCHOR_VERSION, BootId, ChainHead, ChildId, DeviceCertificate, DeviceId, GroupId, ProviderId,
    Role, Terms, TimeAnchor, VerifiedCertificate,
};
use seal::{Hash, PublicKey, Sign1};
use serde::{Deserialize, Serialize};
use server_store::{Grants, StoredTicket, TicketVerdict};
use sync_api::{
    Base64, ENROL_DOMAIN, EnrolClaims, EnrolRequest, EnrolResponse, ProblemKind, Ticket,
};

use crate::error::ServerError;
use crate::server::Server;

/// How long a device certificate is good for, in seconds: a school year and a bit.
const CERTIFICATE_LIFE_S: i64 = 400 * 86_400;
/// How long before its end a certificate is renewed, in seconds.
const RENEW_BEFORE_S: i64 = 60 * 86_400;

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
        self.keep_ticket(grant, server, life_ms, None).await
    }

    /// Makes a ticket, perhaps for a device that takes another one's place.
    pub(crate) async fn keep_ticket(
        &self,
        grant: &Grant,
        server: &str,
        life_ms: i64,
        replaces: Option<DeviceId>,
    ) -> Result<Ticket, ServerError> {
        let ticket = Ticket {
            server: server.to_owned(),
            secret: self.entropy.draw()?,
            roots: self.roots.fingerprint(),
            pin: self.pin_for(server)?,
        };
        let grants = serde_json::to_string(grant).map_err(|_| ServerError::Stored("grant"))?;
        let stored = StoredTicket {
            secret_hash: seal::sha256(&ticket.secret),
            grants: Grants(grants),
            expires_ms: self.clock.now_ms() + life_ms,
            replaces,
        };
        self.store.put_ticket(stored).await?;
        Ok(ticket)
    }

    /// Gives what a ticket for an address pins: this server's own authority, where it has one.
    fn pin_for(&self, server: &str) -> Result<Option<Hash>, ServerError> {
        if !server.starts_with("https://") {
            return Ok(None);
        }
        crate::tls::tls_pin(&self.data_dir).map_err(|_| ServerError::Stored("TLS authority"))
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
        if self.store.device(device).await?.is_some_and(|known| known.revoked.is_some()) {
            return Err(refused(
                "this device's key is revoked: begin with a new key (a new place for its data)",
            ));
        }
        // A ticket may revoke a device: nothing of it is being taken meanwhile.
        let one_writer = self.writer.lock().await;
        let grants = match self.store.use_ticket(secret, device, self.clock.now_ms()).await? {
            TicketVerdict::Good(grants) => grants,
            TicketVerdict::Used => {
                return Err(refused("the ticket was used by another device: ask for a new one"));
            }
            TicketVerdict::Expired => return Err(refused("the ticket is over: ask for a new one")),
            TicketVerdict::Undecided => {
                return Err(refused(
                    "the decision to replace the old device has not arrived: sync the coordinator's \
                     device, then try again",
                ));
            }
            TicketVerdict::Unknown => {
                return Err(refused("there is no such ticket here: ask for a new one"));
            }
        };
        drop(one_writer);
        if self.store.device(device).await?.is_none() {
            let grant: Grant =
                serde_json::from_str(&grants.0).map_err(|_| ServerError::Stored("grant"))?;
            let certificate = self.certify(&key, grant)?;
            self.store.put_device(device, certificate).await?;
        } else if let Some(known) = self.certificate(device).await?
            && known.certificate().not_after_s < self.clock.now_s()
            && self.is_trusted(device).await?
        {
            // Its certificate is over, and whoever made the ticket wants it back: the same device, longer.
            self.reissue(device, |same| same).await?;
        }
        let stored = self.store.device(device).await?.ok_or(ServerError::Stored("device"))?;
        Ok(EnrolResponse {
            certificate: Base64(stored.certificate),
            roots: Base64(self.roots.to_bytes()),
            trust_list: Base64(self.trust_bytes.clone()),
            origin: self.origin.clone(),
            parcel_key: Some(self.stated_parcel_key()?),
            datagram_port: self.datagram_port(),
            anchor: self.first_time(&claims, &key, seal::sha256(&request.claims.0))?,
        })
    }

    /// Signs the time for a new device that told its clock: its chain is empty.
    fn first_time(
        &self,
        claims: &EnrolClaims,
        key: &PublicKey,
        request: Hash,
    ) -> Result<Option<Base64>, ServerError> {
        let Some(clock) = claims.mono_ms.zip(claims.boot) else { return Ok(None) };
        let head = ChainHead::genesis(key);
        self.sign_time(DeviceId::derive_from(key), clock, head, request).map(Some)
    }

    /// Signs the server's time for a device that asks: its monotonic clock and boot, and where its
    /// chain stands, as it told them.
    ///
    /// # Errors
    /// [`ServerError::Sign`] if the log's key does not sign.
    pub(crate) fn sign_time(
        &self,
        device: DeviceId,
        (mono_ms, boot): (u64, BootId),
        head: ChainHead,
        hello: Hash,
    ) -> Result<Base64, ServerError> {
        let anchor = TimeAnchor {
            version: ANCHOR_VERSION,
            device,
            time_ms: self.clock.now_ms(),
            mono_ms,
            boot,
            seq_next: head.seq_next,
            head: head.prev,
            hello,
        };
        Ok(Base64(anchor.sign(&self.keys.log)?))
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

    /// Gives the device's newest certificate if it is another than the one that it showed. One that
    /// ends soon is renewed first, with the same grants; a device that is revoked or suspended gets none.
    pub(crate) async fn newer_certificate(
        &self,
        device: DeviceId,
        shown: &[u8],
    ) -> Result<Option<Vec<u8>>, ServerError> {
        let Some(known) = self.certificate(device).await? else { return Ok(None) };
        if !self.is_trusted(device).await? {
            return Ok(None);
        }
        let left_s = known.certificate().not_after_s - self.clock.now_s();
        // Whom a parent names, it names anew.
        let renews = known.certificate().role != Role::Delegate;
        let newest = if renews && (0..RENEW_BEFORE_S).contains(&left_s) {
            self.reissue(device, |same| same).await?
        } else {
            known.bytes().to_vec()
        };
        Ok((newest != shown).then_some(newest))
    }

    /// Issues the next certificate of a device and keeps it. It begins when the first one began, since
    /// whoever replays the log asks one certificate about all events; and it ends later than the one
    /// before, which is how a device knows which is newer.
    pub(crate) async fn reissue(
        &self,
        device: DeviceId,
        change: impl FnOnce(DeviceCertificate) -> DeviceCertificate,
    ) -> Result<Vec<u8>, ServerError> {
        let _one_writer = self.writer.lock().await;
        let known = self.certificate(device).await?.ok_or(ServerError::Stored("device"))?;
        let next = change(known.certificate().clone());
        let now_s = self.clock.now_s();
        let not_after_s = (now_s + life_of(next.role)).max(next.not_after_s.saturating_add(1));
        let bytes = DeviceCertificate { not_after_s, ..next }.issue(&self.keys.device_ca)?;
        self.store.put_certificate(device, bytes.clone(), self.clock.now_ms()).await?;
        self.forget_certificate(device).await;
        tracing::info!(%device, "a certificate was renewed");
        Ok(bytes)
    }

    /// Certifies a key as what is granted: the one place where certificates begin.
    pub(crate) fn certify(&self, key: &PublicKey, grant: Grant) -> Result<Vec<u8>, ServerError> {
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
            not_after_s: now_s + life_of(grant.role),
            name: grant.name,
        };
        Ok(certificate.issue(&self.keys.device_ca)?)
    }
}

/// How long a certificate is good for, in seconds.
fn life_of(role: Role) -> i64 {
    match role {
        Role::Delegate => i64::from(Terms::DEFAULT.delegate_days) * 86_400,
        Role::Teacher | Role::Parent | Role::Coordinator | Role::ProviderAdmin | Role::Issuer => {
            CERTIFICATE_LIFE_S
        }
    }
}

/// Reads the claims, and verifies that the device holds the key it names.
pub(crate) fn read_claims(bytes: &[u8]) -> Result<(EnrolClaims, PublicKey), ServerError> {
    let malformed = |detail: String| ServerError::refused(ProblemKind::Malformed, detail);
    let sealed = Sign1::parse(bytes).map_err(|error| malformed(error.to_string()))?;
    let claims: EnrolClaims = seal::from_canonical(sealed.unverified_payload())
        .map_err(|error| malformed(error.to_string()))?;
    let key = PublicKey::parse(&claims.key).map_err(|error| malformed(error.to_string()))?;
    sealed.verify(&key, ENROL_DOMAIN).map_err(|error| malformed(error.to_string()))?;
    Ok((claims, key))
}
