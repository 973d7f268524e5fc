//! The token that a hello earns: signed by the server, stateless, good for an hour.

use std::sync::Arc;

use attendance::{DeviceId, VerifiedCertificate};
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

/// Gives the certificate of the device that a request's token speaks for, whatever became of it.
pub(super) async fn recognise(
    parts: &Parts,
    server: &Server,
) -> Result<Arc<VerifiedCertificate>, ServerError> {
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
    let caller = server.certificate(device).await?.ok_or_else(refused)?;
    tracing::Span::current().record("device", tracing::field::display(device));
    server.rates.device(device, server.clock.steady_ms()).map_err(too_often)?;
    Ok(caller)
}

fn read(server: &Server, token: &str) -> Option<DeviceId> {
    let sealed = Sign1::parse(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let payload = sealed.verify(&server.keys.log.public_key(), TOKEN_DOMAIN).ok()?;
    let claims: Claims = seal::from_canonical(payload).ok()?;
    (claims.expires_ms >= server.clock.now_ms()).then_some(claims.device)
}
