//! The shell over loopback HTTP: the same UI and the same commands as the app, in a browser.
//!
//! `POST /api/{command}` with the command's arguments as JSON; everything else is a file of the UI.
//!
//! Absent on purpose: decisions (all are `shell-core`'s) and any address but loopback: whoever can
//! reach the port can use the device. Not there yet: a screen lock.
//!
//! # Invariants
//! - A page of another origin cannot give commands: the `Host` must be loopback, an `Origin` must be
//!   our own, and the body must be declared as JSON, which no form can do.
//!
//! Start at [`serve`].
#![forbid(unsafe_code)]

mod guard;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path as UrlPath, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router, middleware};
use ipc::{ErrorCode, ErrorView};
use listener::{Hall, Limits};
use shell_core::Shell;
use tokio::net::TcpListener;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// What pages may load: the bundle alone. The camera is a stream, not a source.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
     img-src 'self' blob: data:; media-src 'self' blob: mediastream:; object-src 'none'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The body of a command is an id or a QR text; nothing comes near this.
const BODY_MAX_BYTES: usize = 64 * 1024;

/// The file of a document in Base64.
const DOCUMENT_MAX_BYTES: usize = 6 * 1024 * 1024;

/// A carried file has the parcels of many tablets.
const CARRY_FILE_MAX_BYTES: usize = 64 * 1024 * 1024;

/// The UI's files are not where they were said to be.
#[derive(Debug)]
pub struct NoUi {
    /// Where they were looked for.
    pub ui_dir: PathBuf,
}

impl core::fmt::Display for NoUi {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let dir = self.ui_dir.display();
        write!(f, "{dir} holds no UI: build it with `cargo xtask ui`, or give its place with --ui")
    }
}

impl core::error::Error for NoUi {}

/// Gives the routes: the commands of `shell`, and the UI in `ui_dir`.
///
/// # Errors
/// [`NoUi`] if `ui_dir` has no `index.html`.
pub fn router(shell: Shell, ui_dir: &Path) -> Result<Router, NoUi> {
    if !ui_dir.join("index.html").is_file() {
        return Err(NoUi { ui_dir: ui_dir.to_owned() });
    }
    let header =
        |name, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    Ok(Router::new()
        .route("/api/{command}", post(command))
        .route(
            "/api/carry_import",
            post(carry_import).layer(DefaultBodyLimit::max(CARRY_FILE_MAX_BYTES)),
        )
        .route(
            "/api/keep_document",
            post(keep_document).layer(DefaultBodyLimit::max(DOCUMENT_MAX_BYTES)),
        )
        .with_state(shell)
        .fallback_service(ServeDir::new(ui_dir))
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .layer(middleware::from_fn(guard::own_pages_only))
        .layer(header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
        .layer(header(header::CACHE_CONTROL, "no-cache")))
}

/// Serves until `stop` resolves; commands that have begun are answered if they end in time.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    Hall::new(router, limits()).open(listener, stop).await;
}

/// One browser, with some tabs. A command has no bound of time: a sync over a bad line takes minutes.
fn limits() -> Limits {
    Limits {
        connections_max: 128,
        connections_per_address_max: 128,
        header_time: Duration::from_secs(30),
        headers_max: 64,
        header_bytes_max: 16_384,
        write_stall: Duration::from_secs(60),
        requests_per_connection_max: u32::MAX,
        drain_time: Duration::from_secs(10),
        behind_proxy: false,
    }
}

async fn command(
    State(shell): State<Shell>,
    UrlPath(command): UrlPath<String>,
    args: Result<Json<serde_json::Value>, JsonRejection>,
) -> Response {
    let args = match args {
        Ok(Json(args)) => args,
        Err(rejection) => return refuse(ErrorCode::BadRequest, rejection.body_text()),
    };
    match shell.call(&command, args).await {
        Ok(view) => Json(view).into_response(),
        Err(error) => (status_of(error.code), Json(error)).into_response(),
    }
}

async fn carry_import(
    shell: State<Shell>,
    args: Result<Json<serde_json::Value>, JsonRejection>,
) -> Response {
    command(shell, UrlPath("carry_import".to_owned()), args).await
}

async fn keep_document(
    shell: State<Shell>,
    args: Result<Json<serde_json::Value>, JsonRejection>,
) -> Response {
    command(shell, UrlPath("keep_document".to_owned()), args).await
}

fn refuse(code: ErrorCode, message: String) -> Response {
    (status_of(code), Json(ErrorView { code, message })).into_response()
}

fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::BadRequest | ErrorCode::NotACarryFile | ErrorCode::DocumentRefused => {
            StatusCode::BAD_REQUEST
        }
        ErrorCode::NotAllowed | ErrorCode::HubRefused => StatusCode::FORBIDDEN,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::LessonNotOpen
        | ErrorCode::HeadInDoubt
        | ErrorCode::MonthRefused
        | ErrorCode::WrongSum
        | ErrorCode::NeedsReason
        | ErrorCode::OtherServer
        | ErrorCode::TicketUnreadable
        | ErrorCode::TicketRefused
        | ErrorCode::NotEnrolled => StatusCode::CONFLICT,
        ErrorCode::Offline | ErrorCode::SignIn | ErrorCode::HubAway | ErrorCode::LogOlder => {
            StatusCode::BAD_GATEWAY
        }
        ErrorCode::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        ErrorCode::ProofAlarm | ErrorCode::Broken => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
