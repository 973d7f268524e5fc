//! `GET /health/live`, `/health/ready` and `/metrics`: for the operator, on a listener of its own.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};

use crate::error::ServerError;
use crate::server::Server;

/// Gives the operator's routes. They are not for the public: they tell how much there is of what.
pub(super) fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/health/live", get(|| async { "alive\n" }))
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics))
        .with_state(server)
}

async fn ready(State(server): State<Arc<Server>>) -> Response {
    let readiness = server.readiness().await;
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness)).into_response()
}

async fn metrics(State(server): State<Arc<Server>>) -> Result<Response, ServerError> {
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, media_type)], server.metrics_text().await?).into_response())
}
