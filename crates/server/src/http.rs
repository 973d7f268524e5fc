//! HTTP: one endpoint a file. Handlers parse, call one verb, answer; they decide nothing.

mod accept;
mod access;
mod admin;
mod admission;
mod batch;
mod bounds;
mod budget;
mod chain;
mod consistency;
mod console;
mod delta;
mod devices;
mod enrol;
mod hello;
mod listening;
mod log;
mod month;
mod openapi;
mod own;
mod parcel;
mod places;
mod problem;
mod reports;
mod roster;
mod segment;
mod status;
mod tags;
mod token;
mod verify;
mod views;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{MethodRouter, get, post, put};
use sync_api::BATCH_MAX_BYTES;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::http::access::Access;
use crate::server::Server;

pub use listening::{Doors, serve, serve_with};
pub use openapi::openapi;

/// The most bytes of a body that holds a few claims and a certificate.
const CLAIMS_MAX_BYTES: usize = 16 * 1024;

/// Gives the routes of a server.
pub fn router(server: Arc<Server>) -> Router {
    let mut router = Router::new();
    for (path, access, route) in routes() {
        router = router.route(path, access.guard(&server, route));
    }
    router
        .merge(console::router(&server))
        .fallback(problem::no_such_place)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(DefaultBodyLimit::max(BATCH_MAX_BYTES + 1))
        .layer(CompressionLayer::new().compress_when(worth_compressing()))
        .layer(middleware::from_fn_with_state(Arc::clone(&server), bounds::bounded))
        .with_state(server)
}

/// Lists every route, with who may ask for it.
fn routes() -> Vec<(&'static str, Access, MethodRouter<Arc<Server>>)> {
    use attendance::Action::*;
    let claims = || DefaultBodyLimit::max(CLAIMS_MAX_BYTES);
    vec![
        // Who asks proves it by a ticket, by a signature, or by what is sealed inside.
        ("/v1/enrol", Access::Anybody, post(enrol::enrol).layer(claims())),
        ("/v1/hello", Access::Anybody, post(hello::hello).layer(claims())),
        ("/v1/parcel/{hash}", Access::Anybody, put(parcel::put_parcel)),
        ("/v1/parcel/{hash}/answer", Access::Anybody, get(parcel::answer)),
        // It proves itself, and speaks of hashes.
        ("/v1/batch/{hash}/receipt", Access::Anybody, get(batch::batch_receipt)),
        ("/v1/delta/trust/{from}", Access::Anybody, get(delta::trust)),
        ("/v1/delta/status/{from}", Access::Anybody, get(status::status)),
        ("/v1/delta/revocations/{from}", Access::Anybody, get(delta::revocations)),
        ("/v1/consistency/{from}/{to}", Access::Anybody, get(consistency::consistency)),
        ("/v1/checkpoint", Access::Anybody, get(month::checkpoint)),
        ("/v1/openapi.json", Access::Anybody, get(openapi::document)),
        ("/verify", Access::Anybody, get(verify::page)),
        ("/log/{*path}", Access::Anybody, get(log::file)),
        // Of the asking device.
        ("/v1/batch/{hash}", Access::Device(CarryEvents), put(batch::put_batch)),
        ("/v1/chain/{from}/{to}", Access::Device(ReadOwnChain), get(chain::chain)),
        ("/v1/chain/{from}/{to}/receipt", Access::Device(ReadOwnChain), get(chain::receipt)),
        ("/v1/chain/parked", Access::Device(ReadOwnChain), get(chain::parked)),
        ("/v1/own/{seq}", Access::Device(ReadOwnChain), get(own::own_events)),
        // What comes down.
        ("/v1/delta/roster/{from}", Access::Within(ReadPlan), get(roster::roster)),
        ("/v1/delta/roster/{from}/{name}/{at}", Access::Within(ReadPlan), get(roster::piece)),
        ("/v1/delta/visits/{from}", Access::Within(FollowChild), get(delta::visits)),
        ("/v1/delta/confirmations/{from}", Access::Within(HearAnswers), get(delta::confirmations)),
        ("/v1/tags/{from}", Access::Within(FollowChild), get(tags::tags)),
        ("/v1/entry/{leaf}", Access::Within(FollowChild), get(tags::entry)),
        ("/v1/views/{from}", Access::Within(FollowChild), get(views::views)),
        ("/v1/places", Access::Within(FollowChild), get(places::places)),
        // For whoever looks after others.
        ("/v1/ticket", Access::Deciding(BindDevice), post(devices::ticket)),
        ("/v1/delegates", Access::Within(NameDelegate), get(devices::delegates)),
        ("/v1/delegate", Access::Within(NameDelegate), post(devices::delegate)),
        ("/v1/grants", Access::Deciding(BindDevice), post(devices::grants)),
        ("/v1/choices", Access::Deciding(BindDevice), get(devices::choices)),
        ("/v1/parked", Access::Deciding(BindDevice), get(devices::parked)),
        ("/v1/board", Access::Within(ReadBoard), get(month::board)),
        ("/v1/months/{month}/sheets", Access::Within(ReadBoard), get(month::sheets)),
        ("/v1/statement/{month}", Access::Within(ReadMonth), get(month::statement)),
        ("/v1/registry/{file}", Access::Within(ReadMonth), get(month::registry)),
        ("/v1/bundle/{month}", Access::Within(ReadMonth), get(month::bundle)),
        ("/v1/undecided/{month}", Access::Within(ReadMonth), get(reports::undecided)),
        ("/v1/what-if/{month}", Access::Within(ReadMonth), post(reports::what_if)),
        ("/v1/vouchers/{number}", Access::Within(ReadMonth), get(reports::voucher)),
        ("/v1/providers", Access::Within(ReadMonth), get(reports::providers)),
        ("/v1/signals/{month}", Access::Within(ReadMonth), get(month::signals)),
        ("/v1/budget/{year}", Access::Within(ReadMonth), get(budget::budget)),
        ("/v1/admission", Access::Within(ReadBoard), get(admission::admission)),
    ]
}

/// Long texts shrink. Short ones do not, and hashes, salts and signatures are noise.
fn worth_compressing() -> impl Predicate {
    SizeAbove::new(COMPRESS_FROM_BYTES)
        .and(NotForContentType::const_new("application/vnd.qatysu"))
        .and(NotForContentType::const_new("application/octet-stream"))
}

/// Below this an answer fits into one packet as it is.
const COMPRESS_FROM_BYTES: u64 = 1_024;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use attendance::Action;

    use super::*;

    /// Written by hand from `docs/API.md`: every route, and who may ask for it.
    const EXPECTED: &str = "
        /v1/enrol                              anybody
        /v1/hello                              anybody
        /v1/parcel/{hash}                      anybody
        /v1/parcel/{hash}/answer               anybody
        /v1/batch/{hash}/receipt               anybody
        /v1/delta/trust/{from}                 anybody
        /v1/delta/status/{from}                anybody
        /v1/delta/revocations/{from}           anybody
        /v1/consistency/{from}/{to}            anybody
        /v1/checkpoint                         anybody
        /v1/openapi.json                       anybody
        /verify                                anybody
        /log/{*path}                           anybody
        /v1/batch/{hash}                       device CarryEvents
        /v1/chain/{from}/{to}                  device ReadOwnChain
        /v1/chain/{from}/{to}/receipt          device ReadOwnChain
        /v1/chain/parked                       device ReadOwnChain
        /v1/own/{seq}                          device ReadOwnChain
        /v1/delta/roster/{from}                within ReadPlan
        /v1/delta/roster/{from}/{name}/{at}    within ReadPlan
        /v1/delta/visits/{from}                within FollowChild
        /v1/tags/{from}                        within FollowChild
        /v1/entry/{leaf}                       within FollowChild
        /v1/views/{from}                       within FollowChild
        /v1/places                             within FollowChild
        /v1/delta/confirmations/{from}         within HearAnswers
        /v1/board                              within ReadBoard
        /v1/months/{month}/sheets              within ReadBoard
        /v1/statement/{month}                  within ReadMonth
        /v1/registry/{file}                    within ReadMonth
        /v1/bundle/{month}                     within ReadMonth
        /v1/undecided/{month}                  within ReadMonth
        /v1/what-if/{month}                    within ReadMonth
        /v1/vouchers/{number}                  within ReadMonth
        /v1/providers                          within ReadMonth
        /v1/signals/{month}                    within ReadMonth
        /v1/budget/{year}                      within ReadMonth
        /v1/admission                          within ReadBoard
        /v1/ticket                             deciding BindDevice
        /v1/delegates                          within NameDelegate
        /v1/delegate                           within NameDelegate
        /v1/grants                             deciding BindDevice
        /v1/choices                            deciding BindDevice
        /v1/parked                             deciding BindDevice";

    fn words(access: Access) -> String {
        let of = |word: &str, action: Action| format!("{word} {action:?}");
        match access {
            Access::Anybody => "anybody".to_owned(),
            Access::Device(action) => of("device", action),
            Access::Within(action) => of("within", action),
            Access::Deciding(action) => of("deciding", action),
        }
    }

    #[test]
    fn every_route_has_its_action() {
        let lines = EXPECTED.lines().map(str::trim).filter(|line| !line.is_empty());
        let expected: BTreeMap<&str, String> = lines
            .map(|line| {
                let (path, access) = line.split_once(' ').expect("a path and who may ask");
                (path, access.trim().to_owned())
            })
            .collect();
        let routes = routes();
        let found: BTreeMap<&str, String> =
            routes.iter().map(|(path, access, _)| (*path, words(*access))).collect();
        assert_eq!((found.len(), found), (routes.len(), expected), "each route once");
    }
}
