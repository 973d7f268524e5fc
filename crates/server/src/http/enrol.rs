//! `POST /v1/enrol`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use sync_api::{EnrolRequest, EnrolResponse};

use super::problem::not_the_json;
use crate::error::ServerError;
use crate::server::Server;

pub(super) async fn enrol(
    State(server): State<Arc<Server>>,
    request: Result<Json<EnrolRequest>, JsonRejection>,
) -> Result<Json<EnrolResponse>, ServerError> {
    let Json(request) = request.map_err(|rejection| not_the_json(&rejection))?;
    Ok(Json(server.enrol(&request).await?))
}
