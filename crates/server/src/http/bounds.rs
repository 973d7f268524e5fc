//! What every request passes: a name for the log, the address's rate, a time by which it is answered.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use listener::{Peer, busy, refusal};
use tracing::Instrument as _;

use super::openapi;
use super::problem::too_often;
use crate::error::ServerError;
use crate::pressure::rates::Asked;
use crate::server::Server;

/// The name of a request in the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct RequestId(pub(super) u64);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// What is logged and counted for addresses that are no route: nobody's text gets into a label.
const NO_ROUTE: &str = "none";

/// Bounds a request, and writes one line about it. The line has the route, never the address that was
/// asked for: there are ids in it.
pub(super) async fn bounded(
    State(server): State<Arc<Server>>,
    mut request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or(NO_ROUTE, MatchedPath::as_str);
    let (route, method) = (route.to_owned(), request.method().clone());
    let id = server.entropy.draw::<8>().map_or(0, u64::from_be_bytes);
    request.extensions_mut().insert(RequestId(id));
    let span = tracing::info_span!(
        "request",
        id = format_args!("{id:016x}"),
        %method,
        route = route.as_str(),
        device = tracing::field::Empty
    );
    let begun = server.clock.steady_ms();
    let mut answer = answer(&server, &route, request, next).instrument(span.clone()).await;
    let took = u64::try_from(server.clock.steady_ms() - begun).unwrap_or_default();
    let status = answer.status().as_u16();
    debug_assert!(
        openapi::tells(&method, &route, status),
        "{method} {route} answered {status}, which the OpenAPI document does not tell"
    );
    server.metrics.answered(&route, status, Duration::from_millis(took));
    span.in_scope(|| tracing::info!(status, took_ms = took, "answered"));
    if let Ok(id) = HeaderValue::from_str(&format!("{id:016x}")) {
        answer.headers_mut().insert(REQUEST_ID, id);
    }
    answer
}

async fn answer(server: &Server, route: &str, request: Request, next: Next) -> Response {
    if let Some(address) = Peer::counted(&request, server.config.behind_proxy)
        && let Err(error) = allowed(server, route, address)
    {
        return error.into_response();
    }
    let answered = server.tasks.within(server.config.request_time(), next.run(request)).await;
    answered.unwrap_or_else(|| refusal(&busy(), Some(server.config.retry_after_s)))
}

fn allowed(server: &Server, route: &str, address: IpAddr) -> Result<(), ServerError> {
    let now_ms = server.clock.steady_ms();
    let take = |asked| server.rates.address(address, asked, now_ms).map_err(too_often);
    match route {
        "/v1/enrol" => take(Asked::Enrolment)?,
        "/v1/hello" => take(Asked::Hello)?,
        _ => {}
    }
    take(Asked::Anything)
}
