//! `POST /add-checkpoint` ([C2SP tlog-witness]).
//!
//! [C2SP tlog-witness]: https://c2sp.org/tlog-witness

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use tlog::add_checkpoint::ADD_CHECKPOINT_BYTES_MAX;
use tokio::net::TcpListener;

use crate::running::{AddError, RunningWitness};

/// How long a request's body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);
const TEXT: &str = "text/plain; charset=utf-8";

/// Gives the routes of a witness.
pub fn router(witness: Arc<RunningWitness>) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .fallback(|| async { told(StatusCode::NOT_FOUND, "there is nothing at this address") })
        .with_state(witness)
}

/// Serves until `stop` resolves; requests that have begun are answered.
///
/// # Errors
/// The listener's error, if it fails.
pub async fn serve(
    listener: TcpListener,
    witness: Arc<RunningWitness>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(witness)).with_graceful_shutdown(stop).await
}

async fn add_checkpoint(State(witness): State<Arc<RunningWitness>>, request: Request) -> Response {
    let body = match read(request).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    // It waits for the disk. Whoever asked may go away meanwhile: the work is done all the same.
    let done = tokio::task::spawn_blocking(move || witness.add_checkpoint(&body)).await;
    match done {
        Ok(Ok(lines)) => (StatusCode::OK, [(header::CONTENT_TYPE, TEXT)], lines).into_response(),
        Ok(Err(error)) => refusal(&error),
        Err(panicked) => {
            tracing::error!(error = %panicked, "a request failed");
            broken()
        }
    }
}

/// Reads a body within the limits. What is too long is malformed: the standard has no other status.
async fn read(request: Request) -> Result<Bytes, Response> {
    let body = to_bytes(request.into_body(), ADD_CHECKPOINT_BYTES_MAX);
    match tokio::time::timeout(BODY_TIMEOUT, body).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) => {
            let detail =
                format!("a request has at most {ADD_CHECKPOINT_BYTES_MAX} bytes, sent whole");
            Err(told(StatusCode::BAD_REQUEST, &detail))
        }
        Err(_) => Err(told(StatusCode::REQUEST_TIMEOUT, "the request did not come in time")),
    }
}

fn refusal(error: &AddError) -> Response {
    let AddError::Refused(refused) = error else {
        tracing::error!(%error, "a checkpoint could not be cosigned");
        return broken();
    };
    let Ok(status) = StatusCode::from_u16(refused.status()) else { return broken() };
    match refused.size_body() {
        Some((media_type, body)) => {
            (status, [(header::CONTENT_TYPE, media_type)], body).into_response()
        }
        None => told(status, &refused.to_string()),
    }
}

fn broken() -> Response {
    told(StatusCode::INTERNAL_SERVER_ERROR, "nothing was cosigned: try again later")
}

fn told(status: StatusCode, detail: &str) -> Response {
    (status, [(header::CONTENT_TYPE, TEXT)], format!("{detail}\n")).into_response()
}
