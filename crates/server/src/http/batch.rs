//! `PUT /v1/batch/{sha256}` and `GET /v1/batch/{sha256}/receipt`

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use seal::Hash;
use sync_api::{BATCH_MAX_BYTES, BatchReceiptResponse, BatchResponse, ProblemKind};

use super::problem::malformed;
use super::segment::Segment;
use super::token::Caller;
use crate::error::ServerError;
use crate::server::Server;

pub(super) async fn put_batch(
    State(server): State<Arc<Server>>,
    // Any enrolled device may carry any batch; nobody else may fill the disk with what must be kept.
    _carrier: Caller,
    Segment(hash): Segment<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<BatchResponse>, ServerError> {
    let body = body.map_err(|_| {
        let detail = format!("a batch has at most {BATCH_MAX_BYTES} bytes: send fewer events");
        ServerError::refused(ProblemKind::TooLarge, detail)
    })?;
    Ok(Json(server.ingest(parse(&hash)?, &body).await?))
}

pub(super) async fn batch_receipt(
    State(server): State<Arc<Server>>,
    Segment(hash): Segment<String>,
) -> Result<Json<BatchReceiptResponse>, ServerError> {
    Ok(Json(server.batch_receipt(parse(&hash)?).await?))
}

fn parse(hash: &str) -> Result<Hash, ServerError> {
    Hash::from_hex(hash)
        .ok_or_else(|| malformed("the address names a batch by 64 hexadecimal digits"))
}
