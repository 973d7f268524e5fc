//! Connections in, bounded in number, time and size; and an orderly end.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;

use crate::crowd::{Crowd, Place};
use crate::limits::Limits;
use crate::peer::Peer;

/// How long to wait after a failed accept: mostly there are no file descriptors left, and those that
/// idle are closed soon.
const AFTER_A_FAILED_ACCEPT: Duration = Duration::from_millis(50);

/// What a connection hears that finds no room.
const NO_ROOM: &str = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n\
    content-type: application/problem+json\r\ncontent-length: 138\r\n\r\n\
    {\"type\":\"urn:qatysu:problem:busy\",\"title\":\"The server has too much to do\",\
    \"status\":503,\"detail\":\"too many connections: come again in 5 s\"}";

/// What a client hears that speaks plain HTTP where TLS is spoken.
const NO_PLAIN_HTTP: &str = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\
    content-type: application/problem+json\r\ncontent-length: 167\r\n\r\n\
    {\"type\":\"urn:qatysu:problem:malformed\",\"title\":\"The request is not understood\",\
    \"status\":400,\"detail\":\"this port speaks TLS: the server's address begins with https://\"}";

/// The first byte of a TLS connection (RFC 8446 section 5.1).
const TLS_HANDSHAKE: [u8; 1] = [22];

/// What comes and goes over a connection. A write that nobody takes fails in time.
pub trait BoundedStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> BoundedStream for S {}

/// A handshake that goes on, and ends with the stream inside.
pub type Agreeing<'a> =
    Pin<Box<dyn Future<Output = std::io::Result<Box<dyn BoundedStream>>> + Send + 'a>>;

/// Agrees on TLS with the other side of a connection.
pub trait Handshake: fmt::Debug + Send + Sync {
    /// Begins the handshake.
    fn agree(&self, stream: Box<dyn BoundedStream>) -> Agreeing<'_>;
}

/// Counts who is inside.
pub trait Turnstile: fmt::Debug + Send + Sync {
    /// So many connections are held now.
    fn held(&self, connections: usize);
    /// One found no room.
    fn turned_away(&self);
}

/// One listener's connections.
#[derive(Debug)]
pub struct Hall {
    limits: Arc<Limits>,
    router: Router,
    tls: Option<Arc<dyn Handshake>>,
    turnstile: Option<Arc<dyn Turnstile>>,
    crowd: Crowd,
}

/// What one connection needs.
struct Guest {
    limits: Arc<Limits>,
    router: Router,
    tls: Option<Arc<dyn Handshake>>,
    from: IpAddr,
    watcher: Watcher,
    _place: Place,
}

impl Hall {
    /// Makes a hall in which these routes are served over plain HTTP.
    #[must_use]
    pub fn new(router: Router, limits: Limits) -> Self {
        let crowd = Crowd::new(limits.connections_max, limits.connections_per_address_max);
        Self { limits: Arc::new(limits), router, tls: None, turnstile: None, crowd }
    }

    /// Lets nobody in without TLS.
    #[must_use]
    pub fn behind(self, tls: Arc<dyn Handshake>) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// Tells how many there are.
    #[must_use]
    pub fn counted_by(self, turnstile: Arc<dyn Turnstile>) -> Self {
        Self { turnstile: Some(turnstile), ..self }
    }

    /// Lets connections in until `stop` resolves, then lets those inside finish what was begun.
    pub async fn open(&self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        let mut connections = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => self.welcome(stream, peer.ip(), &graceful, &mut connections),
                    Err(error) => {
                        tracing::warn!(%error, "no connection can be accepted");
                        tokio::time::sleep(AFTER_A_FAILED_ACCEPT).await;
                    }
                },
                Some(_) = connections.join_next() => self.count(),
            }
        }
        drop(listener);
        let drained = tokio::time::timeout(self.limits.drain_time, graceful.shutdown());
        if drained.await.is_err() {
            tracing::warn!(connections = self.crowd.len(), "some were not finished in time");
        }
        connections.shutdown().await;
    }

    fn welcome(
        &self,
        stream: TcpStream,
        from: IpAddr,
        graceful: &GracefulShutdown,
        connections: &mut JoinSet<()>,
    ) {
        let shared = self.limits.behind_proxy && from.is_loopback();
        let Some(place) = self.crowd.enter((!shared).then_some(from)) else {
            if let Some(turnstile) = &self.turnstile {
                turnstile.turned_away();
            }
            if self.tls.is_none() {
                connections.spawn(turn_away(stream, self.limits.header_time));
            }
            return;
        };
        self.count();
        // An answer goes out at once; what cannot be set is no reason to refuse.
        drop(stream.set_nodelay(true));
        let guest = Guest {
            limits: Arc::clone(&self.limits),
            router: self.router.clone(),
            tls: self.tls.clone(),
            from,
            watcher: graceful.watcher(),
            _place: place,
        };
        connections.spawn(guest.stay(stream));
    }

    fn count(&self) {
        if let Some(turnstile) = &self.turnstile {
            turnstile.held(self.crowd.len());
        }
    }
}

/// Says that there is no room. The request is not read: its sender may be as many as before.
async fn turn_away(stream: TcpStream, within: Duration) {
    let told = say(stream, NO_ROOM);
    drop(tokio::time::timeout(within.min(Duration::from_secs(1)), told).await);
}

/// Says one thing and closes. What was asked is read for a moment, so that the system does not throw
/// the answer away with it.
async fn say(mut stream: TcpStream, answer: &str) -> std::io::Error {
    let said = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        let mut asked = [0; 1024];
        while stream.read(&mut asked).await? > 0 {}
        Ok(())
    };
    let said = tokio::time::timeout(Duration::from_millis(500), said).await;
    match said {
        Ok(Err(error)) => error,
        Ok(Ok(())) | Err(_) => std::io::Error::other("it was told what to do"),
    }
}

impl Guest {
    async fn stay(self, stream: TcpStream) {
        let header_time = self.limits.header_time;
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.limits.write_stall));
        let Some(tls) = self.tls.clone() else { return self.serve(Box::pin(stream)).await };
        let agreeing = async {
            let mut first = [0];
            if stream.get_ref().peek(&mut first).await? == 1 && first != TLS_HANDSHAKE {
                return Err(say(stream.into_inner(), NO_PLAIN_HTTP).await);
            }
            tls.agree(Box::new(Box::pin(stream))).await
        };
        let agreed = tokio::time::timeout(header_time, agreeing).await;
        match agreed {
            Ok(Ok(stream)) => self.serve(stream).await,
            Ok(Err(error)) => tracing::debug!(%error, "no TLS was agreed on"),
            Err(_) => tracing::debug!("no TLS was agreed on in time"),
        }
    }

    async fn serve(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Self { limits, router, from, watcher, _place: _held, .. } = self;
        let most = limits.requests_per_connection_max;
        let router = TowerToHyperService::new(router);
        let asked = AtomicU32::new(0);
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(from));
            let last = asked.fetch_add(1, Ordering::Relaxed) + 1 >= most;
            let answering = router.call(request);
            async move {
                let mut answer: Response<Body> = answering.await?;
                if last {
                    let close = HeaderValue::from_static("close");
                    answer.headers_mut().insert(header::CONNECTION, close);
                }
                Ok::<_, Infallible>(answer)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_time)
            .max_headers(limits.headers_max)
            .max_header_size(limits.header_bytes_max)
            .serve_connection(TokioIo::new(stream), service);
        // A fault of one connection is its caller's matter: it sends again.
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_turned_away_hears_a_whole_problem_document() {
        let kinds = [sync_api::ProblemKind::Busy, sync_api::ProblemKind::Malformed];
        for (answer, kind) in [NO_ROOM, NO_PLAIN_HTTP].into_iter().zip(kinds) {
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("content-length: {}", body.len())), "{}", body.len());
            assert!(head.starts_with(&format!("HTTP/1.1 {} ", kind.status())));
            let problem: sync_api::Problem = serde_json::from_str(body).unwrap();
            assert_eq!((problem.kind, problem.status), (kind, kind.status()));
            assert_eq!(problem.title, kind.title());
        }
    }
}
