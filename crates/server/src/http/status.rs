//! `GET /v1/delta/status/{from}`: which cards were revoked. For everybody: it names places, no children.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sync_api::{ProblemKind, STATUS_DELTA_MEDIA_TYPE, STATUS_LIST_MEDIA_TYPE};

use super::segment::Segment;
use crate::error::ServerError;
use crate::server::Server;

pub(super) async fn status(
    State(server): State<Arc<Server>>,
    Segment(from): Segment<u32>,
) -> Result<Response, ServerError> {
    let answer = server.status_since(from).await?;
    let none = || ServerError::refused(ProblemKind::NotFound, "there is no newer version");
    let answer = answer.ok_or_else(none)?;
    let media_type = if answer.whole { STATUS_LIST_MEDIA_TYPE } else { STATUS_DELTA_MEDIA_TYPE };
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CACHE_CONTROL, "public, max-age=60".to_owned()),
        (header::ETAG, format!("\"{from}-{}\"", answer.version)),
    ];
    Ok((headers, answer.bytes).into_response())
}
