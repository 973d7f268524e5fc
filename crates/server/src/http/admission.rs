//! `GET /v1/admission`: where providers are in the funnel, for a coordinator.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use ledger::report::AdmissionReport;

use super::access::Caller;
use crate::error::ServerError;
use crate::server::Server;

pub(super) async fn admission(
    State(server): State<Arc<Server>>,
    caller: Caller,
) -> Result<Json<AdmissionReport>, ServerError> {
    Ok(Json(server.admissions_for(caller.certificate.certificate()).await?))
}
