//! What is counted for the operator, in the form that Prometheus reads. No label holds anything of a
//! person, a device or an address: `docs/OPERATING.md` has the list.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use listener::Turnstile;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use sync_api::{EventVerdict, VerdictKind};

use crate::error::ServerError;
use crate::server::Server;

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Request {
    route: String,
    status: u16,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Verdict {
    verdict: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Reason {
    reason: String,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Witness {
    witness: String,
}

/// The size of a database and of a log may be past what a gauge of 32 bits holds.
type Size = Gauge<u64, AtomicU64>;

/// What a server counts.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<Request, Counter>,
    seconds: Family<Route, Histogram, fn() -> Histogram>,
    verdicts: Family<Verdict, Counter>,
    without_permission: Counter,
    refused_connections: Counter,
    connections: Gauge,
    queue: Gauge,
    log_size: Size,
    checkpoint_size: Size,
    checkpoint_age: Gauge,
    witness_lag: Family<Witness, Size>,
    parked: Family<Reason, Size>,
    database: Size,
    disk_free: Size,
    /// When the newest checkpoint was signed, or found, by the clock that nobody sets.
    signed_at_ms: AtomicI64,
}

fn latencies() -> Histogram {
    Histogram::new([0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0])
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let made = Self {
            registry: Mutex::new(Registry::with_prefix("qatysu")),
            requests: Family::default(),
            seconds: Family::new_with_constructor(latencies),
            verdicts: Family::default(),
            without_permission: Counter::default(),
            refused_connections: Counter::default(),
            connections: Gauge::default(),
            queue: Gauge::default(),
            log_size: Gauge::default(),
            checkpoint_size: Gauge::default(),
            checkpoint_age: Gauge::default(),
            witness_lag: Family::default(),
            parked: Family::default(),
            database: Gauge::default(),
            disk_free: Gauge::default(),
            signed_at_ms: AtomicI64::new(i64::MIN),
        };
        made.register();
        made
    }

    fn register(&self) {
        let mut all = self.registry.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        all.register("requests", "Requests by route and status", self.requests.clone());
        let seconds = self.seconds.clone();
        all.register_with_unit("request", "Time to an answer, by route", Unit::Seconds, seconds);
        all.register("verdicts", "Verdicts on events that were sent", self.verdicts.clone());
        let without = self.without_permission.clone();
        all.register("events_without_permission", "Events whose device may not make them", without);
        let refused = self.refused_connections.clone();
        all.register("connections_refused", "Connections that found no room", refused);
        all.register("connections", "Open connections", self.connections.clone());
        all.register("queue", "Batches that wait for their turn", self.queue.clone());
        all.register("log_leaves", "Leaves in the log", self.log_size.clone());
        let signed = self.checkpoint_size.clone();
        all.register("checkpoint_leaves", "Leaves under the newest checkpoint", signed);
        let age = self.checkpoint_age.clone();
        all.register_with_unit("checkpoint_age", "Since it was signed", Unit::Seconds, age);
        let lag = self.witness_lag.clone();
        all.register("witness_lag_leaves", "Leaves that a witness has not cosigned", lag);
        all.register("parked_events", "Events put aside, by reason", self.parked.clone());
        all.register_with_unit("database", "The database", Unit::Bytes, self.database.clone());
        all.register_with_unit(
            "disk_free",
            "Free on its disk",
            Unit::Bytes,
            self.disk_free.clone(),
        );
    }

    pub(crate) fn answered(&self, route: &str, status: u16, took: Duration) {
        self.requests.get_or_create(&Request { route: route.to_owned(), status }).inc();
        let route = Route { route: route.to_owned() };
        self.seconds.get_or_create(&route).observe(took.as_secs_f64());
    }

    pub(crate) fn verdicts(&self, verdicts: &[EventVerdict]) {
        for verdict in verdicts {
            let verdict = match verdict.verdict {
                VerdictKind::Stored => "stored",
                VerdictKind::Duplicate => "duplicate",
                VerdictKind::Parked => "parked",
                VerdictKind::Deferred => "deferred",
            };
            self.verdicts.get_or_create(&Verdict { verdict }).inc();
        }
    }

    pub(crate) fn without_permission(&self) {
        self.without_permission.inc();
    }

    pub(crate) fn signed(&self, now_ms: i64) {
        self.signed_at_ms.store(now_ms, Ordering::Relaxed);
    }
}

impl Turnstile for Metrics {
    fn held(&self, connections: usize) {
        self.connections.set(i64::try_from(connections).unwrap_or(i64::MAX));
    }

    fn turned_away(&self) {
        self.refused_connections.inc();
    }
}

impl Server {
    /// Writes all that is counted as text ([OpenMetrics]).
    ///
    /// # Errors
    /// [`ServerError`] if storage fails.
    ///
    /// [OpenMetrics]: https://prometheus.io/docs/specs/om/open_metrics_spec/
    pub(crate) async fn metrics_text(&self) -> Result<String, ServerError> {
        let metrics = &self.metrics;
        let size = self.store.tree_size().await?;
        metrics.log_size.set(size);
        metrics.queue.set(i64::try_from(self.writer.waiting()).unwrap_or(i64::MAX));
        let checkpoint = self.store.checkpoint().await?.map_or(0, |newest| newest.size);
        metrics.checkpoint_size.set(checkpoint);
        let signed_at = metrics.signed_at_ms.load(Ordering::Relaxed);
        let age = self.clock.steady_ms().saturating_sub(signed_at);
        metrics.checkpoint_age.set(if signed_at == i64::MIN { 0 } else { age / 1000 });
        for witness in &self.witnesses {
            let cosigned = self.store.cosigned_size(witness.key.key.to_bytes()).await?;
            let of = Witness { witness: witness.name.clone() };
            metrics.witness_lag.get_or_create(&of).set(size.saturating_sub(cosigned));
        }
        for (reason, count) in self.store.parked_counts().await? {
            metrics.parked.get_or_create(&Reason { reason }).set(count);
        }
        metrics.database.set(self.store.database_bytes().await?);
        if let Some(free) = self.disk_free() {
            metrics.disk_free.set(free);
        }
        let mut text = String::new();
        let registry = metrics.registry.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        encode(&mut text, &registry).map_err(|_| ServerError::Stored("metric"))?;
        Ok(text)
    }
}
