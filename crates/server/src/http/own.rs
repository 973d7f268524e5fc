//! `GET /v1/own/{seq}`: what a device signed itself, for one that lost its end.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use sync_api::{Base64, OWN_EVENTS_MAX, OwnEventsResponse};

use super::access::Caller;
use super::segment::Segment;
use crate::error::ServerError;
use crate::server::Server;

pub(super) async fn own_events(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment(from): Segment<u64>,
) -> Result<Json<OwnEventsResponse>, ServerError> {
    let device = caller.device();
    let events = server.store.events_of(device, from, OWN_EVENTS_MAX).await?;
    Ok(Json(OwnEventsResponse { events: events.into_iter().map(Base64).collect() }))
}
