//! `GET /v1/budget/{year}`: the volumes of a fiscal year, for a coordinator of the whole district.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use ledger::report::BudgetYear;

use super::segment::Segment;
use crate::error::ServerError;
use crate::server::Server;

/// Sums and counts: no child is seen in them, so that no view is written down.
pub(super) async fn budget(
    State(server): State<Arc<Server>>,
    Segment(year): Segment<u16>,
) -> Result<Json<BudgetYear>, ServerError> {
    Ok(Json(server.budget_report(year).await?))
}
