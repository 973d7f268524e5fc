//! `GET /v1/views/{from}`: who saw the own children.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use sync_api::ViewsResponse;

use super::access::Caller;
use super::segment::Segment;
use crate::error::ServerError;
use crate::server::Server;

pub(super) async fn views(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment(from): Segment<u64>,
) -> Result<Json<ViewsResponse>, ServerError> {
    Ok(Json(server.views_of(&caller.certificate.certificate().children, from).await?))
}
