//! HTTP: one endpoint a file. Handlers parse, call one verb, answer; they decide nothing.

mod batch;
mod consistency;
mod delta;
mod enrol;
mod hello;
mod log;
mod month;
mod parcel;
mod problem;
mod segment;
mod tags;
mod token;

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post, put};
use sync_api::BATCH_MAX_BYTES;
use tokio::net::TcpListener;

use crate::server::Server;

/// Gives the routes of a server.
pub fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/v1/enrol", post(enrol::enrol))
        .route("/v1/hello", post(hello::hello))
        .route("/v1/batch/{hash}", put(batch::put_batch))
        .route("/v1/batch/{hash}/receipt", get(batch::batch_receipt))
        .route("/v1/parcel/{hash}", put(parcel::put_parcel))
        .route("/v1/parcel/{hash}/answer", get(parcel::answer))
        .route("/v1/delta/trust/{from}", get(delta::trust))
        .route("/v1/delta/roster/{from}", get(delta::roster))
        .route("/v1/delta/visits/{from}", get(delta::visits))
        .route("/v1/tags/{from}", get(tags::tags))
        .route("/v1/entry/{leaf}", get(tags::entry))
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
        .with_state(server)
}

/// Serves until `stop` resolves: the routes, and behind them the ledger, the tags and the witnesses.
///
/// # Errors
/// The listener's error, if it fails.
pub async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let ledger = tokio::spawn(Arc::clone(&server).run_ledger());
    let tags = tokio::spawn(Arc::clone(&server).run_tags());
    let witnesses = tokio::spawn(Arc::clone(&server).run_witnesses());
    let door = tokio::spawn(Arc::clone(&server).run_door(listener.local_addr()?));
    let served = axum::serve(listener, router(server)).with_graceful_shutdown(stop).await;
    ledger.abort();
    tags.abort();
    witnesses.abort();
    door.abort();
    served
}
