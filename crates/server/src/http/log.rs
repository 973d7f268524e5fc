//! `GET /log/{checkpoint,tile/…}`: the published log, for everybody.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use sync_api::ProblemKind;

use super::segment::Segment;
use crate::error::ServerError;
use crate::published::PublishedFile;
use crate::server::Server;

pub(super) async fn file(
    State(server): State<Arc<Server>>,
    Segment(path): Segment<String>,
) -> Result<Response, ServerError> {
    let Some(file) = server.published_file(&path).await? else {
        let detail = "the log has no such file: begin with /log/checkpoint, which says its size";
        return Err(ServerError::refused(ProblemKind::NotFound, detail));
    };
    let (media_type, cache) = match &file {
        PublishedFile::Checkpoint(_) => ("text/plain; charset=utf-8", "public, max-age=5"),
        PublishedFile::Full(_) => {
            ("application/octet-stream", "public, max-age=31536000, immutable")
        }
        PublishedFile::Partial(_) => ("application/octet-stream", "public, max-age=60"),
    };
    let headers = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, cache)];
    Ok((headers, file.into_bytes()).into_response())
}
