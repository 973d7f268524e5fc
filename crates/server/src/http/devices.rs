//! `POST /v1/ticket`, `POST /v1/grants`, `GET /v1/choices`, `GET /v1/parked`: devices, for a coordinator.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use sync_api::{ChoicesResponse, GrantsRequest, ParkedListResponse, TicketRequest, TicketResponse};

use super::problem::not_the_json;
use super::token::Caller;
use crate::error::ServerError;
use crate::server::Server;

pub(super) async fn ticket(
    State(server): State<Arc<Server>>,
    caller: Caller,
    request: Result<Json<TicketRequest>, JsonRejection>,
) -> Result<Json<TicketResponse>, ServerError> {
    caller.coordinator()?;
    let Json(request) = request.map_err(|rejection| not_the_json(&rejection))?;
    Ok(Json(server.ticket_for(caller.0.certificate(), request).await?))
}

pub(super) async fn grants(
    State(server): State<Arc<Server>>,
    caller: Caller,
    request: Result<Json<GrantsRequest>, JsonRejection>,
) -> Result<Json<serde_json::Value>, ServerError> {
    caller.coordinator()?;
    let Json(request) = request.map_err(|rejection| not_the_json(&rejection))?;
    server.change_grants(caller.0.certificate(), request).await?;
    Ok(Json(serde_json::json!({})))
}

pub(super) async fn choices(
    State(server): State<Arc<Server>>,
    caller: Caller,
) -> Result<Json<ChoicesResponse>, ServerError> {
    caller.coordinator()?;
    Ok(Json(server.choices(caller.0.certificate()).await?))
}

pub(super) async fn parked(
    State(server): State<Arc<Server>>,
    caller: Caller,
) -> Result<Json<ParkedListResponse>, ServerError> {
    caller.coordinator()?;
    let parked = server.parked_list(Some(caller.0.certificate())).await?;
    Ok(Json(ParkedListResponse { parked }))
}
