//! `GET /v1/{tags,entry}/{leaf}`: which leaves are about the own children, and those leaves.

use std::sync::Arc;

use attendance::{ChildId, Role};
use axum::Json;
use axum::extract::State;
use sync_api::{EntryResponse, ProblemKind, TagsResponse};

use super::segment::Segment;
use super::token::Caller;
use crate::error::ServerError;
use crate::server::Server;

pub(super) async fn tags(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment(from): Segment<u64>,
) -> Result<Json<TagsResponse>, ServerError> {
    Ok(Json(server.tags_from(from, own_children(&caller)?).await?))
}

pub(super) async fn entry(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment(leaf): Segment<u64>,
) -> Result<Json<EntryResponse>, ServerError> {
    Ok(Json(server.entry(leaf, own_children(&caller)?).await?))
}

fn own_children(caller: &Caller) -> Result<&[ChildId], ServerError> {
    let certificate = caller.0.certificate();
    if certificate.role == Role::Parent {
        return Ok(&certificate.children);
    }
    let detail = "only a parent's device may ask which leaves are about a child";
    Err(ServerError::refused(ProblemKind::NotAllowed, detail))
}
