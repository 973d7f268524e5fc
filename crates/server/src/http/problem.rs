//! Errors as problem documents (RFC 9457).

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sync_api::{Problem, ProblemKind};

use crate::error::ServerError;
use crate::pressure::bucket::TooOften;

impl IntoResponse for ServerError {
    fn into_response(self) -> Response {
        let problem = self.problem();
        if problem.kind == ProblemKind::Broken {
            tracing::error!(error = %self, "a request failed");
        }
        let mut response = respond(&problem);
        if let Self::Busy { retry_after_s, .. } = self {
            response.headers_mut().insert(header::RETRY_AFTER, retry_after_s.into());
        }
        response
    }
}

fn respond(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(problem)).into_response();
    let media_type = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}

pub(super) async fn no_such_place() -> Response {
    respond(&Problem::new(ProblemKind::NotFound, "there is nothing at this address"))
}

pub(super) async fn no_such_method() -> Response {
    respond(&Problem::new(ProblemKind::NotFound, "nothing at this address is asked this way"))
}

/// Refuses a body that is not the JSON it should be.
pub(super) fn not_the_json(rejection: &JsonRejection) -> ServerError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = "the body has more bytes than are taken at this address";
        return ServerError::refused(ProblemKind::TooLarge, detail);
    }
    malformed(rejection.body_text())
}

/// Refuses a malformed request.
pub(super) fn malformed(detail: impl std::fmt::Display) -> ServerError {
    ServerError::refused(ProblemKind::Malformed, detail.to_string())
}

/// Refuses a caller that asks too often.
pub(super) fn too_often(refused: TooOften) -> ServerError {
    ServerError::Busy {
        kind: ProblemKind::TooOften,
        retry_after_s: refused.wait_ms.div_ceil(1000).clamp(1, 3_600),
        detail: "too many requests: wait as Retry-After says; nothing was lost",
    }
}
