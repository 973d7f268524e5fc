//! `POST /v1/hello`

use std::sync::Arc;

use attendance::{ChainHead, VerifiedCertificate};
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use seal::{Hash, Sign1};
use server_store::Told;
use sync_api::{
    BATCH_MEDIA_TYPE, Base64, HELLO_DOMAIN, HelloClaims, HelloRequest, HelloResponse, HexHash,
    PACKED_BATCH_MEDIA_TYPE, ProblemKind,
};

use super::problem::{malformed, not_the_json};
use super::token;
use crate::error::ServerError;
use crate::server::Server;

/// A version is shown to a coordinator; a longer one is none.
const VERSION_CHARS_MAX: usize = 40;

pub(super) async fn hello(
    State(server): State<Arc<Server>>,
    request: Result<Json<HelloRequest>, JsonRejection>,
) -> Result<Json<HelloResponse>, ServerError> {
    let Json(request) = request.map_err(|rejection| not_the_json(&rejection))?;
    let hello = seal::sha256(&request.claims.0);
    let claims = recognise(&server, &request).await?;
    server.store.touch_device(claims.device, server.clock.now_ms()).await?;
    let version = claims.version.chars().take(VERSION_CHARS_MAX).collect();
    let told = Told { seq_next: claims.seq_next, version };
    server.store.put_told(claims.device, told).await?;
    let tip = server.store.chain_tip(claims.device).await?;
    let stored = server.store.device(claims.device).await?;
    let stored = stored.ok_or(ServerError::Stored("device"))?;
    let revoked = stored.revoked.is_some();
    let certificate = match &request.certificate {
        Some(shown) => server.newer_certificate(claims.device, &shown.0).await?,
        None => None,
    };
    Ok(Json(HelloResponse {
        seq_next: tip.map_or(0, |tip| tip.seq + 1),
        head: tip.map(|tip| HexHash(tip.hash)),
        suspended: stored.suspended,
        token: token::issue(&server, claims.device)?,
        trust_version: server.trust.version,
        // There is no roster for a revoked device: one of an older program does not even ask.
        roster_version: if revoked { 0 } else { server.roster_version().await? },
        checkpoint: server.checkpoint().await?.note,
        parcel_key: Some(server.stated_parcel_key()?),
        datagram_port: server.datagram_port(),
        accepts: [BATCH_MEDIA_TYPE, PACKED_BATCH_MEDIA_TYPE].map(str::to_owned).to_vec(),
        anchor: anchor(&server, &claims, hello)?,
        status_version: server.status_version().await?,
        revoked,
        revocations_version: Some(server.revocations_version().await?),
        certificate: certificate.map(Base64),
    }))
}

/// Signs the time for a device that told its clock.
fn anchor(
    server: &Server,
    claims: &HelloClaims,
    hello: Hash,
) -> Result<Option<Base64>, ServerError> {
    let Some((mono_ms, boot)) = claims.mono_ms.zip(claims.boot) else { return Ok(None) };
    let head = ChainHead { seq_next: claims.seq_next, prev: claims.head };
    server.sign_time(claims.device, (mono_ms, boot), head, hello).map(Some)
}

async fn recognise(server: &Server, request: &HelloRequest) -> Result<HelloClaims, ServerError> {
    let sealed = Sign1::parse(&request.claims.0).map_err(malformed)?;
    let claims: HelloClaims =
        seal::from_canonical(sealed.unverified_payload()).map_err(malformed)?;
    let refused = || {
        let detail = "this server does not know the device: enrol it with a ticket of this server";
        ServerError::refused(ProblemKind::NotRecognised, detail)
    };
    let signed_by = |certificate: &VerifiedCertificate| {
        sealed.verify(&certificate.public_key(), HELLO_DOMAIN).map(drop).map_err(|_| refused())
    };
    match server.certificate(claims.device).await? {
        Some(known) => signed_by(&known)?,
        None => {
            let shown = request.certificate.as_ref();
            let shown = shown.and_then(|bytes| server.own_certificate(claims.device, &bytes.0));
            let shown = shown.ok_or_else(refused)?;
            signed_by(&shown)?;
            server.welcome_back(&shown).await?;
        }
    }
    Ok(claims)
}
