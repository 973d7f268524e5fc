//! `GET /v1/{tags,entry}/{leaf}`: which leaves are about the own children, and those leaves.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use sync_api::{EntryResponse, TagsResponse};

use super::access::Caller;
use super::segment::Segment;
use crate::error::ServerError;
use crate::server::Server;
use crate::views::Answered;

pub(super) async fn tags(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment(from): Segment<u64>,
) -> Result<Json<TagsResponse>, ServerError> {
    Ok(Json(server.tags_from(from, &caller.certificate.certificate().children).await?))
}

pub(super) async fn entry(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment(leaf): Segment<u64>,
) -> Result<Json<EntryResponse>, ServerError> {
    let own = &caller.certificate.certificate().children;
    let entry = server.entry(leaf, own).await?;
    server.saw(caller.viewer(), Answered::Entry, server.own_at(leaf, own).await?).await?;
    Ok(Json(entry))
}
