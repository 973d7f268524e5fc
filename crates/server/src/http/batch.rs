//! `PUT /v1/batch/{sha256}` and `GET /v1/batch/{sha256}/receipt`

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use seal::Hash;
use sync_api::{
    BATCH_MAX_BYTES, COMPACT_RECEIPTS_MEDIA_TYPE, COMPACT_VERDICTS_MEDIA_TYPE, CompactVerdicts,
    ProblemKind,
};

use super::accept::accepts;
use super::access::Caller;
use super::problem::malformed;
use super::segment::Segment;
use crate::error::ServerError;
use crate::server::Server;

pub(super) async fn put_batch(
    State(server): State<Arc<Server>>,
    // Any enrolled device may carry any batch; nobody else may fill the disk with what must be kept.
    caller: Caller,
    headers: HeaderMap,
    Segment(hash): Segment<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ServerError> {
    let body = body.map_err(|_| {
        let detail = format!("a batch has at most {BATCH_MAX_BYTES} bytes: send fewer events");
        ServerError::refused(ProblemKind::TooLarge, detail)
    })?;
    let named = parse(&hash)?;
    let turn = server.turn_of(caller.device()).await?;
    // Apart from the request: a caller who goes away stops nothing between the commit and the signature.
    let tasks = server.tasks.clone();
    let taken = tasks.finish(async move { server.ingest_in(&turn, named, &body).await });
    let answer = taken.await??;
    if accepts(&headers, COMPACT_VERDICTS_MEDIA_TYPE) {
        let compact = CompactVerdicts::of(&answer.verdicts).to_bytes();
        let media_type = [(header::CONTENT_TYPE, COMPACT_VERDICTS_MEDIA_TYPE)];
        return Ok((media_type, compact).into_response());
    }
    Ok(Json(answer).into_response())
}

pub(super) async fn batch_receipt(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    Segment(hash): Segment<String>,
) -> Result<Response, ServerError> {
    let hash = parse(&hash)?;
    if accepts(&headers, COMPACT_RECEIPTS_MEDIA_TYPE)
        && let Some(compact) = server.compact_receipts(hash).await?
    {
        let media_type = [(header::CONTENT_TYPE, COMPACT_RECEIPTS_MEDIA_TYPE)];
        return Ok((media_type, compact.to_bytes()).into_response());
    }
    Ok(Json(server.batch_receipt(hash).await?).into_response())
}

fn parse(hash: &str) -> Result<Hash, ServerError> {
    Hash::from_hex(hash)
        .ok_or_else(|| malformed("the address names a batch by 64 hexadecimal digits"))
}
