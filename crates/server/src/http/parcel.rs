//! `PUT /v1/parcel/{sha256}` and `GET /v1/parcel/{sha256}/answer`

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use carriage::PARCEL_MAX_BYTES;
use seal::Hash;
use sync_api::{PARCEL_ANSWER_MEDIA_TYPE, ProblemKind};

use super::problem::malformed;
use super::segment::Segment;
use crate::error::ServerError;
use crate::server::Server;

pub(super) async fn put_parcel(
    State(server): State<Arc<Server>>,
    // No token: anybody may carry. Who packed it shows when it is open.
    Segment(hash): Segment<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ServerError> {
    let body = body.map_err(|_| {
        let detail = format!("a parcel has at most {PARCEL_MAX_BYTES} bytes: send fewer events");
        ServerError::refused(ProblemKind::TooLarge, detail)
    })?;
    let named = parse(&hash)?;
    // Apart from the request: a carrier who goes away stops nothing between the commit and the answer.
    let tasks = server.tasks.clone();
    let taken = tasks.finish(async move { server.take_parcel(named, &body).await });
    Ok(signed(taken.await??))
}

pub(super) async fn answer(
    State(server): State<Arc<Server>>,
    Segment(hash): Segment<String>,
) -> Result<Response, ServerError> {
    Ok(signed(server.parcel_answer(parse(&hash)?).await?))
}

fn signed(answer: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, PARCEL_ANSWER_MEDIA_TYPE)], answer).into_response()
}

fn parse(hash: &str) -> Result<Hash, ServerError> {
    Hash::from_hex(hash)
        .ok_or_else(|| malformed("the address names a parcel by 64 hexadecimal digits"))
}
