//! HTTP: one endpoint a file. Handlers parse, call one verb, answer; they decide nothing.

mod accept;
mod admin;
mod batch;
mod bounds;
mod chain;
mod consistency;
mod delta;
mod devices;
mod enrol;
mod hello;
mod listening;
mod log;
mod month;
mod own;
mod parcel;
mod problem;
mod roster;
mod segment;
mod status;
mod tags;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post, put};
use sync_api::BATCH_MAX_BYTES;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::server::Server;

pub use listening::{Doors, serve, serve_with};

/// The most bytes of a body that holds a few claims and a certificate.
const CLAIMS_MAX_BYTES: usize = 16 * 1024;

/// Gives the routes of a server.
pub fn router(server: Arc<Server>) -> Router {
    let claims = || DefaultBodyLimit::max(CLAIMS_MAX_BYTES);
    Router::new()
        .route("/v1/enrol", post(enrol::enrol).layer(claims()))
        .route("/v1/hello", post(hello::hello).layer(claims()))
        .route("/v1/batch/{hash}", put(batch::put_batch))
        .route("/v1/batch/{hash}/receipt", get(batch::batch_receipt))
        .route("/v1/parcel/{hash}", put(parcel::put_parcel))
        .route("/v1/parcel/{hash}/answer", get(parcel::answer))
        .route("/v1/chain/{from}/{to}", get(chain::chain))
        .route("/v1/chain/{from}/{to}/receipt", get(chain::receipt))
        .route("/v1/chain/parked", get(chain::parked))
        .route("/v1/delta/trust/{from}", get(delta::trust))
        .route("/v1/delta/status/{from}", get(status::status))
        .route("/v1/delta/revocations/{from}", get(delta::revocations))
        .route("/v1/delta/roster/{from}", get(roster::roster))
        .route("/v1/delta/roster/{from}/{name}/{at}", get(roster::piece))
        .route("/v1/delta/visits/{from}", get(delta::visits))
        .route("/v1/own/{seq}", get(own::own_events))
        .route("/v1/delta/confirmations/{from}", get(delta::confirmations))
        .route("/v1/tags/{from}", get(tags::tags))
        .route("/v1/entry/{leaf}", get(tags::entry))
        .route("/v1/ticket", post(devices::ticket))
        .route("/v1/grants", post(devices::grants))
        .route("/v1/choices", get(devices::choices))
        .route("/v1/parked", get(devices::parked))
        .route("/v1/board", get(month::board))
        .route("/v1/statement/{month}", get(month::statement))
        .route("/v1/registry/{file}", get(month::registry))
        .route("/v1/bundle/{month}", get(month::bundle))
        .route("/v1/consistency/{from}/{to}", get(consistency::consistency))
        .route("/v1/checkpoint", get(month::checkpoint))
        .route("/log/{*path}", get(log::file))
        .fallback(problem::no_such_place)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(DefaultBodyLimit::max(BATCH_MAX_BYTES + 1))
        .layer(CompressionLayer::new().compress_when(worth_compressing()))
        .layer(middleware::from_fn_with_state(Arc::clone(&server), bounds::bounded))
        .with_state(server)
}

/// Long texts shrink. Short ones do not, and hashes, salts and signatures are noise.
fn worth_compressing() -> impl Predicate {
    SizeAbove::new(COMPRESS_FROM_BYTES)
        .and(NotForContentType::const_new("application/vnd.qatysu"))
        .and(NotForContentType::const_new("application/octet-stream"))
}

/// Below this an answer fits into one packet as it is.
const COMPRESS_FROM_BYTES: u64 = 1_024;
