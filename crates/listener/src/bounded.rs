//! What every request passes where nothing more is counted: the address's rate, and a time by which it
//! is answered.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use sync_api::{Problem, ProblemKind};
use tokio::time::Instant;

use crate::bucket::{Buckets, TooOften};
use crate::limits::Rate;
use crate::neighbourhood::Neighbourhood;
use crate::peer::Peer;
use crate::problem::{busy, refusal};

/// What one request may take.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Bounds {
    /// All requests from one address.
    pub address_rate: Rate,
    /// In what time a request must have come whole and be answered.
    pub request_time: Duration,
    /// When a caller whose request took too long is told to come again, in seconds.
    pub retry_after_s: u64,
}

/// How many addresses are remembered.
const ADDRESSES_MAX: usize = 10_000;

#[derive(Debug)]
struct Held {
    bounds: Bounds,
    begun: Instant,
    addresses: Mutex<Buckets<Neighbourhood>>,
}

/// Bounds each request of these routes.
pub fn bounded(routes: Router, bounds: Bounds) -> Router {
    let addresses = Mutex::new(Buckets::new(bounds.address_rate, ADDRESSES_MAX));
    let held = Arc::new(Held { bounds, begun: Instant::now(), addresses });
    routes.layer(middleware::from_fn_with_state(held, pass))
}

async fn pass(State(held): State<Arc<Held>>, request: Request, next: Next) -> Response {
    if let Some(address) = Peer::counted(&request, false) {
        let now_ms = i64::try_from(held.begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        let mut addresses = held.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = addresses.take(address.into(), now_ms);
        drop(addresses);
        if let Err(refused) = taken {
            let problem = Problem::new(ProblemKind::TooOften, TooOften::DETAIL);
            return refusal(&problem, Some(refused.retry_after_s()));
        }
    }
    let answered = tokio::time::timeout(held.bounds.request_time, next.run(request)).await;
    answered.unwrap_or_else(|_| refusal(&busy(), Some(held.bounds.retry_after_s)))
}
