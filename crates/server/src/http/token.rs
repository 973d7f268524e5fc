//! The token that a hello earns: signed by the server, stateless, good for an hour.

use std::sync::Arc;

use attendance::{DeviceId, Role, VerifiedCertificate};
use axum::extract::FromRequestParts;
use axum::http::{header, request::Parts};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minicbor::{Decode, Encode};
use seal::{Domain, Sign1, Signer as _};
use sync_api::ProblemKind;

use super::problem::too_often;
use crate::error::ServerError;
use crate::server::Server;

const TOKEN_DOMAIN: Domain = Domain("qatysu/token/1");
const TOKEN_LIFE_MS: i64 = 3_600_000;

#[derive(Decode, Encode)]
struct Claims {
    #[n(0)]
    device: DeviceId,
    #[n(1)]
    expires_ms: i64,
}

/// Makes a token for a device that was just recognised.
pub(super) fn issue(server: &Server, device: DeviceId) -> Result<String, ServerError> {
    let claims = Claims { device, expires_ms: server.clock.now_ms() + TOKEN_LIFE_MS };
    let sealed = Sign1::seal(&server.keys.log, TOKEN_DOMAIN, seal::to_canonical(&claims))?;
    Ok(URL_SAFE_NO_PAD.encode(sealed.to_bytes()))
}

/// The device that a request's token speaks for, whatever became of it: it may send, and ask what the
/// server has of its own chain.
pub(super) struct Carrier(Arc<VerifiedCertificate>);

/// The device that a request's token speaks for. A revoked one gets nothing of the district.
pub(super) struct Caller(pub(super) Arc<VerifiedCertificate>);

impl Carrier {
    /// Names the carrying device.
    pub(super) fn device(&self) -> DeviceId {
        self.0.certificate().device
    }
}

impl Caller {
    /// Names the calling device.
    pub(super) fn device(&self) -> DeviceId {
        self.0.certificate().device
    }

    /// Refuses any caller but a coordinator's device.
    pub(super) fn coordinator(&self) -> Result<(), ServerError> {
        match self.0.certificate().role {
            Role::Coordinator => Ok(()),
            Role::Teacher | Role::Parent => Err(ServerError::refused(
                ProblemKind::NotAllowed,
                "only a coordinator's device may ask for this",
            )),
        }
    }
}

impl Caller {
    /// Refuses any caller but the device of a coordinator of the whole district.
    pub(super) fn district(&self) -> Result<(), ServerError> {
        self.coordinator()?;
        if self.0.certificate().provider.is_none() {
            return Ok(());
        }
        let detail = "only a coordinator of the whole district may ask for this";
        Err(ServerError::refused(ProblemKind::NotAllowed, detail))
    }
}

impl FromRequestParts<Arc<Server>> for Caller {
    type Rejection = ServerError;

    async fn from_request_parts(
        parts: &mut Parts,
        server: &Arc<Server>,
    ) -> Result<Self, ServerError> {
        let Carrier(certificate) = Carrier::from_request_parts(parts, server).await?;
        let stored = server.store.device(certificate.certificate().device).await?;
        if stored.is_some_and(|stored| stored.revoked.is_some()) {
            let detail = "this device is revoked: it may send what it has, and gets nothing";
            return Err(ServerError::refused(ProblemKind::NotAllowed, detail));
        }
        Ok(Self(certificate))
    }
}

impl FromRequestParts<Arc<Server>> for Carrier {
    type Rejection = ServerError;

    async fn from_request_parts(
        parts: &mut Parts,
        server: &Arc<Server>,
    ) -> Result<Self, ServerError> {
        let refused = || {
            let detail = "say hello again: the token is missing, over or not ours";
            ServerError::refused(ProblemKind::NotRecognised, detail)
        };
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or_else(refused)?;
        let device = read(server, token).ok_or_else(refused)?;
        let caller = server.certificate(device).await?.map(Self).ok_or_else(refused)?;
        tracing::Span::current().record("device", tracing::field::display(device));
        server.rates.device(device, server.clock.steady_ms()).map_err(too_often)?;
        Ok(caller)
    }
}

fn read(server: &Server, token: &str) -> Option<DeviceId> {
    let sealed = Sign1::parse(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let payload = sealed.verify(&server.keys.log.public_key(), TOKEN_DOMAIN).ok()?;
    let claims: Claims = seal::from_canonical(payload).ok()?;
    (claims.expires_ms >= server.clock.now_ms()).then_some(claims.device)
}
