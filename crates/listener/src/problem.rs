//! Refusals as problem documents (RFC 9457), with `Retry-After` (RFC 9110 section 10.2.3).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use sync_api::{Problem, ProblemKind};

use crate::bucket::TooOften;

/// Answers with a problem document, and says in how many seconds to come again, if that is known.
pub fn refusal(problem: &Problem, retry_after_s: Option<u64>) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(problem)).into_response();
    let media_type = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    if let Some(seconds) = retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

impl TooOften {
    /// What a caller hears that asks too often.
    pub const DETAIL: &str = "too many requests: wait as Retry-After says; nothing was lost";

    /// When to come again, in whole seconds, of which there are at least one and at most an hour's.
    #[must_use]
    pub fn retry_after_s(self) -> u64 {
        self.wait_ms.div_ceil(1000).clamp(1, 3_600)
    }
}

/// Says to a caller that its request took too long.
#[must_use]
pub fn busy() -> Problem {
    let detail = "the request did not come whole, or was not answered, in time: send it again";
    Problem::new(ProblemKind::Busy, detail)
}
