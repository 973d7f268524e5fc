//! A server that says something else than the truth, to whoever asks through it.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use crate::lossy_proxy::{exchange, request};

/// Passes requests on, and changes the answers as it was told.
#[derive(Debug)]
pub struct LyingServer {
    /// Where devices reach it.
    pub address: String,
    lie: Arc<Mutex<Lie>>,
    portal: Arc<Mutex<Option<Standing>>>,
    task: tokio::task::JoinHandle<()>,
}

/// What answers in the server's place, whatever is asked: a network that wants a sign-in first.
#[derive(Clone, Copy, Debug)]
pub enum Portal {
    /// Its page, as if that were the answer: HTTP 200.
    Page,
    /// Its page, without saying what it is.
    BarePage,
    /// The way to its page: HTTP 302.
    Redirect,
    /// HTTP 511, for programs.
    Told,
}

/// What it says instead of the truth.
struct Lie(Box<dyn Invent + Send>);

/// Makes an answer for a place under `/v1/` from the true one.
trait Invent {
    fn invent(&self, place: &str, truth: Value) -> Told;
}

impl<F: Fn(&str, Value) -> Told> Invent for F {
    fn invent(&self, place: &str, truth: Value) -> Told {
        self(place, truth)
    }
}

/// An answer.
#[derive(Debug)]
pub enum Told {
    /// The true answer, or what was made of it.
    Answer(Value),
    /// There is no such thing.
    NotFound,
}

impl LyingServer {
    /// Stands between devices and the server at `server` (`http://host:port`), and is honest at first.
    ///
    /// # Panics
    /// If there is no free port.
    pub async fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("it is bound"));
        let lie = Arc::new(Mutex::new(Lie(Box::new(|_: &str, truth| Told::Answer(truth)))));
        let portal: Arc<Mutex<Option<Standing>>> = Arc::default();
        let (server, lying) = (server.trim_start_matches("http://").to_owned(), Arc::clone(&lie));
        let standing = Arc::clone(&portal);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, lying) = (server.clone(), Arc::clone(&lying));
                let portal = next(&standing);
                tokio::spawn(async move {
                    // Who breaks off gets no answer.
                    drop(match portal {
                        Some(portal) => portal.answer(client).await,
                        None => answer(client, &server, &lying).await,
                    });
                });
            }
        });
        Self { address, lie, portal, task }
    }

    /// From now on it answers what `lie` makes of a place and the true answer.
    pub fn tell(&self, lie: impl Fn(&str, Value) -> Told + Send + 'static) {
        *self.lie.lock().unwrap_or_else(PoisonError::into_inner) = Lie(Box::new(lie));
    }
}

/// A portal, and how many requests pass before it stands there.
#[derive(Debug)]
struct Standing {
    portal: Portal,
    passing: u32,
}

/// Says who answers the next request.
fn next(standing: &Mutex<Option<Standing>>) -> Option<Portal> {
    let mut standing = standing.lock().unwrap_or_else(PoisonError::into_inner);
    let standing = standing.as_mut()?;
    let here = standing.passing == 0;
    standing.passing = standing.passing.saturating_sub(1);
    here.then_some(standing.portal)
}

impl LyingServer {
    /// From now on a portal answers in the server's place, or nobody does.
    pub fn stand_before(&self, portal: Option<Portal>) {
        let standing = portal.map(|portal| Standing { portal, passing: 0 });
        *self.portal.lock().unwrap_or_else(PoisonError::into_inner) = standing;
    }

    /// Lets so many requests pass; then a portal answers in the server's place.
    pub fn stand_in_after(&self, passing: u32, portal: Portal) {
        let standing = Standing { portal, passing };
        *self.portal.lock().unwrap_or_else(PoisonError::into_inner) = Some(standing);
    }
}

impl Portal {
    /// Every one of them.
    pub const ALL: [Self; 4] = [Self::Page, Self::BarePage, Self::Redirect, Self::Told];

    /// Answers one request, whatever it is.
    async fn answer(self, mut client: TcpStream) -> std::io::Result<()> {
        drop(request(&mut client).await?);
        let page = "<!DOCTYPE html>\n<html><title>Welcome</title><p>Sign in to use this network.";
        let (status, field) = match self {
            Self::Page => ("200 OK", "content-type: text/html; charset=utf-8"),
            Self::BarePage => ("200 OK", "x-portal: 1"),
            Self::Redirect => ("302 Found", "location: http://sign-in.example/"),
            Self::Told => ("511 Network Authentication Required", "content-type: text/html"),
        };
        let length = page.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\n{field}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{page}"
        );
        client.write_all(answer.as_bytes()).await?;
        client.shutdown().await
    }
}

impl Drop for LyingServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl core::fmt::Debug for Lie {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Lie(…)")
    }
}

/// Answers one request of a connection, then closes it.
async fn answer(mut client: TcpStream, server: &str, lie: &Mutex<Lie>) -> std::io::Result<()> {
    // Who changes what is said has to be able to read it.
    let asked = |head: String| head.replace("accept-encoding: gzip", "accept-encoding: identity");
    let Some((request, answer)) = exchange(&mut client, server, asked).await? else {
        return Ok(());
    };
    let place = request.strip_prefix("GET /v1/").and_then(|rest| rest.split(' ').next());
    let told = place.zip(truth(&answer)).map(|(place, truth)| {
        let lie = lie.lock().unwrap_or_else(PoisonError::into_inner);
        match lie.0.invent(place, truth) {
            Told::Answer(value) => response("200 OK", "application/json", &value),
            Told::NotFound => {
                let problem = json!({
                    "type": "urn:qatysu:problem:not-found",
                    "title": "Not found",
                    "status": 404,
                    "detail": "there is no such entry, says this server",
                });
                response("404 Not Found", "application/problem+json", &problem)
            }
        }
    });
    client.write_all(&told.unwrap_or(answer)).await?;
    client.shutdown().await
}

/// Reads the JSON of an answer that is well.
fn truth(answer: &[u8]) -> Option<Value> {
    let at = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let well = answer.starts_with(b"HTTP/1.1 200 ");
    serde_json::from_slice(&answer[at + 4..]).ok().filter(|_| well)
}

fn response(status: &str, media_type: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )
    .into_bytes()
}
