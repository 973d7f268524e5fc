//! `POST /v1/ticket`, `POST /v1/grants`, `GET /v1/choices`, `GET /v1/parked`: devices, for a coordinator;
//! `POST /v1/delegate` and `GET /v1/delegates`: who brings children, for a parent.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use sync_api::{
    ChoicesResponse, DelegateRequest, DelegatesResponse, GrantsRequest, ParkedListResponse,
    TicketRequest, TicketResponse,
};

use super::access::Caller;
use super::problem::not_the_json;
use crate::error::ServerError;
use crate::server::Server;
use crate::views::Answered;

pub(super) async fn ticket(
    State(server): State<Arc<Server>>,
    caller: Caller,
    request: Result<Json<TicketRequest>, JsonRejection>,
) -> Result<Json<TicketResponse>, ServerError> {
    let Json(request) = request.map_err(|rejection| not_the_json(&rejection))?;
    Ok(Json(server.ticket_for(caller.certificate.certificate(), request).await?))
}

pub(super) async fn delegate(
    State(server): State<Arc<Server>>,
    caller: Caller,
    request: Result<Json<DelegateRequest>, JsonRejection>,
) -> Result<Json<TicketResponse>, ServerError> {
    let Json(request) = request.map_err(|rejection| not_the_json(&rejection))?;
    Ok(Json(server.ticket_for_delegate(caller.certificate.certificate(), request).await?))
}

pub(super) async fn delegates(
    State(server): State<Arc<Server>>,
    caller: Caller,
) -> Result<Json<DelegatesResponse>, ServerError> {
    Ok(Json(server.delegates_of(caller.certificate.certificate()).await?))
}

pub(super) async fn grants(
    State(server): State<Arc<Server>>,
    caller: Caller,
    request: Result<Json<GrantsRequest>, JsonRejection>,
) -> Result<Json<serde_json::Value>, ServerError> {
    let Json(request) = request.map_err(|rejection| not_the_json(&rejection))?;
    server.change_grants(caller.certificate.certificate(), request).await?;
    Ok(Json(serde_json::json!({})))
}

pub(super) async fn choices(
    State(server): State<Arc<Server>>,
    caller: Caller,
) -> Result<Json<ChoicesResponse>, ServerError> {
    let choices = server.choices(caller.certificate.certificate()).await?;
    let named = choices.children.iter().map(|child| child.id);
    server.saw(caller.viewer(), Answered::Choices, named).await?;
    Ok(Json(choices))
}

pub(super) async fn parked(
    State(server): State<Arc<Server>>,
    caller: Caller,
) -> Result<Json<ParkedListResponse>, ServerError> {
    let parked = server.parked_list(Some(caller.certificate.certificate())).await?;
    Ok(Json(ParkedListResponse { parked }))
}
