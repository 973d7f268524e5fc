//! Listening: through crate `listener`, and behind it the server's own jobs; and an orderly end.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use listener::{Agreeing, BoundedStream, Hall, Handshake, Turnstile};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::{admin, router};
use crate::server::Server;
use crate::tls::Tls;

/// How the server is reached, beside its plain port.
#[derive(Debug, Default)]
pub struct Doors {
    /// Speak TLS at the port, and nothing else.
    pub tls: Option<Tls>,
    /// Where the operator asks for health and metrics. Not for the public.
    pub admin: Option<TcpListener>,
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
    serve_with(listener, server, Doors::default(), stop).await
}

/// Serves until `stop` resolves, through these doors. Then nobody is let in any more, requests that
/// have begun are answered if they end in [`ServerConfig::drain_s`](crate::ServerConfig::drain_s) seconds, and what was committed is
/// signed.
///
/// # Errors
/// The listener's error, if it fails.
pub async fn serve_with(
    listener: TcpListener,
    server: Arc<Server>,
    doors: Doors,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let mut jobs = JoinSet::new();
    let ledger = jobs.spawn(Arc::clone(&server).run_ledger());
    let tags = jobs.spawn(Arc::clone(&server).run_tags());
    let witnesses = jobs.spawn(Arc::clone(&server).run_witnesses());
    jobs.spawn(Arc::clone(&server).run_door(listener.local_addr()?));
    let mut named = vec![("ledger", ledger), ("tags", tags)];
    if !server.witnesses.is_empty() {
        named.push(("witnesses", witnesses));
    }
    *server.jobs.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = named;
    if let Some(tls) = &doors.tls {
        jobs.spawn(tls.clone().keep_fresh());
    }
    if let Some(listener) = doors.admin {
        let hall = hall(&server, admin::router(Arc::clone(&server)));
        jobs.spawn(async move { hall.open(listener, std::future::pending()).await });
    }
    let mut public = hall(&server, router(Arc::clone(&server)));
    if let Some(tls) = doors.tls {
        public = public.behind(Arc::new(tls));
    }
    public.open(listener, stop).await;
    // Nobody is between a commit and its signature when the jobs are ended.
    let last = tokio::time::timeout(server.config.drain_time(), server.writer.lock()).await;
    jobs.abort_all();
    server.jobs.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
    drop(last);
    Ok(())
}

fn hall(server: &Server, router: Router) -> Hall {
    let metrics = Arc::clone(&server.metrics) as Arc<dyn Turnstile>;
    Hall::new(router, server.config.limits()).counted_by(metrics)
}

impl Handshake for Tls {
    fn agree(&self, stream: Box<dyn BoundedStream>) -> Agreeing<'_> {
        Box::pin(async {
            let agreed = self.accept(stream).await?;
            Ok(Box::new(agreed) as Box<dyn BoundedStream>)
        })
    }
}
