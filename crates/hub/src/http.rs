//! The hub's few addresses on the local network.

use std::future::Future;
use std::sync::Arc;

use axum::body::{Bytes, to_bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use listener::{Hall, bounded, refusal};
use seal::Hash;
use sync_api::{HubNewsQuery, PARCEL_ANSWER_MEDIA_TYPE, Problem, ProblemKind};
use tokio::net::TcpListener;

use crate::limits::HubLimits;
use crate::running::{Hub, HubAnswer, HubError};
use crate::store::CarryError;

/// The most bytes of a parcel.
const BODY_MAX_BYTES: usize = 64 * 1024;

/// Gives the routes of a hub.
pub fn router(hub: Arc<Hub>) -> Router {
    Router::new()
        .route("/hub/hello/{challenge}", get(hello))
        .route("/hub/parcel/{sha256}", put(parcel))
        .route("/hub/answer/{parcel}", get(answer))
        .route("/hub/news", get(news))
        .fallback(|| async { problem(ProblemKind::NotFound, "there is nothing at this address") })
        .with_state(hub)
}

/// Serves until `stop` resolves, within the usual bounds.
pub async fn serve(
    listener: TcpListener,
    hub: Arc<Hub>,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    serve_with(listener, hub, HubLimits::default(), stop).await;
}

/// Serves until `stop` resolves, within these bounds. Requests that have begun are answered if they end
/// in time.
pub async fn serve_with(
    listener: TcpListener,
    hub: Arc<Hub>,
    limits: HubLimits,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let routes = bounded(router(hub), limits.requests);
    Hall::new(routes, limits.connections).open(listener, stop).await;
}

async fn hello(State(hub): State<Arc<Hub>>, Path(challenge): Path<String>) -> Response {
    let Some(challenge) = read_challenge(&challenge) else {
        return problem(ProblemKind::Malformed, "a challenge has 32 hexadecimal digits");
    };
    match hub.hello(challenge).await {
        Ok(hello) => Json(hello).into_response(),
        Err(error) => refused(&error),
    }
}

async fn parcel(
    State(hub): State<Arc<Hub>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let Some(name) = Hash::from_hex(&name) else { return no_name() };
    let bytes = match read(request).await {
        Ok(bytes) => bytes,
        Err(refused) => return refused,
    };
    match hub.take(name, bytes.into()).await {
        Ok(carried) => Json(carried).into_response(),
        Err(error) => refused(&error),
    }
}

async fn answer(State(hub): State<Arc<Hub>>, Path(name): Path<String>) -> Response {
    let Some(name) = Hash::from_hex(&name) else { return no_name() };
    match hub.answer(name).await {
        Ok(HubAnswer::Answer(bytes)) => {
            ([(header::CONTENT_TYPE, PARCEL_ANSWER_MEDIA_TYPE)], bytes).into_response()
        }
        Ok(HubAnswer::Without(how)) => (StatusCode::ACCEPTED, Json(how)).into_response(),
        Ok(HubAnswer::Unknown) => problem(ProblemKind::NotFound, "this parcel is not here"),
        Err(error) => refused(&error),
    }
}

async fn news(
    State(hub): State<Arc<Hub>>,
    theirs: Result<Query<HubNewsQuery>, QueryRejection>,
) -> Response {
    let Ok(Query(theirs)) = theirs else {
        return problem(ProblemKind::Malformed, "what was heard is told in numbers");
    };
    match hub.news(theirs).await {
        Ok(news) => Json(news).into_response(),
        Err(error) => refused(&error),
    }
}

async fn read(request: Request) -> Result<Bytes, Response> {
    to_bytes(request.into_body(), BODY_MAX_BYTES).await.map_err(|_| {
        let detail = format!("a parcel has at most {BODY_MAX_BYTES} bytes, sent whole");
        problem(ProblemKind::TooLarge, detail)
    })
}

fn refused(error: &HubError) -> Response {
    let kind = match error {
        HubError::Carry(carry) => match carry {
            CarryError::Damaged | CarryError::Foreign(_) => ProblemKind::Malformed,
            CarryError::TooLarge { .. } => ProblemKind::TooLarge,
            CarryError::Full | CarryError::DeviceFull { .. } => ProblemKind::Full,
            CarryError::Io(_) => ProblemKind::Broken,
        },
        HubError::NotEnrolled | HubError::WrongRole => ProblemKind::NotAllowed,
        HubError::Sign(_) | HubError::Store(_) => ProblemKind::Broken,
    };
    if kind == ProblemKind::Broken {
        tracing::error!(%error, "the hub could not do what was asked");
        return problem(kind, "nothing was kept: try again later");
    }
    problem(kind, error.to_string())
}

fn no_name() -> Response {
    problem(ProblemKind::Malformed, "a parcel is named by 64 hexadecimal digits")
}

fn problem(kind: ProblemKind, detail: impl Into<String>) -> Response {
    let retry_after_s = (kind == ProblemKind::Broken).then_some(RETRY_AFTER_S);
    refusal(&Problem::new(kind, detail), retry_after_s)
}

/// When a fault of the hub's may be over: a disk is not freed faster.
const RETRY_AFTER_S: u64 = 30;

fn read_challenge(text: &str) -> Option<[u8; 16]> {
    if text.len() != 32 {
        return None;
    }
    // A digest has twice as many digits.
    let whole = Hash::from_hex(&format!("{text}{text}"))?;
    whole.0.first_chunk().copied()
}
