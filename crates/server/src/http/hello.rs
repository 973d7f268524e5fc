//! `POST /v1/hello`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use seal::Sign1;
use sync_api::{HELLO_DOMAIN, HelloClaims, HelloRequest, HelloResponse, HexHash, ProblemKind};

use super::problem::{malformed, not_the_json};
use super::token;
use crate::error::ServerError;
use crate::server::Server;

pub(super) async fn hello(
    State(server): State<Arc<Server>>,
    request: Result<Json<HelloRequest>, JsonRejection>,
) -> Result<Json<HelloResponse>, ServerError> {
    let Json(request) = request.map_err(|rejection| not_the_json(&rejection))?;
    let claims = recognise(&server, &request.claims.0).await?;
    server.store.touch_device(claims.device, server.clock.now_ms()).await?;
    let tip = server.store.chain_tip(claims.device).await?;
    let suspended =
        server.store.device(claims.device).await?.is_some_and(|device| device.suspended);
    Ok(Json(HelloResponse {
        seq_next: tip.map_or(0, |tip| tip.seq + 1),
        head: tip.map(|tip| HexHash(tip.hash)),
        suspended,
        token: token::issue(&server, claims.device)?,
        trust_version: server.trust.version,
        roster_version: server.roster_version().await?,
        checkpoint: server.checkpoint().await?.note,
    }))
}

async fn recognise(server: &Server, bytes: &[u8]) -> Result<HelloClaims, ServerError> {
    let sealed = Sign1::parse(bytes).map_err(malformed)?;
    let claims: HelloClaims =
        seal::from_canonical(sealed.unverified_payload()).map_err(malformed)?;
    let refused = || {
        let detail = "this server does not know the device: enrol it with a ticket of this server";
        ServerError::refused(ProblemKind::NotRecognised, detail)
    };
    let certificate = server.certificate(claims.device).await?.ok_or_else(refused)?;
    sealed.verify(&certificate.public_key(), HELLO_DOMAIN).map_err(|_| refused())?;
    Ok(claims)
}
