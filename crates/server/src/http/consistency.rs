//! `GET /v1/consistency/{from}/{to}`: that the log only grew.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use sync_api::ConsistencyResponse;

use super::segment::Segment;
use crate::error::ServerError;
use crate::server::Server;

pub(super) async fn consistency(
    State(server): State<Arc<Server>>,
    Segment((from, to)): Segment<(u64, u64)>,
) -> Result<Json<ConsistencyResponse>, ServerError> {
    Ok(Json(server.consistency(from, to).await?))
}
