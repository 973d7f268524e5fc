//! `GET /v1/chain/{from}/{to}`, its receipt, and `GET /v1/chain/parked`: what the server has of the asking
//! device.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use sync_api::{COMPACT_RECEIPTS_MEDIA_TYPE, ChainResponse, OwnParkedResponse, ProblemKind};

use super::access::Caller;
use super::segment::Segment;
use crate::error::ServerError;
use crate::server::Server;

pub(super) async fn chain(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment((from, to)): Segment<(u64, u64)>,
) -> Result<Json<ChainResponse>, ServerError> {
    Ok(Json(server.chain(caller.device(), from, to).await?))
}

pub(super) async fn receipt(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment((from, to)): Segment<(u64, u64)>,
) -> Result<Response, ServerError> {
    let Some(compact) = server.chain_receipts(caller.device(), from, to).await? else {
        let detail = "none of these events is in the log: send them";
        return Err(ServerError::refused(ProblemKind::NotFound, detail));
    };
    let media_type = [(header::CONTENT_TYPE, COMPACT_RECEIPTS_MEDIA_TYPE)];
    Ok((media_type, compact.to_bytes()).into_response())
}

pub(super) async fn parked(
    State(server): State<Arc<Server>>,
    caller: Caller,
) -> Result<Json<OwnParkedResponse>, ServerError> {
    Ok(Json(server.parked_of(caller.device()).await?))
}
