//! `GET /v1/places`: what is offered to the own children.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use sync_api::PlacesResponse;

use super::access::Caller;
use crate::error::ServerError;
use crate::server::Server;

/// Whoever asks is the children's own family, and is told nothing that it was not told on paper: nobody's
/// view is noted, as it would be with every sync of every phone.
pub(super) async fn places(
    State(server): State<Arc<Server>>,
    caller: Caller,
) -> Result<Json<PlacesResponse>, ServerError> {
    Ok(Json(server.places_of(&caller.certificate.certificate().children).await?))
}
