//! A server that says something else than the truth, to whoever asks through it.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use crate::lossy_proxy::exchange;

/// Passes requests on, and changes the answers as it was told.
#[derive(Debug)]
pub struct LyingServer {
    /// Where devices reach it.
    pub address: String,
    lie: Arc<Mutex<Lie>>,
    task: tokio::task::JoinHandle<()>,
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
        let (server, lying) = (server.trim_start_matches("http://").to_owned(), Arc::clone(&lie));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, lying) = (server.clone(), Arc::clone(&lying));
                tokio::spawn(async move {
                    // Who breaks off gets no answer.
                    drop(answer(client, &server, &lying).await);
                });
            }
        });
        Self { address, lie, task }
    }

    /// From now on it answers what `lie` makes of a place and the true answer.
    pub fn tell(&self, lie: impl Fn(&str, Value) -> Told + Send + 'static) {
        *self.lie.lock().unwrap_or_else(PoisonError::into_inner) = Lie(Box::new(lie));
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
