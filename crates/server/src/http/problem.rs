//! Errors as problem documents (RFC 9457).

use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use listener::{TooOften, refusal};
use sync_api::{Problem, ProblemKind};

use crate::error::ServerError;

impl IntoResponse for ServerError {
    fn into_response(self) -> Response {
        let problem = self.problem();
        let retry_after_s = match (&self, problem.kind) {
            (Self::Busy { retry_after_s, .. }, _) => Some(*retry_after_s),
            (_, ProblemKind::Broken) => Some(RETRY_AFTER_S),
            _ => None,
        };
        if problem.kind == ProblemKind::Broken {
            tracing::error!(error = %self, "a request failed");
        }
        refusal(&problem, retry_after_s)
    }
}

/// When a fault of the server's may be over: a disk is not freed faster.
const RETRY_AFTER_S: u64 = 30;

pub(super) async fn no_such_place() -> Response {
    nowhere("there is nothing at this address")
}

pub(super) async fn no_such_method() -> Response {
    nowhere("nothing at this address is asked this way")
}

fn nowhere(detail: &str) -> Response {
    refusal(&Problem::new(ProblemKind::NotFound, detail), None)
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
        retry_after_s: refused.retry_after_s(),
        detail: TooOften::DETAIL,
    }
}
